"""prove() with the real program, which `make test-engines` builds and names in LEAVEN_PROGRAM."""

from __future__ import annotations

import random

import pytest
import torch
import torchvision
from safetensors.torch import save_file

import leaven as lv


@pytest.fixture
def points(tmp_path, monkeypatch):
    """Two clouds whose classes x tells apart."""
    monkeypatch.chdir(tmp_path)
    drawn = random.Random(1)
    rows = ["x,z,y"]
    for number in range(160):
        right = number % 2
        rows.append(f"{drawn.gauss(1.5 if right else -1.5, 1):.3f},{drawn.gauss(0, 1):.3f},{'right' if right else 'left'}")
    (tmp_path / "points.csv").write_text("\n".join(rows) + "\n")
    return "points.csv"


def test_a_table_is_proved(points):
    recipe = lv.Recipe([lv.table_jitter(sigma=0.01)])
    proof = lv.prove(recipe, points, seeds=2, steps=20, no_converged=True, margin=50, progress=False)
    assert proof.verdict in ("harmless", "helps")
    assert {arm.arm for arm in proof.arms} == {"recipe", "dup", "none"}
    assert all(80 < arm.metrics["accuracy"] <= 100 for arm in proof.arms)
    assert proof.page.is_file()


def test_its_errors_come_through(points):
    with pytest.raises(ValueError, match="there is no learner conv_net for tables"):
        lv.prove("table", points, learner="conv_net", progress=False)


def test_a_data_frame_is_proved(points):
    import polars

    proof = lv.prove("table", polars.read_csv(points), target="y", seeds=2, steps=20, no_converged=True, progress=False)
    assert proof.data["facts"]["items"] == "rows" and (proof.folder / "data.csv").is_file()


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A ResNet-18 as its users save it: its weights, half as exact ones, and the network without its head."""
    folder = tmp_path_factory.mktemp("networks")
    torch.manual_seed(0)
    network = torchvision.models.resnet18(weights=None).eval()
    weights = network.state_dict()
    save_file(weights, folder / "weights.safetensors")
    save_file({name: w.half() if w.is_floating_point() else w for name, w in weights.items()}, folder / "half.safetensors")
    save_file({name: w for name, w in weights.items() if name != "layer2.0.conv2.weight"}, folder / "missing.safetensors")
    save_file({**weights, "layer2.0.conv2.weight": torch.zeros(64, 128, 3, 3)}, folder / "wrong.safetensors")
    torch.save(weights, folder / "weights.pt")
    network.fc = torch.nn.Identity()
    torch.jit.script(network).save(str(folder / "network.pt"))
    return folder


def proved(photos, out, **more):
    recipe = lv.Recipe([lv.horizontal_flip(p=0.5)])
    return lv.prove(recipe, photos, out=photos.parent / out, against=[], seeds=2, steps=2, no_converged=True, no_robustness=True, budget="none", progress=False, **more)


def test_a_network_of_torchvision_is_the_same_in_both_files(photos, networks):
    """The residual network that is made of the weights' names, and the one that TorchScript holds."""
    by_names = proved(photos, "by_names", backbone=networks / "weights.safetensors")
    scripted = proved(photos, "scripted", backbone=networks / "network.pt")
    filled = proved(photos, "filled", backbone=networks / "network.pt", weights=networks / "half.safetensors")
    for arm, other, half in zip(by_names.arms, scripted.arms, filled.arms):
        assert arm.metrics["accuracy"] == other.metrics["accuracy"]
        assert arm.metrics["ece"] == pytest.approx(other.metrics["ece"], abs=0.01)
        assert half.metrics["ece"] != arm.metrics["ece"]


@pytest.mark.parametrize("learner", ["last_block", "finetune"])
def test_a_network_of_torchvision_is_trained_on(photos, networks, learner):
    for name in ("weights.safetensors", "network.pt"):
        proof = proved(photos, name, backbone=networks / name, learner=learner)
        assert not any(trial["failure"] for trial in proof.data["trials"])
        assert len(proof.data["trials"]) == 4


@pytest.mark.parametrize("backbone, weights, reason", [
    ("missing.safetensors", None, "there is no tensor layer2.0.conv2.weight"),
    ("wrong.safetensors", None, "layer2.0.bn2.weight does not fit to layer2.0.conv2"),
    ("network.pt", "missing.safetensors", "has no tensor layer2.0.conv2.weight"),
    ("network.pt", "wrong.safetensors", "layer2.0.conv2.weight has another shape"),
    ("weights.pt", None, "weights without the network"),
])
def test_weights_that_do_not_fit_are_named(photos, networks, backbone, weights, reason):
    more = {"weights": networks / weights} if weights else {}
    with pytest.raises(ValueError, match=reason):
        proved(photos, "out", backbone=networks / backbone, **more)

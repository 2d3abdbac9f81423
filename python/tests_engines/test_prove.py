"""prove() with the real program, which `make test-engines` builds and names in LEAVEN_PROGRAM."""

from __future__ import annotations

import random

import pytest

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

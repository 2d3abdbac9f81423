"""Batches of a dataset on disk."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import threading

import numpy as np
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth

RECIPE = lv.Recipe([lv.random_resized_crop(size=16), lv.rotate(degrees=lv.uniform(-20, 20)), lv.normalize()], seed=3)


def everything(loader):
    return [(images.copy(), labels.copy()) for images, labels in loader]


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, u) and np.array_equal(y, v) for (x, y), (u, v) in zip(a, b))


def test_every_sample_once_an_epoch_as_the_recipe_makes_it(photos):
    loader = lv.Loader(photos, RECIPE, batch_size=5, layout="NHWC", epochs=2, shuffle=False)
    assert loader.classes == ["cat", "dog"] and len(loader) == 3
    batches = everything(loader)
    assert [len(labels) for _, labels in batches] == [5, 5, 2, 5, 5, 2]
    ids = sorted(f"{file.parent.name}/{file.name}" for file in photos.rglob("*.*"))
    for epoch in (0, 1):
        images = np.concatenate([images for images, _ in batches[3 * epoch : 3 * epoch + 3]])
        labels = np.concatenate([labels for _, labels in batches[3 * epoch : 3 * epoch + 3]])
        assert labels.dtype == np.int64 and labels.tolist() == [0] * 7 + [1] * 5
        for name, made in zip(ids, images):
            if name.endswith(".png"):
                expected = RECIPE(np.asarray(Image.open(photos / name)), key=name, epoch=epoch)
                np.testing.assert_allclose(made, expected, atol=2e-4)


def test_threads_change_nothing_and_shuffling_follows_seed_and_epoch(photos):
    first = everything(lv.Loader(photos, RECIPE, batch_size=4, epochs=2, threads=1))
    assert same(first, everything(lv.Loader(photos, RECIPE, batch_size=4, epochs=2, threads=3, ahead=1)))
    orders = [np.concatenate([labels for _, labels in first[3 * e : 3 * e + 3]]).tolist() for e in (0, 1)]
    assert sorted(orders[0]) == sorted(orders[1]) == [0] * 7 + [1] * 5
    assert orders[0] != orders[1]


def test_a_loader_travels_by_pickle_and_goes_on_where_it_stood(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(photos.parent)
    loader = lv.Loader(photos.name, RECIPE, batch_size=5, layout="NHWC", epochs=2, threads=1, cache="kept")
    next(iter(loader))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    other = pickle.loads(pickle.dumps(loader))
    assert other.state_dict() == loader.state_dict() and other.state_dict()["batch"] == 1
    rest = everything(other)
    assert len(rest) == 5 and same(rest, everything(loader))
    assert (photos.parent / "kept").exists() and not (tmp_path / "elsewhere" / "kept").exists()


def test_shuffled_is_a_permutation_that_never_changes():
    from leaven import _core

    order = _core.shuffled(10, 1, 2).tolist()
    assert sorted(order) == list(range(10))
    assert order == _core.shuffled(10, 1, 2).tolist() != _core.shuffled(10, 1, 3).tolist()
    assert len(_core.shuffled(0, 1, 2)) == 0
    counts = np.zeros((4, 4), int)
    for epoch in range(4000):
        counts[np.arange(4), _core.shuffled(4, 9, epoch)] += 1
    assert abs(counts - 1000).max() < 150  # 5 standard deviations of 27


def test_drop_last(photos):
    loader = lv.Loader(photos, RECIPE, batch_size=5, drop_last=True)
    assert len(loader) == 2 and [len(labels) for _, labels in loader] == [5, 5]


@pytest.mark.parametrize("taken", [0, 1, 3, 4, 5])
def test_it_resumes_in_the_middle_of_an_epoch(photos, taken):
    def loader():
        return lv.Loader(photos, RECIPE, batch_size=5, epochs=2)

    whole = everything(loader())
    first = loader()
    begun = iter(first)
    head = [next(begun) for _ in range(taken)]
    state = first.state_dict()
    begun.close()
    second = loader()
    second.load_state_dict(state)
    assert same(whole, head + everything(second))


def test_the_state_of_another_loader_is_refused(photos):
    state = lv.Loader(photos, RECIPE, batch_size=5).state_dict()
    with pytest.raises(ValueError, match="batch_size 5, here it is 4"):
        lv.Loader(photos, RECIPE, batch_size=4).load_state_dict(state)


def test_a_list_of_steps_is_no_recipe_yet(photos):
    with pytest.raises(TypeError, match="a leaven.Recipe is needed, got list"):
        lv.Loader(photos, [lv.invert()])


def test_it_can_be_used_again(photos):
    loader = lv.Loader(photos, RECIPE, batch_size=5)
    start = loader.state_dict()
    first = everything(loader)
    loader.load_state_dict(start)
    assert same(first, everything(loader))


@pytest.mark.parametrize("drop_last", [False, True])
def test_ranks_share_the_samples(photos, drop_last):
    shares = [lv.Loader(photos, RECIPE, batch_size=1, rank=rank, world=5, drop_last=drop_last) for rank in range(5)]
    lengths = {len(loader) for loader in shares}
    assert lengths == {2 if drop_last else 3}
    whole = [images.tobytes() for images, _ in lv.Loader(photos, RECIPE, batch_size=1)]
    seen = [images.tobytes() for loader in shares for images, _ in loader]
    if drop_last:
        assert len(set(seen)) == 10 and set(seen) <= set(whole)
    else:
        assert set(seen) == set(whole) and len(seen) == 15


def test_no_label_is_no_class(tmp_path):
    for number in range(3):
        Image.fromarray(smooth(20, 20, seed=number)).save(tmp_path / f"{number}.png")
    (images, labels), = lv.Loader(tmp_path, shuffle=False)
    assert labels.tolist() == [-1, -1, -1]
    (tmp_path / "labels.csv").write_text("file,label\n0.png,dog\n1.png,\n2.png,cat\n")
    loader = lv.Loader(tmp_path, shuffle=False)
    (_, numbers), = loader
    assert loader.classes == ["cat", "dog"] and numbers.tolist() == [1, -1, 0]
    mixing = lv.Loader(tmp_path, lv.Recipe([lv.mixup(p=0)]), shuffle=False)
    (_, shares), = mixing
    assert mixing.classes == ["cat", "dog"] and shares.tolist() == [[0, 1], [0, 0], [1, 0]]


def test_what_looks_like_a_sample_and_is_none_is_named(photos):
    (photos / "cat" / "folder.jpg").mkdir()
    (photos / "dog" / "dangling.png").symlink_to(photos / "nowhere.png")
    with pytest.warns(UserWarning) as told:
        loader = lv.Loader(photos, RECIPE)
    assert sorted(loader.set_aside) == ["cat/folder.jpg", "dog/dangling.png"]
    assert all(any(name in str(one.message) and reason in str(one.message) for one in told) for name, reason in loader.set_aside.items())
    assert sum(len(labels) for _, labels in loader) == 12
    with pytest.raises(ValueError, match="cat/folder.jpg: .*folder"):
        lv.Loader(photos, RECIPE, broken="raise")


def test_a_state_of_the_end_tells_by_the_epoch_that_it_is_over(photos):
    loader = lv.Loader(photos, RECIPE, batch_size=5, epochs=2)
    everything(loader)
    fresh = lv.Loader(photos, RECIPE, batch_size=5, epochs=2)
    assert fresh.epoch < 2
    fresh.load_state_dict(loader.state_dict())
    assert fresh.epoch == 2
    assert len(everything(fresh)) == 6 and fresh.epoch == 4


def test_splits(tmp_path):
    for split, count in (("train", 3), ("val", 2)):
        (tmp_path / split / "a").mkdir(parents=True)
        for number in range(count):
            Image.fromarray(smooth(20, 20, seed=number)).save(tmp_path / split / "a" / f"{number}.png")
    assert sum(len(labels) for _, labels in lv.Loader(tmp_path, split="train")) == 3
    assert sum(len(labels) for _, labels in lv.Loader(tmp_path, split="val")) == 2
    assert sum(len(labels) for _, labels in lv.Loader(tmp_path)) == 5
    with pytest.raises(ValueError, match="no samples of split test"):
        lv.Loader(tmp_path, split="test")


def test_labels_of_manifests(tmp_path):
    for number in range(3):
        Image.fromarray(smooth(20, 20, seed=number)).save(tmp_path / f"{number}.png")
    (tmp_path / "labels.csv").write_text("file,label\n0.png,0.5\n1.png,-2\n2.png,3.25\n")
    (_, numbers), = lv.Loader(tmp_path, shuffle=False)
    assert numbers.tolist() == [0.5, -2, 3.25]
    (tmp_path / "labels.csv").write_text("file,label\n0.png,cat;dog\n1.png,dog\n2.png,cat\n")
    loader = lv.Loader(tmp_path, shuffle=False)
    (_, several), = loader
    assert loader.classes == ["cat", "dog"] and several.dtype == np.float32
    assert several.tolist() == [[1, 1], [0, 1], [1, 0]]


def test_grey_and_alpha_become_rgb_unless_said_otherwise(tmp_path):
    kinds = {"a": smooth(8, 9, 1)[..., 0], "b": smooth(8, 9, 3), "c": smooth(8, 9, 4)}
    for name, array in kinds.items():
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    (images, _), = lv.Loader(tmp_path, shuffle=False, layout="NHWC")
    for image, name in zip(images, kinds):
        assert np.array_equal(image, np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")))
    with pytest.raises(ValueError, match="must come out alike"):
        list(lv.Loader(tmp_path, rgb=False))
    (tmp_path / "b.png").unlink()
    (tmp_path / "c.png").unlink()
    (images, _), = lv.Loader(tmp_path, rgb=False)
    assert np.array_equal(images[0, 0], kinds["a"])


def test_broken_samples_are_left_out_with_a_warning_or_stop_it(photos):
    (photos / "cat" / "0.jpg").write_bytes((photos / "cat" / "0.jpg").read_bytes()[:300])
    loader = lv.Loader(photos, RECIPE, batch_size=12, epochs=2)
    with pytest.warns(UserWarning, match="cat/0.jpg"):
        sizes = [len(images) for images, _ in loader]
    assert sizes == [11, 11] and list(loader.set_aside) == ["cat/0.jpg"]
    with pytest.raises(ValueError, match="cat/0.jpg: .*JPEG"):
        list(lv.Loader(photos, RECIPE, broken="raise"))


def test_pictures_that_differ_otherwise_are_told_what_makes_them_alike(tmp_path):
    Image.fromarray(smooth(20, 20)).save(tmp_path / "a.png")
    Image.fromarray(smooth(20, 20, 1)[..., 0]).save(tmp_path / "b.png")
    with pytest.raises(ValueError, match=r"as many channels; a loader does with rgb=True"):
        list(lv.Loader(tmp_path, rgb=False))
    Image.fromarray(smooth(20, 20)[..., 0].astype(np.uint16) * 257).save(tmp_path / "b.png")
    with pytest.raises(ValueError, match=r"end the recipe in normalize"):
        list(lv.Loader(tmp_path))
    (images, _), = lv.Loader(tmp_path, lv.Recipe([lv.normalize(mean=[0], std=[1])]), shuffle=False)
    assert abs(images[0, 0] - images[1, 0]).max() < 1e-5


def test_pictures_of_other_sizes_are_an_error_that_says_what_to_do(photos):
    with pytest.raises(ValueError, match="must come out alike.*end the recipe in a crop or resize"):
        list(lv.Loader(photos, batch_size=12))


def test_leaving_early_ends_its_thread(photos):
    before = threading.active_count()
    for _ in itertools.islice(lv.Loader(photos, RECIPE, batch_size=2, epochs=None), 9):
        pass
    assert threading.active_count() == before


def test_no_such_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        lv.Loader(tmp_path / "none")
    with pytest.raises(ValueError, match="rank in"):
        lv.Loader(tmp_path, rank=2, world=2)


def test_a_loop_that_a_fork_cut_off_ends_with_an_error(photos):
    batches = iter(lv.Loader(photos, RECIPE, batch_size=2, ahead=1))
    next(batches)
    pid = os.fork()
    if pid == 0:
        try:
            for _ in batches:
                pass
            os._exit(1)
        except RuntimeError as error:
            os._exit(0 if "began in another process" in str(error) else 2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    batches.close()
    assert [len(labels) for _, labels in lv.Loader(photos, RECIPE, batch_size=6)] == [6, 6]


def test_a_step_that_cannot_work_on_a_sample_is_named_by_its_line(photos):
    with pytest.raises(ValueError, match=r"test_loader.py:\d+: \w+/\d+.\w+: table_noise: works on tables"):
        list(lv.Loader(photos, lv.Recipe([lv.table_noise()])))


def test_a_loop_around_a_loop_never_sees_an_epoch_twice(photos):
    loader = lv.Loader(photos, RECIPE, batch_size=12)
    rounds = [next(iter(list(loader)))[0] for _ in range(3)]
    assert not np.array_equal(rounds[0], rounds[1]) and not np.array_equal(rounds[1], rounds[2])
    straight = [images for images, _ in lv.Loader(photos, RECIPE, batch_size=12, epochs=3)]
    assert all(np.array_equal(one, other) for one, other in zip(rounds, straight))
    resumed = lv.Loader(photos, RECIPE, batch_size=12)
    one = lv.Loader(photos, RECIPE, batch_size=12)
    list(one)
    resumed.load_state_dict(one.state_dict())
    assert np.array_equal(list(resumed)[0][0], rounds[1])


@pytest.fixture
def waves(tmp_path):
    """UCR: 9 series of two classes, the third of them broken where asked."""
    time = np.linspace(0, 6, 30)
    rows = [np.sin(time * (number + 1)) for number in range(9)]
    lines = [f"{number % 2 + 1}\t" + "\t".join(repr(float(value)) for value in row) for number, row in enumerate(rows)]
    (tmp_path / "Waves_TRAIN.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path / "Waves_TRAIN.tsv"


def test_time_series_come_in_batches_as_a_job_writes_them(waves, tmp_path):
    recipe = lv.Recipe([lv.series_jitter(sigma=0.1), lv.series_scaling(sigma=0.2)], seed=3)
    loader = lv.Loader(waves, recipe, batch_size=4, shuffle=False, epochs=2)
    assert loader.classes == ["1", "2"] and len(loader) == 3
    batches = list(loader)
    assert [batch.shape for batch, _ in batches] == [(4, 1, 30), (4, 1, 30), (1, 1, 30)] * 2 and batches[0][0].dtype == np.float32
    assert batches[0][1].dtype == np.int64 and batches[0][1].tolist() == [0, 1, 0, 1]
    lv.augment(waves, tmp_path / "out", recipe, times=1, progress=False)
    records = [json.loads(line) for line in (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()]
    lines = (tmp_path / "out" / waves.name).read_text().splitlines()
    written = [line.split("\t") for line, record in zip(lines, records) if record["copy"] == 1]
    made = np.concatenate([batch for batch, _ in batches[:3]])[:, 0]
    np.testing.assert_allclose(made, [[float(cell) for cell in row[1:]] for row in written], rtol=1e-6, atol=1e-7)
    assert not np.array_equal(batches[0][0], batches[3][0])
    last = list(lv.Loader(waves, recipe, batch_size=9, shuffle=False, layout="NHWC", threads=2))
    assert np.array_equal(last[0][0][..., 0], made)


def test_series_that_are_mixed_have_soft_labels_and_ragged_ones_come_in_lists(waves):
    mixing = lv.Recipe([lv.series_mixup(partners="any", alpha=1)], seed=5)
    ((_, soft),) = lv.Loader(waves, mixing, batch_size=9)
    assert soft.shape == (9, 2) and np.allclose(soft.sum(axis=1), 1) and (soft > 0).all(axis=1).any()
    lines = waves.read_text().splitlines()
    lines[2] = "\t".join(lines[2].split("\t")[:20]) + "\tNaN" * 11
    waves.write_text("\n".join(lines) + "\n")
    ((ragged, labels),) = lv.Loader(waves, None, batch_size=9, shuffle=False)
    assert isinstance(ragged, list) and ragged[2].shape == (1, 19) and ragged[0].shape == (1, 30) and len(labels) == 9
    with pytest.raises(ValueError, match="horizontal_flip"):
        list(lv.Loader(waves, lv.Recipe([lv.horizontal_flip()])))


def test_a_cache_gives_the_same_batches_and_keeps_to_its_bound(photos, tmp_path):
    plain = everything(lv.Loader(photos, RECIPE, batch_size=5, epochs=3))
    folder = tmp_path / "cache"
    assert same(everything(lv.Loader(photos, RECIPE, batch_size=5, epochs=3, cache=folder)), plain)
    kept = list(folder.glob("*.pixels"))
    assert kept and not [file for file in folder.iterdir() if file not in kept]
    # Another run finds them there, and takes its pixels from there.
    for file in kept:
        content = bytearray(file.read_bytes())
        content[64:] = bytes(len(content) - 64)
        file.write_bytes(content)
    dark = lv.Loader(photos, lv.Recipe([lv.resize(size=8)]), batch_size=5, cache=folder)
    assert all(images.max() == 0 for images, _ in dark)
    lv.Loader(photos, RECIPE, cache=tmp_path / "none", cache_gb=1e-9)
    assert not list((tmp_path / "none").glob("*.pixels"))
    with pytest.raises(ValueError, match="is no cache"):
        lv.Loader(photos, RECIPE, cache=photos)
    with pytest.raises(ValueError, match="cache_gb"):
        lv.Loader(photos, RECIPE, cache=folder, cache_gb=0)


def test_arrays_of_many_channels_keep_them(tmp_path):
    bands = np.random.default_rng(3).integers(0, 65535, (6, 20, 24, 11), np.uint16)
    np.savez(tmp_path / "data.npz", images=bands, labels=np.arange(6) % 2)
    (images, labels), = everything(lv.Loader(tmp_path, lv.Recipe([lv.vertical_flip()]), batch_size=6, layout="NCHW", shuffle=False, epochs=1))
    assert images.dtype == np.uint16 and labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert np.array_equal(images, bands[:, ::-1].transpose(0, 3, 1, 2))


def test_one_loop_at_a_time(photos):
    loader = lv.Loader(photos, RECIPE, batch_size=5, epochs=2)
    with pytest.raises(RuntimeError, match="another loop over this loader began"):
        list(zip(loader, loader))
    assert len(list(lv.Loader(photos, RECIPE, batch_size=5))) == 3
    next(iter(loader))  # a loop that is over is no other one
    assert len(list(loader)) > 0


def test_the_folder_is_the_one_that_was_meant_when_the_loader_was_made(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    loop = iter(lv.Loader(photos.name, RECIPE, batch_size=5))
    next(loop)
    monkeypatch.chdir("/")
    assert len(list(loop)) == 2


@pytest.mark.parametrize("epochs", [2, None])
def test_an_epoch_of_nothing_is_an_error(photos, epochs):
    loader = lv.Loader(photos, RECIPE, batch_size=5, epochs=epochs)
    for file in photos.rglob("*.*"):
        file.write_bytes(b"")
    with pytest.warns(UserWarning, match="left out"), pytest.raises(ValueError, match="no sample of epoch 0 could be used: .*empty"):
        list(loader)


@pytest.mark.parametrize("wrong", [{"batch": 1000}, {"batch": -5}, {"epoch": -1}, {"epoch": None}, {"recipe": "of another"}])
def test_states_that_are_none_are_refused(photos, wrong):
    loader = lv.Loader(photos, RECIPE, batch_size=5)
    with pytest.raises(ValueError, match="this state"):
        loader.load_state_dict({**loader.state_dict(), **wrong})
    with pytest.raises(TypeError, match="state_dict"):
        loader.load_state_dict(None)

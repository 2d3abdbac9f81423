"""Ops of one's own, written in Python."""

from __future__ import annotations

import json
import multiprocessing
import pathlib
import pickle
import subprocess

import numpy as np
import pytest

import leaven as lv


@lv.custom_op(labels="keeps", ranges={"amount": (0, 1)})
def fade(image, amount=0.5):
    """Bring every value nearer to white."""
    return (image + (255 - image) * amount).astype(image.dtype)


@lv.custom_op(labels="loses", version=2)
def shuffle_rows(image, rng):
    return rng.permutation(image)


@lv.custom_op(labels="keeps", name="threshold_at")
def threshold(image, level=100):
    assert isinstance(level, int)
    image[image < level] = 0  # its own copy
    return image


def test_it_is_a_step_whose_values_are_given_drawn_and_checked(image):
    assert np.array_equal(lv.Recipe([fade(amount=1)])(image), np.full_like(image, 255))
    assert np.array_equal(lv.Recipe([fade()])(image), (image + (255 - image) * 0.5).astype(np.uint8))
    drawn = lv.Recipe([fade(amount=lv.uniform(0, 1)), lv.horizontal_flip()], seed=2)
    assert not np.array_equal(drawn(image, key="a"), drawn(image, key="b"))
    with pytest.raises(ValueError, match=r"test_custom.py:\d+: custom.fade: amount must be in \[0, 1\]"):
        fade(amount=2)
    with pytest.raises(TypeError, match="no field amunt"):
        fade(amunt=1)
    assert np.array_equal(lv.Recipe([lv.custom("fade", amount=1)])(image), np.full_like(image, 255))
    assert fade.function(image, 1.0).min() == 255 and "nearer to white" in fade.__doc__


def test_the_picture_that_came_in_is_never_changed_and_whole_numbers_stay_whole(image):
    before = image.copy()
    made = lv.Recipe([threshold(level=lv.integer(120, 120))])(image)
    assert np.array_equal(image, before) and np.array_equal(made, np.where(image < 120, 0, image))
    with pytest.raises(ValueError, match="level"):
        threshold(level=1.5)


def test_randomness_belongs_to_the_draw(image):
    recipe = lv.Recipe([shuffle_rows()], seed=1)
    assert np.array_equal(recipe(image, key="a"), recipe(image, key="a"))
    assert not np.array_equal(recipe(image, key="a"), recipe(image, key="b"))


def test_lineage_has_it_and_replays_it(image):
    recipe = lv.Recipe([fade(amount=lv.uniform(0, 1)), shuffle_rows()], seed=5)
    told = recipe.explain(image, key="a")
    steps = json.loads(told.line)
    assert [(step["op"], step["version"]) for step in steps] == [("custom.fade", 1), ("custom.shuffle_rows", 2)]
    assert np.array_equal(recipe.replay(told.line, image), recipe(image, key="a"))


def test_labels_stay_or_are_refused_as_it_was_declared(image):
    made = lv.Recipe([fade()])(image=image, boxes=[[1, 2, 30, 40]], mask=image[..., 0])
    assert made["boxes"] == [[1, 2, 30, 40]] and np.array_equal(made["mask"], image[..., 0])
    with pytest.raises(ValueError, match="custom.shuffle_rows: moves pixels in a way that labels cannot follow"):
        lv.Recipe([shuffle_rows()])(image=image, boxes=[[1, 2, 30, 40]])


def test_batches_loaders_and_folders_run_it(image, photos, tmp_path):
    recipe = lv.Recipe([fade(amount=lv.uniform(0, 1)), lv.resize(size=16)], seed=2)
    batch = recipe.batch([image] * 6, keys="abcdef", threads=3)
    assert all(np.array_equal(batch[number], recipe(image, key=key)) for number, key in enumerate("abcdef"))
    assert sum(len(images) for images, _ in lv.Loader(photos, recipe, batch_size=5, threads=2)) == 12
    made = lv.augment(photos, tmp_path / "out", recipe, times=2, threads=2, progress=False)
    assert made.outputs == 36
    assert "custom.fade" in (tmp_path / "out" / "leaven.lineage.jsonl").read_text()


def test_what_it_throws_is_thrown(image, photos, tmp_path):
    @lv.custom_op(labels="keeps")
    def fails(image):
        raise LookupError("nothing here")

    with pytest.raises(LookupError, match="nothing here"):
        lv.Recipe([fails()])(image)
    with pytest.raises(LookupError, match="nothing here"):
        lv.Recipe([fails()]).batch([image] * 4, threads=2)
    with pytest.raises(LookupError, match="nothing here"):
        list(lv.Loader(photos, lv.Recipe([fails(), lv.resize(size=8)])))
    with pytest.raises(LookupError, match="nothing here"):
        lv.augment(photos, tmp_path / "out", lv.Recipe([fails()]), progress=False)


@pytest.mark.parametrize("result", [np.zeros((2, 2, 3), np.uint8), np.zeros((60, 80, 3)), None])
def test_another_shape_or_type_is_refused(result, image):
    @lv.custom_op(labels="keeps")
    def other(image):
        return result

    with pytest.raises(ValueError, match="custom.other must return an array like its image, uint8 of shape"):
        lv.Recipe([other()])(image)


def pickled(recipe):
    return recipe(np.full((4, 4, 3), 100, np.uint8))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_recipes_take_it_along_to_other_processes(method):
    recipe = lv.Recipe([fade(amount=1)])
    assert pickle.loads(pickle.dumps(recipe)) == recipe
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.map(pickled, [recipe])[0].min() == 255


def test_declarations_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="labels must be one of keeps, loses"):
        lv.custom_op(labels="moves")
    with pytest.raises(TypeError, match="amount must have a number as default"):
        lv.custom_op(labels="keeps")(lambda image, amount: image)
    with pytest.raises(TypeError, match="has no field amount"):
        lv.custom_op(labels="keeps", ranges={"amount": (0, 1)})(lambda image: image)
    with pytest.raises(ValueError, match="must be a word"):
        lv.custom_op(labels="keeps")(lambda image: image)
    with pytest.raises(ValueError, match=r"unknown op custom.nobody \(an op of somebody's own: in Python import the module"):
        lv.custom("nobody")


def test_shared_libraries_of_ops_are_opened(tmp_path, image):
    source = pathlib.Path(__file__).parents[2]
    library = tmp_path / "libfade.so"
    command = ["c++", "-std=c++17", "-shared", "-fPIC", "-I", source / "include", source / "examples/custom_op/fade.cpp", "-o", library]
    text = (source / "examples/custom_op/fade.cpp").read_text().replace('{{"fade",', '{{"fade_in_c",')
    (tmp_path / "fade.cpp").write_text(text)
    subprocess.run([*command[:-3], tmp_path / "fade.cpp", "-o", library], check=True)
    lv.load_ops(library)
    made = lv.Recipe([lv.custom("fade_in_c", amount=0.5)])(image)
    assert np.array_equal(made, (image + (255 - image) * 0.5).astype(np.uint8))
    normalized = lv.Recipe([lv.normalize(), lv.custom("fade_in_c")])
    with pytest.raises(ValueError, match="custom.fade_in_c: values outside"):
        normalized(image)
    with pytest.raises(OSError, match="cannot open a library of ops"):
        lv.load_ops(tmp_path / "nothing.so")

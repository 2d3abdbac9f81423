"""Kinds of pictures, keys, and the calls themselves."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time

import numpy as np
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth


FLIP = lv.Recipe([lv.horizontal_flip()])
TURN = lv.Recipe([lv.rotate(degrees=lv.uniform(-40, 40)), lv.brightness(by=lv.uniform(0.7, 1.3))], seed=7)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 2), (5, 7, 3), (5, 7, 4), (1, 1, 3), (1, 7), (7, 1, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_numpy_comes_back_as_it_went_in(shape, dtype):
    array = np.random.default_rng(1).random(shape)
    array = array.astype(dtype) if dtype == "float32" else (array * np.iinfo(dtype).max).astype(dtype)
    before = array.copy()
    made = FLIP(image=array)
    assert made.dtype == array.dtype and made.shape == array.shape
    assert np.array_equal(made, array[:, ::-1])
    assert np.array_equal(array, before)
    assert made.flags.writeable and made.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_many_channels_come_back_as_they_went_in(dtype):
    array = np.random.default_rng(1).random((40, 30, 13))
    array = array.astype(dtype) if dtype.startswith("float") else (array * np.iinfo(dtype).max).astype(dtype)
    made = FLIP(array)
    assert made.dtype == array.dtype and np.array_equal(made, array[:, ::-1])
    batch = FLIP.batch([array, array], layout="NCHW")
    assert batch.dtype == array.dtype and np.array_equal(batch[1], array[:, ::-1].transpose(2, 0, 1))
    turned = lv.Recipe([lv.rotate(degrees=10.0), lv.gaussian_blur(sigma=1.0), lv.gamma(gamma=0.8)])
    whole, parts = turned(array, key="a"), [turned(array[..., c], key="a") for c in range(13)]
    np.testing.assert_allclose(whole.astype(np.float64), np.stack(parts, -1).astype(np.float64), atol=1e-3 if dtype.startswith("float") else 0)


def test_half_precision_is_computed_in_floats_and_rounded_once():
    array = np.random.default_rng(2).random((9, 8, 3)).astype(np.float16)
    recipe = lv.Recipe([lv.brightness(by=0.7), lv.gamma(gamma=1.3)])
    made, exact = recipe(array, key="a"), recipe(array.astype(np.float32), key="a")
    assert made.dtype == np.float16 and np.array_equal(made, exact.astype(np.float16))
    assert recipe.batch([array, array]).dtype == np.float16


def test_what_is_for_three_colours_says_what_it_got():
    with pytest.raises(ValueError, match="hue: needs an image with 1 or 3 colour channels, got 30×40×13"):
        lv.Recipe([lv.hue(by=0.1)])(np.zeros((40, 30, 13), np.uint8))
    with pytest.raises(ValueError, match=r"1 to 4 channels, the last dimension, got 32 \(of planes: image.transpose"):
        FLIP(np.zeros((3, 32, 32), np.uint8))
    with pytest.raises(ValueError, match="1 to 512 channels"):
        FLIP(np.zeros((40, 30, 513), np.uint8))


@pytest.mark.parametrize("view", [
    lambda a: a[::2], lambda a: a[:, ::2], lambda a: a[::-1], lambda a: a[:, ::-1], lambda a: a[..., ::-1],
    lambda a: a.transpose(1, 0, 2), lambda a: np.asfortranarray(a), lambda a: a[3:9, 4:11], lambda a: a[..., 1],
    lambda a: np.broadcast_to(a[:1], (4, *a.shape[1:])),
])
def test_views_of_any_strides_are_read_as_numpy_reads_them(view):
    part = view(smooth(20, 30))
    assert np.array_equal(FLIP(part), part[:, ::-1])


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "I;16"])
def test_pillow_comes_back_as_pillow(mode):
    if mode == "I;16":
        picture = Image.fromarray(smooth(20, 30, 1)[..., 0].astype(np.uint16) * 257)
    else:
        picture = Image.fromarray(smooth(20, 30, {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]).squeeze(), mode=None)
    assert picture.mode == mode
    made = FLIP(image=picture)
    assert isinstance(made, Image.Image) and made.mode == mode
    assert np.array_equal(np.asarray(made), np.asarray(picture)[:, ::-1])


def test_other_modes_of_pillow_are_refused_with_the_way_out():
    with pytest.raises(TypeError, match=r"got P \(write image.convert\('RGB'\)\)"):
        FLIP(Image.new("P", (4, 4)))


def test_normalized_pictures_of_pillow_are_arrays(image):
    made = lv.Recipe([lv.normalize()])(Image.fromarray(image))
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, (image / 255 - mean) / std, atol=1e-4)


def test_alpha_is_the_last_of_two_and_four_unless_said_otherwise():
    array = np.full((4, 4, 4), 100, np.uint8)
    darker = lv.Recipe([lv.brightness(by=0.5)])
    assert darker(array)[0, 0].tolist() == [50, 50, 50, 100]
    assert darker(array, alpha=False)[0, 0].tolist() == [50, 50, 50, 50]


def test_floats_outside_the_range_are_refused_or_let_through():
    array = np.full((3, 3, 3), 2, np.float32)
    with pytest.raises(ValueError, match=r"\[0, 1\].*bounded=False"):
        FLIP(array)
    assert FLIP(array, bounded=False).max() == 2
    array[1, 1, 1] = np.nan
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        FLIP(array)


@pytest.mark.parametrize("wrong, error", [
    (np.zeros((3, 3), np.float64), TypeError), (np.zeros((3, 3), bool), TypeError), (np.zeros((3, 3, 5), np.uint8), ValueError),
    (np.zeros(3, np.uint8), ValueError), (np.zeros((0, 3, 3), np.uint8), ValueError), (np.zeros((2, 2, 2, 2), np.uint8), ValueError),
    ("photo.jpg", TypeError), (None, TypeError), ([[1, 2]], TypeError),
])
def test_what_is_no_picture_is_refused(wrong, error):
    with pytest.raises(error):
        FLIP(wrong)


@pytest.mark.parametrize("call, error, words", [
    (lambda image: FLIP(image, epoch="a"), TypeError, "epoch must be a whole number, got 'a'"),
    (lambda image: FLIP(image, epoch=1.0), TypeError, "epoch must be a whole number, got 1.0"),
    (lambda image: FLIP(image, copy=-1), ValueError, "copy must be at least 0, got -1"),
    (lambda image: FLIP(image, label=3), TypeError, "label must be a text, got 3"),
    (lambda image: FLIP(image, boxes=[[1, 2, 3, 4]], alpha="x"), TypeError, "alpha must be True or False, got 'x'"),
    (lambda image: FLIP(Image.fromarray(image), epoch=2**64), ValueError, "epoch must be at most 9223372036854775807"),
    (lambda image: FLIP(image.astype(np.int64)), TypeError, "got int64 (write image.astype(numpy.uint8), of values up to 255)"),
    (lambda image: FLIP((image.astype(np.uint16) * 200).astype(">u2")), TypeError, "got >u2 (write image.astype(numpy.uint16), of values up to 65535)"),
    (lambda image: FLIP(image.astype(np.float64)), TypeError, "got float64 (write (image / 255).astype(numpy.float32)"),
    (lambda image: FLIP(image / 255), TypeError, "got float64 (write image.astype(numpy.float32))"),
    (lambda image: FLIP(image > 9), TypeError, "a mask goes as mask="),
    (lambda image: FLIP.batch([image, image.astype(int)]), TypeError, "images[1]: an image must be of uint8"),
    (lambda image: FLIP.batch(3), TypeError, "images must be a list, got 3"),
    (lambda image: FLIP.batch([image], keys=7), TypeError, "keys must be a list, got 7"),
    (lambda image: FLIP(image, label=None), TypeError, "label must be a text, got None"),
    (lambda image: FLIP.replay(image, "line"), TypeError, "line must be a text, got a ndarray"),
    (lambda image: FLIP.batch([image], threads=1.5), TypeError, "threads must be a whole number, got 1.5"),
    (lambda image: FLIP.explain(image, epoch=[1]), TypeError, "epoch must be a whole number"),
    (lambda image: FLIP.replay(3, image), TypeError, "line must be a text, got 3"),
    (lambda image: FLIP.plan((3,)), TypeError, "shape is (height, width) or (height, width, channels), got (3,)"),
    (lambda image: lv.Recipe.from_text(3), TypeError, "text must be a text, got 3"),
    (lambda image: lv.Recipe.from_text("leaven: 1\nsteps: []\n", seed="a"), TypeError, "seed must be a whole number, got 'a'"),
    (lambda image: lv.choice(3), TypeError, "choice() takes a list of values, got 3"),
    (lambda image: lv.Loader(".", FLIP, batch_size="a"), TypeError, "batch_size must be a whole number, got 'a'"),
    (lambda image: lv.Loader(".", "light"), TypeError, "a leaven.Recipe is needed, got str"),
    (lambda image: lv.augment(".", "x", FLIP, times="a"), TypeError, "times must be a whole number, got 'a'"),
    (lambda image: FLIP.series([1.0, 2.0], epoch="a"), TypeError, "epoch must be a whole number, got 'a'"),
])
def test_wrong_arguments_are_told_in_words(image, call, error, words):
    with pytest.raises(error) as caught:
        call(image)
    assert words in str(caught.value) and "incompatible function" not in str(caught.value)


def test_what_is_explained_without_a_key_is_the_next_call(image):
    recipe = lv.Recipe.from_text(TURN.yaml)
    told = [recipe.explain(image) for _ in range(2)]
    assert recipe.calls == 2 and not np.array_equal(told[0].result, told[1].result)
    recipe.calls = 0
    assert np.array_equal(recipe(image), told[0].result) and np.array_equal(recipe(image), told[1].result)


@pytest.mark.parametrize("way", ["call", "batch", "marks", "explain"])
def test_control_c_stops_inside_one_picture(way):
    """Without it each of these takes most of a minute."""
    large = np.zeros((2500, 2500, 3), np.uint8)
    slow = lv.Recipe([lv.gaussian_blur(sigma=8)] * 400)
    ways = {
        "call": lambda: slow(large),
        "batch": lambda: slow.batch([large, large], threads=2),
        "marks": lambda: slow(large, boxes=[[1, 2, 3, 4]]),
        "explain": lambda: slow.explain(large),
    }

    def interrupted(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupted)
    start = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            ways[way]()
        assert time.monotonic() - start < 5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_same_key_is_the_same_picture_and_each_part_of_it_counts(image):
    one = TURN(image=image, key="a", epoch=1, copy=2)
    assert np.array_equal(one, TURN(image=image, key="a", epoch=1, copy=2))
    others = [
        TURN(image, key="b", epoch=1, copy=2),
        TURN(image, key="a", epoch=2, copy=2),
        TURN(image, key="a", epoch=1, copy=3),
        lv.Recipe.from_text(TURN.yaml, seed=8)(image, key="a", epoch=1, copy=2),
    ]
    assert not any(np.array_equal(one, other) for other in others)


def test_calls_without_a_key_are_counted_and_never_repeat(image):
    recipe = lv.Recipe.from_text(TURN.yaml)
    first = [recipe(image) for _ in range(3)]
    assert recipe.calls == 3
    assert not np.array_equal(first[0], first[1])
    recipe.calls = 0
    assert all(np.array_equal(a, recipe(image)) for a in first)
    recipe(image, key="named")
    assert recipe.calls == 3


def test_label_decides_where_when_is_asked(image):
    recipe = lv.Recipe([lv.invert(when={"class": "cat"})])
    assert np.array_equal(recipe(image, label="cat"), 255 - image)
    assert np.array_equal(recipe(image, label="dog"), image)


def test_a_sample_is_a_dict_and_so_is_a_batch_of_them(image):
    made = FLIP({"image": image, "label": 3})
    assert made["label"] == 3 and np.array_equal(made["image"], image[:, ::-1])
    many = FLIP({"img": [Image.fromarray(image), Image.fromarray(image)], "label": [1, 2]})
    assert many["label"] == [1, 2] and all(isinstance(one, Image.Image) for one in many["img"])
    with pytest.raises(ValueError, match="no picture in this sample"):
        FLIP({"text": "no"})


def test_threads_make_what_one_thread_makes(image):
    expected = [TURN(image, key=str(k)) for k in range(16)]
    made = [None] * 16

    def work(first):
        for k in range(first, 16, 4):
            made[k] = TURN(image, key=str(k))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert all(np.array_equal(a, b) for a, b in zip(expected, made))


def in_a_process(arguments):
    recipe, image, key = arguments
    return recipe.batch([image] * 3, keys=[key + "1", key + "2", key + "3"], threads=2), recipe(image)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_make_what_this_one_makes_and_never_share_unkeyed_calls(method, image):
    TURN.batch([image] * 4, keys="abcd", threads=3)  # threads have run here before the fork
    with multiprocessing.get_context(method).Pool(2) as pool:
        made = pool.map(in_a_process, [(TURN, image, key) for key in "ab"], chunksize=1)
    for key, (keyed, _) in zip("ab", made):
        for number in range(3):
            assert np.array_equal(keyed[number], TURN(image, key=f"{key}{number + 1}"))
    own = TURN(image)
    assert not any(np.array_equal(unkeyed, own) for _, unkeyed in made)


def test_explain_shows_every_step_and_its_line_replays(image):
    recipe = lv.Recipe([lv.rotate(degrees=lv.uniform(-9, 9)), lv.random_crop(width=20, height=10), lv.normalize()], seed=2)
    told = recipe.explain(image, key="x")
    assert [op for op, _, _ in told.steps] == ["rotate", "random_crop", "normalize"]
    assert -9 <= told.steps[0][1]["degrees"] <= 9
    assert told.steps[1][2].shape == (10, 20, 3) and told.result.dtype == np.float32
    assert np.array_equal(told.result, recipe(image, key="x"))
    assert np.array_equal(recipe.replay(told.line, image), told.result)
    assert isinstance(lv.Recipe([]).replay("[]", Image.fromarray(image)), Image.Image)
    strip = told._repr_html_()
    assert strip.count("<img") == 4 and "degrees" in strip
    assert "20×10×3 float32" in repr(told)


def test_a_malformed_line_is_refused(image):
    with pytest.raises(ValueError, match="malformed lineage line"):
        FLIP.replay("{", image)


def test_pictures_of_an_explanation_are_pngs_that_pillow_reads():
    import io

    from leaven._explain import png

    for array in (smooth(9, 7), smooth(9, 7, 4), smooth(9, 7, 1)[..., 0], smooth(9, 7, 2)):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png(array)))), array)
    assert Image.open(io.BytesIO(png(smooth(900, 500)))).size == (167, 300)

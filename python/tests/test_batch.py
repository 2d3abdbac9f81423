"""Many pictures at once."""

from __future__ import annotations

import os
import pathlib
import signal
import threading
import time

import numpy as np
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth

RECIPE = lv.Recipe([lv.random_resized_crop(size=24), lv.horizontal_flip(p=0.5), lv.normalize()], seed=1)


@pytest.mark.parametrize("threads", [0, 1, 2, 5])
@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_a_batch_is_its_pictures_one_by_one(threads, layout):
    images = [smooth(40 + i, 60 - i, seed=i) for i in range(7)]
    keys = [f"photo {i}" for i in range(7)]
    made = RECIPE.batch(images, keys=keys, epoch=3, threads=threads, layout=layout)
    assert made.dtype == np.float32 and made.flags.c_contiguous
    one_by_one = np.stack([RECIPE(image, key=key, epoch=3) for image, key in zip(images, keys)])
    assert np.array_equal(made, one_by_one if layout == "NHWC" else one_by_one.transpose(0, 3, 1, 2))


def test_whole_numbers_stay_whole_and_grey_keeps_its_channel():
    images = np.stack([smooth(8, 9, 1, seed=i) for i in range(3)])
    made = lv.Recipe([lv.horizontal_flip()]).batch(images, keys="abc")
    assert made.dtype == np.uint8 and np.array_equal(made, images[:, :, ::-1])
    assert lv.Recipe([]).batch([images[0, ..., 0]]).shape == (1, 8, 9, 1)


def test_pillow_and_arrays_may_stand_side_by_side(image):
    made = RECIPE.batch([image, Image.fromarray(image)], keys=["a", "a"])
    assert np.array_equal(made[0], made[1])


def test_without_keys_the_calls_are_counted(image):
    recipe = lv.Recipe.from_text(RECIPE.yaml)
    made = recipe.batch([image, image])
    assert recipe.calls == 2 and not np.array_equal(made[0], made[1])
    recipe.calls = 0
    assert np.array_equal(recipe(image), made[0])


def test_results_of_other_sizes_are_refused_by_name(image):
    with pytest.raises(ValueError, match=r"b: images of one batch must come out alike, got 70×50×3 uint8 beside 80×60×3 uint8"):
        lv.Recipe([]).batch([image, image[:50, :70]], keys=["a", "b"], threads=1)


@pytest.mark.parametrize("key, text", [
    (5, "5"), (np.int64(5), "5"), (np.uint8(5), "5"), (np.array(5), "5"), (b"caf\xc3\xa9", "café"), (np.str_("a"), "a"),
    (pathlib.Path("cat/1.png"), "cat/1.png"), (0.5, "0.5"), (np.float64(0.5), "0.5"), (np.float32(0.5), "0.5"),
])
def test_a_key_is_its_text_whatever_it_is_of(key, text, image):
    expected = RECIPE(image, key=text)
    assert np.array_equal(RECIPE(image, key=key), expected)
    assert np.array_equal(RECIPE.batch([image], keys=[key])[0], expected)
    assert np.array_equal(RECIPE.explain(image, key=key).steps[-1][2], expected)
    assert np.array_equal(RECIPE.views(image, 1, original=False, key=key)[0].image, expected)


@pytest.mark.parametrize("key", [object(), np.arange(2), (1, 2), [1], {"a": 1}])
def test_what_has_no_text_of_its_own_is_no_key(key, image):
    for call in (lambda: RECIPE(image, key=key), lambda: RECIPE(Image.fromarray(image), key=key), lambda: RECIPE.batch([image], keys=[key])):
        with pytest.raises(TypeError, match="a key must be a text or a number, got a "):
            call()
    with pytest.raises(ValueError, match="utf-8"):
        RECIPE(image, key=b"\xff")


@pytest.mark.parametrize("wrong", [
    lambda image: RECIPE.batch([]), lambda image: RECIPE.batch([image], keys=["a", "b"]),
    lambda image: RECIPE.batch([image], layout="HWC"), lambda image: RECIPE.batch([image], threads=-1),
    lambda image: RECIPE.batch([image], labels=["a", "b"]),
    lambda image: RECIPE.batch([Image.new("RGBA", (30, 30)), Image.new("RGB", (30, 30))]),
])
def test_wrong_arguments_are_value_errors(wrong, image):
    with pytest.raises(ValueError):
        wrong(image)


def test_the_first_error_is_told_whatever_the_threads(image):
    broken = image.astype(np.float64)
    with pytest.raises(TypeError, match="uint8, uint16, float16 or float32"):
        RECIPE.batch([image, broken, broken], threads=3)


def test_other_threads_of_python_run_meanwhile():
    images = [smooth(300, 300)] * 40
    recipe = lv.Recipe([lv.gaussian_blur(sigma=20), lv.elastic()])
    turns = 0
    done = threading.Event()

    def work():
        recipe.batch(images, threads=1)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        turns += 1
        time.sleep(0.001)
    thread.join()
    assert turns > 5


@pytest.mark.parametrize("threads", [1, 2])
def test_control_c_ends_a_long_batch(threads):
    # Where the tests were started in the background of a shell, Python ignores the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    recipe = lv.Recipe([lv.repeat([lv.gaussian_blur(sigma=10)], times=5)])
    images = [smooth(400, 400)] * 2000
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.perf_counter()
    try:
        with pytest.raises(KeyboardInterrupt):
            recipe.batch(images, threads=threads)
        assert time.perf_counter() - begin < 10
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)

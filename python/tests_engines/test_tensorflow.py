"""Against the real TensorFlow, and Keras on it. Each test has a process of its own: TensorFlow's threads and the forks of
other tests do not go together, and a process has one Keras."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import sys
import warnings

import numpy as np
import pytest

import leaven as lv
from conftest import smooth

RECIPE = lv.Recipe([lv.random_resized_crop(size=16), lv.horizontal_flip(p=0.5), lv.normalize()], seed=3)


@pytest.fixture
def elsewhere(monkeypatch):
    """Calls a function of this file in a fresh process."""
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")

    def call(function, *arguments):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(function, arguments)

    return call


def tensors():
    import tensorflow as tf

    picture = smooth(30, 40)
    made = RECIPE(tf.constant(picture), key="a")
    assert tf.is_tensor(made) and made.dtype == tf.float32
    assert np.array_equal(made.numpy(), RECIPE(picture, key="a"))
    marked = RECIPE(tf.constant(picture), boxes=[[2, 2, 38, 28]], key="a")
    assert tf.is_tensor(marked["image"]) and len(marked["boxes"]) == 1


def streams(photos):
    import tensorflow as tf

    def batches():
        return lv.Loader(photos, RECIPE, batch_size=4, layout="NHWC")

    shapes = (tf.TensorSpec((None, 16, 16, 3), tf.float32), tf.TensorSpec((None,), tf.int64))
    data = tf.data.Dataset.from_generator(batches, output_signature=shapes)
    for (images, labels), (expected, numbers) in zip(data, batches()):
        assert np.array_equal(images.numpy(), expected) and np.array_equal(labels.numpy(), numbers)
    assert sum(len(labels) for _, labels in data) == 12


def fits(photos):
    import keras

    warnings.simplefilter("ignore")
    assert keras.backend.backend() == "tensorflow"
    loader = lv.Loader(photos, RECIPE, batch_size=4, epochs=None, layout="NHWC")
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(iter(loader), steps_per_epoch=len(loader), epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2 and np.isfinite(history.history["loss"]).all()


def block(page, line, text, folder):
    sys.path.append(str(pathlib.Path(__file__).parents[1] / "tests"))
    from doc_blocks import Block, run

    os.chdir(folder)
    names = {"lv": lv, "recipe": RECIPE}
    run(Block(page, line, text), names)
    assert [len(labels) for _, labels in names["stream"]] == [4, 4, 4]


def test_tensors_come_back_as_tensors(elsewhere):
    elsewhere(tensors)


def test_a_loader_is_a_stream_for_tf_data(elsewhere, photos):
    elsewhere(streams, str(photos))


def test_keras_fits_on_a_loader(elsewhere, photos):
    elsewhere(fits, str(photos))


def test_blocks_of_the_pages_run(elsewhere, photos):
    from test_docs import TENSORFLOW

    for one in TENSORFLOW:
        elsewhere(block, *one, str(photos.parent))

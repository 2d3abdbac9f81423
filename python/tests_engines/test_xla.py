"""Against the real JAX, and Keras on it."""

from __future__ import annotations

import numpy as np
import pytest

import leaven as lv
from conftest import smooth

RECIPE = lv.Recipe([lv.random_resized_crop(size=16), lv.horizontal_flip(p=0.5), lv.normalize()], seed=3)


@pytest.fixture
def jax(monkeypatch):
    """Imported as late as this, and in the last file: its threads and the forks of other tests do not go together."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    import jax

    return jax


def test_arrays_of_jax_come_back_as_arrays_of_jax(jax):
    jnp = jax.numpy
    picture = smooth(30, 40)
    made = RECIPE(jnp.asarray(picture), key="a")
    assert isinstance(made, jax.Array) and made.shape == (16, 16, 3) and made.dtype == jnp.float32
    assert np.array_equal(np.asarray(made), RECIPE(picture, key="a"))
    marked = RECIPE(jnp.asarray(picture), boxes=[[2, 2, 38, 28]], key="a")
    assert isinstance(marked["image"], jax.Array)


def test_batches_are_handed_over_and_jitted_code_takes_them(jax, photos):
    jnp = jax.numpy
    mean = jax.jit(lambda images: images.mean())
    for images, labels in lv.Loader(photos, RECIPE, batch_size=4, layout="NHWC"):
        assert np.isclose(float(mean(jnp.asarray(images))), images.mean(), atol=1e-5)
        assert jnp.asarray(labels).shape == (4,)


def test_what_has_dlpack_is_a_picture():
    class Other:
        def __init__(self, array):
            self.array = array

        def __dlpack__(self, **wanted):
            return self.array.__dlpack__(**wanted)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    picture = smooth(20, 30)
    made = lv.Recipe([lv.horizontal_flip()])(Other(picture))
    assert isinstance(made, np.ndarray) and np.array_equal(made, picture[:, ::-1])


@pytest.mark.filterwarnings("ignore")
def test_keras_fits_on_a_loader(jax, photos):
    import keras

    class Batches(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.loader = lv.Loader(photos, RECIPE, batch_size=4, epochs=None, layout="NHWC")
            self.batches = iter(self.loader)

        def __len__(self):
            return len(self.loader)

        def __getitem__(self, number):
            return next(self.batches)

    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(Batches(), epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2 and np.isfinite(history.history["loss"]).all()


def test_blocks_of_the_pages_run(jax, photos, tmp_path, monkeypatch):
    from test_docs import XLA, run

    monkeypatch.chdir(tmp_path)
    for block in XLA:
        run(block, {"lv": lv, "recipe": RECIPE})

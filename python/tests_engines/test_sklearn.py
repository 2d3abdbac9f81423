"""Against the real scikit-learn and imbalanced-learn."""

from __future__ import annotations

import numpy as np
import pytest
from imblearn.pipeline import Pipeline
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

import leaven as lv
from leaven.sklearn import Augmenter, TableAugmenter

SHIFT = lv.Recipe([lv.affine(translate_x=lv.uniform(-0.15, 0.15), translate_y=lv.uniform(-0.15, 0.15))], seed=1)


@pytest.fixture
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600], y[:600]


def test_resampling_appends_copies_and_leaves_the_originals(digits):
    X, y = digits
    sampler = Augmenter(SHIFT, times=2, image_shape=(8, 8), value_range=(0, 16))
    more, labels = sampler.fit_resample(X, y)
    assert more.shape == (1800, 64) and more.dtype == X.dtype
    assert np.array_equal(more[:600], X) and np.array_equal(labels, np.concatenate([y, y, y]))
    assert more.min() >= 0 and more.max() <= 16
    assert not np.array_equal(more[600:1200], more[1200:])
    again, _ = sampler.fit_resample(X, y)
    assert np.array_equal(more, again)


def test_bytes_stay_bytes():
    X = np.random.default_rng(0).integers(0, 256, (5, 9, 7, 3), dtype=np.uint8)
    more, _ = Augmenter(lv.Recipe([lv.horizontal_flip()])).fit_resample(X, np.arange(5))
    assert more.dtype == np.uint8 and np.array_equal(more[5:], X[:, :, ::-1])


def test_in_a_pipeline_only_fit_is_augmented(digits):
    X, y = digits
    shifted = SHIFT.batch((X / 16).astype(np.float32).reshape(-1, 8, 8), keys=[f"test {i}" for i in range(len(X))])
    shifted = shifted.reshape(len(X), 64) * 16
    pipeline = Pipeline(
        [("augment", Augmenter(SHIFT, times=5, image_shape=(8, 8), value_range=(0, 16))), ("knn", KNeighborsClassifier(3))]
    )
    pipeline.fit(X[:400], y[:400])
    assert pipeline.named_steps["knn"].n_samples_fit_ == 2400
    assert len(pipeline.predict(X[400:])) == 200
    plain = KNeighborsClassifier(3).fit(X[:400], y[:400])
    assert pipeline.score(shifted[400:], y[400:]) > plain.score(shifted[400:], y[400:]) + 0.05


def test_it_is_cloned_and_cross_validated_like_any_estimator(digits):
    X, y = digits
    sampler = Augmenter(SHIFT, image_shape=(8, 8), value_range=(0, 16))
    assert clone(sampler).get_params()["image_shape"] == (8, 8)
    pipeline = Pipeline([("augment", sampler), ("knn", KNeighborsClassifier(3))])
    assert cross_val_score(pipeline, X, y, cv=3).min() > 0.8


def test_what_cannot_be_is_refused(digits):
    X, y = digits
    with pytest.raises(ValueError, match="image_shape"):
        Augmenter(SHIFT).fit_resample(X, y)
    for times, error in ((-1, ValueError), (None, TypeError), ("2", TypeError)):
        with pytest.raises(error, match="^times must be "):
            Augmenter(SHIFT, times=times, image_shape=(8, 8)).fit_resample(X, y)
    with pytest.raises(ValueError, match=r"image_shape \(8, 9\) asks for 72 numbers a sample, and X has 64"):
        Augmenter(SHIFT, image_shape=(8, 9)).fit_resample(X, y)
    with pytest.raises(ValueError, match=r"X holds numbers from 0.0 to 16.0, outside value_range \(0, 8\)"):
        Augmenter(SHIFT, image_shape=(8, 8), value_range=(0, 8)).fit_resample(X, y)
    with pytest.raises(ValueError, match="this recipe mixes pictures, .*which y cannot hold"):
        Augmenter(lv.Recipe([lv.mixup()]), image_shape=(8, 8), value_range=(0, 16)).fit_resample(X, y)
    for sampler in (Augmenter(SHIFT, image_shape=(8, 8)), TableAugmenter(lv.Recipe([lv.table_noise()]))):
        with pytest.raises(ValueError, match="y must hold a target for each .*, got None"):
            sampler.fit_resample(X, None)
    with pytest.raises(ValueError, match="size and type"):
        Augmenter(lv.Recipe([lv.resize(width=4, height=4)]), image_shape=(8, 8), value_range=(0, 16)).fit_resample(X, y)

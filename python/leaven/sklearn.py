"""For scikit-learn and imbalanced-learn: a sampler that makes the training set larger, and leaves all else alone.

import leaven.sklearn
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

import numpy as np
from sklearn.base import BaseEstimator

from ._recipe import Recipe


class Augmenter(BaseEstimator):
    """`fit_resample` as imbalanced-learn's pipelines call it, in fit alone: what is predicted is never augmented.

    recipe: leaves the pictures' size as it is
    times: copies of each sample besides the original
    image_shape: (height, width) or (height, width, channels) where X holds flat rows
    value_range: what the numbers of X lie in, where they are not uint8: floats from 0 to 1 by default
    threads: 0 for all cores
    """

    _estimator_type = "sampler"
    _sampling_type = "bypass"

    def __init__(
        self,
        recipe: Recipe,
        times: int = 1,
        image_shape: Optional[Tuple[int, ...]] = None,
        value_range: Tuple[float, float] = (0.0, 1.0),
        threads: int = 0,
    ):
        self.recipe = recipe
        self.times = times
        self.image_shape = image_shape
        self.value_range = value_range
        self.threads = threads

    def fit(self, X: Any, y: Any) -> Augmenter:
        """Checks that X holds pictures."""
        self._pictures(np.asarray(X)[:1])
        return self

    def fit_resample(self, X: Any, y: Any) -> Tuple[np.ndarray, np.ndarray]:
        """The samples as they are, then their copies: copy 1 of all, copy 2 of all, …"""
        X, y = np.asarray(X), np.asarray(y)
        if len(X) != len(y):
            raise ValueError(f"X and y must be as many, got {len(X)} and {len(y)}")
        pictures = self._pictures(X)
        keys = [str(number) for number in range(len(X))]
        low, high = self.value_range
        copies = [X]
        for copy in range(1, self.times + 1):
            made = self.recipe.batch(pictures, keys=keys, copy=copy, labels=[str(label) for label in y], threads=self.threads)
            if made.shape[1:3] != pictures.shape[1:3] or made.dtype != pictures.dtype:
                raise ValueError("the recipe must leave size and type of the pictures as they are")
            if X.dtype != np.uint8:
                made = made * (high - low) + low
            copies.append(made.reshape(X.shape).astype(X.dtype))
        return np.concatenate(copies), np.concatenate([y] * (self.times + 1))

    def _pictures(self, X: np.ndarray) -> np.ndarray:
        shape = X.shape[1:] if self.image_shape is None else self.image_shape
        if len(shape) not in (2, 3):
            raise ValueError("X must hold pictures, or say image_shape=(height, width)")
        pictures = X.reshape(len(X), *shape)
        if X.dtype == np.uint8:
            return pictures
        low, high = self.value_range
        return ((pictures - low) / (high - low)).astype(np.float32)

"""For scikit-learn and imbalanced-learn: samplers that make the training set larger and leave all else alone, and a
transformer for tables.

import leaven.sklearn
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ._arguments import check
from ._recipe import Recipe
from ._tables import LEARNT, Kind, arrow, augmented, is_table, prepared

__all__ = ["Augmenter", "TableAugmenter", "TablePreparer"]


class Augmenter(BaseEstimator):
    """`fit_resample` as imbalanced-learn's pipelines call it, in fit alone: what is predicted is never augmented.

    recipe: leaves the pictures' size as it is, and does not mix them, for y holds one class each
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
        check(times=self.times, threads=self.threads)
        if self.times is None:
            raise TypeError("times must be a whole number, got None")
        X, y = np.asarray(X), np.asarray(y)
        if not y.ndim:
            raise ValueError(f"y must hold a target for each sample, got {y}")
        if self.recipe._core.mixes():
            raise ValueError("this recipe mixes pictures, and so their labels, which y cannot hold: leave its mixing steps out")
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
            made = made.reshape(X.shape)
            copies.append((np.rint(made) if X.dtype.kind in "iu" else made).astype(X.dtype))
        return np.concatenate(copies), np.concatenate([y] * (self.times + 1))

    def _pictures(self, X: np.ndarray) -> np.ndarray:
        shape = X.shape[1:] if self.image_shape is None else self.image_shape
        if len(shape) not in (2, 3):
            raise ValueError("X must hold pictures, or say image_shape=(height, width)")
        if X[:1].size != np.prod(shape):
            raise ValueError(f"image_shape {tuple(shape)} asks for {np.prod(shape)} numbers a sample, and X has {X[:1].size}")
        pictures = X.reshape(len(X), *shape)
        if X.dtype == np.uint8:
            return pictures
        low, high = self.value_range
        if not (low <= X.min() and X.max() <= high):
            raise ValueError(f"X holds numbers from {X.min()} to {X.max()}, outside value_range ({low}, {high})")
        return ((pictures - low) / (high - low)).astype(np.float32)


def _frame(X: Any) -> Kind:
    """A table as it is, or an array with its columns numbered."""
    if is_table(X):
        return Kind(X)
    array = np.asarray(X)
    if array.ndim != 2:
        raise ValueError(f"a table has rows and columns, got an array of shape {array.shape}")
    pa = arrow()
    return Kind(pa.table({str(number): np.ascontiguousarray(array[:, number]) for number in range(array.shape[1])}))


def _like(X: Any, kind: Kind, made: Any) -> Any:
    if is_table(X):
        return kind.give(made)
    array = np.column_stack([made.column(name).to_numpy() for name in made.column_names])
    return array.astype(np.asarray(X).dtype) if np.issubdtype(np.asarray(X).dtype, np.floating) else array


def _targets_like(y: Any, new: np.ndarray) -> Any:
    """A series of pandas or Polars where y was one, called as that was."""
    module = type(y).__module__.partition(".")[0]
    if module == "pandas" and getattr(y, "ndim", 0) == 1 and hasattr(y, "name"):
        import pandas

        return pandas.Series(new, name=y.name, dtype=y.dtype)
    if module == "polars" and hasattr(y, "name"):
        import polars

        return polars.Series(y.name, new, dtype=y.dtype)
    return new


class TableAugmenter(BaseEstimator):
    """`fit_resample` for tables (data frames, or arrays of numbers): rows, copies and balanced classes as the recipe says.

    recipe: steps on rows, and `balance:` where it has one
    times: copies of each row; None: as many as the recipe says
    threads: 0 for all cores
    """

    _estimator_type = "sampler"
    _sampling_type = "bypass"

    def __init__(self, recipe: Recipe, times: Optional[int] = None, threads: int = 0):
        self.recipe = recipe
        self.times = times
        self.threads = threads

    def fit(self, X: Any, y: Any) -> TableAugmenter:
        """Checks that X is a table."""
        _frame(X)
        return self

    def fit_resample(self, X: Any, y: Any) -> Tuple[Any, Any]:
        """All rows and those that are new, each with its target."""
        kind, targets = _frame(X), np.asarray(y)
        if not targets.ndim:
            raise ValueError(f"y must hold a target for each row, got {targets}")
        if kind.arrow.num_rows != len(targets):
            raise ValueError(f"X and y must be as many, got {kind.arrow.num_rows} and {len(targets)}")
        name = "target"
        while name in kind.arrow.column_names:
            name += "_"
        pa = arrow()
        # Classes are words, so that no number is made between two of them.
        numbers = targets.dtype.kind == "f"
        classes, places = (targets, None) if numbers else np.unique(targets, return_inverse=True)
        column = pa.array(targets) if numbers else pa.array([f"class {place}" for place in places])
        made = augmented(
            self.recipe, kind.arrow.append_column(name, column), times=self.times, target=name, threads=self.threads
        )
        found = made.column(name).to_pylist()
        new = np.array(found, targets.dtype) if numbers else classes[[int(text[6:]) for text in found]]
        return _like(X, kind, made.drop_columns([name])), _targets_like(y, new)


class TablePreparer(TransformerMixin, BaseEstimator):
    """Learns the `prepare:` steps of a recipe from a table (filling, scaling, clipping), applies them to others, and takes back
    what has a way back. A recipe without `prepare:` has its steps for it.
    """

    def __init__(self, recipe: Recipe):
        self.recipe = recipe

    def fit(self, X: Any, y: Any = None) -> TablePreparer:
        learnt = dict.fromkeys(LEARNT, b"")
        table = _frame(X).arrow
        if not table.num_rows:
            raise ValueError("there must be rows to learn from")
        augmented(self._of_rows(), table, times=0, keep=learnt)
        self.learnt_ = learnt
        self.n_features_in_ = table.num_columns
        self.names_ = list(table.column_names)
        self.names_out_ = prepared(learnt, table.slice(0, 1), False).column_names
        return self

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns that `transform` gives, those that steps added last."""
        check_is_fitted(self)
        return np.array(self.names_out_, dtype=object)

    def transform(self, X: Any) -> Any:
        """Throws ValueError for a table of other columns than those that were learnt from."""
        check_is_fitted(self)
        names = _frame(X).arrow.column_names
        if len(names) != self.n_features_in_:
            raise ValueError(f"this was learnt from {self.n_features_in_} columns, and the table has {len(names)}")
        missing = [name for name in self.names_ if name not in names]
        if is_table(X) and missing:
            raise ValueError(f"this was learnt from a column {missing[0]}, and the table has only {', '.join(names)}")
        return self._through(X, False)

    def inverse_transform(self, X: Any) -> Any:
        """Scales taken back, last step first."""
        return self._through(X, True)

    def fitted(self) -> List[Dict[str, Any]]:
        """The numbers that were learnt."""
        check_is_fitted(self)
        return json.loads(self.learnt_["leaven.fitted.json"])

    def _through(self, X: Any, back: bool) -> Any:
        check_is_fitted(self)
        kind = _frame(X)
        return _like(X, kind, prepared(self.learnt_, kind.arrow, back))

    def _of_rows(self) -> Recipe:
        """The recipe with nothing but `prepare:`."""
        text = self.recipe.yaml
        if not re.search(r"^prepare:", text, re.MULTILINE):
            return Recipe.from_text(re.sub(r"^steps:", "prepare:", text, flags=re.MULTILINE) + "steps: []\n")
        return Recipe.from_text(re.sub(r"^steps:\n(?:[ -].*\n)*", "steps: []\n", text, flags=re.MULTILINE))

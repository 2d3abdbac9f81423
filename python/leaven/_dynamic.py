"""A recipe whose strength follows what a model says of each sample."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np

from . import _core
from ._arguments import check
from ._calls import key_text
from ._recipe import Recipe, required

_LEVELS = 20  # strengths are rounded to so many, each a recipe of its own


class DynamicRecipe:
    """Changes each sample as strongly as the rule says; made by Recipe.dynamic().

    Strengths stay as they are until next_epoch(); then they follow from what feedback() was told since. `curve` is their mean for
    each epoch. Pickled, as for the workers of a loader, it takes its strengths along, and what a copy is told stays there.
    """

    def __init__(
        self,
        recipe: Recipe,
        rule: str = "ent_augment",
        classes: Union[int, Sequence[str]] = 0,
        *,
        target: float = 0.6,
        full: float = 0.0,
    ):
        self._recipe = required(recipe)
        self._names: Optional[List[str]] = None if isinstance(classes, (int, np.integer)) else [str(name) for name in classes]
        self._classes = int(classes) if self._names is None else len(self._names)
        self._rule = rule
        self._table = _core.StrengthTable.made(rule, self._classes, target, full)
        self._at: Dict[int, Recipe] = {_LEVELS: recipe}

    def __call__(self, image: Any, *, key: str, label: Any = None, **call: Any) -> Any:
        """recipe(image, key=key, label=label, ...) at the strength of this key (and, for cuda, of its class)."""
        name = "" if label is None else self._name(label)
        return self._recipe_at(self.strength(key, label))(image, key=key, label=name, **call)

    def strength(self, key: str, label: Any = None) -> float:
        """In [0, 1], of this epoch."""
        if label is None and self._rule == "cuda":
            raise TypeError("cuda has a strength for each class: say label=")
        return self._table.of(key_text(key), 0 if label is None else self._number(label))

    def feedback(
        self,
        keys: Sequence[str],
        *,
        probs: Any = None,
        losses: Any = None,
        labels: Optional[Sequence[Any]] = None,
        held_out: Any = None,
    ) -> None:
        """What the model said of samples that it was shown; counts from the next epoch on.

        probs: (N, classes), the probabilities of each; or losses: N of them in nats (not for ent_augment)
        labels: their classes, as numbers or by the names given as classes= (ent_augment needs none)
        held_out: losses of samples that are not trained on, for ada
        """
        check(keys=keys)
        if (probs is None) == (losses is None) and not (held_out is not None and probs is None and len(keys) == 0):
            raise TypeError("feedback takes probs= or losses=, one of both")
        if labels is None and self._rule != "ent_augment" and not (self._rule == "ada" and losses is not None):
            raise TypeError(f"{self._rule} needs labels=, the class of each sample")
        names = [key_text(key) for key in keys]
        numbers = [0] * len(names) if labels is None else [self._number(label) for label in labels]
        if probs is not None:
            self._table.tell(names, numbers, np.ascontiguousarray(_array(probs), np.float32))
        elif losses is not None:
            self._table.tell_losses(names, numbers, np.ascontiguousarray(_array(losses), np.float64))
        if held_out is not None:
            for loss in np.atleast_1d(_array(held_out)).astype(np.float64).ravel():
                self._table.tell_held_out(float(loss))

    def next_epoch(self) -> None:
        self._table.next_epoch()

    @property
    def curve(self) -> List[float]:
        """The mean strength of the samples told, for each epoch that has ended."""
        return self._table.curve

    @property
    def recipe(self) -> Recipe:
        """At full strength."""
        return self._recipe

    def state_dict(self) -> Dict[str, Any]:
        """Plain data for a checkpoint, beside the model's."""
        return {"recipe": self._recipe.yaml, "classes": self._names, "table": json.loads(self._table.state())}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on where the state was taken. A ValueError if it is of another recipe or rule."""
        if state["recipe"] != self._recipe.yaml or state["table"]["rule"] != self._rule or state["table"]["classes"] != self._classes:
            raise ValueError("this state is of another recipe, rule or number of classes")
        self._table = _core.StrengthTable.from_state(json.dumps(state["table"]))

    def __getstate__(self) -> Dict[str, Any]:
        return {"_recipe": self._recipe, "_names": self._names, "_classes": self._classes, "_rule": self._rule, "_state": self._table.state()}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self._table = _core.StrengthTable.from_state(state.pop("_state"))
        self.__dict__.update(state)
        self._at = {_LEVELS: self._recipe}

    def _recipe_at(self, strength: float) -> Recipe:
        level = round(strength * _LEVELS)
        if level not in self._at:
            self._at[level] = self._recipe.at_strength(level / _LEVELS)
        return self._at[level]

    def _name(self, label: Any) -> str:
        """As steps with when= know it."""
        if self._names is not None and isinstance(label, (int, np.integer)):
            return self._names[self._number(label)]
        return str(label)

    def _number(self, label: Any) -> int:
        if isinstance(label, str):
            if self._names is None or label not in self._names:
                raise ValueError(f"there is no class {label!r}" + (": give their names as classes=" if self._names is None else ""))
            return self._names.index(label)
        number = int(label)
        if not 0 <= number < max(self._classes, 1) and self._rule != "ada":
            raise ValueError(f"there are {self._classes} classes, and this is number {number}")
        return number

    def __repr__(self) -> str:
        return f"<leaven.DynamicRecipe {self._rule}, {len(self.curve)} epochs>"


def _array(values: Any) -> np.ndarray:
    """Of NumPy, or of a tensor wherever it lies."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.asarray(values)

"""Ops of your own: a function on NumPy arrays that recipes may name."""

from __future__ import annotations

import inspect
import os
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Union

import numpy as np

from . import _core
from ._steps import RecipeText, Step, parse, written_at

_PREFIX = "custom."
_LABELS = ("keeps", "loses")
_declared: Dict[str, CustomOp] = {}


class CustomOp:
    """A function that is an op now: call it as lv.rotate is called, and it is a step. `function` is what was decorated."""

    def __init__(self, function: Callable[..., np.ndarray], name: str, labels: str, fields: List[Tuple], seeded: bool, version: int):
        self.function, self.name, self.labels = function, name, labels
        self._fields: Dict[str, type] = {field[0]: int if field[4] else float for field in fields}
        self._seeded = seeded
        self.__doc__ = function.__doc__
        self.__name__, self.__qualname__, self.__module__ = function.__name__, function.__qualname__, function.__module__
        summary = (inspect.getdoc(function) or "").split("\n")[0].rstrip(".")
        _core.add_custom_op(name, summary, labels == "keeps", version, fields, self._work)
        _declared[_PREFIX + name] = self

    def __call__(self, **fields: Any) -> Step:
        """A step; fields may be laws, and p, when are those of every step."""
        for field in fields:
            if field not in (*self._fields, "p", "on", "when"):
                raise TypeError(f"{self.name}() has no field {field}")
        step = Step(_PREFIX + self.name, fields, None, written_at())
        parse(RecipeText([step], {"leaven": 1}))
        return step

    def _work(self, image: np.ndarray, values: List[float], seed: int) -> np.ndarray:
        fields: Dict[str, Any] = {field: kind(value) for (field, kind), value in zip(self._fields.items(), values)}
        if self._seeded:
            fields["rng"] = np.random.default_rng(seed)
        made = self.function(image, **fields)
        if not isinstance(made, np.ndarray) or made.shape != image.shape or made.dtype != image.dtype:
            what = f"{made.dtype} of shape {made.shape}" if isinstance(made, np.ndarray) else type(made).__name__
            raise ValueError(f"{_PREFIX}{self.name} must return an array like its image, {image.dtype} of shape {image.shape}, got {what}")
        return np.ascontiguousarray(made)

    def __reduce__(self) -> str:
        return self.__qualname__

    def __repr__(self) -> str:
        return f"<leaven op {_PREFIX}{self.name}({', '.join(self._fields)})>"


def custom_op(
    *, labels: str, ranges: Optional[Mapping[str, Tuple[Optional[float], Optional[float]]]] = None, name: str = "", version: int = 1
) -> Callable[[Callable[..., np.ndarray]], CustomOp]:
    """Makes an op of a function `f(image, amount=0.5, ...)` from an array (height, width, channels) to one like it.

        @lv.custom_op(labels="keeps", ranges={"amount": (0, 1)})
        def fade(image, amount=0.5):
            return (image + (255 - image) * amount).astype(image.dtype)

        recipe = lv.Recipe([fade(amount=lv.uniform(0, 1))])

    labels: "keeps" where nothing moves, or "loses" where masks, boxes and keypoints cannot follow: samples that have some
        are refused
    ranges: lowest and highest value of a field, None for no end
    name: recipes write custom.NAME; the function's own name when left out
    version: raise it when the same values make another picture

    Every further parameter is a field, a number, and needs a default; a whole number as default makes it one of whole numbers.
    A parameter `rng` gets a NumPy generator that is seeded by the draw: use no other randomness, and the same key gives the
    same picture. Several threads call the function at once, one after another at Python's lock.
    """
    if labels not in _LABELS:
        raise ValueError(f"labels must be one of {', '.join(_LABELS)}, got {labels}")

    def decorate(function: Callable[..., np.ndarray]) -> CustomOp:
        fields, seeded = _fields_of(function, dict(ranges or {}))
        return CustomOp(function, name or function.__name__, labels, fields, seeded, version)

    return decorate


def _fields_of(function: Callable[..., np.ndarray], ranges: Dict[str, Any]) -> Tuple[List[Tuple], bool]:
    """(name, usual, low, high, whole) of each parameter behind the first, and whether there is an rng."""
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        raise TypeError(f"{function.__name__}() must take an image")
    fields, seeded = [], False
    for parameter in parameters[1:]:
        if parameter.name == "rng":
            seeded = True
            continue
        usual = parameter.default
        if isinstance(usual, bool) or not isinstance(usual, (int, float)):
            raise TypeError(f"{function.__name__}(): {parameter.name} must have a number as default")
        low, high = ranges.pop(parameter.name, (None, None))
        low, high = -np.inf if low is None else float(low), np.inf if high is None else float(high)
        fields.append((parameter.name, float(usual), low, high, isinstance(usual, int)))
    if ranges:
        raise TypeError(f"{function.__name__}() has no field {next(iter(ranges))}")
    return fields, seeded


def declared_in(yaml: str) -> List[CustomOp]:
    """The ops of Python that a recipe's text names."""
    names = dict.fromkeys(re.findall(r"\bcustom\.\w+", yaml))
    return [_declared[name] for name in names if name in _declared]


def load_ops(library: Union[str, os.PathLike]) -> None:
    """Opens a shared library of ops written in C++ (include/leaven/op_library.hpp); recipes may name them from now on."""
    _core.load_op_library(os.fspath(library))


def custom(name: str, **fields: Any) -> Step:
    """A step of an op of your own by its name: custom("fade", amount=0.3)."""
    step = Step(_PREFIX + name, fields, None, written_at())
    parse(RecipeText([step], {"leaven": 1}))
    return step

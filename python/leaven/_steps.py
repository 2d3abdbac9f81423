"""Steps, laws and containers: what a recipe in Python is written with."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from . import _core

_FOLDER = os.path.dirname(os.path.abspath(__file__))


class Law:
    """How a value is drawn, anew for each copy: uniform(0.8, 1.2), choice([0, 90]), …"""

    __slots__ = ("kind", "arguments", "weights")

    def __init__(self, kind: str, arguments: Sequence[Any], weights: Optional[Sequence[float]] = None):
        self.kind = kind
        self.arguments = list(arguments)
        self.weights = None if weights is None else list(weights)

    def __repr__(self) -> str:
        name = "integer" if self.kind == "int" else self.kind
        if self.kind != "choice":
            return f"{name}({', '.join(map(repr, self.arguments))})"
        return f"choice({self.arguments!r}{'' if self.weights is None else f', weights={self.weights!r}'})"

    def as_recipe(self) -> Dict[str, Any]:
        """As it stands in a recipe."""
        if self.weights is None:
            return {self.kind: self.arguments}
        return {self.kind: self.arguments, "weights": self.weights}


def uniform(low: float, high: float) -> Law:
    """Any number between low and high, all alike."""
    return Law("uniform", [low, high])


def integer(low: int, high: int) -> Law:
    """A whole number from low to high, both included."""
    return Law("int", [low, high])


def log_uniform(low: float, high: float) -> Law:
    """A number whose logarithm is uniform: as often between 1 and 2 as between 2 and 4."""
    return Law("log_uniform", [low, high])


def normal(mean: float, std: float) -> Law:
    """The normal distribution, for fields without a range."""
    return Law("normal", [mean, std])


def truncated_normal(mean: float, std: float, low: float, high: float) -> Law:
    """The normal distribution inside [low, high]."""
    return Law("truncated_normal", [mean, std, low, high])


def beta(alpha: float, beta: float, low: float = 0, high: float = 1) -> Law:
    """The beta distribution, stretched over [low, high]."""
    return Law("beta", [alpha, beta] if (low, high) == (0, 1) else [alpha, beta, low, high])


def choice(values: Sequence[Any], weights: Optional[Sequence[float]] = None) -> Law:
    """One of the values, in proportion to the weights."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise TypeError(f"choice() takes a list of values, got {values!r}")
    return Law("choice", values, weights)


class Step:
    """One step of a recipe and the line of Python that it was written on."""

    __slots__ = ("name", "fields", "steps", "place")

    def __init__(self, name: str, fields: Mapping[str, Any], steps: Optional[Sequence[StepLike]], place: str):
        self.name = name
        self.fields = dict(fields)
        self.steps = None if steps is None else list(steps)
        self.place = place

    def __repr__(self) -> str:
        inside = [repr(self.steps)] if self.steps is not None else []
        inside += [f"{name}={value!r}" for name, value in self.fields.items()]
        return f"{self.name}({', '.join(inside)})"


StepLike = Union[Step, str, Mapping[str, Any]]


def written_at() -> str:
    """File and line of the first frame outside this package."""
    frame = sys._getframe(1)
    while frame is not None and os.path.dirname(os.path.abspath(frame.f_code.co_filename)) == _FOLDER:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else ""


def _plain(value: Any) -> Any:
    """What JSON can write: laws, tuples, NumPy's numbers and arrays."""
    if isinstance(value, Law):
        return _plain(value.as_recipe())
    if isinstance(value, Step):
        return {value.name: _plain(value.fields if value.steps is None else {**value.fields, "steps": value.steps})}
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return value


class RecipeText:
    """Steps as a recipe's text, one step a line, so that an error's line leads back to the step."""

    def __init__(self, steps: Sequence[StepLike], top: Mapping[str, Any]):
        self.lines: List[str] = ["{" + "".join(f"{json.dumps(k)}: {self._json(v)}, " for k, v in top.items()) + '"steps": [']
        self.places: Dict[int, str] = {}
        self._here = written_at()  # of steps that are words or mappings, which know no line of their own
        self._write(steps)
        self.lines.append("]}")

    def text(self) -> str:
        return "\n".join(self.lines)

    def translate(self, message: str, place: str) -> str:
        """The message with the step's line in Python where the engine names a line of this text."""
        parts = place.split(":")
        python = self.places.get(int(parts[1])) if len(parts) > 1 and parts[1].isdigit() else None
        if python is None:
            return message.replace(place + ": ", "", 1) if place.startswith("recipe:") else message
        return message.replace(place, python, 1)

    @staticmethod
    def _json(value: Any) -> str:
        try:
            return json.dumps(_plain(value), ensure_ascii=False)
        except TypeError:
            raise TypeError(f"a recipe holds numbers, words, lists and laws, got {value!r}") from None

    def _write(self, steps: Sequence[StepLike]) -> None:
        for number, step in enumerate(steps, 1):
            ending = "," if number < len(steps) else ""
            if isinstance(step, Step):
                self._write_step(step, ending)
            elif isinstance(step, (str, Mapping)):
                self.places[len(self.lines) + 1] = self._here
                self.lines.append(self._json(step) + ending)
            else:
                called = f": call it, {step.__name__}()" if getattr(step, "__module__", "") == "leaven" and callable(step) else ""
                raise TypeError(f"a step is made by a function such as leaven.rotate(), got {step!r}{called}")

    def _write_step(self, step: Step, ending: str) -> None:
        self.places[len(self.lines) + 1] = step.place
        name = json.dumps(step.name)
        if step.steps is None:
            self.lines.append("{" + name + ": " + self._json(step.fields) + "}" + ending)
            return
        fields = "".join(f"{json.dumps(key)}: {self._json(value)}, " for key, value in step.fields.items())
        self.lines.append("{" + name + ": {" + fields + '"steps": [')
        self._write(step.steps)
        self.lines.append("]}}" + ending)


def parse(text: RecipeText) -> _core.Recipe:
    """The engine's recipe; its complaints name the step's line in Python."""
    try:
        return _core.Recipe.from_text(text.text())
    except ValueError as error:
        raise ValueError(text.translate(str(error), getattr(error, "place", ""))) from None


def _container(name: str, steps: Sequence[StepLike], fields: Dict[str, Any]) -> Step:
    if isinstance(steps, (str, Mapping, Step)) or not isinstance(steps, Sequence):
        raise TypeError(f"{name}() takes a list of steps, got {steps!r}")
    step = Step(name, {key: value for key, value in fields.items() if value is not None}, steps, written_at())
    parse(RecipeText([step], {"leaven": 1}))
    return step


def sequence(steps: Sequence[StepLike], p: float = 1, when: Optional[Mapping[str, Any]] = None) -> Step:
    """All steps, one after another; with p, all or none of them."""
    return _container("sequence", steps, {"p": p, "when": when})


def one_of(
    steps: Sequence[StepLike],
    weights: Optional[Sequence[float]] = None,
    p: float = 1,
    when: Optional[Mapping[str, Any]] = None,
) -> Step:
    """One of the steps, in proportion to the weights."""
    return _container("one_of", steps, {"weights": weights, "p": p, "when": when})


def some_of(
    steps: Sequence[StepLike],
    n: Union[int, Law],
    weights: Optional[Sequence[float]] = None,
    p: float = 1,
    when: Optional[Mapping[str, Any]] = None,
) -> Step:
    """n different ones of the steps, in the order in which they are written."""
    return _container("some_of", steps, {"n": n, "weights": weights, "p": p, "when": when})


def random_order(steps: Sequence[StepLike], p: float = 1, when: Optional[Mapping[str, Any]] = None) -> Step:
    """All steps, in an order that is drawn."""
    return _container("random_order", steps, {"p": p, "when": when})


def with_probability(steps: Sequence[StepLike], p: float, when: Optional[Mapping[str, Any]] = None) -> Step:
    """All steps or none of them."""
    return _container("with_probability", steps, {"p": p, "when": when})


def repeat(
    steps: Sequence[StepLike], times: Union[int, Law], p: float = 1, when: Optional[Mapping[str, Any]] = None
) -> Step:
    """All steps, several times over, with new values each time."""
    return _container("repeat", steps, {"times": times, "p": p, "when": when})

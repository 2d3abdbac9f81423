"""One function for each op and policy of the table. Imported when the first of them is asked for, not before."""

from __future__ import annotations

import inspect
import numbers
from typing import Any, Callable, Dict, List, Union

from . import _core
from ._steps import Law, RecipeText, Step, StepLike, parse, written_at
from ._table import Op, Policy, read_table


class _LeftOut:
    """The default of every field, as help() shows it: what the engine takes then, each field's text says."""

    def __repr__(self) -> str:
        return "..."


def _more_names(op: Op) -> List[str]:
    return (["steps"] if op.holds_steps else []) + (["size"] if op.takes_size else []) + ["p", "on", "when"]


def _signature(op: Op) -> inspect.Signature:
    names = [field.argument for field in op.fields] + _more_names(op)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([inspect.Parameter(name, keyword, default=_LeftOut()) for name in names])


_MOST_SIZES = 1024


def _sides(size: Any) -> Dict[str, Any]:
    """Width and height of one size."""
    if isinstance(size, (tuple, list)):
        if len(size) != 2:
            raise TypeError(f"size is one number or (height, width), got {size!r}")
        return {"width": size[1], "height": size[0]}
    return {"width": size, "height": size}


def _sizes(size: Law) -> List[Any]:
    """All that a law may give for both sides at once."""
    if size.kind == "choice":
        return size.arguments
    low, high = size.arguments[0], size.arguments[-1]
    if size.kind != "int" or not all(isinstance(end, numbers.Integral) for end in (low, high)):
        raise TypeError(f"size is drawn once for both sides by integer() or choice(), got {size!r} (width and height take any law)")
    if not 0 < high - low + 1 <= _MOST_SIZES:
        raise ValueError(f"size must have from 1 to {_MOST_SIZES} values to draw from, got {size!r} (choice(range(low, high, step)) has fewer)")
    return list(range(low, high + 1))


def _of_one_size(op: Op, fields: Dict[str, Any], size: Law) -> Step:
    """A step whose width and height are drawn as one: each size is a step, and one of them runs."""
    outer = {name: fields.pop(name) for name in ("p", "when") if name in fields}
    place = written_at()
    steps: List[StepLike] = [Step(op.name, {**_sides(one), **fields}, None, place) for one in _sizes(size)]
    if size.weights is not None:
        outer["weights"] = size.weights
    return Step("one_of", outer, steps, place)


def _op_function(op: Op) -> Callable[..., Step]:
    written = {field.argument: field.name for field in op.fields}
    written.update({name: name for name in _more_names(op)})

    def make(*values: Any, **fields: Any) -> Step:
        if values:
            first = f": {op.name}({next(iter(written))}={values[0]!r})"
            raise TypeError(f"{op.name}() takes its fields by name" + (first if op.fields else ""))
        for name in fields:
            if name not in written:
                import difflib

                near = difflib.get_close_matches(name, written, 1)
                known = f"did you mean {near[0]}?" if near else f"it has {', '.join(written)}"
                raise TypeError(f"{op.name}() has no field {name} ({known})")
        sized = op.takes_size and "size" in fields
        if sized and ("width" in fields or "height" in fields):
            raise TypeError("size stands for width and height, give it or them")
        size = fields.pop("size") if sized else None
        steps = fields.pop("steps", None) if op.holds_steps else None
        fields = {written.get(name, name): value for name, value in fields.items()}
        if isinstance(size, Law):
            step = _of_one_size(op, fields, size)
        else:
            step = Step(op.name, {**(_sides(size) if sized else {}), **fields}, steps, written_at())
        parse(RecipeText([step], {"leaven": 1}))
        return step

    make.__signature__ = _signature(op)  # type: ignore[attr-defined]
    return _named(make, op)


def _policy_function(policy: Policy) -> Callable[..., Step]:
    def make(**fields: Any) -> Step:
        step = Step(policy.name, fields, None, written_at())
        parse(RecipeText([step], {"leaven": 1}))
        return step

    return _named(make, policy)


def _named(make: Callable[..., Step], entry: Union[Op, Policy]) -> Callable[..., Step]:
    make.__name__ = make.__qualname__ = entry.name
    make.__module__ = "leaven"
    make.__doc__ = entry.docstring()
    return make


OPS, POLICIES = read_table(_core.schema())
FUNCTIONS: Dict[str, Callable[..., Step]] = {name: _op_function(op) for name, op in OPS.items()}
FUNCTIONS.update({name: _policy_function(policy) for name, policy in POLICIES.items()})

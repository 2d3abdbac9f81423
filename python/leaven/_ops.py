"""One function for each op and policy of the table. Imported when the first of them is asked for, not before."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, Union

from . import _core
from ._steps import RecipeText, Step, parse, written_at
from ._table import Op, Policy, read_table


class _LeftOut:
    """The default of every field, as help() shows it: what the engine takes then, each field's text says."""

    def __repr__(self) -> str:
        return "..."


def _signature(op: Op) -> inspect.Signature:
    names = [field.argument for field in op.fields] + (["size"] if op.takes_size else []) + ["p", "on", "when"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([inspect.Parameter(name, keyword, default=_LeftOut()) for name in names])


def _split_size(fields: Dict[str, Any]) -> Dict[str, Any]:
    size = fields.pop("size")
    if "width" in fields or "height" in fields:
        raise TypeError("size stands for width and height, give it or them")
    if isinstance(size, (tuple, list)):
        if len(size) != 2:
            raise TypeError(f"size is one number or (height, width), got {size!r}")
        return {"width": size[1], "height": size[0], **fields}
    return {"width": size, "height": size, **fields}


def _op_function(op: Op) -> Callable[..., Step]:
    written = {field.argument: field.name for field in op.fields}
    written.update({name: name for name in ("p", "on", "when", *(["size"] if op.takes_size else []))})

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
        if "size" in fields and op.takes_size:
            fields = _split_size(fields)
        step = Step(op.name, {written.get(name, name): value for name, value in fields.items()}, None, written_at())
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

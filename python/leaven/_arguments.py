"""What the arguments of calls must be, in words: the engine's own would be signatures of C++."""

from __future__ import annotations

import operator
from typing import Any, Callable, Dict

import numpy as np

_MOST_EPOCH, _MOST_COPY, _MOST_INT = 2**63 - 1, 2**32 - 1, 2**31 - 1


def shown(value: Any) -> str:
    """What an error says that it got."""
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"


def _whole(name: str, value: Any, most: int) -> None:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {shown(value)}") from None
    if not 0 <= number <= most:
        raise ValueError(f"{name} must be {'at least 0' if number < 0 else f'at most {most}'}, got {number}")


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, got {shown(value)}")


def _truth(name: str, value: Any) -> None:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {shown(value)}")


def _several(name: str, value: Any) -> None:
    if not hasattr(value, "__iter__"):
        raise TypeError(f"{name} must be a list, got {shown(value)}")


_RULES: Dict[str, Callable[[str, Any], None]] = {
    **dict.fromkeys(("epoch", "seed", "calls", "limit"), lambda name, value: _whole(name, value, _MOST_EPOCH)),
    **dict.fromkeys(("batch_size", "threads", "epochs", "ahead", "rank", "world", "times", "classes"), lambda name, value: _whole(name, value, _MOST_INT)),
    **dict.fromkeys(("copy", "copies"), lambda name, value: _whole(name, value, _MOST_COPY)),
    **dict.fromkeys(("label", "text", "line", "name", "split", "target", "path_column", "label_column", "split_column"), _text),
    **dict.fromkeys(("alpha", "bounded", "original", "shuffle", "drop_last", "rgb", "instance_masks", "resume", "overwrite"), _truth),
    **dict.fromkeys(("images", "keys", "labels", "names", "keypoint_names"), _several),
}


_MAY_BE_NONE = frozenset(("alpha", "epoch", "epochs", "keypoint_names", "keys", "labels", "seed", "split", "target", "times"))


def check(**given: Any) -> None:
    """Throws TypeError or ValueError for the first that is not what its name asks for."""
    for name, value in given.items():
        if value is not None or name not in _MAY_BE_NONE:
            _RULES[name](name, value)

"""What calls are named by that were given no key, and what they are told that were given something else."""

from __future__ import annotations

import operator
import os
import sys
from typing import Any, Optional, Sequence

_started_in = os.getpid()
_known: Optional[str] = None


def _forget() -> None:
    global _known
    _known = None


if hasattr(os, "register_at_fork"):  # asked once a process: the question costs a call of the system
    os.register_at_fork(after_in_child=_forget)


def worker() -> str:
    """Empty in the main process, else what tells this worker from all others, those of earlier epochs too."""
    global _known
    if _known is None:
        _known = _find(os.getpid())
    return _known


def _find(pid: int) -> str:
    data = sys.modules.get("torch.utils.data")
    info = data.get_worker_info() if data is not None else None
    if info is not None:
        return f"torch worker {info.seed}"  # a new one each epoch, from torch's own generator
    processes = sys.modules.get("multiprocessing.process")
    identity = processes.current_process()._identity if processes is not None else ()
    if identity:
        return "process " + "-".join(map(str, identity))
    return "" if pid == _started_in else f"fork {pid}"


def key_text(key: Any) -> str:
    """The text that a key draws by: texts, paths and bytes (UTF-8) as they are, numbers of any library by their value. TypeError for
    what else there is: its text may be a place in memory."""
    if type(key) is str:
        return key
    if isinstance(key, (str, os.PathLike)):
        return str(key)
    if isinstance(key, bytes):
        return key.decode()
    try:
        return str(operator.index(key))
    except TypeError:
        value = key.item() if hasattr(key, "item") and getattr(key, "ndim", 0) == 0 else key
    if isinstance(value, (str, float)):
        return str(value)
    raise TypeError(f"a key must be a text or a number, got a {type(key).__name__} (write str(key) where its text is always the same)")


_CALLS_FROM = 1 << 60  # above every epoch that somebody counts to


def call_number(core: Any) -> int:
    """Of a call without a key, where a number is asked for: no two workers have the same, and no epoch that is given is one."""
    import hashlib  # here: what calls seldom need costs every import milliseconds

    name = worker()
    place = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=3).digest(), "big") if name else 0
    return _CALLS_FROM + core.next_call() + (place << 32)


def numbered(error: ValueError, names: Sequence[str]) -> ValueError:
    """The error with a picture's number for the name that it was given, where it had none of its own."""
    for number, name in enumerate(names):
        if f"{name}: " in str(error):
            return ValueError(str(error).replace(f"{name}: ", f"images[{number}]: ", 1))
    return error


def no_argument(name: str) -> str:
    """A name that other libraries have for what is called otherwise here."""
    others = {"bboxes": "boxes", "bbox": "boxes", "class_labels": "labels", "img": "image", "seed": "key"}
    near = others.get(name)
    return f"a recipe's call has no argument {name}" + (f" (did you mean {near}?)" if near else "")

"""Names for calls that were given no key."""

from __future__ import annotations

import os
import sys
from typing import Tuple

_started_in = os.getpid()
_known: Tuple[int, str] = (0, "")


def worker() -> str:
    """Empty in the main process, else what tells this worker from all others, those of earlier epochs too."""
    global _known
    pid = os.getpid()
    if _known[0] != pid:
        _known = (pid, _find(pid))
    return _known[1]


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

"""Calls of the engine that take long: Ctrl-C ends them, and progress can be watched."""

from __future__ import annotations

import threading
from typing import Any, Callable

from . import _core

_LOOK_EVERY = 0.1  # seconds


def run(call: Callable[[_core.Progress], Any], watch: Callable[[int, int], None] = lambda done, total: None) -> Any:
    """call(progress) on a thread of its own, so that this one can hear signals. An exception of this thread (Ctrl-C's
    KeyboardInterrupt, or one of `watch`) asks the call to stop, waits until it has, and goes on."""
    progress = _core.Progress()
    outcome: dict = {}

    def work() -> None:
        try:
            outcome["result"] = call(progress)
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=work, name="leaven", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_LOOK_EVERY)
            watch(progress.done, progress.total)
    except BaseException:
        progress.stop = True
        thread.join()
        raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]

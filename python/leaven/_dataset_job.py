"""A dataset in, a larger one out: in this process, or by the program leaven where the recipe has models to fit first."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Optional

from . import _core
from ._long_call import run


def run_job(
    core: _core.Recipe,
    source: str,
    out: str,
    *,
    times: Optional[int],
    threads: int,
    resume: bool = False,
    overwrite: bool = False,
    watch: Callable[[int, int], None],
) -> Dict[str, Any]:
    """What the run did: sources, outputs, set_aside, too_many_broken, report. `watch` is called now and then."""
    yaml = core.yaml()
    if re.search(r"^generate:", yaml, re.MULTILINE) is None:
        return run(lambda state: _core.augment(core, source, out, times, threads, resume, overwrite, state), watch)
    from ._program import augmented  # here: it uses tables, whose jobs are run here

    done = augmented(yaml, source, out, times=times, threads=threads or None, resume=resume, overwrite=overwrite)
    return {name: done[name] for name in ("sources", "outputs", "set_aside", "too_many_broken", "report")}

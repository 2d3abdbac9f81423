"""Folder in, larger folder out."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, Dict, NamedTuple, Optional, Union

from . import _core
from ._long_call import run
from ._recipe import Recipe, missing_file


class Augmented(NamedTuple):
    """What a run of augment() did."""

    sources: int
    outputs: int
    set_aside: Dict[str, int]  # samples that were left out, by reason
    too_many_broken: bool  # more than the recipe's max_bad
    report: str  # leaven.report.html


def augment(
    source: Union[str, os.PathLike],
    out: Union[str, os.PathLike],
    recipe: Optional[Recipe] = None,
    *,
    times: int = 4,
    threads: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> Augmented:
    """Makes a larger dataset of the one in `source`, in the same layout, with its lineage and a report.

    recipe: the preset light when left out
    times: copies of each sample besides the original
    threads: 0 for all cores
    resume: go on with a run that was interrupted
    progress: a bar, where tqdm is installed
    """
    core = (Recipe.preset("light") if recipe is None else recipe)._core
    arguments = (os.fspath(source), os.fspath(out), times, threads, resume, overwrite)
    bar = _Bar(progress)
    try:
        return Augmented(**run(lambda state: _core.augment(core, *arguments, state), bar.show))
    except ValueError as error:
        raise missing_file(error, source) from None
    finally:
        bar.close()


class _Bar:
    """tqdm's bar, or nothing where it is not installed."""

    def __init__(self, wanted: bool):
        self._wanted = wanted and importlib.util.find_spec("tqdm") is not None
        self._bar: Any = None

    def show(self, done: int, total: int) -> None:
        if not self._wanted or not total:
            return
        if self._bar is None:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total, unit="img", desc="leaven")
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

"""Folder in, larger folder out."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple, Union

from . import _core
from ._arguments import check
from ._dataset_job import run_job
from ._recipe import Recipe, missing_file, required
from ._tables import Kind, augmented, changed, is_table


class Augmented(NamedTuple):
    """What a run of augment() did."""

    sources: int
    outputs: int
    set_aside: Dict[str, int]  # samples that were left out, by reason
    too_many_broken: bool  # more than the recipe's max_bad
    report: str  # leaven.report.html; "" where there is none, beside pictures in Parquet and Arrow files


def augment(
    source: Any,
    out: Union[str, os.PathLike, None] = None,
    recipe: Optional[Recipe] = None,
    *,
    times: Optional[int] = 4,
    target: Optional[str] = None,
    image: Optional[str] = None,
    key: Optional[str] = None,
    label: Optional[str] = None,
    threads: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> Any:
    """Makes a larger dataset of the one in `source`, in the same layout, with its lineage and a report.

    source: a folder, a file, or a data frame: then the larger one comes back, and there is no `out`
    recipe: the preset light when left out; table for tables, series for time series
    times: copies of each sample besides the original; None: as many as the recipe says (`augment:`, `balance:`)
    target: of a table, the column to predict
    image, key, label: of Parquet and Arrow files, the columns of pictures, of names of rows, of classes; found by their usual names
        when left out
    threads: 0 for all cores
    resume: go on with a run that was interrupted
    progress: a bar, where tqdm is installed

    Parquet and Arrow files (and folders of them) become such files again, through pyarrow: with a column of pictures as
    Hugging Face writes them, or as tables.
    """
    check(times=times, target=target, threads=threads, resume=resume, overwrite=overwrite)
    if recipe is not None:
        required(recipe)
    bar = _Bar(progress)
    try:
        columns = (image, key, label)
        if is_table(source):
            if any(columns):
                raise ValueError("image=, key= and label= name columns of files with pictures (recipe.arrow(image=…) takes data frames)")
            kind = Kind(source)
            return kind.give(augmented(recipe or Recipe.preset("table"), kind.arrow, times=times, target=target, threads=threads, watch=bar.show))
        if out is None and not isinstance(source, (str, os.PathLike)):
            raise TypeError(f"a folder, a file or a data frame is needed, got {type(source).__name__}" + (" (collect() it first)" if hasattr(source, "collect") else ""))
        if out is None:
            raise TypeError("out is missing: the folder to write")
        return _of_files(os.fspath(source), os.fspath(out), recipe, times, target, columns, threads, resume, overwrite, bar.show)
    except ValueError as error:
        placed = error if recipe is None else recipe._placed(error)
        raise (placed if is_table(source) else missing_file(placed, source)) from None
    finally:
        bar.close()


def usual_preset(source: str, image: Optional[str] = None) -> str:
    """The preset for what `source` holds, where nobody names a recipe. `image`: of Parquet and Arrow files, the column of pictures."""
    from . import _columnar  # here: only Parquet and Arrow need it

    files = _columnar.files_in(source)
    if files:
        return "light" if _columnar.of_pictures(files, _columnar.Choice(image)) else "table"
    return _core.usual_preset(source)


def _of_files(
    source: str,
    out: str,
    recipe: Optional[Recipe],
    times: Optional[int],
    target: Optional[str],
    columns: Tuple[Optional[str], Optional[str], Optional[str]],
    threads: int,
    resume: bool,
    overwrite: bool,
    watch: Callable[[int, int], None],
) -> Augmented:
    from . import _columnar

    recipe = recipe or Recipe.preset(usual_preset(source, columns[0]))
    files = _columnar.files_in(source)
    if files:
        made = _columnar.augment(
            files,
            source,
            out,
            recipe,
            times=times,
            target=target,
            choice=_columnar.Choice(*columns),
            threads=threads,
            resume=resume,
            overwrite=overwrite,
            watch=watch,
        )
        return Augmented(*made)
    if any(columns):
        raise ValueError(f"image=, key= and label= name columns of Parquet and Arrow files, and {source} holds none")
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        core = changed(recipe, {} if target is None else {"schema": {"target": target}}, folder)
    return Augmented(**run_job(core, source, out, times=times, threads=threads, resume=resume, overwrite=overwrite, watch=watch))


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

            self._bar = tqdm(total=total, unit=" samples", desc="leaven")
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

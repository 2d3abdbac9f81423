"""Tables of numbers and words: data frames in, data frames out, through the engine's job for tables."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from typing import Any, Callable, Dict, List, Mapping, Optional

from . import _core
from ._dataset_job import run_job

_NAME = "table.jsonl"
_SET_ASIDE = "leaven.set_aside.jsonl"
# What a run leaves behind for serving.
LEARNT = ("leaven.recipe.yaml", "leaven.job.json", "leaven.fitted.json")


def is_table(value: Any) -> bool:
    """A data frame of pandas or Polars, a table of pyarrow, or whatever else streams Arrow."""
    return hasattr(value, "__arrow_c_stream__") or _is_pandas(value)


def _is_pandas(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def arrow():
    """pyarrow, which tables go through."""
    try:
        import pyarrow
    except ImportError:
        raise ImportError("tables go through pyarrow, which is not installed: pip install pyarrow") from None
    return pyarrow


class Kind:
    """A table as Arrow, and the way back to its own kind."""

    def __init__(self, table: Any):
        pa = arrow()
        self._module = type(table).__module__.partition(".")[0]
        self._index = self._names = None
        if _is_pandas(table):
            self._index, self._names = table.index, table.columns
            self.arrow = pa.Table.from_pandas(table, preserve_index=False)
        elif self._module == "polars":
            import polars

            # Without the newest types of texts, which few of Arrow's functions know.
            self.arrow = table.to_arrow(compat_level=polars.CompatLevel.oldest())
        elif isinstance(table, pa.RecordBatch):
            self.arrow = pa.Table.from_batches([table])
        elif isinstance(table, pa.Table):
            self.arrow = table
        else:
            self.arrow = pa.RecordBatchReader.from_stream(table).read_all()

    def without_rows(self) -> "Kind":
        """The same kind and columns, but of no rows, so that it holds no data: for tables that are made anew."""
        self.arrow = self.arrow.slice(0, 0)
        if self._index is not None:
            self._index = self._index[:0]
        return self

    def give(self, made: Any) -> Any:
        if self._module == "pandas":
            frame = _frame(made, self.arrow)
            # A row for each keeps its place; the columns that came keep what they were called, which Arrow has as text alone.
            if len(frame) == len(self._index):
                frame.index = self._index
            if list(frame.columns) == self.arrow.column_names:
                frame.columns = self._names
            return frame
        if self._module == "polars":
            import polars

            return polars.from_arrow(made)
        return made


def _frame(made: Any, before: Any) -> Any:
    """As pandas. Whole numbers that got a gap become its Int64: as doubles, those above 2^53 would be others."""
    import pandas

    pa = arrow()
    frame = made.to_pandas()
    for name in before.column_names:
        column = made.column(name) if name in made.column_names else None
        if column is None or not pa.types.is_integer(column.type) or not column.null_count or before.column(name).null_count:
            continue
        whole = pandas.UInt64Dtype() if column.type == pa.uint64() else pandas.Int64Dtype()
        frame[name] = column.to_pandas(types_mapper=lambda _, whole=whole: whole)
    return frame


def augmented(
    recipe: Any,
    table: Any,
    *,
    times: Optional[int],
    target: Optional[str] = None,
    seed: Optional[int] = None,
    epoch: Optional[int] = None,
    originals: bool = True,
    threads: int = 0,
    watch: Callable[[int, int], None] = lambda done, total: None,
    name: str = _NAME,
    keep: Optional[Dict[str, bytes]] = None,
) -> Any:
    """The pyarrow table made longer by the recipe. `name` is the table's in lineage; the keys of `keep` name files of the run,
    whose contents it takes."""
    from ._table_text import read_lines, write_lines

    if not table.num_rows or not table.num_columns:
        return table
    changes: Dict[str, Any] = {}
    if seed is not None:
        changes["seed"] = seed
    if epoch is not None:
        changes["epoch"] = epoch
    if target is not None:
        if table.schema.get_field_index(target) < 0:
            raise ValueError(f"there is no column {target}, only {', '.join(table.schema.names)}")
        changes["schema"] = {"target": target}
    if not originals:
        changes["augment"] = {"originals": "none"}
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            write_lines(table.to_batches(), file)
        core = changed(recipe, changes, folder)
        out = os.path.join(folder, "out")
        run_job(core, os.path.join(folder, name), out, times=times, threads=threads, watch=watch)
        made = os.path.join(out, name)
        if not os.path.exists(made):
            raise ValueError("a recipe with split: makes several tables: augment a file, or split before")
        if _SET_ASIDE not in (keep or {}):
            _tell(os.path.join(out, _SET_ASIDE))
        for one in keep or {}:
            with open(os.path.join(out, one), "rb") as file:
                keep[one] = file.read()
        if not os.path.getsize(made):
            return table.slice(0, 0)
        result = _in_order(read_lines(made, table.schema), table.schema.names)
        return _nans_kept(result, table, lambda: _sources(os.path.join(out, "leaven.lineage.jsonl")))


def unmet(set_aside: str) -> List[str]:
    """Why rows that were asked for could not be made, a reason for each, from a run's file of what was set aside."""
    return [line["reason"] for line in _lines(set_aside) if line["kind"] == "violates" and "source" in line]


def _tell(set_aside: str) -> None:
    """Who asks for so many rows gets so many, or an error; rows of theirs that are left out unasked are warned of."""
    missing = unmet(set_aside)
    if missing:
        raise ValueError(f"{len(missing)} rows that were asked for could not be made: {missing[0]}")
    left_out = [line["reason"] for line in _lines(set_aside) if line["kind"] in ("broken", "violates")]
    if left_out:
        warnings.warn(f"{len(left_out)} rows were left out: {left_out[0]}", stacklevel=4)


def _lines(file: str) -> List[Dict[str, Any]]:
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _sources(lineage: str) -> List[int]:
    """Of which row of the source each row was made first."""
    return [int(line["source"].rpartition("#")[2]) for line in _lines(lineage)]


def _nans_kept(made: Any, table: Any, sources: Callable[[], List[int]]) -> Any:
    """NaN is no null where Arrow tells them apart: what is still missing in a row whose source says NaN is NaN again."""
    pa = arrow()
    import pyarrow.compute as pc

    rows = None
    for field in table.schema:
        if not pa.types.is_floating(field.type) or field.name not in made.column_names or not pc.any(pc.is_nan(table.column(field.name))).as_py():
            continue
        rows = pa.array(sources()) if rows is None else rows
        was_nan = pc.fill_null(pc.is_nan(table.column(field.name)), False).combine_chunks().take(rows)
        column = made.column(field.name).combine_chunks()
        column = pc.if_else(pc.and_(pc.is_null(column), was_nan), pa.scalar(float("nan"), column.type), column)
        made = made.set_column(made.column_names.index(field.name), field.name, column)
    return made


def changed(recipe: Any, changes: Mapping[str, Any], folder: str) -> _core.Recipe:
    """The recipe with other stages."""
    if not changes:
        return recipe._core
    base, over = os.path.join(folder, "base.yaml"), os.path.join(folder, "over.json")
    with open(base, "w", encoding="utf-8") as file:
        file.write(recipe.yaml)
    with open(over, "w", encoding="utf-8") as file:
        json.dump({"leaven": 1, "extends": base, **changes}, file)
    return _core.Recipe.from_file(over)


def prepared(learnt: Mapping[str, bytes], table: Any, back: bool) -> Any:
    """A pyarrow table through the `prepare:` steps of a run that learnt this, or back again."""
    from ._table_text import read_lines, write_lines

    if not table.num_rows:
        return table
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        for name, content in learnt.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        before, after = os.path.join(folder, _NAME), os.path.join(folder, "made.jsonl")
        with open(before, "w", encoding="utf-8") as file:
            write_lines(table.to_batches(), file)
        _core.prepare_table(folder, before, after, back)
        return _in_order(read_lines(after, table.schema), table.schema.names)


def _in_order(table: Any, names: Any) -> Any:
    """Columns in their first order, then those that are new."""
    return table.select([name for name in names if name in table.column_names] + [n for n in table.column_names if n not in names])

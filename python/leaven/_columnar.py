"""Parquet and Arrow files in, larger ones out: pictures in a column as Hugging Face writes them, or tables of numbers.

Rows of pictures are read, made and written a few at a time; tables of numbers are held as a whole.
"""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import _tables
from ._arrow import Columns, holds_pictures, made_files

_ROWS = 256  # at once
_PARQUET, _ARROW = "parquet", "arrow"
_ENDINGS = {".parquet": _PARQUET, ".arrow": _ARROW, ".feather": _ARROW}


def files_in(source: str) -> List[pathlib.Path]:
    """The Parquet and Arrow files that `source` is, or holds as Hugging Face lays them out; none where it is something else."""
    path = pathlib.Path(source)
    if path.is_dir():
        found = [file for folder in (path, path / "data") if folder.is_dir() for file in folder.iterdir()]
        return sorted(file for file in found if file.suffix in _ENDINGS and file.is_file())
    return [path] if path.is_file() and kind_of(path) else []


def of_pictures(files: List[pathlib.Path]) -> bool:
    return any(holds_pictures(_Table(file).schema) for file in files)


def kind_of(path: pathlib.Path) -> Optional[str]:
    """Told by the file's first bytes; Arrow's streams have none of their own, so they go by their ending."""
    with open(path, "rb") as file:
        head = file.read(6)
    if head[:4] == b"PAR1":
        return _PARQUET
    if head == b"ARROW1" or (path.suffix in _ENDINGS and head[:4] == b"\xff\xff\xff\xff"):
        return _ARROW
    return None


class _Table:
    """A file of rows, batch by batch."""

    def __init__(self, path: pathlib.Path):
        _tables.arrow()
        self.path, self.kind = path, kind_of(path)
        if self.kind is None:
            raise ValueError(f"{path}: is neither Parquet nor Arrow, whatever its name says")
        try:
            self._open()
        except (ValueError, OSError) as error:  # pyarrow's errors are these
            raise ValueError(f"{path}: {str(error).rstrip('.')}") from None

    def _open(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet

        if self.kind == _PARQUET:
            self._file = pa.parquet.ParquetFile(self.path)
            self.schema, self.rows = self._file.schema_arrow, self._file.metadata.num_rows
            return
        self._map = pa.memory_map(str(self.path))
        with open(self.path, "rb") as file:
            self.streams = file.read(6) != b"ARROW1"
        reader = pa.ipc.open_stream(self._map) if self.streams else pa.ipc.open_file(self._map)
        self.schema = reader.schema
        self._batches = list(reader) if self.streams else [reader.get_batch(n) for n in range(reader.num_record_batches)]
        self.rows = sum(batch.num_rows for batch in self._batches)

    def batches(self) -> Iterator[Any]:
        if self.kind == _PARQUET:
            yield from self._file.iter_batches(_ROWS)
            return
        for batch in self._batches:
            for first in range(0, batch.num_rows, _ROWS):
                yield batch.slice(first, _ROWS)

    def read(self) -> Any:
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(), self.schema)

    def writer(self, path: pathlib.Path, schema: Any) -> Any:
        """For a file of the same kind: write_batch(), write_table() and close()."""
        import pyarrow as pa
        import pyarrow.parquet

        if self.kind == _PARQUET:
            groups = self._file.metadata.num_row_groups and self._file.metadata.num_columns
            packed = self._file.metadata.row_group(0).column(0).compression if groups else "SNAPPY"
            return pa.parquet.ParquetWriter(path, schema, compression="NONE" if packed == "UNCOMPRESSED" else packed)
        return pa.ipc.new_stream(path, schema) if self.streams else pa.ipc.new_file(path, schema)


class Made(NamedTuple):
    sources: int
    outputs: int
    set_aside: Dict[str, int]


def augment(
    files: List[pathlib.Path],
    source: str,
    out: str,
    recipe: Any,
    *,
    times: Optional[int],
    target: Optional[str],
    threads: int,
    resume: bool,
    overwrite: bool,
    watch: Callable[[int, int], None],
) -> Made:
    """Each file again in `out`, with its rows and their copies. A file is there whole or not at all: resuming makes those
    that are missing. Rows that cannot be decoded stand in leaven.set_aside.jsonl."""
    if recipe._core.mixes() or times is None:
        if of_pictures(files):
            raise ValueError(
                "pictures in Parquet and Arrow files are made row by row: say times=, and mix them in batches or from a folder"
            )
    root, folder = pathlib.Path(source), pathlib.Path(out)
    prepare(folder, resume, overwrite)
    tables = [_Table(file) for file in files]
    total = sum(table.rows for table in tables)
    sources = outputs = 0
    aside: List[Dict[str, str]] = []
    for table in tables:
        to = folder / (table.path.relative_to(root) if root.is_dir() else table.path.name)
        to.parent.mkdir(parents=True, exist_ok=True)
        sources += table.rows
        if to.exists():
            outputs += _Table(to).rows
            continue
        part = to.with_name(f".{to.name}.leaven-tmp")
        if holds_pictures(table.schema):
            done = sources - table.rows
            made, broken = _pictures(table, part, recipe, times or 0, threads, lambda rows: watch(done + rows, total))
        else:
            rows = _tables.augmented(recipe, table.read(), times=times, target=target, threads=threads)
            with table.writer(part, rows.schema) as writer:
                writer.write_table(rows)
            made, broken = rows.num_rows, []
        os.replace(part, to)
        outputs += made
        aside += broken
        if broken:
            with open(folder / "leaven.set_aside.jsonl", "a", encoding="utf-8") as file:
                file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in broken)
        watch(sources, total)
    return Made(sources, outputs, {"broken": len(aside)} if aside else {})


def prepare(folder: pathlib.Path, resume: bool, overwrite: bool) -> None:
    """An empty folder, or that of a run to go on with."""
    folder.mkdir(parents=True, exist_ok=True)
    for half in folder.rglob(".*.leaven-tmp"):
        half.unlink()
    there = [file for file in folder.rglob("*") if file.is_file()]
    if overwrite:
        for file in there:
            if file.suffix in _ENDINGS or file.name == "leaven.set_aside.jsonl":
                file.unlink()
    elif there and not resume:
        raise ValueError(f"{folder}: is not empty (resume=True goes on with what is there, overwrite=True makes it anew)")


def _pictures(
    table: _Table, path: pathlib.Path, recipe: Any, times: int, threads: int, watch: Callable[[int], None]
) -> Tuple[int, List[Dict[str, str]]]:
    """Every row, followed by its copies, named as `leaven augment` names files."""
    import pyarrow as pa

    columns = Columns(table.schema, None, None, None)
    rows = made = 0
    broken: List[Dict[str, str]] = []
    with table.writer(path, table.schema) as writer:
        for batch in table.batches():
            copies = [made_files(recipe, batch, columns, 0, copy, threads) for copy in range(1, times + 1)]
            lost = {number: reason for files in copies for number, reason in files.broken.items()}
            broken += [{"id": columns.keys_of(batch)[n], "kind": "broken", "reason": reason} for n, reason in sorted(lost.items())]
            parts = [batch, *(columns.replaced(batch, files.files, copy) for copy, files in enumerate(copies, 1))]
            kept = [number for number in range(batch.num_rows) if number not in lost]
            order = [copy * batch.num_rows + number for number in kept for copy in range(times + 1)]
            whole = pa.Table.from_batches(parts, table.schema).take(pa.array(order, pa.int64()))
            writer.write_table(whole)
            rows += batch.num_rows
            made += len(order)
            watch(rows)
    return made, broken

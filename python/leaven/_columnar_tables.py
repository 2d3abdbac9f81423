"""Tables of numbers in Parquet and Arrow files: a file by itself, or the files of train, val and test as one table."""

from __future__ import annotations

import bisect
import json
import os
import re
import tempfile
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from . import _tables
from ._columnar_files import Table
from ._dataset_job import run_job

LINEAGE, SET_ASIDE, REPORT = "leaven.lineage.jsonl", "leaven.set_aside.jsonl", "leaven.report.html"


class MadeTable(NamedTuple):
    """A file's rows and their copies, with its lines for what lies beside."""

    rows: Any
    lineage: str
    set_aside: str


def alone(recipe: Any, table: Table, name: str, times: Optional[int], target: Optional[str], threads: int) -> Tuple[MadeTable, str]:
    """Through the engine's job for tables, which has rows as lines of JSON; and its report."""
    inner = f"{table.path.name}.jsonl"
    beside = dict.fromkeys((LINEAGE, SET_ASIDE, REPORT), b"")
    rows = _tables.augmented(recipe, table.read(), times=times, target=target, threads=threads, name=inner, keep=beside)
    lineage, aside = (beside[one].decode("utf-8").replace(f'"{inner}#', f'"{name}#') for one in (LINEAGE, SET_ASIDE))
    return MadeTable(rows, lineage, aside), beside[REPORT].decode("utf-8")


def together(
    recipe: Any,
    tables: List[Table],
    names: List[str],
    splits: List[str],
    times: Optional[int],
    target: Optional[str],
    threads: int,
    watch: Callable[[int, int], None],
) -> Tuple[List[MadeTable], str]:
    """The files as parts of one table, which learns from those of train alone; and its report. New rows that have no row of
    their own stand in the file of their first parent."""
    from ._table_text import read_lines, write_lines

    order = [n for split in ("train", "val", "test") for n in range(len(tables)) if splits[n] == split]
    starts, rows = [], 0
    for n in order:
        starts.append(rows)
        rows += tables[n].rows

    def place_of(row: int) -> Tuple[int, int]:
        """A row of the whole table: its file, and its number there."""
        at = bisect.bisect_right(starts, row) - 1
        return order[at], row - starts[at]

    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        source, out = os.path.join(folder, "in"), os.path.join(folder, "out")
        os.mkdir(source)
        for n in order:
            with open(os.path.join(source, f"{splits[n]}.jsonl"), "a", encoding="utf-8") as file:
                write_lines(tables[n].read().to_batches(), file)
        core = _tables.changed(recipe, {} if target is None else {"schema": {"target": target}}, folder)
        run_job(core, source, out, times=times, threads=threads, watch=watch)

        def renamed(text: str) -> str:
            def file_and_row(found: Any) -> str:
                n, row = place_of(int(found[1]))
                return f'"{names[n]}#{row}'

            return re.sub(r'"in#(\d+)', file_and_row, text)

        lines: List[List[str]] = [[] for _ in tables]
        places: List[List[int]] = [[] for _ in tables]
        asides = ["" for _ in tables]
        with open(os.path.join(out, LINEAGE), encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                n, _ = place_of(int(record["source"].rpartition("#")[2]))
                line = line.replace(json.dumps(record["id"]), f'"{names[n]}#{len(lines[n])}"', 1)
                lines[n].append(renamed(line))
                places[n].append(int(record["id"].rpartition("#")[2]))
        with open(os.path.join(out, SET_ASIDE), encoding="utf-8") as file:
            for line in file:
                found = re.search(r'"in#(\d+)', line)
                asides[place_of(int(found[1]))[0] if found else order[0]] += renamed(line)
        made: Dict[str, Any] = {}
        parts = []
        for n, table in enumerate(tables):
            inner = os.path.join(out, f"{splits[n]}.jsonl")
            if splits[n] not in made:
                made[splits[n]] = read_lines(inner, table.schema) if os.path.getsize(inner) else table.read().slice(0, 0)
            rows_of_split = made[splits[n]]
            columns = [name for name in table.schema.names if name in rows_of_split.column_names]
            columns += [name for name in rows_of_split.column_names if name not in columns]
            parts.append(MadeTable(rows_of_split.select(columns).take(places[n]), "".join(lines[n]), asides[n]))
        with open(os.path.join(out, REPORT), encoding="utf-8") as file:
            return parts, file.read()

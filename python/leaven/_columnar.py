"""Parquet and Arrow files in, larger ones out: pictures in a column as Hugging Face writes them, or tables of numbers.

Rows of pictures are read, made and written a few at a time; tables of numbers are held as a whole.
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import json
import os
import pathlib
import re
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from . import _core
from ._arrow import Columns, files_of, labels_of, made_files, rows_of
from ._columnar_files import Choice, Table, described_again, files_in, of_pictures, splits_of
from ._columnar_tables import LINEAGE, REPORT, SET_ASIDE, MadeTable, alone, together

__all__ = ["Choice", "Made", "augment", "files_in", "of_pictures"]


class Made(NamedTuple):
    sources: int
    outputs: int
    set_aside: Dict[str, int]
    report: str


def augment(
    files: List[pathlib.Path],
    source: str,
    out: str,
    recipe: Any,
    *,
    times: Optional[int],
    target: Optional[str],
    choice: Choice,
    threads: int,
    resume: bool,
    overwrite: bool,
    watch: Callable[[int, int], None],
) -> Made:
    """Each file again in `out`, with its rows and their copies, and what Leaven writes beside; only train grows where there are
    splits. A file is there whole or not at all: resuming makes those that are missing. Rows that cannot be decoded, and those
    that `clean:` finds, stand in leaven.set_aside.jsonl."""
    root, folder = pathlib.Path(source), pathlib.Path(out)
    _require_apart(root, folder)
    pictured = of_pictures(files, choice)
    if not pictured and any(choice):
        raise ValueError(f"image=, key= and label= name columns of tables with pictures, and {source} has none of them")
    if pictured:
        times, choice = _times_of(recipe, times), choice.of_recipe(recipe)
    names = [file.relative_to(root) if root.is_dir() else pathlib.Path(file.name) for file in files]
    order = {
        "recipe": hashlib.blake2b(recipe.yaml.encode(), digest_size=16).hexdigest(),
        "times": times,
        "target": target,
        "columns": [*choice],
        # By their names inside the source, which may be spelt in another way, or lie elsewhere, when the run goes on.
        "source": {str(name): file.stat().st_size for name, file in zip(names, files)},
    }
    splits = splits_of(names)
    prepare(folder, order, names, resume, overwrite)
    tables = [Table(file) for file in files]
    total = sum(table.rows for table in tables)
    sources = outputs = 0
    beside = _Beside(folder, names)
    aside = _cleaned(tables, recipe, choice, threads, lambda: watch(0, total)) if pictured else {}
    whole: Optional[List[MadeTable]] = None  # of files that are the parts of one table
    if not pictured and len(set(splits)) > 1 and not all(beside.there(number) for number in range(len(files))):
        whole, page = together(recipe, tables, [name.as_posix() for name in names], splits, times, target, threads, watch)
        _write(folder / REPORT, page)
    for number, table in enumerate(tables):
        to = beside.output(number)
        to.parent.mkdir(parents=True, exist_ok=True)
        sources += table.rows
        if beside.there(number) and whole is None:
            outputs += Table(to).rows
            continue
        part = to.with_name(f".{to.name}.leaven-tmp")
        with beside.part(number) as tell:
            if choice.holds_pictures(table.schema):
                done = sources - table.rows
                copies = times or 0 if splits[number] == "train" else 0
                outputs += _pictures(
                    table, part, recipe, copies, choice, aside.get(number, {}), threads, tell, lambda rows: watch(done + rows, total)
                )
            elif whole is not None:
                outputs += _numbers(table, part, whole[number], tell)
            else:
                made, page = alone(recipe, table, names[number].as_posix(), times, target, threads)
                outputs += _numbers(table, part, made, tell)
                tell(REPORT, page)
        os.replace(part, to)
        watch(sources, total)
    _write(folder / "leaven.recipe.yaml", recipe.yaml)
    for told, text in described_again(root, names, recipe.yaml):
        _write(folder / told, text)
    set_aside = beside.complete()
    reports = sorted(folder.glob("leaven.report*.html"))
    return Made(sources, outputs, set_aside, str(reports[0]) if reports else "")


def _cleaned(tables: List[Table], recipe: Any, choice: Choice, threads: int, watch: Callable[[], None]) -> Dict[int, Dict[int, Any]]:
    """Of each table with pictures, by its number, the rows that the recipe's `clean:` sets aside."""
    from . import _columnar_clean  # here: few recipes ask for it

    asked = _columnar_clean.asked_in(recipe)
    if asked is None:
        return {}
    pictured = {n: (table, Columns(table.schema, *choice)) for n, table in enumerate(tables) if choice.holds_pictures(table.schema)}
    return dict(zip(pictured, _columnar_clean.found(list(pictured.values()), asked, threads, watch)))


_RECORD = "leaven.columnar.json"  # what was asked for, and the files that were made


def _write(path: pathlib.Path, text: str) -> None:
    """Whole or not at all."""
    half = path.with_name(f".{path.name}.leaven-tmp")
    half.write_text(text, encoding="utf-8")
    os.replace(half, path)


class _Beside:
    """What is written beside the files: lineage and what was set aside, for each file at first, joined in the end."""

    def __init__(self, folder: pathlib.Path, names: List[pathlib.Path]):
        self._folder, self._names = folder, names
        self._complete = (folder / LINEAGE).exists()

    def output(self, number: int) -> pathlib.Path:
        return self._folder / self._names[number]

    def _part(self, number: int, name: str) -> pathlib.Path:
        output = self.output(number)
        return output.with_name(f".{output.name}.{name}.leaven-part")

    def there(self, number: int) -> bool:
        """Whether a file is made, and its lineage there, beside it or joined."""
        return self.output(number).exists() and (self._complete or self._part(number, LINEAGE).exists())

    @contextlib.contextmanager
    def part(self, number: int) -> Iterator[Callable[[str, str], None]]:
        """Takes texts for leaven.lineage.jsonl and leaven.set_aside.jsonl, and whole pages."""
        half = {name: self._part(number, name).with_suffix(".leaven-tmp") for name in (LINEAGE, SET_ASIDE)}
        with open(half[LINEAGE], "w", encoding="utf-8") as lines, open(half[SET_ASIDE], "w", encoding="utf-8") as aside:

            def tell(name: str, text: str) -> None:
                if name == REPORT:
                    page = REPORT if len(self._names) == 1 else f"leaven.report.{self._names[number].stem}.html"
                    _write(self._folder / page, text)
                else:
                    {LINEAGE: lines, SET_ASIDE: aside}[name].write(text)

            yield tell
        for name in (SET_ASIDE, LINEAGE):
            os.replace(half[name], self._part(number, name))

    def complete(self) -> Dict[str, int]:
        """Joins the parts; how many rows were set aside, by reason. Files that were made again after a complete run have their lines."""
        for name in (SET_ASIDE, LINEAGE):
            parts = [part for part in (self._part(number, name) for number in range(len(self._names))) if part.exists()]
            whole, half = self._folder / name, self._folder / f".{name}.leaven-tmp"
            lines = whole.read_bytes().splitlines(keepends=True) if whole.exists() else []
            known = set(lines)
            with open(half, "wb") as joined:
                joined.writelines(lines)
                for part in parts:
                    with open(part, "rb") as more:
                        joined.writelines(line for line in more if line not in known)
            os.replace(half, whole)
            for part in parts:
                part.unlink()
        with open(self._folder / SET_ASIDE, encoding="utf-8") as file:
            return dict(sorted(collections.Counter(json.loads(line)["kind"] for line in file).items()))


def _require_apart(source: pathlib.Path, out: pathlib.Path) -> None:
    inside, whole = out.resolve(), (source if source.is_dir() else source.parent).resolve()
    if inside == whole or (source.is_dir() and whole in inside.parents):
        raise ValueError(f"the output must lie outside the input, and {out} does not: name a folder beside it")
    if inside in whole.parents:
        raise ValueError(f"the input must lie outside the output, and {source} lies inside {out}: name another folder")


def _times_of(recipe: Any, times: Optional[int]) -> int:
    """Copies of each row of pictures. What a recipe asks of whole datasets is refused."""
    if recipe._core.mixes():
        raise ValueError("pictures in Parquet and Arrow files are made row by row: mix them in batches, or augment a folder of them")
    stages = re.findall(r"^(\w+):", recipe.yaml, re.MULTILINE)
    asked = re.search(r"^augment:\n(?:  .*\n)*?  (times|total|per_class): (\d+)", recipe.yaml, re.MULTILINE)
    if "split" in stages:
        raise ValueError("split: is for whole datasets, and pictures in Parquet and Arrow files are made row by row: split them before")
    if times is not None:
        return times
    if asked and asked[1] != "times":
        raise ValueError(f"augment: {asked[1]} is for whole datasets, and pictures in Parquet and Arrow files are made row by row: say times=")
    return int(asked[2]) if asked else 4


def prepare(folder: pathlib.Path, order: Dict[str, Any], names: List[pathlib.Path], resume: bool, overwrite: bool) -> None:
    """An empty folder, or that of a run to go on with: only what runs wrote is taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    for half in folder.rglob(".*.leaven-tmp"):
        half.unlink()
    record = folder / _RECORD
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else None
    if before is None:
        if any(folder.iterdir()):
            raise ValueError(f"{folder}: is not empty, and leaven.augment() did not make what is in it: name a new folder")
    elif overwrite:
        for name in before["made"]:
            (folder / name).unlink(missing_ok=True)
        for file in [*folder.glob("leaven.*"), *folder.rglob(".*.leaven-part")]:
            file.unlink()
    elif not resume:
        raise ValueError(f"{folder}: is not empty (resume=True goes on with what is there, overwrite=True makes it anew)")
    else:
        for what, now in order.items():
            if before.get(what) != now:
                said = f": {what} was {before.get(what)}, is now {now}" if what in ("times", "target") else f": its {what} is another"
                raise ValueError(f"{folder}: holds another run{said} (overwrite=True starts anew)")
    _write(record, json.dumps({**order, "made": [str(name) for name in names]}, indent=2) + "\n")


def _pictures(
    table: Table,
    path: pathlib.Path,
    recipe: Any,
    times: int,
    choice: Choice,
    aside: Dict[int, Any],
    threads: int,
    tell: Callable[[str, str], None],
    watch: Callable[[int], None],
) -> int:
    """Every row but those `aside`, followed by its copies, named as `leaven augment` names files."""
    import pyarrow as pa

    columns = Columns(table.schema, *choice)
    rows = made = 0
    with table.writer(path, table.schema) as writer:
        for batch in table.batches():
            keys, labels, files = columns.keys_of(batch), labels_of(batch, columns), files_of(batch, columns)
            lost = {n: aside[rows + n] for n in range(batch.num_rows) if rows + n in aside}
            # Rows that are set aside cost no copies.
            left = rows_of(batch, [n for n in range(batch.num_rows) if n not in lost])
            places = [n for n in range(batch.num_rows) if n not in lost]
            copies = [made_files(recipe, left, columns, 0, copy, threads) for copy in range(1, times + 1)]
            lost.update({places[n]: ("broken", reason) for one in copies for n, reason in one.broken.items()})
            for n, (kind, reason) in sorted(lost.items()):
                tell(SET_ASIDE, json.dumps({"id": keys[n], "kind": kind, "reason": reason}, ensure_ascii=False) + "\n")
            kept = [n for n, place in enumerate(places) if place not in lost]
            for n in kept:
                place = places[n]
                if files[place] is not None:
                    tell(LINEAGE, _core.line_of_original(files[place], keys[place], labels[place] if labels else "") + "\n")
                for one in copies:
                    tell(LINEAGE, f"{one.lines[n]}\n" if one.lines[n] else "")
            parts = [left, *(columns.replaced(left, one.files, copy) for copy, one in enumerate(copies, 1))]
            order = [copy * left.num_rows + n for n in kept for copy in range(times + 1)]
            writer.write_table(rows_of(pa.Table.from_batches(parts, table.schema), order))
            rows += batch.num_rows
            made += len(order)
            watch(rows)
    return made


def _numbers(table: Table, path: pathlib.Path, made: MadeTable, tell: Callable[[str, str], None]) -> int:
    with table.writer(path, made.rows.schema) as writer:
        writer.write_table(made.rows)
    tell(LINEAGE, made.lineage)
    tell(SET_ASIDE, made.set_aside)
    return made.rows.num_rows

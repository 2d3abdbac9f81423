"""Parquet and Arrow files in, larger ones out: pictures in a column as Hugging Face writes them, or tables of numbers.

Rows of pictures are read, made and written a few at a time; tables of numbers are held as a whole.
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import itertools
import json
import os
import pathlib
import warnings
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from ._arrow import Columns, absent, made_files, originals_of, require_known, rows_of
from ._columnar_files import Choice, Table, dataset_card, described_again, files_in, of_pictures, splits_of
from ._columnar_stages import Wanted, most_broken, rows_within, wanted
from ._columnar_tables import LINEAGE, REPORT, SET_ASIDE, MadeTable, alone, together

__all__ = ["BrokenRow", "Choice", "Made", "augment", "files_in", "of_pictures", "planned"]


class Made(NamedTuple):
    sources: int
    outputs: int
    set_aside: Dict[str, int]
    too_many_broken: bool
    report: str


class BrokenRow(ValueError):
    """A picture that cannot be read, where the recipe says `on_error: stop`."""


class _Source(NamedTuple):
    """The files of a dataset, what they are called in it, and what is to be made of them."""

    names: List[pathlib.Path]
    splits: List[str]
    tables: List[Table]
    choice: Choice
    wanted: Optional[Wanted]  # None: of tables of numbers
    taken: List[Optional[Set[int]]]  # of each file the rows that count; None: all of them

    def pictured(self, number: int) -> bool:
        return self.choice.holds_pictures(self.tables[number].schema)

    def rows(self, number: int) -> int:
        taken = self.taken[number]
        return self.tables[number].rows if taken is None else len(taken)

    def copies(self, number: int) -> int:
        return self.wanted.times if self.wanted and self.splits[number] == "train" else 0

    def keeps(self, number: int) -> bool:
        """Whether originals stay; those of other splits than train always do."""
        return self.wanted is None or self.wanted.originals or self.splits[number] != "train"


def _opened(files: List[pathlib.Path], source: str, recipe: Any, times: Optional[int], choice: Choice) -> _Source:
    """Throws ValueError for what cannot be, before anything is written."""
    root = pathlib.Path(source)
    pictured = of_pictures(files, choice)
    if not pictured and any(choice):
        raise ValueError(f"image=, key= and label= name columns of tables with pictures, and {source} has none of them")
    asked = wanted(recipe, times) if pictured else None
    choice = choice.of_recipe(recipe) if pictured else choice
    names = [file.relative_to(root) if root.is_dir() else pathlib.Path(file.name) for file in files]
    tables, splits = [Table(file) for file in files], splits_of(names)
    taken: List[Optional[Set[int]]] = [None] * len(files)
    with_pictures = [number for number, table in enumerate(tables) if choice.holds_pictures(table.schema)]
    columns = [Columns(tables[number].schema, *choice) for number in with_pictures]
    for number, known in zip(with_pictures, columns):
        for batch in itertools.islice(tables[number].batches(), 1):
            require_known(batch, known)
    if asked:
        limited = rows_within(asked.limit, [(tables[number], known, splits[number]) for number, known in zip(with_pictures, columns)])
        for number, rows in zip(with_pictures, limited):
            taken[number] = rows
    return _Source(names, splits, tables, choice, asked, taken)


def planned(files: List[pathlib.Path], source: str, recipe: Any, times: Optional[int], choice: Choice) -> Tuple[int, int]:
    """How many rows augment() would read, and how many it would write if none were set aside."""
    data = _opened(files, source, recipe, times, choice)
    if data.wanted is None:
        raise ValueError("a dry run counts rows of pictures, and tables of numbers are made as a whole")
    numbers = range(len(files))
    return sum(map(data.rows, numbers)), sum(data.rows(n) * (data.copies(n) + data.keeps(n)) for n in numbers)


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
    data = _opened(files, source, recipe, times, choice)
    order = {
        "recipe": hashlib.blake2b(recipe.yaml.encode(), digest_size=16).hexdigest(),
        "times": data.wanted.times if data.wanted else times,
        "target": target,
        "columns": [*data.choice],
        # By their names inside the source, which may be spelt in another way, or lie elsewhere, when the run goes on.
        "source": {str(name): file.stat().st_size for name, file in zip(data.names, files)},
    }
    prepare(folder, order, data.names, root, resume, overwrite)
    numbers = range(len(files))
    total = sum(map(data.rows, numbers))
    sources = outputs = 0
    beside = _Beside(folder, data.names)
    aside = _cleaned(data, recipe, threads, lambda: watch(0, total)) if data.wanted else {}
    whole: Optional[List[MadeTable]] = None  # of files that are the parts of one table
    if not data.wanted and len(set(data.splits)) > 1 and not all(map(beside.there, numbers)):
        names = [name.as_posix() for name in data.names]
        whole, page = together(recipe, data.tables, names, data.splits, times, target, threads, watch)
        _write(folder / REPORT, page)
    seen = _Names()
    for number, table in enumerate(data.tables):
        to = beside.output(number)
        to.parent.mkdir(parents=True, exist_ok=True)
        done = sources
        sources += data.rows(number)
        if beside.there(number) and whole is None:
            outputs += Table(to).rows
            continue
        part = to.with_name(f".{to.name}.leaven-tmp")
        with beside.part(number) as tell:
            if data.pictured(number):
                outputs += _pictures(data, number, part, recipe, aside.get(number, {}), threads, seen, tell, lambda rows: watch(done + rows, total))
            elif whole is not None:
                outputs += _numbers(table, part, whole[number], tell)
            else:
                made, page = alone(recipe, table, data.names[number].as_posix(), times, target, threads)
                outputs += _numbers(table, part, made, tell)
                tell(REPORT, page)
        os.replace(part, to)
        watch(sources, total)
    _write(folder / "leaven.recipe.yaml", recipe.yaml)
    _write(folder / CARD, dataset_card(data.names, data.splits))
    for told, text in described_again(root, data.names, recipe.yaml):
        _write(folder / told, text)
    set_aside = beside.complete()
    seen.warn()
    reports = sorted(folder.glob("leaven.report*.html"))
    too_many = set_aside.get("broken", 0) > most_broken(recipe) * sources
    return Made(sources, outputs, set_aside, too_many, str(reports[0]) if reports else "")


class _Names:
    """Names of rows that were met, to say which came twice."""

    def __init__(self) -> None:
        self._known: Set[str] = set()
        self._again, self._first = 0, ""

    def meet(self, names: List[str]) -> None:
        for name in names:
            if name in self._known:
                self._again, self._first = self._again + 1, self._first or name
            self._known.add(name)

    def warn(self) -> None:
        if self._again:
            warnings.warn(
                f"{self._again} {'row is' if self._again == 1 else 'rows are'} called as another one is ({self._first}): such rows have the "
                "same draws, and lines of lineage with the same id (another column may be the key)",
                stacklevel=5,
            )


def _cleaned(data: _Source, recipe: Any, threads: int, watch: Callable[[], None]) -> Dict[int, Dict[int, Any]]:
    """Of each table with pictures, by its number, the rows that the recipe's `clean:` sets aside."""
    from . import _columnar_clean  # here: few recipes ask for it

    asked = _columnar_clean.asked_in(recipe)
    if asked is None:
        return {}
    pictured = [number for number in range(len(data.tables)) if data.pictured(number)]
    tables = [(data.tables[number], Columns(data.tables[number].schema, *data.choice)) for number in pictured]
    return dict(zip(pictured, _columnar_clean.found(tables, [data.taken[number] for number in pictured], asked, threads, watch)))


RECORD = "leaven.columnar.json"  # what was asked for, and the files that were made
CARD = "README.md"


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


def prepare(folder: pathlib.Path, order: Dict[str, Any], names: List[pathlib.Path], source: pathlib.Path, resume: bool, overwrite: bool) -> None:
    """An empty folder, or that of a run to go on with: only what runs wrote is taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    for half in folder.rglob(".*.leaven-tmp"):
        half.unlink()
    record = folder / RECORD
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else None
    if before is None:
        if any(folder.iterdir()):
            raise ValueError(f"{folder}: is not empty, and leaven.augment() did not make what is in it: name a new folder")
    elif overwrite:
        for name in before["made"]:
            (folder / name).unlink(missing_ok=True)
        for file in [*folder.glob("leaven.*"), *folder.glob(CARD), *folder.rglob(".*.leaven-part")]:
            file.unlink()
    elif not resume:
        raise ValueError(f"{folder}: is not empty (resume=True goes on with what is there, overwrite=True makes it anew)")
    else:
        for what, now in order.items():
            if before.get(what) != now:
                said = f": {what} was {before.get(what)}, is now {now}" if what in ("times", "target") else f": its {what} is another"
                raise ValueError(f"{folder}: holds another run{said} (overwrite=True starts anew)")
    told = {**order, "in": str(source.resolve()), "made": [str(name) for name in names]}
    _write(record, json.dumps(told, indent=2) + "\n")


def _pictures(
    data: _Source,
    number: int,
    path: pathlib.Path,
    recipe: Any,
    aside: Dict[int, Any],
    threads: int,
    seen: _Names,
    tell: Callable[[str, str], None],
    watch: Callable[[int], None],
) -> int:
    """Every row but those `aside`, followed by its copies, named as `leaven augment` names files."""
    import pyarrow as pa

    table, taken, times, asked = data.tables[number], data.taken[number], data.copies(number), data.wanted
    columns = Columns(table.schema, *data.choice)
    rows = done = made = 0
    with table.writer(path, table.schema) as writer:
        for batch in table.batches():
            first, rows = rows, rows + batch.num_rows
            places = [n for n in range(batch.num_rows) if taken is None or first + n in taken]
            batch = batch if taken is None else rows_of(batch, places)
            done += batch.num_rows
            keys = columns.keys_of(batch)
            lost = {n: aside[first + place] for n, place in enumerate(places) if first + place in aside}
            lost.update({n: reason for n, reason in absent(batch, columns).items() if n not in lost})
            # Rows that are set aside cost no copies.
            here = [n for n in range(batch.num_rows) if n not in lost]
            left = rows_of(batch, here)
            of_rows = [originals_of(left, columns, asked.keep_metadata, not times, threads)]
            of_rows += [made_files(recipe, left, columns, 0, copy, threads) for copy in range(1, times + 1)]
            lost.update({here[n]: ("broken", reason) for one in of_rows for n, reason in one.broken.items()})
            for n, (kind, reason) in sorted(lost.items()):
                if asked.stop and kind == "broken":
                    raise BrokenRow(reason)
                tell(SET_ASIDE, json.dumps({"id": keys[n], "kind": kind, "reason": reason}, ensure_ascii=False) + "\n")
            kept = [n for n, place in enumerate(here) if place not in lost]
            seen.meet([keys[here[n]] for n in kept])
            copies = range(0 if data.keeps(number) else 1, times + 1)
            for n in kept:
                for copy in copies:
                    tell(LINEAGE, f"{of_rows[copy].lines[n]}\n")
            parts = [columns.replaced(left, one.files, copy) for copy, one in enumerate(of_rows)]
            order = [copy * left.num_rows + n for n in kept for copy in copies]
            writer.write_table(rows_of(pa.Table.from_batches(parts, table.schema), order))
            made += len(order)
            watch(done)
    return made


def _numbers(table: Table, path: pathlib.Path, made: MadeTable, tell: Callable[[str, str], None]) -> int:
    with table.writer(path, made.rows.schema) as writer:
        writer.write_table(made.rows)
    tell(LINEAGE, made.lineage)
    tell(SET_ASIDE, made.set_aside)
    return made.rows.num_rows

"""`leaven verify`, `explain` and `replay` for pictures that lie in Parquet and Arrow files."""

from __future__ import annotations

import collections
import difflib
import json
import os
import pathlib
import subprocess
import tempfile
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import _core
from ._arrow import Columns, files_of
from ._columnar import RECORD, files_in
from ._columnar_files import Choice, Table
from ._columnar_tables import LINEAGE
from ._program import find_program



class Verified(NamedTuple):
    """What was found of a dataset's rows of pictures."""

    checked: int
    missing: int
    changed: int
    unlisted: int  # rows that no line names
    problems: List[str]


def _record(out: pathlib.Path) -> Dict[str, Any]:
    if not (out / LINEAGE).is_file():
        raise ValueError(f"{out}: holds no lineage (only a folder that a finished run of Leaven made can be looked at)")
    return json.loads((out / RECORD).read_text(encoding="utf-8"))


def _of_row(line: Dict[str, Any]) -> bool:
    """Whether it is the line of a row of a table, which is numbers and no picture."""
    return isinstance(line["encoding"], dict) and line["encoding"]["format"] == "csv"


def _pictures_in(file: pathlib.Path, choice: Choice) -> Iterator[Tuple[str, Optional[bytes]]]:
    """Key and picture of each row; nothing of a file without pictures."""
    table = Table(file)
    if not choice.holds_pictures(table.schema):
        return
    columns = Columns(table.schema, *choice)
    for batch in table.batches():
        yield from zip(columns.keys_of(batch), files_of(batch, columns))


def _digest(file: Optional[bytes]) -> Optional[str]:
    look = None if file is None else _core.look_at(file, False)
    return look[2] if isinstance(look, tuple) else None


def verify(out: pathlib.Path) -> Verified:
    """Holds each row's picture against the digests of lineage. Rows may have moved; one that is another is changed."""
    record = _record(out)
    with open(out / LINEAGE, encoding="utf-8") as file:
        lines = [line for line in map(json.loads, file) if not _of_row(line)]
    gone = [f"{name}: is missing" for name in record["made"] if not (out / name).exists()]
    there = [out / name for name in record["made"] if (out / name).exists()]
    if not lines:
        raise ValueError(f"{out}: holds rows of tables, which are not checked in Parquet and Arrow files (of pictures they are)")
    found = collections.Counter(_digest(picture) for path in there for _, picture in _pictures_in(path, Choice(*record["columns"])))
    lost = []
    for line in lines:
        if found[line["digest"]]:
            found[line["digest"]] -= 1
        else:
            lost.append(line["id"])
    more = sum(found.values())
    changed = min(len(lost), more)
    return Verified(len(lines), len(lost) - changed, changed, more - changed, gone + [f"{name}: no row holds these bytes" for name in lost])


def _line_of(file: str) -> Tuple[pathlib.Path, Dict[str, Any]]:
    """The dataset and the line of lineage of what is called OUT/ID."""
    path = pathlib.Path(os.path.abspath(file))
    out = next(folder for folder in (path, *path.parents) if (folder / RECORD).exists())
    _record(out)
    name = path.relative_to(out).as_posix()
    names = []
    with open(out / LINEAGE, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            names.append(line["id"])
            if line["id"] in (name, f"/{name}"):  # rows may be called by whole paths
                return out, line
    near = difflib.get_close_matches(name, names, 1)
    raise ValueError(f"no lineage line of {out} names {name}" + (f" (did you mean {near[0]}?)" if near else ""))


def _source_of(line: Dict[str, Any], source: str, choice: Choice) -> bytes:
    files = files_in(source)
    if not files:
        raise ValueError(f"{source}: there are no Parquet or Arrow files (--source says where the sources lie today)")
    named = False
    for path in files:
        for key, picture in _pictures_in(path, choice):
            if key == line["source"]:
                named = True
                if picture is not None and _digest(picture) == line["source_digest"]:
                    return picture
    what = "has changed: it is not the file that the line was made from" if named else f"is not in {source}"
    raise ValueError(f"{line['source']}: {what} (--source says where the sources lie today)")


def look_back(command: str, file: str, line: str, source: str, flags: List[str], page: str = "") -> int:
    """`explain` or `replay`, by the program itself, of a folder with nothing in it but the picture that the row was made of.
    file: OUT/ID, or else line: a line of lineage; source: where the dataset lies, "" for where it was; page: that is written."""
    if file:
        out, told = _line_of(file)
        record = _record(out)
        source, choice, recipe = source or record["in"], Choice(*record["columns"]), (out / "leaven.recipe.yaml").read_text(encoding="utf-8")
    else:
        out, told, choice, recipe = pathlib.Path("."), json.loads(line), Choice(), "leaven: 1\nsteps: []\n"
    if _of_row(told):
        raise ValueError(f"{told['id']} is a row of a table: its line in {LINEAGE} says how it was made, and {command} takes pictures")
    picture = _source_of(told, source, choice)
    for what in ("id", "source"):  # whole paths would lead out of the folder
        told[what] = os.path.normpath(told[what]).lstrip("/.") or "picture"
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        inside, outside = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
        (inside / told["source"]).parent.mkdir(parents=True)
        (inside / told["source"]).write_bytes(picture)
        outside.mkdir()
        (outside / LINEAGE).write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        (outside / "leaven.recipe.yaml").write_text(recipe, encoding="utf-8")
        words = [find_program(), command, str(outside / told["id"]), "--source", str(inside), *flags]
        done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", errors="replace")

        def said(text: str) -> str:
            return text.replace(str(outside), str(out)).replace(str(inside), source)

        if page and os.path.exists(page):
            pathlib.Path(page).write_text(said(pathlib.Path(page).read_text(encoding="utf-8")), encoding="utf-8")
    if done.returncode:
        raise (ValueError if done.returncode == 2 else RuntimeError)(said(done.stderr).strip().partition("leaven: ")[2])
    print(said(done.stdout), end="")
    return 0

"""What a recipe's stages ask of pictures in Parquet and Arrow files: obeyed row by row, or refused by name."""

from __future__ import annotations

import collections
import json
import re
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from ._arrow import Columns, labels_of

_ONE_BY_ONE = "is for whole datasets, and pictures in Parquet and Arrow files are made row by row"
# Stages, or what one of them says, that would be ignored.
_REFUSED = {
    "split": f"{_ONE_BY_ONE}: split them before",
    "balance": f"{_ONE_BY_ONE}: say times=",
    "generate": f"{_ONE_BY_ONE}: augment a folder of them",
    "prepare": "is for tables, and these files hold pictures",
    "constraints": "is for tables, and these files hold pictures",
    "schema": "is for tables, and these files hold pictures",
    "source: format": "is not for Parquet and Arrow files, which are known by their first bytes",
    "source: split_column": f"{_ONE_BY_ONE}: files called train-… and test-… are splits",
    "source: append": "is for lists and tables: put the files into one folder",
    "augment: per_class": f"{_ONE_BY_ONE}: say times=",
    "augment: total": f"{_ONE_BY_ONE}: say times=",
    "augment: together": f"{_ONE_BY_ONE}: rows with one name have one draw",
    "augment: originals": "may be copy or none here: rows are no files to link to",
    "sink: layout": "is not for Parquet and Arrow files, which become such files again",
}


def stages_of(yaml: str) -> Dict[str, str]:
    """What a recipe, in the engine's own spelling, says above its steps: {"seed": "3", "augment: times": "2", "clean": ""}."""
    told: Dict[str, str] = {}
    stage = ""
    for line in yaml.partition("\nsteps:")[0].splitlines():
        found = re.fullmatch(r"(  )?(\w+):(?: (.*))?", line)
        if not found:
            continue
        stage = stage if found[1] else found[2]
        told[f"{stage}: {found[2]}" if found[1] else stage] = _unquoted(found[3] or "")
    return told


def _unquoted(text: str) -> str:
    try:
        return json.loads(text) if text.startswith('"') else text
    except ValueError:
        return text[1:-1]


class Wanted(NamedTuple):
    """How many rows are made of pictures, and what becomes of them."""

    times: int
    originals: bool
    keep_metadata: bool
    stop: bool  # at the first broken row
    limit: int  # 0: all rows


def wanted(recipe: Any, times: Optional[int]) -> Wanted:
    """`times`: in place of what the recipe says. Throws ValueError for what cannot be obeyed."""
    if recipe._core.mixes():
        raise ValueError("pictures in Parquet and Arrow files are made row by row: mix them in batches, or augment a folder of them")
    told = stages_of(recipe.yaml)
    for what, reason in _REFUSED.items():
        amount = what in ("augment: per_class", "augment: total") and times is not None
        if what in told and not amount and (what != "augment: originals" or told[what] == "link"):
            raise ValueError(f"{what if ':' in what else what + ':'} {reason}")
    if "sink: quality" in told and told.get("sink: image_format") in ("png", "tiff"):
        raise ValueError(f"image_format {told['sink: image_format']} has no quality: leave it out")
    return Wanted(
        int(told.get("augment: times", 4)) if times is None else times,
        told.get("augment: originals") != "none",
        told.get("sink: metadata") == "keep",
        told.get("on_error") == "stop",
        int(told.get("source: limit", 0)),
    )


def most_broken(recipe: Any) -> float:
    """The share of rows that may be broken."""
    return float(stages_of(recipe.yaml).get("max_bad", 0.1))


def rows_within(limit: int, tables: List[Tuple[Any, Columns, str]]) -> List[Optional[Set[int]]]:
    """For each table its rows that `source: limit` takes: the first of each split and class, evenly, as of a folder. None: all.
    A table comes with its columns and its split."""
    if not limit or sum(table.rows for table, _, _ in tables) <= limit:
        return [None] * len(tables)
    groups = [[(split, label) for label in _all_labels(table, columns)] for table, columns, split in tables]
    sizes = collections.Counter(group for of_table in groups for group in of_table)
    room = dict.fromkeys(sorted(sizes, key=lambda group: (("train", "val", "test").index(group[0]), group[1])), 0)
    left = limit
    while left:
        for group in room:
            if left and room[group] < sizes[group]:
                room[group] += 1
                left -= 1
    taken: List[Optional[Set[int]]] = []
    for of_table in groups:
        rows = set()
        for row, group in enumerate(of_table):
            if room[group]:
                room[group] -= 1
                rows.add(row)
        taken.append(rows)
    return taken


def _all_labels(table: Any, columns: Columns) -> List[str]:
    if columns.label is None:
        return [""] * table.rows
    return [label for batch in table.batches([columns.label]) for label in labels_of(batch, columns)]

"""`clean:` for pictures in Parquet and Arrow files: rows that will not be used, found before anything is made."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Set, Tuple

import numpy as np

from . import _core
from ._arrow import Columns, files_of, labels_of
from ._columnar_stages import stages_of

Reason = Tuple[str, str]  # kind, and what a person reads


class Asked(NamedTuple):
    """The stage of a recipe, as far as it is about pictures."""

    min_width: int = 0
    min_height: int = 0
    duplicates: bool = False
    perceptual: Optional[int] = None


def asked_in(recipe: Any) -> Optional[Asked]:
    """None where the recipe asks for nothing that has to be looked for."""
    told = stages_of(recipe.yaml)
    perceptual = told.get("clean: perceptual")
    asked = Asked(
        int(told.get("clean: min_width", 0)),
        int(told.get("clean: min_height", 0)),
        told.get("clean: duplicates") == "true",
        None if perceptual is None else int(perceptual),
    )
    return None if asked == Asked() else asked


def too_small(width: int, height: int, asked: Asked) -> Optional[str]:
    """What a person reads of a picture that is, None of any other."""
    if width >= asked.min_width and height >= asked.min_height:
        return None
    return f"{width}×{height} px, the recipe asks for at least {max(asked.min_width, 1)}×{max(asked.min_height, 1)}"


class _Seen(NamedTuple):
    """A row that nothing speaks against so far."""

    key: str
    place: Tuple[int, int]  # table and row
    label: str
    digest: str
    hash: Optional[int]


def found(
    tables: List[Tuple[Any, Columns]], taken: List[Optional[Set[int]]], asked: Asked, threads: int, watch: Callable[[], None]
) -> List[Dict[int, Reason]]:
    """For each table its rows, of those `taken` (None: all), that are to be set aside. Of equal pictures the first by key stays, in
    whatever table it is. Rows without a picture, and those that are broken, are not looked at here. `watch` is called now and then."""
    aside: List[Dict[int, Reason]] = [{} for _ in tables]
    seen: List[_Seen] = []
    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        for number, (table, columns) in enumerate(tables):
            first = 0
            for batch in table.batches():
                files, keys = files_of(batch, columns), columns.keys_of(batch)
                labels = labels_of(batch, columns)
                looks = pool.map(lambda file: None if file is None else _core.look_at(file, asked.perceptual is not None), files)
                for row, look in enumerate(looks):
                    rows = taken[number]
                    if look is None or isinstance(look, str) or (rows is not None and first + row not in rows):
                        continue
                    width, height, digest, alike = look
                    small = too_small(width, height, asked)
                    if small:
                        aside[number][first + row] = ("too_small", small)
                    else:
                        seen.append(_Seen(keys[row], (number, first + row), labels[row], digest, alike))
                first += batch.num_rows
                watch()
    seen.sort()
    if asked.duplicates:
        seen = _first_of_each(seen, aside)
    if asked.perceptual is not None:
        _find_alike(seen, asked.perceptual, aside)
    return aside


def _other(kept: _Seen, one: _Seen) -> str:
    """The name of the one that stays, and its class where the two disagree: then one of them is wrong."""
    return kept.key + (f", which is labelled {kept.label}" if kept.label != one.label else "")


def _first_of_each(seen: Iterable[_Seen], aside: List[Dict[int, Reason]]) -> List[_Seen]:
    kept: Dict[str, _Seen] = {}
    for one in seen:
        first = kept.setdefault(one.digest, one)
        if first is not one:
            aside[one.place[0]][one.place[1]] = ("duplicate", f"byte for byte the same as {_other(first, one)}")
    return list(kept.values())


_BITS = np.array([bin(number).count("1") for number in range(1 << 16)], np.uint8)


def _find_alike(seen: List[_Seen], distance: int, aside: List[Dict[int, Reason]]) -> None:
    """The nearest of those that stay, and among equals the first of them."""
    known = np.empty(len(seen), np.uint64)
    kept: List[_Seen] = []
    for one in seen:
        if one.hash is None:  # a plain colour looks like nothing in particular
            continue
        apart = _BITS[(known[: len(kept)] ^ np.uint64(one.hash)).view(np.uint16)].reshape(-1, 4).sum(axis=1)
        nearest = int(apart.argmin()) if len(kept) else 0
        if len(kept) and apart[nearest] <= distance:
            reason = f"looks like {_other(kept[nearest], one)} (distance {apart[nearest]})"
            aside[one.place[0]][one.place[1]] = ("perceptual_duplicate", reason)
        else:
            known[len(kept)] = one.hash
            kept.append(one)

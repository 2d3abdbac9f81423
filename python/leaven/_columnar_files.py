"""Which files of Parquet and Arrow there are, what they hold, and how they are read and written."""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

from . import _tables
from ._arrow import holds_pictures
from ._columnar_stages import stages_of

_ROWS = 256  # at once
_PARQUET, _ARROW = "parquet", "arrow"
_ENDINGS = {".parquet": _PARQUET, ".arrow": _ARROW, ".feather": _ARROW}
# The names that folders of pictures have for their splits, too.
_TRAIN, _VAL, _TEST = ("train", "training"), ("val", "valid", "validation"), ("test", "testing", "eval")
_REST = (*_VAL, *_TEST)


def files_in(source: str) -> List[pathlib.Path]:
    """The Parquet and Arrow files that `source` is, or holds as Hugging Face lays them out (by its side, under data/, in folders
    named as splits); none where it is something else."""
    path = pathlib.Path(source)
    if path.is_dir():
        folders = [folder for folder in (path, path / "data") if folder.is_dir()]
        folders += [inner for folder in folders for inner in folder.iterdir() if inner.name in (*_TRAIN, *_REST) and inner.is_dir()]
        found = [file for folder in folders for file in folder.iterdir()]
        return sorted(file for file in found if file.suffix in _ENDINGS and file.is_file())
    return [path] if path.is_file() and kind_of(path) else []


def splits_of(names: List[pathlib.Path]) -> List[str]:
    """Of each file train, val or test, by its folder's name or as train-00000-of-00002.parquet says it. All are of train where
    none says so."""

    def is_of(name: pathlib.Path, splits: Any) -> bool:
        return any(re.match(rf"({'|'.join(splits)})($|[-_.])", part) for part in name.parts)

    if not any(is_of(name, _TRAIN) for name in names):
        return ["train"] * len(names)
    return ["train" if is_of(name, _TRAIN) else "val" if is_of(name, _VAL) else "test" if is_of(name, _TEST) else "train" for name in names]


class Choice(NamedTuple):
    """The columns that somebody named; None: found by their usual names."""

    image: Optional[str] = None
    key: Optional[str] = None
    label: Optional[str] = None

    def of_recipe(self, recipe: Any) -> Choice:
        """What was not named here as the recipe's `source:` names it."""
        told = stages_of(recipe.yaml)
        return self._replace(key=self.key or told.get("source: path_column"), label=self.label or told.get("source: label_column"))

    def holds_pictures(self, schema: Any) -> bool:
        return holds_pictures(schema) if self.image is None else schema.get_field_index(self.image) >= 0


def of_pictures(files: List[pathlib.Path], choice: Choice = Choice()) -> bool:
    return any(choice.holds_pictures(Table(file).schema) for file in files)


def kind_of(path: pathlib.Path) -> Optional[str]:
    """Told by the file's first bytes; Arrow's streams have none of their own, so they go by their ending."""
    with open(path, "rb") as file:
        head = file.read(6)
    if head[:4] == b"PAR1":
        return _PARQUET
    if head == b"ARROW1" or (path.suffix in _ENDINGS and head[:4] == b"\xff\xff\xff\xff"):
        return _ARROW
    return None


def dataset_card(names: List[pathlib.Path], splits: List[str]) -> str:
    """README.md as Hugging Face reads it: which files are data, and of which split."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split, called in (("train", "train"), ("val", "validation"), ("test", "test")):
        files = [name.as_posix() for name, one in zip(names, splits) if one == split]
        if files:
            lines += [f"  - split: {called}", "    path:", *(f"    - {json.dumps(file, ensure_ascii=False)}" for file in files)]
    about = "Made by Leaven: `leaven.lineage.jsonl` says of each row how, `leaven.recipe.yaml` is the recipe."
    return "\n".join([*lines, "---", "", about, ""])


def described_again(source: pathlib.Path, names: List[pathlib.Path], recipe: str) -> Iterator[Tuple[pathlib.Path, str]]:
    """Path and text of what Hugging Face's save_to_disk() writes beside its files, so that load_from_disk() reads the larger ones:
    the names stay, and the fingerprint, by which it knows what it has computed before, becomes another."""
    folders = {pathlib.Path(), *(name.parent for name in names)} if source.is_dir() else set()
    for folder in folders:
        for name in ("state.json", "dataset_info.json", "dataset_dict.json"):
            if not (source / folder / name).is_file():
                continue
            told = json.loads((source / folder / name).read_text(encoding="utf-8"))
            if told.get("_fingerprint"):
                told["_fingerprint"] = hashlib.blake2b(f"{told['_fingerprint']} {recipe}".encode(), digest_size=8).hexdigest()
            yield folder / name, json.dumps(told, indent=2)


class Table:
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

    def batches(self, columns: Optional[List[str]] = None) -> Iterator[Any]:
        """All columns, or those alone."""
        if self.kind == _PARQUET:
            yield from self._file.iter_batches(_ROWS, columns=columns)
            return
        for batch in self._batches:
            batch = batch if columns is None else batch.select(columns)
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

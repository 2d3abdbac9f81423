"""Tables with pictures in them: Arrow record batches in, the same columns out, with the pictures made new.

What gives Arrow's C stream (pyarrow, Polars, DuckDB, pandas) is read through pyarrow, a batch at a time.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from . import _core
from ._arguments import check
from ._left_behind import require_nothing_stays, sizes_in

_IMAGE_NAMES = ("image", "img", "jpg", "png", "bytes", "content", "picture")
_LABEL_NAMES = ("label", "class", "category")
_KEY_NAMES = ("key", "__key__", "id", "path", "file_name", "filename", "file", "name")


class Columns:
    """Which column holds encoded pictures, which names rows, which their class."""

    def __init__(self, schema: Any, image: Optional[str], key: Optional[str], label: Optional[str]):
        import pyarrow as pa

        self.image = _found(schema, image, _IMAGE_NAMES, "holds pictures", "image")
        kind = schema.field(self.image).type
        self.nested = _is_struct(kind)
        _require_no_marks(schema, self.image)
        self._sizes = sizes_in(field.name for field in schema if pa.types.is_integer(field.type))
        if self.nested and kind.get_field_index("bytes") < 0:
            raise ValueError(f"column {self.image} has no field bytes, as Hugging Face writes it")
        if not self.nested and not _is_binary(kind):
            raise ValueError(f"column {self.image} must hold files of pictures as binary, or a struct with bytes, got {kind}")
        # Hugging Face's struct names its file; any other name would depend on how rows are parted.
        self.by_path = key is None and self.nested and kind.get_field_index("path") >= 0
        usual = None if self.by_path else next((name for name in _KEY_NAMES if schema.get_field_index(name) >= 0 and name != self.image), None)
        self.key = usual if key is None else key
        for name in (key, label):
            if name is not None and schema.get_field_index(name) < 0:
                raise ValueError(f"there is no column {name}, only {', '.join(schema.names)}")
        # Numbers are not the names that `when` asks for, so that only a column of names is taken unasked.
        named = (name for name in _LABEL_NAMES if schema.get_field_index(name) >= 0 and _holds_names(schema, name))
        self.label = label if label is not None else next(named, None)
        self.classes = [] if self.label is None else _class_names(schema, self.label)

    def keys_of(self, batch: Any) -> List[str]:
        """What each row is drawn for: its name, or its picture where it has none."""
        if self.by_path:
            names = _whole(batch.column(self.image)).field("path").to_pylist()
        else:
            names = [None] * batch.num_rows if self.key is None else batch.column(self.key).to_pylist()
        if None not in names:
            return [str(one) for one in names]
        # A row without a name goes by what it holds, wherever it stands.
        files = files_of(batch, self)
        return [_named_by(file) if one is None else str(one) for one, file in zip(names, files)]

    def replaced(self, batch: Any, files: List[Optional[bytes]], copy: int = 0) -> Any:
        """The batch with these files for its own. `copy`: rows are renamed as this copy where their names are texts."""
        import pyarrow as pa

        column = _whole(batch.column(self.image))
        place = batch.schema.get_field_index(self.image)
        if not self.nested:
            made = pa.array(files, column.type)
        else:
            fields = {field.name: column.field(number) for number, field in enumerate(column.type)}
            fields["bytes"] = pa.array(files, fields["bytes"].type)
            if copy and "path" in fields:
                fields["path"] = _renamed(fields["path"], copy)
            made = pa.StructArray.from_arrays(list(fields.values()), fields=list(column.type), mask=column.is_null())
        batch = self._sized(batch, files).set_column(place, batch.schema.field(place), made)
        if copy and self.key is not None and _is_text(batch.schema.field(self.key).type):
            named = batch.schema.get_field_index(self.key)
            batch = batch.set_column(named, batch.schema.field(named), _renamed(_whole(batch.column(self.key)), copy))
        return batch

    def _sized(self, batch: Any, files: List[Optional[bytes]]) -> Any:
        """Columns of width and height for these files, in rows where they told those of the batch's own."""
        import pyarrow as pa

        if not self._sizes:
            return batch
        before, after = ([None if file is None else _core.look_at(file, False) for file in those] for those in (files_of(batch, self), files))
        for names in self._sizes:
            places = [batch.schema.get_field_index(name) for name in names]
            told = list(zip(*(batch.column(place).to_pylist() for place in places)))
            for n, (old, new) in enumerate(zip(before, after)):
                if isinstance(old, tuple) and isinstance(new, tuple) and told[n] == old[:2]:
                    told[n] = new[:2]
            for place, sides in zip(places, zip(*told) if told else ((), ())):
                field = batch.schema.field(place)
                batch = batch.set_column(place, field, pa.array(sides, field.type))
        return batch


_ADVICE = "leave it out, or augment a folder with annotations; what is no such thing goes under another name"


def _require_no_marks(schema: Any, image: str) -> None:
    """What is marked on pictures, and further pictures, would stay where they are. Numbers and words of such a name are none."""
    import pyarrow as pa

    def sample_of(kind: Any) -> Any:
        """What a cell of this type looks like."""
        if isinstance(kind, pa.BaseExtensionType):  # Hugging Face's arrays
            kind = kind.storage_type
        if _is_struct(kind):
            return {field.name: sample_of(field.type) for field in kind}
        if pa.types.is_nested(kind):  # lists; maps are lists of pairs
            return [sample_of(kind.value_type)] if hasattr(kind, "value_type") else []
        return b"" if _is_binary(kind) else "" if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)) else 0

    _require_nothing_stays({field.name: sample_of(field.type) for field in schema if field.name != image})


def _require_nothing_stays(cells: Dict[str, Any]) -> None:
    require_nothing_stays(cells, None, "column ", _ADVICE, _ADVICE)


def _class_names(schema: Any, column: str) -> List[str]:
    """The names behind the numbers of Hugging Face's ClassLabel; none where the column is no such one."""
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        feature = told["info"]["features"][column]
        return [str(name) for name in feature["names"]] if feature["_type"] == "ClassLabel" else []
    except (KeyError, TypeError, ValueError):
        return []


def _holds_names(schema: Any, column: str) -> bool:
    import pyarrow as pa

    kind = schema.field(column).type
    return _is_text(kind.value_type if pa.types.is_dictionary(kind) else kind) or bool(_class_names(schema, column))


def holds_pictures(schema: Any) -> bool:
    """Whether a column holds files of pictures, by its type and its name."""
    for name in _IMAGE_NAMES:
        place = schema.get_field_index(name)
        if place >= 0 and (_is_binary(schema.field(place).type) or _is_struct(schema.field(place).type)):
            return True
    return False


def rows_of(rows: Any, places: List[int]) -> Any:
    """These rows of a record batch or table, in this order."""
    import pyarrow as pa

    if not any("view" in str(kind) for kind in rows.schema.types):
        return rows.take(pa.array(places, pa.int64()))
    # Arrow takes rows by number of all kinds but its newest, the views that Polars gives.
    parts = [rows.slice(place, 1) for place in places] or [rows.slice(0, 0)]
    return pa.concat_batches(parts) if isinstance(rows, pa.RecordBatch) else pa.concat_tables(parts).combine_chunks()


def _whole(column: Any) -> Any:
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def copy_name(name: str, copy: int) -> str:
    """cats/1.jpg as cats/1_aug2.jpg."""
    return re.sub(r"(\.[^./]*)?$", rf"_aug{copy}\1", name, count=1)


def _renamed(names: Any, copy: int) -> Any:
    import pyarrow as pa

    made = [name if name is None else copy_name(name, copy) for name in names.to_pylist()]
    return pa.array(made, names.type)


def _is_struct(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_struct(kind)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_binary(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _found(schema: Any, given: Optional[str], names: Iterable[str], what: str, argument: str) -> str:
    name = given if given is not None else next((one for one in names if schema.get_field_index(one) >= 0), None)
    if name is None or schema.get_field_index(name) < 0:
        raise ValueError(f"no column {what}: say {argument}= one of {', '.join(schema.names)}")
    return name


def require_known(batch: Any, columns: Columns) -> None:
    """Throws ValueError for what the first cells of a record batch or table hold and types do not tell: pictures, marks as texts."""
    import pyarrow.compute

    cells = {}
    for name in batch.schema.names:
        column = batch.column(name)
        place = pyarrow.compute.index(column.is_valid(), True).as_py()
        if name != columns.image and place >= 0:
            cells[name] = column[place].as_py()
    _require_nothing_stays(cells)


class Files(NamedTuple):
    """One for each row: a new file and its line of lineage, or none where there was none or it is broken."""

    files: List[Optional[bytes]]
    lines: List[Optional[str]]
    broken: Dict[int, str]  # row and reason


def _content(row: Optional[Dict[str, Any]]) -> Optional[bytes]:
    """The bytes of Hugging Face's struct, or of the file that its path names where it has none of its own."""
    if row is None or row["bytes"] is not None:
        return row and row["bytes"]
    path = row.get("path")
    if not path or not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def files_of(batch: Any, columns: Columns) -> List[Optional[bytes]]:
    """The pictures of a record batch or table, as they are."""
    rows = _whole(batch.column(columns.image)).to_pylist()
    return [_content(row) for row in rows] if columns.nested else rows


def absent(batch: Any, columns: Columns) -> Dict[int, Tuple[str, str]]:
    """Of rows without a picture, by their number, the kind and the reason."""
    rows, found = _whole(batch.column(columns.image)).to_pylist(), {}
    for number, (row, file) in enumerate(zip(rows, files_of(batch, columns))):
        if file is None:
            path = row.get("path") if columns.nested and row else None
            found[number] = ("broken", f"{path}: is not there, and the row holds no bytes") if path else ("no_picture", "the row has no picture")
    return found


def _named_by(file: Optional[bytes]) -> str:
    import hashlib

    return "" if file is None else hashlib.blake2b(file, digest_size=16).hexdigest()


def labels_of(batch: Any, columns: Columns) -> List[str]:
    """The class of each row by its name; "" where it has none, as ClassLabel says by -1."""
    if columns.label is None:
        return [""] * batch.num_rows
    values = batch.column(columns.label).to_pylist()
    if columns.classes:
        known = dict(enumerate(columns.classes))
        return [known.get(one, "") for one in values]
    return ["" if one is None else str(one) for one in values]


def _of_present(batch: Any, columns: Columns, make: Callable[[List[bytes], List[str], List[str]], List[Any]]) -> Files:
    """`make` takes the pictures that are there, their keys and their classes."""
    files = files_of(batch, columns)
    keys, labels = columns.keys_of(batch), labels_of(batch, columns)
    present = [number for number, file in enumerate(files) if file is not None]
    made = make(*([column[number] for number in present] for column in (files, keys, labels)))
    broken = {number: reason for number, reason in zip(present, made) if isinstance(reason, str)}
    lines: List[Optional[str]] = [None] * len(files)
    for number, one in zip(present, made):
        files[number], lines[number] = (None, None) if isinstance(one, str) else one
    return Files(files, lines, broken)


def originals_of(batch: Any, columns: Columns, keep_metadata: bool, decode: bool, threads: int) -> Files:
    """The pictures of a record batch or table as they are, less their metadata unless it is to be kept."""
    return _of_present(batch, columns, lambda *present: _core.original_files(*present, keep_metadata, decode, threads))


def made_files(recipe: Any, batch: Any, columns: Columns, epoch: int, copy: int, threads: int) -> Files:
    """The pictures of a record batch or table, made new."""
    require_known(batch, columns)

    def make(files: List[bytes], keys: List[str], labels: List[str]) -> List[Any]:
        return recipe._core.batch_files(files, keys, [copy_name(key, copy) for key in keys], labels, epoch, copy, threads)

    try:
        return _of_present(batch, columns, make)
    except ValueError as error:
        raise recipe._placed(error) from None


def transform(recipe: Any, batch: Any, columns: Columns, epoch: int, copy: int, threads: int, broken: str, asked: Any = None) -> Any:
    """A record batch or table with its pictures made new. Rows that cannot be decoded are left out, or end the work. `asked`:
    of `clean:`, sizes below which pictures are left out."""
    if asked is not None:
        batch = rows_of(batch, [number for number, file in enumerate(files_of(batch, columns)) if not _left_out(file, asked)])
    made = made_files(recipe, batch, columns, epoch, copy, threads)
    if made.broken and broken == "raise":
        raise ValueError(next(iter(made.broken.values())))
    for reason in made.broken.values():
        warnings.warn(f"left out: {reason}", stacklevel=3)
    result = columns.replaced(batch, made.files)
    if not made.broken:
        return result
    return rows_of(result, [number for number in range(len(made.files)) if number not in made.broken])


def _left_out(file: Optional[bytes], asked: Any) -> bool:
    """Whether a picture is too small; broken ones are not judged here."""
    from ._columnar_clean import too_small

    look = None if file is None else _core.look_at(file, False)
    if look is None or isinstance(look, str):
        return False
    small = too_small(look[0], look[1], asked)
    if small:
        warnings.warn(f"left out: {small}", stacklevel=4)
    return small is not None


class ArrowRecipe:
    """A recipe for tables: what Recipe.arrow gives. Pickles, so that clusters can send it to their workers."""

    def __init__(
        self, recipe: Any, image: Optional[str], key: Optional[str], label: Optional[str], epoch: int, copy: int, threads: int, broken: str
    ):
        check(epoch=epoch, copy=copy, threads=threads)
        if broken not in ("skip", "raise"):
            raise ValueError(f"broken must be skip or raise, got {broken}")
        self.recipe, self.image, self.key, self.label = recipe, image, key, label
        self.epoch, self.copy, self.threads, self.broken = epoch, copy, threads, broken
        self.asked = self._clean()

    def _clean(self) -> Any:
        """What a row can be asked for by itself."""
        from ._columnar_clean import asked_in

        asked = asked_in(self.recipe)
        if asked is not None and (asked.duplicates or asked.perceptual is not None):
            raise ValueError("clean: duplicates and perceptual compare all rows, which come one by one here: lv.augment() cleans files first")
        return asked

    def __call__(self, table: Any) -> Any:
        """A pyarrow Table or RecordBatch with its pictures made new: for Ray's map_batches(..., batch_format="pyarrow")."""
        columns = Columns(table.schema, self.image, self.key, self.label)
        return transform(self.recipe, table, columns, self.epoch, self.copy, self.threads, self.broken, self.asked)

    def batches(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Record batches one after another: for Spark's mapInArrow."""
        for batch in batches:
            yield self(batch)

    def stream(self, source: Any) -> Any:
        """A pyarrow RecordBatchReader over anything that has __arrow_c_stream__; one batch at a time is in memory."""
        import pyarrow as pa

        if not hasattr(source, "__arrow_c_stream__"):
            raise TypeError(f"a table that gives Arrow's C stream is needed, got {type(source).__name__}")
        reader = pa.RecordBatchReader.from_stream(source)
        Columns(reader.schema, self.image, self.key, self.label)  # what cannot be is said now
        return pa.RecordBatchReader.from_batches(reader.schema, self.batches(reader))

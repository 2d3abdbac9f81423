"""Tables with pictures in them: Arrow record batches in, the same columns out, with the pictures made new.

What gives Arrow's C stream (pyarrow, Polars, DuckDB, pandas) is read through pyarrow, a batch at a time.
"""

from __future__ import annotations

import warnings
from typing import Any, Iterable, Iterator, List, Optional

from . import _core

_IMAGE_NAMES = ("image", "img", "jpg", "png", "bytes", "content", "picture")
_KEY_NAMES = ("key", "__key__", "id", "path", "file_name", "filename", "file", "name")


class Columns:
    """Which column holds encoded pictures, which names rows, which their class."""

    def __init__(self, schema: Any, image: Optional[str], key: Optional[str], label: Optional[str]):
        self.image = _found(schema, image, _IMAGE_NAMES, "holds pictures", "image")
        kind = schema.field(self.image).type
        self.nested = _is_struct(kind)
        if self.nested and kind.get_field_index("bytes") < 0:
            raise ValueError(f"column {self.image} has no field bytes, as Hugging Face writes it")
        if not self.nested and not _is_binary(kind):
            raise ValueError(f"column {self.image} must hold files of pictures as binary, or a struct with bytes, got {kind}")
        # Hugging Face's struct names its file; any other name would depend on how rows are parted.
        self.by_path = key is None and self.nested and kind.get_field_index("path") >= 0
        self.key = None if self.by_path else _found(schema, key, _KEY_NAMES, "names rows", "key")
        if label is not None and schema.get_field_index(label) < 0:
            raise ValueError(f"there is no column {label}, only {', '.join(schema.names)}")
        self.label = label


def _is_struct(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_struct(kind)


def _is_binary(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _found(schema: Any, given: Optional[str], names: Iterable[str], what: str, argument: str) -> str:
    name = given if given is not None else next((one for one in names if schema.get_field_index(one) >= 0), None)
    if name is None or schema.get_field_index(name) < 0:
        raise ValueError(f"no column {what}: say {argument}= one of {', '.join(schema.names)}")
    return name


def transform(recipe: Any, batch: Any, columns: Columns, epoch: int, copy: int, threads: int, broken: str) -> Any:
    """A record batch or table with its pictures made new. Rows that cannot be decoded are left out, or end the work."""
    import pyarrow as pa

    column = batch.column(columns.image)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    content = column.field("bytes") if columns.nested else column
    rows = column.to_pylist()
    files: List[Any] = [row and row["bytes"] for row in rows] if columns.nested else rows
    keys = [str(one) for one in (column.field("path") if columns.by_path else batch.column(columns.key)).to_pylist()]
    labels = [] if columns.label is None else [str(one) for one in batch.column(columns.label).to_pylist()]
    present = [number for number, file in enumerate(files) if file is not None]
    made = recipe._core.batch_files(
        [files[number] for number in present], [keys[number] for number in present],
        [labels[number] for number in present] if labels else [], epoch, copy, threads,
    )
    reasons = [one for one in made if isinstance(one, str)]
    if reasons and broken == "raise":
        raise ValueError(reasons[0])
    for reason in reasons:
        warnings.warn(f"left out: {reason}", stacklevel=3)
    for number, file in zip(present, made):
        files[number] = file
    new = pa.array([None if isinstance(file, str) else file for file in files], content.type)
    if columns.nested:
        kind = column.type
        fields = [new if kind.field(i).name == "bytes" else column.field(i) for i in range(kind.num_fields)]
        new = pa.StructArray.from_arrays(fields, fields=list(kind), mask=column.is_null())
    place = batch.schema.get_field_index(columns.image)
    result = batch.set_column(place, batch.schema.field(place), new)
    lost = {number for number, file in zip(present, made) if isinstance(file, str)}
    return result.take(pa.array([number for number in range(len(files)) if number not in lost], pa.int64())) if lost else result


class ArrowRecipe:
    """A recipe for tables: what Recipe.arrow gives. Pickles, so that clusters can send it to their workers."""

    def __init__(
        self, recipe: Any, image: Optional[str], key: Optional[str], label: Optional[str], epoch: int, copy: int, threads: int, broken: str
    ):
        if broken not in ("skip", "raise"):
            raise ValueError(f"broken must be skip or raise, got {broken}")
        self.recipe, self.image, self.key, self.label = recipe, image, key, label
        self.epoch, self.copy, self.threads, self.broken = epoch, copy, threads, broken

    def __call__(self, table: Any) -> Any:
        """A pyarrow Table or RecordBatch with its pictures made new: for Ray's map_batches(..., batch_format="pyarrow")."""
        columns = Columns(table.schema, self.image, self.key, self.label)
        return transform(self.recipe, table, columns, self.epoch, self.copy, self.threads, self.broken)

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

"""Tables between Arrow and JSON Lines, in which the engine reads and writes them.

JSON keeps words and numbers apart, and numbers their digits.
"""

from __future__ import annotations

import json
import math
from typing import Any, Iterable, List, Optional

# A changed number is written with as many decimals as its column shows: these are those of a double near 1.
_DECIMALS = 17


def _plain(kind: Any) -> bool:
    """A column that JSON says as it is."""
    import pyarrow as pa

    t = pa.types
    return t.is_integer(kind) or t.is_string(kind) or t.is_large_string(kind) or t.is_null(kind)


def as_texts(column: Any) -> List[Optional[str]]:
    """The cells of a column as JSON. Times become texts, which pass through."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_texts(column.cast(kind.value_type))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise ValueError(f"a table for augmentation holds numbers, words and times, got a column of {kind}")
    if pa.types.is_boolean(kind):
        return [None if value is None else "true" if value else "false" for value in column.to_pylist()]
    if pa.types.is_floating(kind):
        return _numbers(column.to_pylist())
    if pa.types.is_decimal(kind):
        return [None if value is None else format(value, "f") for value in column.to_pylist()]
    values = column.to_pylist() if _plain(kind) else column.cast(pa.string()).to_pylist()
    return [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]


def _numbers(values: List[Optional[float]]) -> List[Optional[str]]:
    """Floats, the first of them with all the decimals that its column may need. NaN is missing, as everywhere in data frames."""
    infinite = next((value for value in values if value is not None and math.isinf(value)), None)
    if infinite is not None:
        raise ValueError("a table for augmentation must hold finite numbers, got infinity (make it missing, or clip it)")
    texts = [None if value is None or math.isnan(value) else repr(value) for value in values]
    first = next((number for number, text in enumerate(texts) if text is not None), None)
    if first is not None:
        texts[first] = format(values[first], f".{_DECIMALS}f") if abs(values[first]) < 1e15 else texts[first]
    return texts


def write_lines(batches: Iterable[Any], file: Any) -> int:
    """Record batches as JSON Lines; how many."""
    count = 0
    for batch in batches:
        names = [json.dumps(name, ensure_ascii=False) for name in batch.schema.names]
        columns = [as_texts(column) for column in batch.columns]
        for row in zip(*columns):
            cells = (f"{name}: {'null' if cell is None else cell}" for name, cell in zip(names, row))
            file.write("{" + ", ".join(cells) + "}\n")
        count += batch.num_rows
    return count


def read_lines(file: Any, schema: Any) -> Any:
    """JSON Lines as a pyarrow Table with the columns' own types; whole numbers that were scaled become doubles."""
    import pyarrow as pa
    import pyarrow.json

    table = pa.json.read_json(file, parse_options=pa.json.ParseOptions(explicit_schema=_words(schema)))
    columns, fields = [], []
    for name in table.column_names:
        column = table.column(name)
        place = schema.get_field_index(name)
        if place >= 0:
            column = _cast(column, schema.field(place).type)
        columns.append(column)
        fields.append(pa.field(name, column.type))
    metadata = schema.metadata if [field.type for field in fields] == list(schema.types) else None
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=metadata))


def _words(schema: Any) -> Any:
    """Columns that JSON must not guess: a text of digits stays a text."""
    import pyarrow as pa

    t = pa.types
    known = []
    for field in schema:
        kind = field.type.value_type if t.is_dictionary(field.type) else field.type
        if not (t.is_integer(kind) or t.is_floating(kind) or t.is_decimal(kind) or t.is_boolean(kind)):
            known.append(pa.field(field.name, pa.string()))
    return pa.schema(known)


def _cast(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    t = pa.types
    if t.is_dictionary(kind):
        return pa.chunked_array([_cast(column, kind.value_type).combine_chunks().dictionary_encode().cast(kind)])
    if t.is_integer(kind) and t.is_floating(column.type):
        return column
    return column.cast(kind)

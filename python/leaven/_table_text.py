"""Tables between Arrow and JSON Lines, in which the engine reads and writes them.

JSON keeps words and numbers apart, and numbers their digits.
"""

from __future__ import annotations

import math
from json.encoder import encode_basestring
from typing import Any, Iterable, List, Optional

# A changed number is written with as many decimals as its column shows: so many as a double near the least of them has.
_DIGITS, _MOST_DECIMALS = 17, 60


def _plain(kind: Any) -> bool:
    """A column that JSON says as it is."""
    import pyarrow as pa

    t = pa.types
    return t.is_integer(kind) or t.is_string(kind) or t.is_large_string(kind) or t.is_null(kind)


def _counted(kind: Any) -> bool:
    """Durations and times of day: Arrow writes them as texts that it does not read, so they go as a number and its unit."""
    import pyarrow as pa

    return pa.types.is_duration(kind) or pa.types.is_time(kind)


def _counts(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    return column.cast(pa.int32() if kind.bit_width == 32 else pa.int64())


def as_texts(column: Any) -> List[Optional[str]]:
    """The cells of a column as JSON. Dates, times and durations become texts, which pass through."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_texts(column.cast(kind.value_type))
    refused = (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_interval)
    if any(is_such(kind) for is_such in (*refused, pa.types.is_fixed_size_binary)):
        raise ValueError(f"a table for augmentation holds numbers, words and times, got a column of {kind}")
    if pa.types.is_boolean(kind):
        return [None if value is None else "true" if value else "false" for value in column.to_pylist()]
    if pa.types.is_floating(kind):
        return _numbers(column.to_pylist())
    if pa.types.is_decimal(kind):
        return [None if value is None else format(value, "f") for value in column.to_pylist()]
    if _counted(kind):
        return [None if value is None else f'"{value} {kind.unit}"' for value in _counts(column, kind).to_pylist()]
    if pa.types.is_integer(kind):
        return [None if value is None else str(value) for value in column.to_pylist()]
    values = column.to_pylist() if _plain(kind) else column.cast(pa.string()).to_pylist()
    return [None if value is None else encode_basestring(value) for value in values]


def _numbers(values: List[Optional[float]]) -> List[Optional[str]]:
    """Floats, the first of them with all the decimals that its column may need. NaN goes as missing: JSON knows none."""
    infinite = next((value for value in values if value is not None and math.isinf(value)), None)
    if infinite is not None:
        raise ValueError("a table for augmentation must hold finite numbers, got infinity (make it missing, or clip it)")
    texts = [None if value is None or math.isnan(value) else repr(value) for value in values]
    least = min((abs(value) for value, text in zip(values, texts) if text is not None and value), default=1.0)
    decimals = min(_MOST_DECIMALS, max(_DIGITS, _DIGITS - math.floor(math.log10(least))))
    # As long as that it shows its column's decimals, and says the very same number: a double has no more digits than these.
    for number, text in enumerate(texts):
        if text is None or abs(values[number]) >= 1e15:
            continue
        long = format(values[number], f".{decimals}f")
        if float(long) == values[number]:
            texts[number] = long
            break
    return texts


def write_lines(batches: Iterable[Any], file: Any) -> int:
    """Record batches as JSON Lines; how many."""
    count = 0
    for batch in batches:
        names = [encode_basestring(name).replace("%", "%%") for name in batch.schema.names]
        columns = []
        for name, column in zip(batch.schema.names, batch.columns):
            try:
                columns.append(["null" if cell is None else cell for cell in as_texts(column)])
            except ValueError as error:
                raise ValueError(f"column {name}: {error}") from None
        line = "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"
        file.writelines(line % row for row in zip(*columns))
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
    # How pandas calls its columns stays true while all of them are there with their types, in whatever order.
    metadata = schema.metadata if {field.name: field.type for field in fields} == dict(zip(schema.names, schema.types)) else None
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=metadata))


def _words(schema: Any) -> Any:
    """Columns that JSON must not guess: a text of digits stays a text."""
    import pyarrow as pa

    t = pa.types
    known = []
    for field in schema:
        kind = field.type.value_type if t.is_dictionary(field.type) else field.type
        if kind == pa.uint64():
            known.append(pa.field(field.name, kind))
        elif not (t.is_integer(kind) or t.is_floating(kind) or t.is_decimal(kind) or t.is_boolean(kind)):
            known.append(pa.field(field.name, pa.string()))
    return pa.schema(known)


def _cast(column: Any, kind: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute

    t = pa.types
    if t.is_dictionary(kind):
        return pa.chunked_array([_cast(column, kind.value_type).combine_chunks().dictionary_encode().cast(kind)])
    if t.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column))]) if column.null_count == len(column) else column
    if _counted(kind):
        number = pa.int32() if kind.bit_width == 32 else pa.int64()
        return pa.compute.replace_substring(column, f" {kind.unit}", "").cast(number).cast(kind)
    if t.is_integer(kind) and t.is_floating(column.type):
        return column
    if t.is_integer(kind) and t.is_integer(column.type):
        return _clipped(column, kind).cast(kind)
    return column.cast(kind)


def _clipped(column: Any, kind: Any) -> Any:
    """New numbers of a narrow type end where it does."""
    import pyarrow as pa
    import pyarrow.compute as pc

    signed = pa.types.is_signed_integer(kind)
    low, high = (-(2 ** (kind.bit_width - 1)), 2 ** (kind.bit_width - 1) - 1) if signed else (0, 2**kind.bit_width - 1)
    inner = pa.int64() if column.type != pa.uint64() else pa.uint64()
    low, high = max(low, -(2**63) if inner == pa.int64() else 0), min(high, 2**63 - 1 if inner == pa.int64() else 2**64 - 1)
    return pc.min_element_wise(pc.max_element_wise(column, pa.scalar(low, inner), skip_nulls=False), pa.scalar(high, inner), skip_nulls=False)

"""Rows of JSON as a Parquet file. Needs the extra `slips[parquet]`.

The type of a column follows from its values alone, in whatever order they come: truth values, integers, numbers, else
text. Nested values are JSON text, and so is every value but text in a column that has values of several types. A
column without any value is left out, so that it takes no type that another file contradicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from .archive_rows import OTHER_FIELDS

MOST_COLUMNS: Final = 1_000
"""Of a file. What an attacker writes into a log may have a new name in each row; the values of further names are in
the column `other_fields`, an object of JSON for each row."""
_INT64: Final = range(-(2**63), 2**63)
_EXACT: Final = range(-(2**53), 2**53 + 1)
"""Integers that a double holds."""

Kind = Literal["bool", "int64", "float64", "string"]


class Column(NamedTuple):
    """A column: the name of its type in Arrow, and a value or None for each row."""

    kind: Kind
    values: list[Any]


def write_parquet(lines: bytes) -> bytes:
    """Write lines of JSON as a Parquet file, compressed by zstd."""
    from pyarrow import BufferOutputStream, array, table, type_for_alias
    from pyarrow.parquet import write_table

    columns = make_columns(msgspec.json.Decoder().decode_lines(lines))
    arrays = {name: array(column.values, type_for_alias(column.kind)) for name, column in columns.items()}
    file = BufferOutputStream()
    write_table(table(arrays), file, compression="zstd")
    return bytes(file.getvalue())


def make_columns(rows: Sequence[Mapping[str, Any]], most: int = MOST_COLUMNS) -> dict[str, Column]:
    """Return the columns of rows by name, in the order in which the names first have a value."""
    names = dict.fromkeys(name for row in rows for name, value in row.items() if value is not None)
    own = dict.fromkeys(list(names)[:most])
    columns = {name: _make_column([row.get(name) for row in rows]) for name in own}
    if len(names) > len(own):
        others = [{name: value for name, value in row.items() if name in names and name not in own} for row in rows]
        columns[OTHER_FIELDS] = _make_column([other or None for other in others])
    return columns


def _make_column(values: list[Any]) -> Column:
    kind = _kind_of(values)
    return Column(
        kind, [None if value is None else _to_text(value) for value in values] if kind == "string" else values
    )


def _kind_of(values: Sequence[Any]) -> Kind:
    types = {type(value) for value in values} - {type(None)}
    if types == {bool}:
        return "bool"
    if types == {int} and all(value in _INT64 for value in values if value is not None):
        return "int64"
    if types in ({float}, {float, int}) and all(value in _EXACT for value in values if type(value) is int):
        return "float64"
    return "string"


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()

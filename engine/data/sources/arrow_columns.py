"""Columns of Arrow's types as texts, by DuckDB: for Arrow's own files and for Parquet, which has its types.

DuckDB loses some of these types: durations come as whole numbers in the file's unit, zones as UTC. So the
schema is read first, and says how each column is to be written.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from engine.data.columns.texts import listed
from engine.errors import UserError

if TYPE_CHECKING:
    from arro3.core import DataType, Field
    from duckdb import DuckDBPyConnection

SAFE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Nothing is ever fetched from the network."""

UNITS_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

PANDAS_INDEX = "__index_level_"
"""How the name begins of a column in which pandas has kept its index."""

LONGEST_LIST = 10_000


def text_columns(
    file: str, fields: "Iterable[tuple[Field, str]]", connection: "DuckDBPyConnection"
) -> Iterator[tuple[str, str]]:
    """Names of columns, and the expressions of SQL that write them as text.

    fields : with the expression of the column as DuckDB has it. Lists of fixed length become a column for
    each of their places. Durations are in seconds, times of a zone are those of its clocks.
    Raises UserError for columns that hold more than single values.
    """
    from arro3.core import DataType

    nested, found = [], list[tuple[str, str]]()
    for field, column in fields:
        kind = field.type
        if DataType.is_fixed_size_list(kind) and _is_single(kind.value_type):
            length = kind.list_size or 0
            found += [
                (f"{field.name} {place}", f"cast({column}[{place}] as varchar)")
                for place in range(1, min(length, LONGEST_LIST) + 1)
            ]
        elif not _is_single(kind):
            nested.append(field.name)
        else:
            found.append((field.name, _text_of(kind, column, connection)))
    if nested:
        raise UserError(
            file,
            expected="columns of single values",
            got=f"lists, groups or bytes in {listed(nested)}",
            help="Leave these columns out when the file is made.",
        )
    yield from found


def _is_single(kind: "DataType | None") -> bool:
    from arro3.core import DataType

    if kind is None or DataType.is_nested(kind):
        return False
    binary = DataType.is_binary(kind) or DataType.is_large_binary(kind) or DataType.is_binary_view(kind)
    return not (binary or DataType.is_fixed_size_binary(kind))


def _text_of(kind: "DataType", column: str, connection: "DuckDBPyConnection") -> str:
    from arro3.core import DataType

    if DataType.is_duration(kind):
        return f"cast(cast({column} as double) / {UNITS_A_SECOND[kind.time_unit or 's']} as varchar)"
    if DataType.is_timestamp(kind) and kind.tz:
        zone = kind.tz.replace("'", "''")
        known = connection.execute("select 1 from pg_timezone_names() where name = ?", [kind.tz]).fetchall()
        return f"cast({column} at time zone '{zone if known else 'UTC'}' as varchar)"
    return f"cast({column} as varchar)"

"""Types of Arrow, in its own files and in Parquet: each gives the values that were written."""

import datetime

import duckdb
import numpy as np
import pytest
from arro3.core import Array, DataType, Table, fixed_size_list_array
from arro3.io import write_ipc, write_ipc_stream, write_parquet

from engine.data.columns.texts import texts_of
from engine.data.sources.arrow_file import ArrowFile
from engine.data.sources.parquet_file import ParquetFile
from engine.errors import UserError
from engine.first_model import first_experiment

WRITE = {
    "feather": (ArrowFile, lambda table, path: write_ipc(table, path, compression="zstd")),
    "arrow": (ArrowFile, lambda table, path: write_ipc(table, path, compression="lz4")),
    "ipc": (ArrowFile, lambda table, path: write_ipc(table, path, compression=None)),
    "arrows": (ArrowFile, lambda table, path: write_ipc_stream(table, path)),
    "parquet": (ParquetFile, write_parquet),
}


@pytest.fixture(params=WRITE)
def loaded(request, tmp_path):
    """Writes a table of these columns, and reads it."""
    source, write = WRITE[request.param]

    def load(**columns):
        path = tmp_path / f"odd * name.{request.param}"
        write(Table.from_arrays(list(columns.values()), names=list(columns)), str(path))
        return source(path=str(path)).load()

    return load


def array(kind, *values):
    return Array(list(values), type=kind)


@pytest.mark.parametrize(("unit", "a_second"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_durations_are_in_seconds_whatever_their_unit(loaded, unit, a_second):
    numbers = array(DataType.int64(), 3 * a_second, None, -(a_second // 2), 86_400 * a_second)
    table = loaded(d=numbers.cast(DataType.duration(unit)), n=array(DataType.int64(), 1, 2, 3, 4))
    expected = [3, np.nan, -0.5 if a_second > 1 else 0, 86_400]
    np.testing.assert_array_equal(table.column("d").values, expected)


def test_a_nanosecond_of_a_duration_is_not_lost(loaded):
    numbers = array(DataType.int64(), 1, 1_500_000_001, 7)
    values = loaded(d=numbers.cast(DataType.duration("ns"))).column("d").values
    assert values.tolist() == [1e-9, 1.500000001, 7e-9]


def test_times_of_a_zone_are_those_of_its_clocks(loaded):
    numbers = array(DataType.int64(), 0, 1_719_835_200_000_000, None)
    table = loaded(
        berlin=numbers.cast(DataType.timestamp("us", tz="Europe/Berlin")),
        plain=numbers.cast(DataType.timestamp("us")),
    )
    # 1 July 2024, 12:00 UTC is summer time.
    assert list(texts_of(table.column("berlin"))) == ["1970-01-01 01:00:00", "2024-07-01 14:00:00", None]
    assert list(texts_of(table.column("plain"))) == ["1970-01-01 00:00:00", "2024-07-01 12:00:00", None]


def test_whole_numbers_that_a_float_loses_are_codes(loaded):
    table = loaded(
        i=array(DataType.int64(), 2**53 + 1, 2**53, None), u=array(DataType.uint64(), 2**64 - 1, 2**64 - 2, 0)
    )
    assert list(texts_of(table.column("i"))) == ["9007199254740993", "9007199254740992", None]
    assert list(texts_of(table.column("u")))[:2] == ["18446744073709551615", "18446744073709551614"]


def test_decimals_and_small_floats(loaded):
    values = array(DataType.float64(), 1.1, None, -3.5)
    floats = array(DataType.float32(), 0.1, None, 2.0)
    table = loaded(
        short=values.cast(DataType.decimal128(20, 2)),
        long=values.cast(DataType.decimal256(50, 2)),
        single=floats,
        half=array(DataType.float32(), 1.5, None, -0.25).cast(DataType.float16()),
    )
    for name in ("short", "long"):
        np.testing.assert_array_equal(table.column(name).values, [1.1, np.nan, -3.5])
    np.testing.assert_array_equal(table.column("single").values, [0.1, np.nan, 2])
    np.testing.assert_array_equal(table.column("half").values, [1.5, np.nan, -0.25])


def test_lists_of_fixed_length_become_columns(loaded):
    pairs = fixed_size_list_array(array(DataType.float64(), 1.0, 2.5, None, 4.0, 5.0, 6.0), 2)
    table = loaded(n=array(DataType.int64(), 1, 2, 3), pair=pairs)
    assert [column.name for column in table.columns] == ["n", "pair 1", "pair 2"]
    np.testing.assert_array_equal(table.column("pair 1").values, [1, np.nan, 5])
    np.testing.assert_array_equal(table.column("pair 2").values, [2.5, 4, 6])


def test_a_missing_category_is_missing(loaded):
    texts = array(DataType.utf8(), "lo", None, "hi", "lo")
    table = loaded(
        n=array(DataType.int64(), 1, 2, 3, 4),
        c=texts.cast(DataType.dictionary(DataType.int8(), DataType.utf8())),
    )
    assert list(texts_of(table.column("c"))) == ["lo", None, "hi", "lo"]


def test_dates_times_and_truth(loaded):
    days = (datetime.date(2024, 2, 29) - datetime.date(1970, 1, 1)).days
    table = loaded(
        day=array(DataType.int32(), days, None).cast(DataType.date32()),
        yes=array(DataType.bool(), True, False),
        nothing=array(DataType.int64(), None, None),
    )
    assert list(texts_of(table.column("day"))) == ["2024-02-29", None]
    assert (table.column("yes").kind, table.column("yes").values.tolist()) == ("boolean", [1, 0])
    assert table.column("nothing").missing == 2


def test_bytes_and_lists_are_refused_by_name(loaded):
    with pytest.raises(UserError, match="found lists, groups or bytes in “b”"):
        loaded(n=array(DataType.int64(), 1), b=array(DataType.binary(), b"\0"))


def test_the_index_of_pandas_is_no_input(tmp_path):
    table = Table.from_arrays(
        [array(DataType.int64(), 1, 2), array(DataType.int64(), 5, 7)], names=["a", "__index_level_0__"]
    )
    for name, (_, write) in WRITE.items():
        path = tmp_path / f"t.{name}"
        write(table, str(path))
        assert first_experiment(path).data.ignored == ("__index_level_0__",)


def test_names_that_differ_in_case_alone_stay(tmp_path):
    path = tmp_path / "t.parquet"
    write_parquet(
        Table.from_arrays([array(DataType.int64(), 1), array(DataType.int64(), 2)], names=["A", "a"]), path
    )
    table = ParquetFile(path=str(path)).load()
    assert [(column.name, column.values.tolist()) for column in table.columns] == [("A", [1]), ("a", [2])]


def test_sums_that_duckdb_writes_are_numbers(tmp_path):
    # HUGEINT has no type in Parquet: DuckDB itself writes a DOUBLE, in which 2^53 + 1 is 2^53.
    path = tmp_path / "t.parquet"
    duckdb.sql(f"copy (select cast(i + 7 as hugeint) as n from range(3) t(i)) to '{path}' (format parquet)")
    assert ParquetFile(path=str(path)).load().column("n").values.tolist() == [7, 8, 9]


def test_the_first_version_of_feather_is_named(tmp_path):
    path = tmp_path / "t.feather"
    path.write_bytes(b"FEA1" + bytes(100))
    with pytest.raises(UserError, match="expected Feather of version 2, found version 1"):
        ArrowFile(path=str(path)).load()

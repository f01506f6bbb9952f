"""Files of Apache Arrow: Feather, IPC files and streams."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from engine.data.sources.arrow_columns import PANDAS_INDEX, SAFE, text_columns
from engine.data.sources.converted import ConvertedTable, Rows, is_panic
from engine.data.sources.table_file import RoleInFile
from engine.errors import UserError, excerpt
from engine.input_files import TABLE_FILE, open_input
from engine.progress import Progress
from engine.settings import hints

if TYPE_CHECKING:
    from arro3.core import RecordBatch, RecordBatchReader, Schema, Table
    from duckdb import DuckDBPyConnection

MAGIC, OLD_MAGIC = b"ARROW1", b"FEA1"
"""How files of Arrow begin, and those of the first version of Feather; streams begin with their schema."""

ROWS_AT_ONCE = 10_000


class ArrowFile(ConvertedTable):
    """A table in a file or a stream of Apache Arrow, as Feather files are, compressed or not.

    They are read by arro3, since DuckDB reads them only with an extension from the network, and pyarrow is
    five times as large. Batch by batch, so that only one is in memory.
    """

    heading: ClassVar[str] = "Arrow or Feather file"
    suffixes: ClassVar[tuple[str, ...]] = (".feather", ".arrow", ".ipc", ".arrows", ".ft")
    kind: Literal["arrow"] = "arrow"

    path: str = Field(
        "",
        title="File",
        description="A table in the format of Apache Arrow.",
        json_schema_extra=hints(
            path_filter="Arrow files (*.feather *.arrow *.ipc *.arrows *.ft);;All files (*)"
        ),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        return Rows(_rows(path, progress), "Read from an Arrow file.", as_text=True)

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        path = Path(self.path)
        with open_input(path, TABLE_FILE, progress) as stream, _sentences(path):
            names = _reader(path, stream).schema.names
        return {name: "ignored" for name in names if name.startswith(PANDAS_INDEX)}


class _sentences:
    """What the reader raises becomes a sentence."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        import duckdb

        if isinstance(error, duckdb.OutOfMemoryException):
            raise MemoryError from None
        # The reader knows no errors of its own.
        if type(error) is Exception or isinstance(error, duckdb.Error) or (error and is_panic(error)):
            reason = str(error).splitlines()[0].removeprefix("C Data interface error: ").rstrip(".")
            raise UserError(
                self._path.name,
                expected="a whole file of Apache Arrow",
                got=f"one that cannot be read ({excerpt(reason)})",
                help="Make or download the file again.",
            ) from None


def _reader(path: Path, stream: IO[bytes]) -> "RecordBatchReader":
    from arro3.io import read_ipc, read_ipc_stream

    head = stream.read(len(MAGIC))
    stream.seek(0)
    if head.startswith(OLD_MAGIC):
        raise UserError(
            path.name,
            expected="Feather of version 2",
            got="version 1, which is out of use",
            help="Save the table again with a newer library.",
        )
    return read_ipc(stream) if head == MAGIC else read_ipc_stream(stream)


def _rows(path: Path, progress: Progress) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    # Not at the top: importing DuckDB takes a tenth of a second that few sources need.
    import duckdb

    with (
        open_input(path, TABLE_FILE, progress) as stream,
        _sentences(path),
        duckdb.connect(":memory:", config=SAFE) as connection,
    ):
        reader = _reader(path, stream)
        names, expressions = _columns(path, reader.schema, connection)
        yield names
        query = f"select {', '.join(expressions)} from batch"
        for batch in reader:
            connection.register("batch", _readable(batch))
            found = connection.execute(query)
            while rows := found.fetchmany(ROWS_AT_ONCE):
                yield from rows
            connection.unregister("batch")


def _columns(path: Path, schema: "Schema", connection: "DuckDBPyConnection") -> tuple[list[str], list[str]]:
    fields = [(schema.field(place), f"c{place}") for place in range(len(schema.names))]
    found = list(text_columns(path.name, fields, connection))
    return [name for name, _ in found], [expression for _, expression in found]


def _readable(batch: "RecordBatch") -> "Table":
    """The batch with columns c0, c1, …, of types that DuckDB reads."""
    from arro3.core import DataType, Table

    columns = []
    for place in range(batch.num_columns):
        column = batch.column(place)
        if DataType.is_decimal256(column.type):
            column = column.cast(DataType.float64())
        elif DataType.is_float16(column.type):
            column = column.cast(DataType.float32())
        elif DataType.is_duration(column.type):
            # An interval of DuckDB would lose nanoseconds.
            column = column.cast(DataType.int64())
        columns.append(column)
    return Table.from_arrays(columns, names=[f"c{place}" for place in range(len(columns))])

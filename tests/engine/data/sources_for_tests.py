"""One loadable example of every source; a new source that needs a file adds a line here."""

from pathlib import Path

from engine.data.sources.base import Source
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.mnist import MNIST
from tests.engine.data.idx_files import write_mnist

TABLE = "length,colour,grown\n" + "".join(f"{i / 4},{'red' if i % 3 else 'blue'},yes\n" for i in range(20))


def example(kind: type[Source], folder: Path) -> Source:
    """The source with its defaults, or with a small file where it needs one."""
    if kind is CSVFile:
        path = folder / "example.csv"
        path.write_text(TABLE, encoding="utf-8")
        return CSVFile(path=str(path))
    if kind is MNIST:
        return MNIST(path=str(write_mnist(folder / "mnist")))
    return kind()

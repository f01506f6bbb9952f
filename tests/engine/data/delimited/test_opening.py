"""Opening a table: how far it is, how it is cancelled, and that neither changes what comes out."""

import hashlib
import random
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.data import Column, Dataset, DataSettings, Description, Table, describe, prepare
from engine.data.delimited.csv_body import Body
from engine.data.delimited.csv_dialect import Layout
from engine.data.delimited.csv_rows import connected, read_rows
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.mnist import MNIST
from engine.progress import BLOCK_ROWS, Cancelled, Progress
from tests.engine.data.images.idx_files import write_mnist

ROWS = 5_000

ENDLESS = "select count(*) from range(10000000) a, range(10000000) b where a.range < b.range"
"""A query that takes hours."""


class Noted(Progress):
    """Notes what is reported, and cancels itself at a report of a given number."""

    def __init__(self, cancel_at: int | None = None) -> None:
        super().__init__()
        self.reports: list[tuple[float | None, str]] = []
        self.after_cancelling = 0
        self._cancel_at = cancel_at

    def report(self, fraction: float | None, text: str | None = None) -> None:
        self.after_cancelling += self.cancelled
        if len(self.reports) == self._cancel_at:
            self.cancel()
        self.reports.append((fraction, text or self.text))
        super().report(fraction, text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    generator = random.Random(0)
    rows = [
        f"{generator.gauss(0, 1):.3f},{generator.choice(['Köln', 'Rom', ''])},customer {row},"
        f"2024-{row % 12 + 1:02}-01,{generator.choice(['yes', 'no'])}"
        for row in range(ROWS)
    ]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["amount,city,name,day,label", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def settings_of(file: Path) -> DataSettings:
    return DataSettings(source=CSVFile(path=str(file)), target="label", ignored=("name", "day"))


def opened(settings: DataSettings, progress: Progress) -> tuple[Table, Description, Dataset]:
    table = settings.source.load(progress.part(0.0, 0.5))
    description = describe(table, settings, progress.part(0.5, 0.8))
    return table, description, prepare(settings, table, progress=progress.part(0.8, 1.0))


def test_all_steps_of_opening_say_how_far_they_are(file: Path) -> None:
    progress = Noted()
    opened(settings_of(file), progress)
    fractions = [fraction for fraction, _ in progress.reports]
    assert None not in fractions
    assert fractions == sorted(fractions), "what is done never becomes less"
    assert (fractions[0], max(fractions)) == (0.0, pytest.approx(1.0, abs=0.05))
    assert list(dict.fromkeys(text for _, text in progress.reports)) == [
        "Reading rows",
        "Looking through the file",
        "Finding out what each column is",
        "Reading columns",
        "Counting values",
        "Describing columns",
        "Checking the data",
        "Splitting rows",
        "Fitting the preparation",
        "Preparing inputs",
        "Computing the fingerprint of the data",
    ]


def test_cancelled_at_any_moment_it_ends_there_and_leaves_no_file(file: Path, temporary: Path) -> None:
    settings, whole = settings_of(file), Noted()
    opened(settings, whole)
    for moment in random.Random(0).sample(range(len(whole.reports)), 12):
        progress = Noted(cancel_at=moment)
        with pytest.raises(Cancelled):
            opened(settings, progress)
        assert progress.after_cancelling == 0, f"work went on after report {moment}"
        assert list(temporary.iterdir()) == []


def test_another_thread_cancels_it_at_random_moments(file: Path, temporary: Path) -> None:
    settings, chance = settings_of(file), random.Random(0)
    for _ in range(5):
        progress, ended = Progress(), []

        def work(progress: Progress = progress, ended: list[str] = ended) -> None:
            try:
                while True:  # again and again, so that it is never too late to cancel
                    opened(settings, progress)
            except Cancelled:
                ended.append("cancelled")

        thread = threading.Thread(target=work)
        thread.start()
        threading.Event().wait(chance.uniform(0, 0.3))
        progress.cancel()
        thread.join(60)
        assert ended == ["cancelled"]
        assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("delay_s", [0.0, 0.2], ids=["before the query", "within the query"])
def test_cancelling_breaks_off_a_query(tmp_path: Path, delay_s: float) -> None:
    body, progress = tmp_path / "rows.csv", Progress()
    body.write_text("1,2\n")
    canceller = threading.Timer(delay_s, progress.cancel)

    def endless_query() -> None:
        with connected(tmp_path, progress) as connection:
            read_rows(connection, "a.csv", Body(body, Layout(",", ("a", "b"), 0, ())), progress)
            canceller.start()
            if not delay_s:
                # DuckDB forgets an interrupt that comes while it runs nothing.
                canceller.join()
            connection.execute(ENDLESS)

    with pytest.raises(Cancelled):
        endless_query()


def test_reading_images_can_be_cancelled(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    whole = Noted()
    MNIST(path=str(tmp_path)).load(whole)
    assert {text for _, text in whole.reports} == {"Reading rows"}
    progress = Noted(cancel_at=1)
    with pytest.raises(Cancelled):
        MNIST(path=str(tmp_path)).load(progress)
    assert progress.after_cancelling == 0


def test_opening_makes_no_object_for_each_row(file: Path) -> None:
    table, _, dataset = opened(settings_of(file).replace(ignored=("name",), target="city"), Progress())
    assert [column.name for column in table.columns if column.kind == "category"] == ["city", "name", "day"]
    for column in table.columns:
        assert column.kind != "category" or "values" not in vars(column), column.name
    assert dataset.classes == ("Köln", "Rom")


def test_a_table_of_encoded_texts_gives_what_one_of_objects_gives(file: Path) -> None:
    settings = settings_of(file).replace(ignored=("name",), target="city")
    table, description, dataset = opened(settings, Progress())
    columns = [Column(c.name, c.kind, c.values, c.labels, c.infinite) for c in table.columns]
    plain = Table(table.name, tuple(columns), table.notes, decimal=table.decimal)
    assert describe(plain, settings) == description
    again = prepare(settings, plain)
    assert again.preparation == dataset.preparation
    assert again.notes == dataset.notes
    for part in ("training", "validation", "test"):
        for array in ("inputs", "targets", "rows"):
            ours, theirs = getattr(dataset.part(part), array), getattr(again.part(part), array)
            np.testing.assert_array_equal(ours, theirs)


def test_the_fingerprint_in_blocks_is_that_of_the_whole() -> None:
    rows = 2 * BLOCK_ROWS + 3
    generator = np.random.default_rng(0)
    words = np.array(["Köln", "", "Rom", None], dtype=object)[generator.integers(0, 4, rows)]
    numbers = generator.standard_normal(rows)
    flags = generator.integers(0, 2, rows).astype(np.float64)
    table = Table(
        "t",
        (Column("c", "category", words), Column("n", "number", numbers), Column("f", "boolean", flags)),
    )
    expected = hashlib.sha256()
    expected.update(f"c\0category\0\0{rows}\0".encode())
    expected.update("\0".join("\1" if word is None else word for word in words).encode())
    expected.update(f"n\0number\0\0{rows}\0".encode() + numbers.tobytes())
    expected.update(f"f\0boolean\0no/yes\0{rows}\0".encode() + flags.tobytes())
    assert table.fingerprint == expected.hexdigest()

"""The laws of every registered source of tables; a new one is tested the moment it is registered."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from engine.cli.prediction_input import rows_to_predict
from engine.data import DataSettings, prepare
from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import texts_of
from engine.data.sources import SOURCES, ReadingRules, source_for
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.table_file import TableFile
from engine.errors import UserError
from engine.files.run_file import load, save, saved_run
from engine.first_model import first_experiment
from engine.model import Model
from engine.progress import Cancelled, Progress
from engine.settings import kind_of
from engine.training.trainer import Trainer
from tests.engine.data.sources.table_writers import NUMBERS_ALONE, WRITE, example_rows, write_text

TABLES = [kind for kind in SOURCES if issubclass(kind, TableFile)]
every_kind = pytest.mark.parametrize("kind", TABLES, ids=kind_of)


def written(kind, folder, names=None, rows=None):
    """The source of a file with these rows, or with an example."""
    suffix, write = WRITE[kind]
    example_names, example = example_rows(kind)
    path = folder / f"table.{suffix}"
    write(path, names or example_names, example if rows is None else rows)
    return kind.model_validate({"path": str(path)})


def columns(table):
    order = sorted(table.columns, key=lambda column: column.name)
    return [(column.name, column.kind, column.labels, list(texts_of(column))) for column in order]


@every_kind
def test_the_same_table_gives_the_same_experiment_as_its_text(kind, tmp_path):
    names, rows = example_rows(kind)
    write_text(tmp_path / "same.csv", names, rows)
    text, found = CSVFile(path=str(tmp_path / "same.csv")).load(), written(kind, tmp_path).load()
    assert columns(found) == columns(text)
    target = names[-1]
    settings = DataSettings(target=target)
    ours, theirs = prepare(settings, found), prepare(settings, text)
    assert ours.task == theirs.task
    assert ours.classes == theirs.classes
    order = [theirs.feature_names.index(name) for name in ours.feature_names]
    np.testing.assert_array_equal(ours.training.inputs, theirs.training.inputs[:, order])
    np.testing.assert_array_equal(ours.training.targets, theirs.training.targets)


@every_kind
def test_values_are_those_that_were_written(kind, tmp_path):
    names, rows = example_rows(kind)
    table = written(kind, tmp_path).load()
    for place, name in enumerate(names):
        column = table.column(name)
        wanted = [row[place] for row in rows]
        if isinstance(wanted[0], float):
            assert column.kind == "number"
            assert [None if np.isnan(value) else value for value in column.values] == wanted
        else:
            assert list(texts_of(column)) == wanted


@every_kind
def test_a_chosen_type_holds_in_training_and_prediction_and_for_chosen_rows(kind, tmp_path):
    names, rows = example_rows(kind)
    source = written(kind, tmp_path)
    types: dict[str, ColumnType] = {names[0]: "category", names[-1]: "code", names[1]: "number"}
    some = source.replace(rows="2-4, 9")
    whole, part = source.load(types=types), some.load(types=types)
    fields = [
        table for table, _ in (one.load_with_fields({}, (), ReadingRules(types)) for one in (source, some))
    ]
    assert columns(fields[0]) == columns(whole)
    assert columns(fields[1]) == columns(part) == columns(whole.take(np.array([1, 2, 3, 8])))
    assert [whole.column(name).kind for name in types] == list(types.values())
    texts = [isinstance(row[1], str) for row in rows]
    # Words are no numbers; each is listed.
    assert len(whole.unreadable) == len(part.unreadable) == sum(texts)
    assert whole.decimal == ("." if kind is CSVFile else None)


@every_kind
def test_a_preview_shows_what_is_imported(kind, tmp_path):
    source = written(kind, tmp_path)
    whole, preview = source.load(), source.replace(first_rows=9).load()
    assert preview.rows == 9
    assert columns(preview) == columns(whole.take(np.arange(9)))


@every_kind
def test_a_list_of_rows(kind, tmp_path):
    source = written(kind, tmp_path)
    chosen = source.replace(rows="2-4, 9,21-").load()
    assert columns(chosen) == columns(source.load().take(np.array([1, 2, 3, 8, 20, 21, 22, 23])))
    assert "8 of 24 rows are used: 2-4, 9,21-." in chosen.notes
    with pytest.raises(UserError, match="rows: expected numbers up to 24, the last row, found 25"):
        source.replace(rows="25").load()


@pytest.mark.parametrize("rows", ["0", "4-2", "3, 3", "5-, 7", "a", "1--2", "2,1"])
def test_a_list_of_rows_that_does_not_rise(rows):
    with pytest.raises(ValueError, match="numbers of rows from 1 in rising order"):
        CSVFile(path="t.csv", rows=rows)


class CancelledAt(Progress):
    """Cancels itself at a report of this number."""

    def __init__(self, moment):
        super().__init__()
        self.moment, self.reports = moment, 0

    def report(self, fraction, text=None):
        self.reports += 1
        if self.reports == self.moment:
            self.cancel()
        super().report(fraction, text)


@every_kind
def test_reading_ends_where_it_is_cancelled(kind, tmp_path):
    source, watched = written(kind, tmp_path), CancelledAt(0)
    source.load(watched)
    assert watched.reports > 5
    for moment in {1, watched.reports // 4, watched.reports // 2, watched.reports - 1}:
        with pytest.raises(Cancelled):
            source.load(CancelledAt(moment))


@every_kind
def test_predictions_on_raw_rows_after_reload_equal_those_before(kind, tmp_path):
    path = Path(written(kind, tmp_path).path)
    experiment = first_experiment(path, example_rows(kind)[0][-1])
    experiment = experiment.replace(training=experiment.training.replace(epochs=2))
    table = experiment.data.load()
    trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
    for _ in trainer.run():
        pass
    run = saved_run(trainer)
    before = Model.from_state(experiment, run.preparation, run.state.model).predict(table)
    save(tmp_path / "m.gradwright", run)
    loaded = load(tmp_path / "m.gradwright")
    model = Model.from_state(loaded.experiment, loaded.preparation, loaded.state.model)
    for place in (None, str(path)):
        rows = rows_to_predict(model, place)
        after = model.predict(rows.table)
        assert list(after.values) == list(before.values)
        np.testing.assert_array_equal(after.probabilities, before.probabilities)
        assert {len(fields) for fields in rows.fields} == {table.rows}


@every_kind
def test_it_is_found_by_its_name_also_compressed(kind, tmp_path):
    for suffix in kind.suffixes:
        assert source_for(tmp_path / f"a{suffix.upper()}") is kind
        if kind.compressed:
            assert source_for(tmp_path / f"a{suffix}.gz") is kind


def drawn_table(generator):
    """Names, and rows of fields as a file has them: numbers as Python writes them, texts with a letter."""
    marks = ["a", "Zürich", 'he said "no"', "x, y", "two\nlines", "semi;colon", "tab\there", "e5x", "1 a"]
    kinds = [generator.choice(["float", "integer", "text"]) for _ in range(generator.randint(1, 6))]
    names = [f"{kind} {place}" for place, kind in enumerate(kinds)]
    draw = {
        "float": lambda: repr(
            generator.choice([generator.gauss(0, 1), generator.uniform(-1e300, 1e300), 0.5])
        ),
        "integer": lambda: str(generator.randint(-(10**12), 10**12)),
        "text": lambda: generator.choice(marks),
    }
    return names, [[draw[kind]() for kind in kinds] for _ in range(generator.randint(2, 12))]


def agree_with_csv_and_float(folder, count, seed):
    generator = random.Random(seed)
    for number in range(count):
        names, rows = drawn_table(generator)
        path = folder / f"{number}.csv"
        write_text(path, names, rows)
        with path.open(newline="", encoding="utf-8") as stream:
            read, *below = csv.reader(stream)
        table = CSVFile(path=str(path), delimiter=",").load()
        assert [column.name for column in table.columns] == read
        for column, fields in zip(table.columns, zip(*below, strict=True), strict=True):
            if column.name.startswith("text"):
                assert list(texts_of(column)) == list(fields), path.read_text()
            else:
                assert column.values.tolist() == list(map(float, fields)), path.read_text()


def test_drawn_tables_agree_with_csv_and_float(tmp_path):
    agree_with_csv_and_float(tmp_path, 25, seed=0)


@pytest.mark.slow
def test_a_thousand_drawn_tables_agree_with_csv_and_float(tmp_path):
    agree_with_csv_and_float(tmp_path, 1000, seed=1)


def drawn_for_all(generator, kind):
    """A table that each format can hold."""
    names, rows = example_rows(kind, 2)
    draw = [
        (
            lambda: generator.choice(
                [round(generator.gauss(0, 1), 12), float(generator.randint(-99, 99)), 1e-9]
            )
        )
        if isinstance(value, float)
        else (lambda: generator.choice(["red", "light blue", "Ä, ö", 'a "b"', "<x>"]))
        for value in rows[0]
    ]
    return names, [tuple(one() for one in draw) for _ in range(generator.randint(3, 20))]


@every_kind
def test_drawn_tables_are_read_as_they_were_written(kind, tmp_path):
    generator = random.Random(kind_of(kind))
    for number in range(4):
        names, rows = drawn_for_all(generator, kind)
        folder = tmp_path / str(number)
        folder.mkdir()
        table = written(kind, folder, names, rows).load()
        for place, name in enumerate(names):
            wanted = [row[place] for row in rows]
            column = table.column(name)
            found = column.values.tolist() if isinstance(wanted[0], float) else list(texts_of(column))
            assert found == wanted


def test_formats_of_numbers_alone_are_few():
    assert set(NUMBERS_ALONE) < set(TABLES)


def test_values_late_in_a_file_count(tmp_path):
    # DuckDB by itself looks at 20,480 rows, and rounds what comes later.
    path = tmp_path / "t.csv"
    lines = [f"{row % 7},2024-01-01" for row in range(30_000)] + ["0.4,2024-01-01 12:30", "1.5,2024-01-02"]
    path.write_text("\n".join(["n,day", *lines]))
    table = CSVFile(path=str(path)).load()
    assert table.column("n").values[-2:].tolist() == [0.4, 1.5]
    assert list(texts_of(table.column("day")))[-2:] == ["2024-01-01 12:30", "2024-01-02"]

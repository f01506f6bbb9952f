"""`gradwright predict`: the rows as they came, what the model says of them, types as in the training."""

import csv

import numpy as np
import pytest

from engine.data import prepare
from engine.files.run_file import load
from engine.training.trainer import Trainer
from tests.engine.predict.houses import HEADER, predicted


def test_numbers_are_those_of_the_trained_network(folder, capsys):
    header, rows, notes = predicted(folder, "number", (folder / "t.csv").read_text(), capsys)
    assert header == [*HEADER.split(","), "prediction"]
    assert notes.startswith("Note: 18 rows lack values in “size”")
    run = load(folder / "number.gradwright")
    trainer = Trainer(run.experiment, prepare(run.experiment.data, run.experiment.data.load(), np.float32))
    for name, array in trainer.model.state_dict().items():
        array[...] = run.state.model[name]
    for part in (trainer.dataset.training, trainer.dataset.test):
        expected = trainer.dataset.in_target_units(trainer.predict(part.inputs))[:, 0]
        found = [float(rows[row][-1]) for row in part.rows]
        np.testing.assert_allclose(found, expected, rtol=1e-7)
    actual = np.array([float(row[-2]) for row in rows])
    assert np.corrcoef(actual, [float(row[-1]) for row in rows])[0, 1] > 0.9


def test_classes_with_their_probabilities(folder, capsys):
    header, rows, _ = predicted(folder, "classes", (folder / "t.csv").read_text(), capsys)
    names = ["5", "07", "7", "x"]
    assert header[:7] == [*HEADER.split(","), "prediction"]
    assert sorted(header[7:]) == sorted(f"probability {name}" for name in names)
    for row in rows:
        chances = {name.removeprefix("probability "): float(row[7 + i]) for i, name in enumerate(header[7:])}
        assert sum(chances.values()) == pytest.approx(1, abs=1e-6)
        assert row[6] == max(chances, key=chances.__getitem__)


def test_yes_or_no(folder, capsys):
    header, rows, _ = predicted(folder, "yesno", (folder / "t.csv").read_text(), capsys)
    assert header[6:] == ["prediction", "probability no", "probability yes"]
    for row in rows:
        assert float(row[7]) + float(row[8]) == pytest.approx(1, abs=1e-6)
        assert row[6] == ("yes" if float(row[8]) >= 0.5 else "no")


def test_the_rows_come_back_as_they_were(folder, capsys):
    """Names with leading zeros, long numbers, quotes, commas, line breaks, gaps in their own spelling."""
    rows = [
        ["00501", "80.50", "x", "yes", 'says "hi", twice'],
        ["12345678901234567890", " 1e2 ", "07", "NO", "two\nlines"],
        ["é 世界", "", "5", "Yes", ""],
        ["-", "NA", "?", "", "0.10"],
    ]
    with open("in.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["id", "size", "zone", "garden", "note"], *rows])
    with open("in.csv", "rb") as stream:
        header, found, _ = predicted(folder, "number", stream.read(), capsys)
    assert header == ["id", "size", "zone", "garden", "note", "prediction"]
    assert [row[:5] for row in found] == rows
    assert all(np.isfinite(float(row[5])) for row in found)


def test_each_row_is_predicted_as_it_would_be_among_all(folder, capsys):
    """What kind a column is must not depend on the other rows of the file."""
    _, whole, _ = predicted(folder, "number", (folder / "t.csv").read_text(), capsys)
    table = (folder / "t.csv").read_text().splitlines()
    seen = set()
    for number, line in enumerate(table[1:31]):
        _, (alone,), notes = predicted(folder, "number", f"{table[0]}\n{line}\n", capsys)
        assert alone[:-1] == whole[number][:-1]
        # One row is multiplied by another routine than many: the last bit may differ.
        assert float(alone[-1]) == pytest.approx(float(whole[number][-1]), rel=1e-6)
        assert ("lacks values in “size”" in notes) == (number % 9 == 0)
        assert notes.count("\n") == (number % 9 == 0)
        seen.add(alone[2])
    # "5" and "7" alone look like numbers, and "07" like 7.
    assert seen == {"5", "7", "07", "x"}


def test_a_table_without_what_is_not_needed(folder, capsys):
    header, rows, _ = predicted(folder, "number", "garden,zone,size\nyes,x,100\nno,5,100\n", capsys)
    assert header == ["garden", "zone", "size", "prediction"]
    assert float(rows[0][3]) > float(rows[1][3])


def test_spellings_of_yes_and_no(folder, capsys):
    table = "size,zone,garden\n" + "".join(f"90,x,{word}\n" for word in ("yes", "YES", "Yes", "yes"))
    _, rows, _ = predicted(folder, "number", table, capsys)
    assert len({row[3] for row in rows}) == 1
    _, (number,), _ = predicted(folder, "number", "size,zone,garden\n90,x,1\n", capsys)
    # One row is multiplied by another routine than many: the last bit may differ.
    assert float(number[3]) == pytest.approx(float(rows[0][3]), rel=1e-6)


def test_other_delimiters_encodings_and_decimal_commas(folder, capsys):
    _, (plain,), _ = predicted(folder, "number", "size,zone,garden\n90.5,x,yes\n", capsys)
    table = "größe;size;zone;garden\nä;90,5;x;yes\n".encode("utf-16")
    header, (row,), _ = predicted(folder, "number", table, capsys)
    assert header[0] == "größe"
    assert row[-1] == plain[-1]
    assert row[1] == "90,5"


def test_a_category_never_seen_is_told(folder, capsys):
    table = "size,zone,garden\n90,Mars,yes\n90,Mars,yes\n90,Venus,yes\n90,x,yes\n"
    _, rows, notes = predicted(folder, "number", table, capsys)
    assert notes == (
        "Note: Column “zone”: “Mars”, “Venus” did not occur in training and counts as none of its "
        "categories, in 3 rows.\n"
    )
    assert rows[0][3] == rows[2][3] != rows[3][3]


def test_gaps_are_filled_as_in_training(folder, capsys):
    _, rows, _ = predicted(folder, "number", "size,zone,garden\n,x,yes\nNA,x,yes\n?,x,\n", capsys)
    preparation = load(folder / "number.gradwright").preparation
    median = next(fitted.missing_value for fitted in preparation.inputs if fitted.column == "size")
    _, (filled,), _ = predicted(folder, "number", f"size,zone,garden\n{median!r},x,yes\n", capsys)
    assert rows[0][3] == rows[1][3] == filled[3]


def test_columns_of_gaps_alone(folder, capsys):
    _, rows, _ = predicted(folder, "number", "size,zone,garden\n,,\nNA,-,?\n", capsys)
    assert rows[0][3] == rows[1][3]


def test_the_target_in_the_table_is_not_looked_at(folder, capsys):
    _, (row,), _ = predicted(folder, "number", "size,zone,garden,price\n90,x,yes,unknown\n", capsys)
    _, (without,), _ = predicted(folder, "number", "size,zone,garden\n90,x,yes\n", capsys)
    assert row[-1] == without[-1]


def test_names_that_are_taken(folder, capsys):
    table = "size,zone,price,prediction,probability yes\n90,x,300,a,b\n"
    header, (row,), _ = predicted(folder, "yesno", table, capsys)
    assert header[3:] == [
        "prediction",
        "probability yes",
        "prediction 2",
        "probability no",
        "probability yes 2",
    ]
    assert row[3:5] == ["a", "b"]

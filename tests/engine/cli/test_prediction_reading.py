"""A table to be predicted is read as that of the training was: types, decimal mark, marks, order of dates."""

import sqlite3

import numpy as np
import pytest

from engine.cli.prediction_input import notes_on_unreadable, rows_to_predict
from engine.data import DataSettings, prepare
from engine.data.columns.settings import ColumnSettings
from engine.data.columns.texts import texts_of
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from engine.layers.dense import Dense
from engine.model import Model

TRAINING = "day;length;code;ok;y\n" + "".join(
    f"{1 + row % 28}/2/2020;{row},25;{row % 3};{'mw'[row % 2]};{row}\n" for row in range(40)
)
TYPES = {"day": "date", "code": "code", "ok": "boolean", "length": "number"}


def model_of(path, **types):
    data = DataSettings(source=CSVFile(path=str(path)), target="y", task="regression")
    for name, chosen in types.items():
        data = data.with_column(ColumnSettings(name=name, type=chosen))
    experiment = Experiment(data=data, layers=(Dense(units=2),))
    return Model.untrained(experiment, prepare(data, data.load()).preparation)


@pytest.fixture
def training(tmp_path):
    (tmp_path / "training.csv").write_text(TRAINING)
    return tmp_path / "training.csv"


def test_what_the_training_table_proved_holds(training, tmp_path):
    model = model_of(training)
    assert model.preparation.decimal == ","
    # By itself this file would be read with thousands: commas separate its fields.
    (tmp_path / "new.csv").write_text('day,length,code,ok\n3/2/2020,"1,500",1,m\n')
    found = rows_to_predict(model, str(tmp_path / "new.csv")).table
    assert found.column("length").values.tolist() == [1.5]
    again = model_of(training).preparation.from_json(model.preparation.to_json(), "preparation.json")
    assert again == model.preparation


def test_types_hold_for_other_files(training, tmp_path):
    model = model_of(training, **TYPES)
    new = tmp_path / "new.csv"
    new.write_text("day;length;code;ok\n3/2/2020;1,5;01;w\n4/2/2020;long;2;w\n")
    rows = rows_to_predict(model, str(new))
    table = rows.table
    # By itself the file proves no order of day and month, and only one word of yes and no.
    assert texts_of(table.column("day")).tolist() == ["2020-02-03", "2020-02-04"]
    assert table.column("ok").values.tolist() == [1, 1]
    assert table.column("ok").labels == ("m", "w")
    assert table.column("code").values.tolist() == ["01", "2"]
    assert np.array_equal(table.column("length").values, [1.5, np.nan], equal_nan=True)
    assert list(notes_on_unreadable(rows)) == [
        "Line 3, column “length”: expected a number, found “long”; it counts as missing."
    ]
    assert model.predict(table).notes == (
        "Column “code”: “01” did not occur in training and counts as none of its categories, in 1 row.",
    )


def test_its_own_rows_are_read_with_types(training):
    model = model_of(training, **TYPES)
    table = rows_to_predict(model, None).table
    assert [column.kind for column in table.columns] == ["date", "number", "code", "boolean", "number"]


def test_marks_of_missing_values_hold_for_other_formats(training, tmp_path):
    data = DataSettings(source=CSVFile(path=str(training), missing=("-999",)), target="y", task="regression")
    preparation = prepare(data, data.load()).preparation
    model = Model.untrained(Experiment(data=data, layers=(Dense(units=2),)), preparation)
    with sqlite3.connect(tmp_path / "new.sqlite") as connection:
        connection.execute("create table t (day, length, code, ok)")
        connection.execute("insert into t values ('3/2/2020', -999, 1, 'm')")
    connection.close()
    table = rows_to_predict(model, str(tmp_path / "new.sqlite")).table
    assert table.column("length").missing == 1

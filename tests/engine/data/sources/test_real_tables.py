"""Real tables as people have them; needs the folder that GRADWRIGHT_DATA names."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset, DataSettings, Description, Preparation, describe, prepare
from engine.data.sources.csv_file import CSVFile

FOLDER = os.environ.get("GRADWRIGHT_DATA")

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="GRADWRIGHT_DATA is not set: it names the folder that holds csv/ and mnist/"
)


def used(name: str, target: str, *ignored: str) -> tuple[Description, Dataset]:
    source = CSVFile(path=str(Path(FOLDER or "") / "csv" / name))
    settings = DataSettings(source=source, target=target, ignored=ignored)
    table = source.load()
    return describe(table, settings), prepare(settings, table)


def test_penguins() -> None:
    description, dataset = used("penguins.csv", "species")
    assert description.headline == "344 rows · 6 input columns · 3 classes"
    assert {column.name: column.missing for column in description.columns if column.missing} == {
        **dict.fromkeys(["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"], 2),
        "sex": 11,
    }
    assert dataset.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert dataset.input_shape == (description.inputs,) == (10,)
    assert np.isfinite(dataset.training.inputs).all()


def test_titanic() -> None:
    description, dataset = used("titanic.csv", "survived")
    assert (dataset.task, dataset.classes, description.rows) == ("binary", ("0", "1"), 891)
    kinds = {column.name: column.kind for column in description.columns}
    assert [name for name, kind in kinds.items() if kind == "boolean"] == ["adult_male", "alive", "alone"]
    assert {column.name: column.missing for column in description.columns}["age"] == 177
    assert [(one.kind, one.ignorable) for one in description.findings if one.ignorable] == [
        ("gives_target_away", ("alive",)),
        ("mostly_missing", ("deck",)),
        ("duplicate_columns", ("class", "embark_town")),
    ]
    assert dataset.training.targets.mean() == pytest.approx(342 / 891, abs=0.002)


def test_mpg() -> None:
    description, dataset = used("mpg.csv", "mpg")
    assert dataset.task == "regression"
    assert [finding.ignorable for finding in description.findings if finding.ignorable] == [("name",)]
    _, dataset = used("mpg.csv", "mpg", "name")
    assert dataset.input_shape == (9,)
    assert Preparation.from_json(dataset.preparation.to_json(), "preparation.json") == dataset.preparation
    miles = dataset.in_target_units(np.concatenate([dataset.training.targets, dataset.test.targets]))
    assert (miles.min() >= 8.9, miles.max() <= 46.7) == (True, True)


def test_numbers_of_cylinders_are_classes() -> None:
    description, _ = used("mpg.csv", "cylinders", "name")
    assert description.task == "classification"
    assert [name for name, _ in description.classes] == ["3", "4", "5", "6", "8"]

"""The data sets that come along have their known sizes, names and values."""

import numpy as np

from engine.data.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine


def test_iris() -> None:
    table = Iris().load()
    assert table.rows == 150
    assert [column.name for column in table.columns] == [
        *("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        "species",
    ]
    assert table.column("sepal length (cm)").values[0] == 5.1
    assert list(table.column("species").values[[0, 50, 100]]) == ["setosa", "versicolor", "virginica"]


def test_wine() -> None:
    table = Wine().load()
    assert (table.rows, len(table.columns)) == (178, 14)
    assert list(np.unique(table.column("grower").values.astype(str), return_counts=True)[1]) == [59, 71, 48]


def test_breast_cancer() -> None:
    table = BreastCancer().load()
    assert (table.rows, len(table.columns)) == (569, 31)
    diagnosis = list(table.column("diagnosis").values)
    assert (diagnosis.count("malignant"), diagnosis.count("benign")) == (212, 357)


def test_digits_are_images_with_raw_values() -> None:
    table = Digits().load()
    images = table.column("image")
    assert (images.kind, images.values.shape) == ("image", (1797, 8, 8, 1))
    assert (images.values.min(), images.values.max()) == (0, 16)
    assert list(table.column("digit").values[:3]) == ["0", "1", "2"]


def test_diabetes_is_in_the_units_it_was_measured_in() -> None:
    table = Diabetes().load()
    assert table.rows == 442
    assert (table.column("age").values[0], table.column("bmi").values[0]) == (59, 32.1)
    assert table.column("progression").values[0] == 151

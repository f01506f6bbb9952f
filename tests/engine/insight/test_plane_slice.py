"""A plane through many inputs: what is predicted on it is what the model predicts for rows made by hand."""

import numpy as np
import pytest

from engine.data.table import Column, Table
from engine.insight.plane_slice import (
    InputFactsQuery,
    Plane,
    SliceMapQuery,
    SlicePointsQuery,
    numeric_columns,
)
from tests.engine.training.runs import dense, experiment, take, trainer

PLANE = Plane(
    "age", "height", (20.0, 60.0), (1.5, 2.0), (("town", "Rome"), ("smokes", "yes"), ("pay", 3000.0))
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """90 people: three numbers, a town, yes or no, and what is predicted: a class or a number."""
    chance = np.random.default_rng(4)
    rows = ["age,height,pay,town,smokes,kind,worth"]
    for row in range(90):
        age, height = chance.integers(18, 70), chance.uniform(1.5, 2.0)
        town = ("Rome", "Bonn", "Oslo")[row % 3 if row % 4 else 0]
        pay = "" if row % 10 == 3 else f"{chance.integers(1000, 5000)}"
        kind = "abc"[int(age > 40) + int(height > 1.8)]
        rows.append(f"{age},{height:.2f},{pay},{town},{'yes' if row % 3 else 'no'},{kind},{age * height:.1f}")
    path = tmp_path_factory.mktemp("people") / "people.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def run_on(table, target, ignored, **more):
    data = {"source": {"kind": "csv", "path": str(table)}, "target": target, "ignored": [ignored], **more}
    return take(trainer(experiment([dense(6)], data, epochs=3)), 4)


def predictions(run, ages, heights, held):
    """Of rows that are written down in full, one below the other."""
    count = len(ages)
    numbers = {"age": ages, "height": heights, "pay": [held["pay"]] * count}
    columns = [Column(name, "number", np.array(values, float)) for name, values in numbers.items()]
    columns.append(Column("town", "category", np.array([held["town"]] * count, object)))
    smokes = np.full(count, float(held["smokes"] == "yes"))
    columns.append(Column("smokes", "boolean", smokes, ("no", "yes")))
    rows = run.dataset.preparation.transform(Table("by hand", tuple(columns)), np.float32)
    return run.dataset.in_target_units(run.predict(rows))


@pytest.mark.parametrize("categories", ["one_hot", "integer"])
@pytest.mark.parametrize(("target", "ignored"), [("kind", "worth"), ("worth", "kind")])
def test_a_map_has_the_predictions_for_rows_made_by_hand(table, target, ignored, categories):
    run = run_on(table, target, ignored, categories=categories)
    found = SliceMapQuery(PLANE, 5).answer(run)
    ages, heights = np.meshgrid(np.linspace(20, 60, 5), np.linspace(1.5, 2.0, 5))
    expected = predictions(run, ages.ravel(), heights.ravel(), dict(PLANE.held))
    np.testing.assert_allclose(found.values.reshape(25, -1), expected, rtol=1e-5)
    assert (found.x_range, found.y_range) == (PLANE.x_range, PLANE.y_range)
    elsewhere = Plane(*("age", "height"), PLANE.x_range, PLANE.y_range, (("town", "Oslo"), *PLANE.held[1:]))
    other = SliceMapQuery(elsewhere, 5).answer(run)
    expected = predictions(run, ages.ravel(), heights.ravel(), dict(elsewhere.held))
    np.testing.assert_allclose(other.values.reshape(25, -1), expected, rtol=1e-5)
    assert not np.allclose(found.values, other.values)


def test_columns_are_held_at_their_middle_at_first(table):
    run = run_on(table, "kind", "worth")
    facts = {fact.column: fact for fact in InputFactsQuery().answer(run)}
    rows = run.dataset.training.rows
    cells = [line.split(",") for line in table.read_text().splitlines()[1:]]
    ages = [float(cells[row][0]) for row in rows]
    towns = [cells[row][3] for row in rows]
    assert (facts["age"].low, facts["age"].high) == (min(ages), max(ages))
    assert facts["age"].default == pytest.approx(np.median(ages), rel=1e-5)
    assert facts["town"].default == max(sorted(set(towns)), key=towns.count)
    assert set(facts["town"].options) >= {"Rome", "Bonn", "Oslo"}
    assert facts["smokes"].options == ("no", "yes")
    assert facts["smokes"].default == "yes"
    assert numeric_columns(run.dataset.preparation) == ("age", "height", "pay")


def test_samples_lie_where_their_columns_say_and_know_how_far_they_are(table):
    run = run_on(table, "kind", "worth")
    found = SlicePointsQuery(PLANE, 1000).answer(run)
    cells = [line.split(",") for line in table.read_text().splitlines()[1:]]
    rows = [
        run.dataset.part(part).rows[index] for part, index in zip(found.parts, found.indices, strict=True)
    ]
    assert sorted(rows) == list(range(90))
    own = np.array([[float(cells[row][0]), float(cells[row][1])] for row in rows])
    np.testing.assert_allclose(found.x, own, rtol=1e-5)
    assert [run.dataset.classes[target] for target in found.targets] == [cells[row][5] for row in rows]
    # Those that smoke in Rome and are paid 3000 lie in the plane; another town is one third of a square.
    pay = np.array([float(cells[row][2] or "nan") for row in rows])
    known = ~np.isnan(pay)
    squares = np.array([(cells[row][3] != "Rome") + float(cells[row][4] != "yes") for row in rows])
    rest = 3 * found.distances[known] ** 2 - squares[known]
    spread = np.abs(pay[known] - 3000)
    scale = np.sqrt(rest[spread > 100]) / spread[spread > 100]
    np.testing.assert_allclose(scale, scale[0], rtol=1e-3)


def test_what_is_no_plane_of_the_data_has_no_map(table):
    run = run_on(table, "kind", "worth")
    for axes in (("age", "town"), ("age", "age"), ("age", "weight")):
        plane = Plane(*axes, (0.0, 1.0), (0.0, 1.0))
        assert SliceMapQuery(plane, 4).answer(run) is None
        assert SlicePointsQuery(plane, 10).answer(run) is None

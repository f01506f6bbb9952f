"""Tables of Orange: header rows with types and roles."""

import numpy as np

from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import texts_of
from engine.data.sources import ReadingRules, source_for
from engine.data.sources.csv_file import CSVFile
from engine.first_model import first_experiment

ORANGE = (
    "id\tage\tgender\tgrade\tsurvived\n"
    "string\tcontinuous\tfemale male\tdiscrete\t0 1\n"
    "meta\t\t\t\tclass\n"
    "a\t29\tmale\t1\t1\nb\t2\tfemale\t2\t0\nc\t?\tmale\t1\t1\n"
)


def test_orange_says_kinds_and_roles(tmp_path):
    path = tmp_path / "t.tab"
    path.write_text(ORANGE)
    data = first_experiment(path).data
    assert (data.target, data.ignored) == ("survived", ("id",))
    table = data.load()
    np.testing.assert_array_equal(table.column("age").values, [29, 2, np.nan])
    assert table.column("gender").levels == ("female", "male")
    # Numbers that stand for something are no quantities.
    assert [(c.name, c.kind) for c in table.columns][3:] == [("grade", "category"), ("survived", "category")]
    assert table.column("survived").levels == ("0", "1")
    assert any("types and roles, as Orange writes them" in note for note in table.notes)


def test_what_is_asked_for_comes_before_what_orange_says(tmp_path):
    path = tmp_path / "t.tab"
    path.write_text(ORANGE)
    data = first_experiment(path, "id", ("age",)).data
    assert (data.target, data.ignored) == ("id", ("age",))


def test_a_plain_tab_file_is_a_table(tmp_path):
    path = tmp_path / "t.tab"
    path.write_text("a\tb\n1\tx\n2\ty\n")
    assert source_for(path) is CSVFile
    assert first_experiment(path).data.ignored == ()


def test_types_that_a_person_chose_come_before_what_orange_says(tmp_path):
    path = tmp_path / "t.tab"
    path.write_text(ORANGE)
    types: dict[str, ColumnType] = {
        "grade": "number",
        "age": "category",
        "gender": "code",
        "survived": "boolean",
    }
    source = CSVFile(path=str(path))
    for table in (source.load(types=types), source.load_with_fields({}, (), ReadingRules(types))[0]):
        assert table.column("grade").values.tolist() == [1, 2, 1]
        assert list(texts_of(table.column("age"))) == ["29", "2", None]
        gender = table.column("gender")
        assert (gender.kind, gender.levels, list(gender.values)) == (
            "code",
            ("female", "male"),
            ["male", "female", "male"],
        )
        assert table.column("survived").labels == ("0", "1")
    # So it is where a model was trained on numbers.
    table, _ = source.load_with_fields({}, ("grade",))
    assert table.column("grade").kind == "number"

"""The laws that every registered source obeys; a new source is tested the moment it is registered."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import annotated_types
import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.data import DataSettings, prepare
from engine.data.columns.settings import ColumnType
from engine.data.sources import SOURCES, AnySource, Source
from engine.data.table import TEXT_KINDS
from engine.errors import UserError
from engine.settings import kind_of, read
from tests.engine.data.sources.sources_for_tests import example

every_source = pytest.mark.parametrize("kind", SOURCES, ids=kind_of)


def bad_values() -> list[Any]:
    """For every bound that a field of a source declares, a value just beyond it; and a wrong type."""
    found = []
    for kind in SOURCES:
        for name, field in kind.model_fields.items():
            for rule in field.metadata:
                if isinstance(rule, annotated_types.Ge):
                    found.append(pytest.param(kind, name, rule.ge - 1, id=f"{kind_of(kind)}-{name}-low"))
                if isinstance(rule, annotated_types.Le):
                    found.append(pytest.param(kind, name, rule.le + 1, id=f"{kind_of(kind)}-{name}-high"))
            if name != "kind" and field.annotation in (int, float):
                found.append(pytest.param(kind, name, "abc", id=f"{kind_of(kind)}-{name}-text"))
    return found


@every_source
def test_loads_columns_of_one_length(kind: type[Source], tmp_path: Path) -> None:
    table = example(kind, tmp_path).load()
    assert table.rows >= 10
    assert len({column.name for column in table.columns}) == len(table.columns)
    assert {len(column.values) for column in table.columns} == {table.rows}
    assert table.name
    assert table.notes
    for column in table.columns:
        expected = {
            "number": ("float64",),
            "boolean": ("float64",),
            "category": ("object",),
            "image": ("float32", "uint8"),
        }
        assert column.values.dtype in expected[column.kind]


@every_source
@pytest.mark.parametrize("chosen", ["number", "boolean", "date", "code"])
def test_columns_get_the_type_that_is_chosen(kind: type[Source], chosen: ColumnType, tmp_path: Path) -> None:
    source = example(kind, tmp_path)
    before = source.load()
    table = source.load(types={column.name: chosen for column in before.columns})
    assert [column.name for column in table.columns] == [column.name for column in before.columns]
    for old, column in zip(before.columns, table.columns, strict=True):
        assert column.kind == ("image" if old.kind == "image" else chosen)
        assert column.rows == before.rows
        assert len(column.values) == before.rows
    assert all(place.reason.startswith("expected ") for place in table.unreadable)
    assert (chosen in TEXT_KINDS) <= (not table.unreadable)


@every_source
def test_loads_the_same_again(kind: type[Source], tmp_path: Path) -> None:
    source = example(kind, tmp_path)
    assert source.load().fingerprint == source.load().fingerprint


@every_source
def test_has_its_usual_target(kind: type[Source], tmp_path: Path) -> None:
    table = example(kind, tmp_path).load()
    assert not kind.usual_target or table.column(kind.usual_target)


@every_source
def test_prepares_without_further_settings(kind: type[Source], tmp_path: Path) -> None:
    source = example(kind, tmp_path)
    ignored = ("grown",) if any(column.name == "grown" for column in source.load().columns) else ()
    dataset = prepare(DataSettings(source=source, ignored=ignored), source.load())
    assert np.isfinite(dataset.training.inputs).all()
    assert dataset.training.inputs.shape[1:] == dataset.input_shape
    assert kind.usual_task in (None, dataset.task)


@every_source
def test_json_round_trip(kind: type[Source], tmp_path: Path) -> None:
    source = example(kind, tmp_path)
    adapter: TypeAdapter[Any] = TypeAdapter(AnySource)
    assert adapter.validate_json(source.model_dump_json()) == source
    assert adapter.validate_python(kind_of(kind)) == kind()


@every_source
def test_every_field_can_be_shown_in_a_form(kind: type[Source]) -> None:
    assert kind.heading
    assert kind.icon
    assert kind.group
    for name, field in kind.model_fields.items():
        if name != "kind":
            assert field.title, name
            assert field.description, name
            assert field.description.endswith("."), name


@pytest.mark.parametrize(("kind", "name", "value"), bad_values())
def test_refuses_what_is_out_of_range(kind: type[Source], name: str, value: object) -> None:
    with pytest.raises(UserError, match=r"^Data, .+: expected a (whole )?number.*, found ") as caught:
        read(kind, {name: value}, "Data")
    assert caught.value.help


@every_source
def test_refuses_unknown_fields(kind: type[Source]) -> None:
    with pytest.raises(UserError, match="no such field"):
        read(kind, {"nonsense": 1}, "Data")


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if "seed" in kind.model_fields], ids=kind_of)
def test_another_seed_gives_other_data(kind: type[Source]) -> None:
    assert kind.model_validate({"seed": 1}).load().fingerprint != kind().load().fingerprint


def test_importing_the_engine_imports_no_heavy_library() -> None:
    heavy = ["sklearn", "duckdb", "charset_normalizer"]
    program = f"import json, sys, engine.data; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []

"""Roles of columns in the settings of the data."""

import pytest

from engine.data import DataSettings
from engine.data.columns.roles import ROLE_TITLES, role_of, with_role
from engine.data.columns.settings import ColumnSettings


@pytest.mark.parametrize("role", ROLE_TITLES)
def test_a_role_that_is_given_is_the_role_that_a_column_has(role):
    changed = with_role(DataSettings(ignored=("a", "b"), group="c"), ["a", "c"], role)
    given = "c" if role in ("target", "group", "weight", "time", "part") else "a"
    assert role_of(changed, given, changed.target) == role
    assert changed.ignored == (("a", "b", "c") if role == "ignored" else ("b",))


def test_a_column_has_one_role_at_a_time():
    settings = with_role(with_role(DataSettings(target="y"), ["y"], "weight"), ["y"], "time")
    assert (settings.target, settings.weight, settings.time) == (None, None, "y")


def test_a_decision_about_a_column_is_kept_once_and_the_usual_one_not_at_all():
    settings = DataSettings().with_column(ColumnSettings(name="a", type="code"))
    settings = settings.with_column(ColumnSettings(name="a", type="text"))
    assert settings.types == {"a": "text"}
    assert settings.with_column(ColumnSettings(name="a")) == DataSettings()

"""What the README says holds: its commands exist, its picture is there, its layer obeys the laws."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main as command_line
from engine.cli.command_line import COMMANDS
from engine.data import DataSettings, prepare
from engine.data.columns.texts import different_texts
from engine.experiment import from_json
from engine.layers import Layer
from engine.metrics import Measurement
from tests.engine import test_layer_laws as laws

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def example(title: str) -> dict[str, object]:
    """The names that the code under a heading of the README defines."""
    code = re.search(rf"### {title}\n.+?```python\n(.+?)```", README, re.DOTALL)
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(ast.parse(code[1]), "README.md", "exec"), names)
    return names


@pytest.fixture(scope="module")
def layer() -> Layer:
    return example("Adding a layer")["Scale"]()


def test_the_metric_is_measured():
    metric = example("Adding a metric")["SecondChoice"]()
    measurement = Measurement([metric], 3)
    measurement.update(np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6]]), np.array([1, 1, 0]))
    assert measurement.result() == {"second_choice": pytest.approx(1 / 3)}
    assert (metric.title, metric.suits("regression")) == ("Second choice", False)


def test_the_source_makes_a_table_that_can_be_learned_from():
    source = example("Adding a data source")["Stripe"](points=200)
    table = source.load()
    inputs, target = np.column_stack([column.values for column in table.columns[:2]]), table.columns[2]
    assert (target.name, different_texts(target)) == ("class", ["A", "B"])
    assert inputs.shape == (200, 2)
    assert prepare(DataSettings(), table).task == "classification"


@pytest.mark.parametrize("shape", [(6,), (6, 6, 2)])
def test_the_layer_obeys_the_laws(layer, shape):
    laws.test_gradients_agree_with_central_differences(layer, shape, laws.ROWS)
    laws.test_inputs_and_parameters_are_only_read(layer, shape)
    laws.test_json_round_trip(layer)


def test_the_layer_starts_within_its_spread(layer):
    network, _, _ = laws.built(layer, (200,))
    network.initialize(np.random.default_rng(0))
    assert 0.5 < abs(network.parameters).max() <= 1.0


def test_what_it_shows_is_there():
    for target in re.findall(r"!\[.*?\]\((.+?)\)", README):
        assert (ROOT / target).stat().st_size > 10_000
    for script in re.findall(r"sh (\.ci/\w+)", README):
        assert (ROOT / script).is_file()


@pytest.mark.parametrize("text", re.findall(r"```json\n(.+?)```", README, re.DOTALL))
def test_its_experiments_can_be_read(text):
    assert from_json(text, "README.md").data.target == "species"


@pytest.mark.parametrize("command", COMMANDS)
def test_it_names_every_option_and_no_other(command, capsys):
    assert command_line([command, "--help"]) == 0
    known = capsys.readouterr().out
    line = next(line for line in README.splitlines() if line.startswith(f"    gradwright {command} "))
    named = set(re.findall(r"--\w+", line))
    assert named == set(re.findall(r"--\w+", known)) - {"--help"}

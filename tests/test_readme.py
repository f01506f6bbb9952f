"""What the README says holds: its commands exist, its picture is there, its layer obeys the laws."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main as command_line
from engine.cli.arguments import COMMANDS
from engine.experiment import from_json
from engine.layers import Layer
from tests.engine import test_layer_laws as laws

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def layer() -> Layer:
    code = re.search(r"```python\n(.+?)```", README, re.DOTALL)
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(ast.parse(code[1]), "README.md", "exec"), names)
    return names["Scale"]()


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

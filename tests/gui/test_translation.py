"""Every text of the window can be translated: it passes `gui.kit.text.tr`, which names its values."""

import ast
import gettext
import json
import os
import string
import subprocess
import sys
from pathlib import Path

import pytest

from gui.kit import text
from gui.kit.text import plural, tr

ROOT = Path(__file__).resolve().parents[2]


def test_no_text_of_the_window_is_left_out(tmp_path):
    result = tmp_path / "texts.json"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.gui.pseudo_translation", str(result)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=200, capture_output=True)
    told = json.loads(result.read_text())
    assert told["found"] == {}
    assert len(told["looked_up"]) > 500
    assert "Learning rate" in told["looked_up"]


def calls() -> list[tuple[str, ast.Call]]:
    """All calls of `tr` in the window, with the file in which they stand."""
    found = []
    for path in sorted((ROOT / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node))
    return found


def test_each_text_names_the_values_that_it_is_given():
    wrong = {}
    for place, call in calls():
        if isinstance(call.args[0], ast.Constant) and call.keywords:
            named = {name for _, name, _, _ in string.Formatter().parse(call.args[0].value) if name}
            if named != {keyword.arg for keyword in call.keywords}:
                wrong[place] = call.args[0].value
    assert wrong == {}


def test_no_text_is_put_together_before_it_is_looked_up():
    """Such a text is in no catalog: its values have to be named."""
    assert [place for place, call in calls() if isinstance(call.args[0], ast.JoinedStr)] == []


class Backwards(gettext.NullTranslations):
    def gettext(self, message):
        return {"{step} of {steps}": "{steps}, {step}"}.get(message, message)

    def ngettext(self, msgid1, msgid2, n):
        return "many" if n in (0, 1) else "few"


@pytest.fixture
def backwards():
    before = text.use_catalog(Backwards())
    yield
    text.use_catalog(before)


@pytest.mark.usefixtures("backwards")
def test_a_catalog_may_put_values_in_another_order_and_has_its_own_plurals():
    assert tr("{step} of {steps}", step=3, steps=8) == "8, 3"
    assert plural(1, "row", "rows") == "many"
    assert plural(5, "row", "rows") == "few"


def test_a_value_is_never_looked_up_or_filled_in():
    assert tr("Target “{name}”", name="{step}") == "Target “{step}”"
    assert tr("") == ""
    assert tr("100 % {of}") == "100 % {of}"

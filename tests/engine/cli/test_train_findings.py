"""What `gradwright train` says of a run that goes wrong."""

import json

import pytest

from tests.engine.commands import gradwright
from tests.engine.diagnosis.runs import cases


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "high.json"
    file.write_text(cases()["unstable_decay"][0].to_json())
    return file


def test_findings_are_printed_at_the_end_with_their_remedies(path):
    lines = gradwright("train", path).stdout.splitlines()
    (finding,) = (number for number, line in enumerate(lines) if line.startswith("Finding: "))
    assert "0.3 × 10 = 3, above 2" in lines[finding]
    assert lines[finding + 1].startswith("  Try: Lower L2 to 0.001; ")


def test_the_object_of_json_has_them(path):
    (finding,) = json.loads(gradwright("train", path, "--json").stdout)["findings"]
    assert finding["kind"] == "unstable_decay"
    assert finding["severity"] == "serious"
    assert finding["remedies"][0] == "Lower L2 to 0.001"

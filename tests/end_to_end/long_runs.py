"""Runs of the command line that end only when they are told to."""

import sys
from pathlib import Path

import pytest

from tests.engine.training.runs import experiment

LONG = 1_000_000
"""Epochs of a run that ends only when it is told to."""
PATIENCE_S = 60.0
"""For what surely comes, on a machine that does other things as well."""
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and terminals")


def write(path: Path, **training) -> Path:
    path.write_text(experiment(**training).to_json())
    return path

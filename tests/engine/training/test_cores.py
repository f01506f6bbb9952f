"""The same bits whatever the cores: on one and on all, and saved on one number and resumed on another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.training.resources import LIMITING
from tests.engine.training.core_probe import IN_ONE_PIECE, IN_PARTS

ROOT = Path(__file__).parents[3]
RUNS = [*IN_PARTS, *IN_ONE_PIECE]


def probe(cores, action, folder, **more):
    """What `core_probe` prints, in an environment that asks for no number of threads but with `more`."""
    own = {name: value for name, value in os.environ.items() if name not in LIMITING}
    if cores != "all" and not hasattr(os, "sched_setaffinity"):
        cores, more = "all", more | dict.fromkeys(LIMITING, str(cores))
    result = subprocess.run(
        [sys.executable, "-m", "tests.engine.training.core_probe", str(cores), action, str(folder)],
        cwd=ROOT,
        env=own | more,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def on_one_core(tmp_path_factory):
    """What runs on one core find, that never stop."""
    return probe(1, "whole", tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """What they find in other ways."""
    one, several = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("all")
    probe(1, "save", one), probe("all", "save", several)
    return {
        "all cores": probe("all", "whole", one),
        "all cores, one thread in the environment": probe("all", "whole", one, OPENBLAS_NUM_THREADS="1"),
        "saved on one core, resumed on all": probe("all", "resume", one),
        "saved on all cores, resumed on one": probe(1, "resume", several),
    }


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("run", RUNS)
def test_the_same_bits(run, on_one_core, elsewhere):
    for way, found in elsewhere.items():
        assert found[run] == on_one_core[run], way


@pytest.mark.parametrize("run", RUNS)
def test_which_runs_split_their_batches(run, on_one_core):
    """Else the test above would say less than it seems to."""
    assert (on_one_core[run][0] > 1) == (run in IN_PARTS)

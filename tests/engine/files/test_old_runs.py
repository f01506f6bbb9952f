"""Runs of many kinds that earlier programs saved: they predict the same and train on to the same bits."""

import json
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.data import prepare
from engine.files.run_file import load, resume, save, saved_run
from tests.engine.files.stored.make_runs import RUNS, arithmetic, predicted, state_of
from tests.engine.training.runs import finish

STORED = Path(__file__).parent / "stored"
COMMITS = ("767f7c8", "256a762")


@cache
def expected(commit):
    return json.loads((STORED / commit / "expected.json").read_text())


def agrees(found, stored, same_processor):
    """Bit by bit where this machine computes as the one that wrote the file; else within rounding."""
    for name in ("parameters", "outputs", "losses"):
        np.testing.assert_allclose(found[name], stored[name], rtol=1e-3, atol=1e-4, err_msg=name)
    assert found["digest"] == stored["digest"] or not same_processor


def opened(path):
    run = load(path)
    experiment = run.experiment
    dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
    return resume(run, dataset, path.name)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("commit", COMMITS)
def test_it_predicts_the_same_and_trains_on_to_the_same_bits(commit, name, tmp_path):
    path = tmp_path / f"{name}.gradwright"
    shutil.copy(STORED / commit / path.name, path)
    shutil.copy(STORED / commit / "table.csv", tmp_path)
    stored, same_processor = expected(commit)["runs"][name], arithmetic() == expected(commit)["arithmetic"]
    trainer = opened(path)
    assert trainer.step == stored["saved"]["step"]
    agrees(state_of(trainer), stored["saved"], same_processor)
    assert predicted(path) == stored["saved"]["predicted"] or not same_processor
    # Saved again, by the names of the layers, it is the same run.
    save(path, saved_run(trainer))
    assert predicted(path) == stored["saved"]["predicted"] or not same_processor
    for run in (trainer, opened(path)):
        agrees(state_of(finish(run)), stored["finished"], same_processor)


@pytest.mark.parametrize("commit", COMMITS)
def test_stored_runs_are_small_and_name_no_machine(commit):
    for path in (STORED / commit).iterdir():
        data = path.read_bytes()
        assert len(data) < 40_000
        assert not any(place in data for place in (b"/home", b"/work", b"/tmp"))

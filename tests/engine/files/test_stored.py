"""The runs that earlier versions wrote open, predict what they predicted, and go on as they would have."""

import json
import shutil

import numpy as np
import pytest

from engine.data import prepare
from engine.files.manifest import RunNumbers
from engine.files.run_file import load, resume
from engine.training import batch_parts
from engine.training.checkpoint import capture
from tests.engine.files.stored.make_stored import FOLDER, STEPS

VERSIONS = sorted(path.name.split("-")[0] for path in FOLDER.glob("*-expected.json"))


def test_every_schema_version_is_stored():
    from engine.experiment import SCHEMA_VERSION

    assert [f"v{number}" for number in range(1, SCHEMA_VERSION + 1)] == VERSIONS


@pytest.mark.parametrize("name", ["spiral", "table"])
@pytest.mark.parametrize("version", VERSIONS)
def test_opens_for_ever(version, name, tmp_path):
    for part in (f"{version}-{name}.gradwright", f"{version}-table.csv"):
        shutil.copy(FOLDER / part, tmp_path)
    run = load(tmp_path / f"{version}-{name}.gradwright")
    experiment = run.experiment
    dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
    trainer = resume(run, dataset, name)
    assert trainer.step == trainer.history.steps.count == STEPS[name]
    assert [mark.text for mark in trainer.history.marks] == ["a mark"]
    assert trainer.stop_reason is None
    expected = json.loads((FOLDER / f"{version}-expected.json").read_text())[name]
    # Not bit by bit: another processor sums in another order.
    outputs = trainer.predict(dataset.training.inputs[:5])
    np.testing.assert_allclose(outputs, expected["outputs"], rtol=1e-4, atol=1e-5)
    for _ in trainer.run():
        pass
    final = trainer.network.parameters[:8]
    np.testing.assert_allclose(final, expected["parameters after the last epoch"], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("cores", [1, 4])
def test_batches_in_parts_go_on_as_on_two_cores(cores, monkeypatch):
    """From a time when there were as many parts as cores, each with a random generator of its own.

    Written on two cores in the middle of an epoch, by the last program that did so: dropout, noise and
    statistics of a batch. The losses are those of a run that was never stopped.
    """
    monkeypatch.setattr(batch_parts, "cores", lambda: cores)
    run = load(FOLDER / "v2-parts.gradwright")
    experiment = run.experiment
    dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
    trainer = resume(run, dataset, "parts")
    assert (trainer.parts, trainer.step) == (2, 4)
    for _ in trainer.run():
        pass
    expected = json.loads((FOLDER / "v2-parts.json").read_text())
    np.testing.assert_allclose(trainer.history.steps.read("loss"), expected["losses"], rtol=1e-5)
    final = trainer.network.parameters[:8]
    np.testing.assert_allclose(final, expected["parameters after the last epoch"], rtol=1e-3, atol=1e-4)
    # Saved again, it stays the kind of run that it is.
    assert not RunNumbers.of(capture(trainer).numbers).random_by_row


@pytest.mark.parametrize("version", VERSIONS)
def test_stored_files_are_small_and_name_no_machine(version):
    for path in FOLDER.glob(f"{version}-*"):
        data = path.read_bytes()
        assert len(data) < 40_000
        assert b"/home" not in data
        assert b"/work" not in data
        assert b"/tmp" not in data

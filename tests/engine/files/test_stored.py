"""The runs that earlier versions wrote open, predict what they predicted, and go on as they would have."""

import json
import shutil

import numpy as np
import pytest

from engine.data import prepare
from engine.files.run_file import load, resume
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
    dataset = prepare(experiment.data, experiment.data.source.load(), experiment.dtype)
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


@pytest.mark.parametrize("version", VERSIONS)
def test_stored_files_are_small_and_name_no_machine(version):
    for path in FOLDER.glob(f"{version}-*"):
        data = path.read_bytes()
        assert len(data) < 40_000
        assert b"/home" not in data
        assert b"/work" not in data
        assert b"/tmp" not in data

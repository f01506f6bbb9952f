"""Arrays of files from before they had the names of their layers: one flat vector, and buffers by number."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.errors import UserError
from engine.experiment import SCHEMA_VERSION
from engine.files.archive import DAMAGED_HELP
from engine.files.journal import Journal
from engine.files.left_behind import left_behind
from engine.files.run_file import captured_run, load, unpack_preparation
from engine.training.history import HistoryRows
from tests.engine.files.archives import open_and_resume, parts_of, write_parts
from tests.engine.training.runs import bits, finish

STORED = Path(__file__).parent / "stored" / "256a762"
STATE, PARAMETERS = "state.safetensors", "parameters.safetensors"


@pytest.fixture
def parts():
    """Of a run with running statistics, an average of the weights, and the best ones."""
    return parts_of(STORED / "averaged.gradwright")


def changed(parts, part, **changes):
    """The parts with arrays changed, by name, or left out by None."""
    arrays = load_tensors(parts[part]) | changes
    return parts | {part: save_tensors({name: a for name, a in arrays.items() if a is not None})}


def test_a_flat_vector_is_divided_in_the_order_of_the_layers(parts, tmp_path):
    flat = load_tensors(parts[PARAMETERS])["parameters"]
    model = load(write_parts(tmp_path / "a.gradwright", parts)).state.model
    # 2 inputs, 6 units, 4 units, 2 classes: W and b of each dense layer, gain and shift of the normalization.
    assert {name: array.shape for name, array in model.items()} == {
        "Dense 1.weight": (2, 6),
        "Dense 1.bias": (6,),
        "Batch normalization.scale": (6,),
        "Batch normalization.shift": (6,),
        "Dense 2.weight": (6, 4),
        "Dense 2.bias": (4,),
        "Output.weight": (4, 2),
        "Output.bias": (2,),
        "Batch normalization.mean": (6,),
        "Batch normalization.variance": (6,),
    }
    np.testing.assert_array_equal(model["Dense 1.weight"], flat[:12].reshape(2, 6))
    np.testing.assert_array_equal(model["Output.bias"], flat[-2:])
    kept = load_tensors(parts[STATE])["layer/1/mean"]
    np.testing.assert_array_equal(model["Batch normalization.mean"], kept)


def test_in_early_files_all_weights_share_the_last_statistics(parts, tmp_path):
    kept = load_tensors(parts[STATE])
    beside = {name: None for name in kept if "/layer/" in name}
    assert {"best/layer/1/mean", "trained/layer/1/mean"} <= beside.keys()
    path = write_parts(tmp_path / "a.gradwright", changed(parts, STATE, **beside))
    run = open_and_resume(path)
    for vectors in (run.best.weights, run.weights.trained.state_vectors):
        views = run.network.views_of_statistics(vectors.running_statistics)
        np.testing.assert_array_equal(views[1]["mean"], kept["layer/1/mean"])
    np.testing.assert_array_equal(run.best.weights.parameters, kept["best/parameters"])
    np.testing.assert_array_equal(run.weights.trained.parameters, kept["trained/parameters"])


@pytest.mark.parametrize(
    ("part", "changes", "sentence"),
    [
        (
            PARAMETERS,
            {"parameters": np.zeros(9, np.float32)},
            "parameters: expected 68 numbers, one for each",
        ),
        (PARAMETERS, {"parameters": np.zeros((4, 17), np.float32)}, "of the network, found 4 × 17"),
        (PARAMETERS, {"parameters": None, "x": np.zeros(3)}, "an array 'Dense 1.weight'"),
        (PARAMETERS, {"parameters": np.zeros(68, int)}, "Dense 1.weight: expected 2 × 6 float32, found"),
        (STATE, {"optimizer/mean": np.zeros(9, np.float32)}, "optimizer/mean: expected 68 numbers"),
        (STATE, {"optimizer/mean": None}, "an array 'optimizer/mean/Dense 1.weight'"),
        (STATE, {"best/parameters": np.zeros(9, np.float32)}, "best/parameters: expected 68 numbers"),
        (STATE, {"best/layer/1/mean": None}, "an array 'best/Batch normalization.mean'"),
        (STATE, {"layer/1/mean": None}, "an array 'Batch normalization.mean'"),
        (STATE, {"layer/0/mean": np.zeros(6, np.float32)}, "found 'layer/0/mean'"),
        (STATE, {"best/layer/1/spread": np.zeros(6, np.float32)}, "found 'best/layer/1/spread'"),
        (PARAMETERS, {"parameters": np.zeros((0,) * 64, np.float32)}, "found 0 × 0 × "),
        (STATE, {"other/parameters": np.zeros(68, np.float32)}, "found 'other/Batch normalization.scale'"),
    ],
)
def test_a_damaged_early_file_is_a_sentence(part, changes, sentence, parts, tmp_path):
    with pytest.raises(UserError) as caught:
        load(write_parts(tmp_path / "a.gradwright", changed(parts, part, **changes)))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("a.gradwright, ")


def test_a_journal_that_an_earlier_program_left_behind(parts, tmp_path):
    """Its arrays are in one file, and its note names the version."""
    shutil.copy(STORED / "averaged.gradwright", tmp_path)
    run = open_and_resume(tmp_path / "averaged.gradwright")
    journal = Journal(tmp_path / "journal", "window")
    journal.write_document(run.experiment, None, None, 1)
    journal.write_run(1, captured_run(run), HistoryRows.of(run.history))
    flat = load_tensors(parts[PARAMETERS]) | load_tensors(parts[STATE])
    (journal.folder / "state-1.safetensors").write_bytes(save_tensors(flat))
    note = json.loads((journal.folder / "run.json").read_text())
    note["manifest"]["schema_version"] = 2
    (journal.folder / "run.json").write_text(json.dumps(note))
    journal.close()
    (work,) = left_behind(tmp_path / "journal")
    found = work.load()
    work.discard()
    assert bits(found.state) == bits(load(STORED / "averaged.gradwright").state)
    assert finish(run).step > found.state.numbers["step"]


NUMBER = {"kind": "number", "column": "a", "offset": 1.0, "scale": 2.0}
CATEGORY = {"column": "b", "categories": ["x", "y"], "own_missing": False}


@pytest.mark.parametrize("version", [1, 2])
def test_a_preparation_gets_its_present_names(version):
    before = {
        "inputs_fitted": [NUMBER | {"fill": 3.0}, CATEGORY | {"kind": "code", "fill": "x"}],
        "target": {"kind": "number", "column": "c", "mean": 4.0, "deviation": 5.0},
    }
    found = unpack_preparation(json.dumps(before).encode(), version, "a.gradwright")
    assert json.loads(found.to_json()) == {
        "inputs": [NUMBER | {"missing_value": 3.0}, CATEGORY | {"kind": "integer", "missing_value": "x"}],
        "target": {"kind": "number", "column": "c", "mean": 4.0, "std": 5.0},
    }


@pytest.mark.parametrize(("old", "new"), [("yes_no", "binary"), ("classes", "multiclass")])
def test_so_do_its_targets(old, new):
    target = {"column": "c", "classes": ["no", "yes"]}
    before = {"inputs_fitted": [NUMBER | {"fill": 3.0}], "target": target | {"kind": old}}
    found = unpack_preparation(json.dumps(before).encode(), 2, "a.gradwright")
    assert json.loads(found.to_json())["target"] == target | {"kind": new}


@pytest.mark.parametrize(
    "values", [[], {}, {"inputs_fitted": 3}, {"inputs_fitted": [3, {"kind": []}], "target": None}]
)
def test_a_damaged_preparation_is_refused_in_words(values):
    with pytest.raises(UserError, match=re.escape(DAMAGED_HELP)):
        unpack_preparation(json.dumps(values).encode(), 2, "a.gradwright")


def test_the_present_version_has_no_old_names():
    values = {"inputs_fitted": [NUMBER | {"fill": 3.0}], "target": {"kind": "reconstruction", "outputs": 1}}
    with pytest.raises(UserError, match="inputs"):
        unpack_preparation(json.dumps(values).encode(), SCHEMA_VERSION, "a.gradwright")


def test_the_numbers_of_a_run_get_their_present_names(parts, tmp_path):
    before = json.loads(parts["manifest.json"])
    state = before["state"] | {
        "waiting_since": before["state"]["epoch"],
        "schedule_memory": [],
        "divides_by_row": True,
        "stop_kind": "stopped",
        "stop_sentence": "Stopped by hand.",
    }
    changed_parts = parts | {"manifest.json": json.dumps(before | {"state": state}).encode()}
    numbers = load(write_parts(tmp_path / "a.gradwright", changed_parts)).state.numbers
    assert numbers["patience_epoch"] == before["state"]["epoch"]
    assert numbers["random_by_row"] is True
    assert numbers["schedule_state"] == []
    assert numbers["stop_reason"] == "Stopped by hand."


def test_the_pairs_of_lbfgs_get_their_letters(tmp_path):
    before = parts_of(STORED / "lbfgs.gradwright")
    flat = load_tensors(before[STATE])
    arrays = load(write_parts(tmp_path / "a.gradwright", before)).state.arrays
    for old, new in (("step_0", "s_0"), ("bend_3", "y_3")):
        kept = [array.ravel() for name, array in arrays.items() if name.startswith(f"optimizer/{new}/")]
        np.testing.assert_array_equal(np.concatenate(kept), flat[f"optimizer/{old}"])
    assert not [name for name in arrays if "step" in name or "bend" in name]

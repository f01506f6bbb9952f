"""What is saved comes back: bit by bit, whatever the arrays, the network and the moment."""

import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import load as load_tensors

from engine.experiment import SCHEMA_VERSION
from engine.files.archive import (
    pack_columns,
    pack_json,
    pack_tensors,
    tensor_parts,
    unpack_columns,
    unpack_json,
    unpack_tensors,
)
from engine.files.manifest import RunNumbers
from engine.files.run_file import SavedRun, load, save, saved_run
from engine.training.checkpoint import capture, restore
from engine.training.history import HistoryRows, Record
from tests.engine.files.archives import SETTINGS, open_and_resume, parts_of, write_run
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer

DTYPES = ["<f4", "<f8", "<u8", "<i8", "|b1"]
ANY_ARRAY = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
)
NAMES = st.text("abcdefgh/_0123456789é ", min_size=1, max_size=12)


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@settings(max_examples=60)
@given(st.dictionaries(NAMES, ANY_ARRAY, min_size=1, max_size=4))
def test_tensors(values):
    found = unpack_tensors(pack_tensors(values), "test")
    assert found.keys() == values.keys()
    assert all(same(found[name], np.asarray(values[name], order="C")) for name in values)


@settings(max_examples=60)
@given(st.dictionaries(st.text("abc/_0123", min_size=1, max_size=9), ANY_ARRAY, min_size=1, max_size=4))
def test_columns(values):
    found = unpack_columns(pack_columns({f"x{name}": array for name, array in values.items()}), "test")
    assert all(same(found[f"x{name}"], np.asarray(values[name], order="C")) for name in values)


@pytest.mark.parametrize("layout", ["transposed", "sliced", "reversed", "fortran", "broadcast", "no axes"])
def test_arrays_that_do_not_lie_in_one_piece(layout):
    whole = np.arange(24, dtype=np.float32).reshape(4, 6)
    array = {
        "transposed": whole.T,
        "sliced": whole[::2, 1::2],
        "reversed": whole[::-1, ::-1],
        "fortran": np.asfortranarray(whole),
        "broadcast": np.broadcast_to(whole[0], (3, 6)),
        "no axes": np.array(2.5, np.float32),
    }[layout]
    found = unpack_tensors(pack_tensors({"a": array}), "test")["a"]
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_tensors_are_written_as_the_library_reads_them():
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.normal(size=(3, 5)).astype(np.float32),
        "transposed": rng.normal(size=(4, 2)).T,
        "none": np.empty((0, 3)),
        "one": np.array(2.5),
        "words": np.array([1, 2**64 - 1], np.uint64),
    }
    found = load_tensors(b"".join(tensor_parts(arrays)))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_in_json(value):
    assert unpack_json(pack_json({"a": value}), "test") == {"a": value}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_numbers_that_are_none(value):
    with pytest.raises(ValueError, match="JSON"):
        pack_json({"a": value})


@settings(max_examples=25)
@given(
    layers=st.lists(
        st.one_of(
            st.integers(1, 6).map(dense),
            st.floats(0.1, 0.8).map(lambda rate: {"kind": "dropout", "rate": rate}),
        ),
        max_size=3,
    ),
    optimizer=st.sampled_from(["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]),
    precision=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 2**32 - 1),
    steps=st.integers(1, 25),
    patience=st.sampled_from([None, {"patience": 1000}]),
)
def test_any_run_at_any_step(tmp_path_factory, layers, optimizer, precision, seed, steps, patience):
    chosen = experiment(layers, optimizer=optimizer, precision=precision, seed=seed, early_stopping=patience)
    run = take(trainer(chosen), steps)
    path = tmp_path_factory.mktemp("run") / "run.gradwright"
    save(path, saved_run(run))
    again = open_and_resume(path)
    assert again.experiment == run.experiment
    before, after = capture(run), capture(again)
    assert bits(after) == bits(before)
    assert after.numbers == before.numbers
    recorded, read = HistoryRows.of(run.history).arrays(), HistoryRows.of(again.history).arrays()
    assert all(same(read[name], recorded[name]) for name in recorded)
    assert load(path).preparation == run.dataset.preparation


def test_an_experiment_without_a_run(tmp_path):
    named = SETTINGS.replace(name='žluťoučký 世界 🙂\n"quoted"')
    save(tmp_path / "a.gradwright", SavedRun(named))
    again = load(tmp_path / "a.gradwright")
    assert again == SavedRun(named)
    assert open_and_resume(tmp_path / "a.gradwright").step == 0
    assert set(parts_of(tmp_path / "a.gradwright")) == {"experiment.json", "manifest.json"}


def test_saving_what_was_loaded_changes_no_part(tmp_path):
    first = write_run(tmp_path / "a.gradwright")
    save(tmp_path / "b.gradwright", load(first))
    assert parts_of(first) == parts_of(tmp_path / "b.gradwright")


def test_a_run_that_has_not_begun(tmp_path):
    run = trainer(SETTINGS)
    save(tmp_path / "a.gradwright", saved_run(run))
    assert np.array_equal(
        finish(open_and_resume(tmp_path / "a.gradwright")).network.parameters, finish(run).network.parameters
    )


def test_a_loss_sum_beyond_the_largest_number_is_kept(tmp_path):
    run = take(trainer(SETTINGS), 2)
    run.loss_sum = float("inf")
    save(tmp_path / "a.gradwright", saved_run(run))
    assert b"Infinity" not in parts_of(tmp_path / "a.gradwright")["manifest.json"]
    assert open_and_resume(tmp_path / "a.gradwright").loss_sum == float("inf")


def test_parts_are_those_of_the_design(tmp_path):
    parts = parts_of(write_run(tmp_path / "a.gradwright"))
    assert set(parts) == {
        "experiment.json",
        "parameters.safetensors",
        "state.safetensors",
        "history.npz",
        "preparation.json",
        "manifest.json",
    }
    manifest = json.loads(parts["manifest.json"])
    assert manifest["schema_version"] == SCHEMA_VERSION
    assert set(manifest) == {
        "schema_version",
        "program",
        "program_version",
        "fingerprint",
        "split",
        "state",
    }
    assert set(manifest["state"]) == set(RunNumbers.model_fields)
    assert manifest["split"]["training"] == 84


def test_a_large_run_is_neither_packed_tight_nor_read_row_by_row(tmp_path, monkeypatch):
    """670 000 parameters under Adam and 100 000 steps: so they are saved in 0.1 s and opened in 0.3 s."""
    big = experiment([dense(800), dense(800), dense(32)], optimizer="adam", batch_size=84)
    run = take(trainer(big), 1)
    assert run.network.parameters.size > 660_000
    columns = run.history.steps.columns
    run.history.steps.extend([np.full(99_999, 0.5)] * len(columns))
    run.step = 100_000
    save(tmp_path / "big.gradwright", saved_run(run))
    with zipfile.ZipFile(tmp_path / "big.gradwright") as archive:
        packed = {entry.filename for entry in archive.infolist() if entry.compress_type != zipfile.ZIP_STORED}
    assert packed == {"experiment.json", "manifest.json", "preparation.json"}
    monkeypatch.setattr(Record, "append", None)
    again = open_and_resume(tmp_path / "big.gradwright")
    assert again.history.steps.count == 100_000


def test_opening_copies_the_state_once(tmp_path):
    """Beside what was read and the trainer that takes it, memory for a few numbers is enough."""
    settings = experiment([dense(500), dense(500)], optimizer="adam", batch_size=84)
    run = take(trainer(settings), 1)
    state, again = capture(run), trainer(settings)
    tracemalloc.start()
    restore(again, state, "test")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.1 * run.network.parameters.nbytes
    assert bits(capture(again)) == bits(state)


def test_more_epochs_go_on_from_the_last_weights_and_not_from_the_best(tmp_path):
    """A run that ends with its best weights shows these; twenty more epochs are as if it had gone on."""
    rule = {"early_stopping": {"patience": 100}, "optimizer": {"kind": "adam", "learning_rate": 0.3}}
    half = finish(trainer(experiment(epochs=9, **rule)))
    assert "the best" in half.stop_reason.sentence
    assert half.evaluate("validation").loss == half.best.value
    save(tmp_path / "a.gradwright", saved_run(half))
    again = open_and_resume(tmp_path / "a.gradwright")
    assert np.array_equal(again.network.parameters, half.network.parameters)
    finish(again)  # nothing is left to do, and the last weights are not forgotten over it
    again.change(experiment(epochs=29, **rule))
    whole = finish(trainer(experiment(epochs=29, **rule)))
    assert np.array_equal(finish(again).network.parameters, whole.network.parameters)
    assert again.stop_reason == whole.stop_reason


@pytest.mark.parametrize("shuffled_first", [True, False])
def test_shuffling_changed_in_mid_epoch_goes_on_as_without_the_file(tmp_path, shuffled_first):
    def changed():
        run = take(trainer(experiment(shuffle=shuffled_first, epochs=4)), 3)
        run.change(experiment(shuffle=not shuffled_first, epochs=4))
        return run

    save(tmp_path / "a.gradwright", saved_run(changed()))
    again = finish(open_and_resume(tmp_path / "a.gradwright"))
    assert np.array_equal(again.network.parameters, finish(changed()).network.parameters)

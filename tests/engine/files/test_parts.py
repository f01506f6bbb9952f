"""Parts that are intact, each by itself, but do not belong together or hold what cannot be."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.run_file import load, save, saved_run
from tests.engine.files.archives import (
    open_and_resume,
    parts_of,
    write_parts,
    write_run,
)
from tests.engine.files.bad_parts import BAD_PARTS
from tests.engine.files.changed_parts import Parts, manifest, tensors, with_value
from tests.engine.training.runs import dense, experiment, finish, trainer


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return parts_of(write_run(tmp_path_factory.mktemp("whole") / "run.gradwright"))


@pytest.mark.parametrize(("change", "sentence"), BAD_PARTS.values(), ids=BAD_PARTS)
def test_a_sentence_names_the_part(parts, change, sentence, tmp_path):
    path = write_parts(tmp_path / "run.gradwright", change(dict(parts)))
    with pytest.raises(UserError) as caught:
        open_and_resume(path)
    text = str(caught.value)
    assert text.startswith("run.gradwright")
    assert sentence in text
    assert caught.value.help


def test_unchanged_parts_open(parts, tmp_path):
    assert open_and_resume(write_parts(tmp_path / "run.gradwright", parts)).step == 15


def test_what_a_later_program_adds_is_passed_over(parts, tmp_path):
    """Within a schema version, a manifest may tell more and an archive may hold more."""
    more = manifest(saved_at="2027-01-01", state__note="new")(parts) | {"thumbnail.png": b"\x89PNG"}
    assert open_and_resume(write_parts(tmp_path / "run.gradwright", more)).step == 15


def test_an_infinite_sum_of_squares_is_no_damage(parts, tmp_path):
    """AdaGrad's may overflow in a run that goes astray; it can still be opened and looked at."""
    odd = tensors("state", **{"optimizer/squares/Dense 1.bias": with_value(np.inf)})(parts)
    assert open_and_resume(write_parts(tmp_path / "run.gradwright", odd)).step == 15


STATISTICS = experiment(
    [dense(5), {"kind": "batch_norm"}, dense(4)],
    weight_averaging=0.9,
    early_stopping={"patience": 50},
    epochs=3,
)


@pytest.mark.parametrize("which", ["best", "last", "trained"])
def test_statistics_of_weights_that_are_not_in_use(which, tmp_path):
    run = finish(trainer(STATISTICS))
    if which == "last":
        run.weights.use(run.best.weights, for_good=False)
    save(tmp_path / "a.gradwright", saved_run(run))
    parts = parts_of(tmp_path / "a.gradwright")
    mean = f"{which}/Batch normalization.mean"
    for change, sentence in (
        ({mean: None}, f"an array '{mean}', for “mean” of Batch normalization, found none"),
        ({mean: lambda a: a[:3].copy()}, f"{mean}: expected 5 float32"),
        ({mean: with_value(np.nan)}, f"{mean}: expected numbers"),
        ({f"{which}/Dense 1.weight": None}, f"an array '{which}/Dense 1.weight'"),
    ):
        changed = write_parts(tmp_path / "c.gradwright", tensors("state", **change)(parts))
        with pytest.raises(UserError, match=sentence):
            load(changed)

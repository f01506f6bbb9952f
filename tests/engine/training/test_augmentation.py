"""Augmentation in a run: only in training, once for each batch, the same after a save, off for all scores."""

import numpy as np
import pytest

from engine.data.augmentation import AUGMENTATIONS
from engine.data.augmentation.geometric import Rotate, Shift
from engine.errors import UserError
from engine.experiment import from_json
from engine.files.run_file import save, saved_run
from engine.settings import kind_of
from engine.training.checkpoint import capture
from tests.engine.files.archives import open_and_resume
from tests.engine.training.runs import bits, dataset, dense, experiment, finish, take, trainer

IMAGES = {"source": "digits"}
ON_DIGITS = [{"kind": "flatten"}, dense(24, "relu")]
ALL_OF_IMAGES = [kind_of(cls) for cls in AUGMENTATIONS]


def on_digits(augmentation, layers=ON_DIGITS, **training):
    training = {"epochs": 2, "batch_size": 100, **training}
    return experiment(layers, IMAGES, augmentation=augmentation, **training)


def on_table(augmentation=("noise", "mixup"), **training):
    return experiment(augmentation=list(augmentation), **{"epochs": 4, **training})


RUNS = {
    "images": on_digits(ALL_OF_IMAGES),
    "images in order": on_digits(["rotate", "erase", "mixup"], shuffle=False, precision="float64"),
    "table": on_table(),
    "dropout": experiment(
        [dense(8), {"kind": "dropout", "rate": 0.3}], augmentation=["noise", "mixup"], epochs=4
    ),
}


def same_state(one, other):
    assert bits(capture(one)) == bits(capture(other))


@pytest.mark.parametrize("steps", [1, 5, 6, 13])
@pytest.mark.parametrize("settings", RUNS.values(), ids=RUNS)
def test_saved_and_opened_it_goes_on_bit_by_bit(settings, steps, tmp_path):
    whole = finish(trainer(settings))
    save(tmp_path / "a.gradwright", saved_run(take(trainer(settings), steps)))
    again = finish(open_and_resume(tmp_path / "a.gradwright"))
    same_state(again, whole)
    losses = whole.history.steps.read("loss")
    assert again.history.steps.read("loss").tolist() == losses.tolist()


def handed_out(run, batches):
    """Copies of some batches of a run."""
    run.batches.start_epoch()
    found = []
    for _ in range(batches):
        found.append([array.copy() for array in run.batches.next()])
    return found


def test_every_batch_is_augmented_once_and_each_epoch_anew():
    settings = on_digits([{"kind": "noise", "std": 0.5}], shuffle=False)
    run = trainer(settings)
    part = run.dataset.training
    seen = handed_out(run, 4) + handed_out(run, 4)
    for number, (x, _) in enumerate(seen):
        rows = slice(number % 4 * 100, (number % 4 + 1) * 100)
        assert (x - part.inputs[rows]).std() == pytest.approx(0.5, rel=0.02)
    assert not np.array_equal(seen[0][0], seen[4][0])


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_data_itself_never_changes(shuffle):
    run = trainer(on_digits(ALL_OF_IMAGES, shuffle=shuffle, epochs=1))
    part = run.dataset.training
    before = part.inputs.copy(), part.targets.copy()
    finish(run)
    assert np.array_equal(part.inputs, before[0])
    assert np.array_equal(part.targets, before[1])
    assert not part.inputs.flags.writeable


def test_the_order_of_the_examples_is_not_moved_by_it():
    """Each use has a generator of its own: the labels come in the same order, from the same start."""
    plain, augmented = trainer(on_digits([])), trainer(on_digits(["rotate", "erase"]))
    assert np.array_equal(plain.network.parameters, augmented.network.parameters)
    for (x, t), (changed, u) in zip(handed_out(plain, 5), handed_out(augmented, 5), strict=True):
        assert np.array_equal(t, u)
        assert not np.array_equal(x, changed)


def test_scores_and_predictions_never_see_it():
    plain, augmented = trainer(on_digits([])), trainer(on_digits(ALL_OF_IMAGES))
    take(augmented, 8)
    plain.network.parameters[...] = augmented.network.parameters
    for part in ("training", "validation", "test"):
        one, other = plain.evaluate(part), augmented.evaluate(part)
        assert one.loss == other.loss
        assert one.metrics == other.metrics
    inputs = plain.dataset.validation.inputs
    assert np.array_equal(plain.predict(inputs), augmented.predict(inputs))
    state = capture(augmented).arrays["generator/augmentation"]
    augmented.evaluate("validation")
    assert np.array_equal(capture(augmented).arrays["generator/augmentation"], state)


def test_without_it_nothing_is_drawn_and_nothing_is_copied():
    run = trainer(on_digits([], shuffle=False))
    before = capture(run).arrays["generator/augmentation"]
    finish(run)
    assert np.array_equal(capture(run).arrays["generator/augmentation"], before)
    run.batches.start_epoch()
    assert np.shares_memory(run.batches.next()[0], run.dataset.training.inputs)


def test_a_run_without_it_is_as_it_was_after_it_was_tried_and_taken_away():
    plain, tried = trainer(on_digits([])), trainer(on_digits(["rotate", "mixup"]))
    tried.change(on_digits([]))
    finish(plain)
    finish(tried)
    assert np.array_equal(plain.network.parameters, tried.network.parameters)


@pytest.mark.parametrize(("steps", "accumulate_batches"), [(3, 1), (12, 1), (2, 3)])
def test_what_a_refused_step_took_comes_again_with_the_same_changes(steps, accumulate_batches):
    settings = on_digits(ALL_OF_IMAGES, epochs=1, accumulate_batches=accumulate_batches)
    plain, broken = take(trainer(settings), steps), take(trainer(settings), steps)
    weights = broken.network.parameters.copy()
    broken.network.parameters[0] = np.nan
    for _ in range(2):
        take(broken, 1)
        assert broken.stop_reason.kind == "not finite"
        assert broken.step == steps
    broken.network.parameters[...] = weights
    same_state(broken, plain)
    same_state(finish(broken), finish(plain))


def test_it_may_change_in_mid_run_and_leaves_marks(tmp_path):
    run = take(trainer(on_digits([])), 3)
    changes = [
        ["rotate"],
        [{"kind": "rotate", "degrees": 25}],
        ["shift", {"kind": "rotate", "degrees": 25}],
        ["shift", {"kind": "rotate", "degrees": 15, "outside": "edge"}],
        ["shift", "noise"],
        [],
    ]
    for augmentation in changes:
        run.change(on_digits(augmentation))
        take(run, 1)
        save(tmp_path / "a.gradwright", saved_run(run))
        same_state(open_and_resume(tmp_path / "a.gradwright"), run)
    assert [mark.text for mark in run.history.marks] == [
        "augmentation none → Rotate",
        "augmentation 1, angle 10 → 25",
        "augmentation Rotate → Shift, Rotate",
        "augmentation 2, angle 25 → 15",
        "augmentation 2, outside Background → Edge drawn out",
        "augmentation Rotate → Noise",
        "augmentation Shift, Noise → none",
    ]
    finish(run)
    assert run.stop_reason.kind == "finished"


def test_what_does_not_fit_the_data_is_refused_and_changes_nothing():
    settings = on_table()
    run = take(trainer(settings), 3)
    with pytest.raises(UserError, match="Training, augmentation, entry 1: expected images"):
        run.change(on_table([Rotate().model_dump()], batch_size=7))
    assert run.experiment == settings
    assert not run.history.marks
    same_state(finish(run), finish(trainer(settings)))
    with pytest.raises(UserError, match="expected images, which shift is for, found rows of a table"):
        trainer(on_table([Shift().model_dump()]))


def test_mixup_is_refused_for_a_margin():
    with pytest.raises(UserError, match="found multi-class hinge"):
        trainer(on_table(["mixup"], loss="multiclass_hinge"))
    finish(trainer(on_table(["noise"], loss="multiclass_hinge", epochs=1)))


def test_line_searches_refuse_it():
    with pytest.raises(UserError, match="expected no augmentation, as a line search needs the same"):
        on_table(optimizer="lbfgs")
    assert on_table([], optimizer="lbfgs").training.augmentation == ()


def test_files_from_before_keep_loading():
    text = experiment().to_json()
    assert '"augmentation": []' in text
    old = text.replace('"augmentation": [],', "")
    assert from_json(old, "old.json") == experiment()
    with_some = on_digits(ALL_OF_IMAGES)
    assert from_json(with_some.to_json(), "new.json") == with_some


def test_regression_and_yes_or_no_can_be_mixed():
    for source in ("plane", "breast_cancer"):
        data = {"source": source}
        run = finish(trainer(experiment([dense(8)], data, augmentation=["mixup", "noise"], epochs=3)))
        assert run.stop_reason.kind == "finished"


def test_moved_digits_are_learned():
    """Digits turned and shifted: what was never seen that way is read nearly as well as what was."""
    layers = [{"kind": "flatten"}, dense(64, "relu")]
    training = {"epochs": 40, "batch_size": 32, "optimizer": {"kind": "adam", "learning_rate": 0.003}}
    moving = [{"kind": "shift", "height": 0.13, "width": 0.13}, {"kind": "rotate", "degrees": 15}]
    plain = finish(trainer(on_digits([], layers, **training)))
    moved = finish(trainer(on_digits(moving, layers, **training)))
    assert moved.evaluate("test").metrics["accuracy"] > 0.94
    test = dataset(moved.experiment.data, moved.experiment.dtype).test
    shifted = np.roll(test.inputs, 1, axis=2)
    answers = [run.predict(shifted).argmax(axis=1) for run in (plain, moved)]
    right = [(answer == test.targets).mean() for answer in answers]
    assert right[1] > 0.9
    assert right[1] > right[0] + 0.1

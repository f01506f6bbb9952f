"""Each finding is made in a real run, and not in one like it; its remedies are edits of the experiment."""

import numpy as np
import pytest

from engine.files.opening import open_run
from engine.insight.diagnosis import DiagnosisQuery, diagnose, measure
from engine.training.checkpoint import capture
from tests.end_to_end.healthy_runs import findings_of
from tests.engine.diagnosis.runs import cases, dense, experiment, sgd, trained

KINDS = tuple(cases())


def found(made):
    return {finding.kind: finding for finding in diagnose(measure(trained(made))).findings}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_has_the_finding(kind):
    finding = found(cases()[kind][0])[kind]
    assert finding.sentence.endswith(".")
    assert finding.why
    assert all(evidence.text and evidence.panel for evidence in finding.evidence)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_like_it_has_no_such_finding(kind):
    assert kind not in found(cases()[kind][1])


@pytest.mark.parametrize("kind", KINDS)
def test_each_remedy_is_an_edit_that_changes_something(kind):
    ill = cases()[kind][0]
    for remedy in found(ill)[kind].remedies:
        assert remedy.mend(ill) != ill
        assert remedy.is_live(ill) == (
            remedy.changes[0][0][0] == "training" and remedy.changes[0][0][1] != "loss"
        )


def test_the_published_case_names_rate_times_l2_and_not_clipping():
    layers = dense(8, "tanh", 2)
    made = experiment("spiral", layers, optimizer=sgd(0.3), l2=10.0, batch_size=30, epochs=50)
    (finding,) = found(made).values()
    assert finding.kind == "unstable_decay"
    assert "0.3 × 10 = 3, above 2" in finding.sentence
    assert "1 − 3 = −2" in finding.sentence
    assert not any("lip" in remedy.title for remedy in finding.remedies)


def test_a_spiral_at_a_hundred_per_cent_has_no_finding():
    made = open_run("spiral").experiment
    trainer = trained(made)
    assert trainer.evaluate("training").metrics["accuracy"] == 1
    assert trainer.evaluate("validation").metrics["accuracy"] > 0.99
    assert diagnose(measure(trainer)).findings == ()


def test_a_run_at_rate_5_is_told_that_it_is_worse_than_guessing():
    (finding,) = found(cases()["diverged"][0]).values()
    assert finding.kind == "diverged"
    assert "worse than guessing, which costs 0.693" in finding.sentence
    assert "The learning rate, 5, is too high" in finding.sentence


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_a_run_at_rate_1000_is_told_first_that_it_diverges(kind):
    made = open_run("digits").experiment
    training = made.training.replace(optimizer={"kind": kind, "learning_rate": 1000.0}, epochs=6)
    first = next(iter(found(made.replace(training=training))))
    assert first in ("not_finite", "diverged", "chance_level")


def test_what_is_not_finite_is_told_with_its_layer_step_and_rows():
    trainer = trained(cases()["not_finite"][0])
    (finding,) = (one for one in diagnose(measure(trainer)).findings if one.kind == "not_finite")
    assert f"before step {trainer.step + 1}" in finding.sentence
    upcoming = trainer.dataset.training.rows[list(trainer.batches.upcoming_rows())]
    np.testing.assert_array_equal(finding.rows, upcoming)
    assert f"rows {upcoming[0] + 1}, {upcoming[1] + 1}" in finding.sentence


def test_the_last_steps_before_it_are_those_of_the_history():
    trainer = trained(cases()["not_finite"][0])
    (finding,) = (one for one in diagnose(measure(trainer)).findings if one.kind == "not_finite")
    steps = trainer.history.steps
    assert [one.step for one in finding.last_steps] == list(range(1, trainer.step + 1))[-20:]
    assert [one.loss for one in finding.last_steps] == steps.read("loss").tolist()[-20:]
    assert [one.gradient_norm for one in finding.last_steps] == steps.read("gradient_norm").tolist()[-20:]


def test_a_diagnosis_changes_nothing_of_the_run():
    trainer = trained(cases()["overfitting"][0])
    before = capture(trainer)
    DiagnosisQuery().answer(trainer)
    after = capture(trainer)
    for old, new in ((before.model, after.model), (before.arrays, after.arrays)):
        for name, array in old.items():
            np.testing.assert_array_equal(array, new[name], err_msg=name)
    assert before.numbers == after.numbers


@pytest.mark.parametrize(
    "name", ["breast-cancer", "circle", "diabetes", "gaussians", "iris", "moons", "plane", "wine", "xor"]
)
def test_ready_experiments_have_no_findings(name):
    assert found(open_run(name).experiment) == {}


def test_healthy_runs_have_no_findings():
    """A few of the runs of tests.end_to_end.healthy_runs."""
    results = [findings_of(seed) for seed in range(20)]
    assert sum(healthy for healthy, _ in results) > 15
    assert [found for healthy, found in results if healthy and found] == []

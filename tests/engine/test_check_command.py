"""`gradwright check`: what it says to people and to programs, and with which exit status."""

import json

import pytest

from engine.cli import main
from engine.cli.check import lines_of
from engine.files.run_file import save, saved_run
from engine.insight.gradient_check import ParameterCheck
from engine.training.fused_layers import FusedDense
from tests.engine.training.runs import dense, experiment, finish, trainer


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def result_of(capsys, *arguments, status=0):
    """The one JSON object on standard output."""
    assert main(["check", *map(str, arguments), "--json"]) == status
    out = capsys.readouterr().out
    assert out.count("\n") == 1

    def refuse(text):
        raise AssertionError(f"{text} is no JSON")

    return json.loads(out, parse_constant=refuse)


def spoiled(change, right=FusedDense.backward):
    """A backward pass that makes something else of the gradient of the first bias."""

    def backward(self, parameters, gradients, dy, workspace):
        dx = right(self, parameters, gradients, dy, workspace)
        gradients["bias"][...] = change(gradients["bias"])
        return dx

    return backward


def test_a_ready_experiment_is_sound(capsys):
    result = result_of(capsys, "iris")
    assert result["wrong"] == []
    assert result["gradients"]["verdict"] in ("right", "fine")
    assert result["gradients"]["checked"] == 83
    assert result["gradients"]["largest_error"] < 1e-6
    arrays = result["gradients"]["arrays"]
    assert [(one["layer"], one["parameter"], one["checked"]) for one in arrays] == [
        *(("Dense", "weight", 40), ("Dense", "bias", 10), ("Output", "weight", 30), ("Output", "bias", 3))
    ]
    assert {one["term"] for one in arrays} == {"data"}
    assert max(one["largest_error"] for one in arrays) == result["gradients"]["largest_error"]
    for one in arrays:
        assert one["verdict"] in ("right", "fine")
        assert one["analytic"] == pytest.approx(one["numeric"], rel=1e-4)
        assert len(one["index"]) == (2 if one["parameter"] == "weight" else 1)
    assert result["overfit"]["verdict"] == "learns"
    assert result["overfit"]["losses"][-1] <= result["overfit"]["goal"]
    rates = result["rates"]
    assert len(rates["rates"]) == len(rates["losses"]) == len(rates["smoothed"])
    assert rates["set_rate"] == 0.01
    assert 1e-3 < rates["suggestion"] < 0.3


def test_text_for_people(capsys):
    assert main(["check", "digits"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].startswith("Gradients    ")
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "Gradients",
        "Overfitting",
        "Rates",
        "Nothing",
    ]
    assert any(line.strip() == "Switched off for it: dropout." for line in lines)
    assert "The test suggests a learning rate of about" in lines[-2]
    assert lines[-1] == "Nothing is wrong."
    assert captured.err == ""


def test_a_network_that_cannot_learn(tmp_path, capsys):
    dead = dense(8, "relu", bias_initializer={"kind": "constant", "value": -100.0})
    (tmp_path / "a.json").write_text(experiment([dead]).to_json())
    result = result_of(capsys, "a.json", status=1)
    assert result["wrong"] == ["overfitting"]
    assert result["overfit"]["findings"][0]["cause"] == "dead units"
    assert main(["check", "a.json"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Wrong: overfitting."


def test_a_line_for_each_array_of_parameters(tmp_path, capsys):
    settings = experiment([dense(30), dense(4)], l2=0.01)
    (tmp_path / "a.json").write_text(settings.to_json())
    main(["check", "a.json"])
    lines = capsys.readouterr().out.splitlines()
    start = next(number for number, line in enumerate(lines) if "largest error" in line)
    assert lines[start].split() == [
        *("layer", "parameter", "of", "largest", "error", "at", "checked", "kinks", "verdict")
    ]
    rows = [line.split() for line in lines[start + 1 : start + 10]]
    assert [row[:4] for row in rows] == [
        *(["Dense", "1", what, "loss"] for what in ("weight", "bias")),
        *(["Dense", "2", what, "loss"] for what in ("weight", "bias")),
        *(["Output", what, "loss", rows[number][3]] for number, what in ((4, "weight"), (5, "bias"))),
        *(["Dense", number, "weight", "penalty"] for number in "12"),
        ["Output", "weight", "penalty", rows[8][3]],
    ]
    assert all(row[-1] in ("right", "fine") and row[-2] == "0" for row in rows)
    assert rows[0][-3] == "40"
    assert lines[start + 10].startswith("Overfitting")


def test_a_wrong_gradient(tmp_path, capsys, monkeypatch):
    """Of the layers as they are trained, several as one."""
    monkeypatch.setattr(FusedDense, "backward", spoiled(lambda bias: bias * 1.5))
    result = result_of(capsys, "iris", status=1)
    assert result["wrong"] == ["gradients"]
    assert result["gradients"]["verdict"] == "wrong"
    assert result["gradients"]["parameter"] == "bias"


def test_a_gradient_that_is_no_number(capsys, monkeypatch):
    monkeypatch.setattr(FusedDense, "backward", spoiled(lambda bias: bias + float("nan")))
    assert main(["check", "iris"]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.endswith("Wrong: a gradient in Dense, bias, or the loss is no finite number.")
    result = result_of(capsys, "iris", status=1)
    assert result["gradients"]["verdict"] == "wrong"
    assert result["gradients"]["largest_error"] is None


def test_a_rate_that_breaks(tmp_path, capsys):
    wild = experiment([], {"source": "plane"}, optimizer={"kind": "sgd", "learning_rate": 10.0})
    (tmp_path / "a.json").write_text(wild.to_json())
    result = result_of(capsys, "a.json", status=1)
    assert result["wrong"] == ["overfitting", "the learning rate"]
    assert result["rates"]["stop"] == "exploded"


def test_an_optimizer_without_a_range(tmp_path, capsys):
    (tmp_path / "a.json").write_text(experiment(optimizer="lbfgs").to_json())
    result = result_of(capsys, "a.json")
    assert result["rates"]["stop"] is None
    assert "searches for the length of each step itself" in result["rates"]["sentence"]
    assert main(["check", "a.json"]) == 0
    assert "Rates        Range test: expected" in capsys.readouterr().out


def test_a_saved_run_is_checked_as_it_stands_and_not_changed(tmp_path, capsys):
    settings = experiment(optimizer={"kind": "adam", "learning_rate": 0.02}, epochs=100)
    save(tmp_path / "a.gradwright", saved_run(finish(trainer(settings))))
    kept = (tmp_path / "a.gradwright").read_bytes()
    present = result_of(capsys, "a.gradwright")
    anew = result_of(capsys, "a.gradwright", "--restart")
    assert present["rates"]["losses"][0] < 0.8 * anew["rates"]["losses"][0]
    assert present["overfit"]["losses"] == anew["overfit"]["losses"]
    assert (tmp_path / "a.gradwright").read_bytes() == kept
    assert [path.name for path in tmp_path.iterdir()] == ["a.gradwright"]


def test_interrupted(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.cli.check.OverfitCheck", interrupted)
    assert main(["check", "iris"]) == 130
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "gradwright: interrupted; no file was changed.\n"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], "required: FILE"),
        (["nosuch"], "Ready experiments are:"),
        (["iris", "--epochs", "3"], "unrecognized arguments: --epochs 3"),
        (["iris", "--data", "t.csv"], "expected an experiment whose data is in files"),
    ],
)
def test_refused(arguments, found, capsys):
    assert main(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert found in captured.err


def test_the_sentence_tells_what_was_left_out_at_kinks():
    one = ParameterCheck(
        layer=0,
        layer_name="Dense",
        parameter="weights",
        term="data",
        largest_error=1e-9,
        worst_index=(0, 1),
        analytic=1.0,
        numeric=1.0,
        checked=106,
        not_zero=100,
        kinks=23,
    )
    assert lines_of([one])[0] == (
        "Right: of 106 numbers checked (23 more, at kinks, left out), the largest relative error is 1.0e-09, "
        "in Dense, weights."
    )

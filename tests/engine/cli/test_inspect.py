"""`gradwright inspect`: the object for programs, the text for people, and sentences for what does not fit."""

import json

import numpy as np
import pytest

from engine.cli import main


def inspected(capsys, *words: str) -> dict:
    assert main(["inspect", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def trained(tmp_path, capsys):
    path = tmp_path / "iris.gradwright"
    assert main(["train", "iris", "--epochs", "2", "--out", str(path)]) == 0
    capsys.readouterr()
    return str(path)


def test_the_object_is_consistent(trained, capsys):
    """p − t, and the outer product of it with the hidden layer, are the gradients of the output layer."""
    found = inspected(capsys, trained, "--sample", "5", "--weight", "Output:weight[3,1]")
    assert found["sample"]["number"] == 5
    assert found["step"] > 0
    scores, hidden = np.array(found["scores"]), np.array(found["layers"]["Dense"]["output"])
    p = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(found["output"], p, rtol=1e-12)
    target = found["sample"]["target"]
    assert found["loss"] == pytest.approx(-np.log(p[target]), rel=1e-12)
    delta = p - np.eye(3)[target]
    np.testing.assert_allclose(found["gradients"]["Output"]["bias"], delta, rtol=1e-12)
    np.testing.assert_allclose(found["gradients"]["Output"]["weight"], np.outer(hidden, delta), rtol=1e-12)
    assert np.prod([one["value"] for one in found["factors"]]) == pytest.approx(found["gradient"], rel=1e-12)
    assert found["gradient"] == found["gradients"]["Output"]["weight"][3][1]
    assert found["numeric"] == pytest.approx(found["gradient"], rel=1e-6)
    assert found["before"] != found["after"]


def test_a_row_is_read_as_the_table_is(trained, capsys):
    of_part = inspected(capsys, trained, "--part", "test", "--sample", "2")
    row = of_part["sample"]["row"]
    from sklearn.datasets import load_iris

    data = load_iris()
    values = ",".join(map(str, data.data[row - 1]))
    typed = inspected(capsys, trained, "--row", f"{values},{data.target_names[data.target[row - 1]]}")
    np.testing.assert_allclose(typed["sample"]["inputs"], of_part["sample"]["inputs"], rtol=1e-6)
    assert typed["loss"] == pytest.approx(of_part["loss"], rel=1e-5)
    without = inspected(capsys, trained, "--row", values)
    assert without["sample"]["target"] == np.argmax(typed["output"])


@pytest.mark.parametrize("layer", ["1:0,2", "dense:weight[0, 2]", "Dense:0,2"])
def test_a_layer_by_name_or_number(layer, capsys):
    found = inspected(capsys, "iris", "--weight", layer)
    assert found["weight"]["title"] == "Dense, weight from x₁ to h₃"
    assert found["gradient"] == found["gradients"]["Dense"]["weight"][0][2]


def test_people_read_phases_factors_check_and_update(capsys):
    assert main(["inspect", "diabetes", "--weight", "1:bias[2]"]) == 0
    text = capsys.readouterr().out
    for phrase in (
        "\nForward\n",
        "\nLoss\n",
        "\nBackward\n",
        "\nUpdate, ",
        "∂L/∂",
        "relative error",
        "before",
    ):
        assert phrase in text


@pytest.mark.parametrize("name", ["digits-autoencoder", "breast-cancer", "moons"])
def test_other_tasks(name, capsys):
    found = inspected(capsys, name, "--sample", "2")
    assert found["loss"] > 0
    assert found["sample"]["target_text"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--sample", "0"], "--sample: expected a number of 1 … "),
        (["--sample", "x"], "--sample: expected a number of 1 … "),
        (["--part", "all"], "--part: expected training, validation or test"),
        (["--row", "1,2"], "--row: expected 4 values (sepal length (cm), "),
        (["--row", "1,2,x,4"], "--row: expected numbers"),
        (["--row", "1,2\n3,4"], "--row: expected one row, found “1,2"),
        (["--weight", "w"], "--weight: expected LAYER:PATH"),
        (["--weight", "Dens:0,0"], "--weight: expected a layer, by number or name: “Dense”, “Output”"),
        (["--weight", "1:wait[0,0]"], "--weight: expected a parameter of Dense: “weight”, “bias”"),
        (["--weight", "1:0"], "--weight: expected indices of Dense, weight, from 0: 0 … 3 × 0 … 9"),
        (["--weight", "1:weight"], "--weight: expected a parameter and its indices"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(words, sentence, capsys):
    assert main(["inspect", "iris", *words]) == 2
    assert sentence in capsys.readouterr().err

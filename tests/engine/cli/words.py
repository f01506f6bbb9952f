"""For the tests of commands: an experiment in a file, a result as JSON, a refusal in one line."""

import json

from engine.cli import main
from tests.engine.training.runs import experiment


def write_experiment(path, **training):
    path.write_text(experiment(**training).to_json())
    return str(path)


def result_of(capsys, *arguments, status=0):
    """The one JSON object on standard output."""
    assert main(["train", *map(str, arguments), "--json"]) == status
    out = capsys.readouterr().out
    assert out.count("\n") == 1

    def refuse(text):
        raise AssertionError(f"{text} is no JSON")

    return json.loads(out, parse_constant=refuse)


def sentence_of(capsys, *arguments):
    """The one line on standard error of a command that is refused."""
    assert main(list(map(str, arguments))) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("gradwright")
    assert captured.err.count("\n") == 1
    return captured.err


PARTS = ("training", "validation", "test")


GOOD = "x,y,kind\n" + "".join(f"{n},{n * 7 % 11},{'ab'[n % 2]}\n" for n in range(40))

"""`gradwright --help` and `--version`."""

import engine
from engine.cli import main


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"Gradwright {engine.__version__}\n"
    for arguments in (["--help"], ["train", "--help"], ["predict", "-h"]):
        assert main(arguments) == 0
        captured = capsys.readouterr()
        assert captured.out.startswith("usage: gradwright")
        assert captured.err == ""
    assert main(["train", "--help"]) == 0
    assert "breast-cancer" in capsys.readouterr().out

"""`gradwright --help` and `--version`."""

import subprocess
import sys

import engine
from engine.cli import main

LISTS_HEAVY_MODULES = (
    "import sys; from engine.cli import main; status = main(sys.argv[1:]); "
    "heavy = ('numpy', 'pydantic', 'duckdb', 'sklearn', 'scipy', 'engine.data', 'engine.experiment'); "
    "print(status, [name for name in heavy if name in sys.modules])"
)


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


def test_help_imports_nothing_that_trains():
    for arguments in (["train", "--help"], ["check", "--help"], ["data", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", LISTS_HEAVY_MODULES, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.splitlines()[-1] == "0 []", done.stderr

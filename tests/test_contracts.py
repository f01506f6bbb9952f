"""The rules of the house, checked: style, types, who may know whom, what lies where."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {"pyproject.toml", "README.md", "engine", "gui", "resources", "tests", "findings"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")], ids=["rules", "format"])
def test_ruff(arguments):
    result = run("-m", "ruff", *arguments, ".")
    assert result.returncode == 0, result.stdout + result.stderr


def test_engine_and_gui_are_strictly_typed():
    result = run("-m", "mypy")
    assert result.returncode == 0, result.stdout + result.stderr


def test_import_contracts():
    result = run("-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_engine_starts_without_qt():
    modules = "engine.cli, engine.training.trainer, engine.files.run_file"
    result = run(
        "-c",
        f"import sys, {modules}\n"
        "found = sorted(m for m in sys.modules if m.split('.')[0] in ('PySide6', 'gui', 'pyqtgraph'))\n"
        "raise SystemExit(', '.join(found) or 0)",
    )
    assert result.returncode == 0, result.stderr


def test_top_level_is_tidy():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    top = {name.split("/")[0] for name in tracked}
    assert {name for name in top if not name.startswith(".")} <= ALLOWED


def test_only_these_modules_start_threads():
    starting = [
        str(path.relative_to(ROOT))
        for folder in ("engine", "gui")
        for path in (ROOT / folder).rglob("*.py")
        if any(word in path.read_text() for word in ("Thread(", "QThread", "ThreadPoolExecutor("))
    ]
    assert sorted(starting) == [
        "engine/cli/autosave.py",
        # Cancelling has to reach DuckDB in the middle of a query.
        "engine/data/delimited/csv_rows.py",
        "engine/training/worker_pool.py",
        "gui/core/jobs.py",
        "gui/core/worker_client.py",
    ]


def test_no_pickle_and_no_eval():
    for folder in ("engine", "gui"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            assert "import pickle" not in text, path
            assert "allow_pickle=True" not in text, path
            assert " eval(" not in text, path


def test_every_dependency_has_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [entry for extra in project["optional-dependencies"].values() for entry in extra]
    for entry in [*project["dependencies"], *extras]:
        assert "==" in entry or (">=" in entry and "<" in entry), entry

"""The rules of the house, checked: style, types, who may know whom, what lies where."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from engine.activations import ACTIVATIONS
from engine.data.augmentation import AUGMENTATIONS
from engine.data.sources import SOURCES
from engine.initializers import INITIALIZERS
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.metrics import METRICS
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.settings import kind_of

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
        # Finding newlines lets the interpreter lock go.
        "engine/data/delimited/plain_file.py",
        "engine/data/images/parallel_decoding.py",
        # What cannot be broken off is left to a thread of its own once it is cancelled.
        "engine/progress.py",
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


MOST_LINES = 300


def test_no_module_is_longer_than_can_be_read_at_once():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for folder in ("engine", "gui", "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def reached_behind(tree: ast.AST) -> list[int]:
    """The lines of a test that reach behind what a person or another module sees.

    These are private names of others, read, replaced or imported, and signals of others that are emitted.
    Such a test breaks when the code is written differently, and passes where no person can do what it does.
    A class of the tests has private names and signals of its own, under `self`.
    """

    def private(name: object) -> bool:
        return isinstance(name, str) and name.startswith("_") and not name.endswith("__")

    def own(node: ast.AST) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in ("self", "cls")

    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            bad = (private(node.attr) or node.attr == "emit") and not own(node.value)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
            bad = name in ("getattr", "setattr", "delattr", "object", "patch") and any(
                private(str(text).split(".")[-1]) for text in texts
            )
        elif isinstance(node, ast.ImportFrom):
            bad = any(private(alias.name) for alias in node.names)
        else:
            bad = False
        if bad:
            found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("assert window._tabs", [1]),
        ("assert desk.window.session._kept == {}", [1]),
        ("assert module._gone(path)", [1]),
        ('monkeypatch.setattr(module, "_gone", gone)', [1]),
        ('monkeypatch.setattr("gui.core.jobs._nothing", gone)', [1]),
        ("from gui.core.jobs import _nothing", [1]),
        ("menu.aboutToShow.emit()", [1]),
        ("emit = menu.aboutToShow.emit", [1]),
        ("class Fake:\n    def run(self):\n        self._done = True\n        self.ended.emit()", []),
        ("assert kind.__name__ == found.name", []),
        ('monkeypatch.setattr(module, "gone", gone)', []),
        ("window.actions_[name].trigger()", []),
    ],
)
def test_what_reaches_behind(text, lines):
    assert reached_behind(ast.parse(text)) == lines


def test_tests_of_the_window_do_and_see_what_a_person_can():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "tests" / "gui").rglob("*.py"))
        for line in reached_behind(ast.parse(path.read_text()))
    ]
    assert found == []


# Where kinds are declared: whoever else treats one apart asks what its class declares, or names the class.
REGISTRIES = {
    "engine/activations": ACTIVATIONS,
    "engine/data/augmentation": AUGMENTATIONS,
    "engine/data/sources": SOURCES,
    "engine/initializers": INITIALIZERS,
    "engine/layers": LAYERS,
    "engine/losses": LOSSES,
    "engine/metrics": METRICS,
    "engine/optimizers": OPTIMIZERS,
    "engine/schedules": SCHEDULES,
}


OF_OLD_FILES = ("engine/settings/renamed_fields.py",)
"""What stands in files of old never changes, whatever becomes of the classes."""


def kinds_named(tree: ast.AST, kinds: set[str]) -> list[int]:
    """The lines that name a kind: compared with a `kind`, given as one, or two of them as keys of a table."""

    def texts(node):
        parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
        return [part.value for part in parts if isinstance(part, ast.Constant)]

    def names_kind(*nodes):
        return any(text in kinds for node in nodes for text in texts(node) if isinstance(text, str))

    def is_kind(node):
        called = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("kind_of", "kind_name")
        return called or (isinstance(node, ast.Attribute) and node.attr == "kind")

    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            named = any(map(is_kind, sides)) and names_kind(*sides)
        elif isinstance(node, ast.Match):
            values = [n.value for n in ast.walk(node) if isinstance(n, ast.MatchValue)]
            named = is_kind(node.subject) and names_kind(*values)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            given = any("kind" in texts(key) and names_kind(value) for key, value in pairs if key)
            named = given or sum(names_kind(key) for key in node.keys if key) > 1
        else:
            named = isinstance(node, ast.keyword) and node.arg == "kind" and names_kind(node.value)
        if named:
            found.append(getattr(node, "lineno", 0))
    return found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('simple = layer.kind == "dense"', [1]),
        ('simple = "dense" != kind_of(layer)', [1]),
        ('simple = layer.kind in ("dense", "conv2d")', [1]),
        ('layer = {"kind": "dense", "units": 3}', [1]),
        ('layer = Layer(kind="dense")', [1]),
        ('table = {"dense": 1, "conv2d": 2}', [1]),
        ('match layer.kind:\n    case "dense":\n        pass', [1]),
        ('history = {"step": 1, "epoch": 2}', []),
        ('title = layer.title == "dense"', []),
        ('number = column.kind == "number"', []),
    ],
)
def test_what_names_a_kind(text, lines):
    assert kinds_named(ast.parse(text), {"dense", "conv2d", "step"}) == lines


def test_no_kind_is_named_outside_its_registry():
    named = []
    for folder in ("engine", "gui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name in OF_OLD_FILES:
                continue
            kinds = {
                kind_of(member)
                for place, members in REGISTRIES.items()
                if not name.startswith(place)
                for member in members
            }
            named += [f"{name}:{line}" for line in kinds_named(ast.parse(path.read_text()), kinds)]
    assert named == []

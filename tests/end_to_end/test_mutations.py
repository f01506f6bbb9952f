"""A few of the mutants that `python -m tests.end_to_end.mutations` opens by thousands."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import UserError
from tests.end_to_end import mutations
from tests.end_to_end.mutants import Mutant, make_mutant, write_originals

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs limits of a process")


def test_mutants_are_opened_or_refused():
    result = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.mutations", "--count", "120", "--seed", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    last = result.stdout.splitlines()[-1]
    assert last.startswith("0 × traceback, 0 × sentence, 0 × crash, 0 × hang, 0 × peak")
    for kind in ("experiment", "images", "model", "table"):
        assert kind in result.stdout


def test_a_mutant_is_made_again_by_its_seed_and_number(tmp_path):
    write_originals(tmp_path)
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        made.append([make_mutant(tmp_path, tmp_path / name, 3, number) for number in range(20)])
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        made[-1] = [mutant.kind for mutant in made[-1]] + [path.read_bytes() for path in files]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("raised", "fault"),
    [
        (None, ""),
        (UserError("here", expected="one", got="another"), ""),
        (ValueError("no sentence"), "traceback"),
        (MemoryError(), "traceback"),
    ],
)
def test_what_counts_as_a_fault(monkeypatch, tmp_path, raised, fault):
    def opened(_):
        if raised is not None:
            raise raised

    monkeypatch.setattr(mutations, "open_mutant", opened)
    assert mutations.judged(1, Mutant("model", tmp_path)).fault == fault


def test_memory_and_time_count(monkeypatch, tmp_path):
    monkeypatch.setattr(mutations, "open_mutant", lambda _: bytearray(b"x") * 2**27)
    monkeypatch.setattr(mutations, "LARGEST_PEAK", 2**26)
    assert mutations.judged(1, Mutant("model", tmp_path)).fault == "peak"
    monkeypatch.setattr(mutations, "LONGEST_SECONDS", 0.0)
    assert mutations.judged(1, Mutant("model", tmp_path)).fault == "hang"

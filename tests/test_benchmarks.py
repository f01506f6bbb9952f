"""The benchmarks run, also without PyTorch; their figures are looked at by people, on a quiet machine."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITHOUT_PYTORCH = """
import importlib.util, runpy, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            raise ModuleNotFoundError(name)

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "torch" else find_spec(name, *more)
sys.meta_path.insert(0, Refused())
runpy.run_module("tests.benchmarks", run_name="__main__")
"""


def test_the_benchmarks_of_the_engine_run_without_pytorch():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTORCH, "engine", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PyTorch is not installed")
    headings = re.findall(r"\n\n(\w+): .+\n\n", done.stdout)
    assert headings == [
        "steps",
        "inference",
        "epoch",
        "memory",
        "scaling",
        "data",
        "opening",
        "journal",
        "first_model",
    ]
    for row in (
        r"^2-8-8-2, batch 32 +\d+  – ",
        r"^784-128-64-10, batch 64 +1 +[\d,]+  – ",
        r"^scikit-learn +\d",
        r"^GRU 8 over 8 steps .+flat$",
        r"^rows × 10 .+ × \d",
        r"^mixed +load +\d",
        r"^wide +cancelled +\d",
        r"^iris +150 +[\d.]+ ± ",
        r"^spiral +158 +[\d,]+ ",
    ):
        assert re.search(row, done.stdout, re.MULTILINE), f"{row} in {done.stdout}"

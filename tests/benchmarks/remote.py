"""A peer in a process of its own, as it is when somebody uses it: with its own threads and its own kernels.

In one process, Gradwright's choice of kernels (`engine/blas_kernels.py`) would be scikit-learn's as
well, and the thread pools of several libraries would wait for one another.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_info

from engine.blas_kernels import VARIABLE
from tests.benchmarks import peers
from tests.benchmarks.cases import CASES, Case, dataset
from tests.benchmarks.measuring import Steps

MAKERS: Mapping[str, Callable[[Case, Any, int], Steps]] = {
    "PyTorch": peers.pytorch,
    "scikit-learn": peers.sklearn,
}
# NumPy first: once it is there, the engine leaves the kernels as they are.
START = "import sys, numpy; from tests.benchmarks.remote import serve; serve(*sys.argv[1:])"


@contextmanager
def started(name: str, case: Case, threads: int, kernels: str | None = None) -> Iterator[Steps]:
    """A callable that takes steps over there; the process ends with the context.

    kernels : what the variable that names OpenBLAS's kernels is set to; None leaves the choice to it.
    """
    environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
    if kernels is not None:
        environment[VARIABLE] = kernels
    command = [sys.executable, "-c", START, name, str(CASES.index(case)), str(threads)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def steps(count: int) -> int:
            print(count, file=asked, flush=True)
            return int(answers.readline())

        yield steps
        asked.close()


def serve(name: str, number: str, threads: str) -> None:
    """Take as many steps as each line asks for, and answer with how many were taken."""
    case = CASES[int(number)]
    data = dataset(case.shape, case.classes, case.batch * peers.ROWS_IN_BATCHES)
    steps = MAKERS[name](case, data, int(threads))
    for line in sys.stdin:
        print(steps(int(line)), flush=True)


def kernels_in_use() -> str:
    """What OpenBLAS calls the kernels of this process."""
    found = {library.get("architecture") for library in threadpool_info()} - {None}
    return ", ".join(sorted(found)) or "unknown"

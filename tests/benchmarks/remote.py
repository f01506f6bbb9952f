"""A peer (or we) in a process of its own, as when somebody uses it: with its own threads and its own kernels.

In one process, Gradwright's choice of kernels (`engine/blas_kernels.py`) would be scikit-learn's as
well, and the thread pools of several libraries would wait for one another.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_info

from engine.blas_kernels import VARIABLE
from tests.benchmarks.measuring import Steps

# NumPy first: once it is there, the engine leaves the kernels as they are.
START = "import sys, numpy; from tests.benchmarks.remote import serve; serve(*sys.argv[1:])"


@contextmanager
def started(maker: Callable[..., Steps], *arguments: object, kernels: str | None = None) -> Iterator[Steps]:
    """A callable that takes steps over there; the process ends with the context.

    maker : a function of a module of benchmarks, which makes the callable there. arguments : as JSON.
    kernels : what the variable that names OpenBLAS's kernels is set to; None leaves the choice to it.
    """
    environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
    if kernels is not None:
        environment[VARIABLE] = kernels
    command = [sys.executable, "-c", START, maker.__module__, maker.__name__, json.dumps(arguments)]
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


def serve(module: str, name: str, arguments: str) -> None:
    """Take as many steps as each line asks for, and answer with how many were taken."""
    steps: Steps = getattr(importlib.import_module(module), name)(*json.loads(arguments))
    for line in sys.stdin:
        print(steps(int(line)), flush=True)


def kernels_in_use() -> str:
    """What OpenBLAS calls the kernels of this process."""
    found = {library.get("architecture") for library in threadpool_info()} - {None}
    return ", ".join(sorted(found)) or "unknown"

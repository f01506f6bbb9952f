"""Measures speed and promptness: `python -m tests.benchmarks` for all, or the names of some."""

import argparse
import importlib

from tests.benchmarks import peers
from tests.benchmarks.measuring import QUICK, THOROUGH

BENCHMARKS = {
    "steps": "training steps per second beside PyTorch, scikit-learn and the bare matrix products",
    "inference": "predicted rows per second beside PyTorch and scikit-learn",
    "epoch": "seconds for one epoch of MNIST beside PyTorch and scikit-learn",
    "memory": "what 10,000 steps leave behind in memory",
    "scaling": "how time and memory grow with parameters, batch and rows",
    "data": "reading tables beside pandas, memory of training on large tables and many pictures",
    "opening": "how late another thread wakes while a large table is opened, how soon Cancel ends it",
    "journal": "what part of the training's speed keeping unsaved work costs",
    "first_model": "test scores of the model that is offered first, beside scikit-learn's network and trees",
    "window": "how late the window's event loop is while digits train, how fast Stop answers, how it closes",
}
ENGINE = [name for name in BENCHMARKS if name != "window"]


def main() -> None:
    """Run the benchmarks named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    about = {**BENCHMARKS, "engine": ", ".join(ENGINE)}
    listed = "; ".join(f"{name}: {what}" for name, what in about.items())
    parser.add_argument("names", nargs="*", choices=[[], *about], default=[], metavar="NAME", help=listed)
    parser.add_argument(
        "--quick", action="store_true", help="only show that they run: the figures mean nothing"
    )
    options = parser.parse_args()
    asked = [
        part for name in options.names or BENCHMARKS for part in (ENGINE if name == "engine" else [name])
    ]
    if not peers.has_pytorch():
        print("PyTorch is not installed (extra “bench”): what would be compared with it is left out.")
    for name in dict.fromkeys(asked):
        print(f"\n{name}: {BENCHMARKS[name]}\n")
        importlib.import_module(f"tests.benchmarks.{name}").main(QUICK if options.quick else THOROUGH)


if __name__ == "__main__":
    main()

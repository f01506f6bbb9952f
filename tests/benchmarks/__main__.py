"""Measures speed and promptness: `python -m tests.benchmarks` for all, or the names of some."""

import argparse
import importlib

BENCHMARKS = {
    "engine": "training steps per second beside PyTorch, scikit-learn and the bare matrix products",
    "window": "how late the window's event loop is while digits train, how fast Stop answers, how it closes",
}


def main() -> None:
    """Run the benchmarks named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    listed = "; ".join(f"{name}: {what}" for name, what in BENCHMARKS.items())
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], default=[], help=listed)
    for name in parser.parse_args().names or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name]}\n")
        importlib.import_module(f"tests.benchmarks.{name}").main()


if __name__ == "__main__":
    main()

"""Kills window and command line at random instants, and looks at what is left.

`python -m tests.end_to_end.kills [--count 1000] [--seed 0] [--jobs 2]`: half of the processes are windows,
half are `gradwright train`; half of each save all the time, and half never. Each is ended by kill -9 after a
random time. Then no file may be corrupt, nothing that was saved may be lost, at most five seconds of training
may be lost, what is restored has to go on bit for bit, and the next start has to leave nothing behind. Prints
a table; ends with status 1 where anything of this does not hold.

Processes are forked from one that has loaded the program, so that they start at once.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine.errors import UserError
from engine.files.left_behind import left_behind
from engine.files.run_file import load, resume
from engine.temporary_files import remove_left_over_files
from tests.end_to_end.killed_processes import RUNNERS, Board, Trial, checksum, start

MOST_LOST_S = 5.0
SHORT_S, LONG_S = (0.2, 2.5), (2.5, 9.0)
LONG_SHARE = 0.35
"""Of the processes; only these live long enough to lose five seconds of training."""

LOOK_S = 0.02
CONTINUED_STEPS = 25
STARTS_WITHIN_S = 60.0


# --- watching, killing, looking ----------------------------------------------------------------------------


def carry_out(trial: Trial) -> Trial:
    """Let a process live for its time, kill it, and look at what it has left."""
    path = trial.folder / "board"
    with path.open("wb") as stream:
        stream.truncate(Board.BYTES)
    board = Board(path)
    child = start(trial, path)
    limit = time.monotonic() + STARTS_WITHIN_S
    while not board.read(0):
        if time.monotonic() > limit or _ended(child):
            trial.problems.append(f"did not begin to train: {_output(trial)}")
            break
        time.sleep(LOOK_S)
    end = time.monotonic() + trial.seconds
    while time.monotonic() < end:
        trial.seen.append((time.monotonic(), board.read(0)))
        time.sleep(LOOK_S)
    trial.saved = board.read(1)
    trial.seen.append((time.monotonic(), board.read(0)))
    os.kill(child, signal.SIGKILL)
    trial.killed_at = time.monotonic()
    os.waitpid(child, 0)
    if "Traceback" in _output(trial):
        trial.problems.append(_output(trial))
    try:
        look(trial, board)
    except (UserError, OSError, AssertionError) as error:
        trial.problems.append(f"{type(error).__name__}: {error}")
    return trial


def look(trial: Trial, board: Board) -> None:
    """Whether what is left is whole, complete and goes on."""
    out = trial.folder / "run.gradwright"
    in_file = 0
    if out.exists():
        saved = load(out)
        in_file = saved.state.numbers["step"] if saved.state is not None else 0
    if in_file < trial.saved:
        trial.problems.append(f"the file has step {in_file}, and step {trial.saved} had been saved")
    works = left_behind(trial.folder / "state" / "journal")
    if len(works) > 1:
        trial.problems.append(f"{len(works)} journals")
    reached = in_file
    for work in works:
        run = work.load()
        if run.state is not None:
            reached = max(reached, work.step)
            check_continuation(run, board)
            trial.restored = True
        work.discard()
    # The run is worth what it was when it had the step that is left.
    when = max((moment for moment, step in trial.seen if step <= reached), default=trial.seen[0][0])
    trial.lost_s = trial.killed_at - when
    if trial.lost_s > MOST_LOST_S:
        trial.problems.append(f"{trial.lost_s:.1f} s of training are lost")
    trial.left_overs = len(list(trial.folder.glob(".gradwright-*.part")))
    remove_left_over_files(trial.folder)
    left = [*trial.folder.glob(".gradwright-*"), *(trial.folder / "state" / "journal").glob("*")]
    if left:
        trial.problems.append(f"left behind: {[path.name for path in left]}")


def check_continuation(run: Any, board: Board) -> None:
    """What is left has the weights that the killed process had at that step, and takes its further steps."""
    from engine.data import prepare

    data = run.experiment.data
    dataset = prepare(data, data.source.load(), run.experiment.dtype)
    trainer = resume(run, dataset, "journal")
    step = run.state.numbers["step"]
    assert trainer.step == trainer.history.steps.count == step, "rows and steps differ"
    _check_weights(trainer, board)
    for _ in trainer.run():
        _check_weights(trainer, board)
        if trainer.step >= step + CONTINUED_STEPS:
            break


def _check_weights(trainer: Any, board: Board) -> None:
    seen = board.checksum(trainer.step)
    assert seen in (0, checksum(trainer.network.parameters)), f"other weights after step {trainer.step}"


def _ended(child: int) -> bool:
    return os.waitpid(child, os.WNOHANG) != (0, 0)


def _output(trial: Trial) -> str:
    path = trial.folder / "output.txt"
    return path.read_text(errors="replace")[-2000:] if path.exists() else ""


# --- the command line --------------------------------------------------------------------------------------


def trials(count: int, seed: int, root: Path) -> list[Trial]:
    """What is to be carried out: windows and commands in turn, most of them killed early."""
    generator = random.Random(seed)
    found = []
    for number in range(count):
        folder = root / str(number)
        folder.mkdir()
        stretch = LONG_S if generator.random() < LONG_SHARE else SHORT_S
        kind = ("window", "command line")[number % 2]
        found.append(Trial(kind, folder, generator.uniform(*stretch), saves=generator.random() < 0.5))
    return found


def report(done: list[Trial]) -> int:
    """Print the table; returns the exit status."""
    print(f"{'':<14}{'kills':>7}{'saved':>8}{'restored':>10}{'.part':>7}{'lost, most':>12}{'problems':>10}")
    for kind in RUNNERS:
        of_kind = [trial for trial in done if trial.kind == kind]
        saved, restored = sum(t.saved > 0 for t in of_kind), sum(t.restored for t in of_kind)
        parts, faulty = sum(t.left_overs for t in of_kind), sum(bool(t.problems) for t in of_kind)
        lost = max(t.lost_s for t in of_kind)
        print(f"{kind:<14}{len(of_kind):>7}{saved:>8}{restored:>10}{parts:>7}{lost:>10.2f} s{faulty:>10}")
    wrong = [trial for trial in done if trial.problems]
    for trial in wrong[:10]:
        print(f"\n{trial.kind} after {trial.seconds:.2f} s: " + "\n".join(trial.problems))
    return 1 if wrong else 0


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="how many are alive at the same time")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Loaded here, so that each process has it at once. No application and no thread is made before forking.
    import engine.cli
    import gui.main_window

    assert engine.cli
    assert gui.main_window
    # Each watcher is a process of one thread: what another thread holds at a fork stays locked in the child.
    processes = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="kills-") as root, processes.Pool(options.jobs) as pool:
        planned = trials(options.count, options.seed, Path(root))
        return report(pool.map(carry_out, planned, chunksize=1))


if __name__ == "__main__":
    sys.exit(main())

"""`gradwright train`: train an experiment, or go on with a saved run."""

import argparse
import json
import math
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from engine.cli.autosave import Autosave, OutputFile, refuse_to_begin_again, restore_interrupted
from engine.cli.cross_validation import cross_validate
from engine.cli.data import is_data, offered
from engine.cli.output import print_notes, target
from engine.cli.roles import OPTIONS, check_types
from engine.cli.terminal import Interruption, say, shows_progress
from engine.data import prepare
from engine.data.sources import FileSource
from engine.errors import UserError, excerpt
from engine.experiment import Experiment
from engine.files.manifest import PARTS
from engine.files.opening import open_run
from engine.files.run_file import SUFFIX, SavedRun, resume, saved_run
from engine.first_model import offer
from engine.insight.diagnosis import RunFinding, diagnose, measure
from engine.settings import read
from engine.training.scoring import Scores
from engine.training.stopping import Event
from engine.training.trainer import Trainer
from engine.training_settings import Training

USUAL_COLUMNS, USUAL_LINES = 80, 24
"""Size of a terminal."""


def train(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    if options.folds is not None or options.repeats is not None:
        return cross_validate(options, with_data(_opened(options), options.data).experiment)
    named = None if options.out is None else target(options.out, SUFFIX)
    restored = restore_interrupted(*(path for path in (named, Path(options.file)) if path is not None))
    if not options.restart:
        refuse_to_begin_again(restored, options.file, named)
    out = None if named is None else OutputFile(named)
    run = with_data(_opened(options), options.data)
    if options.restart:
        run = SavedRun(run.experiment)
    experiment = _with_epochs(run.experiment, options.epochs)
    table = experiment.data.load()
    reasons: tuple[str, ...] = ()
    if is_data(options.file):
        check_types(options, table)
        found = offer(run.experiment, table)
        run, reasons = SavedRun(found.experiment), found.reasons
        experiment = _with_epochs(run.experiment, options.epochs)
    dataset = prepare(experiment.data, table, experiment.dtype)
    trainer = resume(run, dataset, options.file)
    print_notes(experiment.data, table, dataset)
    for reason in reasons:
        say(f"Model: {reason}")
    steps, seconds = trainer.step, trainer.seconds
    total = experiment.training.epochs
    interruption = Interruption()
    if trainer.epoch < total:
        trainer.change(experiment)
        if out is not None:
            out.check(total * trainer.steps_per_epoch)
        autosave = Autosave(trainer, out, interruption)
        with interruption:
            _drive(trainer, interruption, autosave)
            # While signals are still noted only: a closing terminal sends two.
            with interruption.postponed():
                unsaved = _save(trainer, out)
                autosave.end(saved=unsaved is None)
        sentence = trainer.stop_reason.sentence if trainer.stop_reason else ""
    else:
        done = _epochs(trainer.epoch)
        sentence = f"Nothing to train: the run has {done}, and {total} were asked for in all."
        unsaved = _save(trainer, out)
    result = {"stop_reason": sentence} | _result(trainer, trainer.step - steps, trainer.seconds - seconds)
    if reasons:
        result["model"] = list(reasons)
    findings = diagnose(measure(trainer)).findings
    result["findings"] = [_finding(finding) for finding in findings]
    if options.json:
        print(json.dumps(result, allow_nan=False))
    else:
        _print_result(trainer, result)
        _print_place(trainer.step > steps, out, unsaved)
    if unsaved is not None:
        raise unsaved
    return interruption.status


def _opened(options: argparse.Namespace) -> SavedRun:
    """What is to be trained: what a file holds, or for a table the model that is offered first."""
    if is_data(options.file):
        return SavedRun(offered(options))
    for name in ("target", "ignore", "sheet", "type", *OPTIONS):
        if getattr(options, name) is not None:
            raise UserError(
                f"--{name}",
                expected="a table to train on",
                got=f"“{excerpt(options.file)}”, which is none",
                help="Leave it out: an experiment says what it predicts.",
            )
    return open_run(options.file)


def with_data(run: SavedRun, path: str | None) -> SavedRun:
    """The run on data that lies elsewhere; raises UserError where its data is not in files."""
    if path is None:
        return run
    experiment = run.experiment
    data, source = experiment.data, experiment.data.source
    if not isinstance(source, FileSource):
        raise UserError(
            f"--data {path}",
            expected="an experiment whose data is in files",
            got=f"the source “{source.heading}”, which reads none",
            help="Leave --data out.",
        )
    moved = source.replace(path=str(Path(path).absolute()) if path else "")
    return replace(run, experiment=experiment.replace(data=data.replace(source=moved)))


def _with_epochs(experiment: Experiment, epochs: str | None) -> Experiment:
    if epochs is None:
        return experiment
    values = {name: getattr(experiment.training, name) for name in Training.model_fields}
    try:
        return experiment.replace(training=read(Training, values | {"epochs": _whole(epochs)}, "--epochs"))
    except UserError as error:
        raise UserError(
            "--epochs", expected=error.expected, got=error.got, help="Give the total number of epochs."
        ) from None


def _whole(text: str) -> str:
    """A whole number in scientific notation (1e3) in digits; anything else as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    # Beyond this, floats have no ones; and nobody would want so many digits in a message.
    return str(int(number)) if abs(number) < 2**53 and number.is_integer() and "e" in text.lower() else text


def _bar(trainer: Trainer) -> tqdm:
    """A progress bar on standard error, if that is a terminal."""
    # No thread that watches over bars: steps come often enough.
    tqdm.monitor_interval = 0
    shown = shows_progress()
    # A terminal that does not know its size says 0.
    columns, lines = os.get_terminal_size(sys.stderr.fileno()) if shown else (0, 0)
    return tqdm(
        total=trainer.experiment.training.epochs * trainer.steps_per_epoch,
        initial=trainer.step,
        unit="step",
        disable=not shown,
        file=sys.stderr,
        ncols=columns or USUAL_COLUMNS,
        nrows=lines or USUAL_LINES,
        leave=False,
    )


def _drive(trainer: Trainer, interruption: Interruption, autosave: Autosave) -> None:
    """Train to the end; the run is kept whatever ends it, even without a chance to say so."""
    try:
        _train(trainer, interruption, autosave)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(autosave.rescue()) from None
    except BaseException:  # whatever ends the run, what it has learned is kept first; raised again
        if kept := autosave.rescue():
            say(f"Note: {kept}.")
        raise


def _train(trainer: Trainer, interruption: Interruption, autosave: Autosave) -> None:
    total = trainer.experiment.training.epochs
    with _bar(trainer) as bar:
        for event in trainer.run():
            if event is not Event.SCORING:
                bar.update()
                autosave.step_done()
            if event is Event.EPOCH and not bar.disable:
                loss = trainer.history.epochs.read("training_loss", trainer.history.epochs.count - 1)[0]
                bar.set_postfix_str(f"epoch {trainer.epoch} of {total}, loss {loss:.4g}", refresh=False)
            if interruption.sentence and trainer.stop_reason is None:
                trainer.stop(interruption.sentence)
                return
            if event is Event.EPOCH and trainer.epoch < total and trainer.stop_reason is None:
                autosave.epoch_done()


def _save(trainer: Trainer, out: OutputFile | None) -> UserError | None:
    """Save the run; the error where that fails now is returned, since the result is to be shown first."""
    if out is None:
        return None
    try:
        out.save(saved_run(trainer))
    except UserError as error:
        return error
    return None


def _result(trainer: Trainer, steps: int, seconds: float) -> dict[str, Any]:
    """What --json prints; a part without examples is null, and so is a score that is not defined."""
    parts: dict[str, Any] = {}
    for part in PARTS:
        rows = trainer.dataset.part(part).rows_count
        parts[part] = _scores(trainer.evaluate(part)) if rows else None
    return {
        "epochs": trainer.epoch,
        "seconds": round(seconds, 6),
        "steps_per_second": round(steps / seconds, 3) if seconds else None,
        **parts,
    }


def _scores(scores: Scores) -> dict[str, float | None]:
    values = {"loss": scores.loss, **scores.metrics}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _finding(finding: RunFinding) -> dict[str, Any]:
    """A finding as --json prints it."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "sentence": finding.sentence,
        "evidence": [evidence.text for evidence in finding.evidence],
        "remedies": [remedy.title for remedy in finding.remedies],
    }


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _print_result(trainer: Trainer, result: dict[str, Any]) -> None:
    print(result["stop_reason"])
    speed = f", {result['steps_per_second']:,.0f} steps/s" if result["steps_per_second"] else ""
    print(f"{_epochs(result['epochs'])}, {result['seconds']:.2f} s{speed}")
    names = ["loss", *trainer.history.metrics]
    print(f"{'':<12}" + "".join(f"{name:>19}" for name in names))
    for part in PARTS:
        if result[part] is not None:
            values = [result[part][name] for name in names]
            texts = ["–" if value is None else _score(value) for value in values]
            print(f"{part:<12}" + "".join(f"{text:>19}" for text in texts))
    for finding in result["findings"]:
        print(f"Finding: {finding['sentence']}")
        if finding["remedies"]:
            print(f"  Try: {'; '.join(finding['remedies'])}.")


def _score(value: float) -> str:
    """Four decimals; four digits where these would say little, or too much."""
    return f"{value:.4f}" if value == 0 or 0.1 <= abs(value) < 1e6 else f"{value:#.4g}"


def _print_place(trained: bool, out: OutputFile | None, unsaved: UserError | None) -> None:
    if out is not None and unsaved is None:
        print(f"Saved as {out.path}")
    elif not trained:
        print("Nothing was trained, so there is nothing to keep.")
    elif out is not None:
        print(f"Not saved as {out.path}; the next gradwright train with that file puts the run into it.")
    else:
        print("Not saved; name a file with --out to keep the trained model.")

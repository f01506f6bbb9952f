"""The command line: the same work without a window."""

import argparse
import csv
import dataclasses
import io
import json
import math
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np
from tqdm import tqdm

import engine
from engine.data import prepare
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column, Table
from engine.errors import UserError
from engine.experiment import Training
from engine.files.atomic import write_atomically
from engine.files.opening import open_run, preset_files
from engine.files.run_file import SUFFIX, load, resume, save, saved_run
from engine.settings import read
from engine.training.evaluation import Scores
from engine.training.model import Model, Predictions
from engine.training.trainer import Event, Trainer

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130
COMMANDS = ("train", "predict")


def parser() -> argparse.ArgumentParser:
    """The arguments of `gradwright`."""
    top = argparse.ArgumentParser(
        prog="gradwright",
        description="Build, train and understand neural networks. Without a command, the window opens.",
        epilog="gradwright [FILE] opens the window, with the file if one is named.",
    )
    top.add_argument("--version", action="version", version=f"Gradwright {engine.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train = commands.add_parser(
        "train",
        help="train without a window",
        description="Train an experiment without a window.",
        epilog=f"Ready experiments: {', '.join(preset_files())}.",
    )
    train.add_argument("file", metavar="FILE", help="a .json, a .gradwright, or a ready experiment")
    train.add_argument("--epochs", metavar="N", help="total number of epochs; a saved run goes on up to it")
    train.add_argument("--out", metavar="FILE.gradwright", help="where to save the trained model")
    train.add_argument("--json", action="store_true", help="print the result as one JSON object")
    predict = commands.add_parser(
        "predict", help="predict the rows of a table", description="Predict the rows of a table."
    )
    predict.add_argument("file", metavar="FILE.gradwright", help="a trained model")
    predict.add_argument("--data", required=True, metavar="TABLE.csv", help="the rows to predict")
    predict.add_argument("--out", required=True, metavar="OUT.csv", help="where to write the predictions")
    return top


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status: 0, or 2 with a sentence on standard error."""
    options = parser().parse_args(arguments)
    try:
        return train(options) if options.command == "train" else predict(options)
    except UserError as error:
        print(f"gradwright: {error}", file=sys.stderr)
        return USAGE_STATUS


def train(options: argparse.Namespace) -> int:
    """`gradwright train`."""
    out = _target(options.out, SUFFIX) if options.out else None
    run = open_run(options.file)
    experiment = run.experiment
    if options.epochs is not None:
        values = experiment.training.model_dump() | {"epochs": options.epochs}
        experiment = experiment.replace(training=read(Training, values, "gradwright train"))
    table = experiment.data.source.load()
    dataset = prepare(experiment.data, table, experiment.dtype)
    trainer = resume(dataclasses.replace(run, experiment=experiment), dataset, options.file)
    steps, seconds = trainer.step, trainer.seconds
    interrupted = _drive(trainer)
    result = _result(trainer, trainer.step - steps, trainer.seconds - seconds)
    if out is not None:
        save(out, saved_run(trainer))
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _print_result(trainer, result, out)
    return INTERRUPTED_STATUS if interrupted else 0


def predict(options: argparse.Namespace) -> int:
    """`gradwright predict`."""
    out = _target(options.out, ".csv")
    run = load(Path(options.file))
    if run.state is None or run.preparation is None:
        raise UserError(
            options.file,
            expected="a trained model",
            got="an experiment without weights",
            help=f"Train it first: gradwright train {options.file} --out {options.file}",
        )
    layer_state = {
        name.removeprefix("layer/"): array
        for name, array in run.state.arrays.items()
        if name.startswith("layer/")
    }
    model = Model(run.experiment, run.preparation, run.state.parameters, layer_state)
    table = CSVFile(path=options.data).load()
    predictions = model.predict(table)
    text = _prediction_table(table, predictions)
    write_atomically(out, lambda stream: _write_text(stream, text))
    print(f"{table.rows} rows predicted, written to {out}")
    return 0


def _drive(trainer: Trainer) -> bool:
    """Train to the end with a progress bar on a terminal; True where Ctrl+C ended it."""
    total = trainer.experiment.training.epochs
    shown = None if sys.stderr.isatty() else True
    with tqdm(total=total, initial=trainer.epoch, unit="epoch", disable=shown, file=sys.stderr) as bar:
        try:
            for event in trainer.run():
                if event is Event.EPOCH:
                    last = trainer.history.epochs.count - 1
                    loss = trainer.history.epochs.read("training_loss", last)[0]
                    bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
                    bar.update()
        except KeyboardInterrupt:
            trainer.stop("Interrupted from the keyboard.")
            return True
    return False


def _result(trainer: Trainer, steps: int, seconds: float) -> dict[str, Any]:
    """What --json prints; a part without examples is null, and so is a score that is not defined."""
    parts: dict[str, Any] = {}
    for part in ("training", "validation", "test"):
        rows = len(trainer.dataset.part(part).inputs)
        parts[part] = _scores(trainer.evaluate(part)) if rows else None
    reason = trainer.stop_reason
    return {
        "stop_reason": reason.sentence if reason else "",
        "epochs": trainer.epoch,
        "seconds": round(seconds, 6),
        "steps_per_second": round(steps / seconds, 3) if seconds else None,
        **parts,
    }


def _scores(scores: Scores) -> dict[str, float | None]:
    values = {"loss": scores.loss, **scores.metrics}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _print_result(trainer: Trainer, result: dict[str, Any], out: Path | None) -> None:
    print(result["stop_reason"])
    speed = f", {result['steps_per_second']:,.0f} steps/s" if result["steps_per_second"] else ""
    print(f"{result['epochs']} epochs, {result['seconds']:.2f} s{speed}")
    names = ["loss", *trainer.history.metrics]
    print(f"{'':<12}" + "".join(f"{name:>19}" for name in names))
    for part in ("training", "validation", "test"):
        if result[part] is not None:
            values = [result[part][name] for name in names]
            texts = ["–" if value is None else f"{value:.4f}" for value in values]
            print(f"{part:<12}" + "".join(f"{text:>19}" for text in texts))
    if out is not None:
        print(f"Saved as {out}")
    else:
        print("Not saved; name a file with --out to keep the trained model.")


def _target(text: str, suffix: str) -> Path:
    """A file to be written; wrong places are found before the work, not after it."""
    path = Path(text)
    if path.suffix.lower() != suffix:
        raise UserError(
            f"--out {text}", expected=f"a name that ends in {suffix}", got=f"'{path.name}'", help="Rename it."
        )
    if path.is_dir() or not path.parent.is_dir():
        what = "a folder" if path.is_dir() else f"no folder '{path.parent}'"
        raise UserError(f"--out {text}", expected="a file in an existing folder", got=what, help="Check it.")
    return path


def _prediction_table(table: Table, predictions: Predictions) -> str:
    """The rows as they came, then the prediction, then the probability of each class."""
    taken = {column.name for column in table.columns}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns = [_texts(column) for column in table.columns]
    added: list[tuple[str, list[str]]] = [
        ("prediction", [v if isinstance(v, str) else repr(float(v)) for v in predictions.values])
    ]
    if predictions.probabilities is not None:
        for number, name in enumerate(predictions.classes):
            chances = predictions.probabilities[:, number]
            added.append((f"probability {name}", [f"{chance:.6g}" for chance in chances]))
    writer.writerow([*(column.name for column in table.columns), *(_free(name, taken) for name, _ in added)])
    writer.writerows(zip(*columns, *(texts for _, texts in added), strict=True))
    return stream.getvalue()


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where the table has a column of that name."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _texts(column: Column) -> list[str]:
    if column.kind == "category":
        return ["" if value is None else value for value in column.values]
    if column.kind == "boolean":
        return ["" if np.isnan(value) else column.labels[int(value)] for value in column.values]
    return ["" if np.isnan(value) else f"{value:.15g}" for value in column.values]


def _write_text(stream: IO[bytes], text: str) -> None:
    stream.write(text.encode())

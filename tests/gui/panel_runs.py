"""A small run, and what a panel is told of it."""

from engine.data import DataSettings, describe
from engine.data.sources.bundled import Iris
from engine.training.trainer import Trainer
from gui.core.messages import Answers, Frame, Prepared, Scored

IRIS = DataSettings(source=Iris())


def prepared_of(run: Trainer, number: int = 1) -> Prepared:
    table = run.experiment.data.load()
    description = describe(table, run.experiment.data)
    return Prepared(number, run.experiment, description, run.dataset, run.network, run.step)


def scored_of(run: Trainer, number: int = 1) -> Scored:
    return Scored(number, run.step, (run.evaluate("training"),), "After step 5")


def frame_of(run: Trainer, queries, number: int = 1) -> Frame:
    results = {query: query.answer(run) for query in queries}
    answers = Answers(number, run.step, results)
    return Frame(number, "paused", run.step, run.position, 2, history=run.history, answers=answers)

"""What a frame holds: answers to what was asked for, each once, and a word where one fails."""

from dataclasses import dataclass
from typing import ClassVar

from engine.errors import UserError
from engine.insight.distributions import HistogramsQuery
from engine.insight.query import Query
from engine.insight.run_queries import DecisionMapQuery, NeuronMapsQuery, ParametersQuery
from gui.core.messages import Crashed
from tests.engine.training.runs import experiment


def test_a_frame_holds_only_what_was_asked_for(driver):
    driver.drive(experiment(epochs=5))
    nothing = driver.frame().answers
    assert (nothing.run, nothing.step, dict(nothing.results)) == (1, 0, {})
    decision, maps, spread = DecisionMapQuery(20), NeuronMapsQuery(10), HistogramsQuery()
    answers = driver.frame(decision, maps, spread, ParametersQuery()).answers
    assert answers.get(decision).values.shape == (20, 20, 2)
    assert answers.get(maps)[0].shape == (8, 10, 10)
    assert answers.get(spread)[0].histogram.counts.sum() == 16
    assert not answers.get(ParametersQuery())[0].weight.flags.writeable
    assert answers.get(DecisionMapQuery(21)) is None


@dataclass(frozen=True)
class StepQuery(Query[int]):
    """Counts how often it is answered."""

    asked: ClassVar[list[int]] = []

    def answer(self, trainer):
        self.asked.append(trainer.step)
        return trainer.step


class DataQuery(StepQuery):
    constant = True


def test_equal_queries_are_answered_once_in_a_frame_and_constant_ones_once_in_a_run(driver):
    StepQuery.asked.clear()
    driver.drive(experiment(epochs=5))
    for _ in range(3):
        assert driver.frame(StepQuery(), StepQuery()).answers.get(StepQuery()) == 0
    assert StepQuery.asked == [0, 0, 0]
    for _ in range(3):
        driver.frame(DataQuery(), StepQuery())
    assert len(StepQuery.asked) == 3 + 1 + 3


@dataclass(frozen=True)
class FaultyQuery(Query[int]):
    number: int = 0

    def answer(self, trainer):
        raise RuntimeError(f"fault {self.number}")


@dataclass(frozen=True)
class ImpossibleQuery(Query[int]):
    def answer(self, trainer):
        raise UserError("Data", expected="two inputs", got="three", help="Use two.")


def test_a_query_that_fails_is_told_once_and_the_others_are_answered(driver):
    driver.drive(experiment(epochs=5))
    for _ in range(3):
        answers = driver.frame(FaultyQuery(), StepQuery(), ImpossibleQuery()).answers
        assert (answers.get(FaultyQuery()), answers.error(FaultyQuery())) == (None, None)
        assert answers.get(StepQuery()) == 0
        assert str(answers.error(ImpossibleQuery())).startswith("Data: ")
    assert "fault 0" in driver.message(Crashed).traceback
    assert not [message for message in driver.messages() if isinstance(message, Crashed)]
    driver.frame(FaultyQuery(1))
    assert "fault 1" in driver.message(Crashed).traceback

"""What simple models reach beside the network: their scores, and in sentences what these say."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["always_same", "straight_line", "neighbours", "boosted_trees"]


@dataclass(frozen=True)
class Baseline:
    """One simple model.

    score : of the part that was asked for: the fraction of right answers (classes), or R² (numbers).
    rows : how many it learned from. cut_short : whether it was scored before it had finished.
    """

    kind: Kind
    title: str
    score: float
    rows: int
    seconds: float
    cut_short: bool = False


@dataclass(frozen=True)
class Comparison:
    """All of them.

    part : what the scores are of: "validation" or "test". rows : how many rows of it were used, of `of`.
    training_rows : how many the training part has. network : the score of the network; None where there is
    none.
    """

    task: str
    part: str
    rows: int
    of: int
    training_rows: int
    baselines: tuple[Baseline, ...]
    network: float | None = None

    @property
    def classifies(self) -> bool:
        return self.task != "regression"

    @property
    def error(self) -> float:
        """Standard error of a score of classes: differences within it say nothing; 0 for numbers."""
        if not self.classifies:
            return 0.0
        # Two right and two wrong more: of few rows, all right is no proof. Agresti & Coull 1998.
        best = (max(one.score for one in self.baselines) * self.rows + 2) / (self.rows + 4)
        return float(np.sqrt(best * (1 - best) / (self.rows + 4)))

    @property
    def sentence(self) -> str:
        """What the scores say, in a few sentences."""
        always, *others = self.baselines
        if self.classifies:
            text = f"{always.title} is right for {always.score:.1%} of the {self.part} rows. "
        else:
            text = f"{always.title} has R² {number(always.score)} on the {self.part} rows. "
        reached = {one.kind: self.score_text(one.score) for one in others}
        text += (
            f"A straight-line model reaches {reached['straight_line']}, nearest neighbours "
            f"{reached['neighbours']}, boosted trees {reached['boosted_trees']}."
        )
        if self.network is not None:
            text += f" The network has {self.score_text(self.network)}."
        return f"{text} {self.verdict}"

    @property
    def verdict(self) -> str:
        """How hard it is."""
        scores = {one.kind: one.score for one in self.baselines}
        best = max(scores.values())
        margin = max(self.error, 0.01)
        if best - scores["always_same"] <= margin:
            return "None of them is better than that: there may be nothing to learn from these inputs."
        if scores["straight_line"] >= best - margin:
            return "The straight-line model is as good as any: few layers are enough, if any."
        return "Straight lines are not enough: curves or interactions matter, as a network learns them."

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out to save time."""
        notes = []
        for one in self.baselines:
            if one.rows < self.training_rows and one.kind != "always_same":
                notes.append(f"{one.title}: learned from {one.rows:,} of {self.training_rows:,} rows.")
            if one.cut_short:
                notes.append(f"{one.title}: cut short after {one.seconds:.0f} s.")
        if self.rows < self.of:
            notes.append(f"Scored on {self.rows:,} of {self.of:,} {self.part} rows.")
        return tuple(notes)

    def score_text(self, score: float) -> str:
        """ "98.1%", or "R² 0.71"."""
        return f"{score:.1%}" if self.classifies else f"R² {number(score)}"


def number(score: float) -> str:
    """A score with two decimals and a true minus."""
    return f"{score + 0.0:.2f}".replace("-", "−").replace("−0.00", "0.00")

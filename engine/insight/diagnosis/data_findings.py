"""Findings on the data that hold for an experiment: one class prevails, embeddings that do not match."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from engine.data import DataSettings, Description, Finding
from engine.data.checks.remedies import Remedy
from engine.data.columns.texts import listed
from engine.data.encoders.numbers import AsTheyAre
from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers.embedding import Embedding
from engine.losses.class_weights import ClassWeighted
from engine.network_assembly import loss_of
from engine.settings import kind_of
from engine.tasks import Task


@dataclass(frozen=True)
class BalanceClasses(Remedy):
    """Give every class the same total weight in the loss."""

    loss: ClassWeighted

    @property
    def title(self) -> str:
        return "Balance the classes"

    def apply(self, data: DataSettings) -> DataSettings:
        return data

    def mend(self, experiment: Any) -> Any:
        balanced = self.loss.replace(balanced=True)
        return experiment.replace(training=experiment.training.replace(loss=balanced))


def data_findings(experiment: Experiment, description: Description) -> Iterator[Finding]:
    """All findings on the data that hold for this experiment, also for its network and its precision.

    Where one class prevails, the remedy is in the loss, which the checks of the data do not know.
    """
    yield from embedding_findings(experiment, description)
    exact = experiment.dtype == np.float64
    for finding in description.findings:
        if exact and finding.kind == "float32":
            continue
        if finding.kind == "imbalance" and description.task is not None:
            finding = _with_balance(finding, experiment, description.task)
        yield finding


def _with_balance(finding: Finding, experiment: Experiment, task: Task) -> Finding:
    """The finding that one class prevails, with its remedy, if it is not applied already."""
    loss = None
    with suppress(UserError):
        loss = loss_of(experiment, task)
    if not isinstance(loss, ClassWeighted):
        return finding
    if loss.balanced or loss.class_weights is not None:
        return replace(finding, severity="hint")
    return replace(finding, remedies=(BalanceClasses(loss),))


def _as_it_is(data: DataSettings, column: str) -> bool:
    """Whether a column of numbers comes in without scaling."""
    chosen = data.column(column).preparation
    return data.scaling == "none" if chosen is None else isinstance(chosen, AsTheyAre)


def embedding_findings(experiment: Experiment, description: Description) -> Iterator[Finding]:
    """Codes that the network would treat as quantities, and quantities that it would treat as codes.

    description : of the experiment's data.
    """
    inputs = [column for column in description.columns if column.role == "input"]
    first = next((layer for layer in experiment.layers if layer.enabled), None)
    if not isinstance(first, Embedding):
        if description.encoded_columns:
            places = {column.position for column in description.encoded_columns}
            starts = accumulate((column.inputs for column in inputs), initial=0)
            coded = [column.name for column, start in zip(inputs, starts, strict=False) if start in places]
            comes, them = ("comes in as a code", "it for a quantity")
            if len(coded) > 1:
                comes, them = ("come in as codes", "them for quantities")
            yield Finding(
                "codes_without_embedding",
                f"{listed(coded)} {comes}, and without an Embedding layer in front the network takes {them}: "
                "category 3 would be three times category 1. Put an Embedding layer first, or set Categories "
                "to one input per category.",
                put_first=kind_of(Embedding),
            )
        return
    scaled = [
        column.name
        for column in inputs
        if column.kind == "number" and not _as_it_is(experiment.data, column.name)
    ]
    if first.vocabulary is not None and scaled:
        yield Finding(
            "scaled_codes",
            f"With a vocabulary, the Embedding layer reads {listed(scaled)} as codes, but scaling makes "
            "other numbers of them. Set Scaling to “As they are”, or leave the vocabulary empty.",
        )

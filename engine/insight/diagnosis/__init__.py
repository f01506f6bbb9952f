"""Diagnosis in words: what is wrong with a run, from measured quantities alone.

A new finding is a function of `Measurements` and a line in `RULES`; earlier ones silence those they explain.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.insight.diagnosis import chance, divergence, fit, gradients, rates, setting_faults
from engine.insight.diagnosis.data_findings import BalanceClasses, data_findings, embedding_findings
from engine.insight.diagnosis.finding import Evidence, Remedy, RunFinding
from engine.insight.diagnosis.measurements import Measurements, measure
from engine.insight.query import Query
from engine.training.trainer import Trainer

COURSE = frozenset(
    {
        "chance_level",
        "class_collapse",
        "rate_too_high",
        "rate_too_low",
        "vanishing_gradient",
        "exploding_gradient",
        "dead_units",
        "saturation",
        "overfitting",
        "underfitting",
    }
)
"""What a run that diverges shows as well: it follows from that."""


@dataclass(frozen=True)
class Rule:
    """How something is found, and the kinds of findings that it explains."""

    find: Callable[[Measurements], Iterator[RunFinding]]
    silences: frozenset[str] = frozenset()


RULES = (
    Rule(divergence.unstable_decay, COURSE | {"not_finite", "diverged", "worse_than_guessing"}),
    Rule(divergence.not_finite, COURSE | {"diverged", "worse_than_guessing"}),
    Rule(divergence.diverged, COURSE | {"worse_than_guessing"}),
    Rule(setting_faults.unreachable_targets, frozenset({"worse_than_guessing", "underfitting"})),
    Rule(
        divergence.worse_than_guessing,
        frozenset({"chance_level", "overfitting", "underfitting", "rate_too_low"}),
    ),
    Rule(setting_faults.unscaled_inputs, frozenset({"class_collapse", "saturation", "vanishing_gradient"})),
    Rule(
        chance.chance_level,
        frozenset({"class_collapse", "overfitting", "underfitting", "rate_too_high", "rate_too_low"}),
    ),
    Rule(chance.class_collapse, frozenset({"overfitting", "underfitting"})),
    Rule(setting_faults.small_batches),
    Rule(gradients.exploding, frozenset({"rate_too_high"})),
    Rule(rates.oscillation, frozenset({"overfitting", "underfitting"})),
    Rule(gradients.dead_units, frozenset({"vanishing_gradient"})),
    Rule(gradients.saturation, frozenset({"vanishing_gradient"})),
    Rule(gradients.vanishing, frozenset({"rate_too_low", "underfitting"})),
    Rule(rates.creeping, frozenset({"underfitting"})),
    Rule(fit.overfitting),
    Rule(fit.underfitting),
)


@dataclass(frozen=True)
class Diagnosis:
    """All findings on a run at a step, what explains others first."""

    step: int
    findings: tuple[RunFinding, ...]


def diagnose(measured: Measurements) -> Diagnosis:
    """Apply all rules, in their order."""
    found: list[RunFinding] = []
    silent: set[str] = set()
    for rule in RULES:
        for finding in rule.find(measured):
            if finding.kind not in silent:
                found.append(finding)
                silent |= rule.silences
    return Diagnosis(measured.step, tuple(found))


@dataclass(frozen=True)
class DiagnosisQuery(Query[Diagnosis]):
    """What is wrong with the run, if anything: some hundredths of a second of work at most."""

    def answer(self, trainer: Trainer) -> Diagnosis:
        return diagnose(measure(trainer))


__all__ = [
    "RULES",
    "BalanceClasses",
    "Diagnosis",
    "DiagnosisQuery",
    "Evidence",
    "Measurements",
    "Remedy",
    "RunFinding",
    "data_findings",
    "diagnose",
    "embedding_findings",
    "measure",
]

"""The words of the unit laboratory: what changes would do, and what is applied."""

import math

from engine.insight.laboratory import LaboratoryChanges, LaboratoryResult
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import unit_names
from gui.kit.labels import Quality
from gui.kit.numbers import MINUS, count_text, number_text, reading_text
from gui.kit.settings_text import MetricText
from gui.kit.text import tr

PART_TITLES = {"validation": tr("Validation"), "training": tr("Training")}
NOTHING = "–"
NO_TEMPERATURE = tr("Only an output with softmax or sigmoid has a temperature.")
NO_NOISE = tr("The inputs are codes of categories, which have no noise.")
NO_BIAS = tr("This layer has no bias for each unit.")
NO_WEIGHTS = tr("This layer has no weights that lead to one unit each.")
LAST_APPLIES = tr("Noise and temperature are only looked at: they belong to no weight.")


def edit_words(model: ModelSummary, changes: LaboratoryChanges) -> str:
    """What is applied, for the history and for Undo."""
    layer, words = model.layers[changes.layer].name, []
    if changes.bias_shift:
        words.append(tr("bias shifted by {shift}", shift=number_text(changes.bias_shift)))
    if changes.weight_scale != 1.0:
        words.append(tr("weights times {factor}", factor=number_text(changes.weight_scale)))
    if changes.off:
        words.append(tr("switched off"))
    parts = []
    if words and changes.unit is not None:
        unit = unit_names(model, changes.layer)[changes.unit]
        parts.append(tr("{layer}, {unit}: {what}", layer=layer, unit=unit, what=", ".join(words)))
    if changes.pruned:
        share = number_text(round(100 * changes.pruned, 6))
        parts.append(tr("Pruned {share} % of {layer}", share=share, layer=layer))
    return "; ".join(parts)


def change_words(before: float, after: float, score: MetricText, better: str) -> tuple[str, Quality]:
    """The difference with its sign, and whether it is for the better."""
    difference = after - before
    if not math.isfinite(difference) or score.write(before) == score.write(after):
        return NOTHING, "muted"
    sign = "+" if difference > 0 else MINUS
    improves = (difference > 0) == (better == "up")
    words = tr("better") if improves else tr("worse")
    size = score.write(abs(difference))
    if score.in_percent:
        size = tr("{points} points", points=f"{100 * abs(difference):.1f}")
    return f"{sign}{size} {words}", "good" if improves else "error"


def difference_sentence(result: LaboratoryResult) -> str:
    """How the predictions differ."""
    first = result.parts[0] if result.parts else None
    if first is None:
        return ""
    rows = tr("validation rows") if first.part == "validation" else tr("training rows")
    if result.changed is not None:
        return tr(
            "{changed} of {count} {rows} are classified differently.",
            changed=count_text(result.changed),
            count=count_text(first.rows),
            rows=rows,
        )
    if result.moved is not None:
        return tr("Predictions move by {moved} in the mean.", moved=reading_text(result.moved, 4))
    return ""


def rows_note(result: LaboratoryResult) -> str:
    """Which rows were scored, where these are not all, or not those of validation."""
    notes = [
        tr(
            "{part}: {rows} of {total} rows, evenly spaced.",
            part=PART_TITLES[effect.part],
            rows=count_text(effect.rows),
            total=count_text(effect.total),
        )
        for effect in result.parts
        if effect.rows < effect.total
    ]
    if result.parts and result.parts[0].part == "training":
        notes.append(tr("There is no validation part: only training rows are scored."))
    return " ".join(notes)

"""Whether the network takes the data's codes for what they are, in sentences for the data panel."""

from collections.abc import Iterator

from engine.data import Description, Finding
from engine.data.texts import listed
from engine.experiment import Experiment
from engine.layers.embedding import Embedding
from engine.settings import kind_of


def findings(experiment: Experiment, description: Description) -> Iterator[Finding]:
    """Codes that the network would read as quantities, and quantities that it would read as codes.

    description : of the experiment's data.
    """
    inputs = [column for column in description.columns if column.role == "input"]
    first = experiment.layers[0] if experiment.layers else None
    if not isinstance(first, Embedding):
        if description.codes:
            coded = [column.name for column in inputs if column.kind == "category"]
            comes, them = ("comes in as a code", "it for a quantity")
            if len(coded) > 1:
                comes, them = ("come in as codes", "them for quantities")
            yield Finding(
                f"{listed(coded)} {comes}, and without an Embedding layer in front the network takes {them}: "
                "category 3 would be three times category 1. Put an Embedding layer first, or set Categories "
                "to one input per category.",
                put_first=kind_of(Embedding),
            )
        return
    scaled = [column.name for column in inputs if column.kind == "number"]
    if first.vocabulary is not None and scaled and experiment.data.scaling != "none":
        yield Finding(
            f"With a vocabulary, the Embedding layer reads {listed(scaled)} as codes, but scaling makes "
            "other numbers of them. Set Scaling to “As they are”, or leave the vocabulary empty."
        )

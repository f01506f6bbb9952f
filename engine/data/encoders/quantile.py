"""Numbers by their rank among the training values: any distribution becomes uniform or normal."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.encoders.base import Numbers, NumericInput
from engine.data.encoders.numbers import NumberPreparation

Distribution = Literal["normal", "uniform"]

SMALLEST_RANK = 1e-7
"""Ranks of the normal distribution are cut off here, at ±5.2, as in scikit-learn."""


class QuantileInput(NumericInput):
    """The rank of a value, 0 to 1, between the quantiles of the training part, or its normal quantile."""

    kind: Literal["quantile"] = "quantile"
    column: str
    missing_value: float
    distribution: Distribution
    quantiles: tuple[float, ...] = Field(min_length=1)

    def transformed(self, values: Numbers) -> Numbers:
        quantiles, ranks = self._table()
        # Between equal quantiles there are many ranks: the middle one is found from both sides.
        below, above = np.interp(values, quantiles, ranks), np.interp(-values, -quantiles[::-1], -ranks[::-1])
        found: Numbers = 0.5 * (below - above)
        found[values <= quantiles[0]] = 0.0
        found[values >= quantiles[-1]] = 1.0
        if self.distribution == "uniform":
            return found
        # Not at the top: no other part of a table needs it.
        from scipy.special import ndtri

        smallest = SMALLEST_RANK - np.spacing(1)
        normal: Numbers = ndtri(found).clip(ndtri(smallest), ndtri(1 - smallest))
        return normal

    def inverse(self, inputs: Numbers) -> Numbers:
        quantiles, ranks = self._table()
        if self.distribution == "normal":
            from scipy.special import ndtr

            inputs = ndtr(inputs)
        return np.interp(inputs, ranks, quantiles)

    def _table(self) -> tuple[Numbers, Numbers]:
        return np.array(self.quantiles), np.linspace(0, 1, len(self.quantiles))


class Quantiles(NumberPreparation):
    """Each number by its rank among the training values, which outliers cannot distort."""

    heading: ClassVar[str] = "Ranks (quantiles)"
    kind: Literal["quantile"] = "quantile"
    fitted: ClassVar[type[NumericInput]] = QuantileInput
    largest: ClassVar[float] = 1e150

    distribution: Distribution = Field(
        "normal",
        title="Distribution",
        description="What the numbers are distributed like afterwards; uniform from 0 to 1.",
    )
    quantiles: int = Field(
        1000,
        ge=10,
        le=10_000,
        title="Quantiles",
        description="How many values of the training part are kept, between which ranks are interpolated.",
    )

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        ranks = np.linspace(0, 100, min(self.quantiles, len(values)))
        found = np.maximum.accumulate(np.percentile(values, ranks))
        return {"distribution": self.distribution, "quantiles": tuple(found.tolist())}

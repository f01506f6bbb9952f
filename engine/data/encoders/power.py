"""The power transform of Yeo and Johnson, which makes skewed numbers nearly normal."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.encoders.base import Numbers, NumericInput
from engine.data.encoders.numbers import NumberPreparation, named_scale, offset_and_scale

SMALLEST_RANGE = 1e-100


class YeoJohnsonInput(NumericInput):
    """Power transform t of the value (see `yeo_johnson`), input = (t − offset) / scale."""

    kind: Literal["yeo_johnson"] = "yeo_johnson"
    column: str
    missing_value: float
    power: float
    offset: float
    scale: float = Field(gt=0)

    def transformed(self, values: Numbers) -> Numbers:
        return (yeo_johnson(values, self.power) - self.offset) / self.scale

    def inverse(self, inputs: Numbers) -> Numbers:
        return inverse_yeo_johnson(inputs * self.scale + self.offset, self.power)


class YeoJohnson(NumberPreparation):
    """A power, found by maximum likelihood, makes skewed numbers nearly normal; then mean 0, deviation 1.

    Reference: Yeo & Johnson 2000, as in scikit-learn's PowerTransformer.
    """

    heading: ClassVar[str] = "Yeo-Johnson"
    kind: Literal["yeo_johnson"] = "yeo_johnson"
    fitted: ClassVar[type[NumericInput]] = YeoJohnsonInput
    largest: ClassVar[float] = 1e150

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        power = 1.0
        # Where all numbers are nearly equal, no power makes a difference.
        if np.ptp(values) > SMALLEST_RANGE:
            # Not at the top: importing it takes half a second.
            from scipy.stats import yeojohnson_normmax

            power = float(yeojohnson_normmax(values))
        scale = offset_and_scale(yeo_johnson(values, power), "standardize")
        return named_scale(*scale) | {"power": power}


def yeo_johnson(values: Numbers, power: float) -> Numbers:
    """((x + 1)^λ − 1) / λ for x ≥ 0, and −((1 − x)^(2 − λ) − 1) / (2 − λ) below; ln where the exponent is 0.

    Written with expm1 and log1p, which keep the digits of small numbers and of small exponents.
    """
    out = np.empty_like(values)
    positive = values >= 0
    out[positive] = _power(np.log1p(values[positive]), power)
    out[~positive] = -_power(np.log1p(-values[~positive]), 2 - power)
    return out


def inverse_yeo_johnson(values: Numbers, power: float) -> Numbers:
    """What `yeo_johnson` made into these; NaN beyond its range."""
    out = np.empty_like(values)
    positive = values >= 0
    out[positive] = np.expm1(_root(values[positive], power))
    out[~positive] = -np.expm1(_root(-values[~positive], 2 - power))
    return out


def _power(logs: Numbers, exponent: float) -> Numbers:
    return logs if exponent == 0 else np.expm1(exponent * logs) / exponent


def _root(powers: Numbers, exponent: float) -> Numbers:
    if exponent == 0:
        return powers
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log1p(exponent * powers) / exponent

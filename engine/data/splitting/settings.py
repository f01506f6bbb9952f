"""How rows are split into training, validation and test, as a person decides it."""

from typing import Any, ClassVar

from pydantic import Field, model_validator

from engine.settings import Settings, hints, number_text


class Split(Settings):
    """How the rows are split into training, validation and test parts.

    Two shares are kept, the training part is what they leave; so editing one of them can never make the
    three fail to add up. `training` may be given too (in JSON, in code): then the three must add up to 1.
    """

    heading: ClassVar[str] = "Split"

    validation: float = Field(
        0.15,
        ge=0,
        le=0.9,
        title="Validation",
        description="Share of the rows on which the model is checked while it trains.",
        json_schema_extra=hints(slider=True),
    )
    test: float = Field(
        0.15,
        ge=0,
        le=0.9,
        title="Test",
        description="Share of the rows that is kept for the final evaluation; nothing is chosen by it.",
        json_schema_extra=hints(slider=True),
    )
    stratified: bool = Field(
        True,
        title="Stratified",
        description="Every part gets its share of each class, or of low, middle and high numbers.",
    )
    in_order: bool = Field(
        False,
        title="In order",
        description="Training takes the first rows, validation the next ones and test the last ones, as "
        "series in time need it; else rows are assigned at random.",
    )
    published: bool = Field(
        True,
        title="Use supplied test set",
        description="Where data comes with a test part of its own, that is taken, whatever its share.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="The same seed deals the same rows to the same parts.",
    )
    training_values: tuple[str, ...] = Field(
        (),
        title="Values for training",
        description="Where a column names the parts: its values for training, if they are not called train, "
        "validation and test. Left empty beside others, all other rows are for training.",
    )
    validation_values: tuple[str, ...] = Field(
        (),
        title="Values for validation",
        description="Where a column names the parts: its values for validation.",
    )
    test_values: tuple[str, ...] = Field(
        (), title="Values for test", description="Where a column names the parts: its values for test."
    )

    @property
    def training(self) -> float:
        """Share of the rows to learn from: what validation and test leave."""
        return round(1 - self.validation - self.test, 9)

    @model_validator(mode="before")
    @classmethod
    def _take_training(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "training" not in values:
            return values
        kept = {name: value for name, value in values.items() if name != "training"}
        shares = [values["training"]] + [
            kept.get(name, cls.model_fields[name].default) for name in ("validation", "test")
        ]
        if all(isinstance(share, int | float) for share in shares) and abs(sum(shares) - 1) > 1e-6:
            raise ValueError(
                "shares of training, validation and test that add up to 1 "
                f"(they add up to {number_text(sum(shares))})"
            )
        return kept

    @property
    def values_chosen(self) -> bool:
        """Whether values of the column that names the parts are chosen; else its usual spellings count."""
        return bool(self.training_values or self.validation_values or self.test_values)

    @model_validator(mode="after")
    def _leave_some(self) -> "Split":
        if self.training < 0.05:
            held_out = number_text(self.validation + self.test)
            raise ValueError(
                f"at least 0.05 of the rows left for training (validation and test take {held_out})"
            )
        return self

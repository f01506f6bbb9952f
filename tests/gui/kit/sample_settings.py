"""Settings of every kind of field, for tests of forms."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from engine.settings import Settings, expand_kind, hints


class Descent(Settings):
    """Plain descent.

    With more to say below.
    """

    heading: ClassVar[str] = "Gradient descent"
    kind: Literal["descent"] = "descent"
    learning_rate: float = Field(
        0.1,
        gt=0,
        le=1000,
        title="Learning rate",
        description="How far each step goes.",
        json_schema_extra=hints(live=True, slider=True, logarithmic=True),
    )


class Momentum(Settings):
    heading: ClassVar[str] = "Momentum"
    kind: Literal["momentum"] = "momentum"
    learning_rate: float = Field(0.01, gt=0, le=1, title="Learning rate", json_schema_extra=hints(live=True))
    momentum: float = Field(0.9, ge=0, lt=1, title="Momentum", json_schema_extra=hints(live=True))


class Constant(Settings):
    heading: ClassVar[str] = "Constant"
    kind: Literal["constant"] = "constant"


class Step(Settings):
    heading: ClassVar[str] = "Step decay"
    kind: Literal["step"] = "step"
    interval: int = Field(20, ge=1, title="Interval", json_schema_extra=hints(unit="epochs", live=True))


class Stopping(Settings):
    heading: ClassVar[str] = "Early stopping"
    patience: int = Field(20, ge=1, title="Patience")


class Split(Settings):
    heading: ClassVar[str] = "Split"
    validation: float = Field(0.15, ge=0, le=0.9, title="Validation")
    test: float = Field(0.15, ge=0, le=0.9, title="Test")

    @model_validator(mode="after")
    def _leave_some(self) -> "Split":
        if self.validation + self.test > 0.95:
            raise ValueError("some rows left for training")
        return self


_Optimizer = Annotated[Descent | Momentum, Field(discriminator="kind")]
AnyOptimizer = Annotated[_Optimizer, BeforeValidator(expand_kind)]
AnySchedule = Annotated[Annotated[Constant | Step, Field(discriminator="kind")], BeforeValidator(expand_kind)]


class Sample(Settings):
    optimizer: AnyOptimizer = Field(Descent(), title="Optimizer")
    warmup: int = Field(0, ge=0, title="Warm-up")
    schedule: AnySchedule = Field(Constant(), title="Schedule")
    batch_size: int = Field(32, ge=1, le=4096, title="Batch", json_schema_extra=hints(live=True))
    epochs: int = Field(50, ge=1, title="Epochs", json_schema_extra=hints(live=True))
    clip: float | None = Field(None, gt=0, title="Clip norm", json_schema_extra=hints(none_title="Off"))
    noise: float = Field(0.1, ge=0, le=0.5, title="Noise", json_schema_extra=hints(slider=True))
    shuffle: bool = Field(True, title="Shuffle")
    scaling: Literal["min_max", "none"] | None = Field(
        None, title="Scaling", json_schema_extra=hints(none_title="Automatic")
    )
    file: str = Field("", title="File", json_schema_extra=hints(path_filter="Tables (*.csv)"))
    place: str = Field("", title="Folder", json_schema_extra=hints(folder=True))
    ignored: tuple[str, ...] = Field((), title="Ignored columns")
    name: str = Field("", title="Name", max_length=8)
    stopping: Stopping | None = Field(None, title="Early stopping")
    split: Split = Field(Split(), title="Split")
    start: AnyOptimizer | None = Field(None, title="Start", json_schema_extra=hints(none_title="Automatic"))
    secret: int = Field(0, json_schema_extra=hints(hidden=True))
    layers: tuple[Any, ...] = ()

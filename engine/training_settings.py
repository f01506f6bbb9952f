"""The settings of training."""

from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from engine.data.augmentation import AnyAugmentation
from engine.losses import AnyLoss
from engine.metrics import AnyMetric
from engine.optimizers import AnyOptimizer
from engine.optimizers.adam import Adam
from engine.schedules import AnySchedule
from engine.schedules.decay import Constant
from engine.settings import Settings, hints


class EarlyStopping(Settings):
    """Stop when what is monitored no longer improves on the validation part (training, without one)."""

    heading: ClassVar[str] = "Early stopping"

    monitor: AnyMetric | None = Field(
        None,
        title="Monitor",
        description="What has to improve: the loss, or a metric, on the validation part where there is one.",
        json_schema_extra=hints(live=True, none_title="Loss"),
    )
    patience: int = Field(
        20,
        ge=1,
        le=100_000,
        title="Patience",
        description="Epochs without improvement before the run stops.",
        json_schema_extra=hints(live=True, unit="epochs"),
    )
    min_delta: float = Field(
        0.0,
        ge=0,
        le=1e6,
        title="Minimum change",
        description="A change by no more than this does not count as an improvement. The loss of a number "
        "to be predicted is of its value in standard deviations of the target, unless Scale target is off.",
        json_schema_extra=hints(live=True),
    )
    restore_best_weights: bool = Field(
        True,
        title="Keep the best weights",
        description="When the run ends by itself, also at a number that is not finite, go back to the "
        "weights of the best epoch.",
        json_schema_extra=hints(live=True),
    )


class Training(Settings):
    """How the network learns."""

    heading: ClassVar[str] = "Training"
    sections: ClassVar[tuple[str, ...]] = ("Regularization", "Augmentation", "Gradient", "Stopping", "More")

    loss: AnyLoss | None = Field(
        None,
        title="Loss",
        description="What training makes small: how far the outputs are from the targets.",
        json_schema_extra=hints(none_title="Automatic"),
    )
    optimizer: AnyOptimizer = Field(
        Adam(),
        title="Optimizer",
        description="The rule that turns gradients into changes of the weights.",
        json_schema_extra=hints(live=True),
    )
    schedule: AnySchedule = Field(
        Constant(),
        title="Schedule",
        description="How the learning rate changes in the course of training.",
        json_schema_extra=hints(live=True),
    )
    warmup_steps: int = Field(
        0,
        ge=0,
        le=1_000_000,
        title="Warm-up",
        description="Steps over which the learning rate rises from near 0 to its value; "
        "epochs of the schedule count from the start of the run.",
        json_schema_extra=hints(unit="steps", section="More"),
    )
    batch_size: int = Field(
        32,
        ge=1,
        le=1_000_000,
        title="Batch",
        description="Examples per step: small batches take quick, noisy steps, large ones slow, calm ones.",
        json_schema_extra=hints(live=True),
    )
    augmentation: tuple[AnyAugmentation, ...] = Field(
        (),
        max_length=50,
        title="Augmentation",
        description="Random changes to the examples of each batch, in this order: a network sees more "
        "examples than there are, and learns what does not matter.",
        json_schema_extra=hints(live=True, section="Augmentation"),
    )
    accumulate_batches: int = Field(
        1,
        ge=1,
        le=10_000,
        title="Accumulate batches",
        description="Gradients of so many batches make one step: large batches in the memory of small ones.",
        json_schema_extra=hints(live=True, unit="batches", section="Gradient"),
    )
    epochs: int = Field(
        50,
        ge=1,
        le=10_000_000,
        title="Epochs",
        description="How often training goes through all training examples.",
        json_schema_extra=hints(live=True),
    )
    l1: float = Field(
        0.0,
        ge=0,
        le=10,
        title="L1",
        description="Penalty on the size of the weights, Σ |w|: drives unneeded ones to 0.",
        json_schema_extra=hints(live=True),
    )
    l1_update: Literal["proximal", "gradient"] = Field(
        "proximal",
        title="L1 step",
        description="Proximal: each step also shrinks the weights, and unneeded ones become exactly 0; "
        "gradient: by its slope, which keeps them near 0, and which L-BFGS and Rprop take in any case.",
        json_schema_extra=hints(live=True, section="Regularization"),
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=10,
        title="L2",
        description="Penalty on the squared weights, ½ Σ w²: keeps all of them small.",
        json_schema_extra=hints(live=True),
    )
    max_norm: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Max norm",
        description="Longest vector of weights into one unit; each step ends by shortening longer ones.",
        json_schema_extra=hints(live=True, none_title="Off", section="Regularization"),
    )
    clip_value: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip value",
        description="Largest entry of the gradient; larger ones are cut off, before any norm is clipped.",
        json_schema_extra=hints(live=True, none_title="Off", section="Gradient"),
    )
    clip_layer_norm: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip layer norm",
        description="Longest gradient of a single layer; a longer one is shortened to this.",
        json_schema_extra=hints(live=True, none_title="Off", section="Gradient"),
    )
    clip_norm: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip norm",
        description="Longest gradient a step may use; a longer one is shortened to this.",
        json_schema_extra=hints(live=True, none_title="Off"),
    )
    weight_averaging: float | None = Field(
        None,
        gt=0,
        lt=1,
        title="Weight averaging",
        description="Memory of a running mean of the weights, the longer the nearer to 1; "
        "scores, predictions and the saved model then use the mean.",
        json_schema_extra=hints(live=True, none_title="Off", section="Regularization"),
    )
    early_stopping: EarlyStopping | None = Field(
        None,
        title="Early stopping",
        description="Ends the run when the validation loss, or a metric, no longer improves.",
        json_schema_extra=hints(live=True, none_title="Off", section="Stopping"),
    )
    target_loss: float | None = Field(
        None,
        ge=0,
        le=1e9,
        title="Stop at loss",
        description="Ends the run when the training loss of an epoch falls to this or below. The loss of a "
        "number to be predicted is of its value in standard deviations of the target, unless Scale target is "
        "off.",
        json_schema_extra=hints(live=True, none_title="Off", section="Stopping"),
    )
    metrics: tuple[AnyMetric, ...] = Field(
        (),
        max_length=50,
        title="More metrics",
        description="Recorded after each epoch, beside the usual ones of the task.",
        json_schema_extra=hints(section="More"),
    )
    shuffle: bool = Field(
        True,
        title="Shuffle",
        description="Go through the training examples in a new order in each epoch.",
        json_schema_extra=hints(live=True, section="More"),
    )
    precision: Literal["float32", "float64"] = Field(
        "float32",
        title="Precision",
        description="float32 is fast and usual; float64 has twice as many digits.",
        json_schema_extra=hints(section="More"),
    )
    seed: int = Field(
        1,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="The same seed gives the same starting weights, order and dropout, so the same run.",
        json_schema_extra=hints(section="More"),
    )

    @property
    def l1_is_proximal(self) -> bool:
        """Whether L1 acts by a proximal step: as chosen, if the optimizer has one."""
        return self.l1_update == "proximal" and self.optimizer.has_proximal_step

    @field_validator(
        "clip_value", "clip_layer_norm", "clip_norm", "max_norm", "augmentation", "accumulate_batches"
    )
    @classmethod
    def _searches_need_the_true_gradient(cls, value: Any, info: ValidationInfo) -> Any:
        """Field by field, so that an error names the field to be changed and its value."""
        name = info.field_name or ""
        # There is none where the optimizer itself is invalid.
        optimizer = info.data.get("optimizer")
        if optimizer is None or not optimizer.needs_full_batch or value == cls.model_fields[name].default:
            return value
        if name == "max_norm":
            raise ValueError("no max norm, as a line search must end where it has looked")
        if name == "augmentation":
            raise ValueError("no augmentation, as a line search needs the same examples at every point")
        if name == "accumulate_batches":
            raise ValueError("1 batch a step, as each step sees all training examples anyway")
        raise ValueError(f"no {name.replace('_', ' ')}, as a line search needs the true gradient")

"""The same set-up in PyTorch: what its conventions and ours differ in is dealt with here and in the layers.

Its parameters are tensors of our shapes, so that gradients and parameters can be compared number by number.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from engine.network import Network
from tests.engine.random_networks.counterpart_layers import Tensor, forward
from tests.engine.random_networks.drawing import STEPS, Settings


class Counterpart:
    """The layers of a network as PyTorch computes them, with copies of the network's parameters."""

    def __init__(self, network: Network) -> None:
        self._layers = network.layers
        self.parameters = [
            {name: torch.tensor(array, requires_grad=True) for name, array in views.items()}
            for views in network.parameter_views
        ]
        self.state = [{name: torch.tensor(array) for name, array in state.items()} for state in network.state]

    def leaves(self) -> list[Tensor]:
        """All parameters, in the order of the network's flat vector."""
        return [tensor for views in self.parameters for tensor in views.values()]

    def forward(self, x: np.ndarray, training: bool) -> Tensor:
        y = torch.tensor(x)
        for layer, parameters, state in zip(self._layers, self.parameters, self.state, strict=True):
            y = forward(layer, y, parameters, state, training)
        return y


def flat(tensors: list[Tensor]) -> np.ndarray:
    """As one vector of ours."""
    return np.concatenate([np.zeros(0), *(tensor.detach().numpy().ravel() for tensor in tensors)])


# --- losses ----------------------------------------------------------------------------------------------


def loss(settings: Settings, output: Tensor, targets: np.ndarray) -> Tensor:
    """Targets are ours: one-hot rows, a column of 0 and 1, or numbers."""
    target = torch.tensor(targets)
    weights = settings.get("class_weights")
    if settings["kind"] == "softmax_cross_entropy":
        return functional.cross_entropy(
            output,
            target.argmax(dim=1),
            None if weights is None else torch.tensor(weights, dtype=torch.float64),
            label_smoothing=settings["label_smoothing"],
        )
    if settings["kind"] == "binary_cross_entropy":
        smoothing = settings["label_smoothing"]
        no, yes = weights or (1.0, 1.0)
        importance = no + (yes - no) * target
        # PyTorch divides by the number of examples, ours by the sum of their weights.
        each = functional.binary_cross_entropy_with_logits(
            output, (1 - smoothing) * target + smoothing / 2, importance, reduction="sum"
        )
        return each / importance.sum()
    if settings["kind"] == "huber":
        return functional.huber_loss(output, target, delta=settings["delta"])
    if settings["kind"] == "mean_absolute_error":
        return functional.l1_loss(output, target)
    if settings["reduction"] == "half_sum":
        return functional.mse_loss(output, target, reduction="sum") / (2 * len(output))
    return functional.mse_loss(output, target)


# --- optimizers and schedules ----------------------------------------------------------------------------


def optimizer(settings: Settings, parameters: list[Tensor]) -> torch.optim.Optimizer:
    s, rate, optim = settings, settings["learning_rate"], torch.optim

    def adaptive(rule: Any, **more: Any) -> Any:
        return rule(parameters, rate, betas=(s["beta1"], s["beta2"]), eps=s["epsilon"], **more)

    return {
        "sgd": lambda: optim.SGD(parameters, rate),
        "momentum": lambda: optim.SGD(parameters, rate, momentum=s["momentum"]),
        "nesterov": lambda: optim.SGD(parameters, rate, momentum=s["momentum"], nesterov=True),
        "rmsprop": lambda: optim.RMSprop(parameters, rate, alpha=s["alpha"], eps=s["epsilon"]),
        "adam": lambda: adaptive(optim.Adam, amsgrad=s["amsgrad"]),
        "adamw": lambda: adaptive(optim.AdamW, amsgrad=s["amsgrad"], weight_decay=s["weight_decay"]),
        "nadam": lambda: adaptive(
            optim.NAdam,
            momentum_decay=s["momentum_decay"],
            weight_decay=s["weight_decay"],
            decoupled_weight_decay=True,
        ),
        "adamax": lambda: adaptive(optim.Adamax),
        "adagrad": lambda: optim.Adagrad(parameters, rate, eps=s["epsilon"]),
        "adadelta": lambda: optim.Adadelta(parameters, rate, rho=s["alpha"], eps=s["epsilon"]),
        # The bounds are steps in PyTorch, shares of the learning rate with us.
        "rprop": lambda: optim.Rprop(
            parameters,
            rate,
            etas=(s["shrink"], s["grow"]),
            step_sizes=(s["smallest"] * rate, s["largest"] * rate),
        ),
    }[s["kind"]]()


def scheduler(
    settings: Settings, warmup_steps: int, steps_per_epoch: int, optimizer: torch.optim.Optimizer
) -> tuple[Any, int]:
    """The scheduler, and after how many steps it is to be stepped."""
    s, each, rate = settings, steps_per_epoch, optimizer.param_groups[0]["lr"]
    rules = torch.optim.lr_scheduler
    if s["kind"] == "constant":
        return rules.LinearLR(optimizer, 1 / (warmup_steps + 1), total_iters=warmup_steps), 1
    if s["kind"] == "exponential":
        if s["smooth"]:
            return rules.ExponentialLR(optimizer, s["gamma"] ** (1 / each)), 1
        return rules.ExponentialLR(optimizer, s["gamma"]), each
    if s["kind"] == "step":
        return rules.StepLR(optimizer, s["interval"], s["gamma"]), each
    if s["kind"] == "multi_step":
        return rules.MultiStepLR(optimizer, s["milestones"], s["gamma"]), each
    if s["kind"] == "cosine":
        return rules.CosineAnnealingLR(optimizer, STEPS, s["floor"] * rate), 1
    if s["kind"] == "cosine_restarts":
        period, floor = s["period"] * each, s["floor"] * rate
        return rules.CosineAnnealingWarmRestarts(optimizer, period, s["growth"], floor), 1
    if s["kind"] == "polynomial":
        return rules.PolynomialLR(optimizer, STEPS, s["power"]), 1
    cycle = rules.OneCycleLR(
        optimizer,
        rate,
        STEPS,
        pct_start=s["rise"],
        div_factor=s["start_divisor"],
        final_div_factor=s["end_divisor"],
        cycle_momentum=False,
    )
    return cycle, 1

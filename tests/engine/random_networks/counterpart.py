"""The same set-up in PyTorch: what its conventions and ours differ in is dealt with here and in the layers.

Its parameters are tensors of our shapes, so that gradients and parameters can be compared number by number.
"""

from typing import Any

import numpy as np
import torch

from engine.network import Network
from tests.engine.random_networks.counterpart_layers import Tensor, forward
from tests.engine.random_networks.drawing_layers import Settings


class Counterpart:
    """The layers of a network as PyTorch computes them, with copies of the network's parameters."""

    def __init__(self, network: Network) -> None:
        self._layers = network.layers
        self.parameters = [
            {name: torch.tensor(array, requires_grad=True) for name, array in views.items()}
            for views in network.parameter_views
        ]
        self.state = [
            {name: torch.tensor(array) for name, array in state.items()} for state in network.statistics_views
        ]

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
            etas=(s["eta_minus"], s["eta_plus"]),
            step_sizes=(s["min_step"] * rate, s["max_step"] * rate),
        ),
    }[s["kind"]]()

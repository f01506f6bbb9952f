"""What PyTorch's optimizers do with given gradients, and its L-BFGS with given functions."""

from typing import Any

import numpy as np
import torch

STEPS = 10
PARAMETERS = 11
RATE = 0.02


def optimizers() -> dict[str, Any]:
    """Parameters after each of ten steps, with given gradients and a rate that changes on the way."""
    generator = np.random.default_rng(2)
    start = generator.normal(0, 1, PARAMETERS)
    # Gradients of very different sizes, one of them always 0.
    sizes = np.append(10.0 ** np.linspace(-6, 3, PARAMETERS - 1), 0.0)
    gradients = generator.normal(0, 1, (STEPS, PARAMETERS)) * sizes
    factors = [1.0] * 4 + [0.5] * 3 + [2.0] * 3
    optim = torch.optim
    cases = [
        ({"kind": "sgd"}, optim.SGD, {}),
        ({"kind": "sgd", "weight_decay": 0.3}, optim.SGD, {}),
        ({"kind": "momentum"}, optim.SGD, {"momentum": 0.9}),
        ({"kind": "momentum", "momentum": 0.3}, optim.SGD, {"momentum": 0.3}),
        ({"kind": "momentum", "weight_decay": 0.3}, optim.SGD, {"momentum": 0.9}),
        ({"kind": "nesterov"}, optim.SGD, {"momentum": 0.9, "nesterov": True}),
        ({"kind": "nesterov", "momentum": 0.3}, optim.SGD, {"momentum": 0.3, "nesterov": True}),
        ({"kind": "nesterov", "weight_decay": 0.3}, optim.SGD, {"momentum": 0.9, "nesterov": True}),
        ({"kind": "adagrad"}, optim.Adagrad, {}),
        ({"kind": "adagrad", "epsilon": 1e-3}, optim.Adagrad, {"eps": 1e-3}),
        ({"kind": "rmsprop"}, optim.RMSprop, {}),
        ({"kind": "rmsprop", "alpha": 0.8, "epsilon": 1e-3}, optim.RMSprop, {"alpha": 0.8, "eps": 1e-3}),
        ({"kind": "rmsprop", "momentum": 0.9}, optim.RMSprop, {"momentum": 0.9}),
        ({"kind": "rmsprop", "centered": True}, optim.RMSprop, {"centered": True}),
        (
            {"kind": "rmsprop", "centered": True, "momentum": 0.5, "alpha": 0.8, "epsilon": 1e-3},
            optim.RMSprop,
            {"centered": True, "momentum": 0.5, "alpha": 0.8, "eps": 1e-3},
        ),
        ({"kind": "adam"}, optim.Adam, {}),
        (
            {"kind": "adam", "beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3},
            optim.Adam,
            {"betas": (0.7, 0.9), "eps": 1e-3},
        ),
        ({"kind": "adam", "beta1": 0.0}, optim.Adam, {"betas": (0.0, 0.999)}),
        ({"kind": "adamw"}, optim.AdamW, {}),
        ({"kind": "adamw", "weight_decay": 0.3}, optim.AdamW, {"weight_decay": 0.3}),
        ({"kind": "adam", "amsgrad": True}, optim.Adam, {"amsgrad": True}),
        (
            {"kind": "adamw", "amsgrad": True, "beta2": 0.5},
            optim.AdamW,
            {"amsgrad": True, "betas": (0.9, 0.5)},
        ),
        ({"kind": "adadelta"}, optim.Adadelta, {}),
        ({"kind": "adadelta", "alpha": 0.5, "epsilon": 1e-3}, optim.Adadelta, {"rho": 0.5, "eps": 1e-3}),
        ({"kind": "adamax"}, optim.Adamax, {}),
        (
            {"kind": "adamax", "beta1": 0.5, "beta2": 0.7, "epsilon": 1e-3},
            optim.Adamax,
            {"betas": (0.5, 0.7), "eps": 1e-3},
        ),
        ({"kind": "nadam"}, optim.NAdam, {}),
        (
            {"kind": "nadam", "beta1": 0.8, "beta2": 0.9, "momentum_decay": 0.5, "weight_decay": 0.3},
            optim.NAdam,
            {
                "betas": (0.8, 0.9),
                "momentum_decay": 0.5,
                "weight_decay": 0.3,
                "decoupled_weight_decay": True,
            },
        ),
        ({"kind": "nadam", "momentum_decay": 0.0}, optim.NAdam, {"momentum_decay": 0.0}),
        # PyTorch's bounds are steps, ours shares of the learning rate. There, only the first rate counts.
        ({"kind": "rprop"}, optim.Rprop, {"step_sizes": (1e-4 * RATE, 5000 * RATE)}),
        (
            {"kind": "rprop", "eta_plus": 1.5, "eta_minus": 0.2, "min_step": 0.1, "max_step": 3.0},
            optim.Rprop,
            {"etas": (0.2, 1.5), "step_sizes": (0.1 * RATE, 3 * RATE)},
        ),
    ]
    rate = RATE
    # NAdam keeps the product of its momenta in the default precision, whatever that of the parameters is.
    torch.set_default_dtype(torch.float64)
    stored = []
    for settings, rule, arguments in cases:
        parameters = torch.tensor(start, requires_grad=True)
        optimizer = rule([parameters], lr=rate, **arguments)
        after = []
        constant = settings["kind"] == "rprop"
        for gradient, factor in zip(gradients, [1.0] * STEPS if constant else factors, strict=True):
            optimizer.param_groups[0]["lr"] = rate * factor
            if rule is optim.SGD:
                # Its own weight decay is part of the gradient, and so of the velocity. Ours is decoupled.
                with torch.no_grad():
                    parameters.mul_(1 - rate * factor * settings.get("weight_decay", 0.0))
            parameters.grad = torch.tensor(gradient)
            optimizer.step()
            after.append(parameters.detach().tolist())
        rates = {"rates": [rate] * STEPS} if constant else {}
        stored.append({"settings": settings, **rates, "after": after})
    torch.set_default_dtype(torch.float32)
    return {
        "start": start.tolist(),
        "gradients": gradients.tolist(),
        "rates": [rate * factor for factor in factors],
        "cases": stored,
    }


def lbfgs() -> dict[str, Any]:
    """The points that L-BFGS with a strong Wolfe search visits on two functions, one step at a time."""
    generator = np.random.default_rng(4)
    inputs, answers = generator.normal(0, 1, (30, 6)), generator.integers(0, 2, 30).astype(float)

    def valley(p: Any) -> Any:
        return (100 * (p[1::2] - p[::2] ** 2) ** 2 + (1 - p[::2]) ** 2).sum()

    def regression(p: Any) -> Any:
        scores = torch.tensor(inputs) @ p
        mean = torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.tensor(answers))
        return mean + 0.005 * (p * p).sum()

    stored = []
    for name, function, start, memory, rate, steps in (
        ("valley", valley, [-1.2, 1.0], 10, 1.0, 25),
        ("valley", valley, [-1.2, 1.0, 0.3, -2.0, 2.0, 0.1], 3, 1.0, 25),
        ("regression", regression, [0.0] * 6, 10, 1.0, 10),
        ("regression", regression, [3.0, -2.0, 1.0, 4.0, 0.0, -5.0], 2, 0.3, 10),
    ):
        p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS(
            [p], rate, 1, 30, tolerance_grad=0, history_size=memory, line_search_fn="strong_wolfe"
        )
        after = []
        for _ in range(steps):
            optimizer.step(lambda p=p, o=optimizer, f=function: _loss_and_gradient(p, o, f))
            after.append(p.detach().tolist())
        settings = {"kind": "lbfgs", "history_size": memory, "learning_rate": rate}
        stored.append({"name": name, "settings": settings, "start": start, "after": after})
    return {"inputs": inputs.tolist(), "answers": answers.tolist(), "cases": stored}


def _loss_and_gradient(p: torch.Tensor, optimizer: torch.optim.Optimizer, function: Any) -> torch.Tensor:
    optimizer.zero_grad()
    loss: torch.Tensor = function(p)
    loss.backward()
    return loss

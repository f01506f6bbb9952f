"""Writes the golden files beside it: what PyTorch computes for our losses, optimizers and schedules.

PyTorch is not a dependency of the tests, so its numbers are stored. To make them anew, with PyTorch 2.13:
`python -m tests.engine.golden.make_golden`. Everything is float64; JSON keeps every digit.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
STEPS = 10
PARAMETERS = 11
SCHEDULE_STEPS_PER_EPOCH = 4
SCHEDULE_EPOCHS = 10


def losses() -> dict[str, Any]:
    """Loss and gradient of one batch for each loss, with settings away from the defaults too."""
    generator = np.random.default_rng(1)
    outputs = generator.normal(0, 2, (6, 4))
    numbers = generator.normal(0, 2, (6, 4))
    classes = np.eye(4)[generator.integers(0, 4, 6)]
    shares = generator.dirichlet(np.ones(4), 6)
    logits = generator.normal(0, 3, (6, 1))
    answers = generator.integers(0, 2, (6, 1)).astype(float)
    functional = torch.nn.functional
    cases = [
        ({"kind": "mean_squared_error"}, outputs, numbers, functional.mse_loss),
        (
            {"kind": "mean_squared_error", "reduction": "half_sum"},
            outputs,
            numbers,
            lambda o, t: functional.mse_loss(o, t, reduction="sum") / (2 * len(o)),
        ),
        ({"kind": "mean_absolute_error"}, outputs, numbers, functional.l1_loss),
        ({"kind": "huber"}, outputs, numbers, functional.huber_loss),
        (
            {"kind": "huber", "delta": 0.3},
            outputs,
            numbers,
            lambda o, t: functional.huber_loss(o, t, delta=0.3),
        ),
        ({"kind": "binary_cross_entropy"}, logits, answers, functional.binary_cross_entropy_with_logits),
        (
            {"kind": "binary_cross_entropy"},
            logits,
            generator.uniform(0, 1, (6, 1)),
            functional.binary_cross_entropy_with_logits,
        ),
        ({"kind": "softmax_cross_entropy"}, outputs, classes, functional.cross_entropy),
        ({"kind": "softmax_cross_entropy"}, outputs, shares, functional.cross_entropy),
        ({"kind": "softmax_cross_entropy"}, 1e4 * outputs, classes, functional.cross_entropy),
    ]
    stored = []
    for settings, output, target, function in cases:
        x = torch.tensor(output, requires_grad=True)
        loss = function(x, torch.tensor(target))
        loss.backward()
        stored.append(
            {
                "settings": settings,
                "output": output.tolist(),
                "target": target.tolist(),
                "loss": loss.item(),
                "gradient": x.grad.tolist(),
            }
        )
    return {"cases": stored}


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
        ({"kind": "momentum"}, optim.SGD, {"momentum": 0.9}),
        ({"kind": "momentum", "momentum": 0.3}, optim.SGD, {"momentum": 0.3}),
        ({"kind": "nesterov"}, optim.SGD, {"momentum": 0.9, "nesterov": True}),
        ({"kind": "nesterov", "momentum": 0.3}, optim.SGD, {"momentum": 0.3, "nesterov": True}),
        ({"kind": "adagrad"}, optim.Adagrad, {}),
        ({"kind": "adagrad", "epsilon": 1e-3}, optim.Adagrad, {"eps": 1e-3}),
        ({"kind": "rmsprop"}, optim.RMSprop, {}),
        ({"kind": "rmsprop", "alpha": 0.8, "epsilon": 1e-3}, optim.RMSprop, {"alpha": 0.8, "eps": 1e-3}),
        ({"kind": "adam"}, optim.Adam, {}),
        (
            {"kind": "adam", "beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3},
            optim.Adam,
            {"betas": (0.7, 0.9), "eps": 1e-3},
        ),
        ({"kind": "adam", "beta1": 0.0}, optim.Adam, {"betas": (0.0, 0.999)}),
        ({"kind": "adamw"}, optim.AdamW, {}),
        ({"kind": "adamw", "weight_decay": 0.3}, optim.AdamW, {"weight_decay": 0.3}),
    ]
    rate = 0.02
    stored = []
    for settings, rule, arguments in cases:
        parameters = torch.tensor(start, requires_grad=True)
        optimizer = rule([parameters], lr=rate, **arguments)
        after = []
        for gradient, factor in zip(gradients, factors, strict=True):
            optimizer.param_groups[0]["lr"] = rate * factor
            parameters.grad = torch.tensor(gradient)
            optimizer.step()
            after.append(parameters.detach().tolist())
        stored.append({"settings": settings, "after": after})
    return {
        "start": start.tolist(),
        "gradients": gradients.tolist(),
        "rates": [rate * factor for factor in factors],
        "cases": stored,
    }


def schedules() -> dict[str, Any]:
    """The factor at every step of a run."""
    per_epoch, epochs = SCHEDULE_STEPS_PER_EPOCH, SCHEDULE_EPOCHS
    total = per_epoch * epochs
    schedulers = torch.optim.lr_scheduler
    cases = [
        ({"kind": "constant"}, 0, lambda o: schedulers.ConstantLR(o, 1.0), 1),
        ({"kind": "exponential", "gamma": 0.8}, 0, lambda o: schedulers.ExponentialLR(o, 0.8), per_epoch),
        (
            {"kind": "exponential", "gamma": 0.8, "smooth": True},
            0,
            lambda o: schedulers.ExponentialLR(o, math.pow(0.8, 1 / per_epoch)),
            1,
        ),
        (
            {"kind": "step", "interval": 3, "gamma": 0.1},
            0,
            lambda o: schedulers.StepLR(o, 3, 0.1),
            per_epoch,
        ),
        ({"kind": "cosine"}, 0, lambda o: schedulers.CosineAnnealingLR(o, total), 1),
        ({"kind": "cosine", "floor": 0.1}, 0, lambda o: schedulers.CosineAnnealingLR(o, total, 0.1), 1),
        ({"kind": "constant"}, 7, lambda o: schedulers.LinearLR(o, 1 / 8, total_iters=7), 1),
        (
            {"kind": "cosine"},
            7,
            lambda o: schedulers.SequentialLR(
                o,
                [
                    schedulers.LinearLR(o, 1 / 8, total_iters=7),
                    schedulers.CosineAnnealingLR(o, total - 7),
                ],
                [7],
            ),
            1,
        ),
    ]
    stored = []
    for settings, warmup_steps, make, every in cases:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = make(optimizer)
        factors = []
        for step in range(total):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if (step + 1) % every == 0:
                scheduler.step()
        stored.append({"settings": settings, "warmup_steps": warmup_steps, "factors": factors})
    return {"steps_per_epoch": per_epoch, "total_steps": total, "cases": stored}


def networks() -> dict[str, Any]:
    """Whole networks trained by gradient descent: losses, and parameters before and after each step."""
    layer = torch.nn.Linear
    first_example = torch.nn.Sequential(layer(10, 5), torch.nn.ReLU(), layer(5, 1)).double()
    cases = []
    for name, network, rows in (("first_example", first_example, 16),):
        x, target = torch.randn(rows, 10).double(), torch.randn(rows, 1).double()
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
        parameters, values = [_stored(network)], []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(network(x), target)
            loss.backward()
            optimizer.step()
            values.append(loss.item())
            parameters.append(_stored(network))
        cases.append(
            {
                "name": name,
                "x": x.tolist(),
                "target": target.tolist(),
                "losses": values,
                "parameters": parameters,
            }
        )
    return {"cases": cases}


def _stored(network: torch.nn.Module) -> list[Any]:
    return [parameter.tolist() for parameter in network.parameters()]


def main() -> None:
    """Write losses.json, optimizers.json, schedules.json and networks.json, one case a line."""
    torch.manual_seed(3)
    for make in (losses, optimizers, schedules, networks):
        content = {"made_with": f"PyTorch {torch.__version__.split('+')[0]}", **make()}
        cases = ",\n  ".join(json.dumps(case) for case in content.pop("cases"))
        heads = "".join(f' "{name}": {json.dumps(value)},\n' for name, value in content.items())
        text = f'{{\n{heads} "cases": [\n  {cases}\n ]\n}}\n'
        (HERE / f"{make.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

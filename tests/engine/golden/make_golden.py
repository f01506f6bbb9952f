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
RATE = 0.02
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
        *_weighted_losses(outputs, classes, shares, logits, answers),
        *_other_losses(outputs, numbers, classes, shares, logits, answers),
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


def _weighted_losses(outputs: Any, classes: Any, shares: Any, logits: Any, answers: Any) -> list[Any]:
    """Label smoothing and class weights; PyTorch's own are for class numbers, not for rows of shares."""
    functional = torch.nn.functional
    weights = (0.5, 2.0, 1.0, 4.0)

    def numbered(smoothing: float, weight: Any = None) -> Any:
        given = None if weight is None else torch.tensor(weight, dtype=torch.float64)
        return lambda o, t: functional.cross_entropy(o, t.argmax(1), given, label_smoothing=smoothing)

    def smoothed_answers(o: Any, t: Any) -> Any:
        return functional.binary_cross_entropy_with_logits(o, 0.8 * t + 0.1)

    def weighted_answers(o: Any, t: Any) -> Any:
        weight = 0.5 + 2.5 * t
        each = functional.binary_cross_entropy_with_logits(o, 0.9 * t + 0.05, weight, reduction="sum")
        return each / weight.sum()

    entropy = {"kind": "softmax_cross_entropy"}
    binary = {"kind": "binary_cross_entropy"}
    return [
        (entropy | {"label_smoothing": 0.1}, outputs, classes, numbered(0.1)),
        (
            entropy | {"label_smoothing": 0.3},
            outputs,
            shares,
            lambda o, t: functional.cross_entropy(o, t, label_smoothing=0.3),
        ),
        (entropy | {"class_weights": weights}, outputs, classes, numbered(0.0, weights)),
        (
            entropy | {"class_weights": weights, "label_smoothing": 0.2},
            outputs,
            classes,
            numbered(0.2, weights),
        ),
        (binary | {"label_smoothing": 0.2}, logits, answers, smoothed_answers),
        (binary | {"label_smoothing": 0.1, "class_weights": (0.5, 3.0)}, logits, answers, weighted_answers),
    ]


def _other_losses(
    outputs: Any, numbers: Any, classes: Any, shares: Any, logits: Any, answers: Any
) -> list[Any]:
    """Losses that PyTorch has under another name, or whose formula its gradients are taken of."""
    functional = torch.nn.functional

    def focal(gamma: float, weights: Any = (1, 1, 1, 1)) -> Any:
        def mean(o: Any, t: Any) -> Any:
            logarithms = functional.log_softmax(o, 1)
            weighted = t * torch.tensor(weights)
            each = -weighted * (1 - logarithms.exp()) ** gamma * logarithms
            return each.sum() / weighted.sum()

        return mean

    def binary_focal(gamma: float, alpha: float | None) -> Any:
        # The formula of torchvision.ops.sigmoid_focal_loss.
        def mean(o: Any, t: Any) -> Any:
            p = torch.sigmoid(o)
            each = functional.binary_cross_entropy_with_logits(o, t, reduction="none")
            each = each * (1 - (p * t + (1 - p) * (1 - t))) ** gamma
            if alpha is not None:
                each = each * (alpha * t + (1 - alpha) * (1 - t))
            return each.mean()

        return mean

    def hinge(power: int) -> Any:
        return lambda o, t: (functional.relu(1 - (2 * t - 1) * o) ** power).mean()

    def margin(power: int) -> Any:
        return lambda o, t: functional.multi_margin_loss(o, t.argmax(1), p=power)

    def divergence(o: Any, t: Any) -> Any:
        return functional.kl_div(functional.log_softmax(o, 1), t, reduction="batchmean")

    def cosine(o: Any, t: Any) -> Any:
        return (1 - functional.cosine_similarity(o, t)).mean()

    return [
        ({"kind": "focal"}, outputs, classes, focal(2.0)),
        ({"kind": "focal", "gamma": 0.5}, outputs, shares, focal(0.5)),
        (
            {"kind": "focal", "gamma": 1.5, "class_weights": (0.5, 2.0, 1.0, 4.0)},
            outputs,
            classes,
            focal(1.5, (0.5, 2.0, 1.0, 4.0)),
        ),
        ({"kind": "binary_focal"}, logits, answers, binary_focal(2.0, None)),
        ({"kind": "binary_focal", "gamma": 0.5, "alpha": 0.25}, logits, answers, binary_focal(0.5, 0.25)),
        ({"kind": "binary_focal", "alpha": 0.25}, logits, 0.7 * answers + 0.1, binary_focal(2.0, 0.25)),
        ({"kind": "kullback_leibler"}, outputs, shares, divergence),
        ({"kind": "kullback_leibler"}, outputs, classes, divergence),
        ({"kind": "hinge"}, logits, answers, hinge(1)),
        ({"kind": "hinge", "squared": True}, logits, answers, hinge(2)),
        ({"kind": "multiclass_hinge"}, outputs, classes, margin(1)),
        ({"kind": "multiclass_hinge", "squared": True}, outputs, classes, margin(2)),
        ({"kind": "log_cosh"}, outputs, numbers, lambda o, t: torch.log(torch.cosh(o - t)).mean()),
        ({"kind": "cosine_similarity"}, outputs, numbers, cosine),
    ]


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
            {"kind": "rprop", "grow": 1.5, "shrink": 0.2, "smallest": 0.1, "largest": 3.0},
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
        settings = {"kind": "lbfgs", "memory": memory, "learning_rate": rate}
        stored.append({"name": name, "settings": settings, "start": start, "after": after})
    return {"inputs": inputs.tolist(), "answers": answers.tolist(), "cases": stored}


def _loss_and_gradient(p: torch.Tensor, optimizer: torch.optim.Optimizer, function: Any) -> torch.Tensor:
    optimizer.zero_grad()
    loss: torch.Tensor = function(p)
    loss.backward()
    return loss


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
    """Write a file for each of the functions above, named after it, one case a line."""
    torch.manual_seed(3)
    for make in (losses, optimizers, lbfgs, schedules, networks):
        content = {"made_with": f"PyTorch {torch.__version__.split('+')[0]}", **make()}
        cases = ",\n  ".join(json.dumps(case) for case in content.pop("cases"))
        heads = "".join(f' "{name}": {json.dumps(value)},\n' for name, value in content.items())
        text = f'{{\n{heads} "cases": [\n  {cases}\n ]\n}}\n'
        (HERE / f"{make.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

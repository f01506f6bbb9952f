"""What PyTorch makes of gradients and weights around the optimizer: clipping, limits, averages, batches."""

from typing import Any

import torch

DECAY, WARM_UP = 0.9, 9
SEED = 7


def steps() -> dict[str, Any]:
    """One case for each thing that happens in a step beside the optimizer's rule."""
    draws = torch.Generator().manual_seed(SEED)
    return {
        "cases": [
            _clipping(draws, "clip_norm"),
            _clipping(draws, "clip_layer_norm"),
            _clipping(draws, "clip_value"),
            _clipping(draws, "clip_norm", limit=100.0),
            _max_norm(draws),
            _soft_threshold(draws),
            _average(draws, warm=False),
            _average(draws, warm=True),
            _accumulation(draws),
            _averaged_statistics(draws),
        ]
    }


def _clipping(draws: torch.Generator, limited: str, limit: float = 0.7) -> dict[str, Any]:
    """Gradients of two layers, (3, 4) with 4 biases and (4, 2) with 2."""
    shapes = (((3, 4), (4,)), ((4, 2), (2,)))
    layers = [[torch.zeros(shape, dtype=torch.float64) for shape in layer] for layer in shapes]
    for parameter in (parameter for layer in layers for parameter in layer):
        parameter.grad = torch.randn(parameter.shape, generator=draws, dtype=torch.float64)
    every = [parameter for layer in layers for parameter in layer]
    before = [parameter.grad.tolist() for parameter in every]
    if limited == "clip_norm":
        torch.nn.utils.clip_grad_norm_(every, limit)
    elif limited == "clip_layer_norm":
        for layer in layers:
            torch.nn.utils.clip_grad_norm_(layer, limit)
    else:
        torch.nn.utils.clip_grad_value_(every, limit)
    after = [parameter.grad.tolist() for parameter in every]
    return {"of": "clipping", "limited": limited, "limit": limit, "before": before, "after": after}


def _max_norm(draws: torch.Generator) -> dict[str, Any]:
    weights = torch.randn((5, 4), generator=draws, dtype=torch.float64)
    after = torch.renorm(weights, p=2, dim=1, maxnorm=1.5)
    return {"of": "max_norm", "limit": 1.5, "before": weights.tolist(), "after": after.tolist()}


def _soft_threshold(draws: torch.Generator) -> dict[str, Any]:
    values = torch.randn(20, generator=draws, dtype=torch.float64)
    values[3], values[4], values[5] = 0.5, -0.5, 0.0
    after = torch.nn.functional.softshrink(values, 0.5)
    return {"of": "soft_threshold", "threshold": 0.5, "before": values.tolist(), "after": after.tolist()}


def _average(draws: torch.Generator, *, warm: bool) -> dict[str, Any]:
    """Plain, with the decay that it is given; or warmed up. PyTorch takes the first weights as they are."""
    module = torch.nn.Linear(4, 1, bias=False, dtype=torch.float64)

    def warmed(mean: torch.Tensor, weights: torch.Tensor, averaged: torch.Tensor) -> torch.Tensor:
        decay = min(DECAY, float(averaged) / (float(averaged) + WARM_UP))
        return decay * mean + (1 - decay) * weights

    rule = warmed if warm else torch.optim.swa_utils.get_ema_avg_fn(DECAY)
    average = torch.optim.swa_utils.AveragedModel(module, avg_fn=rule)
    weights, means = [], []
    for _ in range(120 if warm else 10):
        module.weight.data = torch.randn((1, 4), generator=draws, dtype=torch.float64)
        average.update_parameters(module)
        weights.append(module.weight[0].tolist())
        means.append(average.module.weight[0].tolist())
    return {"of": "average", "warm": warm, "decay": DECAY, "weights": weights, "means": means}


def _averaged_statistics(draws: torch.Generator) -> dict[str, Any]:
    """Batches of 6 rows for batch normalization, whose running statistics are averaged with its weights."""
    module = torch.nn.BatchNorm1d(3, dtype=torch.float64)
    rule = torch.optim.swa_utils.get_ema_avg_fn(DECAY)
    average = torch.optim.swa_utils.AveragedModel(module, avg_fn=rule, use_buffers=True)
    batches, after = [], []
    for _ in range(8):
        batches.append(torch.randn((6, 3), generator=draws, dtype=torch.float64))
        module(batches[-1])
        average.update_parameters(module)
        kept = (average.module.running_mean, average.module.running_var)
        after.append([array.tolist() for array in kept])
    return {
        "of": "averaged_statistics",
        "decay": DECAY,
        "batches": [batch.tolist() for batch in batches],
        "after": after,
    }


def _accumulation(draws: torch.Generator) -> dict[str, Any]:
    """Two batches a step, of 8, 8 and 5 rows: each counts by its rows. Three epochs."""
    layer = torch.nn.Linear
    network = torch.nn.Sequential(layer(10, 4), torch.nn.Tanh(), layer(4, 1)).double()
    for parameter in network.parameters():
        parameter.data = 0.5 * torch.randn(parameter.shape, generator=draws, dtype=torch.float64)
    x = torch.randn((21, 10), generator=draws, dtype=torch.float64)
    target = torch.randn((21, 1), generator=draws, dtype=torch.float64)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    start = [parameter.tolist() for parameter in network.parameters()]
    losses = []
    for _ in range(3):
        for batches in (((0, 8), (8, 16)), ((16, 21),)):
            rows = sum(stop - first for first, stop in batches)
            optimizer.zero_grad()
            total = 0.0
            for first, stop in batches:
                loss = torch.nn.functional.mse_loss(network(x[first:stop]), target[first:stop])
                loss = loss * ((stop - first) / rows)
                loss.backward()
                total += loss.item()
            optimizer.step()
            losses.append(total)
    return {
        "of": "accumulation",
        "x": x.tolist(),
        "target": target.tolist(),
        "start": start,
        "end": [parameter.tolist() for parameter in network.parameters()],
        "losses": losses,
    }

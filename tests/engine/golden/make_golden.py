"""Writes the golden files beside it: what PyTorch computes for our losses, optimizers and schedules.

PyTorch is not a dependency of the tests, so its numbers are stored. To make them anew, with PyTorch 2.13:
`python -m tests.engine.golden.make_golden`; with the names of some files behind it, those alone. Everything
is float64; JSON keeps every digit.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tests.engine.golden.of_activations import activations
from tests.engine.golden.of_embedding import embedding
from tests.engine.golden.of_layers import layers
from tests.engine.golden.of_losses import losses
from tests.engine.golden.of_optimizers import lbfgs, optimizers
from tests.engine.golden.of_residual import residual
from tests.engine.golden.of_sample_weights import sample_weights
from tests.engine.golden.of_schedules import schedules
from tests.engine.golden.of_sequences import sequences
from tests.engine.golden.of_steps import steps
from tests.engine.golden.of_traces import traces

HERE = Path(__file__).parent
STEPS = 10


def networks() -> dict[str, Any]:
    """Whole networks in training: losses, and parameters before and after each step."""
    layer, functional = torch.nn.Linear, torch.nn.functional
    first_example = torch.nn.Sequential(layer(10, 5), torch.nn.ReLU(), layer(5, 1)).double()
    x, target = torch.randn(16, 10).double(), torch.randn(16, 1).double()
    descent = torch.optim.SGD(first_example.parameters(), lr=0.01)
    cases = [_trained("first_example", first_example, functional.mse_loss, descent, x, target)]
    # Drawn apart, so that what is drawn after it does not change.
    with torch.random.fork_rng():
        torch.manual_seed(4)
        classifier = torch.nn.Sequential(
            layer(6, 8), torch.nn.Tanh(), layer(8, 7), torch.nn.ELU(), layer(7, 3)
        )
        x, classes = torch.randn(20, 6).double(), torch.eye(3).double()[torch.randint(3, (20,))]
    adam = torch.optim.Adam(classifier.double().parameters(), lr=0.02)
    cases.append(_trained("classifier", classifier, functional.cross_entropy, adam, x, classes))
    return {"cases": cases}


def _trained(
    name: str,
    network: torch.nn.Module,
    rule: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    target: torch.Tensor,
) -> dict[str, Any]:
    parameters, values = [_stored(network)], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = rule(network(x), target)
        loss.backward()
        optimizer.step()
        values.append(loss.item())
        parameters.append(_stored(network))
    return {
        "name": name,
        "x": x.tolist(),
        "target": target.tolist(),
        "losses": values,
        "parameters": parameters,
    }


def _stored(network: torch.nn.Module) -> list[Any]:
    return [parameter.tolist() for parameter in network.parameters()]


MAKERS = (
    losses,
    layers,
    optimizers,
    lbfgs,
    schedules,
    networks,
    residual,
    sequences,
    embedding,
    steps,
    activations,
    sample_weights,
    traces,
)


def main(names: Sequence[str] = ()) -> None:
    """Write a file for each of these functions, named after it, one case a line; or those named only."""
    for make in MAKERS:
        if names and make.__name__ not in names:
            continue
        torch.manual_seed(3)
        content = {"made_with": f"PyTorch {torch.__version__.split('+')[0]}", **make()}
        cases = ",\n  ".join(json.dumps(case) for case in content.pop("cases"))
        heads = "".join(f' "{name}": {json.dumps(value)},\n' for name, value in content.items())
        text = f'{{\n{heads} "cases": [\n  {cases}\n ]\n}}\n'
        (HERE / f"{make.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

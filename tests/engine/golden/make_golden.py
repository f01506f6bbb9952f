"""Writes the golden files beside it: what PyTorch computes for our losses, optimizers and schedules.

PyTorch is not a dependency of the tests, so its numbers are stored. To make them anew, with PyTorch 2.13:
`python -m tests.engine.golden.make_golden`. Everything is float64; JSON keeps every digit.
"""

import json
from pathlib import Path
from typing import Any

import torch

from tests.engine.golden.of_embedding import embedding
from tests.engine.golden.of_layers import layers
from tests.engine.golden.of_losses import losses
from tests.engine.golden.of_optimizers import lbfgs, optimizers
from tests.engine.golden.of_residual import residual
from tests.engine.golden.of_schedules import schedules
from tests.engine.golden.of_sequences import sequences
from tests.engine.golden.of_steps import steps

HERE = Path(__file__).parent
STEPS = 10


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


MAKERS = (losses, layers, optimizers, lbfgs, schedules, networks, residual, sequences, embedding, steps)


def main() -> None:
    """Write a file for each of these functions, named after it, one case a line."""
    torch.manual_seed(3)
    for make in MAKERS:
        content = {"made_with": f"PyTorch {torch.__version__.split('+')[0]}", **make()}
        cases = ",\n  ".join(json.dumps(case) for case in content.pop("cases"))
        heads = "".join(f' "{name}": {json.dumps(value)},\n' for name, value in content.items())
        text = f'{{\n{heads} "cases": [\n  {cases}\n ]\n}}\n'
        (HERE / f"{make.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

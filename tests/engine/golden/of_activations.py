"""What PyTorch computes for our activation functions, far out on both sides and close to 0.

Results are kept with all their digits: on the negative side many of them are small, not 0.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

ROWS = 8
FARTHEST = 30.0

FUNCTIONS: list[tuple[dict[str, Any], Callable[[torch.Tensor], torch.Tensor]]] = [
    ({"kind": "linear"}, lambda z: z * 1.0),
    ({"kind": "relu"}, functional.relu),
    ({"kind": "leaky_relu"}, functional.leaky_relu),
    ({"kind": "leaky_relu", "slope": 0.3}, lambda z: functional.leaky_relu(z, 0.3)),
    ({"kind": "elu"}, functional.elu),
    ({"kind": "elu", "alpha": 0.25}, lambda z: functional.elu(z, 0.25)),
    ({"kind": "elu", "alpha": 2.5}, lambda z: functional.elu(z, 2.5)),
    ({"kind": "gelu"}, functional.gelu),
    ({"kind": "silu"}, functional.silu),
    ({"kind": "sigmoid"}, torch.sigmoid),
    ({"kind": "tanh"}, torch.tanh),
    # From its threshold on, PyTorch takes z for ln(1 + eᶻ); at its usual 20 they still differ by 2e-9.
    ({"kind": "softplus"}, lambda z: functional.softplus(z, threshold=2 * FARTHEST)),
    ({"kind": "softmax"}, lambda z: functional.softmax(z, dim=-1)),
]


def activations() -> dict[str, Any]:
    """For one batch z: y and, for the loss Σ weight · y, the gradient of z."""
    generator = np.random.default_rng(10)
    near = [sign * size for size in (1e-9, 1e-4, 0.01, 0.3, 0.75, 1.28) for sign in (-1, 1)]
    z = np.array([*np.linspace(-FARTHEST, FARTHEST, 59), 0.0, *near])
    # In each row of the softmax small numbers stand among large ones.
    z = generator.permutation(z).reshape(ROWS, -1)
    weight = generator.normal(size=z.shape).round(3)
    cases = []
    for settings, function in FUNCTIONS:
        theirs = torch.tensor(z, requires_grad=True)
        y = function(theirs)
        (y * torch.tensor(weight)).sum().backward()
        cases.append({"settings": settings, "y": y.tolist(), "dz": theirs.grad.tolist()})
    return {"z": z.tolist(), "weight": weight.tolist(), "cases": cases}

"""What PyTorch computes for embeddings: of coded columns side by side with numbers, and of sequences.

Our tables have no row for code 0, PyTorch's have one of zeros (`padding_idx`); what is stored is ours.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional

Tensor = torch.Tensor
ROWS = 6


def embedding() -> dict[str, Any]:
    """One batch through each layer: y, and for the loss Σ weight · y the gradients of x and of the tables."""
    generator = np.random.default_rng(8)
    columns = [
        ([[0, 4], [2, 3]], 4, (3, 3)),
        ([[3, 5], [1, 3]], 5, (1, 3)),
        ([[0, 2], [1, 3], [2, 6]], 3, (1, 1, 4)),
    ]
    cases = [_columns(generator, *case) for case in columns]
    return {"cases": [*cases, _sequence(generator, 7, 5, 3)]}


def _columns(
    generator: np.random.Generator, columns: list[list[int]], inputs: int, sizes: tuple[int, ...]
) -> dict[str, Any]:
    """sizes : of the vectors, in the order in which the codes stand in a sample."""
    in_order = sorted(columns)
    x = generator.normal(size=(ROWS, inputs)).round(3)
    for place, codes in columns:
        x[:, place] = generator.integers(0, codes, ROWS)
    tables = [
        torch.tensor(np.vstack([np.zeros(size), generator.normal(size=(codes - 1, size)).round(3)]))
        for (_, codes), size in zip(in_order, sizes, strict=True)
    ]
    theirs = torch.tensor(x, requires_grad=True)
    for table in tables:
        table.requires_grad_()
    coded = [place for place, _ in in_order]
    vectors = [
        functional.embedding(theirs[:, place].long(), table, padding_idx=0)
        for place, table in zip(coded, tables, strict=True)
    ]
    y = torch.cat([*vectors, theirs[:, [place for place in range(inputs) if place not in coded]]], 1)
    settings = {"kind": "embedding", "columns": columns, "size": sizes[0] if len(set(sizes)) == 1 else None}
    return _stored(generator, settings, theirs, y, tables, first=1)


def _sequence(generator: np.random.Generator, vocabulary: int, steps: int, size: int) -> dict[str, Any]:
    theirs = torch.tensor(generator.integers(0, vocabulary, (ROWS, steps)).astype(float), requires_grad=True)
    table = torch.tensor(generator.normal(size=(vocabulary, size)).round(3), requires_grad=True)
    y = functional.embedding(theirs.long(), table)
    settings = {"kind": "embedding", "vocabulary": vocabulary, "size": size}
    return _stored(generator, settings, theirs, y, [table], first=0)


def _stored(
    generator: np.random.Generator,
    settings: dict[str, Any],
    x: Tensor,
    y: Tensor,
    tables: list[Tensor],
    first: int,
) -> dict[str, Any]:
    """first : the code that our tables begin with."""
    weight = generator.normal(size=tuple(y.shape)).round(3)
    (y * torch.tensor(weight)).sum().backward()
    dx = torch.zeros_like(x) if x.grad is None else x.grad
    return {
        "settings": settings,
        "x": x.tolist(),
        "weight": weight.tolist(),
        "parameters": {"weight": _one_after_the_other([table.detach() for table in tables], first)},
        "y": y.tolist(),
        "dx": dx.tolist(),
        "gradients": {"weight": _one_after_the_other([table.grad for table in tables], first)},
    }


def _one_after_the_other(tables: list[Tensor], first: int) -> list[float]:
    return np.concatenate([table.numpy()[first:].ravel() for table in tables]).round(12).tolist()

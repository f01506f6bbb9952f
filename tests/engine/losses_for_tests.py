"""For the tests of losses: batches for each task, workspaces like the trainer's, and central differences."""

import numpy as np

from engine.losses import Loss
from engine.tasks import Task

ROWS = 7
CAPACITY = 12
STEP = 1e-5

CLASS_WEIGHTS = (0.5, 2.0, 0.0, 3.0)
LEFT_OUT = 2
"""The class of weight 0."""
YES_NO_WEIGHTS = (0.5, 3.0)


def batch(task: Task, rows: int = ROWS, outputs: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and targets (rows, outputs), never closer to one another than 0.1, where kinks lie."""
    draws = np.random.default_rng(11)
    if task == "regression":
        target = draws.normal(0, 2, (rows, outputs))
        away = draws.uniform(0.1, 3, target.shape) * draws.choice([-1, 1], target.shape)
        return target + away, target
    if task == "reconstruction":
        target = draws.uniform(0, 1, (rows, outputs))
    elif task == "binary":
        target = draws.integers(0, 2, (rows, 1)).astype(float)
    else:
        target = np.eye(outputs)[draws.integers(0, outputs, rows)]
    output = draws.normal(0, 2, target.shape)
    near = abs(output - target) < 0.1
    output[near] += 0.5
    return output, target


def workspace(loss: Loss, output: np.ndarray) -> dict[str, np.ndarray]:
    """Scratch of a larger capacity, cut to the batch, as the trainer gives it; full of rubbish."""
    rows = len(output)
    arrays = {
        name: np.full((max(CAPACITY, rows), *shape), np.nan, output.dtype)
        for name, shape in loss.workspace_arrays(output.shape[1:]).items()
    }
    return {name: array[:rows] for name, array in arrays.items()}


def parts(target: np.ndarray) -> list[slice]:
    """A batch in three; in the middle a single row, of the class that is left out if there is one."""
    rows = np.flatnonzero(target[:, LEFT_OUT]) if target.shape[1] > LEFT_OUT else []
    middle = next((int(row) for row in rows if 0 < row < len(target) - 1), 2)
    return [slice(0, middle), slice(middle, middle + 1), slice(middle + 1, len(target))]


def evaluated(loss: Loss, output: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient of one batch, which is all that the loss was fitted to."""
    return value_and_gradient(loss.fitted(target), output, target)


def value_and_gradient(loss: Loss, output: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Of one batch, with a loss that is fitted."""
    scratch = workspace(loss, output)
    value = loss.forward(output, target, scratch)
    dy = np.full_like(output, np.nan)
    loss.backward(output, target, dy, scratch)
    return value, dy


def check_gradient(loss: Loss, output: np.ndarray, target: np.ndarray) -> None:
    """Compare the gradient with central differences, weight for weight."""
    loss = loss.fitted(target)
    _, analytic = evaluated(loss, output, target)
    numeric = np.empty_like(output)
    for place in np.ndindex(output.shape):
        kept = output[place]
        output[place] = kept + STEP
        above, _ = evaluated(loss, output, target)
        output[place] = kept - STEP
        below, _ = evaluated(loss, output, target)
        output[place] = kept
        numeric[place] = (above - below) / (2 * STEP)
    scale = np.maximum(np.maximum(abs(analytic), abs(numeric)), 1e-2 * abs(analytic).max())
    assert (abs(analytic - numeric) / scale).max() <= 1e-6

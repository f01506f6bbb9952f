"""A target in words, also one between two classes. No Qt."""

import numpy as np
from numpy.typing import NDArray

ALL_OF_IT = 0.995


def target_words(target: NDArray[np.floating], classes: tuple[str, ...]) -> str:
    """The class, or what it is mixed of, the larger part first: "3", "81% 3 · 7"; empty without classes.

    target : (outputs,), one number for each class, or the probability of the second of two.
    """
    if len(target) == 1 and len(classes) == 2:
        target = np.array([1 - target[0], target[0]])
    if len(target) != len(classes):
        return ""
    most = np.argsort(-target, kind="stable")[:2]
    if target[most[0]] >= ALL_OF_IT or len(most) < 2:
        return classes[most[0]]
    return f"{target[most[0]]:.0%} {classes[most[0]]} · {classes[most[1]]}"

"""Decoupled weight decay: the pull towards 0 that several rules can add to their step."""

import numpy as np

from engine.arrays import Array


def add_decay(change: Array, parameters: Array, scratch: Array, share: float) -> None:
    """Add share · p to the change: p ← p − ρ (… + λ p), with share = ρ λ, for all parameters.

    Biases are among them, as in PyTorch.
    Reference: Loshchilov & Hutter 2019, Decoupled weight decay regularization.
    """
    if share:
        np.multiply(parameters, share, scratch)
        np.add(change, scratch, change)

"""What a gradient check looks at: a float64 copy of a run's network, with one batch of its data.

Gradients come from what training uses, layers in a row trained as one and a batch in parts among them. The
loss comes from the layers one by one, so that neither can hide a fault of the other.
"""

from functools import partial

import numpy as np

from engine.arrays import even_slices
from engine.losses.class_numbers import in_precision
from engine.network import Network
from engine.training.split import FEWEST_ROWS, Member, SplitGradient, gradient_of_batches
from engine.training.team import Team
from engine.training.trainer import Trainer

SEED = 0
"""Of the dropout: every pass draws the same numbers."""


class Subject:
    """The copy; its parameters may be changed, the run is not.

    rows : training examples in the batch. Has threads if the run splits its batches: `dismiss` ends them.
    """

    def __init__(self, trainer: Trainer, rows: int) -> None:
        part, run = trainer.dataset.training, trainer.network
        self._x = part.inputs[:rows].astype(np.float64)
        self._target = in_precision(part.targets[:rows], np.float64)
        self._loss = trainer.loss
        self.network = Network(run.layers, run.input_shape, np.float64, run.names)
        self.network.parameters[...] = run.parameters
        self._generator = np.random.default_rng(SEED)
        self._drawn_from = self._generator.bit_generator.state
        self._team = Team(trainer.parts)
        count = len(self._x)
        self._gradient = gradient_of_batches(self.network, self._loss, count, self._generator, self._team)
        self._arrays = {
            name: np.empty((count, *shape))
            for name, shape in self._loss.buffers(self.network.output_shape).items()
        }
        self._output = np.empty((count, *self.network.output_shape))
        self._split = self._gradient if isinstance(self._gradient, SplitGradient) else None
        if count < FEWEST_ROWS * self._team.size:
            self._split = None
        self._prepare_forward()

    def analyse(self) -> None:
        """Fill the network's gradients by backpropagation."""
        self._generator.bit_generator.state = self._drawn_from
        self._gradient.evaluate(self._x, self._target)

    def value(self) -> float:
        """The data term of the loss, always with the same random draws."""
        self._generator.bit_generator.state = self._drawn_from
        self._gradient.begin(len(self._x))
        if self._split is None:
            self._forward(0)
        else:
            # The parts meet where batches are normalized.
            self._team.run([partial(self._forward, number) for number in range(self._team.size)])
        return self._loss.forward(self._output, self._target, self._arrays)

    def dismiss(self) -> None:
        """End the threads."""
        self._team.dismiss()

    def _prepare_forward(self) -> None:
        """Places of the parts in the batch, and a workspace for each."""
        rows, size = len(self._x), self._team.size if self._split is not None else 1
        self._places = even_slices(rows, size)
        parts = self._gradient.parts
        self._workspaces = []
        for number, (place, part) in enumerate(zip(self._places, parts, strict=False)):
            member = None
            if self._split is not None:
                member = Member(self._team, number)
                member.rows = rows
            own = place.stop - place.start
            self._workspaces.append(self.network.workspaces(own, part.draws, member).rows(own))

    def _forward(self, number: int) -> None:
        place = self._places[number]
        self._output[place] = self.network.forward(self._x[place], self._workspaces[number], True)

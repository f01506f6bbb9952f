"""Samples of a batch on their way through the drawing: an animation that stops by itself."""

from collections.abc import Mapping

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from engine.arrays import Array

SAMPLES = 8
SECONDS_A_SAMPLE = 1.2
INTERVAL_MS = 33


class Flow(QObject):
    """Time and numbers of the animation. Signals: `moved`, paint again; `ended`, by itself or stopped."""

    moved = Signal()
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.outputs: Mapping[int, Array] = {}
        """What units answer, by layer, the input as −1: (samples, units)."""
        self._samples = 0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    @property
    def samples(self) -> int:
        """How many are shown."""
        return self._samples

    @property
    def position(self) -> tuple[int, float]:
        """Which sample, and how far it has come, 0 at the input and 1 behind the output."""
        passed = self._clock.elapsed() / 1000 / SECONDS_A_SAMPLE if self._clock.isValid() else 0.0
        sample = min(int(passed), self._samples - 1)
        return sample, min(passed - sample, 1.0)

    def start(self, outputs: Mapping[int, Array]) -> None:
        """Show samples one after the other."""
        self.outputs = outputs
        self._samples = min((len(values) for values in outputs.values()), default=0)
        if self._samples:
            self._clock.start()
            self._timer.start()
        else:
            self.ended.emit()

    def stop(self) -> None:
        """The drawing as it was."""
        if self.running:
            self._timer.stop()
            self.moved.emit()
            self.ended.emit()

    def _tick(self) -> None:
        if self._clock.elapsed() >= 1000 * SECONDS_A_SAMPLE * self._samples:
            self.stop()
        else:
            self.moved.emit()

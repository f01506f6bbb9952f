"""A slider with a number field beside it."""

import math

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from gui.kit import theme
from gui.kit.field import FieldMarker
from gui.kit.number_field import NumberField
from gui.kit.numbers import Range, decades, linear_step

_FIGURE_WIDTH = 56
_PLACES_PER_DECADE = 20


class SliderField(FieldMarker, QWidget):
    """A number that is best felt by moving it. Needs a range with a lower and an upper end.

    logarithmic : the slider runs over powers of ten; where the range begins at 0, its left end is 0 (or,
    if 0 itself is not allowed, a millionth). Emits `edited` all along a drag.
    """

    edited = Signal(object)
    problem = Signal(str)
    _framed = False
    _outline = False

    def __init__(
        self,
        allowed: Range,
        *,
        value: float | None = None,
        optional: bool = False,
        none_title: str = "",
        unit: str = "",
        logarithmic: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._allowed = allowed
        self._logarithmic = logarithmic
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(name)
        self._slider.setMinimumWidth(48)
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._slider.installEventFilter(self)
        self._figure = NumberField(
            allowed,
            value=value,
            optional=optional,
            none_title=none_title,
            unit=unit,
            logarithmic=logarithmic,
            quiet=True,
            name=name,
        )
        self._figure.setFixedWidth(theme.scaled(_FIGURE_WIDTH))
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight)
        if logarithmic:
            self._low, self._high = decades(allowed)
            self._slider.setRange(0, round((self._high - self._low) * _PLACES_PER_DECADE))
            self._slider.setPageStep(_PLACES_PER_DECADE)
        else:
            self._step = 1.0 if allowed.whole else linear_step(0.0, allowed)
            self._slider.setRange(0, round((allowed.high - allowed.low) / self._step))
            self._slider.setPageStep(max(1, self._slider.maximum() // 10))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._figure)
        self.setFocusProxy(self._slider)
        self._show_position()
        self._slider.valueChanged.connect(self._slid)
        theme.notifier().changed.connect(self._make_room)
        self._figure.edited.connect(self._typed)
        self._figure.problem.connect(self.show_problem)

    def value(self) -> float | None:
        return self._figure.value()

    def set_value(self, value: float | None) -> None:
        self._figure.set_value(value)
        self._show_position()
        self._make_room()

    def set_default(self, default: float | None) -> None:
        super().set_default(default)
        self._figure.set_default(default)

    def refuse(self, last_good: float | None, sentence: str) -> None:
        self._figure.refuse(last_good, sentence)
        self._show_position()

    @property
    def slider(self) -> QSlider:
        return self._slider

    @property
    def figure(self) -> NumberField:
        return self._figure

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Without focus the wheel belongs to the scrolling panel around the slider.
        if event.type() == QEvent.Type.Wheel and not self._slider.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _slid(self, position: int) -> None:
        value = self._value_at(position)
        if value != self._figure.value():
            self._figure.set_value(value)
            self.update()
            self.edited.emit(value)

    def _typed(self, value: object) -> None:
        self._show_position()
        self._make_room()
        self.update()
        self.edited.emit(value)

    def _make_room(self) -> None:
        """For all digits of the figure; not all along a drag, which would move the slider under the mouse."""
        if not self._slider.isSliderDown():
            self._figure.setFixedWidth(
                max(theme.scaled(_FIGURE_WIDTH), self._figure.minimumSizeHint().width())
            )

    def _show_position(self) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._position_of(self._figure.value()))

    def _value_at(self, position: int) -> float:
        if self._logarithmic:
            if position == 0 and 0.0 in self._allowed:
                return 0.0
            value = float(f"{10.0 ** (self._low + position / _PLACES_PER_DECADE):.1e}")
        else:
            # Through the decimal text, so that 3 × 0.1 reads 0.3.
            value = float(f"{self._allowed.low + position * self._step:.10g}")
        if value not in self._allowed:
            value = self._nearest_inside(value)
        return round(value) if self._allowed.whole else value

    def _nearest_inside(self, value: float) -> float:
        """An open end of the range is not a value itself: stop one step before it."""
        allowed = self._allowed
        if value >= allowed.high:
            step = allowed.high / 100 if self._logarithmic else self._step
            return float(f"{allowed.high - step:.10g}") if allowed.high_open else allowed.high
        if not allowed.low_open:
            return allowed.low
        step = allowed.low / 100 if self._logarithmic else self._step
        return float(f"{allowed.low + step:.10g}")

    def _position_of(self, value: float | None) -> int:
        if value is None:
            return 0
        if not self._logarithmic:
            return round((value - self._allowed.low) / self._step)
        return 0 if value <= 0 else round((math.log10(value) - self._low) * _PLACES_PER_DECADE)

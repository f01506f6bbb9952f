"""The network as cards from input to output, and the places between them where layers are added."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from engine.experiment import Experiment
from engine.layers import LAYERS
from engine.settings import Settings
from gui.kit import Card, theme
from gui.kit.card_list.card_list import CardList
from gui.kit.text import tr
from gui.panels.setup.edits import PAUSE_FIRST
from gui.panels.setup.layer_card import LayerCard, LayerHeader
from gui.panels.setup.network_check import LayerCheck, NetworkCheck

GAP = 6
"""Between two cards."""
STRIP_HEIGHT = 22
_STRIP_TEXT = tr("+ layer")
_LEAST_PARAMETERS_WIDTH = 34


class LayerList(CardList[LayerCard]):
    """The layers of an experiment, with the input before them and the output as the last card, which stays.

    Its indices are those of the experiment's layers; the output has the index behind the last layer.
    """

    def __init__(self, experiment: Experiment, parent: QWidget | None = None) -> None:
        super().__init__(fixed=[LayerCard(experiment.head, fixed=True)], parent=parent)
        self._input = Card(padding=8, parent=self)
        self._input_header = LayerHeader("arrow-right", movable=False)
        self._input.body.addWidget(self._input_header)
        self._gaps: list[Gap] = []
        self._arrange()
        theme.notifier().changed.connect(self._align)

    @property
    def strips(self) -> "tuple[AddStrip, ...]":
        """Where layers are added: before the first layer, …, behind the last."""
        return tuple(gap.strip for gap in self._gaps)

    @property
    def input_header(self) -> LayerHeader:
        return self._input_header

    def show_network(self, experiment: Experiment, check: NetworkCheck) -> None:
        """Show other layers, and what is known of each."""
        self._input_header.show_layer(LayerCheck(tr("Input"), check.input_shape))
        self._input.setAccessibleName(tr("Input {shape}", shape=self._input_header.shape()))
        self._show_entries(experiment.layers)
        self.cards[-1].show_settings(experiment.head)
        for card, layer in zip(self.cards, check.layers, strict=True):
            card.show_layer(layer)
        self._align()

    def set_locked(self, locked: bool) -> None:
        """While training, layers cannot be added, moved or taken away; live fields can be changed."""
        self.set_lock(PAUSE_FIRST if locked else "")
        self.set_enabled_fields((lambda item: item.live) if locked else None, PAUSE_FIRST)

    def tab_stops(self) -> list[QWidget]:
        stops: list[QWidget] = []
        for gap, card in zip(self._gaps, self.cards, strict=True):
            stops += [gap.strip, *card.tab_stops()]
        return stops

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_strips()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._layout.activate()
            self._place_strips()
        return done

    def _make_card(self, settings: Settings) -> LayerCard:
        return LayerCard(settings, parent=self)

    def _column(self) -> list[QWidget]:
        while len(self._gaps) > len(self.cards):
            gap = self._gaps.pop()
            for widget in (gap.strip, gap):
                widget.hide()
                widget.deleteLater()
        while len(self._gaps) < len(self.cards):
            self._gaps.append(self._new_gap())
        between = zip(self._gaps, self.cards, strict=True)
        return [self._input, *(widget for pair in between for widget in pair)]

    def _new_gap(self) -> "Gap":
        strip = AddStrip(self)
        gap = Gap(strip, self)
        strip.clicked.connect(lambda: self._offer(LAYERS, tr("Layers"), strip, self._gaps.index(gap)))
        strip.show()
        return gap

    def _refresh(self) -> None:
        """The strip behind the open layer always shows; without one, the last."""
        opened, last = self.open_index(), len(self._gaps) - 1
        always = opened + 1 if opened is not None and opened < last else last
        for number, gap in enumerate(self._gaps):
            gap.set_always(number == always)
            gap.strip.setEnabled(not self._lock_reason)
            gap.strip.setToolTip(self._lock_reason)

    def _gap_rectangle(self, number: int) -> QRect:
        return self._gaps[number].geometry()

    def _place_strips(self) -> None:
        for gap in self._gaps:
            gap.place_strip()

    def _align(self) -> None:
        """Give the numbers of parameters one column over all cards."""
        headers = [self._input_header, *(card.header for card in self.cards)]
        width = max(theme.scaled(_LEAST_PARAMETERS_WIDTH), *(header.parameters_width() for header in headers))
        for header in headers:
            header.set_parameters_width(width)


class Gap(QWidget):
    """Room between two cards, as high as a gap or, while its strip always shows, as the strip needs."""

    def __init__(self, strip: "AddStrip", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = strip
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._always = False
        self.setFixedHeight(GAP)

    def set_always(self, always: bool) -> None:
        """Show the strip without being asked."""
        if always != self._always:
            self._always = always
            self.strip.set_always(always)
            self._take_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_height()

    def _take_height(self) -> None:
        self.setFixedHeight(theme.scaled(STRIP_HEIGHT) + 2 * GAP if self._always else GAP)

    def place_strip(self) -> None:
        """Put the strip over the gap: all of it while it shows, else no more than the gap itself."""
        self.strip.place(self.geometry())


class AddStrip(QAbstractButton):
    """The button "+ layer". Invisible in its gap until the pointer or the focus comes; then it lies over the
    edges of the cards, so that nothing moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._always = False
        self._hovered = False
        self._gap = QRect()
        self.setText(_STRIP_TEXT)
        self.setAccessibleName(tr("Add a layer here"))
        self.setWhatsThis(tr("Puts a layer in between: it opens the list of all kinds."))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_always(self, always: bool) -> None:
        self._always = always
        self.place(self._gap)

    def place(self, gap: QRect) -> None:
        """Take the place that goes with the gap's geometry."""
        self._gap = gap
        if self._always:
            area = gap.adjusted(0, GAP, 0, -GAP)
        elif self.is_shown():
            height = theme.scaled(STRIP_HEIGHT)
            area = QRect(gap.left(), gap.center().y() - height // 2, gap.width(), height)
        else:
            area = gap
        if area != self.geometry():
            self.setGeometry(area)
        self.raise_()

    def is_shown(self) -> bool:
        return self._always or self._hovered or self.hasFocus()

    def sizeHint(self) -> QSize:
        return QSize(80, theme.scaled(STRIP_HEIGHT))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._set_hovered(self.isEnabled())
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(False)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.place(self._gap)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.place(self._gap)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self._set_hovered(False)
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_shown():
            return
        colours = theme.current()
        active = self.isEnabled() and (self._hovered or self.hasFocus() or self.isDown())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            pen = QPen(QColor(colours.accent), 2)
        else:
            pen = QPen(QColor(colours.edge if active else colours.line), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(colours.hover if active else colours.surface))
        inset = pen.widthF() / 2
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(inset, inset, -inset, -inset), theme.RADIUS - 1, theme.RADIUS - 1
        )
        ink = colours.text if active else colours.muted if self.isEnabled() else colours.disabled
        painter.setPen(QColor(ink))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
        painter.end()

    def _set_hovered(self, hovered: bool) -> None:
        if hovered != self._hovered:
            self._hovered = hovered
            self.place(self._gap)
            self.update()

"""Over the drawing of the network: what edges show, samples that flow, zoom, and saving."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gui.kit import Choice
from gui.kit.text import tr
from gui.kit.theme import GRID, icon, set_sizes
from gui.panels.network.canvas import NetworkCanvas
from gui.panels.network.saving import DrawingSaver
from gui.panels.network.viewport import STEP


class NetworkToolbar(QWidget):
    """`flow_asked` : samples are to flow through the drawing."""

    flow_asked = Signal()

    def __init__(self, canvas: NetworkCanvas, saver: DrawingSaver, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas, self._saver = canvas, saver
        self.quantity = Choice(
            (("weight", tr("Edges by weight")), ("gradient", tr("Edges by gradient"))),
            value="weight",
            name=tr("Edges show"),
        )
        self.quantity.setToolTip(tr("What the width and the colour of the edges show."))
        set_sizes(self.quantity, least_width=136)
        self.quantity.edited.connect(canvas.set_quantity)
        self.flow = self._button(
            "wave-sine",
            tr("Show samples flowing"),
            tr("Some training samples on their way through the network."),
        )
        self.flow.setCheckable(True)
        self.flow.clicked.connect(self._toggle_flow)
        canvas.flow.ended.connect(lambda: self.flow.setChecked(False))
        self.smaller = self._button("minus", tr("Zoom out"), tr("Zoom out: − or the wheel"))
        self.larger = self._button("plus", tr("Zoom in"), tr("Zoom in: + or the wheel"))
        self.fit = self._button("corners-out", tr("Fit"), tr("Show the whole network: 0 or a double click"))
        self.more = self._button("dots-three", tr("Save the drawing"), tr("Save as SVG, PDF, PNG or TikZ"))
        self.smaller.clicked.connect(lambda: canvas.zoom_by(1 / STEP))
        self.larger.clicked.connect(lambda: canvas.zoom_by(STEP))
        self.fit.clicked.connect(canvas.fit)
        self.more.clicked.connect(self._open_menu)
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        canvas.customContextMenuRequested.connect(saver.open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(4 * GRID, 2 * GRID, 3 * GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self.quantity)
        row.addStretch(1)
        for button in (self.flow, self.smaller, self.larger, self.fit, self.more):
            row.addWidget(button)

    def _toggle_flow(self, wanted: bool) -> None:
        if wanted:
            self.flow_asked.emit()
        else:
            self._canvas.flow.stop()

    def _open_menu(self) -> None:
        self._saver.menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _button(self, picture: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(picture, "muted"))
        button.setAccessibleName(name)
        button.setToolTip(tip)
        set_sizes(button, icon=16, height=24)
        return button

"""One number and how it comes about: its factors as boxes, the terms of its sum, and a sentence."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from engine.insight.trace.derivation import Derivation, Factor
from engine.insight.trace.update import UpdateTrace
from gui.kit import Card, ElidedLabel, Label
from gui.kit.labels import WrappedLabel
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.panels.inspector.factors import Box, FactorRow
from gui.panels.inspector.symbols import latex_of, value_text
from gui.panels.inspector.term_list import TermList
from gui.panels.inspector.update_words import boxes_of, latex_of_update


class FormulaCard(Card):
    """Shows a Derivation. `chosen`: the Place of a factor that was clicked; `pointed`: that under the pointer
    or None; `back_asked`: to where one came from.
    """

    chosen = Signal(object)
    pointed = Signal(object)
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=3 * GRID, parent=parent)
        self._shown: Derivation | None = None
        self._term = 0
        self._update: UpdateTrace | None = None
        self.setAccessibleName(tr("Formula"))
        self.title, self.counter = ElidedLabel("", "strong"), Label("", "muted")
        self.back = QPushButton(tr("Back"))
        self.back.setToolTip(tr("Back to the number before (Backspace)"))
        self.copy = QPushButton(tr("Copy as LaTeX"))
        self.copy.setToolTip(tr("Copy the formula, in symbols and with its numbers, for a text in LaTeX."))
        for one in (self.back, self.copy):
            one.setProperty("small", True)
            one.setAutoDefault(False)
        self.factors, self.terms = FactorRow(), TermList()
        self.rule = WrappedLabel("", "muted")
        self.sentence = WrappedLabel("", "muted")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(self.back)
        head.addWidget(self.title, 1)
        head.addWidget(self.counter)
        head.addWidget(self.copy)
        self.body.setSpacing(2 * GRID)
        self.body.addLayout(head)
        for widget in (self.rule, self.factors, self.terms, self.sentence):
            self.body.addWidget(widget)
        self.back.clicked.connect(self.back_asked)
        self.copy.clicked.connect(self.copy_latex)
        self.factors.chosen.connect(self.chosen)
        self.factors.pointed.connect(self.pointed)
        self.terms.chosen.connect(self.choose_term)
        self.terms.pointed.connect(self.pointed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.show_derivation(None)
        self.set_back(False)

    @property
    def shown(self) -> Derivation | None:
        """What is shown."""
        return self._shown

    def show_derivation(self, derivation: Derivation | None, term: int | None = None) -> None:
        """Show how a number comes about. term : which product is taken apart; None: as before, where the
        number is the same, else the first.
        """
        before, self._update = self._shown, None
        same = before is not None and derivation is not None and before.place == derivation.place
        chosen = term if term is not None else self._term if same else 0
        self._shown = derivation
        self._term = chosen if derivation is not None and chosen < len(derivation.terms) else 0
        self.copy.setEnabled(derivation is not None)
        self.title.setText(derivation.title if derivation else "")
        self.rule.setText(_rule(derivation) if derivation else "")
        self.rule.setVisible(bool(self.rule.text()))
        self.sentence.setText(derivation.sentence if derivation else "")
        self._show_term()

    def show_update(self, update: UpdateTrace) -> None:
        """Show a step in place of the gradient of its parameter."""
        self._update = update
        self.rule.setText(update.formula_text)
        self.rule.setVisible(True)
        boxes = [Box(factor, sign, framed=not sign) for sign, factor in boxes_of(update)]
        self.factors.show_boxes(boxes)
        self.terms.show_terms(None, 0)
        self.sentence.setText(update.sentence)

    def set_counter(self, text: str) -> None:
        """Where in the walk this is: "step 5 of 12"."""
        self.counter.setText(text)

    def set_back(self, possible: bool) -> None:
        """Whether there is a number to go back to."""
        self.back.setVisible(possible)

    def choose_term(self, number: int) -> None:
        """Take another product of the sum apart."""
        self._term = number
        self._show_term()

    def copy_latex(self) -> None:
        """Put the formula on the clipboard."""
        if self._update is not None:
            QGuiApplication.clipboard().setText(latex_of_update(self._update))
        elif self._shown is not None:
            QGuiApplication.clipboard().setText(latex_of(self._shown))

    def _show_term(self) -> None:
        shown = self._shown
        if shown is None:
            self.factors.show_boxes(())
            self.terms.show_terms(None, 0)
            return
        moves = tr("how the loss moves with it") if shown.place.gradient else ""
        result = Factor(shown.symbol, shown.text, shown.value, meaning=moves, place=shown.place)
        boxes = [Box(result, framed=True)]
        if shown.terms:
            for number, factor in enumerate(shown.terms[self._term].factors):
                boxes.append(Box(factor, "·" if number else "=" if not self._several else "= Σ"))
        others = len(shown.terms) + shown.left_out - 1
        tail = tr("one of {count} terms", count=count_text(others + 1)) if others > 0 else ""
        self.factors.show_boxes(boxes, tail)
        self.terms.show_terms(shown, self._term)

    @property
    def _several(self) -> bool:
        shown = self._shown
        return shown is not None and (len(shown.terms) + shown.left_out > 1 or bool(shown.wrapped))

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction(tr("Copy as LaTeX"))
        action.setEnabled(self._shown is not None)
        action.triggered.connect(self.copy_latex)
        menu.popup(self.mapToGlobal(place))


def _rule(derivation: Derivation) -> str:
    """The rule in symbols, and what becomes of the sum: "z₁ = x₁ w₁ + … = 0.3775, then sigmoid: 0.5933"."""
    parts = [derivation.formula_text] if derivation.formula_text else []
    if derivation.wrapped:
        parts.append(
            tr(
                "{function} of the sum {sum} is {value}",
                function=derivation.wrapped,
                sum=value_text(derivation.sum),
                value=value_text(derivation.value),
            )
        )
    elif len(derivation.terms) + derivation.left_out > 1:
        parts.append(
            tr(
                "{count} terms, sum {sum}",
                count=count_text(len(derivation.terms) + derivation.left_out),
                sum=value_text(derivation.sum),
            )
        )
    return " · ".join(parts)

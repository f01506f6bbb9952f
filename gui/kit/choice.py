"""Fields for one of several, and for yes or no."""

import html
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHelpEvent, QIcon, QKeyEvent, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QToolTip,
    QWidget,
)

from gui.kit import theme
from gui.kit.field import FieldMarker


@dataclass(frozen=True)
class Option:
    """One entry: its value, its title, the heading it stands under, a sentence for its tooltip, an icon."""

    value: Any
    title: str
    group: str = ""
    description: str = ""
    icon: str = ""


class Choice(FieldMarker, QComboBox):
    """A drop-down list of options. A value that is not listed is added as it is."""

    edited = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        options: Iterable[Option | tuple[Any, str]] = (),
        *,
        value: Any = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._options: list[Option | None] = []
        self.setAccessibleName(name)
        # The click that brings focus may open the list; the wheel must not bring focus.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self.setMinimumWidth(56)
        theme.set_sizes(self, icon=16)
        self.setMaxVisibleItems(16)
        # The default delegate of a combo box ignores the style sheet's row height.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.set_options(options, value)
        self.activated.connect(self._chosen)

    def value(self) -> Any:
        """The value of the chosen option; None if there is none."""
        option = self._options[self.currentIndex()] if 0 <= self.currentIndex() < len(self._options) else None
        return option.value if option else None

    def set_value(self, value: Any) -> None:
        """Choose the option of a value; one that is not listed is added under its own text."""
        self.show_problem("")
        index = self._index_of(value)
        if index is None:
            self._append(Option(value, str(value)))
            index = len(self._options) - 1
        with QSignalBlocker(self):
            self.setCurrentIndex(index)
        self.update()

    def refuse(self, last_good: Any, sentence: str) -> None:
        """Go back to a value, with a sentence on why the chosen one cannot be."""
        self.set_value(last_good)
        self.show_problem(sentence)

    def options(self) -> tuple[Option, ...]:
        return tuple(option for option in self._options if option)

    def set_options(self, options: Iterable[Option | tuple[Any, str]], value: Any = None) -> None:
        """Replace the list and choose a value."""
        with QSignalBlocker(self):
            self.clear()
            self._options = []
            group = ""
            for entry in options:
                option = entry if isinstance(entry, Option) else Option(*entry)
                if option.group != group:
                    group = option.group
                    self._append_heading(group)
                self._append(option)
        index = self._index_of(value)
        if index is not None:
            with QSignalBlocker(self):
                self.setCurrentIndex(index)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        # The style sheet's style cuts the text off instead of shortening it; icons are for the open list.
        super().initStyleOption(option)
        option.currentIcon = QIcon()
        option.currentText = self._shortened(option)

    def tip(self) -> str:
        """What its tooltip says: first the title itself, where the field has no room for all of it."""
        tip, option = self.toolTip(), QStyleOptionComboBox()
        super().initStyleOption(option)
        title = option.currentText
        if self._shortened(option) == title:
            return tip
        words = tip.removeprefix("<qt>").removesuffix("</qt>") if tip.startswith("<qt>") else html.escape(tip)
        lines = (f"<b>{html.escape(title)}</b>", words)
        return "<qt>" + "<br>".join(line for line in lines if line) + "</qt>"

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and (tip := self.tip()):
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def showPopup(self) -> None:
        # The list may be wider than the field: its entries are read whole.
        bar = self.view().verticalScrollBar().sizeHint().width()
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + bar + 2 * theme.GRID)
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The space bar trains and pauses; Enter opens the list, as Alt+Down and F4 do.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.showPopup()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Without focus the wheel belongs to the scrolling panel around the field.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _shortened(self, option: QStyleOptionComboBox) -> str:
        """As much of the text as the field has room for."""
        inside = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        return self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, inside.width())

    def _chosen(self, index: int) -> None:
        option = self._options[index]
        self.show_problem("")
        self.update()
        if option is not None:
            self.edited.emit(option.value)

    def _append(self, option: Option) -> None:
        self._options.append(option)
        with QSignalBlocker(self):
            self.addItem(option.title)
            if option.icon:
                self.setItemIcon(self.count() - 1, theme.icon(option.icon, "muted"))
            if option.description:
                self.setItemData(self.count() - 1, option.description, Qt.ItemDataRole.ToolTipRole)

    def _append_heading(self, title: str) -> None:
        self._options.append(None)
        self.addItem(title)
        self.setItemData(self.count() - 1, theme.caption_font(), Qt.ItemDataRole.FontRole)
        model = self.model()
        if isinstance(model, QStandardItemModel):
            model.item(self.count() - 1).setEnabled(False)

    def set_option_title(self, value: Any, title: str) -> None:
        """Call one of the options otherwise; nothing where there is none of this value."""
        index = self._index_of(value)
        option = None if index is None else self._options[index]
        if index is not None and option is not None:
            self._options[index] = replace(option, title=title)
            self.setItemText(index, title)

    def _index_of(self, value: Any) -> int | None:
        for index, option in enumerate(self._options):
            if option is not None and option.value == value and type(option.value) is type(value):
                return index
        return None


class Toggle(FieldMarker, QCheckBox):
    """A check box, with or without a text of its own."""

    edited = Signal(object)
    problem = Signal(str)
    _framed = False

    def __init__(
        self, text: str = "", *, value: bool = False, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setChecked(value)
        self.setAccessibleName(name or text)
        self.clicked.connect(self._clicked)

    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        self.show_problem("")
        with QSignalBlocker(self):
            self.setChecked(value)
        self.update()

    def refuse(self, last_good: bool, sentence: str) -> None:
        self.set_value(last_good)
        self.show_problem(sentence)

    def _clicked(self, checked: bool) -> None:
        self.show_problem("")
        self.edited.emit(checked)

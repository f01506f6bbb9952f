"""What a control, number or plot is, in two sentences, and the lesson about it.

Nothing is listed here: it is read from what there is. Settings declare their descriptions, commands and
controls their tips, panels what they show, metrics what they measure; lessons name their topics. A widget's
property "topics" holds names of settings, kinds or panels, the nearest first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from engine.lessons import Lesson, built_in
from gui.kit.form_fields import mid_sentence
from gui.kit.indicators import NumberTile
from gui.kit.text import tr
from gui.panels.base import Panel

CONTROLS = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QProgressBar,
    NumberTile,
)
"""What has to say itself what it is: the sentence of the panel around it does not do."""

LEAVING = (QDialogButtonBox.ButtonRole.RejectRole, QDialogButtonBox.ButtonRole.NoRole)
CLOSES = tr("Closes this; nothing is changed by it.")
TAKES = tr("Takes what is chosen here, and closes it.")


@dataclass(frozen=True)
class Explanation:
    """title : what it is called. text : its sentences. lesson : name of the one about it, or "".
    own : whether it is declared where it is, rather than by what stands around it alone."""

    title: str
    text: str
    lesson: str = ""
    own: bool = True


def lesson_about(topics: Iterable[str]) -> str:
    """The name of the lesson about the first of the topics that has one; "" without any.

    Of several lessons about a topic it is the one that names it earlier among its own.
    """
    for topic in topics:
        found = [
            (lesson.topics.index(topic), lesson.order, name)
            for name, lesson in built_in().items()
            if topic in lesson.topics
        ]
        if found:
            return min(found)[2]
    return ""


def lesson_named(name: str) -> Lesson:
    """One that comes along."""
    return built_in()[name]


def explanation_of_action(action: QAction) -> Explanation | None:
    """Of a command in a menu; None where it says nothing."""
    text = _of_action(action)
    return Explanation(_title(action.text()), text, lesson_about([action.objectName()])) if text else None


def explanation_of(widget: QWidget, place: QPoint | None = None) -> Explanation | None:
    """Of what a person points at, or has the focus in. place : the point in the widget. None: of nothing."""
    if isinstance(widget, QTabBar) and place is not None:
        page = _page(widget, widget.tabAt(place))
        widget = widget if page is None else page
    buddy = widget.buddy() if isinstance(widget, QLabel) else None
    start = widget if buddy is None else buddy
    title, text, around = "", "", ""
    topics: list[str] = []
    for one in _outwards(start):
        topics.extend(one.property("topics") or ())
        if isinstance(one, QToolButton) and one.defaultAction() is not None:
            topics.append(one.defaultAction().objectName())
        if isinstance(one, Panel):
            topics.append(one.spec.id)
            around = tr("Part of {panel}: {shows}", panel=one.spec.title, shows=_inside(one.spec.description))
            if not text and not _is_control(start):
                title, text = one.spec.title, _joined(one.spec.description, _description(start))
            break
        said = _declared(one)
        if said and not text:
            title, text = _name(one), said
        elif not around and one.whatsThis():
            around = one.whatsThis()
    own = bool(text)
    if not own and not around:
        return None
    if not own or _is_one_sentence(text):
        text = _joined(text, around)
    return Explanation(title or _name(start), text, lesson_about(topics), own)


def _outwards(widget: QWidget) -> Iterator[QWidget]:
    """The widget and all around it, up to its window."""
    one: QWidget | None = widget
    while one is not None and not isinstance(one, QMainWindow):
        yield one
        one = None if isinstance(one, QDialog) else one.parentWidget()


def _page(bar: QTabBar, tab: int) -> QWidget | None:
    """What stands behind a tab of a tab widget."""
    tabs = bar.parentWidget()
    return tabs.widget(tab) if isinstance(tabs, QTabWidget) and tab >= 0 else None


def _is_control(widget: QWidget) -> bool:
    return isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar)


def _declared(widget: QWidget) -> str:
    """What a widget itself says."""
    box = widget.parentWidget()
    if isinstance(box, QDialogButtonBox) and isinstance(widget, QAbstractButton) and not widget.toolTip():
        return CLOSES if box.buttonRole(widget) in LEAVING else TAKES
    action = widget.defaultAction() if isinstance(widget, QToolButton) else None
    if action is not None and action.whatsThis():
        return _of_action(action)
    if widget.whatsThis():
        return _joined(_plain(widget.whatsThis()), "" if widget.isEnabled() else _plain(widget.toolTip()))
    if widget.toolTip():
        return _joined(_plain(widget.toolTip()), "")
    return _joined(_description(widget), "") if _is_control(widget) else ""


def _of_action(action: QAction) -> str:
    """What it does; where it cannot be chosen, also why not, which its tip then says."""
    said, tip = action.whatsThis(), action.toolTip()
    return _joined(said, "" if action.isEnabled() else tip) if said else ""


def _description(widget: QWidget) -> str:
    return widget.accessibleDescription()


def _name(widget: QWidget) -> str:
    """What a control is called, without what state it is in."""
    text = widget.accessibleName()
    if not text and isinstance(widget, QAbstractButton | QLabel):
        text = widget.text()
    return _title(text or widget.windowTitle())


def _title(text: str) -> str:
    return text.replace("&", "").rstrip("…").strip()


def _plain(text: str) -> str:
    """Without the marks of rich text."""
    if text.startswith("<"):
        text = QTextDocumentFragment.fromHtml(text).toPlainText()
    return " ".join(text.split())


def _inside(sentence: str) -> str:
    return mid_sentence(sentence) if sentence else ""


def _is_one_sentence(text: str) -> bool:
    return len(re.findall(r"[.?](?=\s|$)", text)) < 2


def _joined(first: str, second: str) -> str:
    """Two texts, each with a full stop."""
    parts = [part.strip() for part in (first, second) if part.strip()]
    return " ".join(part if part.endswith((".", "?", ":", ")")) else f"{part}." for part in parts)

"""A small, safe part of Markdown, as lessons have it: what it does not know is shown as it stands."""

import html
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

_INLINE = (
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<i>\1</i>"),
)


def to_html(text: str) -> str:
    """Paragraphs apart by empty lines, **strong**, *emphasis*, `code`, and lists of lines with "- ".

    Everything else is escaped: no markup, link or picture of a file that somebody has sent is carried out.
    """
    return "".join(map(_block, re.split(r"\n\s*\n", text.strip())))


def _block(block: str) -> str:
    lines = block.splitlines()
    if lines and all(line.lstrip().startswith("- ") for line in lines):
        items = "".join(f"<li>{_inline(line.lstrip()[2:])}</li>" for line in lines)
        return f'<ul style="margin: 0 0 6px 0; -qt-list-indent: 0; margin-left: 12px">{items}</ul>'
    return f'<p style="margin: 0 0 6px 0">{_inline(" ".join(lines))}</p>'


def _inline(text: str) -> str:
    text = html.escape(text, quote=False)
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return text


class MarkdownLabel(QLabel):
    """Text in that part of Markdown, in as many lines as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def show_text(self, text: str) -> None:
        """Show a text in place of the one before."""
        self.setText(to_html(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A label answers with its least height at least, which is that of the text before.
        self.setMinimumHeight(0)
        height = self.heightForWidth(self.width()) if self.text() else 0
        self.setMinimumHeight(height)

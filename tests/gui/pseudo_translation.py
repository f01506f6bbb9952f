"""The process that `test_translation` starts: every text of the window, in a made-up language.

The catalog is in place before the window is imported, as many texts are class attributes. What was looked up
stands in brackets; what a widget, a menu or a painter shows outside of them goes into a file, as JSON.
"""

import gettext
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

OPEN, CLOSE = "⟦⟧"
BRACKETED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*(?:{CLOSE}|$)")
WORD = re.compile(r"[A-Za-z]{2,}")
TAG = re.compile(r"</?(?:qt|br|b|i)/?>")
PRESETS = ("spiral", "diabetes", "digits", "digits-autoencoder", "iris")
PROPERTIES = ("text", "toolTip", "accessibleName", "accessibleDescription", "windowTitle", "placeholderText")
OF_QT = ("Export", "Scroll Left", "Scroll Right", "Float", "Close", "Undocks and", "Closes the dock")
"""Texts that Qt brings, with translations of its own."""
UNITS = ("kB", "MB", "GB", "ms", "min", "cm", "Ctrl", "Shift", "Space", "Gradwright")


class Bracketed(gettext.NullTranslations):
    """Every text in brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def gettext(self, message: str) -> str:
        self.seen.add(message)
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"{OPEN}{msgid1 if n == 1 else msgid2}{CLOSE}"


def untranslated(text: str) -> list[str]:
    """The words of a text that were not looked up; values that are texts stand inside of others."""
    text = TAG.sub("", text).replace("…", "")
    while BRACKETED.search(text):
        text = BRACKETED.sub("", text)
    return [word for word in WORD.findall(text) if word not in UNITS]


def main() -> None:
    """Go through the window, and write down what was not looked up."""
    catalog = Bracketed()
    with patch("gettext.translation", lambda *arguments, **options: catalog):
        from gui import main_window
    from PySide6.QtGui import QAction, QPainter
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QComboBox, QWidget

    from engine.files.opening import preset
    from gui.core.messages import Prepared
    from gui.kit import theme
    from gui.kit.layouts import Disclosure
    from tests.gui.desk import Desk, close_without_question

    application = QApplication([])
    theme.apply(application, "light")
    found: dict[str, str] = {}
    data: set[str] = set()

    def note(text: str, where: str) -> None:
        # Names of data may be cut where there is no room for them.
        rest = [word for word in untranslated(text) if not any(each.startswith(word) for each in data)]
        if rest and not text.startswith(OF_QT):
            found.setdefault(text, where)

    paint = QPainter.drawText
    painted: set[str] = set()

    def draw(painter: QPainter, *arguments: Any) -> Any:
        painted.add(next(argument for argument in arguments if isinstance(argument, str)))
        return paint(painter, *arguments)

    def know(prepared: Prepared) -> None:
        """Names of columns, classes, layers and of the experiment are data."""
        described = prepared.description
        columns, classes = (
            (column.name for column in described.columns),
            (name for name, _ in described.classes),
        )
        names = (prepared.experiment.name, "Output", *prepared.network.names, *columns, *classes)
        data.update(word for name in names for word in WORD.findall(name))

    def texts(top: QWidget) -> Iterator[tuple[str, str]]:
        for widget in [top, *top.findChildren(QWidget)]:
            name = type(widget).__name__
            for wanted in PROPERTIES:
                yield str(widget.property(wanted) or ""), f"{name}.{wanted}"
            if isinstance(widget, QComboBox):
                yield from ((widget.itemText(index), name) for index in range(widget.count()))
        for action in top.findChildren(QAction):
            yield action.text().replace("&", ""), "QAction.text"
            yield action.toolTip().replace("&", ""), "QAction.toolTip"

    def look() -> None:
        """Note all texts as they are now."""
        QTest.qWait(200)
        for text, where in texts(window):
            note(text, where)

    with patch.object(QPainter, "drawText", draw):
        window = main_window.MainWindow()
        window.resize(1440, 900)
        window.session.prepared.connect(know)
        window.show()
        window.start()
        desk = Desk(window)
        for name in PRESETS:
            window.files.load(preset(name))
            desk.status("ready")
            for fold in window.findChildren(Disclosure):
                fold.set_open(True)
            desk.do("step_epoch")
            desk.status("paused")
            look()
        desk.do("data_viewer")
        viewer = window.panels["data_viewer"]
        desk.until(lambda: viewer.found is not None and not viewer.busy, "rows")
        for page in range(viewer.pages.count()):
            viewer.pages.setCurrentIndex(page)
            QTest.qWait(50)
        look()
        table = Path(sys.argv[1]).with_suffix(".csv")
        table.write_text("size,kind\n" + "".join(f"{n % 7},{'ab'[n % 2]}\n" for n in range(40)))
        data.update(("size", "kind", "a", "b", *WORD.findall(table.name)))
        window.files.open(table)
        dialog = desk.dialog
        dialog.preview.table.select(["size"])
        look()
        dialog.choices.guess.click()
        desk.until(lambda: dialog.reading.job is None, "description")
        look()
        dialog.reject()
        close_without_question(window)
        window.close()
    # Long texts are painted line by line, and cut where there is no room.
    looked_up = " ".join(catalog.seen)
    for text in painted:
        if text.strip("…" + OPEN + CLOSE) not in looked_up:
            note(text, "painted")
    Path(sys.argv[1]).write_text(json.dumps({"found": found, "looked_up": sorted(catalog.seen)}))


if __name__ == "__main__":
    main()

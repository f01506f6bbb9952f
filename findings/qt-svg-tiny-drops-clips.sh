#!/bin/sh
# Qt (PySide6 6.11.3): QSvgGenerator writes SVG Tiny 1.2 unless told otherwise, and drops clipping without a word.
#
# QPainter.setClipRect has an effect on the screen, in pictures and in PDF. In a file of QSvgGenerator() what is
# drawn outside the clip is written and shown: the line of a plot runs on over its axes, its title and the page.
# QSvgGenerator(QSvgGenerator.SvgVersion.Svg11) writes the same drawing with a clipPath. Whoever saves plots as
# SVG has to ask for version 1.1, and a test that only looks whether a file was written finds nothing.
# Seen: no clip in the file of the default generator, one in that of version 1.1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'PYTHON'
from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtSvg import QSvgGenerator

application = QGuiApplication([])


def drawn(generator):
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(100, 100))
    painter = QPainter(generator)
    painter.setClipRect(QRectF(0, 0, 50, 50))
    painter.drawLine(0, 0, 100, 100)
    painter.end()
    del painter
    return bytes(buffer.data().data()).decode()


tiny = drawn(QSvgGenerator())
full = drawn(QSvgGenerator(QSvgGenerator.SvgVersion.Svg11))
print("clip in the default file:", "clip-path" in tiny, " in that of version 1.1:", "clip-path" in full)
assert "clip-path" not in tiny and "clipPath" not in tiny
assert "clip-path" in full and "clipPath" in full
PYTHON
echo "QSvgGenerator of Qt 6.11.3 drops clips unless it writes SVG 1.1."

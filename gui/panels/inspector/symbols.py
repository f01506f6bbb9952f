"""Symbols of formulas: painted with drawn fractions, and written as LaTeX. ∂L/∂w is a fraction."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.insight.trace.derivation import Derivation, Factor
from gui.kit.numbers import MINUS, reading_text
from gui.kit.theme import scaled, text_font

DIGITS = 4
"""Significant digits of a number in a formula."""


def value_text(value: float, digits: int = DIGITS) -> str:
    """A number as it stands in a formula: 0.0822, −12.10."""
    return reading_text(value, digits)


def short_text(value: float, digits: int = 3) -> str:
    """A number to some significant digits, without zeros that say nothing: 0.05, 0.593."""
    text, plain = reading_text(value, digits), f"{value:.7g}".replace("-", MINUS)
    return plain if math.isfinite(value) and len(plain) < len(text) and "e" not in plain else text


def parts_of(text: str) -> tuple[str, str]:
    """Numerator and denominator of a derivative; of anything else, all of it and ""."""
    above, stroke, below = text.partition("/")
    return (above, below) if stroke and above.startswith("∂") and below.startswith("∂") else (text, "")


def symbol_font() -> QFont:
    """That of symbols: a little larger than text."""
    font = text_font()
    font.setPixelSize(scaled(16))
    return font


def symbol_width(text: str) -> float:
    """How wide a symbol is, in pixels."""
    metrics = QFontMetricsF(symbol_font())
    return max(metrics.horizontalAdvance(part) for part in parts_of(text)) + 4


def symbol_height() -> float:
    """How high a fraction is, in pixels."""
    return 2 * QFontMetricsF(symbol_font()).height()


def paint_symbol(painter: QPainter, area: QRectF, text: str, colour: str) -> None:
    """A symbol in the middle of an area; derivatives with a line between numerator and denominator."""
    above, below = parts_of(text)
    font = symbol_font()
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    middle = int(Qt.AlignmentFlag.AlignCenter)
    if not below:
        shown = metrics.elidedText(above, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, middle, shown)
        return
    half, centre = metrics.height(), area.center()
    width = max(metrics.horizontalAdvance(above), metrics.horizontalAdvance(below))
    width = min(width + 4, area.width())
    for part, top in ((above, centre.y() - half), (below, centre.y())):
        shown = metrics.elidedText(part, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(QRectF(area.left(), top, area.width(), half), middle, shown)
    painter.setPen(QPen(QColor(colour), max(scaled(1), 1)))
    painter.drawLine(QPointF(centre.x() - width / 2, centre.y()), QPointF(centre.x() + width / 2, centre.y()))


# --- LaTeX ------------------------------------------------------------------------------------------------


def latex_of(derivation: Derivation) -> str:
    """The formula in symbols, and below it with the numbers put in, as an `aligned` environment."""
    terms = [_product(term.factors) for term in derivation.terms]
    numbers = [r" \cdot ".join(latex_number(one.value) for one in term.factors) for term in derivation.terms]
    if derivation.left_out:
        terms.append(r"\dots")
        numbers.append(latex_number(derivation.rest))
    symbols, sums = " + ".join(terms), " + ".join(numbers)
    if derivation.wrapped:
        name = rf"\operatorname{{{derivation.wrapped}}}"
        symbols, sums = rf"{name}\left({symbols}\right)", rf"{name}\left({sums}\right)"
    lines = [rf"{derivation.formula.replace(' = ', ' &= ', 1)}"] if derivation.formula else []
    lines += [
        rf"&= {symbols}" if lines else rf"{derivation.symbol} &= {symbols}",
        rf"&= {sums}",
        rf"&= {latex_number(derivation.value)}",
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _product(factors: tuple[Factor, ...]) -> str:
    return r" \cdot ".join(factor.symbol for factor in factors)


def latex_number(value: float) -> str:
    """A number in LaTeX: −1.2e−5 is 1.2 \\cdot 10^{-5} with a minus; a negative one in a product stands in
    parentheses."""
    text = value_text(value).replace("−", "-")
    mantissa, exponent, power = text.partition("e")
    written = rf"{mantissa} \cdot 10^{{{power}}}" if exponent else mantissa
    return rf"\left({written}\right)" if value < 0 else written

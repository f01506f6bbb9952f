r"""The drawing of a network as TikZ, for a LaTeX document: `\input` it, or compile it by itself."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from gui.kit.theme import Theme
from gui.panels.network.geometry import Column, Layout
from gui.panels.network.layout import fold_text
from gui.panels.network.values import LiveValues, Quantity

CM = 0.022
"""Centimetres for each pixel of the drawing."""
WIDEST_PT = 2.2
FAINTEST = 0.05
"""Edges below this share of the scale are left out: hundreds of hairlines only slow LaTeX down."""
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "\u202f": r"\,",
    "\n": " ",
}
_SUBSCRIPTS = {chr(0x2080 + digit): f"$_{digit}$" for digit in range(10)}


def escaped(text: str) -> str:
    """A name as LaTeX prints it, whatever characters it has."""
    return "".join(_ESCAPES.get(letter) or _SUBSCRIPTS.get(letter) or letter for letter in text)


def tikz_of(layout: Layout, values: LiveValues, quantity: Quantity, theme: Theme) -> str:
    """A document of class standalone with one picture."""
    lines = [
        r"\documentclass[tikz,border=4pt]{standalone}",
        # pdfLaTeX knows the letters of Latin alone; LuaLaTeX and XeLaTeX those of all alphabets.
        r"\usepackage{iftex}",
        r"\ifPDFTeX\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp}\else\usepackage{fontspec}\fi",
        r"\begin{document}",
        *(
            rf"\definecolor{{{name}}}{{HTML}}{{{_hex(colour)}}}"
            for name, colour in (
                ("positive", theme.accent),
                ("negative", theme.validation),
                ("gradient", theme.gradient),
                ("outline", theme.edge),
                ("caption", theme.muted),
            )
        ),
        r"\begin{tikzpicture}[x=1cm,y=1cm,font=\sffamily\scriptsize]",
        *_connections(layout, values, quantity),
    ]
    for number, column in enumerate(layout.columns):
        side = "left" if number == 0 else "right"
        lines += _column(column, number, side)
    for gate in layout.gates:
        low, high = _at(gate.body.bottomLeft()), _at(gate.body.topRight())
        lines.append(rf"\draw[outline,dashed,fill=white] {low} rectangle {high};")
        name = escaped(gate.stage.name)
        lines.append(rf"\node[rotate=90] at {_at(gate.body.center())} {{{name}}};")
    for arc in layout.arcs:
        points = [arc.path.pointAtPercent(share / 12) for share in range(13)]
        lines.append(r"\draw[positive,thick] plot[smooth] coordinates {" + " ".join(map(_at, points)) + "};")
        style = f"circle,draw=positive,fill=white,inner sep=0pt,{_size(arc.plus)}"
        lines.append(rf"\node[{style}] at {_at(arc.plus.center())} {{$+$}};")
    lines += [r"\end{tikzpicture}", r"\end{document}", ""]
    return "\n".join(lines)


def _column(column: Column, number: int, side: str) -> list[str]:
    stage, lines = column.stage, []
    heading = column.heading
    top = QPointF(heading.center().x(), heading.top() + heading.height() * 0.28)
    below = QPointF(heading.center().x(), heading.top() + heading.height() * 0.78)
    lines.append(rf"\node[font=\sffamily\bfseries\scriptsize] at {_at(top)} {{{escaped(column.lines[0])}}};")
    lines.append(rf"\node[caption] at {_at(below)} {{{escaped(column.lines[1])}}};")
    if not column.units:
        low, high = _at(column.body.bottomLeft()), _at(column.body.topRight())
        lines.append(rf"\draw[outline,fill=white,rounded corners=2pt] {low} rectangle {high};")
    for rect, unit in zip(column.units, stage.shown, strict=True):
        style = f"draw=outline,fill=white,circle,inner sep=0pt,{_size(rect)}"
        label = escaped(stage.label(unit))
        named = rf",label={{{side}:{{{label}}}}}" if label else ""
        lines.append(rf"\node[{style}{named}] (n{number}u{unit}) at {_at(rect.center())} {{}};")
    if column.fold is not None:
        text = escaped(fold_text(stage.hidden))
        lines.append(rf"\node[caption] at {_at(column.fold.center())} {{{text}}};")
    return lines


def _connections(layout: Layout, values: LiveValues, quantity: Quantity) -> list[str]:
    lines, scale = [], values.scale_of(quantity)
    for edges in layout.edges:
        target = layout.columns[edges.source + 1].stage
        matrix = values.edges(quantity).get(target.layer) if target.layer is not None else None
        known = matrix is not None and matrix.size == len(edges.starts)
        numbers = matrix.ravel().tolist() if matrix is not None and known else [0.0] * len(edges.starts)
        for start, end, value in zip(edges.starts.tolist(), edges.ends.tolist(), numbers, strict=True):
            share = min(abs(value) / scale, 1.0) if value == value else 0.0
            if known and share < FAINTEST:
                continue
            colour = "gradient" if quantity == "gradient" else "positive" if value >= 0 else "negative"
            style = f"{colour if known else 'outline'}!{20 + 80 * share:.0f}!white"
            width = f"line width={max(share * WIDEST_PT, 0.2):.2f}pt"
            lines.append(rf"\draw[{style},{width}] {_curve(QPointF(*start), QPointF(*end))};")
    for start, end, arrow in layout.links:
        tip = ",->" if arrow else ""
        lines.append(rf"\draw[outline,line width=0.3pt{tip}] {_curve(start, end)};")
    return lines


def _curve(start: QPointF, end: QPointF) -> str:
    middle = (start.x() + end.x()) / 2
    first, second = QPointF(middle, start.y()), QPointF(middle, end.y())
    return f"{_at(start)} .. controls {_at(first)} and {_at(second)} .. {_at(end)}"


def _size(rect: QRectF) -> str:
    return f"minimum size={rect.width() * CM:.3f}cm"


def _at(place: QPointF) -> str:
    """A coordinate; y points up in TikZ."""
    return f"({place.x() * CM:.3f},{-place.y() * CM:.3f})"


def _hex(colour: str) -> str:
    return QColor(colour).name()[1:].upper()

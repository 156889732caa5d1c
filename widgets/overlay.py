"""Overlay: what is drawn over the cells of a canvas, or behind them: the selection, the pins, what differs, how
surprising words are, what is chosen. Knows no frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from engine.values.frame import CHANGED
from engine.values.quality import SEAM
from widgets.cells import LEVELS
from widgets.layout import Layout
from widgets.paint import Inks

LEAST = 1.0  # nats: a word that surprises less has no ground
SPACE = 0.2  # ems of a space that belong to no word
INSET = 2.0  # pixels that a line is shorter than its cells, at either end


class Overlay:
    """What others know of the cells of a canvas, and of those of the canvases before it."""

    def __init__(self) -> None:
        self.pinned: frozenset[int] = frozenset()  # that hands hold, or will hold from the next step
        self.different: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()  # elsewhere; and before
        self.nats: tuple[np.ndarray | None, np.ndarray | None] = None, None  # of surprise; and before

    def draw_below(self, painter: QPainter, layouts: tuple[Layout, Layout], inks: Inks) -> None:
        """What lies behind the words of a canvas, and of those before."""
        for layout, nats in zip(layouts, self.nats, strict=True):
            if nats is not None:
                draw_surprise(painter, layout, nats, inks)

    def draw_above(
        self, painter: QPainter, layouts: tuple[Layout, Layout], told: Iterable[int], inks: Inks
    ) -> None:
        """What lies over them. Of the pins, those cells say themselves that they are `told`."""
        draw_pins(painter, layouts[0], self.pinned.difference(told), inks)
        for layout, cells in zip(layouts, self.different, strict=True):
            draw_different(painter, layout, cells, inks)


def draw_chosen(
    painter: QPainter, layout: Layout, hover: int | None, held: int | None, pin: int | None, inks: Inks
) -> None:
    """A frame around the cell under the pointer, the one that others are compared with, and the chosen one."""
    dashes = Qt.PenStyle.DashLine
    pens = QPen(inks.muted, 1.0), QPen(inks.accent, 2.0, dashes), QPen(inks.accent, 2.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for cell, pen in zip((hover, held, pin), pens, strict=True):
        if cell is not None and cell < len(layout.rects):
            painter.setPen(pen)
            painter.drawRoundedRect(layout.rects[cell].adjusted(-1, -1, 1, 1), 4, 4)


def draw_selected(painter: QPainter, rects: Sequence[QRectF], inks: Inks) -> None:
    """A ground behind cells, as one."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for rect in rects:
        path.addRect(rect)
    painter.fillPath(path, inks.selection)


def heat(nats: np.ndarray) -> np.ndarray:
    """int [C]: shades of the ramp, the last one for a seam and all beyond."""
    return np.rint(np.clip(np.nan_to_num(nats) / SEAM, 0, 1) * (LEVELS - 1)).astype(int)


def grounds(texts: Sequence[str], nats: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """The words that have a ground: their cells, from and to, and the shade of their most surprising token."""
    for start, end in _words(texts):
        odd = float(np.nanmax(np.append(nats[start:end], 0.0)))
        if odd >= LEAST:
            yield start, end, int(heat(np.array(odd)))


def draw_surprise(painter: QPainter, layout: Layout, nats: np.ndarray, inks: Inks) -> None:
    """A ground behind every word, in the colour of its most surprising token; on a board the cells have it. A frame
    around each seam."""
    cells = min(len(layout.rects), layout.cells.alive, len(nats))
    for start, end, shade in grounds(layout.cells.texts[:cells], nats) if not layout.board else ():
        for rect in _stretches(layout, range(start, end)):
            lead = _lead(layout, start) if rect.left() == layout.rects[start].left() + INSET else 0.0
            painter.fillRect(rect.adjusted(lead - INSET, 0, INSET, 0), inks.warm[shade])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(inks.text, _thick(layout) / 1.5))
    for cell in np.flatnonzero(nats[:cells] > SEAM).tolist():
        painter.drawRoundedRect(layout.rects[cell].adjusted(1 + _lead(layout, cell), 1, -1, -1), 3, 3)


def _lead(layout: Layout, cell: int) -> float:
    """The space that a word begins with, in pixels; on a board there is none."""
    return SPACE * layout.size if layout.cells.texts[cell][:1] == " " and not layout.board else 0.0


def _words(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The cells, from and to, that belong together: what follows a space begins a word."""
    start = 0
    for cell in range(1, len(texts) + 1):
        if cell == len(texts) or not texts[cell] or texts[cell][0].isspace() or texts[cell - 1][-1:].isspace():
            yield start, cell
            start = cell


def draw_pins(painter: QPainter, layout: Layout, cells: Iterable[int], inks: Inks) -> None:
    """A line above cells."""
    painter.setPen(QPen(inks.accent, _thick(layout)))
    for box in _stretches(layout, cells):
        painter.drawLine(QLineF(box.topLeft(), box.topRight()))


def draw_different(painter: QPainter, layout: Layout, cells: Iterable[int], inks: Inks) -> None:
    """A dotted line below cells."""
    painter.setPen(QPen(inks.marks[CHANGED], _thick(layout), Qt.PenStyle.DotLine))
    for box in _stretches(layout, cells):
        painter.drawLine(QLineF(box.bottomLeft(), box.bottomRight()))


def _thick(layout: Layout) -> float:
    return max(2.0, layout.size / 12)


def _stretches(layout: Layout, cells: Iterable[int]) -> Iterator[QRectF]:
    """The boxes of cells that follow each other in a line, as one; in a grid, of each by itself."""
    box, last = QRectF(), -2
    alive = min(len(layout.rects), layout.cells.alive)
    for cell in sorted(cell for cell in cells if cell < alive):
        rect = layout.rects[cell]
        if not layout.board and cell == last + 1 and rect.top() == box.top():
            box = box.united(rect)
        else:
            if not box.isEmpty():
                yield box.adjusted(INSET, 0, -INSET, 0)
            box = QRectF(rect)
        last = cell
    if not box.isEmpty():
        yield box.adjusted(INSET, 0, -INSET, 0)

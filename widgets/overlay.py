"""Overlay: what is drawn over the cells of a canvas: the selection, the pins, what differs. Knows no frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from engine.values.frame import CHANGED
from widgets.layout import Layout
from widgets.paint import Inks

INSET = 2.0  # pixels that a line is shorter than its cells, at either end


def draw_selected(painter: QPainter, rects: Sequence[QRectF], inks: Inks) -> None:
    """A ground behind cells, as one."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for rect in rects:
        path.addRect(rect)
    painter.fillPath(path, inks.selection)


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

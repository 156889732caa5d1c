"""Sheet: prepared strokes of a canvas that are quick to draw, each with the cell that it belongs to.

Knows no cells' meaning beyond their looks, and no layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.values.frame import ACCEPTED, PINNED, WITHDRAWN
from widgets.paint import Face, Inks

NONE = -1  # the cell of a stroke that belongs to none
TALLEST = 120.0  # pixels: how far letters reach from their baseline, at most


class Fill(NamedTuple):
    """A box with round corners. `ink` is an ARGB number: numbers are quicker to compare than colours."""

    box: QRectF
    ink: int
    cell: int = NONE


class Stroke(NamedTuple):
    """An outline or a line."""

    shape: QRectF | QLineF
    pen: QPen
    cell: int = NONE


class Text(NamedTuple):
    """Text from x on, its letters centred on a height."""

    x: float
    middle: float
    text: str
    face: Face
    ink: int
    cell: int = NONE


@dataclass
class Sheet:
    """Strokes, drawn by kind: filled boxes, then outlines and lines, then text."""

    radius: float = 4.0
    thick: float = 1.5  # of outlines, in pixels
    opacity: float = 1.0
    fills: list[Fill] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def fill(self, box: QRectF, ink: QColor, cell: int = NONE) -> None:
        self.fills.append(Fill(box, ink.rgba(), cell))

    def text(self, x: float, middle: float, text: str, face: Face, ink: QColor, cell: int = NONE) -> None:
        self.texts.append(Text(x, middle, text, face, ink.rgba(), cell))

    def mark(self, look: int, box: QRectF, inks: Inks, cell: int = NONE) -> None:
        """Tells a look without colour: a line below (accepted) or above (pinned), a box (changed), dashes."""
        if look not in inks.marks:
            return
        pen, half = QPen(inks.marks[look], self.thick), self.thick / 2
        if look in (ACCEPTED, PINNED):
            pen.setWidthF(1.3 * self.thick)
            inset, height = self.radius / 2, box.bottom() - half if look == ACCEPTED else box.top() + half
            line = QLineF(box.left() + inset, height, box.right() - inset, height)
            self.strokes.append(Stroke(line, pen, cell))
            return
        if look == WITHDRAWN:
            pen.setDashPattern([2.5, 2.0])
        self.strokes.append(Stroke(box.adjusted(half, half, -half, -half), pen, cell))

    def draw(self, painter: QPainter, top: float = -inf, bottom: float = inf) -> None:
        """Draws what lies between two heights."""
        draw_sheets(painter, [self], top, bottom)

    def draw_fills(self, painter: QPainter, top: float = -inf, bottom: float = inf) -> None:
        """Boxes with round corners. One that is seen through is put on whole pixels: that takes a quarter of the
        time, and such boxes come and go within a blink."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        round_, radius, last, clear = painter.drawRoundedRect, self.radius, None, False
        for box, ink, _ in self.fills:
            if ink != last:
                painter.setBrush(QColor.fromRgba(ink))
                last, clear = ink, ink >> 24 < 255 or self.opacity < 1
            if box.bottom() > top and box.top() < bottom:
                round_(box.toRect() if clear else box, radius, radius)

    def draw_strokes(self, painter: QPainter, top: float = -inf, bottom: float = inf) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shape, pen, _ in self.strokes:
            painter.setPen(pen)
            if isinstance(shape, QLineF):
                painter.drawLine(shape)
            else:
                painter.drawRoundedRect(shape, self.radius, self.radius)

    def draw_texts(self, painter: QPainter, top: float = -inf, bottom: float = inf) -> None:
        top, bottom = top - TALLEST, bottom + TALLEST
        write, last = painter.drawGlyphRun, None
        for x, middle, text, face, ink, _ in self.texts:
            if not top < middle < bottom:
                continue
            if ink != last:
                painter.setPen(QColor.fromRgba(ink))
                last = ink
            at = QPointF(x, middle + face.middle)
            for run in face.runs(text):
                write(at, run)


def draw_sheets(painter: QPainter, sheets: Sequence[Sheet], top: float = -inf, bottom: float = inf) -> None:
    """Draws sheets that lie on each other: the boxes of all, then the outlines and lines, then the text."""
    seen = [sheet for sheet in sheets if sheet.opacity > 0]
    for draw in (Sheet.draw_fills, Sheet.draw_strokes, Sheet.draw_texts):
        for sheet in seen:
            painter.setOpacity(sheet.opacity)
            draw(sheet, painter, top, bottom)
    painter.setOpacity(1.0)

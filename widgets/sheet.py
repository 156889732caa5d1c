"""Sheet: prepared strokes of a canvas that are quick to draw, each with the cell that it belongs to.

Knows no cells' meaning beyond their looks, and no layout.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGlyphRun, QPainter, QPen

from engine.values.frame import ACCEPTED, PINNED, WITHDRAWN
from widgets.paint import Face, Inks

NONE = -1  # the cell of a stroke that belongs to none


class Fill(NamedTuple):
    """A box with round corners. `ink` is an ARGB number: numbers are quicker to group by than colours."""

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
    fills: list[Fill] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    _groups: tuple | None = None

    def fill(self, box: QRectF, ink: QColor, cell: int = NONE) -> None:
        """A filled box. Boxes do not overlap: their order is not kept."""
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
        self.draw_fills(painter, top, bottom)
        self.draw_strokes(painter)
        self.draw_texts(painter, top, bottom)

    def draw_fills(self, painter: QPainter, top: float = -inf, bottom: float = inf, fleeting: bool = False) -> None:
        """Boxes with round corners. `fleeting` ones that one sees through, which come or go within a blink, have
        plain corners: that takes a tenth of the time."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        round_, radius = painter.drawRoundedRect, self.radius
        for ink, boxes in self._grouped()[0]:
            color = QColor.fromRgba(ink)
            plain = fleeting and color.alpha() < 255
            painter.setBrush(color)
            for box in boxes:
                if box.bottom() > top and box.top() < bottom:
                    painter.fillRect(box, color) if plain else round_(box, radius, radius)

    def draw_strokes(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shape, pen, _ in self.strokes:
            painter.setPen(pen)
            if isinstance(shape, QLineF):
                painter.drawLine(shape)
            else:
                painter.drawRoundedRect(shape, self.radius, self.radius)

    def draw_texts(self, painter: QPainter, top: float = -inf, bottom: float = inf) -> None:
        _, texts, runs = self._grouped()
        for (face, ink), written in texts:
            painter.setFont(face.font)
            painter.setPen(QColor.fromRgba(ink))
            _write(painter, face, written, top, bottom)
        for ink, run in runs:
            painter.setPen(QColor.fromRgba(ink))
            painter.drawGlyphRun(QPointF(), run)

    def _grouped(self) -> tuple[list, list, list]:
        """Fills and texts by ink, and text also by face: a painter is slow to change them. Made once."""
        if self._groups is None:
            self._groups = self._group()
        return self._groups

    def _group(self) -> tuple[list, list, list]:
        fills, texts, loose = defaultdict(list), defaultdict(list), defaultdict(list)
        for box, ink, _ in self.fills:
            fills[ink].append(box)
        for text in self.texts:
            groups = loose if text.face.loose(text.text) else texts
            groups[text.face, text.ink].append(text)
        runs = [(ink, run) for (face, ink), group in loose.items() for run in _runs(face, group)]
        return list(fills.items()), list(texts.items()), runs


def _runs(face: Face, texts: list[Text]) -> list[QGlyphRun]:
    """Loose text as the pictures of its characters, by the font that has them."""
    parts: dict[int, tuple[list[int], list[QPointF]]] = {}
    down, pixels, glyphs = face.middle, face.pixels, face.glyphs
    for x, middle, text, *_ in texts:
        y = middle + down
        for font, picture, width in glyphs.of(text)[0]:
            part = parts.get(font) or parts.setdefault(font, ([], []))
            part[0].append(picture)
            part[1].append(QPointF(x, y))
            x += width * pixels
    runs = []
    for font, (pictures, points) in parts.items():
        run = QGlyphRun()
        run.setRawFont(glyphs.raw(font, pixels))
        run.setGlyphIndexes(pictures)
        run.setPositions(points)
        runs.append(run)
    return runs


def _write(painter: QPainter, face: Face, texts: list[Text], top: float, bottom: float) -> None:
    low, high = top - face.pixels, bottom + face.pixels
    for x, middle, text, *_ in texts:
        if low < middle < high:
            painter.drawText(QPointF(x, middle + face.middle), text)

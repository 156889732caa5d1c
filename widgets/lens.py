"""Lens: the word of a cell whose type is too small to be read, enlarged beside it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QPainter, QPen

from widgets.cells import short
from widgets.layout import Layout
from widgets.paint import Inks, sans

READ = 18  # pixels of the enlarged word
SMALL = 10  # pixels: larger type needs no lens
AIR = 8.0  # pixels around the word, and between it and its cell


def draw_lens(painter: QPainter, layout: Layout, cell: int, room: QRectF, inks: Inks) -> None:
    """Draws the word of a cell above it, or below where there is no room; nothing if it can be read as it is."""
    written = [text for text in layout.sheet.texts if text.cell == cell]
    if written and written[0].face.pixels >= SMALL and not written[0].text.endswith("…"):
        return
    if cell >= layout.cells.alive:
        return
    face, text, rect = sans(READ, QFont.Weight.DemiBold), short(layout.cells.texts[cell]), layout.rects[cell]
    wide, tall = face.width(text) + 2 * AIR, READ + 1.5 * AIR
    left = max(room.left() + 2, min(rect.center().x() - wide / 2, room.right() - wide - 2))
    above = rect.top() - tall - AIR / 2
    box = QRectF(left, above if above > room.top() else rect.bottom() + AIR / 2, wide, tall)
    painter.setPen(QPen(inks.accent, 1.0))
    painter.setBrush(inks.window)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(inks.text)
    painter.setFont(face.font)
    painter.drawText(QPointF(left + AIR, box.center().y() + face.middle), text)

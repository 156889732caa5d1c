"""Empty: what the canvas shows before there is a frame: a drift of cells that settle, and a message."""

from __future__ import annotations

import random

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from widgets.cells import LEVELS
from widgets.paint import Inks, mix, sans

SIDE = 12  # cells along one side of the emblem


def draw_empty(painter: QPainter, room: QRectF, message: str, inks: Inks) -> None:
    """Draws the emblem and, below it, the message in the middle of a room."""
    side = min(room.height() * 0.42, room.width() * 0.5, 200.0)
    top = room.center().y() - side * 0.5 - 34
    if side > 60:
        _emblem(painter, QRectF(room.center().x() - side / 2, top, side, side), inks)
    else:
        top, side = room.top(), 0
    words = QRectF(room.left() + 24, top + side + 22, room.width() - 48, room.bottom() - top - side - 22)
    painter.setFont(sans(17 if side else 14, QFont.Weight.Medium).font)
    painter.setPen(inks.muted)
    where = Qt.AlignmentFlag.AlignTop if side else Qt.AlignmentFlag.AlignVCenter
    painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | where | Qt.TextFlag.TextWordWrap, message)


def _emblem(painter: QPainter, box: QRectF, inks: Inks) -> None:
    """Cells that are hot and scattered at the upper right, cool and in line at the lower left."""
    dice, cell = random.Random(6), box.width() / SIDE
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(SIDE):
        for column in range(SIDE):
            heat = (column + SIDE - 1 - row) / (2 * SIDE - 2)
            level = min(LEVELS - 1, int(heat**1.4 * LEVELS * dice.uniform(0.6, 1.1)))
            drift = 0.5 * cell * heat * heat
            x = box.left() + column * cell + dice.uniform(-drift, drift)
            y = box.top() + row * cell + dice.uniform(-drift, drift)
            size = cell * (0.82 - 0.4 * heat * dice.random())
            painter.setBrush(mix(inks.ramp[level], inks.line, 0.35 if level < 6 else 0.1))
            painter.drawRoundedRect(QRectF(x, y, size, size), size / 4, size / 4)

"""Empty: what the canvas shows before there is a frame: a drift of cells that settle, and a message."""

from __future__ import annotations

import random
from bisect import bisect_left

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from widgets.cells import LEVELS
from widgets.paint import Inks, mix, sans

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
SIZES = 20, 17, 15, 13, 12, 11  # pixels of the type of a long message
SIDE = 12  # cells along one side of the emblem


def draw_empty(painter: QPainter, room: QRectF, message: str, inks: Inks) -> None:
    """Draws the emblem and, below it, the message in the middle of a room."""
    side = min(room.height() * 0.42, room.width() * 0.5, 200.0)
    top = room.center().y() - side * 0.5 - 34
    if side <= 60:
        top, side = room.top(), 0
    words = QRectF(room.left() + 24, top + side + 22, room.width() - 48, room.bottom() - top - side - 22)
    painter.setFont(sans(17 if side else 14, QFont.Weight.Medium).font)
    painter.setPen(inks.muted)
    where = Qt.AlignmentFlag.AlignTop if side else Qt.AlignmentFlag.AlignVCenter
    where |= Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    if painter.boundingRect(words, where, message).height() > words.height():
        return _long(painter, room.adjusted(24, 22, -24, -22), message)
    painter.drawText(words, where, message)
    if side:
        _emblem(painter, QRectF(room.center().x() - side / 2, top, side, side), inks)
    return None


def _long(painter: QPainter, room: QRectF, message: str) -> None:
    """A message that needs all of the room, in the largest type in which it fits, or as much of it as does."""

    def fits(words: str) -> bool:
        return painter.boundingRect(room, LEFT, words).height() <= room.height()

    for size in SIZES:
        painter.setFont(sans(size, QFont.Weight.Medium).font)
        if fits(message):
            break
    else:
        count = bisect_left(range(len(message)), True, key=lambda length: not fits(f"{message[:length]}…"))
        message = f"{message[: max(0, count - 1)]}…"
    painter.drawText(room, LEFT, message)


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

"""Wait: lies over the canvas while a model is loaded: what is done, how far it is, how long there is still.

Knows no model. Short work is not shown: it would only flicker.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from widgets.brush import painted
from widgets.cover import Cover
from widgets.theme import font

ROLE = QPalette.ColorRole
PATIENCE_MS = 500
REMAINS = 0.3  # of a text that lies below
WIDE, BAR, EDGE = 420, 6, 24  # pixels of the bar, and between it and the edge of its card


class Wait(Cover):
    """A card in the middle of what it covers, and a bar."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._head = self._words = ""
        self._alone = False
        self._fraction: float | None = None
        self._timer = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._timer.timeout.connect(lambda: self.lay(True))

    def set_alone(self, alone: bool) -> None:
        """Whether there is no text below: then nothing shines through."""
        self._alone = alone

    def show_progress(self, label: str, fraction: float | None) -> None:
        """What is done, and after a colon the amounts; from 0 to 1, or None: nobody knows. No label: it is over."""
        self._head, _, self._words = label.partition(": ")
        self._fraction = fraction
        self.setAccessibleName(label)
        if not label:
            self._timer.stop()
            self.hide()
        elif self.isHidden() and not self._timer.isActive():
            self._timer.start()
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter, palette, room = QPainter(self), self.palette(), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(palette.color(ROLE.Base))
        ground.setAlphaF(1.0 if self._alone else 1 - REMAINS)
        painter.setBrush(ground)
        painter.drawRoundedRect(room.adjusted(1, 1, -1, -1), 8, 8)
        wide = min(WIDE, room.width() - 2 * EDGE - 24)
        left, middle = room.center().x() - wide / 2, room.center().y()
        painter.setPen(palette.color(ROLE.Mid))
        painter.setBrush(palette.color(ROLE.Base))
        card = QRectF(left, middle - 40, wide, 84).adjusted(-EDGE, -EDGE / 2, EDGE, EDGE / 2)
        painter.drawRoundedRect(card, 10, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(ROLE.Mid))
        painter.drawRoundedRect(QRectF(left, middle, wide, BAR), BAR / 2, BAR / 2)
        if self._fraction is not None:
            painter.setBrush(palette.color(ROLE.Highlight))
            done = max(BAR, wide * min(1.0, self._fraction))
            painter.drawRoundedRect(QRectF(left, middle, done, BAR), BAR / 2, BAR / 2)
        self._write(painter, QRectF(left, middle - 40, wide, 32), self._head, 15, ROLE.Text)
        self._write(painter, QRectF(left, middle + BAR + 8, wide, 28), self._told(), 13, ROLE.PlaceholderText)

    def _told(self) -> str:
        share = "" if self._fraction is None else f"{self._fraction:.0%}"
        return "   ".join(part for part in (share, self._words) if part)

    def _write(self, painter: QPainter, room: QRectF, text: str, pixels: int, role: QPalette.ColorRole) -> None:
        face = font(pixels=pixels, weight=QFont.Weight.Medium if role == ROLE.Text else QFont.Weight.Normal)
        painter.setFont(face)
        painter.setPen(self.palette().color(role))
        short = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, short)

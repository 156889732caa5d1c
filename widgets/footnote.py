"""Footnote: the legend of a canvas: along its bottom at first, later on a hover of a small sign in its corner. That
of surprising words stays as long as they are shown.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from widgets.legend import legend, surprise
from widgets.paint import Inks
from widgets.sheet import Sheet
from widgets.theme import font

EDGE, ABOVE, BELOW = 16.0, 6.0, 10.0  # pixels: at the sides of the legend, above it and below
MOST = 0.2  # of the height of a canvas, that it may take from the content
SIGN, INSET = 14.0, 5.0  # pixels of the sign, and from the corner


class Footnote:
    """In pixels of the canvas. `always`: it has room of its own, if the canvas has so much."""

    def __init__(self) -> None:
        self.always, self._asked, self._there = True, False, True
        self.surprise: str | None = None  # what is told of words that are coloured by how surprising they are
        self._size, self._sheet, self._high = QSizeF(), Sheet(), 0.0

    def dress(self, inks: Inks, size: QSizeF, there: bool) -> None:
        """For a canvas of a size; `there`: whether it has a legend at all."""
        self._inks, self._size, self._there, self._asked = inks, size, there, False
        width = size.width() - 2 * EDGE
        told = self.surprise
        self._sheet, self._high = legend(inks, width) if told is None else surprise(inks, width, told)
        if told is not None and not self._fits:
            self._sheet, self._high = surprise(inks, width, told, brief=True)

    def room(self) -> QRectF:
        """Where the content goes."""
        foot = self._foot if self._stays else 0.0
        return QRectF(0, 0, self._size.width(), self._size.height() - foot)

    def point(self, at: QPointF) -> bool:
        """The pointer is somewhere else. Whether that shows or hides the legend."""
        asked, self._asked = self._asked, self._signed and self._sign.adjusted(-6, -6, 9, 9).contains(at)
        return asked != self._asked

    def draw(self, painter: QPainter) -> None:
        """On top of the content."""
        if self._asked or self._stays:
            box = QRectF(1, self._size.height() - self._foot, self._size.width() - 2, self._foot - 1)
            if self._asked:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._inks.panel)
                painter.drawRoundedRect(box, 7, 7)
                painter.setPen(QPen(self._inks.line, 1))
                painter.drawLine(QPointF(EDGE, box.top()), QPointF(box.right() - EDGE, box.top()))
            painter.save()
            painter.translate(EDGE, box.top() + ABOVE)
            self._sheet.draw(painter)
            painter.restore()
        elif self._signed:
            self._draw_sign(painter)

    @property
    def _foot(self) -> float:
        return self._high + ABOVE + BELOW

    @property
    def _fits(self) -> bool:
        return self._foot <= MOST * self._size.height()

    @property
    def _stays(self) -> bool:
        return self.surprise is not None or (self._there and self.always and self._fits)

    @property
    def _signed(self) -> bool:
        return self._there and not self._stays

    @property
    def _sign(self) -> QRectF:
        corner = QPointF(self._size.width() - INSET - SIGN, self._size.height() - INSET - SIGN)
        return QRectF(corner.x(), corner.y(), SIGN, SIGN)

    def _draw_sign(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._inks.muted, 1))
        painter.setBrush(self._inks.panel)
        painter.drawEllipse(self._sign.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(font(pixels=10, weight=QFont.Weight.DemiBold))
        painter.drawText(self._sign, Qt.AlignmentFlag.AlignCenter, "i")

"""Unsure: the cells that a model is least sure of, to be clicked. Knows no frame: it is told of doubts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy

from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.odds import known, visible
from widgets.pace import Unhurried
from widgets.theme import elided, font, width

ROW, HEAD, SHARE = 18, 26, 44  # pixels of a row, of the line above them, of the number
TYPE, BASE = 12, 13  # pixels of the type, and from the top of a row to the foot of its letters
UNSURE = 5.0  # nats of a full bar
HINT = "Point at a token to see what was considered."
HELP = "The cells that the model is least sure of in this step. Click one to look at it (L: the next)."


class Doubt(NamedTuple):
    """A cell, the word in it, and its entropy in nats."""

    cell: int
    text: str
    entropy: float


class Unsure(Unhurried):
    """Two columns of cells, the least sure first."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._doubts: Sequence[Doubt] = ()
        self._hover = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        describe(self, "Least sure cells", HELP)

    def show_doubts(self, doubts: Sequence[Doubt]) -> None:
        self._doubts = doubts
        told = ", ".join(f"{one.text} {one.entropy:.2f}" for one in doubts)
        self.setAccessibleDescription(told or "None.")
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(260, HEAD + 5 * ROW)

    def _box(self, at: int) -> QRectF:
        half = -(-len(self._doubts) // 2)
        wide = (self.width() - 12) / 2
        return QRectF((at // half) * (wide + 12), HEAD + (at % half) * ROW, wide, ROW)

    @painted
    def paintEvent(self, event) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(pixels=TYPE))
        painter.setPen(colours.color(ROLE.PlaceholderText))
        words = "Least sure in this step, in nats" if self._doubts else HINT
        painter.drawText(QRectF(0, 0, self.width(), HEAD - 6), Qt.AlignmentFlag.AlignVCenter, words)
        for at, doubt in enumerate(self._doubts):
            self._paint_row(painter, doubt, self._box(at), at == self._hover)

    def _paint_row(self, painter: QPainter, doubt: Doubt, box: QRectF, hover: bool) -> None:
        colours = self.palette()
        painter.setPen(Qt.PenStyle.NoPen)
        if hover:
            painter.setBrush(colours.color(ROLE.Button))
            painter.drawRoundedRect(box, 4, 4)
        track = QRectF(box.left() + box.width() * 0.5, box.center().y() - 3, box.width() * 0.5 - SHARE, 6)
        painter.setBrush(colours.color(ROLE.Button))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(colours.color(ROLE.Highlight))
        track.setWidth(track.width() * known(doubt.entropy / UNSURE))
        painter.drawRoundedRect(track, 3, 3)
        painter.setPen(colours.color(ROLE.WindowText))
        word, number = elided(visible(doubt.text), int(box.width() * 0.5) - 8, TYPE), f"{doubt.entropy:.2f}"
        painter.drawText(QPointF(box.left() + 4, box.top() + BASE), word)
        painter.setPen(colours.color(ROLE.PlaceholderText))
        painter.drawText(QPointF(box.right() - 4 - width(number, TYPE), box.top() + BASE), number)

    def mouseMoveEvent(self, event) -> None:
        hits = (at for at in range(len(self._doubts)) if self._box(at).contains(event.position()))
        self._hover = next(hits, -1)
        self.setCursor(Qt.CursorShape.ArrowCursor if self._hover < 0 else Qt.CursorShape.PointingHandCursor)
        self.update()

    def leaveEvent(self, event) -> None:
        self._hover = -1
        self.update()

    def mousePressEvent(self, event) -> None:
        self.mouseMoveEvent(event)
        if 0 <= self._hover < len(self._doubts):
            self.chosen.emit(self._doubts[self._hover].cell)

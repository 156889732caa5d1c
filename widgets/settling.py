"""Settling: a canvas as a small board, coloured by when each cell took the token that it has. Knows no frame.

A text that is denoised is not written from left to right: this is where that is seen at a glance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, sqrt

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy

from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.pace import Unhurried
from widgets.theme import font, width

TYPE, HEAD, FOOT = 12, 26, 22  # pixels of the type, of the line above the board, and of the one below
GAP, LARGEST = 2, 22  # pixels between cells, and of a cell at most
LEAST = 90  # pixels: a place lower than this has nothing in it
SWATCHES = 8
LATE = 0.25  # share of the accent in the colour of the last step
OPEN = -1  # a cell that holds no token yet
TITLE = "When each word settled"
HELP = (
    "Every square is a cell of the canvas, in reading order. The earlier it took the token that it has, the more "
    "colour it has; a hollow one is still open. Click a square to look at its cell."
)

Order = Sequence[int]  # of cells: the step since which each is as it is, or OPEN


class Settling(Unhurried):
    """What is to be shown is asked for when it is painted: a board that nobody sees costs nothing."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._ask: Callable[[], Order] | None = None
        self._order: Order = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        describe(self, TITLE, HELP)

    def show_order(self, ask: Callable[[], Order] | None) -> None:
        """`ask` tells the order, when it is wanted; None: there is none."""
        self._ask, self._order = ask, ()
        self.refresh()

    def at(self, point: QPoint) -> int | None:
        """The cell at a point."""
        cells = range(len(self._order))
        return next((cell for cell in cells if self._box(cell).adjusted(-1, -1, 1, 1).contains(point)), None)

    @painted
    def paintEvent(self, event) -> None:
        if self.height() < LEAST:
            return
        if self._ask is not None:
            self._order, self._ask = self._ask(), None
        if not len(self._order):
            return
        painter, colours = QPainter(self), self.palette()
        painter.setFont(font(pixels=TYPE))
        painter.setPen(colours.color(ROLE.PlaceholderText))
        painter.drawText(QRectF(0, 0, self.width(), HEAD - 6), Qt.AlignmentFlag.AlignVCenter, TITLE)
        last = max(1, *self._order)
        for cell, step in enumerate(self._order):
            box = self._box(cell)
            if step == OPEN:
                painter.setPen(colours.color(ROLE.Mid))
                painter.drawRect(box.adjusted(0, 0, -1, -1))
            else:
                painter.fillRect(box, self._colour(step / last))
        self._paint_legend(painter, last)

    def _paint_legend(self, painter: QPainter, last: int) -> None:
        """The colours from the first step to the last, below the board."""
        board = self._box(len(self._order) - 1)
        x, base = 0.0, board.bottom() + FOOT
        painter.setPen(self.palette().color(ROLE.PlaceholderText))
        for words in ("step 1", None, f"step {last + 1}"):
            if words is None:
                for at in range(SWATCHES):
                    painter.fillRect(QRect(round(x), base - 9, 10, 10), self._colour(at / (SWATCHES - 1)))
                    x += 12
                x += 4
            else:
                painter.drawText(QPointF(x, base), words)
                x += width(words, TYPE) + 6

    def _colour(self, share: float) -> QColor:
        """Of a step, by how late it is: from the accent to the ground."""
        ground, accent = self.palette().color(ROLE.Button), self.palette().color(ROLE.Highlight)
        much = 1 - (1 - LATE) * share
        parts = zip(ground.getRgb()[:3], accent.getRgb()[:3], strict=True)
        return QColor(*(round(a + (b - a) * much) for a, b in parts))

    def _box(self, cell: int) -> QRect:
        wide, high, many = self.width() + GAP, max(1, self.height() - HEAD - FOOT), max(1, len(self._order))
        side = max(4, min(LARGEST, int(sqrt(wide * high / many))))
        while side > 4 and ceil(many / (wide // side)) * side > high:
            side -= 1
        columns = max(1, wide // side)
        return QRect(cell % columns * side, HEAD + cell // columns * side, side - GAP, side - GAP)

    def mouseMoveEvent(self, event) -> None:
        hit = self.at(event.position().toPoint()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event) -> None:
        if (cell := self.at(event.position().toPoint())) is not None:
            self.chosen.emit(cell)

"""Settling: a canvas as a small board, coloured by when each cell took the token that it has. Knows no frame.

A text that is denoised is not written from left to right: this is where that is seen at a glance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil, sqrt

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy

from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.pace import Unhurried
from widgets.theme import blend, font, width

TYPE, HEAD, FOOT = 12, 26, 22  # pixels of the type, of the line above the board, and of the one below
GAP, LARGEST = 2, 22  # pixels between cells, and of a cell at most
LEAST = 90  # pixels: a place lower than this has nothing in it
SWATCHES = 8
LATE = 0.25  # share of the accent in the colour of the last step
OPEN = -1  # a cell that holds no token yet
TITLE = "When each word settled"
HELP = (
    "Every square is a cell of the canvas, in reading order. The earlier it took the token that it has, the more "
    "colour it has; one without is still open. Click a square to look at its cell."
)

Order = Sequence[int]  # of cells: the step since which each is as it is, or OPEN


@lru_cache(64)
def shades(ground: str, accent: str, last: int) -> np.ndarray:
    """uint32 [last + 2]: the ground, then from the accent towards it, a colour a step."""
    much = [0.0, *(1 - (1 - LATE) * step / last for step in range(last + 1))]
    return np.array([QColor(blend(accent, ground, share)).rgba() for share in much], np.uint32)


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
        self._paint_board(painter, last)
        self._paint_legend(painter, last)

    def _paint_board(self, painter: QPainter, last: int) -> None:
        """One picture of a pixel a cell, with the gaps drawn over it: at every step, boxes would take too long."""
        columns, side = self._columns_and_side()
        rows, many = ceil(len(self._order) / columns), len(self._order)
        pixels = np.zeros(rows * columns, np.uint32)
        pixels[:many] = self._shades(last)[np.asarray(self._order) - OPEN]
        image = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
        painter.drawImage(QRect(0, HEAD, columns * side, rows * side), image)
        ground = self.palette().color(ROLE.Base)
        for column in range(columns):
            painter.fillRect((column + 1) * side - GAP, HEAD, GAP, rows * side, ground)
        for row in range(rows):
            painter.fillRect(0, HEAD + (row + 1) * side - GAP, columns * side, GAP, ground)

    def _paint_legend(self, painter: QPainter, last: int) -> None:
        """The colours from the first step to the last, below the board."""
        board = self._box(len(self._order) - 1)
        x, base = 0.0, board.bottom() + FOOT
        painter.setPen(self.palette().color(ROLE.PlaceholderText))
        for words in ("step 1", None, f"step {last + 1}"):
            if words is None:
                for colour in self._shades(SWATCHES - 1)[1:]:
                    painter.fillRect(QRect(round(x), base - 9, 10, 10), QColor.fromRgba(int(colour)))
                    x += 12
                x += 4
            else:
                painter.drawText(QPointF(x, base), words)
                x += width(words, TYPE) + 6

    def _shades(self, last: int) -> np.ndarray:
        """ARGB numbers: of an open cell, and of the steps up to `last`."""
        colours = self.palette()
        return shades(colours.color(ROLE.Button).name(), colours.color(ROLE.Highlight).name(), last)

    def _box(self, cell: int) -> QRect:
        columns, side = self._columns_and_side()
        return QRect(cell % columns * side, HEAD + cell // columns * side, side - GAP, side - GAP)

    def _columns_and_side(self) -> tuple[int, int]:
        """How many cells are in a row, and the pixels from one to the next."""
        wide, high, many = self.width() + GAP, max(1, self.height() - HEAD - FOOT), max(1, len(self._order))
        side = max(4, min(LARGEST, int(sqrt(wide * high / many))))
        while side > 4 and ceil(many / (wide // side)) * side > high:
            side -= 1
        return max(1, wide // side), side

    def mouseMoveEvent(self, event) -> None:
        hit = self.at(event.position().toPoint()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event) -> None:
        if (cell := self.at(event.position().toPoint())) is not None:
            self.chosen.emit(cell)

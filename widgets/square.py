"""Square: how a cell of a sweep looks: its canvas in small, what was measured of it, a mark if it is compared.

Paints what it is given, with what a Mosaic asks for. Knows no run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QWidget

from engine.values.frame import Frame, Lexicon
from widgets.brush import painted
from widgets.mini import mini
from widgets.paint import Inks, contrast, mix
from widgets.theme import DARK, Theme, font

SQUARE = Qt.ItemDataRole.UserRole
GAP, PAD, CORNER = 3, 5, 7  # pixels
LINE, BOLD = 16, 19  # pixels: the height of a line, and of one that is large
SMALL = QSize(64, 34)  # pixels: a square smaller than this has no words
TALL = 84  # pixels: a square lower than this has one line
KEPT = 192  # pictures that are at hand
HEAT = 0.05, 0.9  # share of the accent in the least and the largest value
ENOUGH = "enough"
WAITS, RUNS, DONE, STOPPED = "waits", "runs", "done", "stopped"


class Square(NamedTuple):
    """What is shown of a cell."""

    state: str = WAITS  # or one of the others
    frame: Frame | None = None
    previous: Frame | None = None
    words: Sequence[str] = ()  # the same in less and less room
    value: str = ""  # what it is coloured by, in words
    share: float = float("nan")  # and where that is, from the least (0) to the largest (1)
    told: str = ""  # all that is known, for a screen reader and a tooltip
    ready: bool = False  # it can be opened and compared
    enough: bool = False  # from here on more steps are no better
    mark: str = ""  # of those that are compared


def heat(inks: Inks, share: float) -> QColor:
    """The colour of a value, from the least (0) to the largest (1): one hue, so that it reads in grey, too."""
    return mix(inks.panel, inks.accent, HEAT[0] + (HEAT[1] - HEAT[0]) * share)


def ink(inks: Inks, paper: QColor) -> QColor:
    """What can be read on a colour."""
    return max(inks.text, inks.panel, key=lambda colour: contrast(colour, paper))


class Painter(QStyledItemDelegate):
    """Paints squares. Pictures of canvases are made one by one, between other work, and few are kept."""

    made = Signal(QModelIndex)  # a picture that was missing is there

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lexicon: Lexicon | None = None
        self._view = "auto"
        self._images: OrderedDict[tuple, tuple[tuple, QImage]] = OrderedDict()
        self._wanted: dict[tuple, tuple[QModelIndex, QSize, float]] = {}
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._make)
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        self._inks = Inks.of(theme)
        self._images.clear()

    def set_view(self, view: str) -> None:
        self._view = view
        self._images.clear()

    @painted
    def paint(self, painter: QPainter, option, index) -> None:
        square: Square = index.data(SQUARE)
        if option.rect.height() < SMALL.height() or option.rect.width() < SMALL.width():
            return self._paint_speck(painter, option, square)
        box = option.rect.adjusted(0, 0, -GAP, -GAP)
        paper = self._paper(square, bool(option.state & QStyle.StateFlag.State_MouseOver))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        edge = (
            self._inks.text
            if focus or square.mark
            else self._inks.accent
            if square.state == RUNS
            else self._inks.line
        )
        wide = 2.0 if focus or square.mark else 1.0
        painter.setPen(QPen(edge, wide))
        painter.setBrush(paper)
        painter.drawRoundedRect(QRectF(box).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2), CORNER, CORNER)
        lines = self._lines(square, box, paper)
        board = box.adjusted(PAD, PAD, -PAD, -PAD - sum(high for *_, high in lines))
        self._draw_board(painter, square, board, index)
        self._write(painter, lines, QRect(box.left() + PAD + 1, board.bottom() + 1, board.width() - 2, 0))
        if square.enough:
            self._draw_enough(painter, box)
        if square.mark:
            self._draw_mark(painter, square.mark, box)
        painter.restore()
        return None

    def _paint_speck(self, painter: QPainter, option, square: Square) -> None:
        """One without room for words: its colour, and an edge where there is something to see of it."""
        under = bool(option.state & QStyle.StateFlag.State_MouseOver)
        box = option.rect.adjusted(0, 0, -1, -1)
        painter.fillRect(box, self._paper(square, under))
        focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if focus or square.mark or under or square.enough or square.state == RUNS:
            strong = focus or square.mark or under
            painter.setPen(QPen(self._inks.text if strong else self._inks.accent, 2 if strong else 1))
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def _paper(self, square: Square, under: bool) -> QColor:
        if not isnan(square.share):
            return heat(self._inks, square.share)
        if square.state == WAITS:
            return self._inks.window
        return mix(self._inks.panel, self._inks.line, 0.45) if under else self._inks.panel

    def _lines(self, square: Square, box: QRect, paper: QColor) -> list[tuple[str, QFont, QColor, int]]:
        """What is written below the canvas: text, font, colour and height."""
        room, small, large = (
            box.width() - 2 * PAD - 2,
            font(pixels=11),
            font(pixels=13, weight=QFont.Weight.DemiBold),
        )
        own = ink(self._inks, paper)
        dim = mix(own, paper, 0.2) if square.value else self._inks.muted
        words = [(_longest(square.words, small, room), small, dim, LINE)] if square.words else []
        if not square.value:
            return words
        value = (square.value, large, own, BOLD)
        return [value, *words] if box.height() >= TALL else [value]

    def _write(self, painter: QPainter, lines: list[tuple[str, QFont, QColor, int]], room: QRect) -> None:
        for text, face, colour, high in lines:
            room.setHeight(high)
            painter.setFont(face)
            painter.setPen(colour)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
            room.translate(0, high)

    def _draw_board(self, painter: QPainter, square: Square, board: QRect, index: QModelIndex) -> None:
        if square.frame is None or self.lexicon is None or board.height() < 8:
            painter.setPen(self._inks.muted)
            painter.setFont(font(pixels=11))
            painter.drawText(board, Qt.AlignmentFlag.AlignCenter, "" if square.state == DONE else square.state)
            return
        if not isnan(square.share):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._inks.panel)
            painter.drawRoundedRect(QRectF(board), 4, 4)
        image = self._image(square, board.size(), painter.device().devicePixelRatioF(), index)
        if image is not None:
            painter.drawImage(board, image)

    def _draw_mark(self, painter: QPainter, mark: str, box: QRect) -> None:
        sign = QRectF(box.left() + 6, box.top() + 6, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._inks.text)
        painter.drawEllipse(sign)
        painter.setPen(self._inks.panel)
        painter.setFont(font(pixels=12, weight=QFont.Weight.Bold))
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, mark)

    def _draw_enough(self, painter: QPainter, box: QRect) -> None:
        """A flag in the corner."""
        face = font(pixels=11, weight=QFont.Weight.DemiBold)
        wide = QFontMetrics(face).horizontalAdvance(ENOUGH) + 12
        sign = QRectF(box.right() - wide - 4, box.top() + 6, wide, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._inks.accent)
        painter.drawRoundedRect(sign, 9, 9)
        painter.setPen(QColor(self._inks.theme.on_accent))
        painter.setFont(face)
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, ENOUGH)

    # Pictures

    def _image(self, square: Square, size: QSize, ratio: float, index: QModelIndex) -> QImage | None:
        """The picture of a canvas; while it is being made, the one before, of whatever size."""
        place = index.row(), index.column()
        key = self._key(square.frame, size, ratio)
        known, image = self._images.get(place, ((), None))
        if known != key:
            self._wanted[place] = index, size, ratio
            self._timer.start()
        return image

    def _key(self, frame: Frame, size: QSize, ratio: float) -> tuple:
        """What makes a picture another one."""
        return (frame.canvas, frame.step, frame.seconds), (size.width(), size.height()), ratio

    def _make(self) -> None:
        """One that is wanted, then let others work."""
        place, (index, size, ratio) = self._wanted.popitem()
        square: Square | None = index.data(SQUARE)
        if square is not None and square.frame is not None and self.lexicon is not None:
            image = mini(self.lexicon, square.frame, square.previous, self._view, self._inks, size, ratio)
            self._images[place] = self._key(square.frame, size, ratio), image
            self._images.move_to_end(place)
            while len(self._images) > KEPT:
                self._images.popitem(last=False)
            self.made.emit(index)
        if self._wanted:
            self._timer.start()


def _longest(words: Sequence[str], face: QFont, room: int) -> str:
    """The first that fits, or the last with an end cut off."""
    metrics = QFontMetrics(face)
    fits = (text for text in words if metrics.horizontalAdvance(text) <= room)
    return next(fits, "") or metrics.elidedText(words[-1], Qt.TextElideMode.ElideRight, room)

"""Gaps: what may fill each gap of a text, on cards: words, how likely each was in every step, and over draws.

Knows no recording: it is told of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.odds import known, percentage, visible
from widgets.theme import font

ROW, HEAD, MOST = 20, 26, 8  # pixels of a row and of the line above them, and rows of a card, at most
NAME, SHARE, LEAST = 74, 92, 236  # pixels of the word, of the numbers, and of a card


class Row(NamedTuple):
    """One word that may fill a gap. `trail` is its probability in each step so far, `share` the newest or the mean.

    `spread` is the standard deviation over the draws, None while there is one only.
    """

    text: str
    share: float
    trail: Sequence[float] = ()
    spread: float | None = None


class Card(QWidget):
    """One gap."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._rows, self._steps = "", [], 1
        self.setMinimumWidth(LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def show_rows(self, name: str, rows: Sequence[Row], steps: int) -> None:
        """`steps` is how many there may be: how wide a trail can become."""
        self._name, self._rows, self._steps = name, list(rows)[:MOST], max(1, steps)
        told = ", ".join(f"{row.text} {percentage(row.share)}" for row in self._rows)
        describe(self, name, f"{name}: {told or 'not yet known'}")
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.color(ROLE.Mid))
        painter.setBrush(colours.color(ROLE.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setFont(font(pixels=11, weight=QFont.Weight.DemiBold))
        painter.setPen(colours.color(ROLE.PlaceholderText))
        painter.drawText(QRectF(10, 3, self.width() - 20, HEAD - 3), Qt.AlignmentFlag.AlignVCenter, self._name)
        for at, row in enumerate(self._rows[: max(1, int((self.height() - HEAD) // ROW))]):
            self._paint_row(painter, row, QRectF(10, HEAD + at * ROW, self.width() - 20, ROW))

    def _paint_row(self, painter: QPainter, row: Row, box: QRectF) -> None:
        colours = self.palette()
        track = QRectF(box.left() + NAME + 6, box.top() + 3, box.width() - NAME - SHARE - 12, ROW - 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(ROLE.Button))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(colours.color(ROLE.Highlight))
        if row.trail:  # a bar a step, so that it is seen to form
            wide = track.width() / self._steps
            for step, share in enumerate(row.trail[: self._steps]):
                high = track.height() * known(share)
                left, gap = track.left() + step * wide, 0.8 if wide > 3 else 0
                painter.drawRect(QRectF(left, track.bottom() - high, wide - gap, high))
        else:
            painter.drawRoundedRect(track.adjusted(0, 0, -track.width() * (1 - known(row.share)), 0), 3, 3)
        self._paint_words(painter, row, box)

    def _paint_words(self, painter: QPainter, row: Row, box: QRectF) -> None:
        colours = self.palette()
        painter.setPen(colours.color(ROLE.WindowText))
        painter.setFont(font(pixels=12, weight=QFont.Weight.Medium))
        word = painter.fontMetrics().elidedText(visible(row.text), Qt.TextElideMode.ElideRight, NAME)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, word)
        painter.setFont(font(pixels=12))
        painter.setPen(colours.color(ROLE.PlaceholderText))
        spread = "" if row.spread is None else f" ± {100 * row.spread:.0f} %"
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box, right, percentage(row.share) + spread)


class Gaps(QScrollArea):
    """The cards of all gaps, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._inside, self._cards = QWidget(), []
        self._line = QHBoxLayout(self._inside)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(8)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def show_gaps(self, gaps: Sequence[tuple[str, Sequence[Row]]], steps: int) -> None:
        """Name and rows of every gap."""
        while len(self._cards) < len(gaps):
            self._cards.append(Card())
            self._line.addWidget(self._cards[-1])
        for at, card in enumerate(self._cards):
            card.setVisible(at < len(gaps))
            if at < len(gaps):
                card.show_rows(*gaps[at], steps)

"""Microscope: the life of one cell over all steps of its canvas, a lane for what it did and one for each candidate.

Knows no recording: it is told of a Life. A click on a lane goes to that step, a click on a word keeps that word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.values.frame import ACCEPTED, CHANGED, PINNED, WITHDRAWN
from engine.values.settings import default
from widgets.brush import painted
from widgets.controls import describe
from widgets.odds import known, nats, percentage, visible
from widgets.theme import DARK, Theme, font, tip

ROW, NAME, SHARE = 18, 78, 54  # pixels of a lane, of the word before it and the number behind it
UNSURE = 5.0  # nats of a bar of full height
INKS = {ACCEPTED: "accepted", CHANGED: "changed", WITHDRAWN: "withdrawn", PINNED: "accent"}
HELP = "Click a bar to go to that step, a word to keep it here. Arrows choose, Enter keeps."


class Candidate(NamedTuple):
    """A token that was considered for a cell, and its probability a step; 0 where it was not among the best."""

    id: int
    text: str
    trail: Sequence[float]


class Life(NamedTuple):
    """A cell over the steps of its canvas: marks and entropies (nats) a step, candidates with the best first.

    `first` is the index of the canvas' first frame in its recording, `now` the step on screen.
    """

    cell: int
    first: int
    now: int
    marks: Sequence[int]
    entropy: Sequence[float]
    candidates: Sequence[Candidate]


class Microscope(QWidget):
    """Lanes, one below the other, with the step on screen as a line through all of them."""

    sought = Signal(int)  # the index of a frame
    kept = Signal(int, int)  # a cell, and the id that it is to keep

    def __init__(self) -> None:
        super().__init__()
        self._life: Life | None = None
        self._theme, self._row, self._most = DARK, -1, default("top_k")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        describe(self, "Life of a cell", HELP)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_candidates(self, count: int) -> None:
        """How many candidates have a lane, at most."""
        self._most = count
        self.update()

    def show_life(self, life: Life | None) -> None:
        if life is None or self._life is None or life.cell != self._life.cell:
            self._row = -1
        self._life = life
        if life is not None:
            told = (f"{one.text} {percentage(one.trail[life.now])}" for one in life.candidates)
            self.setAccessibleDescription(f"Cell {life.cell}: {', '.join(told)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 6 * ROW)

    def _rows(self) -> int:
        """Candidates that there is room for, below the lane of what the cell did."""
        most = min(self._most, max(1, self.height() // ROW - 1))
        return min(len(self._life.candidates), most) if self._life else 0

    def _track(self) -> QRectF:
        """Where the bars are, of all lanes."""
        return QRectF(NAME + 6, 0, max(20, self.width() - NAME - SHARE - 12), (self._rows() + 1) * ROW)

    @painted
    def paintEvent(self, event) -> None:
        painter, life = QPainter(self), self._life
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        if life is None or not life.marks:
            return
        did = [QColor(getattr(self._theme, INKS.get(mark, "faint"))) for mark in life.marks]
        heights = [known(entropy / UNSURE) for entropy in life.entropy]
        self._paint_lane(painter, 0, "entropy", heights, did, nats(life.entropy[life.now]).replace(" nats", ""))
        ink = [QColor(self._theme.accent)] * len(life.marks)
        for row, one in enumerate(life.candidates[: self._rows()]):
            share = percentage(one.trail[life.now]) if one.trail[life.now] else "–"  # not among the best
            self._paint_lane(painter, row + 1, visible(one.text), [known(p) for p in one.trail], ink, share)
        track = self._track()
        x = track.left() + (life.now + 0.5) * track.width() / len(life.marks)
        painter.setPen(QPen(QColor(self._theme.text), 1.0))
        painter.drawLine(QPointF(x, track.top()), QPointF(x, track.bottom()))

    def _paint_lane(
        self, painter: QPainter, row: int, name: str, heights: Sequence[float], inks: Sequence[QColor], number: str
    ) -> None:
        box, track = QRectF(4, row * ROW, self.width() - 8, ROW), self._track()
        ground = QRectF(track.left(), box.top() + 2, track.width(), ROW - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        if row and row - 1 == self._row:
            painter.setBrush(QColor(self._theme.raised))
            painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(ground, 2, 2)
        wide = ground.width() / len(heights)
        for step, (high, ink) in enumerate(zip(heights, inks, strict=True)):
            if high > 0:
                tall = max(1.0, high * ground.height())
                painter.setBrush(ink)
                left, gap = ground.left() + step * wide, 0.8 if wide > 3 else 0
                painter.drawRect(QRectF(left, ground.bottom() - tall, wide - gap, tall))
        self._paint_words(painter, box, name, number, row > 0)

    def _paint_words(self, painter: QPainter, box: QRectF, name: str, number: str, word: bool) -> None:
        painter.setPen(QColor(self._theme.text if word else self._theme.muted))
        painter.setFont(font(pixels=12, weight=QFont.Weight.Medium if word else QFont.Weight.Normal))
        name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAME - 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font(pixels=12))
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)

    def _step_at(self, x: float) -> int | None:
        """The step whose bars are at a place; None beside them."""
        track, life = self._track(), self._life
        if life is None or not track.left() <= x < track.right():
            return None
        return int((x - track.left()) / track.width() * len(life.marks))

    def mouseMoveEvent(self, event) -> None:
        row, step = int(event.position().y() // ROW) - 1, self._step_at(event.position().x())
        row = row if 0 <= row < self._rows() else -1
        over = row >= 0 and step is None
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if over or step is not None else Qt.CursorShape.ArrowCursor
        )
        if over:
            self.setToolTip(tip(f"Keep “{visible(self._life.candidates[row].text)}” here."))
        else:
            self.setToolTip(tip(HELP if step is None else f"Step {step + 1}: go there."))
        self._choose(row if over else -1)

    def leaveEvent(self, event) -> None:
        self._choose(-1)

    def mousePressEvent(self, event) -> None:
        step = self._step_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and self._life is not None:
            if step is not None:
                self.sought.emit(self._life.first + step)
            else:
                self._keep()

    def keyPressEvent(self, event) -> None:
        way = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(event.key())
        if way is not None and self._rows():
            self._choose(min(max(0, self._row + way), self._rows() - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._keep()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._life is not None:
            step = self._life.now + (1 if event.key() == Qt.Key.Key_Right else -1)
            if 0 <= step < len(self._life.marks):
                self.sought.emit(self._life.first + step)
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        if row != self._row:
            self._row = row
            self.update()

    def _keep(self) -> None:
        if self._life is not None and 0 <= self._row < self._rows():
            self.kept.emit(self._life.cell, self._life.candidates[self._row].id)

"""Lineage: branches of a run as a small tree, a row each: where it left its parent, how far it went, what was done.

Knows no recording: it is told of twigs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.theme import font, tip

ROW, MOST = 20, 5  # pixels of a row, and rows that are seen at once
GRAPH = 0.5  # of the width, at most, for the lines; the rest is for words
EDGE = 10.0  # pixels
HELP = (
    "Branches of this run. Click one to show it; Up and Down go from one to the next. Ctrl+click one to compare it "
    "with the one that is shown; Shift with Up or Down marks one, Enter compares."
)


class Twig(NamedTuple):
    """One run of a family. `parent` is a row; `common` steps are its own. 0: it went on where that ended."""

    parent: int | None
    common: int
    steps: int
    words: str


class Lineage(QWidget):
    """A row for every twig, the eldest first; the newest are in sight."""

    chosen = Signal(int)
    compared = Signal(int)  # a row, with the one that is shown

    def __init__(self) -> None:
        super().__init__()
        self._twigs: Sequence[Twig] = ()
        self._shown, self._step, self._hover, self._top = -1, 0, -1, 0
        self._marked = -1  # to be compared, by the keys
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        describe(self, "Branches", HELP)

    def show_twigs(self, twigs: Sequence[Twig], shown: int, step: int) -> None:
        """Shows a family; `shown` is the row on screen, at `step`."""
        rows = len(twigs) != len(self._twigs)
        if shown != self._shown or rows:
            self._twigs, self._marked = twigs, -1
            self._see(shown)
        self._twigs, self._shown, self._step = twigs, shown, step
        words = f"{shown + 1} of {len(twigs)}: {twigs[shown].words}" if 0 <= shown < len(twigs) else ""
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
        if rows:
            self.setFixedHeight(self.sizeHint().height())
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, ROW * max(1, min(MOST, len(self._twigs))) + 4)

    def starts(self) -> list[int]:
        """Where each row begins, in steps from the root's first: a text that was gone on with begins at its end."""
        starts: list[int] = []
        for twig in self._twigs:
            if twig.parent is None:
                starts.append(0)
            else:
                starts.append(starts[twig.parent] + (0 if twig.common else self._twigs[twig.parent].steps))
        return starts

    def row_at(self, y: float) -> int:
        """The row at a height, -1 where there is none."""
        row = int((y - 2) // ROW) + self._top
        return row if 0 <= row < len(self._twigs) and y >= 2 else -1

    def _see(self, row: int) -> None:
        most = max(0, len(self._twigs) - MOST)
        self._top = min(max(self._top, row - MOST + 1, 0), max(0, row), most) if row >= 0 else most

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, starts = self.palette(), self.starts()
        longest = max((start + twig.steps for start, twig in zip(starts, self._twigs, strict=True)), default=0)
        scale = (GRAPH * self.width() - 2 * EDGE) / max(1, longest)
        if self.hasFocus():
            painter.setPen(QPen(colours.color(ROLE.Highlight), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        for row, (twig, start) in enumerate(zip(self._twigs, starts, strict=True)):
            self._paint_row(painter, row, twig, start, scale)

    def _paint_row(self, painter: QPainter, row: int, twig: Twig, start: int, scale: float) -> None:
        colours, shown, y = self.palette(), row == self._shown, self._middle(row)
        ink = colours.color(ROLE.Highlight if shown else ROLE.PlaceholderText)
        if row in (self._hover, self._marked):
            ground = QRectF(2, y - ROW / 2 + 1, self.width() - 4, ROW - 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(ROLE.Button))
            painter.drawRoundedRect(ground, 5, 5)
        left, right = EDGE + (start + twig.common) * scale, EDGE + (start + max(twig.steps, twig.common)) * scale
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 2.5 if shown else 1.5))
        path = QPainterPath(QPointF(left, y))
        if twig.parent is not None:
            above = self._middle(twig.parent)
            path = QPainterPath(QPointF(left, above))
            path.lineTo(left, y - 5)
            path.quadTo(left, y, left + 5, y)
        path.lineTo(max(right, left + 5), y)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(max(right, left + 5), y), 4 if shown else 3, 4 if shown else 3)
        if shown:
            painter.setBrush(colours.color(ROLE.WindowText))
            painter.drawEllipse(QPointF(EDGE + (start + self._step) * scale, y), 3, 3)
        self._paint_words(painter, twig, shown, max(right, left + 5) + 12, y)

    def _paint_words(self, painter: QPainter, twig: Twig, shown: bool, x: float, y: float) -> None:
        painter.setPen(self.palette().color(ROLE.WindowText if shown else ROLE.PlaceholderText))
        painter.setFont(font(pixels=12, weight=QFont.Weight.DemiBold if shown else QFont.Weight.Normal))
        room = QRectF(x, y - ROW / 2, self.width() - x - EDGE, ROW)
        words = painter.fontMetrics().elidedText(twig.words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    def _middle(self, row: int) -> float:
        return 2 + (row - self._top + 0.5) * ROW

    def mouseMoveEvent(self, event) -> None:
        row = self.row_at(event.position().y())
        if row != self._hover:
            self._hover = row
            self.setToolTip(tip(self._twigs[row].words if row >= 0 else HELP))
            self.update()

    def leaveEvent(self, event) -> None:
        self._hover = -1
        self.update()

    def mousePressEvent(self, event) -> None:
        row = self.row_at(event.position().y())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            compares = event.modifiers() & Qt.KeyboardModifier.ControlModifier and row != self._shown
            (self.compared if compares else self.chosen).emit(row)

    def wheelEvent(self, event) -> None:
        self._top = min(
            max(0, self._top - (1 if event.angleDelta().y() > 0 else -1)), max(0, len(self._twigs) - MOST)
        )
        self.update()

    def keyPressEvent(self, event) -> None:
        way = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(event.key())
        if way and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._mark(way)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._marked not in (-1, self._shown):
            self.compared.emit(self._marked)
        elif way is None or event.modifiers():
            super().keyPressEvent(event)
        elif 0 <= self._shown + way < len(self._twigs):
            self.chosen.emit(self._shown + way)

    def _mark(self, way: int) -> None:
        """One row further is marked, from the one that is shown on."""
        start = self._shown if self._marked < 0 else self._marked
        self._marked = min(max(0, start + way), len(self._twigs) - 1)
        self._see(self._marked)
        self.setAccessibleDescription(f"Compare with {self._marked + 1}: {self._twigs[self._marked].words}")
        self.update()

    def focusInEvent(self, event) -> None:
        self.update()

    def focusOutEvent(self, event) -> None:
        self.update()

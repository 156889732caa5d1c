"""Rule: what decides how many cells a step accepts, drawn, with its limit as a line that can be dragged.

Knows no sampler and no frame: it is told of a Sight. All that is drawn of it lies on one axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.brush import painted
from widgets.controls import describe
from widgets.theme import DARK, Theme, blend, font

LOW, HIGH = 1e-3, 1e3  # nats at the floor and at the top of a logarithmic axis
LEFT, TOP, FOOT, SIDE = 44, 34, 22, 250  # pixels around the plot; at its right stand the reasons
HINT = "A step shows here what decided it."
GRIP = 7  # pixels around the line in which it can be taken
STEP = 1.15  # a key moves a limit by this factor, or by
SHARE = 0.01  # that much


class Reason(NamedTuple):
    """Something that decides whether the canvas ends here, and whether it is fulfilled; None: it is only told."""

    words: str
    fulfilled: bool | None = None


class Sight(NamedTuple):
    """A step as its rule sees it: the cells in the order in which they would be accepted.

    `values` are drawn as bars, `budget` as a curve, if there is one. `limit` is where the line is, None where none
    can be dragged. The first `would` cells would be accepted now, `did` were. `log`: in nats, else shares.
    """

    name: str
    values: Sequence[float]
    budget: Sequence[float]
    limit: float | None
    would: int
    did: int
    log: bool
    reasons: Sequence[Reason]


class Rule(QWidget):
    """The rule of one step."""

    moved = Signal(float)  # the limit, while it is dragged

    def __init__(self) -> None:
        super().__init__()
        self._theme, self._sight = DARK, None
        self._dragged = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        describe(self, "Rule", "What decides how many cells are accepted. Drag the line, or use Up and Down.")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_sight(self, sight: Sight | None) -> None:
        self._sight = sight
        told = "" if sight is None else " ".join([_counts(sight), *(reason.words for reason in sight.reasons)])
        self.setAccessibleDescription(told)
        self.update()

    # Where things are

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TOP, -SIDE - 16, -FOOT)

    def _y(self, value: float) -> float:
        plot, share = self._plot(), value
        if self._sight.log:
            span = math.log10(HIGH / LOW)
            share = math.log10(min(max(value, LOW), HIGH) / LOW) / span
        return plot.bottom() - plot.height() * min(max(share, 0.0), 1.0)

    def _value(self, y: float) -> float:
        plot = self._plot()
        share = min(max((plot.bottom() - y) / max(1.0, plot.height()), 0.0), 1.0)
        return LOW * (HIGH / LOW) ** share if self._sight.log else share

    def _near(self, y: float) -> bool:
        sight = self._sight
        return sight is not None and sight.limit is not None and abs(y - self._y(sight.limit)) < GRIP

    # Painting

    @painted
    def paintEvent(self, event) -> None:
        painter, theme, sight = QPainter(self), self._theme, self._sight
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self.hasFocus()
        painter.setPen(QPen(QColor(theme.accent if ring else theme.line), 1.5 if ring else 1.0))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75), 8, 8)
        if sight is None:
            return self._say(painter, QRectF(self.rect()).adjusted(16, 12, 0, 0), HINT, theme.muted)
        self._paint_head(painter, sight)
        self._paint_axis(painter, sight)
        self._paint_cells(painter, sight)
        self._paint_limit(painter, sight)
        return self._paint_reasons(painter, sight)

    def _paint_head(self, painter: QPainter, sight: Sight) -> None:
        painter.setFont(font(pixels=12, weight=QFont.Weight.DemiBold))
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QRectF(13, 8, 400, 20), Qt.AlignmentFlag.AlignVCenter, sight.name)
        left = 13 + painter.fontMetrics().horizontalAdvance(sight.name) + 14
        painter.setFont(font(pixels=12))
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QRectF(left, 8, self.width(), 20), Qt.AlignmentFlag.AlignVCenter, _counts(sight))

    def _paint_axis(self, painter: QPainter, sight: Sight) -> None:
        plot, theme = self._plot(), self._theme
        marks = (0.001, 0.1, 10, 1000) if sight.log else (0, 0.5, 1)
        painter.setFont(font(pixels=11))
        for mark in marks:
            y = self._y(mark)
            painter.setPen(QColor(blend(theme.line, theme.panel, 0.6)))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.muted))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(0, y - 8, LEFT - 6, 16), right, f"{mark:g}" if sight.log else f"{mark:.0%}")
        foot = QRectF(plot.left(), plot.bottom() + 2, plot.width(), FOOT - 4)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "surest cell")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, "least sure")

    def _paint_cells(self, painter: QPainter, sight: Sight) -> None:
        plot, theme, count = self._plot(), self._theme, max(1, len(sight.values))
        wide = plot.width() / count
        painter.setPen(Qt.PenStyle.NoPen)
        taken, left_out = QColor(theme.accepted), QColor(blend(theme.faint, theme.panel, 0.55))
        for at, value in enumerate(sight.values):
            y = min(self._y(value), plot.bottom() - 1.5)
            painter.setBrush(taken if at < sight.would else left_out)
            bar = max(0.7, wide - (0.6 if wide > 2 else 0))
            painter.drawRect(QRectF(plot.left() + at * wide, y, bar, plot.bottom() - y))
        edge = plot.left() + sight.would * wide
        painter.setPen(QPen(QColor(theme.text), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(edge, plot.top()), QPointF(edge, plot.bottom()))
        if len(sight.budget) > 1:
            path = QPainterPath(QPointF(plot.left() + wide / 2, self._y(sight.budget[0])))
            for at, value in enumerate(sight.budget[1:], 1):
                path.lineTo(plot.left() + (at + 0.5) * wide, self._y(value))
            painter.setPen(QPen(QColor(theme.changed), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)

    def _paint_limit(self, painter: QPainter, sight: Sight) -> None:
        if sight.limit is None:
            return
        plot, y, accent = self._plot(), self._y(sight.limit), QColor(self._theme.accent)
        painter.setPen(QPen(accent, 3.0 if self._dragged else 2.0))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        label = f"{sight.limit:.3g} nats" if sight.log else f"{sight.limit:.0%}"
        painter.setFont(font(pixels=11, weight=QFont.Weight.DemiBold))
        wide = painter.fontMetrics().horizontalAdvance(label) + 14
        box = QRectF(plot.right() - wide, y - 9, wide, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(box, 9, 9)
        painter.setPen(QColor(self._theme.on_accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)

    def _paint_reasons(self, painter: QPainter, sight: Sight) -> None:
        inks = {True: self._theme.accepted, False: self._theme.withdrawn, None: self._theme.muted}
        x, y = self.width() - SIDE, 10.0
        for reason in sight.reasons:
            dot = QRectF(x, y + 5, 8, 8)
            painter.setPen(QPen(QColor(inks[reason.fulfilled]), 1.6))
            painter.setBrush(QColor(inks[reason.fulfilled]) if reason.fulfilled else Qt.BrushStyle.NoBrush)
            if reason.fulfilled is not None:
                painter.drawEllipse(dot)
            box = QRectF(x + 16, y, SIDE - 28, self.height() - y - 6)
            ink = self._theme.muted if reason.fulfilled is None else self._theme.text
            y += self._say(painter, box, reason.words, ink)

    def _say(self, painter: QPainter, box: QRectF, words: str, ink: str) -> float:
        """Writes words into a box: how high they are, with some air."""
        painter.setFont(font(pixels=12))
        painter.setPen(QColor(ink))
        return painter.drawText(box, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, words).height() + 5

    # Pointer and keys

    def mouseMoveEvent(self, event) -> None:
        if self._dragged:
            self.moved.emit(self._value(event.position().y()))
        near = self._dragged or self._near(event.position().y())
        self.setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event) -> None:
        inside = self._sight is not None and self._sight.limit is not None
        if event.button() == Qt.MouseButton.LeftButton and inside and self._plot().contains(event.position()):
            self._dragged = True
            self.moved.emit(self._value(event.position().y()))

    def mouseReleaseEvent(self, event) -> None:
        self._dragged = False
        self.update()

    def keyPressEvent(self, event) -> None:
        way = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(event.key())
        if way is None or self._sight is None or self._sight.limit is None:
            super().keyPressEvent(event)
        elif self._sight.log:
            self.moved.emit(min(max(self._sight.limit * STEP**way, LOW), HIGH))
        else:
            self.moved.emit(min(max(self._sight.limit + way * SHARE, 0.0), 1.0))

    def focusInEvent(self, event) -> None:
        self.update()

    def focusOutEvent(self, event) -> None:
        self.update()


def _counts(sight: Sight) -> str:
    """How many cells are accepted, and would be."""
    count, said = len(sight.values), f"accepted {sight.did} of {len(sight.values)} cells"
    return said if sight.would == sight.did else f"{said}  ·  would accept {sight.would} of {count}"

"""Span: a slider with two handles, for a value that goes from one at the first step to another at the last.

The first one is full, the last one is a ring: they may stand in either order. Positions as Slider has them.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from widgets.brush import painted
from widgets.controls import ROLE

KNOB, BAR = 8.0, 4.0  # pixels: the radius of a handle, the height of the bar
EDGE = 8.0  # ... and from the edges to the ends of the bar, as of any slider
KEYS = {  # which handle a key moves, and where to
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Down: (1, -1),
    Qt.Key.Key_Up: (1, 1),
}


class Span(QWidget):
    """Left and right move the first value, down and up the last one."""

    moved = Signal(int, int)  # the handle, 0 or 1, and its new position

    def __init__(self, last: int) -> None:
        """Positions are 0 to `last`."""
        super().__init__()
        self._last, self._at, self._held = last, [0, 0], None
        self._marks: list[int] = []
        self.words: Callable[[int], str] = str
        self.setFixedHeight(26)
        self.setMinimumWidth(80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_positions(self, first: int, last: int) -> None:
        """No signal."""
        self._at = [first, last]
        self.update()

    def set_marks(self, positions: list[int]) -> None:
        """Small ticks, where the defaults are."""
        self._marks = positions
        self.update()

    def spoken(self) -> str:
        """The values as people read them."""
        return f"{self.words(self._at[0])} at the first step, {self.words(self._at[1])} at the last"

    def x(self, position: int) -> float:
        """Where a position lies, in pixels from the left."""
        return EDGE + (self.width() - 2 * EDGE) * position / self._last

    def position_at(self, x: float) -> int:
        """The position nearest to a pixel; the ends beyond them."""
        share = (x - EDGE) / max(1.0, self.width() - 2 * EDGE)
        return round(min(1.0, max(0.0, share)) * self._last)

    def mousePressEvent(self, event) -> None:
        """The nearer handle comes; of two in one place the last step's to the left, else the first step's."""
        if event.button() == Qt.MouseButton.LeftButton:
            x = event.position().x()
            apart = [abs(self.x(at) - x) for at in self._at]
            self._held = int(apart[1] < apart[0] or (apart[1] == apart[0] and x < self.x(self._at[0])))
            self._move(self._held, self.position_at(x))

    def mouseMoveEvent(self, event) -> None:
        if self._held is not None:
            self._move(self._held, self.position_at(event.position().x()))

    def mouseReleaseEvent(self, event) -> None:
        self._held = None

    def keyPressEvent(self, event) -> None:
        if event.key() in KEYS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            handle, by = KEYS[event.key()]
            self._move(handle, self._at[handle] + by)
        else:
            super().keyPressEvent(event)

    def _move(self, handle: int, position: int) -> None:
        position = min(self._last, max(0, position))
        if position != self._at[handle]:
            self._at[handle] = position
            self.update()
            self.moved.emit(handle, position)

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        first, last = (self.x(at) for at in self._at)
        middle = self.height() / 2
        whole = EDGE, self.width() - EDGE, ROLE.Mid
        for left, right, role in (whole, (*sorted((first, last)), ROLE.Highlight)):
            painter.setBrush(self.palette().color(role))
            painter.drawRoundedRect(QRectF(left, middle - BAR / 2, right - left, BAR), BAR / 2, BAR / 2)
        painter.setBrush(self.palette().color(ROLE.PlaceholderText))
        for mark in self._marks:
            painter.drawRect(QRectF(self.x(mark) - 0.5, middle + 9, 1, 4))
        self._handles(painter, QPointF(first, middle), QPointF(last, middle))

    def _handles(self, painter: QPainter, first: QPointF, last: QPointF) -> None:
        accent = self.palette().color(ROLE.Highlight)
        painter.setPen(QPen(accent, 2.5))
        painter.setBrush(self.palette().color(ROLE.Base))
        painter.drawEllipse(last, KNOB - 1.2, KNOB - 1.2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(first, KNOB - 1.5, KNOB - 1.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(accent, 1.5))
            for centre in (first, last):
                painter.drawEllipse(centre, KNOB + 1, KNOB + 1)

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()

"""The small controls that a style sheet cannot draw: icon button, slider, switch, combo box, number.

They paint with the palette, so they follow the theme. None reacts to the wheel before it has the focus:
a column that is scrolled must not change what it passes over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QLocale, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QListView,
    QSlider,
    QToolButton,
    QWidget,
)

from widgets import icons
from widgets.brush import painted
from widgets.theme import explain

ROLE = QPalette.ColorRole
SLACK = 16  # pixels: the padding of a choice, which Qt does not count in its width
KEYPAD = Qt.KeyboardModifier.KeypadModifier
STEPPING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


def describe(widget: QWidget, name: str, help: str = "") -> None:
    """What a screen reader calls the control and what its tooltip says. The name of a label is what it says."""
    if not isinstance(widget, QLabel):
        widget.setAccessibleName(name)
    explain(widget, help or name)


class _Calm:
    """Leaves the wheel to the scroll area until the control has the focus."""

    def wheelEvent(self, event) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Yielding:
    """Leaves Ctrl with an arrow, Home or End to the window, where they step through the run, wherever one types."""

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _steps(event):
            event.ignore()
            return True
        return super().event(event)


def _steps(event) -> bool:
    return event.key() in STEPPING and event.modifiers() & ~KEYPAD == Qt.KeyboardModifier.ControlModifier


class IconButton(QToolButton):
    """A square button with one drawn icon."""

    def __init__(self, name: str, help: str, side: int = 32, role: str = "quiet") -> None:
        super().__init__()
        self._name = name
        self.setFixedSize(side, side)
        self.setProperty("role", role)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        describe(self, help)

    def set_icon(self, name: str, help: str) -> None:
        """Another icon with another meaning, as play turns into pause."""
        self._name = name
        describe(self, help)
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        role = ROLE.HighlightedText if self.property("role") == "accent" else ROLE.ButtonText
        side = max(14.0, self.width() / 2)
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(self.rect()).center())
        icons.draw(QPainter(self), self._name, box, self.palette().color(role))


class Slider(_Calm, QSlider):
    """A horizontal slider that jumps to where it is pressed and can carry marks at some of its values.

    What lies beyond `reach` is there, but cannot be had yet: it is drawn hollow. `words` says a position as people
    read it: a screen reader tells that, and no positions.
    """

    KNOB = 6.0

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._marks: list[int] = []
        self._lined: Sequence[int] = ()
        self._reach: int | None = None
        self.words: Callable[[int], str] = str
        self.setFixedHeight(22)
        self.setMinimumWidth(40)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_marks(self, values: Iterable[int]) -> None:
        self._marks = list(values)
        self.update()

    def set_lined(self, values: Sequence[int]) -> None:
        """Values with a line below the bar."""
        self._lined = values
        self.update()

    def set_reach(self, value: int | None) -> None:
        """The last value that can be had; None: all of them."""
        self._reach = value
        self.update()

    def spoken(self) -> str:
        """The value as people read it."""
        return self.words(self.value())

    def x(self, value: int) -> float:
        """Where a value lies, in pixels from the left."""
        span = max(1, self.maximum() - self.minimum())
        room = self.width() - 2 * (self.KNOB + 2)
        return self.KNOB + 2 + room * (value - self.minimum()) / span

    def value_at(self, x: float) -> int:
        """The value nearest to a pixel; the ends beyond them."""
        room = max(1.0, self.width() - 2 * (self.KNOB + 2))
        share = min(1.0, max(0.0, (x - self.KNOB - 2) / room))
        value = self.minimum() + round(share * (self.maximum() - self.minimum()))
        return value if self._reach is None else min(value, self._reach)

    def sliderChange(self, change) -> None:
        if self._reach is not None and self.value() > self._reach:
            self.setValue(self._reach)  # by a key
        super().sliderChange(change)

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self.value_at(event.position().x()))

    def mouseMoveEvent(self, event) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self.value_at(event.position().x()))

    def mouseReleaseEvent(self, event) -> None:
        self.setSliderDown(False)
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, left, at = self.height() / 2, self.KNOB + 2, self.x(self.sliderPosition())
        full = self.width() - left if self._reach is None else self.x(self._reach)
        if full < self.width() - left:
            self._bar(painter, full, self.width() - left, ROLE.Mid, hollow=True)
        self._bar(painter, left, full, ROLE.Mid)
        self._bar(painter, left, at, ROLE.Highlight)
        painter.setBrush(self.palette().color(ROLE.PlaceholderText))
        for mark in self._marks:
            painter.drawRect(QRectF(self.x(mark) - 0.5, middle + 5, 1, 4))
        for value in self._lined:
            painter.drawRect(QRectF(self.x(value - 1), middle + 6, self.x(value) - self.x(value - 1), 2))
        self._knob(painter, QPointF(at, middle))

    def _bar(
        self, painter: QPainter, left: float, right: float, role: QPalette.ColorRole, hollow: bool = False
    ) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else self.palette().color(role))
        painter.setPen(QPen(self.palette().color(role), 1) if hollow else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(left, self.height() / 2 - 1.5, right - left, 3), 1.5, 1.5)
        painter.setPen(Qt.PenStyle.NoPen)

    def _knob(self, painter: QPainter, centre: QPointF) -> None:
        colours = self.palette()
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.color(ROLE.Highlight), 1.5))
            painter.drawEllipse(centre, self.KNOB + 1.2, self.KNOB + 1.2)
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(ROLE.Highlight))
        radius = self.KNOB - (1.6 if self.hasFocus() else 0.6)
        painter.drawEllipse(centre, radius, radius)


class Switch(QCheckBox):
    """A check box drawn as a switch, with its label to the right."""

    TRACK = QSize(30, 18)

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(self.TRACK.width() + 4 + (words + 8 if words else 0), 22)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, position) -> bool:
        return self.rect().contains(position)

    @painted
    def paintEvent(self, event) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2, (self.height() - self.TRACK.height()) / 2, self.TRACK.width(), self.TRACK.height())
        on = self.isChecked()
        if not self.isEnabled():
            return self._paint_off(painter, track, on)
        if self.hasFocus():
            painter.setPen(QPen(colours.color(ROLE.Highlight), 1.5))
            painter.drawRoundedRect(track.adjusted(-1.2, -1.2, 1.2, 1.2), 10, 10)
        ground = colours.color(ROLE.Highlight if on else ROLE.Mid)
        painter.setPen(QPen(ground if on else colours.color(ROLE.PlaceholderText), 1))
        painter.setBrush(ground)
        inner = track.adjusted(1.5, 1.5, -1.5, -1.5)
        painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(ROLE.HighlightedText if on else ROLE.PlaceholderText))
        x = inner.right() - inner.height() / 2 if on else inner.left() + inner.height() / 2
        painter.drawEllipse(QPointF(x, inner.center().y()), 4.5, 4.5)
        painter.setPen(colours.color(ROLE.WindowText))
        room = QRectF(track.right() + 8, 0, self.width() - track.right() - 8, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
        return None

    def _paint_off(self, painter: QPainter, track: QRectF, on: bool) -> None:
        """What cannot be switched: an outline, in dashes."""
        colour = self.palette().color(ROLE.WindowText)  # of a disabled one: faint
        inner = track.adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        x = inner.right() - inner.height() / 2 if on else inner.left() + inner.height() / 2
        painter.setPen(QPen(colour, 1))
        painter.drawEllipse(QPointF(x, inner.center().y()), 3.5, 3.5)


class Combo(_Calm, QComboBox):
    """A combo box with a drawn chevron and a themed popup, as high and as wide as its choices."""

    def __init__(self) -> None:
        super().__init__()
        self.setView(QListView())  # the native popup ignores item padding
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def spoken(self) -> str:
        """The choice; Qt would tell it in the place of the name."""
        return self.currentText()

    def showPopup(self) -> None:
        """Qt makes it a little too low for a list with a frame, and then an arrow takes the place of a choice."""
        view = self.view()
        view.ensurePolished()
        rows = sum(view.sizeHintForRow(row) for row in range(self.count()))
        room = self.screen().availableGeometry().height() - 2 * self.height()
        view.setMinimumHeight(min(rows + 2 * view.frameWidth(), room))
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * view.frameWidth() + SLACK)
        super().showPopup()

    @painted
    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        box = QRectF(self.width() - 20, (self.height() - 12) / 2, 12, 12)
        icons.draw(QPainter(self), "down", box, QColor(self.palette().color(ROLE.PlaceholderText)))


class Number(_Calm, Yielding, QDoubleSpinBox):
    """A number typed by hand. Anything may be typed: it is clamped, and what is no number changes nothing."""

    def __init__(self, minimum: float, maximum: float, step: float, decimals: int) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setKeyboardTracking(False)
        self.setDecimals(decimals)
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def validate(self, text: str, position: int):
        return QValidator.State.Acceptable, text, position

    def valueFromText(self, text: str) -> float:
        try:
            value = float(text.replace(",", ".").replace(" ", ""))
        except ValueError:
            return self.value()
        return self.value() if math.isnan(value) else min(self.maximum(), max(self.minimum(), value))

    def textFromValue(self, value: float) -> str:
        return f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".") if self.decimals() else f"{value:.0f}"

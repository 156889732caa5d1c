"""Side: one of two runs: its letter, what is its own, what was measured of it, and its canvas.

Sides: both side by side, or one after the other in one place, and one transport. Knows no run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.values.frame import Frame
from widgets.canvas import Canvas
from widgets.controls import describe
from widgets.line import Line
from widgets.segments import Segments
from widgets.theme import Theme
from widgets.transport import Transport

BLINK_MS = 900  # that each of both is seen
# What holds both together, and what that means.
LOCKS = {
    "step": "The same step of both.",
    "clock": "Both as they were after the same time.",
    "share": "Both after the same share of their steps.",
}


class Side(QWidget):
    """Its canvas is set in type of the other one's size, so that both can be compared."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        super().__init__()
        self.canvas = Canvas(clock=clock)
        self._letter, self._title = QLabel(), Line("main")
        self._letter.setProperty("role", "won")
        self._about, self._numbers, self._quality = Line("hint"), Line("value"), Line("hint")
        self._frame: Frame | None = None
        head, column = QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(8)
        head.addWidget(self._letter)
        head.addWidget(self._title, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        for line in (self._about, self._numbers, self._quality):
            column.addWidget(line)
        column.addWidget(self.canvas, 1)
        self.setMinimumWidth(1)

    def set_words(self, letter: str, title: str, about: str) -> None:
        """What is its own: a letter, what is different in it, and what else is, if there is more."""
        self._letter.setText(letter)
        self._title.set_words(title)
        self._about.set_words(about)
        self.canvas.setAccessibleName(f"Canvas {letter}: {title}")

    def set_numbers(self, words: str, quality: str = "", help: str = "") -> None:
        """What was measured up to the step on show; and how good the text is, if that is known."""
        self._numbers.set_words(words)
        self._quality.set_words(quality, help)

    def show_lines(self, about: bool, quality: bool) -> None:
        """Which lines there are: both sides have the same."""
        self._about.setVisible(about)
        self._quality.setVisible(quality)

    def show_frame(
        self, frame: Frame | None, previous: Frame | None = None, finished: Sequence[np.ndarray] = ()
    ) -> None:
        """A frame, as Canvas takes it. The one that is on show already costs nothing."""
        if frame is None or frame is not self._frame:
            self._frame = frame
            self.canvas.show_frame(frame, previous, finished)


class Sides(QWidget):
    """Two sides with a common playhead."""

    lock_chosen = Signal(str)  # a key of LOCKS
    swap_wished = Signal()
    blink_wished = Signal()
    knobs_wished = Signal(bool)
    leave_wished = Signal()

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """With a `clock` in milliseconds, what moves is painted as that says; else on timers."""
        super().__init__()
        self.sides = (Side(clock), Side(clock))
        self.transport = Transport(branches=False)
        self._caption, self._note = Line("hint"), Line("hint")
        self._front = 0  # of a blink
        self._timer = QTimer(self, interval=BLINK_MS)
        self._timer.timeout.connect(self._turn)
        self._locks = Segments(
            {name: f"{help} (H: the next of the three.)" for name, help in LOCKS.items()}, "together"
        )
        self._locks.chosen.connect(self.lock_chosen)
        self._swap = self._button("Swap", "Left becomes right (X).", self.swap_wished)
        self._blink = self._button("Blink", "One after the other, in the same place (B).", self.blink_wished)
        self._blink.setCheckable(True)
        self.knobs = self._button("Knobs", "Show the knobs: what runs next takes the place of B (F9).")
        self.knobs.setCheckable(True)
        self.knobs.toggled.connect(self.knobs_wished)
        self._leave = self._button("Leave", "Back to one canvas (Esc).", self.leave_wished)
        self._place()
        self.set_lock("step")

    # Values

    def set_caption(self, words: str) -> None:
        """What both have in common."""
        self._caption.set_words(words)

    @property
    def caption(self) -> str:
        return self._caption.text()

    def set_note(self, words: str) -> None:
        """What the marks mean, and how many there are."""
        self._note.set_words(words)

    def set_lock(self, name: str) -> None:
        """Shows what holds both together. No signal."""
        self._locks.choose(name)

    def allow_share(self, on: bool) -> None:
        """Whether it is known how many steps there are."""
        self._locks.allow("share", on)

    @property
    def blinking(self) -> bool:
        return self._timer.isActive()

    def set_blink(self, on: bool) -> None:
        """One side at a time, in the whole room, or both."""
        self._blink.setChecked(on)
        self._front = 0
        (self._timer.start if on else self._timer.stop)()
        self._show_front()

    def strip(self) -> None:
        """For a picture: nothing to click on."""
        for control in (self.transport, self._locks, self._swap, self._blink, self.knobs, self._leave):
            control.hide()

    def set_view(self, view: str) -> None:
        for side in self.sides:
            side.canvas.set_view(view)

    def set_theme(self, theme: Theme) -> None:
        for side in self.sides:
            side.canvas.set_theme(theme)

    # What is on screen

    def _turn(self) -> None:
        self._front = 1 - self._front
        self._show_front()

    def _show_front(self) -> None:
        focused = any(side.canvas.hasFocus() for side in self.sides)
        for at, side in enumerate(self.sides):
            side.setVisible(not self.blinking or at == self._front)
        if focused:
            self.sides[self._front].canvas.setFocus()  # Qt would take any

    def _button(self, label: str, help: str, wish: Signal | None = None) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "pill")
        button.setFixedHeight(28)
        describe(button, label, help)
        if wish is not None:
            button.clicked.connect(lambda: wish.emit())
        return button

    def _place(self) -> None:
        head, row, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(8)
        head.addWidget(self._caption, 1)
        for widget in (self._locks, self._swap, self._blink, self.knobs, self._leave):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.setSpacing(12)
        for side in self.sides:
            row.addWidget(side, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(row, 1)
        column.addWidget(self._note)
        column.addWidget(self.transport)

"""Pace: a widget of numbers is painted anew as often as people can read, not as often as its numbers change.

What it tells is always the newest: only its picture on the screen may be a blink behind. Knows no numbers.
"""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

READ_MS = 50


class Unhurried(QWidget):
    """Calls for `refresh` that come sooner than READ_MS after a paint become one, after that time."""

    def __init__(self) -> None:
        super().__init__()
        self._due = 0.0  # when it may be painted again, in seconds of the clock
        self._waiting = QTimer(self, singleShot=True)
        self._waiting.timeout.connect(self._renew)

    def refresh(self) -> None:
        """Something else is to be seen."""
        left = self._due - monotonic()
        if left <= 0:
            self._renew()
        elif not self._waiting.isActive():
            self._waiting.start(round(1000 * left) + 1)

    def _renew(self) -> None:
        self._due = monotonic() + READ_MS / 1000
        self.update()

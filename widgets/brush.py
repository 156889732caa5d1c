"""Brush: what every `paintEvent` is wrapped in, so that a paint that fails is told once and leaves no painter open.

A painter that stays open ends the program sooner or later. Knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from traceback import clear_frames
from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)
SENTENCE = "A part of the window cannot be drawn: go to another step, or open something else."


class Failures(QObject):
    """Tells of paints that failed, each widget once: it is painted again and again."""

    told = Signal(str)  # a sentence for people

    def __init__(self) -> None:
        super().__init__()
        self._seen: WeakSet[Any] = WeakSet()

    def tell(self, widget: Any, error: Exception) -> None:
        if widget not in self._seen:
            self._seen.add(widget)
            log.error("%s could not be painted", type(widget).__name__, exc_info=error)
            self.told.emit(SENTENCE)


failures = Failures()


def painted(paint: Callable[..., Any]) -> Callable[..., None]:
    """A `paintEvent`, or an item's `paint`, that never raises. What it made its painter of is closed with it."""

    @wraps(paint)
    def safe(self: Any, *arguments: Any) -> None:
        try:
            paint(self, *arguments)
        except Exception as error:
            failures.tell(self, error)
            clear_frames(error.__traceback__)  # the painter is in one of them

    return safe

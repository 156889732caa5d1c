"""Spoken: what a screen reader is told of a control that shows its value in other words than Qt's number of it.

Qt tells the position of a slider; people read a temperature. A control with a method `spoken` tells that instead.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAccessibleWidget, QWidget

VALUE = QAccessible.Text.Value
_told: dict[int, Spoken] = {}  # Qt keeps no Python object alive


class Spoken(QAccessibleWidget):
    """A slider to a screen reader."""

    def __init__(self, control: QWidget) -> None:
        super().__init__(control, QAccessible.Role.Slider)
        self._control = control

    def text(self, kind: QAccessible.Text) -> str:
        return self._control.spoken() if kind == VALUE else super().text(kind)


def _make(_: str, control: QObject) -> Spoken | None:
    if not hasattr(control, "spoken"):
        return None
    key = id(control)
    _told[key] = Spoken(control)
    control.destroyed.connect(lambda: _told.pop(key, None))
    return _told[key]


def install() -> None:
    """Once in an application."""
    QAccessible.installFactory(_make)

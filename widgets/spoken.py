"""Spoken: what a screen reader is told of a control of which Qt tells something else than people see.

Qt tells the position of a slider, where people read a temperature, and the choice of a combo box as its name. A
control with a method `spoken` tells its value by that, and has the name that it was given.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAccessibleWidget, QComboBox, QWidget

VALUE = QAccessible.Text.Value
_told: dict[int, Spoken] = {}  # Qt keeps no Python object alive


class Spoken(QAccessibleWidget):
    """A slider or a combo box to a screen reader."""

    def __init__(self, control: QWidget) -> None:
        chosen = isinstance(control, QComboBox)
        super().__init__(control, QAccessible.Role.ComboBox if chosen else QAccessible.Role.Slider)
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

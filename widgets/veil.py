"""Veil: dims what it lies over, while that is of the run before and the next one has not come to its first step."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from widgets.brush import painted
from widgets.cover import Cover

REMAINS = 0.4  # of what lies below


class Veil(Cover):
    """What it covers shines through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAccessibleName("The run before")

    def drop(self, down: bool) -> None:
        """Whether it dims."""
        self.lay(down)

    @painted
    def paintEvent(self, event) -> None:
        ground = QColor(self.palette().color(QPalette.ColorRole.Window))
        ground.setAlphaF(1 - REMAINS)
        QPainter(self).fillRect(self.rect(), ground)

"""Veil: dims what it lies over, while that is of the run before and the next one has not come to its first step."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from widgets.brush import painted

REMAINS = 0.4  # of what lies below


class Veil(QWidget):
    """Covers a widget whole, whatever its size becomes. Lets the pointer through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("The run before")
        over.installEventFilter(self)
        self.hide()

    def drop(self, down: bool) -> None:
        """Whether it dims."""
        self.setGeometry(self.parentWidget().rect())
        self.setVisible(down)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    @painted
    def paintEvent(self, event) -> None:
        ground = QColor(self.palette().color(QPalette.ColorRole.Window))
        ground.setAlphaF(1 - REMAINS)
        QPainter(self).fillRect(self.rect(), ground)

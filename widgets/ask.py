"""Ask: a large line over everything else, to type a prompt in where no prompt box is. Enter asks, Esc goes away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets.controls import describe

WIDEST, HIGH = 1100, 64  # pixels


class Ask(QLineEdit):
    """Lies in the upper third of its window."""

    asked = Signal(str)
    closed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "ask")
        self.setPlaceholderText("What shall it write?  Enter runs, Esc goes back")
        describe(self, "Prompt", "What to write about.")
        self.returnPressed.connect(self._ask)
        self.hide()

    def open(self, text: str) -> None:
        """Show the line with a text, which the first key replaces."""
        room = self.parentWidget().rect()
        wide = min(WIDEST, room.width() - 80)
        self.setGeometry((room.width() - wide) // 2, room.height() // 5, wide, HIGH)
        self.setText(text)
        self.selectAll()
        self.show()
        self.raise_()
        self.setFocus()

    def close_(self) -> None:
        self.hide()
        self.closed.emit()

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # else it would be the window's
            return True
        return super().event(event)

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        text = self.text()
        self.close_()
        if text.strip():
            self.asked.emit(text)

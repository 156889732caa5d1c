"""Retype: the box in which words are typed over others, where those are. Knows no tokens and no run."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.controls import describe

LEAST, MOST = 220, 520  # pixels


class Retype(QFrame):
    """A line to type in that floats over a canvas. Enter takes it, Esc leaves everything as it is."""

    typed = Signal(str, bool)  # the words, and whether all the rest is to form anew
    closed = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setProperty("role", "float")
        self._line = QLineEdit()
        self._line.setMinimumHeight(34)
        self._hint = QLabel("Enter: the rest stays where it fits.  Shift+Enter: the rest forms anew.")
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        describe(self._line, "Type over", "The words that take the place of the selected ones.")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self._line)
        column.addWidget(self._hint)
        self.hide()

    def open_at(self, box: QRectF, text: str) -> None:
        """Over a box of the canvas, with the words that stand there."""
        room = self.parentWidget().rect()
        self._line.setText(text)
        self._line.selectAll()
        self.setFixedWidth(min(max(LEAST, round(box.width()) + 24, 360), MOST, room.width() - 8))
        self.adjustSize()
        x = max(4, min(round(box.left()) - 12, room.width() - self.width() - 4))
        y = max(4, min(round(box.top()) - 10, room.height() - self.height() - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event) -> None:
        """What the line has no use for."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            text, rest = self._line.text(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._close()
            if text.strip():
                self.typed.emit(text, rest)
        elif event.key() == Qt.Key.Key_Escape:
            self._close()

    def event(self, event) -> bool:
        if event.type() == event.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # it closes the box; else it would stop the run
            return True
        return super().event(event)

    def _close(self) -> None:
        self.hide()
        self.parentWidget().setFocus()
        self.closed.emit()

"""Manner: a box for how the model is to behave in all of a conversation, the system prompt. Knows no model."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets.controls import describe
from widgets.prompt import Editor

HELP = "How the model is to behave in all of the conversation: its system prompt. Empty: as it does by itself."


class Manner(QWidget):
    """Folded away until it is wanted: `toggle` is the button for that, which others place."""

    run_wished = Signal()
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.toggle, self._editor = QPushButton("System prompt"), Editor()
        self.toggle.setCheckable(True)
        self.toggle.setProperty("role", "pill")
        self.toggle.setFixedHeight(28)
        self.toggle.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        describe(self.toggle, "System prompt", HELP)
        describe(self._editor, "System prompt", HELP)
        self._editor.setToolTip("")  # a tooltip over the text one is reading is in the way
        self._editor.setPlaceholderText("How the model is to behave: “Answer in one sentence.”")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._editor)
        self.toggle.toggled.connect(self._open)
        self._editor.run_wished.connect(self.run_wished)
        self._editor.textChanged.connect(self.edited)
        self.hide()

    def text(self) -> str:
        """What counts: of a box that is folded away, nothing."""
        return self._editor.toPlainText().strip() if self.toggle.isChecked() else ""

    def set_text(self, text: str) -> None:
        """Opens the box for a text, and folds it away where there is none."""
        if text.strip() != self.text():
            if text.strip():
                self._editor.put(text)
            self.toggle.setChecked(bool(text.strip()))
            self.edited.emit()

    def _open(self, on: bool) -> None:
        self.setVisible(on)
        if on and self.toggle.hasFocus():
            self._editor.setFocus()
        self.edited.emit()

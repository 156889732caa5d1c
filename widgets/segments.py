"""Segments: joined buttons, one of which is on. Knows no meaning of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton

from widgets.controls import describe


class Segments(QFrame):
    """Choices by name. `kind` ends what a screen reader calls each of them: "Prose view"."""

    chosen = Signal(str)  # a name

    def __init__(self, helps: Mapping[str, str], kind: str = "") -> None:
        super().__init__()
        self._kind = kind
        self.setProperty("role", "segments")
        line = QHBoxLayout(self)
        line.setContentsMargins(2, 2, 2, 2)
        line.setSpacing(2)
        group = QButtonGroup(self)
        self._buttons = {name: self._segment(name, help) for name, help in helps.items()}
        for button in self._buttons.values():
            group.addButton(button)
            line.addWidget(button)

    def choose(self, name: str) -> None:
        """Shows which one is on. No signal."""
        self._buttons[name].setChecked(True)

    def allow(self, name: str, on: bool) -> None:
        """Whether one of them can be chosen now."""
        self._buttons[name].setEnabled(on)

    def _segment(self, name: str, help: str) -> QPushButton:
        label = name[:1].upper() + name[1:]
        button = QPushButton(label)
        button.setProperty("role", "segment")
        button.setCheckable(True)
        button.setFixedHeight(24)
        describe(button, f"{label} {self._kind}".strip(), help)
        button.clicked.connect(lambda: self.chosen.emit(name))
        return button

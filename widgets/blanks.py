"""Blanks: a second box, for an answer with gaps. Knows no tokens and no model."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets.controls import Number, describe
from widgets.gaps import Gaps
from widgets.prompt import Editor
from widgets.theme import explain

HELP = (
    "___: a word.  [3]: three tokens.  [fox|bear]: one of these.  [40: key]: 40 tokens, that word among them.  "
    "... at the end: it goes on."
)
DRAWS = 64  # at most
MARKS = "___", "["  # of gaps


class Blanks(QWidget):
    """Folded away until it is wanted: `toggle` is the button for that, `gaps` what fills it: others place both."""

    run_wished = Signal()
    opened = Signal(bool)  # by a click, or folded away
    edited = Signal()  # other gaps, or none any more

    def __init__(self) -> None:
        super().__init__()
        self.toggle = QPushButton("Answer with gaps")
        self._editor, self._draws, self.gaps = Editor(), Number(1, DRAWS, 1, 0), Gaps()
        self._chips = QHBoxLayout()
        self._make()
        self._place()
        self.set_open(False)

    @property
    def open(self) -> bool:
        return self.toggle.isChecked()

    @property
    def draws(self) -> int:
        """How often it is to be filled, each time from other noise."""
        return int(self._draws.value())

    def text(self) -> str:
        return self._editor.toPlainText()

    def set_text(self, text: str) -> None:
        """With the cursor at its first gap, so that it is seen."""
        self._editor.setPlainText(text)
        cursor = self._editor.textCursor()
        cursor.setPosition(min((found for mark in MARKS if (found := text.find(mark)) >= 0), default=len(text)))
        self._editor.setTextCursor(cursor)

    def set_open(self, on: bool) -> None:
        self.toggle.setChecked(on)
        self.setVisible(on)

    def set_examples(self, examples: list[tuple[str, str]]) -> None:
        """Chips as (label, text with gaps): a click fills the box and runs."""
        for label, text in examples:
            chip = QPushButton(label)
            chip.setProperty("role", "chip")
            chip.setFixedHeight(26)
            describe(chip, f"Example: {label}", text)
            chip.clicked.connect(lambda *_, text=text: self._example(text))
            self._chips.addWidget(chip)

    def focus(self) -> None:
        self._editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _example(self, text: str) -> None:
        self.set_text(text)
        self.run_wished.emit()

    def _make(self) -> None:
        self.toggle.setCheckable(True)
        self.toggle.setProperty("role", "pill")
        self.toggle.setFixedHeight(28)
        describe(self.toggle, "Answer with gaps", "Write the answer yourself and leave gaps (Ctrl+U).")
        describe(self._editor, "Answer with gaps", HELP)
        self._editor.setToolTip("")
        self._editor.setPlaceholderText("Once upon a time, a ___ fox named ___ found an old ___.")
        self._draws.setFixedSize(56, 26)
        describe(self._draws, "Draws", "How often it is filled, each time from other noise.")
        self._editor.run_wished.connect(self.run_wished)
        self._editor.textChanged.connect(self.edited)
        self.toggle.toggled.connect(self.setVisible)
        self.toggle.toggled.connect(lambda _: self.edited.emit())
        self.toggle.clicked.connect(self.opened)

    def _place(self) -> None:
        hint, draws = QLabel(HELP), QLabel("Draws")
        for label in (hint, draws):
            label.setProperty("role", "hint")
        hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # cut where it is narrow
        explain(hint, HELP)
        below = QHBoxLayout()
        below.setSpacing(6)
        self._chips.setSpacing(6)
        below.addLayout(self._chips)
        below.addWidget(hint, 1)
        below.addWidget(draws)
        below.addWidget(self._draws)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._editor)
        column.addLayout(below)

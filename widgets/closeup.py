"""Closeup: one cell, looked at closely: its word, its state, its life. Knows no frame: it is told."""

from __future__ import annotations

from math import isnan

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.values.settings import knobs
from widgets.controls import Number, describe
from widgets.microscope import Life, Microscope
from widgets.odds import nats, visible
from widgets.theme import DARK, Theme

WORDS = 132  # pixels of what is told of a cell, where its life is beside it ...
TIGHT = 340  # ... and of all, below which there is room for the life alone, whose candidates have the word


class Word(QLabel):
    """The token in large letters, elided to the room there is."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setProperty("role", "token")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        self._whole = text
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width()))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.say(self._whole)


class Closeup(QWidget):
    """What is told of a cell above its life, or `flat` beside it, where there is little height."""

    candidates_wished = Signal(int)  # how many candidates are to be shown

    def __init__(self, flat: bool = False) -> None:
        super().__init__()
        self._theme, self._words = DARK, QWidget()
        self._flat = flat
        self._text, self._state, self._numbers, self.lanes = Word(), QLabel(), QLabel(), Microscope()
        self._state.setTextFormat(Qt.TextFormat.RichText)
        self._numbers.setProperty("role", "hint")
        describe(self._numbers, "Entropy", "How undecided the model is about this cell, in nats. 0: one choice.")
        knob = knobs()["top_k"]
        self._count = Number(knob.minimum, knob.maximum, knob.step, 0)
        self._count.setFixedWidth(40)
        describe(self._count, knob.label, knob.help)
        self._count.valueChanged.connect(lambda count: self.candidates_wished.emit(round(count)))
        self._place(flat)

    def set_candidates(self, count: int) -> None:
        """How many candidates are shown, at most. No signal."""
        self._count.blockSignals(True)
        self._count.setValue(count)
        self._count.blockSignals(False)
        self.lanes.set_candidates(count)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._words.setVisible(not self._flat or self.width() >= TIGHT)

    def show_details(self, details, life: Life | None = None) -> None:
        """Shows cell, text, state and entropy (nats), and the cell's life, where it is known."""
        self._text.say(visible(details.text))
        colour = getattr(self._theme, details.state, self._theme.muted)
        self._state.setText(f'<span style="color:{QColor(colour).name()}">●</span> {details.state}')
        parts = [f"cell {details.cell}", f"entropy {nats(details.entropy)}"]
        odd = "" if isnan(details.surprise) else f"\nsurprise {nats(details.surprise)}"  # no room in the same line
        self._numbers.setText(self._between.join(parts) + odd)
        self.lanes.show_life(life)

    def set_theme(self, theme: Theme) -> None:
        """The colours of the states; what is told is told again by whoever knows it."""
        self._theme = theme
        self.lanes.set_theme(theme)

    def _place(self, flat: bool) -> None:
        self._between = "\n" if flat else "  ·  "
        column = QVBoxLayout(self._words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 if flat else 4)
        head = QBoxLayout(QBoxLayout.Direction.TopToBottom if flat else QBoxLayout.Direction.LeftToRight)
        head.setSpacing(2 if flat else 6)
        head.addWidget(self._text, 1)
        head.addWidget(self._state)
        column.addLayout(head)
        column.addLayout(self._line())
        whole = QBoxLayout(QBoxLayout.Direction.LeftToRight if flat else QBoxLayout.Direction.TopToBottom, self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12 if flat else 4)
        whole.addWidget(self._words)
        whole.addWidget(self.lanes, 1)
        if flat:
            column.addStretch(1)
            self._words.setFixedWidth(WORDS)

    def _line(self) -> QHBoxLayout:
        """The numbers of the cell, and how many candidates there are to be: that has no room where it is flat."""
        line, many = QHBoxLayout(), QLabel("candidates")
        many.setProperty("role", "hint")
        self._numbers.setMinimumWidth(1)  # it may not widen the card
        line.addWidget(self._numbers, 1)
        for widget in (many, self._count):
            line.addWidget(widget)
            widget.setHidden(self._flat)
        return line

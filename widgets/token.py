"""Token: one cell under the microscope, or else the cells that are least sure. Knows no frame: it is told."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from engine.values.settings import knobs
from widgets.controls import Number, describe
from widgets.microscope import Life, Microscope
from widgets.odds import nats, visible
from widgets.theme import DARK, Theme
from widgets.unsure import Doubt, Unsure


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


class Token(QFrame):
    """The card of one cell."""

    candidates_wished = Signal(int)  # how many candidates are to be shown

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._theme, self._details, self._life = DARK, None, None
        self._text, self._state, self._numbers = Word(), QLabel(), QLabel()
        self.lanes, self.unsure = Microscope(), Unsure()
        self._state.setTextFormat(Qt.TextFormat.RichText)
        self._numbers.setProperty("role", "hint")
        describe(self._numbers, "Entropy", "How undecided the model is about this cell, in nats. 0: one choice.")
        knob = knobs()["top_k"]
        self._count = Number(knob.minimum, knob.maximum, knob.step, 0)
        self._count.setFixedWidth(40)
        describe(self._count, knob.label, knob.help)
        self._count.valueChanged.connect(lambda count: self.candidates_wished.emit(round(count)))
        self._place()
        self.show_details(None)

    def set_candidates(self, count: int) -> None:
        """How many candidates are shown, at most. No signal."""
        self._count.blockSignals(True)
        self._count.setValue(count)
        self._count.blockSignals(False)
        self.lanes.set_candidates(count)

    def show_details(self, details, life: Life | None = None) -> None:
        """Shows cell, text, state and entropy (nats), and the cell's life; None: the least sure cells."""
        self._details, self._life = details, life
        self._pages.setCurrentIndex(0 if details is None else 1)
        if details is not None:
            self._show(details)
            self.lanes.show_life(life)

    def show_doubts(self, doubts: Sequence[Doubt]) -> None:
        """The cells that are least sure, for while no cell is looked at."""
        self.unsure.show_doubts(doubts)

    def set_theme(self, theme: Theme) -> None:
        """The colours of the states."""
        self._theme = theme
        self.lanes.set_theme(theme)
        self.show_details(self._details, self._life)

    def _show(self, details) -> None:
        self._text.say(visible(details.text))
        colour = getattr(self._theme, details.state, self._theme.muted)
        self._state.setText(f'<span style="color:{QColor(colour).name()}">●</span> {details.state}')
        self._numbers.setText(f"cell {details.cell}  ·  entropy {nats(details.entropy)}")

    def _place(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._text, 1)
        head.addWidget(self._state)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addLayout(head)
        line, many = QHBoxLayout(), QLabel("candidates")
        many.setProperty("role", "hint")
        self._numbers.setMinimumWidth(1)  # it may not widen the card
        line.addWidget(self._numbers, 1)
        line.addWidget(many)
        line.addWidget(self._count)
        column.addLayout(line)
        column.addWidget(self.lanes, 1)
        self._pages = QStackedLayout(self)  # as high with the hint as with details
        self._pages.addWidget(_framed(self.unsure))
        self._pages.addWidget(page)


def _framed(inside: QWidget) -> QWidget:
    """A widget with the card's margins."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 10, 16, 10)
    column.addWidget(inside)
    return page

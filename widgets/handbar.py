"""Handbar: what can be done with the words that are selected on a canvas, beside them. Knows no run."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from widgets.controls import Slider, describe

GAP = 8  # pixels between the words and the bar
LEAST, MOST, STEP = 10, 100, 5  # percent of the words that melt


class Handbar(QFrame):
    """A small bar that floats over a canvas."""

    pin_wished = Signal()
    melt_wished = Signal()
    keep_wished = Signal()
    type_wished = Signal()
    gap_wished = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setProperty("role", "float")
        self.setAccessibleName("What to do with the selected words")
        self._pin = self._button("Pin", "These words stay, whatever becomes of the rest (P).", self.pin_wished)
        self._melt = self._button("Melt", "These words become noise, and form anew (M).", self.melt_wished)
        self._strength, self._share = Slider(), QLabel()
        self._place()
        self._strength.setRange(LEAST // STEP, MOST // STEP)
        self._strength.words = lambda at: f"{at * STEP} %"
        describe(self._strength, "Strength", "How many of the selected words become noise.")
        self._strength.valueChanged.connect(lambda at: self._share.setText(f"{at * STEP} %"))
        self._strength.setValue(MOST // STEP)
        self.hide()

    @property
    def strength(self) -> float:
        """The share of the cells that melt, 0 to 1."""
        return self._strength.value() * STEP / 100

    def set_pinned(self, pinned: bool) -> None:
        """Whether a click lets go, as the words are pinned."""
        self._pin.setText("Let go" if pinned else "Pin")

    def show_at(self, box: QRectF, words: str) -> None:
        """Below a box of the canvas, or above it where there is no room. `words` say what is selected."""
        self._words.setText(words)
        window = self._canvas.window()
        if self.parentWidget() is not window:
            self.setParent(window)  # it may be wider than the canvas
        self.adjustSize()
        room = QRect(self._canvas.mapTo(window, QPoint(0, 0)), self._canvas.size())
        box = box.translated(room.topLeft())
        x = min(round(box.center().x()) - self.width() // 2, room.right() - 3 - self.width())
        x = max(4, min(max(x, room.left() + 4), window.width() - self.width() - 4))
        y = round(box.bottom()) + GAP
        if y + self.height() > room.bottom() - 4:
            y = round(box.top()) - GAP - self.height()
        self.move(x, max(room.top() + 4, min(y, room.bottom() - self.height() - 4)))
        self.show()
        self.raise_()

    def _button(self, label: str, help: str, wish) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "tool")
        describe(button, label, help)
        button.clicked.connect(wish)
        return button

    def _place(self) -> None:
        self._words = QLabel()
        self._words.setProperty("role", "hint")
        self._share.setProperty("role", "hint")
        self._share.setFixedWidth(38)
        self._strength.setFixedWidth(64)
        self._strength.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        keep = self._button("Keep only this", "These words stay, all others form anew (K).", self.keep_wished)
        over = self._button("Type over\u2026", "Write other words here: they stay (R).", self.type_wished)
        gap = self._button("Make a gap", "Ask what could stand here, between all the rest (U).", self.gap_wished)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 5, 6, 5)
        line.setSpacing(4)
        for widget in (self._words, self._pin, self._melt, self._strength, self._share, keep, over, gap):
            line.addWidget(widget)

"""Range: a knob and the values that a sweep gives it, as people write them. Knows not what is right."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from widgets.controls import Combo, Yielding, describe
from widgets.theme import explain

NONE = "none"
HELP = (
    "4-48[6]: six values, evenly from 4 to 48.  4, 8, 16: these three.  1-4: every whole number.  "
    "1-9(+2): every second one."
)
ROW = 15  # pixels of a line of small words


class Line(Yielding, QLineEdit):
    """A line of text that leaves the window its keys."""


class Range(QWidget):
    """What was typed for a knob is still there when people come back to it."""

    changed = Signal()

    def __init__(self, way: str) -> None:
        """`way` is where the values go: "across" or "down"."""
        super().__init__()
        self._knob, self._values = Combo(), Line()
        self._names: list[str] = []
        self._typed: dict[str, str] = {}
        self._usual: dict[str, str] = {}
        self._means = QLabel()
        self._knob.setFixedHeight(28)
        self._values.setFixedHeight(28)
        self._values.setMinimumWidth(72)
        room = self._values.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self._values.setSizePolicy(room)
        describe(self._knob, f"Knob {way}", f"The knob whose values go {way}.")
        describe(self._values, f"Values {way}", HELP)
        self._means.setProperty("role", "hint")
        self._means.setTextFormat(Qt.TextFormat.PlainText)
        self._means.setFixedHeight(ROW)
        self._means.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # cut where it is narrow
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._knob, 0, 0)
        grid.addWidget(self._values, 0, 1)
        grid.addWidget(self._means, 1, 0, 1, 2)
        self._knob.activated.connect(self._take)
        self._values.textEdited.connect(self._type)

    def set_knobs(self, labels: Mapping[str, str], usual: Mapping[str, str]) -> None:
        """The knobs by name, as people call them, and what is proposed for each. "" is that there is none."""
        self._names, self._typed, self._usual = list(labels), dict(usual), dict(usual)
        self._knob.addItems([label or NONE for label in labels.values()])

    def choose(self, name: str) -> None:
        self._knob.setCurrentIndex(self._names.index(name))
        self._show()

    def put(self, name: str, text: str) -> None:
        """As if somebody had chosen a knob and typed its values."""
        self._typed[name] = text
        self.choose(name)
        self.changed.emit()

    @property
    def name(self) -> str:
        return self._names[self._knob.currentIndex()]

    @property
    def text(self) -> str:
        return self._values.text()

    def set_bad(self, bad: bool) -> None:
        """Whether what was typed is no range: its field is marked."""
        if self._values.property("bad") != bad:
            self._values.setProperty("bad", bad)
            self._values.style().unpolish(self._values)  # the sheet is matched again only then
            self._values.style().polish(self._values)

    def set_meaning(self, words: str) -> None:
        """What was typed means that; "" is that it means nothing, or that there is no knob."""
        words = words or (f"for example {self._usual[self.name]}" if self.name else "")
        self._means.setText(words)
        explain(self._means, words)
        self._means.setAccessibleName(words)
        self._values.setAccessibleDescription(f"{words}. {HELP}" if words else HELP)

    def focus(self) -> None:
        self._values.setFocus()
        self._values.selectAll()

    def _take(self, _: int) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self._values.setText(self._typed.get(self.name, ""))
        self._values.setPlaceholderText(f"for example {self._usual[self.name]}" if self.name else "")
        self._values.setVisible(bool(self.name))

    def _type(self, text: str) -> None:
        self._typed[self.name] = text
        self.changed.emit()

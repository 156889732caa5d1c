"""Range: a knob and the values that a sweep gives it, as people write them. Knows not what is right."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from widgets.controls import Combo, Yielding, describe

NONE = "none"
HELP = "4-48[6] are six values, 1-9(+2) every second, 1-4 every one; commas join what is different: 4,8,16."


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
        self._knob.setFixedHeight(28)
        self._values.setFixedHeight(28)
        self._values.setMinimumWidth(72)
        room = self._values.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self._values.setSizePolicy(room)
        describe(self._knob, f"Knob {way}", f"The knob whose values go {way}.")
        describe(self._values, f"Values {way}", HELP)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self._knob)
        line.addWidget(self._values, 1)
        self._knob.activated.connect(self._take)
        self._values.textEdited.connect(self._type)

    def set_knobs(self, labels: Mapping[str, str], usual: Mapping[str, str]) -> None:
        """The knobs by name, as people call them, and what is proposed for each. "" is that there is none."""
        self._names, self._typed = list(labels), dict(usual)
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

    def focus(self) -> None:
        self._values.setFocus()
        self._values.selectAll()

    def _take(self, _: int) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self._values.setText(self._typed.get(self.name, ""))
        self._values.setVisible(bool(self.name))

    def _type(self, text: str) -> None:
        self._typed[self.name] = text
        self.changed.emit()

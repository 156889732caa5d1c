"""Decoding: the knobs of a text that is drawn token by token, in one line. They apply to the next race."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.values.settings import Decoding, knobs
from widgets.controls import Number, describe
from widgets.row import typed

SHOWN = ("temperature", "top_k", "top_p")
NEXT = "Applies to the next race."


class DecodingLine(QWidget):
    """A number for each knob. A Decoding comes in by `set_decoding`, a changed one goes out by `changed`."""

    changed = Signal(object)  # Decoding

    def __init__(self) -> None:
        super().__init__()
        self._decoding = Decoding()
        self._numbers = {name: self._number(name) for name in SHOWN}
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for name, number in self._numbers.items():
            label = QLabel(name.replace("_", " "))
            label.setProperty("role", "legend")
            line.addWidget(label)
            line.addWidget(number)
        self.set_decoding(self._decoding)

    def decoding(self) -> Decoding:
        return self._decoding

    def set_decoding(self, decoding: Decoding) -> None:
        """Shows values. No signal."""
        self._decoding = decoding
        for name, number in self._numbers.items():
            number.blockSignals(True)
            number.setValue(getattr(decoding, name))
            number.blockSignals(False)

    def _number(self, name: str) -> Number:
        knob, whole = knobs(Decoding)[name], isinstance(getattr(self._decoding, name), int)
        number = typed(knob, whole, lambda value: self._change(name, value))
        number.setFixedSize(58, 22)
        describe(number, knob.label, f"{knob.help} {NEXT}")
        return number

    def _change(self, name: str, value: Any) -> None:
        self._decoding = replace(self._decoding, **{name: value})
        self.changed.emit(self._decoding)

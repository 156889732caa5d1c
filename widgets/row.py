"""Row: one knob of Settings as a label, its controls and a reset button. Scale: its values as slider positions.

Knows no other knob: a value comes in by `show`, one the user wants goes out by `wish`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.values.settings import Knob, default
from widgets.controls import Combo, IconButton, Number, Slider, Switch, describe
from widgets.theme import explain

LIVE = "Applies to the running canvas from its next step."
WIDE = 10_000  # a knob with more values than this is typed or diced, not slid


class Scale:
    """Values of a knob as positions of a slider: even steps, or even ratios (20 a decade) for a log knob.

    A log knob that starts at 0 has 0 at its first position and goes on from one step.
    """

    def __init__(self, knob: Knob, whole: bool) -> None:
        self._knob, self._whole = knob, whole
        self._least = knob.minimum or knob.step
        self._zero = int(knob.log and not knob.minimum)
        self._decades = math.log10(knob.maximum / self._least) if knob.log else 0.0
        span = 20 * self._decades if knob.log else (knob.maximum - knob.minimum) / knob.step
        self.last = round(span) + self._zero

    def value(self, position: int) -> float | int:
        """The value at a position, rounded to two figures where even ratios would give ragged ones."""
        knob, along = self._knob, position - self._zero
        if knob.log:
            share = along / (self.last - self._zero)
            return float(f"{self._least * 10 ** (self._decades * share):.2g}") if along >= 0 else 0.0
        value = min(knob.maximum, knob.minimum + position * knob.step)
        return round(value) if self._whole else round(value, 6)

    def position(self, value: float) -> int:
        """The position nearest to a value."""
        knob = self._knob
        if not knob.log:
            return round((value - knob.minimum) / knob.step)
        if value < self._least / 2:
            return 0
        share = math.log10(max(value, self._least) / self._least) / self._decades
        return self._zero + round((self.last - self._zero) * share)


def typed(knob: Knob, whole: bool, wish: Callable[[Any], None]) -> Number:
    """A box to type a knob's value in, with the decimals that its steps have. `wish` is called with every value."""
    smallest = min(value for value in (knob.step, knob.minimum, 1.0) if value > 0)
    decimals = 0 if whole else max(0, -math.floor(math.log10(smallest) + 1e-9)) + knob.log
    number = Number(knob.minimum, knob.maximum, knob.step, decimals)
    if knob.log:
        number.setStepType(Number.StepType.AdaptiveDecimalStepType)
    number.valueChanged.connect(lambda value: wish(round(value) if whole else round(value, 6)))
    return number


class Row:
    """The controls of one knob. `wish` is called with every value that the user gives it."""

    def __init__(self, name: str, knob: Knob, wish: Callable[[Any], None], slid: bool = True) -> None:
        """`slid`: whether it has a slider of its own, if it is a number that can be slid."""
        self.name, self.knob, self.wish, self._slid = name, knob, wish, slid
        self.usual = default(name)
        self.reset = IconButton("reset", "", side=20)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.clicked.connect(self._reset)
        self._label = QLabel(knob.label)
        self._label.setProperty("role", "label")
        explain(self._label, knob.help)
        self.controls = self._build()
        for control in self.controls:
            describe(control, knob.label, knob.help)
        self.set_usual(self.usual)

    def set_usual(self, value: Any) -> None:
        """Another default: what the reset button goes back to, and where the slider has its mark."""
        self.usual = value
        describe(self.reset, f"Reset {self.knob.label} to {self._words(value)}")
        for slider in self.controls:
            if isinstance(slider, Slider):
                slider.set_marks([self.scale.position(value)])

    def show(self, value: Any) -> None:
        """Shows a value; no wish comes of it."""
        self.value = value
        for control in self.controls:
            control.blockSignals(True)
            self._put(control, value)
            control.blockSignals(False)
        self.reset.setVisible(value != self.usual)

    def set_fresh(self, fresh: bool) -> None:
        """Whether the value is not that of the run on screen: it will be that of the next one."""
        if self._label.property("fresh") != fresh:
            self._label.setProperty("fresh", fresh)
            self._label.style().unpolish(self._label)  # the sheet is matched again only then
            self._label.style().polish(self._label)

    def words(self) -> str:
        """The knob and its value, for people who do not see it."""
        return f"{self.knob.label} {self._words(self.value)}"

    def set_enabled(self, on: bool, reason: str = "") -> None:
        """Whether the knob has an effect; if not, the reason is where people look for it."""
        help = f"{self.knob.help} {reason}".strip() if not on else self.knob.help
        self._label.setEnabled(on)
        explain(self._label, help)
        for control in self.controls:
            control.setEnabled(on)
            describe(control, self.knob.label, help)

    def _reset(self) -> None:
        self.controls[0].setFocus()  # the button goes, and would hand the focus to some other knob
        self.wish(self.usual)

    def label(self, words: str = "", role: str = "label") -> QWidget:
        """The label, with a dot where a change applies to the running canvas. `words` other than the knob's own."""
        label, knob = self._label, self.knob
        label.setText(words or knob.label)
        label.setProperty("role", role)
        box = QWidget()
        line = QHBoxLayout(box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(label)
        if knob.live:
            dot = QLabel("•")
            dot.setProperty("role", "live")
            explain(dot, LIVE)
            dot.setAccessibleName(LIVE)
            line.addWidget(dot)
        line.addStretch()
        return box

    def _build(self) -> list[QWidget]:
        knob = self.knob
        if knob.choices:
            return [self._combo()]
        if isinstance(self.usual, bool):
            switch = Switch()
            switch.toggled.connect(self.wish)
            return [switch]
        self.number = self._number()
        if not self._slid or (knob.maximum - knob.minimum) / knob.step > WIDE:
            return [self.number]
        return [self._slider(), self.number]

    def _combo(self) -> Combo:
        combo = Combo()
        combo.setFixedHeight(22)
        combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(6)  # a narrow column is the panel's to choose
        combo.addItems(self.knob.choices)
        combo.currentTextChanged.connect(self.wish)
        return combo

    def _number(self) -> Number:
        number = typed(self.knob, isinstance(self.usual, int), self.wish)
        number.setFixedHeight(22)
        return number

    def _slider(self) -> Slider:
        self.scale = Scale(self.knob, isinstance(self.usual, int))
        slider = Slider()
        slider.setRange(0, self.scale.last)
        slider.setPageStep(max(1, self.scale.last // 10))
        slider.words = lambda position: self._words(self.scale.value(position))
        slider.valueChanged.connect(lambda position: self.wish(self.scale.value(position)))
        return slider

    def _put(self, control: QWidget, value: Any) -> None:
        if isinstance(control, Combo):
            control.setCurrentText(value)
        elif isinstance(control, Switch):
            control.setChecked(value)
        elif isinstance(control, Slider):
            control.setValue(self.scale.position(value))
        else:
            control.setValue(value)

    def _words(self, value: Any) -> str:
        return ("on" if value else "off") if isinstance(value, bool) else str(value)

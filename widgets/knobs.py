"""Knobs: every field of Settings as a row of controls, built from `knobs()` alone.

Knows no session: a Settings comes in by `set_settings`, a changed one goes out by `changed`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.values.settings import Settings, default, knobs
from widgets.controls import IconButton, Number, Switch, describe
from widgets.row import Row


class Knobs(QFrame):
    """All knobs in a column that scrolls when the window is low."""

    changed = Signal(object)  # Settings, at every move of a control
    rerun_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setMinimumWidth(280)
        self._settings, self._usual, self._useless = Settings(), Settings(), frozenset()
        self._rows = {name: Row(name, knob, self._wisher(name)) for name, knob in knobs().items()}
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 8, 1, 8)
        column.setSpacing(8)
        column.addWidget(self._scrolled())
        column.addLayout(self._foot())
        self.set_settings(self._settings)

    def settings(self) -> Settings:
        return self._settings

    def usual(self) -> Settings:
        """The defaults: what a reset goes back to."""
        return self._usual

    def set_usual(self, usual: Settings) -> None:
        """Other defaults, those of another model. A knob that nobody moved goes with its default. No signal."""
        moved = self._settings.moved(self._usual)
        self._usual = usual
        self.set_settings(usual.updated(moved))

    def set_settings(self, settings: Settings) -> None:
        """Shows settings. A device that is not offered becomes the default. No signal."""
        if settings.device not in self._devices():
            settings = replace(settings, device=self._usual.device)
        self._settings, usual = settings, self._usual.following(settings)
        for name, row in self._rows.items():
            if row.usual != getattr(usual, name):
                row.set_usual(getattr(usual, name))
            row.show(getattr(settings, name))
            other, value = row.knob.only or ("", None)
            row.set_enabled(name not in self._useless and (not other or getattr(settings, other) == value))
        self._all.setEnabled(settings != self._usual)

    def set_devices(self, names: list[str]) -> None:
        """Offers these devices only; the default one is always among them."""
        (combo,) = self._rows["device"].controls
        combo.blockSignals(True)
        combo.clear()
        combo.addItems([name for name in knobs()["device"].choices if name in {*names, default("device")}])
        combo.blockSignals(False)
        self.set_settings(self._settings)

    def set_enabled(self, name: str, on: bool) -> None:
        """Greys a knob out that has no effect with this model."""
        self._useless = self._useless - {name} if on else self._useless | {name}
        self.set_settings(self._settings)

    def reset_all(self) -> None:
        """Sets every knob to its default, as if by hand."""
        self._change(self._usual)

    def set_rerun(self, on: bool) -> None:
        """Sets the switch "Rerun on change". No signal."""
        self._rerun.blockSignals(True)
        self._rerun.setChecked(on)
        self._rerun.blockSignals(False)

    def _devices(self) -> list[str]:
        (combo,) = self._rows["device"].controls
        return [combo.itemText(index) for index in range(combo.count())]

    def _wisher(self, name: str) -> Callable[[Any], None]:
        def wish(value: Any) -> None:
            self._change(self._usual.updated(self._settings.moved(self._usual) | {name: value}))

        return wish

    def _change(self, settings: Settings) -> None:
        if settings != self._settings:
            self.set_settings(settings)
            self.changed.emit(settings)

    def _scrolled(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(15, 0, 11, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, 58)
        self._fill(grid)
        grid.setRowStretch(grid.rowCount(), 1)
        area.setWidget(inside)
        return area

    def _fill(self, grid: QGridLayout) -> None:
        group = None
        for row in self._rows.values():
            line = grid.rowCount()
            if row.knob.group != group:
                group = row.knob.group
                heading = QLabel(group)
                heading.setProperty("role", "heading")
                heading.setFixedHeight(24)
                grid.addWidget(heading, line, 0, 1, 4)
                line += 1
            self._place(grid, line, row)

    def _place(self, grid: QGridLayout, line: int, row: Row) -> None:
        grid.addWidget(row.label(), line, 0)
        first, *rest = row.controls
        if rest:
            grid.addWidget(first, line, 1)
            rest[0].setFixedWidth(58)
            grid.addWidget(rest[0], line, 2)
        elif isinstance(first, Switch):
            grid.addWidget(first, line, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        elif isinstance(first, Number):
            grid.addLayout(self._diced(row, first), line, 1, 1, 2)
        else:
            grid.addWidget(first, line, 1, 1, 2)
        grid.addWidget(row.reset, line, 3)

    def _diced(self, row: Row, number: Number) -> QHBoxLayout:
        """A number too wide for a slider, and a button that draws one."""
        dice = IconButton("dice", f"Draw a random {row.knob.label}", side=22, role="plain")
        dice.clicked.connect(lambda: row.wish(random.randrange(int(row.knob.maximum))))
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(number, 1)
        line.addWidget(dice)
        return line

    def _foot(self) -> QHBoxLayout:
        self._rerun = Switch("Rerun on change")
        describe(self._rerun, "Rerun on change", "Start over with the same seed whenever a knob moves.")
        self._rerun.toggled.connect(self.rerun_toggled)
        self._all = QPushButton("Reset all")
        self._all.setProperty("role", "quiet")
        describe(self._all, "Reset all", "Set every knob to its default.")
        self._all.clicked.connect(self.reset_all)
        line = QHBoxLayout()
        line.setContentsMargins(15, 0, 7, 0)
        line.addWidget(self._rerun)
        line.addStretch()
        line.addWidget(self._all)
        return line

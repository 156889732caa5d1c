"""Knobs: every field of Settings as a row of controls, built from `knobs()` alone.

The first group is large and always there; the others fold, and say in their heads what of them is not as usual.
Knows no session: a Settings comes in by `set_settings`, a changed one goes out by `changed`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.values.presets import Preset
from engine.values.settings import MAIN, Settings, default, knobs
from widgets.controls import IconButton, Number, Switch, describe
from widgets.fold import Fold
from widgets.row import Row, Scale
from widgets.scrolled import Scrolled
from widgets.shelf import Shelf
from widgets.span import Span

NUMBER = 58  # pixels of a box with a number


class Knobs(QFrame):
    """All knobs in a column that scrolls when the window is low."""

    changed = Signal(object)  # Settings, at every move of a control
    rerun_toggled = Signal(bool)
    folded = Signal(list)  # the names of the groups that are open

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setMinimumWidth(280)
        self._settings, self._usual, self._shown = Settings(), Settings(), None
        self._useless: dict[str, str] = {}  # the knobs that have no effect, and why
        ranged = {name for pair in knobs().items() for name in (pair[0], pair[1].to) if pair[1].to}
        self._rows = {
            name: Row(name, knob, self._wisher(name), slid=name not in ranged)
            for name, knob in knobs().items()
            if not knob.screen  # that one is where what it is about is shown
        }
        self._spans: dict[str, Span] = {}  # by the name of the knob at the first step
        self._folds: dict[str, Fold] = {}
        self.shelf = Shelf()
        self.shelf.chosen.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 8, 1, 8)
        column.setSpacing(8)
        column.addWidget(Scrolled(self._groups()))
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
            row.set_enabled(*self._effect(name))
        for name, span in self._spans.items():
            first, last = self._rows[name], self._rows[name].knob.to
            scale = Scale(first.knob, whole=False)
            span.show_positions(*(scale.position(getattr(settings, each)) for each in (name, last)))
            span.set_marks([scale.position(getattr(usual, each)) for each in (name, last)])
        self._all.setEnabled(settings != self._usual or self._all.hasFocus())
        self.shelf.show_settings(settings)
        self._show_fresh()

    def set_shown(self, settings: Settings | None) -> None:
        """The settings of the run on screen: knobs that differ from it are marked. None: there is no run."""
        self._shown = settings
        self._show_fresh()

    def fresh(self) -> set[str]:
        """The knobs with which the next run will not be as the one on screen."""
        moved = {} if self._shown is None else self._settings.moved(self._shown)
        return {name for name in moved if not knobs()[name].screen}

    def _show_fresh(self) -> None:
        fresh = self.fresh()
        for name, row in self._rows.items():
            row.set_fresh(bool({name, row.knob.to} & fresh))
        for group, fold in self._folds.items():
            rows = [row for row in self._rows.values() if row.knob.group == group]
            news = ", ".join(row.words() for row in rows if row.value != row.usual)
            fold.head.show_news(news, any(row.name in fresh for row in rows))

    def _effect(self, name: str) -> tuple[bool, str]:
        """Whether a knob has an effect now, and if not, why."""
        if name in self._useless:
            return False, self._useless[name]
        other, *values = knobs()[name].only or ("",)
        if other and getattr(self._settings, other) not in values:
            named = " or ".join(f"\u201c{value}\u201d" for value in values)
            return False, f"No effect now: only with the {knobs()[other].label} {named}."
        return True, ""

    def set_devices(self, names: list[str]) -> None:
        """Offers these devices only; the default one is always among them."""
        (combo,) = self._rows["device"].controls
        combo.blockSignals(True)
        combo.clear()
        combo.addItems([name for name in knobs()["device"].choices if name in {*names, default("device")}])
        combo.blockSignals(False)
        self.set_settings(self._settings)

    def set_enabled(self, name: str, on: bool, reason: str = "") -> None:
        """Greys a knob out that has no effect with this model; the reason is told where it is."""
        self._useless.pop(name, None)
        if not on:
            self._useless[name] = reason
        self.set_settings(self._settings)

    def set_open(self, groups: Iterable[str]) -> None:
        """Opens these groups and closes the others. No signal."""
        groups = set(groups)
        for name, fold in self._folds.items():
            fold.set_open(name in groups)

    def reset_all(self) -> None:
        """Sets every knob to its default, as if by hand."""
        self._change(self._usual)

    def set_rerun(self, on: bool) -> None:
        """Sets the switch "Live". No signal."""
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

    def move_to(self, settings: Settings) -> None:
        """Sets all knobs at once, as if by hand."""
        self._change(settings)

    def _take(self, preset: Preset) -> None:
        self._change(preset.of(self._settings))

    def _change(self, settings: Settings) -> None:
        if settings != self._settings:
            self.set_settings(settings)
            self.changed.emit(settings)

    def _groups(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._main())
        for group in dict.fromkeys(knob.group for knob in knobs().values()):
            if group != MAIN:
                fold = self._folds[group] = Fold(group)
                fold.grid.setColumnMinimumWidth(2, NUMBER)
                fold.opened.connect(self._tell_folds)
                self._fill(fold.grid, group)
                column.addWidget(fold)
        column.addStretch(1)
        return inside

    def _tell_folds(self) -> None:
        self.folded.emit([name for name, fold in self._folds.items() if fold.open])

    # The first group: large

    def _main(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(15, 2, 11, 8)
        column.setSpacing(2)
        lasts = {knob.to for knob in knobs().values()}
        for row in self._rows.values():
            if row.knob.group == MAIN and row.name not in lasts:
                column.addLayout(self._large(row))
                slider = self._spanned(row) if row.knob.to else row.controls[0]
                column.addWidget(slider)
                if row.knob.to:
                    ends = QLabel("\u25cf first step\u2003\u25cb last step")
                    ends.setProperty("role", "legend")
                    ends.setAlignment(Qt.AlignmentFlag.AlignRight)
                    column.addWidget(ends)
                column.addSpacing(6)
        column.addWidget(self.shelf)
        column.addSpacing(4)
        self._rerun = Switch("Live: run again while I drag")
        describe(self._rerun, "Live", "Run again with the same seed whenever a knob moves, while you drag it.")
        self._rerun.toggled.connect(self.rerun_toggled)
        column.addWidget(self._rerun)
        return box

    def _large(self, row: Row) -> QHBoxLayout:
        """The name, and the value or both values in large type."""
        pair = [row, self._rows[row.knob.to]] if row.knob.to else [row]
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(row.label(_common([each.knob.label for each in pair]), "main"), 1)
        for each in pair:  # before the numbers, which all end where the sliders end
            line.addWidget(each.reset)
        for index, each in enumerate(pair):
            if index:
                arrow = QLabel("\u2192")
                arrow.setProperty("role", "label")
                line.addWidget(arrow)
            each.number.setProperty("role", "large")
            each.number.setFixedSize(54, 32)
            line.addWidget(each.number)
        return line

    def _spanned(self, row: Row) -> Span:
        """One slider for both ends of a range."""
        pair, scale = [row, self._rows[row.knob.to]], Scale(row.knob, whole=False)
        span = self._spans[row.name] = Span(scale.last)
        span.words = lambda position: f"{scale.value(position):g}"
        span.set_marks([scale.position(each.usual) for each in pair])
        span.moved.connect(lambda handle, position: pair[handle].wish(scale.value(position)))
        help = f"Full: {pair[0].knob.help} Ring: {pair[1].knob.help}"
        describe(span, _common([each.knob.label for each in pair]), help)
        return span

    # The others: small, in folds

    def _fill(self, grid: QGridLayout, group: str) -> None:
        for row in self._rows.values():
            if row.knob.group == group:
                self._place(grid, grid.rowCount(), row)

    def _place(self, grid: QGridLayout, line: int, row: Row) -> None:
        grid.addWidget(row.label(), line, 0)
        first, *rest = row.controls
        if rest:
            grid.addWidget(first, line, 1)
            rest[0].setFixedWidth(NUMBER)
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
        self._all = QPushButton("Reset all")
        self._all.setProperty("role", "quiet")
        describe(self._all, "Reset all", "Set every knob to its default (Ctrl+Shift+R). Ctrl+Z takes it back.")
        self._all.clicked.connect(self.reset_all)
        line = QHBoxLayout()
        line.setContentsMargins(15, 0, 7, 0)
        line.addStretch()
        line.addWidget(self._all)
        return line


def _common(labels: list[str]) -> str:
    """The words with which all labels begin."""
    words = [each[0] for each in zip(*(label.split() for label in labels), strict=False) if len(set(each)) == 1]
    return " ".join(words)

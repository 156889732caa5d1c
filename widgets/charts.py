"""Charts: what every step wrote, took and left undecided, in three plots on one x axis, with one playhead.

Knows no recording: it gets an object of arrays, one value a step over all canvases, and that of the run before.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from engine.values.metrics import Series
from widgets.card import Card
from widgets.theme import DARK, Theme
from widgets.trends import CHARTS


class Charts(QWidget):
    """The row of charts. Cheap enough for ten updates a second; the playhead may move at every frame."""

    sought = Signal(int)  # a step, counted over all canvases
    table_wished = Signal()  # the numbers, as a file
    picture_wished = Signal()  # the charts, as a file

    def __init__(self) -> None:
        super().__init__()
        self._series, self._before = None, None
        self._index: int | None = None
        self._pointer: int | None = None
        self._cards = [Card(chart) for chart in CHARTS]
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for card in self._cards:
            line.addWidget(card, 1)
            card.plot.sought.connect(self.sought)
            card.plot.pointed.connect(self._point)
            card.plot.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # it is left to this widget
        self.setMinimumHeight(96)
        self.set_theme(DARK)
        self.clear()

    def show_series(self, series: Any, before: Any = None) -> None:
        """A `Series`: arrays of length n; and that of the run before, in grey. NaN and infinity are left out."""
        self._series, self._before = series, before
        walls = np.flatnonzero(np.diff(series.canvas)) + 1
        for card in self._cards:
            card.show_series(series, before, walls)
        self.set_playhead(len(series.canvas) - 1 if self._index is None else self._index)

    def set_playhead(self, index: int) -> None:
        """Puts the playhead on a step, the nearest one that there is."""
        count = 0 if self._series is None else len(self._series.canvas)
        self._index = min(max(0, index), count - 1) if count else None
        self._show_values()

    def set_theme(self, theme: Theme) -> None:
        for card in self._cards:
            card.set_theme(theme)
        if self._series is not None:
            self._show_values()

    def expect(self, steps: int) -> None:
        """Room on the axes for so many steps, before there are any: a range that grows costs time."""
        for card in self._cards:
            card.plot.expect(steps)

    def clear(self) -> None:
        """No run: quiet axes and a hint."""
        self._index = self._pointer = None
        self.show_series(Series(*[np.zeros(0)] * len(fields(Series))))

    def contextMenuEvent(self, event) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, wish in (
            ("Save the numbers as CSV\u2026", self.table_wished),
            ("Save the charts as a picture\u2026", self.picture_wished),
        ):
            menu.addAction(words, wish.emit).setEnabled(self._index is not None)
        menu.popup(event.globalPos())

    def _point(self, step: int | None) -> None:
        """Read off all the charts what they say of the step under the pointer."""
        self._pointer = step
        self._show_values()

    def _show_values(self) -> None:
        count = len(self._series.canvas)
        pointer = self._pointer if self._pointer is not None and self._pointer < count else None
        for card in self._cards:
            card.show_value(self._series, self._index, pointer)

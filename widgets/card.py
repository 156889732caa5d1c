"""Card: one chart with its title and its legend. Knows which lines it has, not what they are of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from widgets.brush import painted
from widgets.controls import describe
from widgets.pace import Unhurried
from widgets.plot import Plot
from widgets.scale import Scale
from widgets.theme import DARK, Theme, font, width
from widgets.trace import LINE, TICK, Trace
from widgets.trends import Chart

EMPTY, BLANK = "No steps yet", "Nothing to draw"
LOW = 140  # pixels: a card lower than this has its legend beside the title
SMALL, PLAIN, BOLD = 11, QFont.Weight.Normal, QFont.Weight.DemiBold  # the type of a legend


def _room(text: str, weight: QFont.Weight) -> float:
    """Pixels that a word of a legend takes, with the space after it."""
    return width(text, SMALL, weight) + 4


class Legend(Unhurried):
    """Samples of the lines, with their names and their values, in as many rows as there is room for.

    Where all of it does not fit the names go first.
    """

    SAMPLE, GAP, ROW = 10.0, 12.0, 16

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[tuple[Trace, str, str]] = []
        self._theme = DARK
        self.set_rows(1)

    def set_rows(self, rows: int) -> None:
        self.setFixedHeight(rows * self.ROW)

    def show_entries(self, entries: list[tuple[Trace, str, str]], theme: Theme) -> None:
        """Each with its trace, its name and its value."""
        if (entries, theme) != (self._entries, self._theme):
            self._entries, self._theme = entries, theme
            self.setAccessibleName(", ".join(f"{name} {value}" for _, name, value in entries))
            self.refresh()

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        parts = [
            (trace, [(name, PLAIN, self._theme.muted), (value, BOLD, self._theme.text)])
            for trace, name, value in self._entries
        ]
        short = [(trace, words[1:]) for trace, words in parts]
        many = self.height() // self.ROW
        rows = next((rows for rows in (self._rows(part) for part in (parts, short)) if len(rows) <= many), None)
        for row, line in enumerate((rows or self._rows(short))[:many]):
            painter.resetTransform()
            painter.translate(0, row * self.ROW)
            self._paint_row(painter, line)

    def _rows(self, parts) -> list[list]:
        """The parts in rows that are no wider than there is room for."""
        rows, x = [[]], 0.0
        for trace, words in parts:
            needs = self.SAMPLE + self.GAP + sum(_room(text, weight) for text, weight, _ in words)
            if rows[-1] and x + needs - self.GAP > self.width():
                rows.append([])
                x = 0.0
            rows[-1].append((trace, words))
            x += needs
        return rows

    def _paint_row(self, painter: QPainter, parts) -> None:
        x = 0.0
        for trace, words in parts:
            self._sample(painter, trace, x)
            x += self.SAMPLE + 4
            for text, weight, ink in words:
                painter.setFont(font(pixels=SMALL, weight=weight))
                painter.setPen(QColor(ink))
                painter.drawText(QPointF(x, 12), text)
                x += _room(text, weight)
            x += self.GAP - 4

    def _sample(self, painter: QPainter, trace: Trace, x: float) -> None:
        pen, brush = trace.dress(self._theme)
        painter.setPen(pen)
        painter.setBrush(brush)
        if trace.form == LINE:
            painter.drawLine(QPointF(x, 8), QPointF(x + self.SAMPLE, 8))
        elif trace.form == TICK:
            painter.drawLine(QPointF(x + 6, 4), QPointF(x + 6, 12))
        else:
            painter.drawRect(QRectF(x, 4, self.SAMPLE, 8))


class Card(QFrame):
    """One chart with its title and its legend, which has the values at the playhead or under the pointer."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart, self.plot = chart, Plot([line.trace for line in chart.lines])
        self._theme = DARK
        self.setProperty("role", "card")
        describe(self, chart.title, chart.help)
        self._title, self._legend, self._hint = QLabel(chart.title), Legend(), QLabel(EMPTY)
        self._title.setProperty("role", "heading")
        self._hint.setProperty("role", "hint")
        self._place()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.plot.set_theme(theme)

    def show_series(self, series: Any, before: Any, walls: np.ndarray) -> None:
        scales = self.chart.scales([series] if before is None else [series, before])
        self.plot.show_values(self._shares(series, scales), walls, scales, self._shares(before, scales))
        known = any(np.isfinite(np.asarray(line.values(series), float)).any() for line in self.chart.lines)
        self._hint.setVisible(not known)
        hint = BLANK if len(series.canvas) else EMPTY
        if self._hint.text() != hint:
            self._hint.setText(hint)
            self._centre_hint()

    def _shares(self, series: Any, scales: Sequence[Scale]) -> list[np.ndarray]:
        if series is None:
            return []
        busy = Scale(0.0, 100.0, [])  # what is measured in percent has the whole height, whatever the axes say
        return [
            (busy if line.needs else scales[line.trace.right]).shares(line.values(series))
            for line in self.chart.lines
        ]

    def show_value(self, series: Any, index: int | None, pointer: int | None) -> None:
        self.plot.set_playhead(index)
        self.plot.set_pointer(pointer)
        read = index if pointer is None else pointer
        title = self.chart.title if pointer is None else f"{self.chart.title}, step {pointer + 1}"
        if self._title.text() != title:
            self._title.setText(title)
        lines = [
            line for line in self.chart.lines if not line.needs or np.isfinite(getattr(series, line.needs)).any()
        ]
        words = [("–" if read is None else line.words(series, read)) for line in lines]
        entries = [(line.trace, line.name, word) for line, word in zip(lines, words, strict=True)]
        ahead = [entry for entry in entries if entry[0].ghost]
        self._legend.show_entries([*ahead, *(entry for entry in entries if entry not in ahead)], self._theme)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._arrange(self.height() < LOW)
        self._centre_hint()

    def _arrange(self, low: bool) -> None:
        """The legend below the title, or in a low card beside it."""
        if low != self._low:
            self._low = low
            (self._column if low else self._head).removeWidget(self._legend)
            self._legend.set_rows(1 if low else 2)
            if low:
                self._head.insertWidget(1, self._legend, 1)
            else:
                self._column.insertWidget(1, self._legend)

    def _centre_hint(self) -> None:
        self._hint.adjustSize()
        place = self.plot.geometry().adjusted(34, 0, 0, -18).center()  # of the axes, without their labels
        self._hint.move(place - self._hint.rect().center())

    def _place(self) -> None:
        self._head, self._column, self._low = QHBoxLayout(), QVBoxLayout(self), False
        self._legend.set_rows(2)
        self._head.setSpacing(12)
        self._head.addWidget(self._title)
        self._column.setContentsMargins(12, 7, 8, 4)
        self._column.setSpacing(2)
        self._column.addLayout(self._head)
        self._column.addWidget(self._legend)
        self._column.addWidget(self.plot, 1)
        self._hint.setParent(self)

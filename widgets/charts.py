"""Charts: what every step wrote, took and left undecided, in three plots on one x axis, with one playhead.

Knows no recording: it gets an object of arrays, one value a step over all canvases, and that of the run before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from engine.values.metrics import Series
from engine.values.settings import knobs
from widgets.brush import painted
from widgets.controls import describe
from widgets.pace import Unhurried
from widgets.plot import AREA, BAR, HANG, LINE, TICK, Plot, Scale, Trace, decades, linear, nice
from widgets.theme import DARK, Theme, font, width

Values = list[np.ndarray]
EMPTY, BLANK = "No steps yet", "Nothing to draw"
LOW = 140  # pixels: a card lower than this has its legend beside the title
SMALL, PLAIN, BOLD = 11, QFont.Weight.Normal, QFont.Weight.DemiBold  # the type of a legend
DASH, DOT = Qt.PenStyle.DashLine, Qt.PenStyle.DotLine


@dataclass(frozen=True)
class Line:
    """One series of a chart: its name for people, its looks, its values, and how one of them is written."""

    name: str
    trace: Trace
    values: Callable[[Any], np.ndarray]
    words: Callable[[Any, int], str]
    needs: str = ""  # a series without which it is not named at all


@dataclass(frozen=True)
class Chart:
    """What one chart shows: lines from back to front, and how its axes are scaled, the left and the right one."""

    title: str
    help: str
    lines: tuple[Line, ...]
    scales: Callable[[Sequence[Any]], tuple[Scale, ...]]  # of the series, and of that of the run before


def number(value: float, digits: int = 0, unit: str = "") -> str:
    """A measured number for people, a dash for what is none."""
    return f"{value:,.{digits}f}{unit}" if np.isfinite(value) else "–"


def most(*values: np.ndarray) -> float:
    """The largest finite value, 1 if there is none."""
    finite = np.concatenate([np.asarray(each, float) for each in values])
    finite = finite[np.isfinite(finite)]
    return float(finite.max()) if finite.size else 1.0


def usual(values: np.ndarray) -> float:
    """The largest finite value, but at most 4 times the middle one: a warm-up step many times slower than the rest
    runs out of the top instead of flattening the rest."""
    finite = np.sort(values[np.isfinite(values)])
    if not finite.size:
        return 1.0
    middle = finite[[(finite.size - 1) // 2, finite.size // 2]].mean()  # np.median imports for 20 ms
    return min(float(finite[-1]), 4 * float(middle))


def _at(name: str, digits: int = 0, unit: str = "") -> Callable[[Any, int], str]:
    """How a series is written at a step."""
    return lambda s, i: number(getattr(s, name)[i], digits, unit)


def _whole(runs: Sequence[Any]) -> float:
    """Cells of a canvas, the largest of them."""
    return max(1.0, most(*(s.size for s in runs))) if any(len(s.size) for s in runs) else 256.0


def _step_ms(s: Any) -> np.ndarray:
    return np.add(s.forward_ms, s.readout_ms)


WRITTEN = Chart(
    "Written",
    "Cells of the canvas: those of the text that the step holds, from below; padding, after the text and between "
    "its sentences, from above; in between what is still open. Ticks: steps in which held cells changed their "
    "token, and in which acceptance was withdrawn.",
    (
        Line(
            "text",
            Trace("accepted", AREA, 0.9, ghost=True),
            lambda s: s.accepted,
            lambda s, i: number(s.accepted[i]),
        ),
        Line("padding", Trace("muted", HANG, 0.25), lambda s: s.after, _at("after")),
        Line("changed", Trace("changed", TICK), lambda s: s.changed, _at("changed")),
        Line("withdrawn", Trace("withdrawn", TICK, row=1), lambda s: s.withdrawn, _at("withdrawn")),
    ),
    lambda runs: (linear(_whole(runs)),),
)
THROUGHPUT = Chart(
    "Throughput",
    "Line: tokens of the text written so far, per second of the run so far. Bars: milliseconds of a step, in the "
    "decoder (forward) and in everything after it (readout). GPU: percent of the time that the graphics card was "
    "busy, by all programs, of the whole height; it is read twice a second.",
    (
        Line("readout", Trace("muted", BAR, right=True), _step_ms, _at("readout_ms", 0, " ms")),
        Line(
            "forward", Trace("muted", BAR, 0.3, right=True), lambda s: s.forward_ms,
            _at("forward_ms", 0, " ms"),
        ),
        Line(
            "GPU busy", Trace("text", LINE, dash=DOT), lambda s: s.gpu_busy, _at("gpu_busy", 0, " %"),
            needs="gpu_busy",
        ),
        Line(
            "written", Trace("accent", LINE, ghost=True), lambda s: s.written_s,
            lambda s, i: number(s.written_s[i], 0 if s.written_s[i] >= 99.5 else 1, " tok/s"),
        ),
    ),
    lambda runs: (
        linear(nice(most(*(s.written_s for s in runs))), "tok/s"),
        linear(nice(1.5 * usual(_step_ms(runs[0]))), "ms"),
    ),
)  # fmt: skip
CERTAINTY = Chart(
    "Certainty",
    "How undecided the model is: mean entropy of the canvas in nats, the lower the surer. Below the dashed line a "
    "canvas may stop. Dotted, on the right axis: the temperature. Sure is not the same as right.",
    (
        Line("stop at", Trace("accent", LINE, dash=DASH), lambda s: s.threshold, _at("threshold", 3)),
        Line(
            "temperature", Trace("faint", LINE, dash=DOT, right=True), lambda s: s.temperature,
            _at("temperature", 2),
        ),
        Line(
            "entropy", Trace("text", LINE, ghost=True), lambda s: s.entropy_canvas,
            _at("entropy_canvas", 3, " nats"),
        ),
    ),
    lambda runs: (decades(-3, 1), linear(knobs()["t_max"].maximum)),
)  # fmt: skip
CHARTS = (WRITTEN, THROUGHPUT, CERTAINTY)


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

    def _shares(self, series: Any, scales: Sequence[Scale]) -> Values:
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

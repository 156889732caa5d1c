"""Charts: what every step took and did, in small plots on one x axis, with the playhead through all.

Knows no recording: it gets an object of arrays, one value a step over all canvases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.values.metrics import Series
from widgets.brush import painted
from widgets.controls import describe
from widgets.plot import Plot, Trace, decades, linear, nice
from widgets.theme import DARK, Theme

Values = list[np.ndarray]
EMPTY, BLANK = "No steps yet", "Nothing to draw"
ROOMY = 800  # pixels: a shorter row has room for the charts that every run has, and no other


@dataclass(frozen=True)
class Chart:
    """What one chart shows: its traces back to front, and how series become values, a scale and a title."""

    title: str
    help: str
    width: int  # share of the row
    legend: tuple[tuple[str, str], ...]  # (word, colour), in reading order
    traces: tuple[Trace, ...]
    values: Callable[[Any], Values]
    scale: Callable[[Values], tuple]
    words: Callable[[Any, int], list[tuple[str, str]]]  # the values at a step, each with its colour
    needs: str = ""  # a series without which it is not shown at all


def number(value: float, digits: int = 0, unit: str = "") -> str:
    """A measured number for people, a dash for what is none."""
    return f"{value:,.{digits}f}{unit}" if np.isfinite(value) else "–"


def most(values: Values) -> float:
    """The largest finite value, 1 if there is none."""
    finite = np.concatenate(values)
    finite = finite[np.isfinite(finite)]
    return float(finite.max()) if finite.size else 1.0


def time_scale(values: Values) -> tuple:
    """A warm-up step many times slower than the rest runs out of the top instead of flattening the rest."""
    finite = values[0][np.isfinite(values[0])]
    middle = (finite.size - 1) // 2, finite.size // 2
    usual = 4 * np.sort(finite)[[*middle]].mean() if finite.size else 1.0  # np.median imports for 20 ms
    return linear(nice(min(most(values), float(usual))))


def entropy_scale(values: Values) -> tuple:
    finite = np.concatenate(values)
    finite = finite[np.isfinite(finite)]
    return decades(10 ** finite.min(), 10 ** finite.max()) if finite.size else decades(1e-3, 10)


def logarithm(values: np.ndarray) -> np.ndarray:
    """log10, with NaN where there is none."""
    values = np.asarray(values, float)
    return np.log10(values, out=np.full(len(values), np.nan), where=np.isfinite(values) & (values > 0))


def percent(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The share in percent, NaN where there is none."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    known = np.isfinite(part) & np.isfinite(whole) & (whole > 0)
    return 100 * np.divide(part, whole, out=np.full(len(part), np.nan), where=known)


CHARTS = (
    Chart(
        "Time per step",
        "Milliseconds in the decoder (forward) and in everything after it (readout), and the cells refined "
        "per second inside the step.",
        5,
        (("forward", "series0"), ("readout", "series4")),
        (Trace("series4", fill=True), Trace("series0", fill=True)),
        lambda s: [np.add(s.forward_ms, s.readout_ms), np.asarray(s.forward_ms, float)],
        time_scale,
        lambda s, i: [
            (number(s.forward_ms[i] + s.readout_ms[i], 0, " ms"), "text"),
            (number(s.step_tok_s[i], 0, " tok/s"), "text"),
        ],
    ),
    Chart(
        "Cells",
        "Cells of the text that the step held, that changed their token while held, and whose acceptance it "
        "withdrew.",
        6,
        (("accepted", "accepted"), ("changed", "changed"), ("withdrawn", "withdrawn")),
        (Trace("accepted", fill=True), Trace("changed"), Trace("withdrawn")),
        lambda s: [np.asarray(v, float) for v in (s.accepted, s.changed, s.withdrawn)],
        lambda values: linear(2.0 ** math.ceil(math.log2(max(8.0, most(values))))),
        lambda s, i: [(number(getattr(s, n)[i]), n) for n in ("accepted", "changed", "withdrawn")],
    ),
    Chart(
        "Mean entropy",
        "How undecided the model is, in nats, over the text and over the whole canvas. Below the dashed line "
        "the canvas may stop. Low entropy says sure, not right.",
        5,
        (("text", "series0"), ("canvas", "series4"), ("stop at", "muted")),
        (Trace("muted", dash=True), Trace("series4"), Trace("series0")),
        lambda s: [logarithm(v) for v in (s.threshold, s.entropy_canvas, s.entropy_text)],
        entropy_scale,
        lambda s, i: [
            (number(s.entropy_text[i], 3, " nats"), "series0"),
            (number(s.entropy_canvas[i], 3), "series4"),
        ],
    ),
    Chart(
        "Temperature",
        "The temperature that shaped the step's distribution.",
        3,
        (),
        (Trace("series0"),),
        lambda s: [np.asarray(s.temperature, float)],
        lambda values: linear(nice(most(values))),
        lambda s, i: [(number(s.temperature[i], 2), "text")],
    ),
    Chart(
        "GPU",
        "How much of the time the graphics card was busy and how much of its memory was taken, by all programs, "
        "in percent. It is read twice a second: a step shows the newest reading.",
        4,
        (("busy", "series0"), ("memory", "series4")),
        (Trace("series4"), Trace("series0")),
        lambda s: [percent(s.gpu_used, s.gpu_total), np.asarray(s.gpu_busy, float)],
        lambda values: linear(100.0),
        lambda s, i: [
            (number(s.gpu_busy[i], 0, " %"), "series0"),
            (number(s.gpu_used[i] / 1e9, 1, " GB"), "series4"),
        ],
        needs="gpu_total",
    ),
)


class Words(QLabel):
    """Words in colours with dots between them. Rich text looks the same, but lays the window out at every step."""

    DOT = " \N{NO-BREAK SPACE}·\N{NO-BREAK SPACE} "

    def __init__(self) -> None:
        super().__init__("–")  # gives the height
        self.setProperty("role", "value")
        self._words: list[tuple[str, str]] = []

    def show_words(self, words: list[tuple[str, str]]) -> None:
        """Each word with its colour."""
        if words != self._words:
            self._words = words
            self.setAccessibleName(self.DOT.join(word for word, _ in words))
            self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter, metrics, x = QPainter(self), QFontMetricsF(self.font()), 0.0
        base = (self.height() - metrics.height()) / 2 + metrics.ascent()
        text = self.palette().windowText().color()
        for index, (word, colour) in enumerate(self._words):
            for part, ink in ((self.DOT, text), (word, QColor(colour)))[not index :]:
                painter.setPen(ink)
                painter.drawText(QPointF(x, base), part)
                x += metrics.horizontalAdvance(part)


class Card(QFrame):
    """One chart with its title, the value at the playhead and its legend."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart, self.plot = chart, Plot(list(chart.traces))
        self.setProperty("role", "card")
        describe(self, chart.title, chart.help)
        self._value, self._legend, self._hint = Words(), QLabel(), QLabel(EMPTY)
        self._legend.setProperty("role", "legend")
        self._hint.setProperty("role", "hint")
        self._place()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.plot.set_theme(theme)
        legend = self._coloured(self.chart.legend)
        spans = (f'<span style="color:{colour}">{word}</span>' for word, colour in legend)
        self._legend.setText("&nbsp;&nbsp;".join(spans))

    def show_series(self, series: Any, walls: np.ndarray) -> None:
        values = self.chart.values(series)
        self.plot.show_values(values, walls, self.chart.scale(values))
        self._hint.setVisible(not any(np.isfinite(trace).any() for trace in values))
        hint = BLANK if len(values[0]) else EMPTY
        if self._hint.text() != hint:
            self._hint.setText(hint)
            self._centre_hint()

    def show_value(self, series: Any, index: int | None) -> None:
        self.plot.set_playhead(index)
        words = [("–", "muted")] if index is None else self.chart.words(series, index)
        self._value.show_words(self._coloured(words))

    def _coloured(self, words) -> list[tuple[str, str]]:
        return [(word, Trace(name).of(self._theme)) for word, name in words]

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        words = self._legend.sizeHint().width() + self._title.sizeHint().width()
        roomy = words + 32 < self.width() or not self.chart.legend
        self._title.setVisible(roomy)
        side = Qt.AlignmentFlag.AlignRight if roomy else Qt.AlignmentFlag.AlignLeft
        self._legend.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self._centre_hint()

    def _centre_hint(self) -> None:
        self._hint.adjustSize()
        place = self.plot.geometry().adjusted(34, 0, 0, -18).center()  # of the axes, without their labels
        self._hint.move(place - self._hint.rect().center())

    def _place(self) -> None:
        self._title = QLabel(self.chart.title)
        self._title.setProperty("role", "label")
        for label in (self._title, self._legend, self._value):  # none of them may widen the window
            label.setMinimumWidth(1)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 6)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._value)
        column.addWidget(self.plot, 1)
        self._hint.setParent(self)


class Charts(QWidget):
    """The row of charts. Cheap enough for ten updates a second; the playhead may move at every frame."""

    sought = Signal(int)  # a step, counted over all canvases

    def __init__(self) -> None:
        super().__init__()
        self._series, self._index = None, None
        self._cards = [Card(chart) for chart in CHARTS]
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for card in self._cards:
            line.addWidget(card, card.chart.width)
            card.plot.sought.connect(self.sought)
        self.setMinimumHeight(128)
        self.set_theme(DARK)
        self.clear()

    def show_series(self, series: Any) -> None:
        """Arrays of length n: canvas, forward_ms, readout_ms, step_tok_s, accepted, changed, withdrawn,
        entropy_text, entropy_canvas, threshold (nats), temperature, gpu_busy (percent), gpu_used and gpu_total
        (bytes; without any of these there is no such chart). NaN and infinity are left out."""
        self._series = series
        walls = np.flatnonzero(np.diff(series.canvas)) + 1
        for card in self._cards:
            card.setVisible(self._wanted(card.chart))
            if not card.isHidden():
                card.show_series(series, walls)
        self.set_playhead(len(series.canvas) - 1 if self._index is None else self._index)

    def _wanted(self, chart: Chart) -> bool:
        """Not a chart that has nothing to show, or for which the row is too short, if it is not of every run."""
        if not chart.needs:
            return True
        return self.width() >= ROOMY and bool(np.isfinite(getattr(self._series, chart.needs)).any())

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if any(card.isHidden() == self._wanted(card.chart) for card in self._cards):
            self.show_series(self._series)

    def set_playhead(self, index: int) -> None:
        """Puts the playhead on a step, the nearest one that there is."""
        count = 0 if self._series is None else len(self._series.canvas)
        self._index = min(max(0, index), count - 1) if count else None
        for card in self._cards:
            card.show_value(self._series, self._index)

    def set_theme(self, theme: Theme) -> None:
        for card in self._cards:
            card.set_theme(theme)
            card.show_value(self._series, self._index)

    def expect(self, steps: int) -> None:
        """Room on the axes for so many steps, before there are any: a range that grows costs time. 0: for none."""
        for card in self._cards:
            card.plot.expect(steps)

    def clear(self) -> None:
        """No run: quiet axes and a hint."""
        self._index = None
        self.show_series(Series(*[np.zeros(0)] * len(fields(Series))))

"""Trends: what the three charts tell of a run: which series, how each looks, how its numbers are written.

Knows no widget. A series is an attribute of an object of arrays, one value a step over all canvases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt

from engine.values.settings import knobs
from widgets.scale import Scale, decades, linear, nice
from widgets.trace import AREA, BAR, HANG, LINE, TICK, Trace

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

"""Trace: how one series of a chart looks, and the path that it is drawn as.

Speed and looks come from the same choice: a step is a flat stretch, never interpolated, so every line is
horizontal or vertical and sharp without antialiasing. Values are shares of the height, 0 to 1. Knows no axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen

from widgets.theme import Theme, blend

LINE, AREA, HANG, BAR, TICK = "line", "area", "hang", "bar", "tick"
DENSE = 200  # steps: with more, bars have no gaps


@dataclass(frozen=True)
class Trace:
    """How one series looks: a line, an area from the floor or the ceiling, bars, or a tick where there is some."""

    colour: str  # a field of Theme
    form: str = LINE
    share: float = 1.0  # of the colour, on the ground of the chart
    dash: Qt.PenStyle = Qt.PenStyle.SolidLine
    right: bool = False  # measured on the right axis
    ghost: bool = False  # also shown, in grey, of the run before
    row: int = 0  # of ticks: which row above the base line

    def of(self, theme: Theme) -> str:
        return blend(getattr(theme, self.colour), theme.panel, self.share)

    @lru_cache(64)  # noqa: B019 (traces are few, and there for ever)
    def dress(self, theme: Theme) -> tuple[QPen, QBrush]:
        """What it is drawn with."""
        colour = QColor(self.of(theme))
        if self.form == LINE:
            return QPen(colour, 2.0 if self.ghost else 1.0, self.dash), QBrush()
        if self.form == TICK:
            return QPen(colour, 2.0), QBrush()
        return QPen(Qt.PenStyle.NoPen), QBrush(colour)


def stairs(values: np.ndarray, floor: float | None) -> QPainterPath:
    """A flat stretch for every step, with gaps where there is no number; down to the floor where there is one."""
    x, y = np.repeat(np.arange(len(values) + 1.0), 2), np.repeat(np.asarray(values, float), 2)
    if floor is None:
        return pg.arrayToQPath(x[1:-1], np.where(np.isfinite(y), y, np.nan), connect="finite")
    y = np.nan_to_num(np.concatenate([[floor], y, [floor]]), nan=floor, posinf=1e9, neginf=floor)
    return pg.arrayToQPath(x, y, finiteCheck=False)


def bars(values: np.ndarray) -> QPainterPath:
    """A bar for every step, with a gap to the next one."""
    if len(values) > DENSE:
        return stairs(values, 0.0)
    path = QPainterPath()
    for step, value in enumerate(values):
        if value > 0:
            path.addRect(QRectF(step + 0.1, 0, 0.8, float(value)))
    return path


def ticks(values: np.ndarray, row: int) -> QPainterPath:
    """A short upright line for every step that has any, in one of two rows above the base line."""
    at = np.flatnonzero(np.nan_to_num(values) > 0) + 0.5
    return segments(np.repeat(at, 2), np.tile([0.01 + 0.1 * row, 0.09 + 0.1 * row], len(at)))


def segments(xs: np.ndarray, ys: np.ndarray) -> QPainterPath:
    """A line between the first two points, between the next two, and so on."""
    return pg.arrayToQPath(np.asarray(xs, float), np.asarray(ys, float), connect="pairs", finiteCheck=False)


def drawn(trace: Trace, shares: np.ndarray) -> QPainterPath:
    """A trace as a path."""
    if trace.form == BAR:
        return bars(shares)
    if trace.form == TICK:
        return ticks(shares, trace.row)
    if trace.form == HANG:
        return stairs(1 - np.nan_to_num(shares), 1.0)
    return stairs(shares, 0.0 if trace.form == AREA else None)

"""Plot: one quiet chart of steps: staircase traces, a playhead, a click that seeks. Knows no series.

Speed and looks come from the same choice: a step is a flat stretch, never interpolated, so every line is
horizontal or vertical and sharp without antialiasing. Ranges are set, never searched for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QSizePolicy

from widgets.theme import Theme, blend, font

CHUNKS = (8, 16, 24, 32, 48, 64, 96, 128)
ROUND = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)  # halves of these are short, too
DECADES = 4  # that a logarithmic axis shows at most


@dataclass(frozen=True)
class Trace:
    """How one line looks: the name of its colour, filled down to the axis or not, dashed or not."""

    colour: str  # a field of Theme, or "series0" to "series4"
    fill: bool = False
    dash: bool = False

    def of(self, theme: Theme) -> str:
        name = self.colour
        return theme.series[int(name[-1])] if name.startswith("series") else getattr(theme, name)


def room(count: int) -> int:
    """How many steps the axis has room for: grows in chunks, so that it rarely moves."""
    fits = (chunk for chunk in CHUNKS if chunk >= count)
    return next(fits, 128 * math.ceil(count / 128))


def nice(value: float) -> float:
    """The least round number, two figures at most, that is not below `value`; 1 for nonsense."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(value))
    return next(factor * unit for factor in ROUND if factor * unit >= value * (1 - 1e-9))


def linear(top: float) -> tuple[float, float, list[tuple[float, str]]]:
    """Range and ticks from 0 to `top`, half way in between."""
    return 0.0, top * 1.04, [(value, f"{value:,.4g}") for value in (0.0, top / 2, top)]


def decades(least: float, most: float) -> tuple[float, float, list[tuple[float, str]]]:
    """Range and ticks in log10 that hold the decades from `least` to `most`, the upper DECADES of them."""
    high = math.ceil(math.log10(most) - 1e-9)
    low = max(min(math.floor(math.log10(least) + 1e-9), high - 1), high - DECADES)
    return low, high + 0.04, [(float(power), f"{10.0**power:g}") for power in range(low, high + 1)]


class Plot(pg.PlotWidget):
    """Axes, traces and a playhead, in plain numbers."""

    sought = Signal(int)  # the step under the mouse
    _ticks: tuple | None = None  # the range shown; of the class: pyqtgraph resizes before __init__ is done

    def __init__(self, traces: list[Trace]) -> None:
        super().__init__(enableMenu=False)
        self._traces, self._count = traces, 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 48)
        self.setFrameShape(self.Shape.NoFrame)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._quiet()
        self._curves = [pg.PlotCurveItem(antialias=False) for _ in traces]
        self._grid, self._walls = (pg.PlotCurveItem(antialias=False, connect="pairs") for _ in range(2))
        self._head = pg.InfiniteLine(angle=90, movable=False)
        for item in (self._grid, *self._curves, self._walls, self._head):
            self.addItem(item, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        self.setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(theme.line) if name == "bottom" else pg.mkPen(None))
            axis.setTickPen(pg.mkPen(theme.panel))  # a tick of no length is still a dot
            axis.setTextPen(theme.muted)
        for trace, curve in zip(self._traces, self._curves, strict=True):
            self._dress(curve, trace, theme)
        self._grid.setPen(pg.mkPen(blend(theme.line, theme.panel, 0.6)))
        self._walls.setPen(pg.mkPen(theme.faint, style=Qt.PenStyle.DotLine))
        self._head.setPen(pg.mkPen(theme.text))

    def show_values(self, values: list[np.ndarray], walls: np.ndarray, scale) -> None:
        """One array [n] per trace, in axis units; `walls`: first steps of canvases; `scale`: of `linear`."""
        self._count = len(values[0])
        edges = np.arange(self._count + 1, dtype=float)
        for curve, trace, value in zip(self._curves, self._traces, values, strict=True):
            self._draw(curve, edges, value, scale[0] if trace.fill else None)
        low, high, ticks = scale
        self._walls.setData(np.repeat(np.asarray(walls, float), 2), np.tile([low, high], len(walls)))
        self._range(low, high, ticks)

    def set_playhead(self, index: int | None) -> None:
        self._head.setVisible(index is not None)
        if index is not None:
            self._head.setValue(index + 0.5)

    def step_at(self, x: float) -> int | None:
        """The step at a pixel of the widget, the nearest one beyond the ends; None without steps."""
        if not self._count:
            return None
        place = self.getViewBox().mapSceneToView(self.mapToScene(round(x), 0)).x()
        return min(self._count - 1, max(0, math.floor(place)))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if self._ticks:
            self._steps(room(self._count))

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseReleaseEvent(self, event) -> None:
        """Nothing: pyqtgraph would look for something to drag."""

    def wheelEvent(self, event) -> None:
        event.ignore()

    def _seek(self, x: float) -> None:
        step = self.step_at(x)
        if step is not None:
            self.sought.emit(step)

    def _quiet(self) -> None:
        self.hideButtons()
        self.setMouseEnabled(False, False)
        self.getViewBox().disableAutoRange()
        self.getPlotItem().layout.setContentsMargins(0, 4, 6, 0)
        style = {
            "tickFont": font(pixels=10, weight=QFont.Weight.Medium),
            "tickLength": 0,
            "tickTextOffset": 4,
            "autoExpandTextSpace": False,
            "hideOverlappingLabels": False,  # or the labels at both ends are left out
        }
        for name, size in (("left", "setWidth"), ("bottom", "setHeight")):
            axis = self.getAxis(name)
            axis.setStyle(**style)
            getattr(axis, size)(34 if name == "left" else 18)

    def _dress(self, curve: pg.PlotCurveItem, trace: Trace, theme: Theme) -> None:
        style = Qt.PenStyle.DashLine if trace.dash else Qt.PenStyle.SolidLine
        colour = trace.of(theme)
        curve.setPen(pg.mkPen(colour, width=1, style=style))
        if trace.fill:
            curve.setBrush(blend(colour, theme.panel, 0.45))

    def _draw(self, curve: pg.PlotCurveItem, edges: np.ndarray, value: np.ndarray, floor: float | None) -> None:
        curve.setVisible(self._count > 0)
        if self._count == 0:
            return
        if floor is not None:
            value = np.nan_to_num(value, nan=floor, posinf=1e9, neginf=floor)
        else:
            value = np.where(np.isfinite(value), value, np.nan)
        curve.setData(edges, value, stepMode="center", fillLevel=floor, connect="finite")

    def _range(self, low: float, high: float, ticks: list[tuple[float, str]]) -> None:
        ticks = ticks if self._count else []  # nothing measured, nothing to read off
        wanted = (room(self._count), low, high, ticks)
        if wanted == self._ticks:
            return
        self._ticks = wanted
        self.setRange(xRange=(0, wanted[0]), yRange=(low, high), padding=0)
        self.getAxis("left").setTicks([ticks])
        levels = [value for value, _ in ticks[1:]]
        self._grid.setData(np.tile([0.0, wanted[0]], len(levels)), np.repeat(levels, 2))
        self._steps(wanted[0])

    def _steps(self, last: int) -> None:
        """Ticks at quarters, at halves or at the ends, as there is room."""
        every = max(1, last // (4 if self.width() > 180 else 2 if self.width() > 110 else 1))
        self.getAxis("bottom").setTicks([[(n, str(n) if n else "steps") for n in range(0, last + 1, every)]])

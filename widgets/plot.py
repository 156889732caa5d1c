"""Plot: one quiet chart of steps: staircase traces, a playhead, a click that seeks. Knows no series.

Speed and looks come from the same choice: a step is a flat stretch, never interpolated, so every line is
horizontal or vertical and sharp without antialiasing. Ranges are set, never searched for. pyqtgraph gives the
axes and the coordinates; all between the axes is one item, because managing items costs more than drawing them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy

from widgets.brush import painted
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

    def dress(self, theme: Theme) -> tuple[QPen, QBrush]:
        """What it is drawn with."""
        style = Qt.PenStyle.DashLine if self.dash else Qt.PenStyle.SolidLine
        brush = pg.mkBrush(blend(self.of(theme), theme.panel, 0.45)) if self.fill else QBrush()
        return pg.mkPen(self.of(theme), width=1, style=style), brush


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


def stairs(values: np.ndarray, floor: float | None) -> QPainterPath:
    """A flat stretch for every step, with gaps where there is no number; down to the floor where there is one."""
    x, y = np.repeat(np.arange(len(values) + 1.0), 2), np.repeat(np.asarray(values, float), 2)
    if floor is None:
        return pg.arrayToQPath(x[1:-1], np.where(np.isfinite(y), y, np.nan), connect="finite")
    y = np.nan_to_num(np.concatenate([[floor], y, [floor]]), nan=floor, posinf=1e9, neginf=floor)
    return pg.arrayToQPath(x, y, finiteCheck=False)


def segments(xs: np.ndarray, ys: np.ndarray) -> QPainterPath:
    """A line between the first two points, between the next two, and so on."""
    return pg.arrayToQPath(np.asarray(xs, float), np.asarray(ys, float), connect="pairs", finiteCheck=False)


class Ink(pg.GraphicsObject):
    """All that is drawn between the axes: paths from back to front, each with its pen and brush, and a playhead."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.paths = [QPainterPath()] * count
        self.dresses = [(QPen(), QBrush())] * count
        self.head: float | None = None
        self.head_pen = QPen()
        self.box = QRectF()

    def cover(self, box: QRectF) -> None:
        self.prepareGeometryChange()
        self.box = box

    def boundingRect(self) -> QRectF:
        return self.box

    @painted
    def paint(self, painter: QPainter, *_: object) -> None:
        for path, (pen, brush) in zip(self.paths, self.dresses, strict=True):
            painter.setPen(pen)
            painter.setBrush(brush)
            painter.drawPath(path)
        if self.head is not None:
            painter.setPen(self.head_pen)
            painter.drawLine(QLineF(self.head, self.box.top(), self.head, self.box.bottom()))


class Plot(pg.PlotWidget):
    """Axes, traces and a playhead, in plain numbers."""

    sought = Signal(int)  # the step under the mouse
    _ticks: tuple | None = None  # the range shown; of the class: pyqtgraph resizes before __init__ is done

    def __init__(self, traces: list[Trace]) -> None:
        super().__init__(enableMenu=False)
        self._traces, self._count, self._expected = traces, 0, 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 48)
        self.setFrameShape(self.Shape.NoFrame)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._quiet()
        self._ink = Ink(len(traces) + 2)  # the lines of the grid, the traces, the walls between canvases
        self.addItem(self._ink, ignoreBounds=True)
        # By itself every scene repaints the window for its own changes: four plots, four times.
        self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)

    @property
    def playhead(self) -> float | None:
        """Where the playhead stands, in steps: in the middle of one. None while it is hidden."""
        return self._ink.head

    def set_theme(self, theme: Theme) -> None:
        self.setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(theme.line) if name == "bottom" else pg.mkPen(None))
            axis.setTickPen(pg.mkPen(theme.panel))  # a tick of no length is still a dot
            axis.setTextPen(theme.muted)
        grid = pg.mkPen(blend(theme.line, theme.panel, 0.6)), QBrush()
        walls = pg.mkPen(theme.faint, style=Qt.PenStyle.DotLine), QBrush()
        self._ink.dresses = [grid, *(trace.dress(theme) for trace in self._traces), walls]
        self._ink.head_pen = pg.mkPen(theme.text)
        self.viewport().update()

    def show_values(self, values: list[np.ndarray], walls: np.ndarray, scale) -> None:
        """One array [n] per trace, in axis units; `walls`: first steps of canvases; `scale`: of `linear`."""
        self._count = len(values[0])
        low, high, ticks = scale
        pairs = zip(self._traces, values, strict=True)
        self._ink.paths[1:] = [
            *(stairs(value, low if trace.fill else None) for trace, value in pairs),
            segments(np.repeat(walls, 2), np.tile([low, high], len(walls))),
        ]
        self._range(low, high, ticks)
        self.viewport().update()

    def expect(self, steps: int) -> None:
        """Room for so many steps, from the next values on."""
        self._expected = steps

    def set_playhead(self, index: int | None) -> None:
        head = None if index is None else index + 0.5
        if head != self._ink.head:
            self._ink.head = head
            self.viewport().update()

    def step_at(self, x: float) -> int | None:
        """The step at a pixel of the widget, the nearest one beyond the ends; None without steps."""
        if not self._count:
            return None
        place = self.getViewBox().mapSceneToView(self.mapToScene(round(x), 0)).x()
        return min(self._count - 1, max(0, math.floor(place)))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if self._ticks:
            self._steps(self._room())

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
            axis.enableAutoSIPrefix(False)  # the ticks are given as they are
            getattr(axis, size)(34 if name == "left" else 18)

    def _room(self) -> int:
        return room(max(self._count, self._expected))

    def _range(self, low: float, high: float, ticks: list[tuple[float, str]]) -> None:
        ticks = ticks if self._count else []  # nothing measured, nothing to read off
        wanted = (self._room(), low, high, ticks)
        if wanted == self._ticks:
            return
        self._ticks = wanted
        self.setRange(xRange=(0, wanted[0]), yRange=(low, high), padding=0)
        self.getAxis("left").setTicks([ticks])
        levels = [value for value, _ in ticks[1:]]
        self._ink.paths[0] = segments(np.tile([0.0, wanted[0]], len(levels)), np.repeat(levels, 2))
        self._ink.cover(QRectF(0, low, wanted[0], high - low))
        self._steps(wanted[0])

    def _steps(self, last: int) -> None:
        """Ticks at quarters, at halves or at the ends, as there is room."""
        every = max(1, last // (4 if self.width() > 180 else 2 if self.width() > 110 else 1))
        self.getAxis("bottom").setTicks([[(n, str(n) if n else "steps") for n in range(0, last + 1, every)]])

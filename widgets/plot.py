"""Plot: one quiet chart of steps: traces, a playhead, a pointer that reads, a click that seeks. Knows no series.

Speed and looks come from the same choice: a step is a flat stretch, never interpolated, so every line is
horizontal or vertical and sharp without antialiasing. Ranges are set, never searched for. pyqtgraph gives the
axes and the coordinates; all between the axes is one item, because managing items costs more than drawing them.
Values come as shares of the height, 0 to 1: what they are shares of is the scale's to know, one on each side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy

from widgets.brush import painted
from widgets.theme import Theme, blend, font

ROUND = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)  # halves of these are short, too
PACES = (1, 1.2, 1.5, 1.6, 2, 2.4, 2.5, 3, 4, 5, 6, 8, 10)  # from one label of steps to the next: round to people
LINE, AREA, HANG, BAR, TICK = "line", "area", "hang", "bar", "tick"
TOP = 1.04  # of the range: a line at the full height is seen whole
DENSE = 200  # steps: with more, bars have no gaps
LEFT, RIGHT, LOW = 34, 36, 18  # pixels of the axes


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


class Scale(NamedTuple):
    """The values at the floor and at the top of a chart, and where its axis has labels. `log`: they are log10."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    log: bool = False

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Values as shares of the height, at most just above the top; NaN where there is no number."""
        values = np.asarray(values, float)
        known = np.isfinite(values) & ((values > 0) if self.log else True)
        plain = np.where(known, values, 1.0)
        placed = np.clip(((np.log10(plain) if self.log else plain) - self.low) / (self.high - self.low), 0, TOP)
        return np.where(known, placed, np.nan)


def nice(value: float) -> float:
    """The least round number, two figures at most, that is not below `value`; 1 for nonsense."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((factor * power for factor in ROUND if factor * power >= value * (1 - 1e-9)), 10 * power)


def pace(steps: int, most: int) -> int:
    """How many steps are from one label to the next, so that there are at most so many: a round number."""
    if steps <= most:
        return 1
    power = 10 ** (len(str(math.ceil(steps / most))) - 1)
    paces = (round(step * power) for step in PACES)
    return next(step for step in paces if step * most >= steps)


def linear(top: float, unit: str = "") -> Scale:
    """From 0 to `top`, with labels at both ends and half way; the unit, if there is one, stands for the 0."""
    return Scale(0.0, top, [(0.0, unit or "0"), (top / 2, f"{top / 2:,.4g}"), (top, f"{top:,.4g}")])


def decades(least: int, most: int) -> Scale:
    """From 10**least to 10**most, with a label at every power."""
    return Scale(least, most, [(power, f"{10.0**power:g}") for power in range(least, most + 1)], log=True)


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


def even(pen: QPen, painter: QPainter) -> QPen:
    """A pen that is as wide along either axis, in pixels of the window: on a sharp screen these are several."""
    same = QPen(pen)
    same.setCosmetic(True)
    same.setWidthF(pen.widthF() * painter.device().devicePixelRatioF())
    return same


class Ink(pg.GraphicsObject):
    """All that is drawn between the axes and stays there: paths from back to front, each with its pen and brush."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.paths = [QPainterPath()] * count
        self.dresses = [(QPen(), QBrush())] * count
        self.box = QRectF()

    def cover(self, box: QRectF) -> None:
        self.prepareGeometryChange()
        self.box = box

    def boundingRect(self) -> QRectF:
        return self.box

    @painted
    def paint(self, painter: QPainter, *_: object) -> None:
        for path, (pen, brush) in zip(self.paths, self.dresses, strict=True):
            painter.setPen(even(pen, painter))
            painter.setBrush(brush)
            painter.drawPath(path)


class Mark:
    """An upright line at a step, over what is drawn."""

    def __init__(self) -> None:
        self.place: float | None = None  # in steps; None: it is hidden
        self.pen = QPen()


class Plot(pg.PlotWidget):
    """Axes, traces, a playhead and a pointer, in plain numbers.

    Whatever stays while a playhead moves is painted once and kept: axes and traces take far longer than two lines.
    """

    sought = Signal(int)  # the step that was clicked
    pointed = Signal(object)  # the step under the pointer, or None
    _shown: tuple | None = None  # the range shown; of the class: pyqtgraph resizes before __init__ is done

    def __init__(self, traces: Sequence[Trace]) -> None:
        super().__init__(enableMenu=False)
        self._traces, self._count, self._expected = traces, 0, 0
        self._pointed: int | None = None
        self._head, self._pointer = Mark(), Mark()
        self._kept: QPixmap | None = None  # all but the marks
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 36)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._quiet(any(trace.right for trace in traces))
        # The lines of the grid, the ghosts, the traces, the walls between canvases.
        self._ink = Ink(2 * len(traces) + 2)
        self.addItem(self._ink, ignoreBounds=True)
        # By itself every scene repaints the window for its own changes: three plots, three times.
        self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)

    @property
    def playhead(self) -> float | None:
        """Where the playhead stands, in steps: in the middle of one. None while it is hidden."""
        return self._head.place

    def set_theme(self, theme: Theme) -> None:
        self.setBackground(theme.panel)
        for name in ("left", "bottom", "right"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(theme.line) if name == "bottom" else pg.mkPen(None))
            axis.setTickPen(pg.mkPen(theme.panel))  # a tick of no length is still a dot
            axis.setTextPen(theme.muted)
        grid = QPen(QColor(blend(theme.line, theme.panel, 0.6))), QBrush()
        walls = QPen(QColor(theme.faint), 1.0, Qt.PenStyle.DotLine), QBrush()
        ghost = QPen(QColor(blend(theme.muted, theme.panel, 0.7))), QBrush()
        dresses = [trace.dress(theme) for trace in self._traces]
        self._ink.dresses = [grid, *dresses, *([ghost] * len(dresses)), walls]
        self._head.pen = QPen(QColor(theme.text))
        self._pointer.pen = QPen(QColor(theme.muted), 1.0, Qt.PenStyle.DotLine)
        self._renew()

    def show_values(
        self,
        shares: Sequence[np.ndarray],
        walls: np.ndarray,
        scales: Sequence[Scale],
        ghosts: Sequence[np.ndarray] = (),
    ) -> None:
        """One array [n] per trace, in shares of the height; `walls`: first steps of canvases; `scales`: of the left
        axis and, if there is one, of the right; `ghosts`: one array per trace of the run before, if it is shown."""
        self._count = len(shares[0])
        many, paths = len(self._traces), self._ink.paths
        paths[1 : many + 1] = [drawn(trace, each) for trace, each in zip(self._traces, shares, strict=True)]
        shown = [trace.ghost for trace in self._traces] if ghosts else [False] * many
        paths[many + 1 : -1] = [
            stairs(ghosts[at], None) if show and len(ghosts[at]) else QPainterPath()
            for at, show in enumerate(shown)
        ]
        paths[-1] = segments(np.repeat(walls, 2), np.tile([0.0, 1.0], len(walls)))
        longest = max((len(ghost) for ghost, show in zip(ghosts, shown, strict=False) if show), default=0)
        self._range(max(1, self._count, self._expected, longest), scales)
        self._renew()

    def expect(self, steps: int) -> None:
        """Room for so many steps, from the next values on."""
        self._expected = steps

    def set_playhead(self, index: int | None) -> None:
        self._put(self._head, index)

    def set_pointer(self, index: int | None) -> None:
        """A mark at the step that is read off."""
        self._put(self._pointer, index)

    def _put(self, mark: Mark, index: int | None) -> None:
        place = None if index is None else index + 0.5
        if place != mark.place:
            mark.place = place
            self.viewport().update()

    def _renew(self) -> None:
        """Something else than a mark is to be seen."""
        self._kept = None
        self.viewport().update()

    def _still(self) -> QPixmap:
        """All but the marks, painted anew where that is needed."""
        view, sharp = self.viewport(), self.devicePixelRatioF()
        kept = self._kept
        if kept is None or kept.size() != view.size() * sharp or kept.devicePixelRatio() != sharp:
            kept = self._kept = QPixmap(view.size() * sharp)
            kept.setDevicePixelRatio(sharp)
            self.scene().prepareForPaint()
            with QPainter(kept) as painter:
                self.render(painter, QRectF(view.rect()), view.rect())
        return kept

    @painted
    def paintEvent(self, event) -> None:
        with QPainter(self.viewport()) as painter:
            painter.drawPixmap(0, 0, self._still())
            painter.setTransform(self._ink.sceneTransform() * self.viewportTransform())
            for mark in (self._pointer, self._head):
                if mark.place is not None:
                    painter.setPen(even(mark.pen, painter))
                    painter.drawLine(QLineF(mark.place, 0.0, mark.place, TOP))

    def step_at(self, x: float) -> int | None:
        """The step at a pixel of the widget, the nearest one beyond the ends; None without steps."""
        if not self._count:
            return None
        place = self.getViewBox().mapSceneToView(self.mapToScene(round(x), 0)).x()
        return min(self._count - 1, max(0, math.floor(place)))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if self._shown:
            self._label(*self._shown)
            self._renew()

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())
        self._point(self.step_at(event.position().x()))

    def mouseReleaseEvent(self, event) -> None:
        """Nothing: pyqtgraph would look for something to drag."""

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self._point(None)

    def wheelEvent(self, event) -> None:
        event.ignore()

    def _seek(self, x: float) -> None:
        step = self.step_at(x)
        if step is not None:
            self.sought.emit(step)

    def _point(self, step: int | None) -> None:
        if step != self._pointed:
            self._pointed = step
            self.pointed.emit(step)

    def _quiet(self, right: bool) -> None:
        self.hideButtons()
        self.setMouseEnabled(False, False)
        self.getViewBox().disableAutoRange()
        self.getPlotItem().layout.setContentsMargins(0, 4, 0 if right else 12, 0)
        style = {
            "tickFont": font(pixels=10, weight=QFont.Weight.Medium),
            "tickLength": 0,
            "tickTextOffset": 4,
            "autoExpandTextSpace": False,
            "hideOverlappingLabels": False,  # or the labels at both ends are left out
        }
        for name, size in (("left", LEFT), ("bottom", LOW), *((("right", RIGHT),) if right else ())):
            axis = self.getAxis(name)
            axis.setStyle(**style)
            axis.enableAutoSIPrefix(False)  # the ticks are given as they are
            self.showAxis(name)
            (axis.setHeight if name == "bottom" else axis.setWidth)(size)

    def _range(self, steps: int, scales: Sequence[Scale]) -> None:
        wanted = (steps, tuple(scales), bool(self._count))
        if wanted != self._shown:
            self._shown = wanted
            self.setRange(xRange=(0, steps), yRange=(0, TOP), padding=0)
            self._ink.cover(QRectF(0, 0, steps, TOP))
            self._label(*wanted)

    def _label(self, steps: int, scales: Sequence[Scale], any_: bool) -> None:
        """Labels where there is room for them; nothing measured, nothing to read off."""
        low = self.height() < 90
        for name, scale in zip(("left", "right"), scales, strict=False):
            labels = [(float(scale.shares([10.0**at if scale.log else at])[0]), text) for at, text in scale.ticks]
            labels = [labels[0], labels[-1]] if low else labels
            self.getAxis(name).setTicks([labels if any_ else []])
            if name == "left":
                levels = [place for place, _ in labels[1:]] if any_ else []
                self._ink.paths[0] = segments(np.tile([0.0, steps], len(levels)), np.repeat(levels, 2))
        every = pace(steps, 4 if self.width() > 220 else 2)
        places = [*range(0, steps - every // 2, every), steps]
        self.getAxis("bottom").setTicks([[(n, str(n) if n else "step") for n in places]])

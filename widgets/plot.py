"""Plot: one quiet chart of steps: traces, a playhead, a pointer that reads, a click that seeks. Knows no series.

Ranges are set, never searched for. pyqtgraph gives the axes and the coordinates; all between the axes is one item,
because managing items costs more than drawing them.
Values come as shares of the height, 0 to 1: what they are shares of is the scale's to know, one on each side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy

from widgets.brush import painted
from widgets.scale import TOP, Scale, pace
from widgets.theme import Theme, blend, font
from widgets.trace import Trace, drawn, segments, stairs

LEFT, RIGHT, LOW = 34, 36, 18  # pixels of the axes


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

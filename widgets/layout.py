"""Layout: a canvas in one of its views: the strokes to draw, and where every cell is."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt

from widgets.cells import Cells
from widgets.sheet import Sheet


@dataclass
class Layout:
    """`rects` has one box a cell, in reading order; coordinates are those of the content, before scrolling.

    The cells after the end share one box. `size` is that of the type, in pixels; a `board` is a grid.
    """

    sheet: Sheet
    rects: list[QRectF]
    height: float = 0.0
    cells: Cells = field(default_factory=lambda: Cells([], [], [], [], []))
    size: int = 0
    board: bool = False
    handles: list[QRectF] = field(default_factory=list)  # a click on one folds or unfolds the thoughts

    def folds(self, point: QPointF) -> bool:
        """Whether a click there folds or unfolds the thoughts."""
        return any(handle.contains(point) for handle in self.handles)

    def at(self, point: QPointF) -> int | None:
        """The cell under a point."""
        return next((cell for cell, rect in enumerate(self.rects) if rect.contains(point)), None)

    def nearest(self, point: QPointF) -> int:
        """The cell that a text selection means at a point: in the nearest line, the nearest. 0 without cells."""

        def distance(cell: int) -> tuple[float, float]:
            rect = self.rects[cell]
            return _gap(point.y(), rect.top(), rect.bottom()), _gap(point.x(), rect.left(), rect.right())

        return min(range(len(self.rects)), key=distance, default=0)

    def step(self, cell: int | None, key: int) -> int | None:
        """The cell that an arrow, Home or End leads to from a cell (or from none); None for other keys."""
        keys, last = Qt.Key, len(self.rects) - 1
        forward, back = (keys.Key_Right, keys.Key_Down), (keys.Key_Left, keys.Key_Up)
        if last < 0 or key not in (*forward, *back, keys.Key_Home, keys.Key_End):
            return None
        if key == keys.Key_Home or (cell is None and key in forward):
            return 0
        if key == keys.Key_End or (cell is None and key in back):
            return last
        way = 1 if key in forward else -1
        return self._along(cell, way) if key in (forward[0], back[0]) else self._vertical(cell, way)

    def _along(self, cell: int, way: int) -> int:
        """The next cell with a box of its own, or the cell itself."""
        found = range(cell + way, len(self.rects) if way > 0 else -1, way)
        return next((other for other in found if self.rects[other] != self.rects[cell]), cell)

    def _vertical(self, cell: int, way: int) -> int:
        """The cell a row below (1) or above (-1), nearest in x; the cell itself if there is no such row."""
        here = self.rects[cell].center()
        ys = sorted({round(rect.center().y()) for rect in self.rects})
        row = ys.index(round(here.y())) + way
        if not 0 <= row < len(ys):
            return cell
        found = (i for i, rect in enumerate(self.rects) if round(rect.center().y()) == ys[row])
        return min(found, key=lambda i: abs(self.rects[i].center().x() - here.x()))


def _gap(value: float, low: float, high: float) -> float:
    return max(low - value, 0.0, value - high)

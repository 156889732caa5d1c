"""Sizes: how large the type of every frame of a run is in prose, and how many cells its board has in the grid.

A run that is over is known whole: each of its frames fits, and what it ends with is set to be read. One that goes
on begins with what its first frames need. In both, type never shrinks and grows at most twice before the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QSizeF

from engine.values.frame import OPEN, Frame, Lexicon
from widgets.cells import Cells, running
from widgets.growth import Growing, known
from widgets.page import SMALLEST, Page, largest, most
from widgets.prose import flowed


def lane(count: int, room: QSizeF) -> int:
    """The size of type in which `count` cells of noise fit: that of both lanes of a race. 0 for no cells."""
    return _lane(count, room.width(), room.height()) if count else 0


@lru_cache(16)
def _lane(count: int, width: float, height: float) -> int:
    cells = Cells([""] * count, [OPEN] * count, [True] * count, [0] * count, [False] * count)
    return reading(cells, QSizeF(width, height))


def reading(cells: Cells, room: QSizeF) -> int:
    """The largest size of type in which cells fit."""
    return largest(lambda size: fits(cells, room.width(), room.height(), size), SMALLEST, most(room.width()))


def fits(cells: Cells, width: float, height: float, size: int) -> bool:
    """Whether type of a size leaves nothing to scroll."""
    page = Page.of(width, height, size)
    return page.height(flowed(cells, page).line + 1) <= height


class Sizes:
    """Of the frames of one run, in a canvas of width x height pixels."""

    def __init__(self, lexicon: Lexicon, frames: Sequence[Frame], over: bool, folded: bool = False) -> None:
        self._lexicon, self._frames, self._over, self._folded = lexicon, frames, over, folded
        self._cells: list[Cells] = []
        self._room = 0.0, 0.0
        self._growing, self._emptying = Growing(), Growing()
        self._known: list[float] = []
        self._rounds: dict[int, int] = {}  # sizes by the first frame of a round
        self._boards: list[float] = []

    def resize(self, width: float, height: float) -> None:
        if (width, height) != self._room:
            self._room, self._growing, self._known, self._rounds = (width, height), Growing(), [], {}

    def index(self, frame: Frame) -> int | None:
        """Where a frame is in the run; None if it is of another."""
        last = len(self._frames) - 1
        near = range(max(0, min(frame.step, last) - 1), min(last, frame.step + 1) + 1)
        for at in (*near, *range(last + 1)):
            if self._frames[at] is frame:
                return at
        return None

    def size(self, index: int) -> int:
        """Of the type in prose, in pixels."""
        if self._many():
            return self._largest(0)
        if self._frames[index].stop:
            return self._largest(index)
        if self._frames[index].round:
            return self._of_round(index)
        if self._over:
            self._known = self._known or known(self._rooms())
            return int(self._known[index])
        for at in range(len(self._growing.sizes), index + 1):
            self._growing.see(lambda size, at=at: self._fits(at, int(size)), lambda at=at: self._largest(at))
        return int(self._growing.sizes[index])

    def _of_round(self, index: int) -> int:
        """Of a text that is proofread: what the first frame of the round needs, in which most has melted."""
        while not self._frames[index - 1].stop:
            index -= 1
        if index not in self._rounds:
            self._rounds[index] = self._largest(index)
        return self._rounds[index]

    def board(self, index: int) -> int:
        """How many cells the grid has room for."""
        if self._frames[index].stop:
            return self._at(index).alive
        if self._many():
            return len(self._frames[index].ids)
        if self._over:
            self._boards = self._boards or known([self._share(at) for at in range(len(self._frames))])
            return round(1 / self._boards[index])
        for at in range(len(self._emptying.sizes), index + 1):
            alone = 1 / len(self._frames[0].ids) if at == 0 else self._share(at)
            self._emptying.see(lambda share, alone=alone: share <= alone, lambda alone=alone: alone)
        return ceil(1 / self._emptying.sizes[index])

    def _share(self, index: int) -> float:
        """Of the board, that one cell has if only those that are alive are on it."""
        return 1 / max(1, self._at(index).alive)

    def _many(self) -> bool:
        """Whether there are several canvases, or may be: they are read as one text, so they have one size."""
        frames = self._frames
        return frames[-1].canvas > 0 or (not self._over and frames[-1].settings.canvases > 1)

    def _rooms(self) -> list[float]:
        """For every frame the largest size that fits it and all that come after it."""
        rooms, size = [], most(self._room[0])
        for at in reversed(range(len(self._frames))):
            size = size if self._fits(at, size) else self._largest(at, size)
            rooms.append(float(size))
        return rooms[::-1]

    def _largest(self, index: int, high: int | None = None) -> int:
        return largest(lambda size: self._fits(index, size), SMALLEST, high or most(self._room[0]))

    def _fits(self, index: int, size: int) -> bool:
        return fits(self._at(index), *self._room, size)

    def _at(self, index: int) -> Cells:
        for at in range(len(self._cells), index + 1):
            cells = running(self._lexicon, self._frames[at], None)
            self._cells.append(cells.folded() if self._folded and self._frames[at].stop else cells)
        return self._cells[index]

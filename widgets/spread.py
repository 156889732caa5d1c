"""Spread: a frame set as prose or as a grid, in type that suits the whole run. Knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QRectF

from engine.values.frame import Frame, Lexicon
from widgets.cells import Cells, running, settled
from widgets.grid import grid
from widgets.layout import Layout
from widgets.overlay import heat
from widgets.page import Page
from widgets.paint import Inks
from widgets.prose import flowed, prose
from widgets.sheet import Sheet
from widgets.sizes import Sizes, lane, reading

TINY = 7  # pixels of the smallest type
VIEWS = ("prose", "auto", "grid")  # auto: the grid while it is written, prose once it is there


@dataclass(eq=False)
class Spread:
    """How frames are set. `forget` is to be called when something else than a frame has changed."""

    lexicon: Lexicon | None = None
    view: str = "auto"
    folded: bool = False  # whether thoughts are
    zoom: float = 1.0  # of the type, against that which fits
    cells: int = 0  # that the type is sized for, of a lane; 0: those of the run
    frames: Sequence[Frame] = ()  # the run's; none: a frame is by itself
    over: bool = True  # whether no more will come
    nats: np.ndarray | None = None  # how surprising its cells are: a board is coloured by that
    readings: Sequence[Frame] = ()  # the last frames of all lanes that are read side by side
    _sizes: Sizes | None = None
    _past: tuple = ()  # a key, and what was set for it

    def forget(self) -> None:
        self._sizes, self._past = None, ()

    def is_prose(self, frame: Frame | None) -> bool:
        over = frame is None or bool(frame.stop or frame.round)
        return over if self.view == "auto" else self.view == "prose"

    def set(
        self, frame: Frame, previous: Frame | None, finished: np.ndarray, inks: Inks, room: QRectF
    ) -> tuple[Layout, Layout]:
        """The layouts of the canvases before, and of this frame."""
        cells = running(self.lexicon, frame, previous, finished)
        sizes, index = self._measure(frame, room)
        if not self.is_prose(frame):
            if self.nats is not None and frame.stop and len(self.nats) == len(cells):
                cells = replace(cells, levels=heat(self.nats).tolist())
            board = grid(cells, inks, room.width(), room.height(), self.cells or sizes.board(index), self.zoom)
            return Layout(Sheet(), []), board
        cells = cells.folded() if self.folded and frame.stop else cells
        size = self.zoom * (self._of_lane(frame, room) or sizes.size(index))
        page = Page.of(room.width(), room.height(), max(TINY, round(size)))
        if frame.stop and not len(finished) and not self.cells:
            page = _centred(cells, page, room)
        past, start = self._before(finished, page, inks)
        return past, prose(cells, page, inks, start)[0]

    def _of_lane(self, frame: Frame, room: QRectF) -> int:
        """The size of type of a lane: the same in all of them, while they are written and when they are read."""
        if not frame.stop or not self.readings or any(each.canvas for each in self.readings):
            return lane(self.cells, room.size())
        return min(reading(running(self.lexicon, each, None), room.size()) for each in self.readings)

    def _measure(self, frame: Frame, room: QRectF) -> tuple[Sizes, int]:
        """What tells the sizes of type, and where a frame is in it: by itself if its run is not known."""
        self._sizes = self._sizes or Sizes(self.lexicon, self.frames or (frame,), self.over, self.folded)
        index = self._sizes.index(frame)
        if index is None:
            self.frames, self.over = (), True
            self._sizes = Sizes(self.lexicon, (frame,), True, self.folded)
        self._sizes.resize(room.width(), room.height())
        return self._sizes, index or 0

    def _before(self, finished: np.ndarray, page: Page, inks: Inks) -> tuple[Layout, tuple[float, int]]:
        """Finished canvases stay as they are: they are set once. Also where the text goes on."""
        key = (page, finished.tobytes())
        if not self._past or self._past[0] != key:
            cells = settled(self.lexicon, finished)
            layout, flow = prose(cells.folded() if self.folded else cells, page, inks)
            self._past = key, layout, (flow.x, flow.line)
        return self._past[1:]


def _centred(cells: Cells, page: Page, room: QRectF) -> Page:
    """The page of a text that is over."""
    flow = flowed(cells, page)
    widest = max((place.x + place.width for place in flow.places), default=0.0)
    return page.centred(room.width(), room.height(), flow.line + 1, widest)

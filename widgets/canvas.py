"""Canvas: one frame, as prose or as a grid, to look at, point at and copy from. Knows no run and no playhead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QWidget

from engine.values.frame import Frame, Lexicon
from engine.values.settings import default
from widgets.brush import painted
from widgets.copying import Copying
from widgets.empty import draw_empty
from widgets.footnote import Footnote
from widgets.grid import grid
from widgets.hint import Tip
from widgets.layout import Layout
from widgets.lens import draw_lens
from widgets.overlay import Overlay, draw_chosen, draw_selected
from widgets.paint import Inks
from widgets.pointer import Pointer
from widgets.reel import Reel
from widgets.sheet import Sheet
from widgets.spread import VIEWS, Spread
from widgets.theme import DARK, Theme

CORNER = 8.0  # pixels: of the card
SKIPPED = 4  # steps between two frames on show, at most, that are seen as one


class Canvas(Pointer, Copying, QWidget):
    """The hero of the window. Cells are counted from 0 in the canvas of the frame on show."""

    hovered = Signal(object)  # the cell under the pointer, or None
    cell_chosen = Signal(int)  # the cell pinned by a click or a key; -1: none any more
    selected = Signal()  # other cells are selected, or lie elsewhere
    menu_wished = Signal(object)  # a QMenu that is about to open, for others to add to
    zoom_wished = Signal(int)  # steps of a wheel: larger type, or smaller
    fold_wished = Signal()  # a click on a thought: fold it, or unfold it

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], float] | None = None) -> None:
        """With a `clock` in milliseconds of its own, what moves is painted as that says; else on a timer."""
        super().__init__(parent)
        self._reel = Reel(self, clock)
        self._inks, self._footnote = Inks.of(DARK), Footnote()
        self._spread, self._message = Spread(), ""
        self._candidates = default("top_k")
        self._read: np.ndarray | None = None  # nats of surprise of the cells, where that is known
        self._frame: Frame | None = None
        self._previous: Frame | None = None
        self._finished = np.empty(0, np.int32)
        self._past = self._now = Layout(Sheet(), [])
        self._hover: int | None = None
        self._pin: int | None = None
        self._held: int | None = None  # the cell that others are compared with
        self._selection: tuple[int, int] | None = None  # from and to, counted over all canvases
        self._overlay = Overlay()
        self._press: QPointF | None = None
        self._turned = 0  # of a wheel, towards the next notch
        self._tips, self._tip = True, Tip(self)
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.valueChanged.connect(lambda _: self.update())
        self._bar.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Canvas")
        self._dress()

    # What to show

    def set_lexicon(self, lexicon: Lexicon) -> None:
        self._spread.lexicon = lexicon
        self._reset()

    def set_run(self, frames: Sequence[Frame], over: bool) -> None:
        """The frames among which those to show are, whose type is of one size. More may come until `over`."""
        self._spread.frames, self._spread.over = frames, over
        self._reset()

    def set_theme(self, theme: Theme) -> None:
        self._inks = Inks.of(theme)
        self._spread.forget()
        self._reel.stop()
        self._dress()

    def set_view(self, view: str) -> None:
        """Chooses one of VIEWS. Anything else raises ValueError."""
        if view not in VIEWS:
            raise ValueError(f"A canvas is shown as {', '.join(VIEWS[:-1])} or {VIEWS[-1]}, not as {view!r}.")
        self._spread.view, self._selection = view, None
        self.selected.emit()
        self._reel.stop()
        self._lay_out()
        self._follow()

    def set_zoom(self, zoom: float) -> None:
        """How many times as large type is as that which fits. What is looked at stays about where it is."""
        at = self._bar.value() / max(1.0, self._now.height)
        self._spread.zoom = zoom
        self._reel.stop()
        self._lay_out()
        self._bar.setValue(round(at * self._now.height))

    def set_folded(self, folded: bool) -> None:
        """Whether what was thought before the answer is one small pill, in prose, once its canvas has ended."""
        self._spread.folded = folded
        self._reset()

    def set_lane(self, cells: int) -> None:
        """Be a lane of a race: sized for `cells` cells, whatever a frame has, and without a legend."""
        self._spread.cells, self._spread.readings = cells, ()
        self._dress()

    def set_legend(self, always: bool) -> None:
        """Whether what the looks mean stands below the content, or is told on a hover of a small sign."""
        if always != self._footnote.always:
            self._footnote.always = always
            self._reel.stop()
            self._dress()

    def set_readings(self, frames: Sequence[Frame]) -> None:
        """The last frames of all lanes that are read side by side. Over, they have type of one size."""
        self._spread.readings = frames
        self._lay_out()

    def set_candidates(self, count: int) -> None:
        """How many likely tokens the details of a cell list."""
        self._candidates = count

    def set_pinned(self, cells: Iterable[int]) -> None:
        """The cells that hands hold: where the frame does not tell, a line above tells it."""
        self._overlay.pinned = frozenset(cells)
        self.update()

    def set_different(self, cells: Iterable[int], before: Iterable[int] = ()) -> None:
        """The cells that are marked because another text has others there; and those of the canvases before."""
        self._overlay.different = frozenset(cells), frozenset(before)
        self.update()

    def set_read(self, cells: np.ndarray | None) -> None:
        """How surprising each cell is, for what is told of one, coloured or not; None: nobody has read the text."""
        before = self._read
        if cells is not before and (cells is None or before is None or not np.array_equal(cells, before, True)):
            self._read = cells
            self.hovered.emit(self.cell)

    def set_surprise(
        self, cells: np.ndarray | None, before: np.ndarray | None = None, words: str | None = None
    ) -> None:
        """Colours the words of a canvas that has ended by how surprising they are: nats of its cells, and of those
        of the canvases before. `words` say how much that is, and what, if it is told nowhere else. None: not any
        more."""
        now = self._overlay.nats[0]
        if words != self._footnote.surprise or not (cells is now or np.array_equal(cells, now, equal_nan=True)):
            self._overlay.nats, self._spread.nats, self._footnote.surprise = (cells, before), cells, words
            self._reel.stop()
            self._dress()
            self._describe()

    def set_tips(self, on: bool) -> None:
        """Whether what is known of a cell is told beside it: where no panel tells it."""
        self._tips = on
        self._tip.hide()

    def set_motion(self, on: bool) -> None:
        """Whether what changes is seen to move."""
        self._reel.on = on
        self._reel.stop()

    def settle(self) -> None:
        """What moves is where it belongs: for a picture."""
        self._reel.stop()
        self.update()

    def set_message(self, text: str) -> None:
        """What stands in the middle while there is no frame."""
        self._message = text
        self._describe()
        self.update()

    def show_frame(
        self, frame: Frame | None, previous: Frame | None = None, finished: Sequence[np.ndarray] = ()
    ) -> None:
        """Shows a frame. `previous` is the one before in its canvas, `finished` the ids of earlier canvases."""
        new = frame is None or self._frame is None or frame.canvas != self._frame.canvas
        if self.size() != self._dressed:  # of a hidden widget, Qt tells late
            self._dress()
        was, before, top = self._now, self._frame, self._bar.value()
        self._frame, self._previous = frame, previous
        self._finished = np.concatenate([np.empty(0, np.int32), *finished])
        if frame is None or frame.step == 0 or new:
            self._selection = None
        self._lay_out()
        if frame is None and (self._pin is not None or self._held is not None):
            self.let_go()
        if new:
            self._follow()
        elif self._spread.cells and not frame.stop and len(frame.ids) > self._spread.cells:
            self._bar.setValue(self._bar.maximum())  # where a text is written that grew out of its page
        if not new and top == self._bar.value():
            self._move(was, before)
        else:
            self._reel.stop()
        self._tip.hide()  # it tells of the frame before
        self._describe()
        self.selected.emit()

    # What is shown

    @property
    def view(self) -> str:
        return self._spread.view

    @property
    def type_size(self) -> int:
        """The size of the type on show, in pixels."""
        return self._now.size

    @property
    def cell(self) -> int | None:
        """The cell whose details people want: the pinned one, else the one under the pointer."""
        return self._hover if self._pin is None else self._pin

    @property
    def chosen(self) -> int | None:
        """The cell that was pinned by a click or a key."""
        return self._pin

    @property
    def held(self) -> int | None:
        """The cell that others are compared with."""
        return self._held

    def rect_of_all(self, cells: Iterable[int]) -> QRectF:
        """The box around cells, in pixels of this widget, as much of it as is seen."""
        box = QRectF()
        for cell in cells:
            box = box.united(self.rect_of(cell))
        return box.intersected(self._room())

    def rect_of(self, cell: int) -> QRectF:
        """The box of a cell, in pixels of this widget."""
        return self._now.rects[cell].translated(0, -self._bar.value())

    def _is_prose(self) -> bool:
        """Whether it is prose what is shown, not the grid."""
        return self._spread.is_prose(self._frame)

    @property
    def _lexicon(self) -> Lexicon | None:
        return self._spread.lexicon

    # Layout and painting

    def _dress(self) -> None:
        """Sets the legend, and everything above it, for a new size or theme."""
        self._dressed = self.size()
        self._footnote.dress(self._inks, QSizeF(self.size()), there=not self._spread.cells)
        self._lay_out()

    def _reset(self) -> None:
        """Something else than a frame has changed."""
        self._spread.forget()
        self._lay_out()

    def _lay_out(self) -> None:
        """Works out strokes and boxes, once a frame: painting only draws them."""
        room, past = self._room(), len(self._past.rects)
        self._past = self._now = Layout(Sheet(), [])
        if self._frame is not None and self._lexicon is not None:
            self._past, self._now = self._spread.set(self._frame, self._previous, self._finished, self._inks, room)
        if self._selection is not None and (moved := len(self._past.rects) - past):
            self._selection = (max(0, self._selection[0] + moved), max(0, self._selection[1] + moved))
        self._bar.setRange(0, max(0, round(self._now.height - room.height())))
        self._bar.setPageStep(round(room.height()))
        self._bar.setSingleStep(24)
        self._bar.setVisible(self._bar.maximum() > 0)
        self._bar.setGeometry(self.width() - 12, 6, 8, round(room.height()) - 8)
        self._repoint()
        self.update()

    def _move(self, was: Layout, before: Frame) -> None:
        """Sets off what is seen of a step, if the frame on show is the next or the one before."""
        steps = self._frame.step - before.step
        if not (0 < steps <= SKIPPED or steps == -1) or not self._reel.begins(was, self._now):
            return
        if steps < 0:
            self._reel.glide(was, self._now)
        elif self._frame.stop and was.board and not self._now.board:
            room = self._room()
            board = grid(self._now.cells, self._inks, room.width(), room.height(), self._now.cells.alive)
            self._reel.finish(was, board, self._now)
        else:
            self._reel.step(was, self._now)
            if self._frame.stop:
                self._reel.finish(was, self._now)

    def _room(self) -> QRectF:
        """Where the content goes."""
        return self._footnote.room()

    def _follow(self) -> None:
        """Scrolls to where the current canvas begins, with two lines of what came before."""
        top = self._now.rects[0].top() if self._past.rects and self._now.rects else 0
        self._bar.setValue(round(top - 80))

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        inks, room = self._inks, self._room()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self.hasFocus()
        painter.setPen(QPen(inks.accent if ring else inks.line, 2.0 if ring else 1.0))
        painter.setBrush(inks.panel)
        inset = 1.0 if ring else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), CORNER, CORNER)
        if self._frame is None or self._lexicon is None:
            return draw_empty(painter, QRectF(self.rect()), self._message, inks)
        painter.save()
        painter.setClipRect(room.adjusted(2, 2, -2, 0))
        self._paint_content(painter, room)
        painter.restore()
        self._footnote.draw(painter)
        return None

    def _paint_content(self, painter: QPainter, room: QRectF) -> None:
        top = self._bar.value()
        painter.translate(0, -top)
        layouts = self._now, self._past
        if self._selection is not None:
            rects = [*self._past.rects, *self._now.rects]
            draw_selected(painter, rects[min(self._selection) : max(self._selection) + 1], self._inks)
        self._overlay.draw_below(painter, layouts, self._inks)
        window = (top, top + room.height()) if self._bar.maximum() else ()
        self._past.sheet.draw(painter, *window)
        if not self._reel.draw(painter, self._inks):
            self._now.sheet.draw(painter, *window)
        told = np.flatnonzero(self._frame.pinned) if not self._frame.stop else ()  # by the marks of its cells
        self._overlay.draw_above(painter, layouts, told, self._inks)
        draw_chosen(painter, self._now, self._hover, self._held, self._pin, self._inks)
        if self.cell is not None and self.cell < len(self._now.cells) and self._now.board:
            draw_lens(painter, self._now, self.cell, room.translated(0, top), self._inks)

    def focusInEvent(self, event) -> None:
        self.update()

    def focusOutEvent(self, event) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(860, 470)

    def resizeEvent(self, event) -> None:
        if self.size() != self._dressed:
            self._reel.stop()
            self._dress()
        self.selected.emit()

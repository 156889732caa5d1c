"""Body: where the widgets of the window are, and which of them are visible when. Knows no values and no wishes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.run.stage import Stage
from app.window.branches import Branches
from widgets.header import Header
from widgets.knobs import Knobs
from widgets.lane import Track
from widgets.prompt import ROWS, Prompt
from widgets.sides import Sides
from widgets.status import Status
from widgets.strip import Strip
from widgets.survey import Survey
from widgets.transcript import Transcript

AMPLE = 900  # pixels: a body lower than this shows earlier runs in one row of small tiles
ROOMY = 760  # pixels: a body lower than this shows no token panel, but a strip: of charts, or of a chosen cell
SIDE = 312, 344  # pixels: the least and the greatest width of the right column ...
SHARE = 0.27  # ... and of the body, in between
LOW, STRIP = 196, 96  # pixels: the least height of the row of charts, and its height in a low body ...
MIDDLE = 140  # ... and in one that is not ample, where earlier runs take the rest
FLAT = 640  # pixels: a body lower than this has no room for earlier runs ...
WHOLE = (1 << 24) - 1  # pixels: the greatest height of a widget, as Qt has it


class Body(QWidget):
    """A grid of two columns: the header, the prompt, the canvas or what is instead, the panels, the status."""

    arranged = Signal()  # something else is visible now, or elsewhere

    def __init__(
        self,
        header: Header,
        prompt: Prompt,
        knobs: Knobs,
        stage: Stage,
        branches: Branches,
        strips: Sequence[QWidget],
        talk: Transcript,
        race: Track,
        survey: Survey,
        sides: Sides,
        past: Strip,
        status: Status,
    ) -> None:
        super().__init__()
        self._header, self._prompt, self._knobs, self._race, self._status = header, prompt, knobs, race, status
        self._stage, self._token, self._past = stage, stage.token, past
        self._survey, self._sides = survey, sides
        self._talk, said = talk, _row(talk, stage.canvas)
        self._canvas = _column(stage.headline, said, stage.transport, branches.panel, past)
        self._strips, self._strip = strips, strips[0]
        self._panels, self._earlier = True, True
        self._instead: QWidget | None = None
        self._side = Side(knobs, stage.token)
        self._size()
        status.said.connect(self._show_status)
        prompt.stretched.connect(self._arrange, Qt.ConnectionType.QueuedConnection)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 8)
        grid.setSpacing(8)
        grid.addWidget(header, 0, 0, 1, 2)
        grid.addWidget(prompt, 1, 0)
        grid.addWidget(self._canvas, 2, 0)
        for panel in (*strips[1:], race, survey, sides):
            panel.setParent(self)
        grid.addWidget(self._side, 1, 1, 3, 1)
        grid.addWidget(status, 4, 0, 1, 2)
        grid.setRowStretch(2, 3)
        grid.setColumnStretch(0, 1)

    def _size(self) -> None:
        for panel in (*self._strips, self._token):  # as high as the window allows, whatever they show
            panel.setSizePolicy(panel.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Ignored)
        self._token.setMinimumHeight(LOW)
        self._status.setFixedHeight(32)  # whatever it shows

    def chain(self) -> None:
        """Tab goes through the window as one reads it: from the top, the left column first."""
        parts = (self._header, self._prompt, self._canvas, self._race, self._survey, self._sides)
        parts += (self._knobs, self._token, self._status)
        every = [widget for part in parts for widget in part.findChildren(QWidget) if _stops(widget)]
        every = [widget for widget in every if widget.window() is self.window()]  # a list of choices is its own
        for before, after in pairwise(every):
            QWidget.setTabOrder(before, after)

    def show_controls(self, shown: bool) -> None:
        """For a room: the transport, whose place stays, so that nothing moves."""
        policy = self._stage.transport.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._stage.transport.setSizePolicy(policy)
        self._stage.transport.setVisible(shown)

    def arrange(self, panels: bool, instead: QWidget | None, strip: QWidget, earlier: bool) -> None:
        """Show the panels, if they are wanted, and the one canvas with one of the strips below, or a race, the grid
        of a sweep or two runs `instead`.

        `earlier`: whether the earlier runs are wanted, too.
        """
        self._panels, self._instead, self._strip, self._earlier = panels, instead, strip, earlier
        self._arrange()

    def _arrange(self) -> None:
        """What is visible, and where it is. The knobs have the room that they need and the token's panel the rest;
        in a low body they have it all, and the canvas has most of that of the charts."""
        instead, alone, focused = self._instead, self.window().isFullScreen(), self.window().focusWidget()
        shown, roomy = self._panels and not alone and instead is None, self.height() >= ROOMY
        strip = self._stage.pair if self._closer(roomy) else self._strip
        beside = shown or (instead is self._sides and self._sides.knobs.isChecked() and not alone)
        self._side.setVisible(beside)
        self._token.setVisible(roomy)
        self._stage.canvas.set_tips(not (shown and roomy))
        ample = self.height() >= AMPLE
        earlier = self._earlier and not (alone or self._past.empty) and self.height() >= FLAT
        charted = shown and (roomy or not self._cramped())
        least, most = (LOW, WHOLE) if roomy else (STRIP, STRIP)
        if roomy and earlier and not ample:
            least = most = MIDDLE
        for panel in self._strips:
            panel.setMinimumHeight(least)
            panel.setMaximumHeight(most)
            self._place(panel, panel is strip and charted, 3, 0, 1, 1)
        self._grid.setRowMinimumHeight(3, least if charted else 0)  # panels that are ignored have no say in it
        self._grid.setRowStretch(3, 1 if charted and most == WHOLE else 0)  # a hidden row that stretches takes room
        self._talk.setVisible(self._talk.wanted and not alone)
        self._past.setVisible(earlier)
        self._past.set_low(not ample)
        for chrome in (self._header, self._prompt):
            chrome.setVisible(not alone)
        self._show_status()
        wide = 1 if instead is None or beside else 2
        self._prompt.set_rows(ROWS if ample else 0 if instead and not roomy else 1)
        self._grid.addWidget(self._prompt, 1, 0, 1, wide)
        self._grid.addWidget(self._canvas, 2, 0, 1 if charted else 2, 1)  # an empty row costs a spacing
        self._canvas.setVisible(instead is None)
        for widget in (self._race, self._survey, self._sides):
            self._place(widget, widget is instead, 2, 0, 2, wide)
        self._race.show_caption(alone)
        if focused is not None and self.isAncestorOf(focused) and not focused.isVisibleTo(self):
            first = {self._race: self._race.lanes[0].canvas, self._survey: self._survey.cells}
            first[self._sides] = self._sides.sides[0].canvas
            first.get(instead, self._stage.canvas).setFocus()  # Qt would take any
        self.arranged.emit()

    def _cramped(self) -> bool:
        """Whether a strip would leave the canvas less than it needs: below a prompt with all that it can have."""
        tops = self._header.sizeHint().height() + self._prompt.sizeHint().height()
        inside = tops + self._canvas.minimumSizeHint().height() + STRIP + self._status.height()
        edges = self._grid.contentsMargins()
        return inside + 4 * self._grid.spacing() + edges.top() + edges.bottom() > self.height()

    def _closer(self, roomy: bool) -> bool:
        """Whether cells that are looked at take the place of the charts: two, or one that has no place else."""
        return self._stage.compares or (self._stage.chosen and not roomy)

    def _show_status(self) -> None:
        """The status line; for a room only while it tells what went wrong."""
        self._status.setVisible(self._status.fails or not self.window().isFullScreen())

    def _place(self, widget: QWidget, shown: bool, *cells: int) -> None:
        """Show a widget in cells that it shares: one that is hidden there would cost the others their spacing."""
        if shown:
            self._grid.addWidget(widget, *cells)
        else:
            self._grid.removeWidget(widget)
        widget.setVisible(shown)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        side = round(min(max(SIDE[0], SHARE * self.width()), SIDE[1]))
        self._side.setFixedWidth(side)
        self._talk.fit(self.width() - side)
        self._arrange()


def _stops(widget: QWidget) -> bool:
    """Whether Tab stops here. What is inside a control of Qt's comes with it."""
    ours = not widget.objectName().startswith("qt_")
    return ours and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None


def _row(talk: QWidget, canvas: QWidget) -> QWidget:
    """What was said, and the canvas, which takes what room there is."""
    box = QWidget()
    line = QHBoxLayout(box)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    line.addWidget(talk)
    line.addWidget(canvas, 1)
    return box


def _column(above: QWidget, canvas: QWidget, *below: QWidget) -> QWidget:
    """A canvas, which takes what room there is, between others."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    for widget in (above, canvas, *below):
        column.addWidget(widget, widget is canvas)
    return box


class Side(QWidget):
    """A column of two: the first as high as it wants to be, if there is room for the other, which has the rest."""

    def __init__(self, first: QWidget, rest: QWidget) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(first)
        column.addWidget(rest, 1)

    def hasHeightForWidth(self) -> bool:
        """Whatever it shows, what is beside it stays where it is."""
        return False

"""Mosaic: the cells of a sweep in columns and rows, to look at, open and compare. Knows no run and no knob.

Enter or a click opens a cell; Space or Ctrl+click chooses it for comparison.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QTableView

from widgets.controls import describe
from widgets.square import SQUARE, Painter, Square
from widgets.theme import Theme, tip

LEAST = QSize(104, 50)  # pixels of a cell: below that one scrolls
SPECK = QSize(8, 6)  # the same of one that shows only a colour
HEAD = QSize(26, 15)  # pixels that a value beside them needs
MARKS = "AB"  # of the cells that are compared
KEYS = Qt.Key
ROLE = Qt.ItemDataRole
Place = tuple[int, int]  # column, row


class Squares(QAbstractTableModel):
    """What is shown of every cell."""

    def __init__(self, parent) -> None:
        super().__init__(parent)
        self._heads: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._names = "", ""
        self._squares: dict[Place, Square] = {}
        self._every = 1, 1  # columns and rows whose value is told

    def set_room(self, width: int, height: int) -> None:
        """How large cells are: where they are small, the values of some of them are told."""
        every = -(-HEAD.width() // max(1, width)), -(-HEAD.height() // max(1, height))
        if every != self._every:
            self._every = every
            for way, heads in zip((Qt.Orientation.Horizontal, Qt.Orientation.Vertical), self._heads, strict=True):
                if heads:
                    self.headerDataChanged.emit(way, 0, len(heads) - 1)

    def set_axes(self, names: tuple[str, str], heads: tuple[Sequence[str], Sequence[str]]) -> None:
        self.beginResetModel()
        self._names, self._heads, self._squares = names, heads, {}
        self.endResetModel()

    def set_square(self, place: Place, square: Square) -> None:
        if self._squares.get(place) != square:
            self._squares[place] = square
            index = self.index(place[1], place[0])
            self.dataChanged.emit(index, index)

    def square(self, place: Place) -> Square:
        return self._squares.get(place, Square())

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads[1])

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads[0])

    def headerData(self, section: int, orientation, role: int = ROLE.DisplayRole):
        across = orientation == Qt.Orientation.Horizontal
        if role == ROLE.DisplayRole:
            at = 0 if across else 1
            return "" if section % self._every[at] else self._heads[at][section]
        return Qt.AlignmentFlag.AlignCenter if role == ROLE.TextAlignmentRole else None

    def data(self, index: QModelIndex, role: int = ROLE.DisplayRole):
        if not index.isValid():
            return None
        square = self.square((index.column(), index.row()))
        values = {
            SQUARE: lambda: square,
            ROLE.AccessibleTextRole: lambda: self._spoken((index.column(), index.row()), square),
            ROLE.ToolTipRole: lambda: tip(self._spoken((index.column(), index.row()), square)),
        }
        return values[role]() if role in values else None

    def _spoken(self, place: Place, square: Square) -> str:
        knobs = (
            f"{name} {head[at]}" for name, head, at in zip(self._names, self._heads, place, strict=True) if name
        )
        chosen = f", compared as {square.mark}" if square.mark else ""
        return f"{', '.join(knobs)}: {square.told or square.state}{chosen}"


class Mosaic(QTableView):
    """A table whose cells fill what room there is. `chosen` are those that are compared, at most two."""

    opened = Signal(int, int)  # column and row
    compared = Signal(object)  # list of places that are chosen
    looked_at = Signal(int, int)  # the cell that the keys are at

    def __init__(self) -> None:
        super().__init__()
        self._squares, self._painter, self._corner = Squares(self), Painter(self), QLabel(self)
        self._chosen: list[Place] = []
        self._least = LEAST
        self.setModel(self._squares)
        self.setItemDelegate(self._painter)
        self._painter.made.connect(self.update)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        for mode in (self.setHorizontalScrollMode, self.setVerticalScrollMode):
            mode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for head in (self.horizontalHeader(), self.verticalHeader()):
            head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            head.setSectionsClickable(False)
            head.setHighlightSections(False)
            head.setMinimumSectionSize(SPECK.width())
        self._corner.setProperty("role", "legend")
        self._corner.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        describe(self, "Cells", "")
        self.setToolTip("")

    def set_axes(self, names: tuple[str, str], heads: tuple[Sequence[str], Sequence[str]]) -> None:
        """Names of the knobs across and down ("": none), and their values."""
        self._chosen = []
        self._squares.set_axes(names, heads)
        self._corner.setText(f"{names[0]} \u2192" + (f"\n{names[1]} \u2193" if names[1] else ""))
        self.verticalHeader().setFixedWidth(self._corner.sizeHint().width() + 10)
        self.horizontalHeader().setFixedHeight(max(24, self._corner.sizeHint().height()))
        self.setCurrentIndex(self._squares.index(0, 0))
        self._fit()

    def set_square(self, place: Place, square: Square) -> None:
        """What is shown of a cell; which of them are compared is known here."""
        self._squares.set_square(place, square._replace(mark=self._mark(place)))

    def set_coloured(self, on: bool) -> None:
        """Whether cells have a colour: then as many as can be are seen at once, however small."""
        least = SPECK if on else LEAST
        if least != self._least:
            self._least = least
            self._fit()

    def set_lexicon(self, lexicon) -> None:
        self._painter.lexicon = lexicon

    def set_view(self, view: str) -> None:
        self._painter.set_view(view)
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        self._painter.set_theme(theme)
        self.viewport().update()

    @property
    def chosen(self) -> list[Place]:
        return list(self._chosen)

    def choose(self, place: Place) -> None:
        """Compare a cell, or not any more; the newest two are compared."""
        if not self._squares.square(place).ready:
            return
        before, now = self._chosen, [other for other in self._chosen if other != place]
        if place not in before:
            now = [*now, place][-len(MARKS) :]
        self._chosen = now
        for each in {*before, *now}:
            self.set_square(each, self._squares.square(each))
        self.compared.emit(self.chosen)

    def _mark(self, place: Place) -> str:
        return MARKS[self._chosen.index(place)] if place in self._chosen else ""

    def mousePressEvent(self, event) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.setCurrentIndex(index)

    def mouseReleaseEvent(self, event) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index == self.currentIndex():
            self._wish(index, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def keyPressEvent(self, event) -> None:
        index = self.currentIndex()
        if index.isValid() and event.key() in (KEYS.Key_Return, KEYS.Key_Enter, KEYS.Key_Space):
            self._wish(index, event.key() == KEYS.Key_Space)
        else:
            super().keyPressEvent(event)

    def _wish(self, index: QModelIndex, compare: bool) -> None:
        place = index.column(), index.row()
        if compare:
            self.choose(place)
        else:
            self.opened.emit(*place)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.looked_at.emit(current.column(), current.row())

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Cells as large as there is room for."""
        side, top = self.verticalHeader().width(), self.horizontalHeader().height()
        columns, rows = max(1, self._squares.columnCount()), max(1, self._squares.rowCount())
        wide, high = self.width() - side, self.height() - top
        tall = max(self._least.height(), high // rows)
        bar = self.verticalScrollBar().sizeHint().width() if tall * rows > high else 0
        broad = max(self._least.width(), (wide - bar) // columns)
        self.horizontalHeader().setDefaultSectionSize(broad)
        self.verticalHeader().setDefaultSectionSize(tall)
        self._squares.set_room(broad, tall)
        self._corner.setGeometry(0, 0, side - 8, top)

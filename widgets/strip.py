"""Strip: earlier runs side by side, the newest first, to open, keep, name, delete and search. Knows no file.

Entries come in by `set_entries`, wishes go out by signal; what becomes of them is shown when entries come again.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QWidget,
)

from engine.values.files.entry import Entry
from widgets.controls import describe
from widgets.theme import Theme, tip
from widgets.tile import ENTRY, LOW, TALL, Tile, numbers, told

GAP, FIND = 6, 132  # pixels between two tiles, and of the search
DOWN = 6  # pixels of the scroll bar below the tiles, with the room above it


class Runs(QAbstractListModel):
    """The entries that fit what is searched for."""

    renamed = Signal(object, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._all: list[Entry] = []
        self._search = ""
        self.shown: list[Entry] = []

    def set_entries(self, entries: Sequence[Entry]) -> None:
        self._all = list(entries)
        self._filter()

    def search(self, words: str) -> None:
        self._search = words
        self._filter()

    @property
    def count(self) -> int:
        return len(self._all)

    def _filter(self) -> None:
        """Rows that stay are only told that they may look different: what has the focus keeps it."""
        found = [entry for entry in self._all if entry.fits(self._search)]
        if [entry.id for entry in found] == [entry.id for entry in self.shown]:
            self.shown = found
            self.dataChanged.emit(self.index(0), self.index(len(found) - 1))
        else:
            self.beginResetModel()
            self.shown = found
            self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole):
        if not index.isValid():
            return None
        entry = self.shown[index.row()]
        values = {
            ENTRY: lambda: entry,
            Qt.ItemDataRole.DisplayRole: lambda: entry.title,
            Qt.ItemDataRole.EditRole: lambda: entry.title,
            Qt.ItemDataRole.ToolTipRole: lambda: tip(told(entry)).replace("\n", "<br>"),
            Qt.ItemDataRole.AccessibleTextRole: lambda: (
                f"{entry.title}, {numbers(entry)[0]}" + (", kept" if entry.kept else "")
            ),
        }
        return values[role]() if role in values else None

    def setData(self, index: QModelIndex, value: str, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry = self.shown[index.row()]
        if value.strip() != entry.title:
            self.renamed.emit(entry, value.strip())
        return False  # shown when it is kept


class Shelf(QListView):
    """The tiles. The wheel goes sideways; Enter opens, Delete deletes, F2 renames, an asterisk keeps. Shift+Enter
    and Ctrl+click compare."""

    opened = Signal(object)
    compared = Signal(object)
    kept = Signal(object)
    deleted = Signal(object)

    def __init__(self, tile: Tile) -> None:
        super().__init__()
        self._tile, self._pressed = tile, False
        self.setItemDelegate(tile)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setSpacing(0)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.horizontalScrollBar().setSingleStep(40)
        describe(self, "Earlier runs", "")
        self.setToolTip("")
        self._compares = False  # what a click does
        self.clicked.connect(
            lambda index: (self.compared if self._compares else self.opened).emit(index.data(ENTRY))
        )

    def mousePressEvent(self, event) -> None:
        """A press on the star or the cross is none on the tile. With Ctrl, it compares."""
        self._compares = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self._pressed = event.button() == Qt.MouseButton.LeftButton and bool(self._sign(event))
        if not self._pressed:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event) -> None:
        if not self._pressed:
            return super().mouseReleaseEvent(event)
        self._pressed, sign = False, self._sign(event)
        if sign:
            entry = self.indexAt(event.position().toPoint()).data(ENTRY)
            (self.kept if sign == "star" else self.deleted).emit(entry)
        return None

    def _sign(self, event) -> str:
        point = event.position().toPoint()
        index = self.indexAt(point)
        return self._tile.sign_at(self.visualRect(index), point) if index.isValid() else ""

    def wheelEvent(self, event) -> None:
        turn = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turn.x() or turn.y()))
        event.accept()

    def keyPressEvent(self, event) -> None:
        entry = self.currentIndex().data(ENTRY) if self.currentIndex().isValid() else None
        wishes = {
            Qt.Key.Key_Return: self.opened,
            Qt.Key.Key_Enter: self.opened,
            Qt.Key.Key_Space: self.opened,
            Qt.Key.Key_Delete: self.deleted,
            Qt.Key.Key_Asterisk: self.kept,
        }
        compares = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and wishes.get(event.key()) is self.opened
        if entry is not None and event.key() in wishes and self.state() != self.State.EditingState:
            (self.compared if compares else wishes[event.key()]).emit(entry)
        else:
            super().keyPressEvent(event)


class Strip(QWidget):
    """A search at the left, the tiles beside it."""

    opened = Signal(object)  # Entry
    compare_wished = Signal(object)  # Entry, with the run on screen
    keep_wished = Signal(object)  # Entry: star it, or take the star away
    rename_wished = Signal(object, str)
    delete_wished = Signal(object)
    undo_wished = Signal()  # take back the last that was deleted
    save_wished = Signal(object)  # Entry, as a file
    filled = Signal()  # there is something in it now, or nothing any more
    room_wished = Signal()  # choose how much of the disk may be taken

    def __init__(self) -> None:
        super().__init__()
        self._runs, self._tile = Runs(self), Tile(self)
        self._list = Shelf(self._tile)
        self._find, self._count, self._undo = QLineEdit(), QLabel(), QPushButton("Undo delete")
        self._list.setModel(self._runs)
        self._place()
        self._wire()
        self.set_low(False)
        self.set_entries([])
        self.set_undo(False)

    # Values

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """The earlier runs, the newest first."""
        before = self.empty
        self._runs.set_entries(entries)
        self._tell()
        if before != self.empty:
            self.filled.emit()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show, and nothing to take back."""
        return not self._runs.count and self._undo.isHidden()

    def set_shown(self, name: str) -> None:
        """The id of the run that is on the canvas."""
        self._tile.shown = name
        self._list.viewport().update()

    def set_undo(self, can: bool) -> None:
        """Whether the last that was deleted can be taken back."""
        if not can and self._undo.hasFocus():
            self._list.setFocus()
        before = self.empty
        self._undo.setVisible(can)
        self._tell()
        if before != self.empty:
            self.filled.emit()

    def set_theme(self, theme: Theme) -> None:
        self._tile.set_theme(theme)
        self._list.viewport().update()

    def set_low(self, low: bool) -> None:
        """Take less room."""
        self._tile.height = LOW if low else TALL
        self.setFixedHeight(self._tile.height + DOWN)
        self._find.setFixedHeight(24 if low else 28)
        self._list.scheduleDelayedItemsLayout()
        self._tell()

    def focus(self) -> None:
        """Search, or where there is nothing to search, do nothing."""
        self._find.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._find.selectAll()

    # What is on screen

    def _place(self) -> None:
        self._find.setPlaceholderText("Search runs")
        self._find.setClearButtonEnabled(True)
        describe(self._find, "Search earlier runs", "Words of the prompt, the text, the name or the model.")
        self._count.setProperty("role", "hint")
        self._undo.setProperty("role", "quiet")
        self._undo.setFixedHeight(24)
        self._undo.setMinimumWidth(1)
        describe(self._undo, "Undo delete", "Take back the run that was deleted last.")
        side = QWidget()
        side.setFixedWidth(FIND)
        self._side = QGridLayout(side)
        self._side.setContentsMargins(0, 0, 0, DOWN)
        self._side.setSpacing(4)
        self._side.setRowStretch(2, 1)
        self._side.setColumnStretch(0, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        line.addWidget(side)
        line.addWidget(self._list, 1)

    def _wire(self) -> None:
        self._find.textChanged.connect(self._runs.search)
        self._find.textChanged.connect(self._tell)
        self._runs.renamed.connect(self.rename_wished)
        for source, wish in (
            (self._list.opened, self.opened),
            (self._list.compared, self.compare_wished),
            (self._list.kept, self.keep_wished),
            (self._list.deleted, self.delete_wished),
        ):
            source.connect(wish)
        self._undo.clicked.connect(self.undo_wished)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._ask)

    def _tell(self) -> None:
        """How many there are."""
        found, count = self._runs.rowCount(), self._runs.count
        words = f"{found} of {count}" if found != count else f"{count} run{'s' * (count != 1)}"
        self._count.setText(words if count else "No runs yet")
        low, undo = self._tile.height == LOW, not self._undo.isHidden()
        self._count.setVisible(not low and not undo)
        self._undo.setText("Undo" if low else "Undo delete")
        places = {self._find: (0, 0, 1, 1 if low and undo else 2), self._count: (1, 0, 1, 2)}
        places[self._undo] = (0, 1, 1, 1) if low else (1, 0, 1, 2)
        self._find.setPlaceholderText("Search" if low and undo else "Search runs")
        for widget, place in places.items():
            self._side.addWidget(widget, *place)

    def _ask(self, point) -> None:
        """The menu of a tile, or of the place beside them."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        index = self._list.indexAt(point)
        if index.isValid():
            entry = index.data(ENTRY)
            menu.addAction("Open", lambda: self.opened.emit(entry))
            menu.addAction("Compare with the run on screen", lambda: self.compare_wished.emit(entry))
            menu.addAction("No star" if entry.kept else "Keep", lambda: self.keep_wished.emit(entry))
            menu.addAction("Rename", lambda: self._list.edit(index))
            menu.addAction("Save as a file\u2026", lambda: self.save_wished.emit(entry))
            menu.addAction("Delete", lambda: self.delete_wished.emit(entry))
            menu.addSeparator()
        menu.addAction("Room on the disk\u2026", self.room_wished.emit)
        menu.popup(self._list.viewport().mapToGlobal(point))

"""Pointer: how a canvas is pointed at, selected from and stepped through, by mouse and keys. Paints nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractSlider, QMenu

from widgets.layout import Layout
from widgets.sheet import Sheet

PAGES = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
}
NOTCH = 120  # eighths of a degree: a notch of a wheel; source: QWheelEvent.angleDelta
DRAG = 6  # pixels from which on a press is a selection and no click


class Pointer:
    """A part of Canvas, which has the layouts, the scroll bar and what is chosen in them."""

    def select_all(self) -> None:
        self._select((0, self._count() - 1) if self._count() else None)

    def choose(self, cell: int) -> None:
        """Look at a cell, as a click does."""
        if cell < len(self._now.rects):
            self._selection = None
            self._choose(cell)

    def let_go(self) -> None:
        """Nothing is selected any more, and no cell is chosen or compared."""
        self._selection = self._held = None
        self._choose(None)

    def compare(self) -> None:
        """Hold on to the chosen cell while others are looked at, to compare them; or let it go."""
        if self._held is not None:
            self._held = None
            self._choose(self._pin)
        elif self.cell is not None:
            self._held = self.cell
            self._choose(None)

    def _select(self, selection: tuple[int, int] | None) -> None:
        self._selection = selection
        self.selected.emit()
        self.update()

    @property
    def selection(self) -> list[int]:
        """The cells of the canvas on show that are selected, or else the one that was clicked."""
        if self._selection is None:
            return [] if self._pin is None or self._frame is None else [self._pin]
        past = len(self._past.rects)
        return [at - past for at in range(min(self._selection), max(self._selection) + 1) if at >= past]

    @property
    def _is_cell(self) -> bool:
        """Whether what people chose is one cell."""
        return self._selection is None and self._pin is not None

    @property
    def selecting(self) -> bool:
        """Whether the pointer is about to select."""
        return self._press is not None

    def _repoint(self, point: QPointF | None = None) -> None:
        """Looks again at what is under the pointer: it, or the text below it, has moved."""
        if point is None and self.underMouse():
            point = QPointF(self.mapFromGlobal(self.cursor().pos()))
        inside = point is not None and self._room().contains(point)
        cell = self._now.at(point + QPointF(0, self._bar.value())) if inside else None
        if cell != self._hover:
            self._hover = cell
            self._tip.hide()
            self.hovered.emit(cell)
            self.update()

    def _choose(self, cell: int | None) -> None:
        self._pin = cell
        if cell is not None:
            rect, room = self.rect_of(cell), self._room()
            over = max(0.0, rect.bottom() + 8 - room.bottom()) or min(0.0, rect.top() - 8)
            self._bar.setValue(round(self._bar.value() + over))
        self.cell_chosen.emit(-1 if cell is None else cell)
        self.selected.emit()
        self.update()

    def mouseMoveEvent(self, event) -> None:
        point = event.position()
        dragged = self._press is not None and (point - self._press).manhattanLength() > DRAG
        if self._count() and (dragged or (self._press is not None and self._selection)):
            start = self._selection[0] if self._selection else self._nearest(self._press)
            self._selection = (start, self._nearest(point))
            self.update()
        if self._footnote.point(point):
            self.update()
        self._repoint(point)

    def _nearest(self, point: QPointF) -> int:
        content = point + QPointF(0, self._bar.value())
        return Layout(Sheet(), [*self._past.rects, *self._now.rects]).nearest(content)

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()
            self._select(None)
            self._tip.hide()

    def mouseReleaseEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._press is not None:
            self._press = None
            self._repoint(event.position())
            self.selected.emit()
            if self._selection is None and self._folds(event.position()):
                self.fold_wished.emit()
            elif self._compares(event) and self._hover is not None:
                self._held = self._pin
                self._choose(self._hover)
            elif self._selection is None and (self._hover is not None or self._pin is not None):
                self._choose(self._hover if self._hover != self._pin else None)

    def mouseDoubleClickEvent(self, event) -> None:
        """The word, of as many cells as it has: what the first click chose is not let go by the second."""
        if event.button() == Qt.MouseButton.LeftButton and self._hover is not None:
            first, last = self._word(self._hover)
            self.choose(self._hover)
            if first != last:
                past = len(self._past.rects)
                self._select((past + first, past + last))

    def _word(self, cell: int) -> tuple[int, int]:
        """The first and the last cell of the word that a cell is in. Noise stands alone."""
        frame, piece = self._frame, self._lexicon.piece

        def joined(left: int) -> bool:
            """Whether a cell and the next one are of one word."""
            pair = frame.shown[left : left + 2].tolist()
            both = len(pair) == 2 and frame.settled[left : left + 2].all()
            return bool(both and piece(pair[0])[-1:].isalnum() and piece(pair[1])[:1].isalnum())

        first = last = cell
        while first > 0 and joined(first - 1):
            first -= 1
        while joined(last):
            last += 1
        return first, last

    def _compares(self, event) -> bool:
        """Whether a click asks to compare a cell with the chosen one."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return control and self._selection is None and self._pin is not None

    def _folds(self, point: QPointF) -> bool:
        content = point + QPointF(0, self._bar.value())
        inside = self._room().contains(point)
        return inside and any(layout.folds(content) for layout in (self._past, self._now))

    def leaveEvent(self, event) -> None:
        self._footnote.point(QPointF(-1, -1))
        self.update()
        self._repoint(QPointF(-1, -1))

    def wheelEvent(self, event) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += event.angleDelta().y()
            steps, self._turned = int(self._turned / NOTCH), self._turned - int(self._turned / NOTCH) * NOTCH
            if steps:
                self.zoom_wished.emit(steps)
            return
        self._bar.setValue(self._bar.value() - (event.pixelDelta().y() or event.angleDelta().y() * 2 // 3))
        self._repoint(event.position())

    def keyPressEvent(self, event) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            (self.copy_cell if self._is_cell else self.copy)()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif self._lets_go(event):
            self.let_go()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._stretch(event.key()):
            return
        elif event.key() in PAGES and self._bar.maximum():
            self._bar.triggerAction(PAGES[event.key()])
        elif (cell := self._now.step(self._base, event.key())) is not None:
            self._selection = None
            self._choose(cell)
        else:
            super().keyPressEvent(event)

    @property
    def _base(self) -> int | None:
        """The cell that arrows go on from: the chosen one, else the one that is held, else the one pointed at."""
        return self._held if self._pin is None and self._held is not None else self.cell

    def _stretch(self, key: int) -> bool:
        """Selects one cell more, or less, from the one that was clicked on. Whether the key does that."""
        past, end = len(self._past.rects), self.cell
        if self._selection is not None and self._selection[1] >= past:
            end = self._selection[1] - past
        cell = self._now.step(end, key)
        if cell is None:
            return False
        start = self._selection[0] if self._selection else past + (cell if end is None else end)
        self._select((start, past + cell))
        return True

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            cell = self.details(self._hover)
            if cell and self._tips:
                self._tip.tell(cell, self.rect_of(self._hover).toRect(), self._inks.theme)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and self._lets_go(event):
            event.accept()  # Esc lets go of the cell; else it is the window's
            return True
        return super().event(event)

    def _lets_go(self, event) -> bool:
        something = any(one is not None for one in (self._pin, self._selection, self._held))
        return event.key() == Qt.Key.Key_Escape and something

    def contextMenuEvent(self, event) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self._frame is not None
        if shown:
            self._take_up(QPointF(event.pos()))
        for words, keys, wish, possible in (
            ("Copy text", "" if self._is_cell else QKeySequence.StandardKey.Copy, self.copy, shown),
            ("Select all", QKeySequence.StandardKey.SelectAll, self.select_all, shown),
            (
                "Copy this token",
                QKeySequence.StandardKey.Copy if self._is_cell else "",
                self.copy_cell,
                shown and self.cell is not None,
            ),
            ("Copy this step, noise and all", "", self.copy_step, shown),
            (self._comparing(), "", self.compare, shown and (self.cell, self._held) != (None, None)),
        ):
            action = menu.addAction(words, wish)
            action.setShortcut(keys)
            action.setEnabled(possible)
        if shown:
            self.menu_wished.emit(menu)
        menu.popup(event.globalPos())

    def _comparing(self) -> str:
        """What comparing would do, with its key."""
        return "Compare with another cell\tC" if self._held is None else "End the comparison\tC"

    def _take_up(self, point: QPointF) -> None:
        """A menu is about what is selected; opened elsewhere, about the cell below it."""
        cell = self._now.at(point + QPointF(0, self._bar.value())) if self._room().contains(point) else None
        if cell is not None and cell not in self.selection:
            self._selection = None
            self._choose(cell)

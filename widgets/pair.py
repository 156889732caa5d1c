"""Pair: the lives of two cells side by side, in a low strip, or of one. Knows no frame: it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from widgets.closeup import Closeup
from widgets.controls import describe
from widgets.microscope import Life
from widgets.theme import Theme

HINT = "Point at another cell, or choose one: its life is shown here. C or Esc ends it."


class Pair(QFrame):
    """One closeup or two: of the cell that was held first, and of the one that it is compared with."""

    sought = Signal(int)  # the index of a frame
    kept = Signal(int, int)  # a cell, and the id that it is to keep

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        describe(self, "Cells in a row", "The life of the chosen cell, or of two that are compared (C).")
        self._told: Sequence[tuple[Any, Life | None]] = ()
        self.closeups, self._hint = (Closeup(flat=True), Closeup(flat=True)), QLabel(HINT)
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 14, 6)
        line.setSpacing(20)
        for part in (*self.closeups, self._hint):
            line.addWidget(part, 1)
        for closeup in self.closeups:
            closeup.lanes.sought.connect(self.sought)
            closeup.lanes.kept.connect(self.kept)
        self.show_cells((), False)

    def show_cells(self, told: Sequence[tuple[Any, Life | None]], waits: bool) -> None:
        """The details of one cell or two, each with its life. `waits`: for another cell, which is said."""
        self._told = told
        for at, closeup in enumerate(self.closeups):
            closeup.setVisible(at < len(told))
            if at < len(told):
                closeup.show_details(*told[at])
        self._hint.setVisible(waits)

    def set_theme(self, theme: Theme) -> None:
        for closeup in self.closeups:
            closeup.set_theme(theme)
        self.show_cells(self._told, self._hint.isVisibleTo(self))

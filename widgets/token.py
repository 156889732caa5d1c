"""Token: one cell under the microscope, or else the cells that are least sure, and when each settled.

Knows no frame: it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from widgets.closeup import Closeup
from widgets.microscope import Life
from widgets.settling import Order, Settling
from widgets.theme import Theme
from widgets.unsure import Doubt, Unsure


class Token(QFrame):
    """The card of one cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._details, self._life = None, None
        self._closeup, self.unsure, self.settling = Closeup(), Unsure(), Settling()
        self.lanes, self.candidates_wished = self._closeup.lanes, self._closeup.candidates_wished
        self._pages = QStackedLayout(self)  # as high with the hint as with details
        self._pages.addWidget(_framed(10, self.unsure, self.settling))
        self._pages.addWidget(_framed(12, self._closeup))
        self.show_details(None)

    def set_candidates(self, count: int) -> None:
        """How many candidates are shown, at most. No signal."""
        self._closeup.set_candidates(count)

    def show_details(self, details, life: Life | None = None) -> None:
        """Shows cell, text, state and entropy (nats), and the cell's life; None: the least sure cells."""
        self._details, self._life = details, life
        self._pages.setCurrentIndex(0 if details is None else 1)
        if details is not None:
            self._closeup.show_details(details, life)

    def show_doubts(self, doubts: Sequence[Doubt]) -> None:
        """The cells that are least sure, for while no cell is looked at."""
        self.unsure.show_doubts(doubts)

    def show_settling(self, ask: Callable[[], Order] | None) -> None:
        """When each cell took its token, asked for when it is seen; None: nothing is known."""
        self.settling.show_order(ask)

    def set_theme(self, theme: Theme) -> None:
        """The colours of the states."""
        self._closeup.set_theme(theme)
        self.show_details(self._details, self._life)


def _framed(air: int, *inside: QWidget) -> QWidget:
    """Widgets below each other with the card's margins."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, air, 16, air)
    for widget in inside:
        column.addWidget(widget)
    return page

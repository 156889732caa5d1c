"""Recents: the files that were opened or written last, in a menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu

from app.keep.prefs import Prefs


class Recents(QMenu):
    """Filled whenever it is looked at."""

    def __init__(self, menu: QMenu, prefs: Prefs, open_: Callable[[str], object]) -> None:
        super().__init__("Recent files", menu)
        self._prefs, self._open = prefs, open_
        self.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        menu.addMenu(self)

    def _fill(self) -> None:
        self.clear()
        for path in self._prefs.recents:
            action = self.addAction(Path(path).name.replace("&", "&&"), lambda path=path: self._open(path))
            action.setToolTip(path)
        self.setEnabled(bool(self._prefs.recents))

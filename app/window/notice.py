"""Notice: whoever went on to something else hears that long work is over: in taskbar and title of the window.

Long work is a load, a run or a race that the window was left during.
"""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from app.run.session import Session

LONG = 10.0  # seconds, after which people may have turned to something else
DONE, USUAL = "Done \u2013 Unnoise", "Unnoise"


class Notice(QObject):
    """Watches a session for a window."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._began: float | None = None  # of the work that goes on
        session.changed.connect(self._look)
        window.installEventFilter(self)

    def _look(self) -> None:
        busy = self._session.running or self._session.loading
        if busy and self._began is None:
            self._began = monotonic()
        elif not busy and self._began is not None:
            long, self._began = monotonic() - self._began > LONG, None
            if long and not self._window.isActiveWindow():
                QApplication.alert(self._window)
                self._window.setWindowTitle(DONE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate and self._window.windowTitle() == DONE:
            self._window.setWindowTitle(USUAL)
        return False

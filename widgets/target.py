"""Target: what lies over the window while something is dragged over it, and says what a drop would do.

Knows no files: what can be dropped is for others to say.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from widgets import icons
from widgets.brush import painted
from widgets.theme import font

ROLE = QPalette.ColorRole
REMAINS = 0.06  # of what lies below
EDGE = 16  # pixels between the window's edge and the dashes


class Target(QWidget):
    """`ask` gets the paths that are dragged: whether a drop is taken, and a sentence about it."""

    dropped = Signal(list)  # of paths

    def __init__(self, window: QWidget, ask: Callable[[list[str]], tuple[bool, str]]) -> None:
        super().__init__(window)
        self._ask, self._taken, self._sentence = ask, False, ""
        self.setAcceptDrops(True)
        self.hide()
        for widget in (window, *window.findChildren(QWidget)):
            if widget is self or widget is window or widget.acceptDrops():
                widget.setAcceptDrops(True)
                widget.installEventFilter(self)  # a box for text would take a file for a word

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What begins over another widget: from the next move on it is over this one."""
        taken = {QEvent.Type.DragEnter: self._enter, QEvent.Type.Drop: self.dropEvent}
        if watched is self or event.type() not in taken or not event.mimeData().hasUrls():
            return False
        taken[event.type()](event)
        return True

    def dragEnterEvent(self, event) -> None:
        if event.mimeData().hasUrls():
            self._enter(event)

    def _enter(self, event) -> None:
        """Taken in any case, so that what cannot be dropped is said, too."""
        self._taken, self._sentence = self._ask(_paths(event))
        self.setAccessibleName(self._sentence)
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()
        event.acceptProposedAction()

    def dragMoveEvent(self, event) -> None:
        event.setAccepted(self._taken)

    def dragLeaveEvent(self, event) -> None:
        self.hide()

    def dropEvent(self, event) -> None:
        self.hide()
        if self._taken:
            event.acceptProposedAction()
            self.dropped.emit(_paths(event))

    @painted
    def paintEvent(self, event) -> None:
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(palette.color(ROLE.Window))
        ground.setAlphaF(1 - REMAINS)
        painter.fillRect(self.rect(), ground)
        colour = palette.color(ROLE.Highlight if self._taken else ROLE.BrightText)
        painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE), 14, 14)
        centre = QRectF(self.rect()).center()
        icons.draw(
            painter, "drop" if self._taken else "error", QRectF(centre.x() - 32, centre.y() - 76, 64, 64), colour
        )
        painter.setFont(font(pixels=20))
        painter.setPen(palette.color(ROLE.WindowText))
        words = QRectF(self.rect()).adjusted(48, 0, -48, 0)
        words.setTop(centre.y() + 8)
        where = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(words, where, self._sentence)


def _paths(event) -> list[str]:
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]

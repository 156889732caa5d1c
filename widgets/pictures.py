"""Pictures: those of the prompt as small copies in a row, each with a cross. Knows no files, and no model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from widgets import icons
from widgets.brush import painted
from widgets.controls import IconButton, Switch, describe

ROLE = QPalette.ColorRole
HIGH, WIDE, LEAST = 52, 104, 36  # pixels of a small copy: its height, and how wide it may be
LOW = 32  # ... its height in a low window
CROSS, GAP = 20, 8
HELP = "Let the model look at pictures before it writes. They can be dropped on the window and pasted, too."
KEEP = "Keep small copies"
KEPT = "Recordings keep a small copy of each picture. Else they only say that there were pictures."


def image(pixels: np.ndarray) -> QImage:
    """Of uint8 [H, W, 3], with memory of its own."""
    height, width = pixels.shape[:2]
    return QImage(np.ascontiguousarray(pixels).data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def paint(painter: QPainter, box: QRectF, shown: QImage | None) -> None:
    """A picture that fills a box with round corners; an empty frame of one that nobody kept."""
    path = QPainterPath()
    path.addRoundedRect(box, 5, 5)
    painter.save()
    painter.setClipPath(path)
    if shown is None:
        painter.fillPath(path, painter.pen().color())
        icons.draw(painter, "picture", box.adjusted(4, 4, -4, -4), painter.brush().color())
    else:
        size = shown.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        whole = QRectF(0, 0, size.width(), size.height())
        whole.moveCenter(box.center())
        painter.drawImage(whole, shown)
    painter.restore()


def width(shown: QImage | None, height: float) -> float:
    """Of a picture that is so high."""
    if shown is None:
        return height
    return min(max(height * shown.width() / shown.height(), height * LEAST / HIGH), height * WIDE / HIGH)


class Thumb(QWidget):
    """One picture, with a cross that takes it away. Delete does that, too."""

    removed = Signal()

    def __init__(self, shown: QImage, name: str) -> None:
        super().__init__()
        self._shown, self.cross = shown, IconButton("cross", f"Remove {name}", CROSS, "plain")
        self.wide = width(shown, HIGH)
        self.cross.setParent(self)
        self.cross.clicked.connect(self.removed)
        self.setAccessibleName(name)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.cross.move(self.width() - CROSS - 2, 2)

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        paint(painter, QRectF(self.rect()), self._shown)


class Pictures(QWidget):
    """The row, which is hidden while there is nothing in it. `button` asks for pictures: others place it."""

    wished = Signal()  # people want to choose some
    removed = Signal(int)  # the picture of that number, from 0 on
    agreed = Signal(bool)  # whether recordings may keep small copies

    def __init__(self) -> None:
        super().__init__()
        self.button, self.keep = QPushButton("Add pictures"), Switch(KEEP)
        self.thumbs: list[Thumb] = []
        self.button.setProperty("role", "pill")
        self.button.setFixedHeight(28)
        self.button.clicked.connect(self.wished)
        describe(self.button, "Add pictures", HELP)
        describe(self.keep, KEEP, KEPT)
        self.keep.toggled.connect(self.agreed)
        self.keep.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_low(False)
        self.hide()

    def set_low(self, low: bool) -> None:
        """Whether the window is low: the row is, too."""
        self.setFixedHeight(LOW if low else HIGH)

    def show_pictures(self, shown: Sequence[np.ndarray]) -> None:
        """Small copies, each uint8 [h, w, 3]. Whoever was at a cross is at the one that took its place."""
        at = next((at for at, thumb in enumerate(self.thumbs) if thumb.cross.hasFocus()), None)
        for thumb in self.thumbs:
            thumb.hide()
            thumb.deleteLater()
        self.thumbs = [self._thumb(at, pixels) for at, pixels in enumerate(shown)]
        self.setVisible(bool(shown))
        self._flow()
        self._chain()
        if at is not None:
            (self.thumbs[min(at, len(shown) - 1)].cross if shown else self.button).setFocus()

    def _chain(self) -> None:
        """Tab goes through the crosses where they are seen: before what stands behind them."""
        before = self.keep.previousInFocusChain()
        while before.focusPolicy() == Qt.FocusPolicy.NoFocus:  # Qt orders none of those
            before = before.previousInFocusChain()
        for thumb in self.thumbs:
            QWidget.setTabOrder(before, thumb.cross)
            before = thumb.cross

    def _thumb(self, at: int, pixels: np.ndarray) -> Thumb:
        thumb = Thumb(image(pixels), f"Picture {at + 1}")
        thumb.removed.connect(lambda: self.removed.emit(at), Qt.ConnectionType.QueuedConnection)
        thumb.setParent(self)
        thumb.show()
        return thumb

    def _flow(self) -> None:
        """One after the other, as wide as they are where there is room, else narrower."""
        size = self.keep.sizeHint()
        self.keep.resize(size)
        self.keep.move(self.width() - size.width(), self.height() - size.height())
        room = self.width() - size.width() - GAP * (len(self.thumbs) + 1)
        wide = sum(thumb.wide for thumb in self.thumbs) * self.height() / HIGH
        share, x = min(1.0, room / max(wide, 1)) * self.height() / HIGH, 0
        for thumb in self.thumbs:
            thumb.setGeometry(x, 0, max(CROSS + 4, int(thumb.wide * share)), self.height())
            x += thumb.width() + GAP

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._flow()

    def set_blind(self, reason: str) -> None:
        """Why the model reads no pictures, as a sentence; "" if it does."""
        self.button.setEnabled(not reason)
        describe(self.button, "Add pictures", reason or HELP)

"""Tile: how an earlier run looks in the strip: its board, its name and numbers, a star, a cross. Knows no file."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate

from engine.values.entry import HOT, NAME, SIDE, Entry
from widgets import icons
from widgets.brush import painted
from widgets.cells import levels
from widgets.paint import Inks
from widgets.theme import DARK, Theme, font

ENTRY = Qt.ItemDataRole.UserRole
ROLE = QPalette.ColorRole
TALL, LOW = 64, 40  # pixels: of a tile, and of one in a low window
WIDE, NARROW = 208, 164
GAP, SIGN, CORNER = 6, 17, 7
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Places(NamedTuple):
    """The parts of a tile, in pixels."""

    box: QRect
    board: QRect
    lines: list[QRect]
    star: QRect
    cross: QRect


class Tile(QStyledItemDelegate):
    """Paints entries, and takes clicks on what is on them."""

    keep_wished = Signal(object)  # Entry
    delete_wished = Signal(object)

    def __init__(self, parent) -> None:
        super().__init__(parent)
        self.height, self.shown = TALL, ""  # the id of the run on the canvas
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        self._ramp = tuple(color.rgb() for color in Inks(theme).ramp)

    def sizeHint(self, option, index) -> QSize:
        return QSize((WIDE if self.height == TALL else NARROW) + GAP, self.height)

    @painted
    def paint(self, painter: QPainter, option, index) -> None:
        entry: Entry = index.data(ENTRY)
        under = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        palette, on, places = option.palette, entry.id == self.shown, self._places(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.color(ROLE.Highlight if on or focus else ROLE.Mid), 2 if focus else 1))
        painter.setBrush(palette.color(ROLE.AlternateBase if on or under else ROLE.Base))
        inset = 1.0 if focus else 0.5
        painter.drawRoundedRect(QRectF(places.box).adjusted(inset, inset, -inset, -inset), CORNER, CORNER)
        painter.drawImage(places.board, thumbnail(entry.board, self._ramp))
        self._write(painter, entry, places, palette, under or focus)
        painter.restore()

    def _write(self, painter: QPainter, entry: Entry, places: Places, palette: QPalette, open_: bool) -> None:
        texts = [entry.title or "(no prompt)", numbers(entry), _origin(entry)]
        for at, (room, text) in enumerate(zip(places.lines, texts, strict=False)):
            if at == 0 and (open_ or entry.kept):
                room = room.adjusted(0, 0, places.star.x() - room.right() - 3, 0)
            face = font(pixels=11 if at else 12, weight=QFont.Weight.Normal if at else QFont.Weight.Medium)
            painter.setFont(face)
            painter.setPen(palette.color(ROLE.PlaceholderText if at else ROLE.Text))
            short = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, LEFT, short)
        if open_ or entry.kept:
            colour = palette.color(ROLE.Highlight if entry.kept else ROLE.PlaceholderText)
            icons.draw(painter, "starred" if entry.kept else "star", QRectF(places.star), colour)
        if open_:
            icons.draw(painter, "cross", QRectF(places.cross), palette.color(ROLE.PlaceholderText))

    def _places(self, rect: QRect) -> Places:
        """Where the parts of a tile are."""
        box = rect.adjusted(0, 0, -GAP, 0)
        side = 3 * SIDE if self.height == TALL else 2 * SIDE
        pad = (self.height - side) // 2
        count, step = (3, 17) if self.height == TALL else (2, 15)
        x, top = box.x() + side + 2 * pad + 1, box.y() + (self.height - step * count) // 2
        lines = [QRect(x, top + at * step, box.right() - pad - x, step) for at in range(count)]
        star, cross = (QRect(box.right() - pad - SIGN * at, top, SIGN, SIGN) for at in (2, 1))
        return Places(box, QRect(box.x() + pad, box.y() + pad, side, side), lines, star, cross)

    def editorEvent(self, event, model, option, index) -> bool:
        """A click on the star or the cross is no click on the tile."""
        presses = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick
        if event.type() not in presses or event.button() != Qt.MouseButton.LeftButton:
            return False
        places, point = self._places(option.rect), event.position().toPoint()
        for box, wish in ((places.star, self.keep_wished), (places.cross, self.delete_wished)):
            if box.adjusted(0, -4, 0, 4).contains(point):
                if event.type() == QEvent.Type.MouseButtonRelease:
                    wish.emit(index.data(ENTRY))
                return True
        return False

    def createEditor(self, parent, option, index) -> QLineEdit:
        editor = QLineEdit(parent)
        editor.setMaxLength(NAME)
        editor.setAccessibleName("Name of the run")
        return editor

    def updateEditorGeometry(self, editor, option, index) -> None:
        places = self._places(option.rect)
        room = QRect(places.lines[0]).united(places.lines[-1])
        editor.setGeometry(room.x() - 4, room.center().y() - 14, room.width() + 6, 28)


def numbers(entry: Entry) -> str:
    """`48 st · 0.6 · 1.7 s`: steps, temperature, time."""
    return f"{entry.frames} st  ·  {entry.temperature:g}  ·  {seconds(entry.seconds)}"


def seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 99.95 else f"{value / 60:.0f} min"


def told(entry: Entry) -> str:
    """All that is known of a run, in lines."""
    branch = f"Branched off run {entry.parent[:6]}." if entry.parent else ""
    lines = (
        entry.title,
        f"{numbers(entry)}  ·  seed {entry.seed}  ·  {entry.model}",
        f"Run {entry.id[:6]}, {datetime.fromtimestamp(entry.at):%d %b %Y, %H:%M}. {branch}".strip(),
        entry.text[:300] + ("…" if len(entry.text) > 300 else ""),
    )
    return "\n".join(line for line in lines if line)


def _origin(entry: Entry) -> str:
    """When it was, and what it branched off."""
    then, now = datetime.fromtimestamp(entry.at), datetime.now()
    when = f"{then:%H:%M}" if then.date() == now.date() else f"{then.day} {then:%b}"
    return f"{when}  ·  from {entry.parent[:6]}" if entry.parent else f"{when}  ·  {entry.id[:6]}"


@lru_cache(512)
def thumbnail(board: bytes, ramp: tuple[int, ...]) -> QImage:
    """SIDE x SIDE pixels in the colours of the ramp."""
    nats = np.frombuffer(board, np.uint8) / 255 * HOT
    shades = levels(nats).astype(np.uint8).tobytes()
    image = QImage(shades, SIDE, SIDE, SIDE, QImage.Format.Format_Indexed8)
    image.setColorTable([QColor.fromRgb(value).rgb() for value in ramp])
    return image.convertToFormat(QImage.Format.Format_RGB32)

"""Tile: how an earlier run looks in the strip: its board, its name and numbers, a star, a cross. Knows no file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate

from engine.values.files.entry import HOT, NAME, SIDE, Entry
from engine.values.settings import counted
from widgets import icons
from widgets.brush import painted
from widgets.cells import levels
from widgets.paint import Inks
from widgets.theme import DARK, Theme, font

ENTRY = Qt.ItemDataRole.UserRole
ROLE = QPalette.ColorRole
TALL, LOW = 64, 40  # pixels: of a tile, and of one in a low window
WIDE, NARROW = 224, 168
GAP, SIGN, CORNER, MARK = 6, 17, 7, 14
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Places(NamedTuple):
    """The parts of a tile, in pixels."""

    box: QRect
    board: QRect
    lines: list[QRect]
    star: QRect
    cross: QRect


class Tile(QStyledItemDelegate):
    """Paints entries, and knows what on them is where."""

    def __init__(self, parent) -> None:
        super().__init__(parent)
        self.height, self.shown = TALL, ""  # the id of the run on the canvas
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        self._ramp = tuple(color.rgb() for color in Inks.of(theme).ramp)

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
        self._mark(painter, entry, QRectF(places.board), palette)
        self._write(painter, entry, places, palette, under or focus)
        painter.restore()

    def _mark(self, painter: QPainter, entry: Entry, board: QRectF, palette: QPalette) -> None:
        """In the lower corners of the board: which turn of a conversation it was, and that it had pictures."""
        painter.setFont(font(pixels=10, weight=QFont.Weight.DemiBold))
        wide = max(MARK, painter.fontMetrics().horizontalAdvance(f"{entry.turn}") + 6)
        turn = QRectF(board.left(), board.bottom() - MARK, wide, MARK)
        seen = QRectF(board.right() - MARK, board.bottom() - MARK, MARK, MARK)
        for box, there in ((turn, entry.turn > 1), (seen, entry.pictures)):
            if there:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.color(ROLE.Base))
                painter.drawRoundedRect(box, 3, 3)
        painter.setPen(palette.color(ROLE.Text))
        if entry.turn > 1:
            painter.drawText(turn, Qt.AlignmentFlag.AlignCenter, f"{entry.turn}")
        if entry.pictures:
            icons.draw(painter, "picture", seen.adjusted(1, 1, -1, -1), palette.color(ROLE.Text))

    def _write(self, painter: QPainter, entry: Entry, places: Places, palette: QPalette, open_: bool) -> None:
        """Title, numbers and, of a branch, where it comes from; a title has the lines that are left."""
        texts = [numbers(entry), *([(f"branch of {entry.parent[:6]}",)] if entry.parent else [])]
        texts = texts[: len(places.lines) - 1]
        title, rest = places.lines[: len(places.lines) - len(texts)], places.lines[-len(texts) :]
        cut = places.star.x() - 3 if open_ or entry.kept else places.box.right()
        self._write_title(painter, entry.title or "(no prompt)", title, cut, palette)
        painter.setFont(font(pixels=11))
        painter.setPen(palette.color(ROLE.PlaceholderText))
        for room, text in zip(rest, texts, strict=True):
            painter.drawText(room, LEFT, _fitting(painter, text, room))
        if open_ or entry.kept:
            colour = palette.color(ROLE.Highlight if entry.kept else ROLE.PlaceholderText)
            icons.draw(painter, "starred" if entry.kept else "star", QRectF(places.star), colour)
        if open_:
            icons.draw(painter, "cross", QRectF(places.cross), palette.color(ROLE.PlaceholderText))

    def _write_title(self, painter: QPainter, title: str, lines: list[QRect], cut: int, palette: QPalette) -> None:
        """What makes a title its own is often at its end: in one line the middle is left out."""
        painter.setFont(font(pixels=12, weight=QFont.Weight.Medium))
        painter.setPen(palette.color(ROLE.Text))
        first = QRect(lines[0])
        first.setRight(min(first.right(), cut))
        metrics = painter.fontMetrics()
        if len(lines) > 1 and metrics.horizontalAdvance(title) > first.width():
            words = title.split(" ")
            fits = [
                at
                for at in range(1, len(words))
                if metrics.horizontalAdvance(" ".join(words[:at])) <= first.width()
            ]
            if fits:
                painter.drawText(first, LEFT, " ".join(words[: fits[-1]]))
                first, title = lines[1], " ".join(words[fits[-1] :])
        painter.drawText(first, LEFT, metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, first.width()))

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

    def sign_at(self, rect: QRect, point: QPoint) -> str:
        """ "star" or "cross", if that is at a point of the tile in `rect`."""
        places = self._places(rect)
        signs = {"star": places.star, "cross": places.cross}
        return next((name for name, box in signs.items() if box.adjusted(0, -4, 0, 4).contains(point)), "")

    def createEditor(self, parent, option, index) -> QLineEdit:
        editor = QLineEdit(parent)
        editor.setMaxLength(NAME)
        editor.setAccessibleName("Name of the run")
        return editor

    def updateEditorGeometry(self, editor, option, index) -> None:
        places = self._places(option.rect)
        room = QRect(places.lines[0]).united(places.lines[-1])
        editor.setGeometry(room.x() - 4, room.center().y() - 14, room.width() + 6, 28)


def numbers(entry: Entry) -> tuple[str, ...]:
    """`48 steps · 1.7 s · temperature 0.6`, in less and less room: steps, time and temperature; of a server's run
    canvases and time. Of a run that came to no end, where it was stopped."""
    one, more = ("canvas", "canvases") if entry.whole else ("step", "steps")
    count = f"{entry.frames:,} {one if entry.frames == 1 else more}"
    taken = f"{f'stopped at {one} {entry.frames:,}' if entry.stopped else count} · {seconds(entry.seconds)}"
    heat = () if entry.whole else (f" · {word} {entry.temperature:g}" for word in ("temperature", "temp."))
    return (*(taken + each for each in heat), taken)


def seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 99.95 else f"{value / 60:.0f} min"


def told(entry: Entry) -> str:
    """All that is known of a run, in lines."""
    turn = f"Turn {entry.turn} of its conversation." if entry.turn > 1 else ""
    seen = f"With {counted(entry.pictures, 'picture')}." if entry.pictures else ""
    branch = f"Branched off run {entry.parent[:6]}." if entry.parent else ""
    lines = (
        entry.title,
        f"{numbers(entry)[0]} · seed {entry.seed} · {entry.model}",
        f"Run {entry.id[:6]}, {datetime.fromtimestamp(entry.at):%d %b %Y, %H:%M}.",
        " ".join(filter(None, (turn, seen, branch))),
        entry.text[:300] + ("…" if len(entry.text) > 300 else ""),
    )
    return "\n".join(line for line in lines if line)


def _fitting(painter: QPainter, texts: Sequence[str], room: QRect) -> str:
    """The first of some texts, in less and less room, that has it there; else what of the last has."""
    metrics = painter.fontMetrics()
    fits = next((text for text in texts if metrics.horizontalAdvance(text) <= room.width()), texts[-1])
    return metrics.elidedText(fits, Qt.TextElideMode.ElideRight, room.width())


@lru_cache(512)
def thumbnail(board: bytes, ramp: tuple[int, ...]) -> QImage:
    """SIDE x SIDE pixels in the colours of the ramp."""
    nats = np.frombuffer(board, np.uint8) / 255 * HOT
    shades = levels(nats).astype(np.uint8).tobytes()
    image = QImage(shades, SIDE, SIDE, SIDE, QImage.Format.Format_Indexed8)
    image.setColorTable([QColor.fromRgb(value).rgb() for value in ramp])
    return image.convertToFormat(QImage.Format.Format_RGB32)

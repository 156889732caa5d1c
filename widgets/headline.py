"""Headline: what a run has come to, large enough for the back row: tokens written, how fast, and in how long.

Knows no recording: the numbers come ready, of the step that is on screen, so they never disagree with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy

from engine.values.settings import counted
from engine.values.words.letters import alone
from widgets import pictures
from widgets.brush import painted
from widgets.controls import describe
from widgets.pace import Unhurried
from widgets.theme import elided, font, width

ROLE = QPalette.ColorRole
NOTHING = "\N{EN DASH}"
HELP = (
    "Tokens of the text, thought and answer, that the step on screen has accepted, over the time of the run so "
    "far. The clock starts with the reading of the prompt; time spent paused is left out."
)
LARGE, HUGE = 28, 48  # pixels of the numbers: in the window, and for a room
CAPTION = 24  # ... and of the prompt above them, in a room
BOLD = QFont.Weight.DemiBold
FLOOR = 4  # pixels of the bar along the bottom


@dataclass(frozen=True)
class Facts:
    """What the headline says. NaN where nothing is measured."""

    written: int | None = None  # tokens of the text
    rate: float = nan  # of them a second
    seconds: float = nan
    share: float = 0.0  # of the steps that the run may take, 0 to 1
    state: str = ""  # how the run stands
    prompt: str = ""  # what was asked
    about: str = ""  # the knobs of the run
    more: str = ""  # other numbers, for the tooltip


def number(value: float) -> str:
    """A measured number with about three figures, a dash for what is none."""
    return NOTHING if isnan(value) else f"{value:,.{0 if value >= 99.5 else 1}f}"


class Headline(Unhurried):
    """One line, painted."""

    def __init__(self) -> None:
        super().__init__()
        self._facts, self._pixels = Facts(), LARGE
        self._pictures: list[QImage | None] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(240)
        self.show_facts(self._facts)

    def show_facts(self, facts: Facts) -> None:
        self._facts = facts
        parts = [" ".join(pair) for pair in self._numbers() if pair[0] != NOTHING]
        seen = [f"with {counted(len(self._pictures), 'picture')}"] if self._pictures else []
        describe(self, "Headline", f"{HELP} {facts.more}".strip())
        self.setAccessibleDescription(", ".join([*parts, facts.state, *seen]))
        self.refresh()

    def set_pictures(self, shown: Sequence[np.ndarray | None]) -> None:
        """Small copies, uint8 [h, w, 3], of the pictures that were in the prompt; None of one that nobody kept."""
        self._pictures = [None if pixels is None else pictures.image(pixels) for pixels in shown]
        self.update()

    def set_large(self, large: bool) -> None:
        """For a room, or for a desk."""
        self._pixels = HUGE if large else LARGE
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, round(self._pixels * 1.2) + FLOOR + 8 + self._caption)

    @property
    def _caption(self) -> int:
        """Pixels of the prompt above the numbers; at a desk there is none."""
        return round(CAPTION * 1.6) if self._pixels == HUGE else 0

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def _numbers(self) -> list[tuple[str, str]]:
        facts = self._facts
        written = NOTHING if facts.written is None else f"{facts.written:,}"
        unit = "tokens" if facts.written is None else counted(facts.written, "token").split()[1]
        return [(written, unit), (number(facts.rate), "tok/s"), (number(facts.seconds), "s")]

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, room = self._caption, self.height() - FLOOR - 4 - self._caption
        if top:
            self._paint_caption(painter, QRectF(2, 0, self.width() - 4, top))
        x = self._paint_numbers(painter, top + (room + self._pixels * 0.72) / 2)
        right = self._paint_pictures(painter, QRectF(x, top, self.width() - x, room))
        self._paint_words(painter, QRectF(x, top, right - x, room))
        self._paint_bar(painter, QRectF(0, self.height() - FLOOR, self.width(), FLOOR))

    def _paint_caption(self, painter: QPainter, room: QRectF) -> None:
        weight = QFont.Weight.Medium
        painter.setFont(font(pixels=CAPTION, weight=weight))
        painter.setPen(self.palette().color(ROLE.WindowText))
        short = elided(self._facts.prompt, int(room.width()), CAPTION, weight)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, short)

    def _paint_numbers(self, painter: QPainter, base: float) -> float:
        """Numbers with their units, each in room that is as wide as most numbers need. Where they end."""
        big, small, gap = self._pixels, max(13, round(self._pixels * 0.42)), self._pixels * 0.2
        digit, x = width("0", big, BOLD), 2.0
        for (text, unit), digits in zip(self._numbers(), (3, 3.4, 3.2), strict=True):
            long = width(text, big, BOLD)
            wide = max(long, digits * digit if self._facts.share else 0)
            self._draw(painter, QPointF(x, base), text, font(pixels=big, weight=BOLD), ROLE.WindowText)
            self._draw(painter, QPointF(x + long + gap, base), unit, font(pixels=small), ROLE.PlaceholderText)
            x += wide + gap + width(unit, small) + self._pixels * 0.7
        return x

    def _paint_pictures(self, painter: QPainter, room: QRectF) -> float:
        """Those of the prompt at the right end, in at most half of the room: where they begin."""
        right, high, palette = room.right() - 2, room.height() - 2, self.palette()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for shown in reversed(self._pictures):
            wide = pictures.width(shown, high)
            if right - wide < room.center().x():
                break
            painter.setPen(palette.color(ROLE.Mid))
            painter.setBrush(palette.color(ROLE.PlaceholderText))
            pictures.paint(painter, QRectF(right - wide, room.top(), wide, high), shown)
            right -= wide + 5
        return right if self._pictures else room.right()

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        """How the run stands, over what it is a run of; both end at the right."""
        size, facts = round(self._pixels * 0.25), self._facts
        about = (
            facts.about if self._caption else "  \u00b7  ".join(filter(None, (alone(facts.prompt), facts.about)))
        )
        right, top = Qt.AlignmentFlag.AlignRight, room.adjusted(0, 0, -2, -room.height() / 2)
        lines = (
            (self._facts.state, 13 if size < 10 else size + 8, BOLD, ROLE.WindowText),
            (about, 12 if size < 10 else size + 4, QFont.Weight.Normal, ROLE.PlaceholderText),
        )
        for text, pixels, weight, role in lines:
            painter.setFont(font(pixels=pixels, weight=weight))
            painter.setPen(self.palette().color(role))
            short = elided(text, int(top.width()), pixels, weight)
            painter.drawText(top, right | Qt.AlignmentFlag.AlignVCenter, short)
            top.translate(0, room.height() / 2)

    def _paint_bar(self, painter: QPainter, box: QRectF) -> None:
        """The steps taken of those that the run may take. Where it ended early, the rest stays hollow."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(ROLE.Mid))
        painter.drawRoundedRect(box, FLOOR / 2, FLOOR / 2)
        if self._facts.share > 0:
            painter.setBrush(self.palette().color(ROLE.Highlight))
            box.setWidth(max(FLOOR, box.width() * min(1.0, self._facts.share)))
            painter.drawRoundedRect(box, FLOOR / 2, FLOOR / 2)

    def _draw(self, painter: QPainter, at: QPointF, text: str, face: QFont, role: QPalette.ColorRole) -> None:
        painter.setFont(face)
        painter.setPen(self.palette().color(role))
        painter.drawText(at, text)

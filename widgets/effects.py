"""Effects: what happened to cells, shown by a clock and not by steps, so that it is also seen of a fast run.

Accepted cells glow for a while, a word that gives way to another leaves upwards and the other comes from below,
a withdrawn word crumbles, and light runs along a text that is done. Only tokens that the model held are shown.
Times are in milliseconds, of any clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from PySide6.QtCore import QRectF

from engine.values.frame import ACCEPTED, CHANGED, WITHDRAWN
from widgets.cells import Cells
from widgets.layout import Layout
from widgets.paint import Inks
from widgets.sheet import Fill, Sheet, Text

GLOW, SWAP, CRUMBLE, WAVE = 350.0, 200.0, 260.0, 400.0  # how long they take
PULSE = 140.0  # how long the light of the wave stays on one cell
STRONG = 0.55  # opacity of light where it is strongest ...
UNSEEN = 0.006  # ... and where it is too weak to be seen


def ease(share: float) -> float:
    """From 0 to 1, slower and slower."""
    return 1 - (1 - min(1.0, max(0.0, share))) ** 3


def faded(ink: int, opacity: float) -> int:
    """An ARGB number with so much of its opacity."""
    return (round((ink >> 24 & 255) * min(1.0, max(0.0, opacity))) << 24) | (ink & 0xFFFFFF)


@dataclass
class Effects:
    """Those under way. `glows` and `rises` are by cell: when they began."""

    glows: dict[int, float] = field(default_factory=dict)
    rises: dict[int, float] = field(default_factory=dict)
    ghosts: list[tuple[int, float, Text]] = field(default_factory=list)  # a look, when it began, the old word
    wave: float | None = None

    def begin(self, old: list[Text], cells: Cells, before: Cells, now: float) -> None:
        """Those of a step that left `cells`. `old` is the text that stood there, as it was shown."""
        self._light(cells, now)
        words = {text.cell: text for text in old}
        for cell, look in enumerate(cells.looks[: cells.alive]):
            if look in (CHANGED, WITHDRAWN) and cell in words and not before.noise[cell]:
                self.ghosts.append((look, now, words[cell]))
                if look == CHANGED:
                    self.rises[cell] = now

    def hurry(self, cells: Cells, now: float) -> None:
        """Only the light of a step that is gone again before a word could have moved."""
        self.rises, self.ghosts = {}, []
        self._light(cells, now)

    def _light(self, cells: Cells, now: float) -> None:
        for cell, look in enumerate(cells.looks[: cells.alive]):
            if look == ACCEPTED:
                self.glows[cell] = now

    def moving(self, now: float) -> bool:
        """Whether any goes on. Forgets those that are over, or that nobody sees any more."""
        self.glows = {cell: began for cell, began in self.glows.items() if _shone(now - began) > UNSEEN}
        self.rises = {cell: began for cell, began in self.rises.items() if now - began < SWAP}
        self.ghosts = [ghost for ghost in self.ghosts if now - ghost[1] < _length(ghost[0])]
        self.wave = self.wave if self.wave is not None and now - self.wave < WAVE else None
        return bool(self.glows or self.rises or self.ghosts or self.wave is not None)

    @property
    def calm(self) -> bool:
        """Whether no word is on its way."""
        return not (self.rises or self.ghosts) and self.wave is None

    def clear(self) -> None:
        self.glows, self.rises, self.ghosts, self.wave = {}, {}, [], None

    def shine(self, layout: Layout, inks: Inks, now: float) -> list[Fill]:
        """The light on the cells of a layout: on top of their grounds, below their text."""
        fills, there = [], min(len(layout.rects), layout.cells.alive)
        inks_of = {
            began: faded(inks.marks[ACCEPTED].rgba(), _shone(now - began)) for began in {*self.glows.values()}
        }
        for cell, began in self.glows.items():
            if cell < there:
                fills.append(Fill(_lit(layout, cell), inks_of[began], cell))
        if self.wave is not None:
            count, ink = max(1, layout.cells.alive), inks.accent.rgba()
            for cell in range(there):
                at = (now - self.wave - (WAVE - PULSE) * cell / count) / PULSE
                if 0 < at < 1:
                    fills.append(Fill(_lit(layout, cell), faded(ink, STRONG * 4 * at * (1 - at)), cell))
        return fills

    def raised(self, text: Text, now: float) -> Text:
        """A text on its way up to where it belongs, if it has just come for another."""
        if (began := self.rises.get(text.cell)) is None:
            return text
        share = ease((now - began) / SWAP)
        down = (1 - share) * 0.9 * text.face.pixels
        return text._replace(middle=text.middle + down, ink=faded(text.ink, share))

    def draw_ghosts(self, sheet: Sheet, now: float) -> None:
        """Adds the words that are leaving."""
        for look, began, text in self.ghosts:
            share = (now - began) / _length(look)
            if look == CHANGED:
                up = 0.9 * ease(share) * text.face.pixels
                sheet.texts.append(text._replace(middle=text.middle - up, ink=faded(text.ink, 1 - share)))
            else:
                _crumble(sheet, text, share)


def _shone(passed: float) -> float:
    """The opacity of the light on a cell so long after it was accepted."""
    return STRONG * (1 - ease(passed / GLOW))


def _length(look: int) -> float:
    return SWAP if look == CHANGED else CRUMBLE


def _lit(layout: Layout, cell: int) -> QRectF:
    """Where light falls on a cell: in running text not on the space before it."""
    rect = layout.rects[cell]
    text = layout.cells.texts[cell]
    lead = 0.24 * layout.size if not layout.board and text[:1] == " " else 0.0
    return rect.adjusted(lead, 0, 0, 0) if lead < rect.width() else rect


def _crumble(sheet: Sheet, text: Text, share: float) -> None:
    """The letters of a word fall apart."""
    dice, em = Random(text.cell), text.face.pixels
    x, ink = text.x, faded(text.ink, 1 - share)
    for letter in text.text:
        fall, drift = dice.uniform(0.4, 1.1) * em * share**2, dice.uniform(-0.3, 0.3) * em * share
        if letter != " ":
            sheet.texts.append(text._replace(x=x + drift, middle=text.middle + fall, text=letter, ink=ink))
        x += text.face.width(letter)

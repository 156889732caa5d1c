"""Motion: the way from one layout of a canvas to the next: which strokes are where at a moment.

Settled words glide along their line, boxes change their colour, tokens that differ fade into each other. Nothing is
interpolated but places, sizes and opacities: every token that is shown is one that the model held. Pure: a clock's
time goes in, strokes come out. Knows no widget and no timer. Times are in milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from functools import cached_property
from math import inf
from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.effects import Effects, ease
from widgets.layout import Layout
from widgets.paint import Inks
from widgets.sheet import Fill, Sheet, Text, draw_sheets

GLIDE, FADE, ZOOM = 120.0, 80.0, 250.0  # how long a step takes to settle, tokens to fade, type to grow
SLIDE = 450.0  # from the grid to prose
NEAR = 0.3  # pixels that nobody sees
LANES = 0x00FF00FF  # every other part of an ARGB number


class Pair(NamedTuple):
    """One stroke before and after: it is seen to change."""

    old: Fill | Text
    new: Fill | Text


class Parts(NamedTuple):
    """What stays as it is, leaves, comes, comes in a way of its own, and what is seen to change."""

    still: Sheet
    leaving: Sheet
    coming: Sheet
    rising: list[Text]
    boxes: list[Pair]
    words: list[Pair]


class Motion:
    """From what stood there at `began` to a layout."""

    def __init__(
        self,
        fills: list[Fill],
        texts: list[Text],
        new: Layout,
        began: float,
        length: float,
        crossing: bool = False,
        rising: Collection[int] = (),
        hurried: bool = False,
    ) -> None:
        """`crossing` words fly to another line; the others leave and come, as nobody could follow so many.

        `rising` are the cells whose words come and go in a way of their own. A `hurried` motion follows one whose
        words were still about to come: what leaves is gone at once.
        """
        self.new, self.began, self.length = new, began, length
        self._fade = 0.0 if hurried else min(FADE, length)
        self._old, self._crossing, self._rising = (fills, texts), crossing, frozenset(rising)

    @cached_property
    def _parts(self) -> Parts:
        """Told apart when they are first seen: a motion may be over before that."""
        new, far = self.new, inf if self._crossing or self.new.board else 0.7 * self.new.size
        sheets = still, leaving, coming = self._sheet(), self._sheet(), self._sheet()
        coming.strokes = new.sheet.strokes
        fills, texts = self._old
        boxes = _split("fills", fills, new, sheets, _same_box, lambda a, b: _slides(a, b, 2.0 * new.size))
        words = _split("texts", texts, new, sheets, _same_word, lambda a, b: _glides(a, b, far))
        leaving.texts = [text for text in leaving.texts if text.cell not in self._rising]
        rising = [text for text in coming.texts if text.cell in self._rising]
        coming.texts = [text for text in coming.texts if text.cell not in self._rising]
        return Parts(still, leaving, coming, rising, boxes, words)

    def moving(self, now: float) -> bool:
        return now - self.began < self.length

    def faded(self, now: float) -> bool:
        """Whether what leaves has left, and what comes has come."""
        return now - self.began >= self._fade

    def fills(self, now: float) -> list[Fill]:
        """Every box of the layout, as it is now."""
        share, parts = self._share(now), self._parts
        return parts.still.fills + parts.coming.fills + [_tint(*pair, share) for pair in parts.boxes]

    def texts(self, now: float) -> list[Text]:
        """Every text of the layout, where it is now."""
        share, parts = self._share(now), self._parts
        came = parts.coming.texts + parts.rising
        return parts.still.texts + came + [_moved(*pair, share) for pair in parts.words]

    def sheets(self, inks: Inks, effects: Effects, now: float) -> list[Sheet]:
        """This moment, from the lowest to the topmost. Only what moves or changes its colour is made anew."""
        moment, light = self._sheet(), self._sheet()
        effects.draw_ghosts(moment, now)
        light.fills = effects.shine(self.new, inks, now)
        if not (self.moving(now) or effects.rises):
            return [self.new.sheet, moment, light]
        share, fade = self._share(now), 1.0 if self.faded(now) else (now - self.began) / self._fade
        parts = self._parts
        parts.leaving.opacity, parts.coming.opacity = 1 - fade, fade
        moment.fills += [_tint(*pair, share) for pair in parts.boxes]
        moment.texts += [_moved(*pair, share) for pair in parts.words]
        moment.texts += [effects.raised(text, now) for text in parts.rising]
        return [parts.leaving, parts.still, parts.coming, moment, light]

    def draw(self, painter: QPainter, inks: Inks, effects: Effects, now: float) -> None:
        """This moment."""
        draw_sheets(painter, self.sheets(inks, effects, now))

    def _share(self, now: float) -> float:
        return ease((now - self.began) / self.length)

    def _sheet(self) -> Sheet:
        return Sheet(self.new.sheet.radius, self.new.sheet.thick)


def _split(
    kind: str, old: list, new: Layout, sheets: tuple[Sheet, Sheet, Sheet], same: Callable, follows: Callable
) -> list[Pair]:
    """Tells strokes of one cell, before and after, in their order: those that stay as they are, that leave, that
    come, and the pairs of those where the one follows from the other.
    """
    still, leaving, coming = (getattr(sheet, kind) for sheet in sheets)
    before: dict[int, list] = defaultdict(list)
    for stroke in reversed(old):
        before[stroke.cell].append(stroke)
    pairs = []
    for stroke in getattr(new.sheet, kind):
        was = before[stroke.cell].pop() if before[stroke.cell] else None
        if was is None:
            coming.append(stroke)
        elif same(was, stroke):
            still.append(stroke)
        elif follows(was, stroke):
            pairs.append(Pair(was, stroke))
        else:
            coming.append(stroke)
            leaving.append(was)
    leaving += [stroke for left in before.values() for stroke in left]
    return pairs


def _slides(old: Fill, new: Fill, far: float) -> bool:
    """Whether a box is seen to change its place, its width and its colour."""
    return old.box.y() == new.box.y() and abs(old.box.x() - new.box.x()) < far


def _glides(old: Text, new: Text, far: float) -> bool:
    return _same_token(old, new) and abs(old.middle - new.middle) < far


def _same_box(old: Fill, new: Fill) -> bool:
    return old.ink == new.ink and old.box == new.box


def _same_word(old: Text, new: Text) -> bool:
    """Whether nobody would see a difference."""
    near = abs(old.x - new.x) < NEAR and abs(old.middle - new.middle) < NEAR
    return near and old.text == new.text and old.ink == new.ink and old.face is new.face


def _same_token(old: Text, new: Text) -> bool:
    """Whether they are one word: in running text it has a space before it, on a board it has none."""
    return old.text == new.text or old.text.strip() == new.text.strip() != ""


def _lead(text: Text) -> float:
    """The width of the space that a text begins with."""
    return text.face.width(" ") if text.text[:1] == " " else 0.0


def _tint(old: Fill, new: Fill, share: float) -> Fill:
    box, ink = new.box, _tinted(old.ink, new.ink, share)
    if old.box != box:
        x, width = _between(old.box.x(), box.x(), share), _between(old.box.width(), box.width(), share)
        box = QRectF(x, box.y(), width, box.height())
    return Fill(box, ink, new.cell)


def _moved(old: Text, new: Text, share: float) -> Text:
    if share >= 1:
        return new
    face = new.face.sized(round(_between(old.face.pixels, new.face.pixels, share)))
    lead = _lead(old) - _lead(new) * old.face.pixels / new.face.pixels
    return new._replace(
        x=_between(old.x + lead, new.x, share),
        middle=_between(old.middle, new.middle, share),
        ink=_tinted(old.ink, new.ink, share),
        face=face,
    )


def _between(old: float, new: float, share: float) -> float:
    return old + (new - old) * share


def _tinted(old: int, new: int, share: float) -> int:
    """Between two ARGB numbers, two of their parts at a time: a multiplication keeps them apart."""
    if old == new:
        return new
    much = round(256 * share)
    left = 256 - much
    low = ((old & LANES) * left + (new & LANES) * much >> 8) & LANES
    high = ((old >> 8 & LANES) * left + (new >> 8 & LANES) * much) & (LANES << 8)
    return high | low

"""Motion: the way from one layout of a canvas to the next: which strokes are where at a moment.

Settled words glide along their line, boxes change their colour, tokens that differ fade into each other. Nothing is
interpolated but places, sizes and opacities: every token that is shown is one that the model held. Pure: a clock's
time goes in, strokes come out. Knows no widget and no timer. Times are in milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from math import inf
from typing import NamedTuple

from PySide6.QtGui import QColor, QPainter, QPen

from widgets.effects import Effects, ease, faded
from widgets.layout import Layout
from widgets.paint import Inks
from widgets.sheet import Fill, Sheet, Stroke, Text

GLIDE, FADE, ZOOM = 120.0, 80.0, 250.0  # how long a step takes to settle, tokens to fade, type to grow
SLIDE = 450.0  # from the grid to prose
NEAR = 0.3  # pixels that nobody sees


class Pair(NamedTuple):
    """One stroke before and after; None where it was not or will not be."""

    old: Fill | Text | None
    new: Fill | Text | None


class Motion:
    """From what stood there at `began` to a layout."""

    def __init__(
        self, fills: list[Fill], texts: list[Text], new: Layout, began: float, length: float, crossing: bool = False
    ) -> None:
        """`crossing` words fly to another line; the others leave and come, as nobody could follow so many."""
        self.new, self.began, self.length = new, began, length
        sheet = new.sheet
        self._still = Sheet(sheet.radius, sheet.thick)
        self._boxes = _pairs(fills, sheet.fills, self._still.fills, _same_box, _is_tinted)
        far = inf if crossing or new.board else 0.7 * new.size
        self._words = _pairs(texts, sheet.texts, self._still.texts, _same_word, lambda a, b: _glides(a, b, far))

    def moving(self, now: float) -> bool:
        return now - self.began < self.length

    def fills(self, now: float) -> list[Fill]:
        """Every box of the layout, as it is now."""
        share = ease((now - self.began) / self.length)
        return self._still.fills + [_tint(*pair, share) for pair in self._boxes if pair.new]

    def texts(self, now: float) -> list[Text]:
        """Every text of the layout, where it is now."""
        share = ease((now - self.began) / self.length)
        return self._still.texts + [_moved(*pair, share) for pair in self._words if pair.new]

    def draw(self, painter: QPainter, inks: Inks, effects: Effects, now: float) -> None:
        """This moment."""
        if self.moving(now) or effects.rises:
            still, moment = self._still, self._moment(effects, now)
        else:
            still, moment = self.new.sheet, Sheet(self._still.radius, self._still.thick)
        light = Sheet(self._still.radius, fills=effects.shine(self.new, inks, now))
        effects.draw_ghosts(moment, now)
        for sheet in (still, moment, light):
            sheet.draw_fills(painter, fleeting=sheet is moment)
        for sheet in (still, moment):
            sheet.draw_strokes(painter)
        for sheet in (still, moment):
            sheet.draw_texts(painter)

    def _moment(self, effects: Effects, now: float) -> Sheet:
        passed = now - self.began
        share, fade = ease(passed / self.length), min(1.0, passed / min(FADE, self.length))
        sheet = Sheet(self._still.radius, self._still.thick)
        for old, new in self._boxes:
            if old and new:
                sheet.fills.append(_tint(old, new, share))
            else:
                box = old or new
                sheet.fills.append(Fill(box.box, faded(box.ink, fade if new else 1 - fade), box.cell))
        for old, new in self._words:
            if old and new:
                sheet.texts.append(_moved(old, new, share))
            elif new:
                risen = effects.raised(new, now)
                sheet.texts.append(risen if risen is not new else new._replace(ink=faded(new.ink, fade)))
            elif fade < 1 and old.cell not in effects.rises:
                sheet.texts.append(old._replace(ink=faded(old.ink, 1 - fade)))
        for shape, pen, cell in self.new.sheet.strokes:
            sheet.strokes.append(Stroke(shape, _thin(pen, share), cell))
        return sheet


def _pairs(old: list, new: list, still: list, same: Callable, follows: Callable) -> list[Pair]:
    """Strokes of one cell, before and after, in their order; those that stay as they are become `still`.

    Where the one does not follow from the other, the one leaves and the other comes.
    """
    before: dict[int, list] = defaultdict(list)
    for stroke in reversed(old):
        before[stroke.cell].append(stroke)
    pairs, gone = [], []
    for stroke in new:
        was = before[stroke.cell].pop() if before[stroke.cell] else None
        if was is None or follows(was, stroke):
            pairs.append(Pair(was, stroke))
        else:
            pairs.append(Pair(None, stroke))
            gone.append(was)
        if was is not None and same(was, stroke):
            pairs.pop()
            still.append(stroke)
    gone += [stroke for left in before.values() for stroke in left]
    return [Pair(stroke, None) for stroke in gone] + pairs


def _is_tinted(old: Fill, new: Fill) -> bool:
    """Whether only the colour of a box changes."""
    return old.box == new.box


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


def _tint(old: Fill | None, new: Fill, share: float) -> Fill:
    return new if old is None else Fill(new.box, _tinted(old.ink, new.ink, share), new.cell)


def _moved(old: Text | None, new: Text, share: float) -> Text:
    if old is None or share >= 1:
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
    """Between two ARGB numbers."""
    if old == new:
        return new
    parts = ((old >> at & 255, new >> at & 255, at) for at in (24, 16, 8, 0))
    return sum(round(_between(a, b, share)) << at for a, b, at in parts)


def _thin(pen: QPen, share: float) -> QPen:
    pen, ink = QPen(pen), QColor(pen.color())
    ink.setAlphaF(ink.alphaF() * share)
    pen.setColor(ink)
    return pen

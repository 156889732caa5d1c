"""Flow: sets words and blocks in lines, left to right. Knows widths only, no fonts and no colours.

Blocks (noise) all take the same room, so that the text around them stays where it is while their tokens
change from step to step; `stretch` then shares the room of neighbouring blocks out among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

Shape = Callable[[list[str]], list[float] | None]
SLACK = 0.01  # pixels that rounding may add to a full line


@dataclass(slots=True)
class Place:
    """A cell, or a part of one, in a line."""

    cell: int
    text: str
    x: float
    line: int
    width: float
    elastic: bool = False


class Flow:
    """A growing column of text, `width` pixels wide."""

    def __init__(self, width: float, x: float = 0.0, line: int = 0, shape: Shape | None = None) -> None:
        """`shape` tells how wide the parts of one word are together, or None where each is as wide as alone."""
        self.width, self.x, self.line = width, x, line
        self._shape = shape or (lambda texts: None)
        self.places: list[Place] = []
        self._word: list[tuple[int, str, float, float]] = []
        self._soft = True  # the line began by wrapping: a space at its start is not shown

    def word(self, cell: int, text: str, width: float, lead: float) -> None:
        """Adds text. Its first `lead` pixels are spaces; if there are none, it sticks to the word before."""
        if lead:
            self.rest()
        self._word.append((cell, text, width, lead))

    def block(self, cell: int, text: str, width: float, elastic: bool = False) -> None:
        """Adds a block. Lines may break on both sides of it, and `stretch` may widen or narrow an elastic one."""
        if self._word:
            self.rest()
        self._room(width)
        self._put(Place(cell, text, self.x, self.line, width, elastic))

    def newline(self, cell: int, sign: str, width: float) -> None:
        """Ends the line, with a sign in the cell that does so."""
        self.rest()
        self._put(Place(cell, sign, self.x, self.line, width))
        self.x, self.line, self._soft = 0.0, self.line + 1, False

    def rest(self) -> None:
        """Sets the word that still waits for its end: in this line if it fits, else in the next."""
        word, self._word = self._word, []
        if len(word) > 1 and (widths := self._shape([text for _, text, _, _ in word])):
            word = [(*part[:2], width, part[3]) for part, width in zip(word, widths, strict=True)]
        self._room(sum(width for _, _, width, _ in word))
        for cell, text, width, lead in word:
            self._room(width)
            if self._soft and not self.x:
                text, width = text.lstrip(" "), width - lead
            self._put(Place(cell, text, self.x, self.line, width))

    def _room(self, width: float) -> None:
        if self.x and self.x + width > self.width + SLACK:
            self.x, self.line, self._soft = 0.0, self.line + 1, True

    def _put(self, place: Place) -> None:
        self.places.append(place)
        self.x += place.width


def stretch(places: list[Place], width: float, natural: Callable[[str], float]) -> list[Place]:
    """Shares the room of neighbouring elastic blocks out by their natural widths. Nothing else moves.

    Blocks at the end of a wrapped line also take what it has left over, so that noise has a straight edge.
    """
    result: list[Place] = []
    for (line, elastic), run in groupby(places, key=lambda place: (place.line, place.elastic)):
        run = list(run)
        if elastic:
            after = len(result) + len(run)
            right, block = run[-1].x + run[-1].width, run[0].width
            ends_line = after == len(places) or places[after].line != line
            run = _share(run, width if ends_line and width - right < block else right, natural)
        result += run
    return result


def _share(run: list[Place], right: float, natural: Callable[[str], float]) -> list[Place]:
    wants = [natural(place.text) for place in run]
    x = run[0].x
    scale = (right - x) / sum(wants)
    shared = []
    for place, want in zip(run, wants, strict=True):
        shared.append(Place(place.cell, place.text, x, place.line, want * scale, elastic=True))
        x += want * scale
    return shared

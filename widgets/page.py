"""Page: the size of the type of running text, and the column that it is set in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

SMALLEST, LARGEST = 12, 120  # pixels
LEADING = 1.5  # height of a line, in ems
MEASURE = 26, 58  # shortest and longest line, in ems: long for a book, but a canvas is also looked at from afar
HIGH = 0.42  # of the room that a finished text leaves over: how much is above it


@dataclass(frozen=True)
class Page:
    """Type of `size` pixels in a column of `column` pixels, `left` and `top` from the corner of the canvas."""

    size: int
    left: float
    top: float
    column: float

    @classmethod
    def of(cls, width: float, height: float, size: int) -> Page:
        """The page of a canvas of width x height pixels."""
        margin = min(64.0, max(14.0, width / 32))
        column = min(max(60.0, width - 2 * margin), MEASURE[1] * size)
        return cls(size, (width - column) / 2, min(0.7 * margin, height / 8), column)

    @cached_property
    def small(self) -> int:
        """The size of noise and names, in pixels."""
        return max(7, round(0.58 * self.size))

    @cached_property
    def line(self) -> int:
        """Height of a line in pixels."""
        return round(LEADING * self.size)

    def middle(self, line: int) -> float:
        """The middle of a line, in pixels from the top."""
        return self.top + (line + 0.5) * self.line

    def height(self, lines: int) -> float:
        """Of so many lines, with the margins above and below."""
        return 2 * self.top + lines * self.line

    def centred(self, width: float, height: float, lines: int, widest: float) -> Page:
        """The page for a text that is over, in the middle of the canvas, where it is shorter than that."""
        top = max(self.top, HIGH * (height - lines * self.line))
        return Page(self.size, max(self.left, (width - widest) / 2), top, self.column)


def largest(fits: Callable[[int], bool], low: int = SMALLEST, high: int = LARGEST) -> int:
    """The largest size that fits, by bisection; the smallest if none does."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def most(width: float) -> int:
    """The largest type whose lines are not too short, in a canvas so wide."""
    return max(SMALLEST, min(LARGEST, int(Page.of(width, 1000.0, LARGEST).column / MEASURE[0])))

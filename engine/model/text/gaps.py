"""Gaps: a text with blanks as an Edit of a canvas: cells that are pinned to its words, and cells to be filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from engine.values.edit import CHOICES, Edit
from engine.values.words.blanks import Blanks, Gap

Encode = Callable[[str], list[int]]  # plain text as ids, nothing before it and nothing behind


class Filled(NamedTuple):
    """The `edit` that makes a first canvas of a text with gaps, and the cells of every gap, in order."""

    edit: Edit
    gaps: tuple[tuple[int, ...], ...]


def place(blanks: Blanks, encode: Encode, ends: Iterable[int], length: int) -> Filled:
    """A text with gaps on a canvas of `length` cells. Raises ValueError, with a sentence, if that cannot be.

    A space before a gap belongs to what fills it: in the vocabularies of these models a word brings its own. Where
    the text may not go on, the cell behind it can be nothing but one of `ends`.
    """
    pins: dict[int, int] = {}
    limits: dict[int, tuple[int, ...]] = {}
    gaps: list[tuple[int, ...]] = []
    at, space = 0, ""
    for index, part in enumerate(blanks.parts, 1):
        if isinstance(part, str):
            space = " " if part.endswith(" ") and index < len(blanks.parts) else ""
            ids = encode(part.removesuffix(space))
            pins |= dict(enumerate(ids, at))
            at += len(ids)
        else:
            gaps.append(tuple(range(at, at + part.cells)))
            if part.choices:
                limits[at] = _choices(part, encode, space)
            at, space = at + part.cells, ""
    if at + (not blanks.goes_on) > length:
        raise ValueError(f"The text has {at} tokens, and a canvas has room for {length - 1}: make it shorter.")
    if not blanks.goes_on and (last := tuple(sorted(ends))[:CHOICES]):
        limits[at] = last
    return Filled(Edit(limits=tuple(sorted(limits.items())), pins=tuple(sorted(pins.items()))), tuple(gaps))


def _choices(gap: Gap, encode: Encode, before: str) -> tuple[int, ...]:
    """The ids of words that fill one cell."""
    if len(gap.choices) > CHOICES:
        raise ValueError(f"A gap can have {CHOICES} choices at most (got {len(gap.choices)}).")
    ids = []
    for word in gap.choices:
        found = encode(before + word)
        if len(found) != 1:
            raise ValueError(f"“{word}” is {len(found)} tokens for this model: a choice must be a single one.")
        ids += found
    return tuple(dict.fromkeys(ids))

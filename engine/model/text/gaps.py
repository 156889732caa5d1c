"""Gaps: a text with blanks as an Edit of a canvas: cells that are pinned to its words, and cells to be filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from engine.values.edit import CHOICES, WORDS, Edit, Near
from engine.values.words.blanks import Blanks, Gap

Encode = Callable[[str], list[int]]  # plain text as ids, nothing before it and nothing behind


class Filled(NamedTuple):
    """The `edit` that makes a first canvas of a text with gaps, and the cells of every gap, in order."""

    edit: Edit
    gaps: tuple[tuple[int, ...], ...]


def place(blanks: Blanks, encode: Encode, ends: Iterable[int], length: int) -> Filled:
    """A text with gaps on a canvas of `length` cells. Raises ValueError, with a sentence, if that cannot be.

    A space before a gap, or before what comes of itself, belongs to that: in the vocabularies of these models a
    word brings its own. Where the text may not go on, the cell behind it can be nothing but one of `ends`.
    """
    pins: dict[int, int] = {}
    limits: dict[int, tuple[int, ...]] = {}
    near: list[Near] = []
    gaps: list[tuple[int, ...]] = []
    at, space = 0, ""
    for index, part in enumerate(blanks.parts, 1):
        if isinstance(part, str):
            over = index == len(blanks.parts) and not blanks.goes_on
            space = " " if part.endswith(" ") and not over else ""
            ids = encode(part.removesuffix(space))
            pins |= dict(enumerate(ids, at))
            at += len(ids)
        else:
            gaps.append(tuple(range(at, at + part.cells)))
            if part.choices:
                limits[at] = _choices(part, encode, space)
            near += _words(part, encode, at)
            at, space = at + part.cells, ""
    if at + (not blanks.goes_on) > length:
        raise ValueError(f"The text has {at:,} tokens, and a canvas has room for {length - 1}: make it shorter.")
    if not blanks.goes_on and (last := tuple(sorted(ends))[:CHOICES]):
        limits[at] = last
    if len(near) > WORDS:
        raise ValueError(f"{WORDS} words at most can be asked for within gaps (got {len(near)}).")
    edit = Edit(limits=tuple(sorted(limits.items())), pins=tuple(sorted(pins.items())), near=tuple(near))
    return Filled(edit, tuple(gaps))


def _words(gap: Gap, encode: Encode, at: int) -> list[Near]:
    """The words that are to stand somewhere in a gap that begins in cell `at`."""
    spelt = [tuple(encode(f" {word}")) for word in gap.words]
    if (count := sum(map(len, spelt))) > gap.cells:
        words = ", ".join(gap.words)
        raise ValueError(f"“{words}” is {count} tokens, and its gap has {gap.cells}: make the gap larger.")
    return [(at, at + gap.cells - 1, ids) for ids in spelt]


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

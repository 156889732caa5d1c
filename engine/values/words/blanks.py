"""Blanks: a text with gaps in it, as people type it. Knows no tokens.

`___` is a gap of one token, `[3]` of three, `[yes|no|maybe]` one that is one of these words, `[40: key, fox]` one
of forty with these words somewhere in it. A text that ends in `...` may go on. A backslash makes the next sign a
plain one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.values.words.letters import quoted

LONGEST = 256  # tokens of a gap
_MARK = re.compile(
    r"\\(.)|(_{3,})|\[(\d+)(?:\s*:([^\[\]|\\]+))?\]|\[([^\[\]|\\]+(?:\|[^\[\]|\\]+)+)\]|(\.\.\.\s*\Z)", re.DOTALL
)


class Gap(NamedTuple):
    """A place that the model fills: `cells` tokens with all `words` among them, or one of those in `choices`."""

    cells: int = 1
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Blanks(NamedTuple):
    """What a text with gaps says: its `parts` in order, and whether it may go on behind the last."""

    parts: tuple[str | Gap, ...]
    goes_on: bool = False

    @property
    def gaps(self) -> list[Gap]:
        return [part for part in self.parts if isinstance(part, Gap)]


def parse(text: str) -> Blanks:
    """A text as people type it. Raises ValueError, with a sentence, if a gap cannot be."""
    parts: list[str | Gap] = []
    goes_on, at = False, 0
    for found in _MARK.finditer(text):
        escaped, line, count, inside, choices, more = found.groups()
        parts.append(text[at : found.start()] + (escaped or ""))
        at, goes_on = found.end(), goes_on or bool(more)
        if line or count or choices:
            parts.append(_gap(count, inside, choices))
    return Blanks(_joined([*parts, text[at:]]), goes_on)


def to_fill(text: str) -> Blanks:
    """The same of a text that is to be filled. Raises ValueError, with a sentence, if nothing is to be, too."""
    blanks = parse(text)
    if not blanks.gaps and not blanks.goes_on:
        raise ValueError("There is no gap in the answer: write ___, [3] or [fox|bear] where something is missing.")
    return blanks


def escaped(text: str) -> str:
    """A text so that none of it is read as a gap."""
    return re.sub(r"[\\\[]|_(?=__)|\.(?=\.\.\s*\Z)", r"\\\g<0>", text)


def _gap(count: str | None, inside: str | None, choices: str | None) -> Gap:
    if count is None:
        return Gap(1, tuple(word.strip() for word in choices.split("|")) if choices else ())
    if not 1 <= int(count[:9]) <= LONGEST:
        raise ValueError(f"A gap can have 1 to {LONGEST} tokens: [{quoted(count)}] is none.")
    words = tuple(word.strip() for word in (inside or "").split(",") if word.strip())
    return Gap(int(count), words=words)


def _joined(parts: Sequence[str | Gap]) -> tuple[str | Gap, ...]:
    """The same, with texts in a row as one, and empty ones left out."""
    whole: list[str | Gap] = []
    for part in parts:
        if whole and isinstance(part, str) and isinstance(whole[-1], str):
            whole[-1] += part
        elif part:
            whole.append(part)
    return tuple(whole)

"""Slack: a control token that stands for nothing, so that sentences written apart need not fit to the letter.

In canvases every sentence, and every line, begins at a multiple of a few cells; what is left before it is slack. A
sentence that becomes a word longer or shorter then moves no other. Text is read without it.
"""

import re
from functools import cache

from engine.training.model import SLACK

_END = re.compile(r"[.!?]\s*$")


@cache
def breaks(tokenizer) -> tuple[frozenset[int], ...]:
    """Ids that end a sentence, that close a quotation, that begin a word or a line, and that begin a line."""
    pieces = {id: tokenizer.decode([id]) for id in range(len(tokenizer))}
    rules = (_END.search, '"'.__eq__, lambda piece: piece[:1] in (" ", "\n"), lambda piece: piece[:1] == "\n")
    return tuple(frozenset(id for id, piece in pieces.items() if rule(piece)) for rule in rules)


def loosen(ids: list[int], every: int, tokenizer) -> list[int]:
    """`ids` with slack, so that each sentence and line that is not too short begins at a multiple of `every`."""
    ends, quotes, starts, lines = breaks(tokenizer)
    found, last = ids[:1], 0
    for at in range(1, len(ids)):
        before = ids[at - 2] if ids[at - 1] in quotes and at > 1 else ids[at - 1]
        new = ids[at] in lines or (ids[at] in starts and before in ends)
        if new and len(found) - last > every:
            found += [SLACK] * (-len(found) % every)
            last = len(found)
        found.append(ids[at])
    return found


def tighten(ids: list[int]) -> list[int]:
    """`ids` without slack."""
    return [id for id in ids if id != SLACK]

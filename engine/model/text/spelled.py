"""Spelled: questions spelled as ids, remembered: a conversation asks for those of all its turns again and again.

Knows no tokenizer.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence

MOST = 2**22  # ids of 4 bytes that are remembered, the newest


class Spelled:
    """For one thread at a time."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._size = most, 0
        self._ids: dict[Hashable, array] = {}  # the newest last

    def ids(self, question: Hashable, spell: Callable[[], Sequence[int]]) -> list[int]:
        """What `spell` makes of a question, asked once as long as that is remembered."""
        known = self._ids.pop(question, None)
        if known is None:
            known = array("i", spell())
            self._size += len(known)
        self._ids[question] = known
        while self._size > self._most and len(self._ids) > 1:
            oldest = next(iter(self._ids))
            self._size -= len(self._ids.pop(oldest))
        return known.tolist()

"""One pair with what evaluation needs to judge it, and the split into training and held-out combinations."""

from typing import NamedTuple
from zlib import crc32


class Sample(NamedTuple):
    """form: plot or kind of text; keys: its 'plot/noun' combinations; must: words the answer has to use."""

    form: str
    keys: tuple[str, ...]
    prompt: str
    answer: str
    must: tuple[str, ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether any of its combinations is kept from training (one in 25, by a hash that never changes)."""
        return any(crc32(key.encode()) % 25 == 7 for key in self.keys)

"""Letters: which characters may be shown anywhere, what a sentence quotes, whole ones out of many tokens."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# What moves a cursor, rings a bell or ends a line (Cc, Zl, Zp), and what is half a character (Cs) or none (Cn, Co).
UNSHOWN = frozenset({"Cc", "Zl", "Zp", "Cs", "Cn", "Co"})
# What turns the order of all that follows on a line. Joiners and tags (Cf, too) belong to the letters around them.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@lru_cache(8192)
def harmless(sign: str) -> bool:
    """Whether a character shows itself and does nothing else."""
    return unicodedata.category(sign) not in UNSHOWN and sign not in TURNING


def one_line(text: str) -> str:
    """A text on one line, for a heading: without what would do anything but show itself."""
    return " ".join("".join(sign for sign in text if sign.isspace() or harmless(sign)).split())


def quoted(value: object, most: int = 48) -> str:
    """What somebody gave, as a sentence quotes it: one line of at most `most` signs, "nothing" if it is empty."""
    text = one_line(str(value))
    return "nothing" if not text else text if len(text) <= most else text[: most - 1] + "\u2026"


def alone(text: str) -> str:
    """The text as a part of a line whose order it does not turn, whichever way it runs itself. Source: Unicode,
    annex 9, "isolates"."""
    return f"\u2068{text}\u2069" if text else ""


def spelled(pieces: Sequence[bytes | None]) -> list[str]:
    """Texts a cell of a canvas. A character whose bytes lie in several cells goes to the last of them.

    None is a cell that is no text: no character goes on across it.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    read, texts = decoder.decode, []
    last = 0  # the last cell that was text
    for at, piece in enumerate([*pieces, None]):
        if piece is not None:
            texts.append(read(piece))
            last = at
            continue
        if rest := read(b"", final=True):
            texts[last] += rest
        decoder.reset()
        texts.append("")
    return texts[:-1]

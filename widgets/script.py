"""Script: which text must be set as a whole, since its letters join, combine or run from right to left."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextLayout

if TYPE_CHECKING:
    from widgets.paint import Face

# Hebrew to Arabic and their neighbours, the scripts of India and South-East Asia, conjoining Hangul, Mongolian,
# marks that combine, joiners, forms of presentation, flags, and the tones and parts of emoji.
_JOINED = re.compile(
    "[\u0300-\u036f\u0590-\u109f\u1100-\u11ff\u1780-\u18af\u1ab0-\u1aff\u200c-\u200f\u20d0-\u20ff"
    "\ufb1d-\ufdff\ufe00-\ufe0f\ufe20-\ufe2f\ufe70-\ufeff\U00010800-\U00010fff\U0001e900-\U0001eeff"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]"
)


def joined(text: str) -> bool:
    """Whether tokens of this text, drawn one by one, would look other than the whole."""
    return not text.isascii() and _JOINED.search(text) is not None


def unjoined(text: str) -> str:
    """The signs that have a picture of their own: not those that join or choose the form of others."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Mn", "Cc", "Zs"))


def leftward(text: str) -> bool:
    """Whether a paragraph runs from right to left: its first letter with a direction says so."""
    for sign in text:
        if (way := unicodedata.bidirectional(sign)) in ("L", "R", "AL"):
            return way != "L"
    return False


def shaped(texts: list[str], face: Face) -> list[float]:
    """The widths that parts of one word take of the whole; their sum is that of the word, as it is drawn."""
    ends = [0.0]
    for count in range(1, len(texts) + 1):
        ends.append(max(ends[-1], face.width("".join(texts[:count]))))
    return [after - before for before, after in pairwise(ends)]


@lru_cache(512)
def spans(texts: tuple[str, ...], face: Face) -> list[tuple[float, float]]:
    """Where parts of one line of text are in it, from left to right, as it is drawn: (x, width) each."""
    layout = QTextLayout("".join(texts), face.font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(1e6)
    layout.endLayout()
    places, at = [], 0
    left = line.naturalTextRect().left()
    for text in texts:
        units = len(text.encode("utf-16-le")) // 2
        edges = sorted(_edge(line, at + unit) for unit in range(units + 1)) or [0.0]
        places.append((edges[0] - left, edges[-1] - edges[0]))
        at += units
    return places


def _edge(line, at: int) -> float:
    x = line.cursorToX(at)  # PySide answers with the position it moved the cursor to, too
    return x[0] if isinstance(x, tuple) else x

"""Glyphs: single characters of every script as pictures of a font, with their widths: text that is not shaped.

Noise is new in every frame. To shape it, and to look for fonts for it, would take longer than to denoise; its
characters one after the other are enough. A character is looked up once, with its neighbours in Unicode, and what
no font here has is the empty box of the first one.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontDatabase, QGlyphRun, QRawFont, QTextLayout

from widgets.script import joined, leftward, unjoined

UNIT = 100  # pixels at which fonts are measured; unhinted widths grow with the size
BLOCK = 128  # neighbours that are looked up together
WIDELY = ("DejaVu Sans", "Noto Sans", "Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Sans Math",
          "Segoe UI Symbol", "Segoe UI Emoji", "Apple Symbols", "Apple Color Emoji", "Noto Color Emoji",
          "Arial Unicode MS", "Droid Sans Fallback")  # fmt: skip
SYSTEM = QFontDatabase.WritingSystem
NAMES = {"CJK": SYSTEM.SimplifiedChinese, "KATAKANA": SYSTEM.Japanese, "HIRAGANA": SYSTEM.Japanese,
         "HANGUL": SYSTEM.Korean, "BOPOMOFO": SYSTEM.TraditionalChinese}  # fmt: skip

LAST_CASED = "\u058f"  # Latin, Greek, Cyrillic and Armenian have letters that are kerned

Glyph = tuple[int, int, float]  # a font, one of its pictures, and its width in ems


class Glyphs:
    """The characters of one family, and of whatever has those that it has not."""

    def __init__(self, family: str, weight: QFont.Weight = QFont.Weight.Normal) -> None:
        self._weight = weight
        self._families: list[str] = []
        self._fonts: list[QRawFont] = []
        self._table: dict[str, Glyph] = {}
        self._font(family)

    @lru_cache(16384)  # noqa: B019 (there is one such table a family, for ever)
    def of(self, text: str) -> tuple[list[Glyph], float]:
        """The pictures of a text, from left to right, and its width in ems."""
        table = self._table
        if not text.isascii() and leftward(text):
            text = text[::-1]
        found = [table.get(sign) or self._look_up(sign) for sign in text]
        return found, sum(glyph[2] for glyph in found)

    @lru_cache(16384)  # noqa: B019
    def alone(self, text: str) -> bool:
        """Whether a text is as well drawn sign by sign: that of East Asia, and what no font here has."""
        if text.isascii():
            return False
        missing = any(not picture for _, picture, _ in self.of(unjoined(text))[0])
        return missing or (max(text) > LAST_CASED and not joined(text))

    def runs(self, text: str, pixels: int) -> list[QGlyphRun]:
        """The pictures of a text as a painter draws them, from its baseline on: those of one font at a time."""
        parts: dict[int, tuple[list[int], list[QPointF]]] = {}
        x = 0.0
        for font, picture, width in self.of(text)[0]:
            pictures, points = parts.setdefault(font, ([], []))
            pictures.append(picture)
            points.append(QPointF(x, 0.0))
            x += width * pixels
        return [_run(self.raw(font, pixels), *part) for font, part in parts.items()]

    @lru_cache(256)  # noqa: B019
    def raw(self, font: int, pixels: int) -> QRawFont:
        """One of the fonts, at a size to draw with."""
        raw = QRawFont(self._fonts[font])
        raw.setPixelSize(pixels)
        return raw

    def _look_up(self, sign: str) -> Glyph:
        start, script = ord(sign) // BLOCK * BLOCK, _script(sign)
        signs = [chr(code) for code in range(start, start + BLOCK) if not 0xD800 <= code < 0xE000]
        self._fill(0, signs)
        for family in _families(script) if sign not in self._table else ():
            if (font := self._font(family)) is not None and self._fonts[font].supportsCharacter(ord(sign)):
                self._fill(font, signs)
                break
        if sign not in self._table:
            none = (0, 0, self._fonts[0].advancesForGlyphIndexes([0])[0].x() / UNIT)
            self._table |= {one: none for one in signs if one not in self._table and _script(one) == script}
        return self._table[sign]

    def _fill(self, font: int, signs: list[str]) -> None:
        raw, signs = self._fonts[font], [sign for sign in signs if sign not in self._table]
        indexes = raw.glyphIndexesForString("".join(signs))
        if len(indexes) != len(signs):
            return
        widths = raw.advancesForGlyphIndexes(indexes)
        for sign, index, width in zip(signs, indexes, widths, strict=True):
            if index:
                self._table[sign] = (font, index, width.x() / UNIT)

    def _font(self, family: str) -> int | None:
        """The number of a family's font; None for one that cannot be had."""
        if family not in self._families:
            font = QFont(family)
            font.setPixelSize(UNIT)
            font.setWeight(self._weight)
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            font.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
            self._families.append(family)
            self._fonts.append(QRawFont.fromFont(font))
        number = self._families.index(family)
        return number if self._fonts[number].isValid() else None


def shaped(text: str, font: QFont) -> list[QGlyphRun]:
    """A text as Qt shapes it, ready to be drawn from its baseline on: letters that join, marks, kerning, and other
    fonts for what this one has not. To draw it again takes half the time of a text that is to be shaped."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    base = line.ascent()
    return [
        _run(run.rawFont(), run.glyphIndexes(), [QPointF(at.x(), at.y() - base) for at in run.positions()])
        for run in layout.glyphRuns()
    ]


def _run(font: QRawFont, pictures: list[int], points: list[QPointF]) -> QGlyphRun:
    run = QGlyphRun()
    run.setRawFont(font)
    run.setGlyphIndexes(pictures)
    run.setPositions(points)
    return run


@lru_cache(16)
def glyphs(family: str, weight: QFont.Weight = QFont.Weight.Normal) -> Glyphs:
    return Glyphs(family, weight)


def _script(sign: str) -> str:
    """The script of a character: the first word of its name."""
    return unicodedata.name(sign, "NONE").split()[0].split("-")[0]


@lru_cache(512)
def _families(script: str) -> list[str]:
    """Families that may have a script, the likeliest first."""
    here = set(QFontDatabase.families())
    system = NAMES.get(script) or getattr(SYSTEM, script.capitalize(), None)
    fitting = QFontDatabase.families(system) if isinstance(system, SYSTEM) else []
    named = [family for family in sorted(here) if script.lower() in family.lower().split()]
    return [*dict.fromkeys([*fitting[:6], *named[:6], *(family for family in WIDELY if family in here)])]

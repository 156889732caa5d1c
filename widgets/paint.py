"""Paint: the faces and the inks of the canvas. Knows no cells' meaning beyond their looks, and no layout."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QGlyphRun

from engine.values.frame import ACCEPTED, CHANGED, PINNED, WITHDRAWN
from widgets.cells import LEVELS
from widgets.glyphs import UNIT, glyphs, shaped
from widgets.theme import MONO, SANS, Theme

READABLE = 4.5  # contrast. Source: WCAG 2.1, success criterion 1.4.3
DIM = 3.2  # contrast of noise: to be seen across a room, and yet not to be read first
TIGHT = 0.75  # the least share of its usual size that noise is set in
MANY = 8192  # texts that a face has at hand, ready to be drawn
HEAT = 0.5  # share of the ramp behind noise in running text ...
WARM = 0.4  # ... and behind words, which are to be read


class Face:
    """A font at a size in pixels, with its widths remembered (a bounded number of them).

    Text in a face of `loose` glyphs is not shaped: a token is shown as its characters, whatever stands beside it.
    """

    def __init__(
        self, family: str, pixels: int, weight: QFont.Weight = QFont.Weight.Normal, loose: bool = False
    ) -> None:
        self.pixels, self._family, self._weight = pixels, family, weight
        self.font = _font(family, pixels, weight)
        metrics = QFontMetricsF(self.font)
        self.middle = (metrics.ascent() - metrics.descent()) / 2  # from the baseline to the middle of a line
        self.glyphs, self._loose = glyphs(family, weight), loose
        self._measure = _measure(family, weight)
        self._ready: dict[str, list[QGlyphRun]] = {}
        self._letter = self._measure("x") * pixels if QFontInfo(self.font).fixedPitch() else 0.0

    def width(self, text: str) -> float:
        """In pixels. Noise is new in every frame, so its characters are counted."""
        if self._letter and text.isascii():
            return len(text) * self._letter
        return (self.glyphs.of(text)[1] if self.loose(text) else self._measure(text)) * self.pixels

    def sized(self, pixels: int) -> Face:
        """The same face at another size."""
        return _face(self._family, pixels, self._weight, self._loose)

    def loose(self, text: str) -> bool:
        """Whether a text is drawn sign by sign."""
        return self._loose or self.glyphs.alone(text)

    def runs(self, text: str) -> list[QGlyphRun]:
        """A text, ready to be drawn from its baseline on."""
        found = self._ready.get(text)
        if found is None:
            if len(self._ready) >= MANY:
                self._ready.clear()
            found = self.glyphs.runs(text, self.pixels) if self.loose(text) else shaped(text, self.font)
            self._ready[text] = found
        return found

    def cut(self, text: str, room: float) -> str:
        """The text, or as much of it as fits in `room` pixels and an ellipsis."""
        width = self.width(text)
        if width <= room:
            return text
        return text[: max(1, int(len(text) * room / width) - 1)] + "…"


def _font(family: str, pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@lru_cache(8)
def _measure(family: str, weight: QFont.Weight) -> Callable[[str], float]:
    """The width of a text in ems: the same at every size, as there are no hints."""
    measure = QFontMetricsF(_font(family, UNIT, weight)).horizontalAdvance
    return lru_cache(16384)(lambda text: measure(text) / UNIT)


_face = lru_cache(256)(Face)


def sans(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    return _face(SANS, pixels, weight, False)


def mono(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    return _face(MONO, pixels, weight, True)


def squeezed(text: str, face: Face, room: float) -> tuple[str, Face]:
    """A token of noise and its face: smaller where that is enough to fit in `room` pixels, cut where it is not."""
    width = face.width(text)
    if width <= room:
        return text, face
    face = mono(max(1, int(face.pixels * max(TIGHT, room / width))))
    return face.cut(text, room), face


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of the other colour in the one."""
    parts = zip(one.getRgbF()[:3], other.getRgbF()[:3], strict=True)
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in parts))


def luminance(color: QColor) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.1, "relative luminance"."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.1, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Inks:
    """A theme's colours as the canvas uses them. They are worked out once: ask for those `of` a theme."""

    @staticmethod
    @lru_cache(8)
    def of(theme: Theme) -> Inks:
        return Inks(theme)

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.window, self.panel, self.line = QColor(theme.window), QColor(theme.panel), QColor(theme.line)
        self.text, self.muted, self.faint = QColor(theme.text), QColor(theme.muted), QColor(theme.faint)
        self.accent, self.shade = QColor(theme.accent), QColor(theme.shade)
        self.marks = {
            ACCEPTED: QColor(theme.accepted),
            CHANGED: QColor(theme.changed),
            WITHDRAWN: QColor(theme.withdrawn),
            PINNED: QColor(theme.accent),
        }
        self.washes = {look: mix(self.panel, ink, 0.22) for look, ink in self.marks.items()}
        self.ramp = ramp([mix(self.panel, self.line, 0.28), *map(QColor, theme.ramp[1:])])
        self.tints = [mix(self.panel, color, HEAT) for color in self.ramp]
        self.warm = [mix(self.panel, color, WARM) for color in self.ramp]
        self.on_ramp = [self._readable(color) for color in self.ramp]
        self.thought_on_ramp = [mix(a, b, 0.25) for a, b in zip(self.on_ramp, self.ramp, strict=True)]
        self.noise_on_ramp = [dim(ground, ink) for ground, ink in zip(self.ramp, self.on_ramp, strict=True)]
        self.noise_on_tint = [dim(ground, self._readable(ground)) for ground in self.tints]
        self.selection = mix(self.panel, self.accent, 0.3)
        self.hatch = mix(self.shade, self.line, 0.6)

    @lru_cache(16)  # noqa: B019 (there is one a theme, and it is small)
    def numbers(self, kind: str) -> list[int]:
        """Colours of the ramp, or on it, as ARGB numbers."""
        return [color.rgba() for color in getattr(self, kind)]

    def _readable(self, color: QColor) -> QColor:
        """The theme's own text colour where it can be read on a colour, else the better of black and white."""
        own = (ink for ink in (self.text, self.panel) if contrast(ink, color) >= READABLE)
        return next(own, max(QColor("black"), QColor("white"), key=lambda ink: contrast(ink, color)))


def dim(ground: QColor, ink: QColor) -> QColor:
    """As little of an ink on a ground as has the contrast DIM, or the ink itself if even that has less."""
    shades = (mix(ground, ink, share / 20) for share in range(6, 20))
    return next((shade for shade in shades if contrast(shade, ground) >= DIM), ink)


def ramp(colors: list[QColor]) -> list[QColor]:
    """LEVELS colours along a few."""
    shades = []
    for level in range(LEVELS):
        at = level / (LEVELS - 1) * (len(colors) - 1)
        first = min(int(at), len(colors) - 2)
        shades.append(mix(colors[first], colors[first + 1], at - first))
    return shades

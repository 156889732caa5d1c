"""A quiet line chart as a picture file, for a page. Knows nothing of what the lines mean."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from engine.model.choice.source import EMBEDDED

FONT = EMBEDDED.parent / "fonts" / "Inter-Medium.otf"
PAPER, FAINT, TEXT = (255, 255, 255), (226, 228, 232), (90, 96, 106)
INKS = ((20, 90, 160), (200, 110, 20), (150, 30, 100), (30, 120, 80))
SCALE = 2  # pixels a unit: sharp on dense screens
LEFT, TOP, RIGHT, BOTTOM = 56, 18, 178, 44

Points = Sequence[tuple[float, float]]


class Axes:
    """Where values lie on a picture of `size` units: x from 0 to `last`, y from 0 to `top`."""

    def __init__(self, size: tuple[int, int], last: float, top: float):
        self.size, self.last, self.top = size, last, top

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a value; one above the top lies at the top."""
        wide, high = self.size
        across = LEFT + (wide - LEFT - RIGHT) * x / self.last
        down = TOP + (high - TOP - BOTTOM) * (1 - min(y, self.top) / self.top)
        return SCALE * across, SCALE * down


def chart(
    lines: Mapping[str, Points],
    file: Path,
    *,
    top: float,
    rows: Mapping[float, str],
    columns: Mapping[float, str],
    below: str,
    dots: bool = False,
    size: tuple[int, int] = (760, 320),
) -> None:
    """Draw `lines`, each labelled at its right end, over grid lines at `rows`, with `columns` and a word below."""
    axes = Axes(size, max(columns), top)
    picture = Image.new("RGB", (SCALE * size[0], SCALE * size[1]), PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(str(FONT), 12 * SCALE)
    for value, label in rows.items():
        pen.line([axes.place(0, value), axes.place(axes.last, value)], fill=FAINT, width=SCALE)
        x, y = axes.place(0, value)
        pen.text((x - 8 * SCALE, y), label, fill=TEXT, font=font, anchor="rm")
    for value, label in columns.items():
        x, y = axes.place(value, 0)
        pen.text((x, y + 8 * SCALE), label, fill=TEXT, font=font, anchor="mt")
    x, y = axes.place(axes.last / 2, 0)
    pen.text((x, y + 26 * SCALE), below, fill=TEXT, font=font, anchor="mt")
    ends = spread([axes.place(*points[-1])[1] for points in lines.values()], 17 * SCALE)
    for (label, points), ink, end in zip(lines.items(), INKS, ends, strict=False):
        places = [axes.place(*point) for point in points]
        pen.line(places, fill=ink, width=2 * SCALE, joint="curve")
        for x, y in places if dots else ():
            pen.ellipse((x - 3 * SCALE, y - 3 * SCALE, x + 3 * SCALE, y + 3 * SCALE), fill=ink)
        pen.text((axes.place(axes.last, 0)[0] + 12 * SCALE, end), label, fill=ink, font=font, anchor="lm")
    picture.save(file, optimize=True)


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Places near the `wanted` ones, in the same order, none closer to another than `gap`."""
    found, order = list(wanted), sorted(range(len(wanted)), key=lambda i: wanted[i])
    for before, index in pairwise(order):
        found[index] = max(found[index], found[before] + gap)
    return found

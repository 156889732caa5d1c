"""Heat: a sweep as a picture: every cell with its surprise and its canvas, and maps of all else that was measured.

Knows nothing of how a grid was filled; what is not finished stays blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.model.choice.source import EMBEDDED
from engine.values.files import whole
from engine.values.grid import Grid

FONT = EMBEDDED.parent / "fonts" / "Inter-Medium.otf"
PAPER, FAINT, TEXT, DARK = (255, 255, 255), (236, 238, 241), (90, 96, 106), (24, 28, 36)
# From little to much: one hue that darkens, so that it reads in grey and for every eye.
SCALE_OF = np.array([(250, 251, 253), (198, 219, 239), (107, 174, 214), (33, 113, 181), (8, 48, 107)], float)
SURE, OPEN = np.array((233, 236, 240), float), np.array((196, 78, 20), float)  # of a cell in a small canvas
NATS = 2.0  # of entropy: such a cell of a small canvas is as dark as can be
UNIT = 2  # pixels: sharp on dense screens
CELL, MINI, GAP, LEFT, TOP, MAP = (132, 146), 64, 6, 124, 108, (44, 24)
LEAST = 560  # so that the words fit
MAPS = {"steps": ("steps taken", ".0f"), "tok_s": ("text tok/s", ".0f"), "agreement": ("agreement", ".0%")}


class Sheet:
    """A picture in units, and a pen."""

    def __init__(self, wide: int, high: int) -> None:
        self.image = Image.new("RGB", (wide * UNIT, high * UNIT), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def words(self, at: tuple[float, float], text: str, size: int = 11, ink=TEXT, anchor: str = "mm") -> None:
        font = ImageFont.truetype(str(FONT), size * UNIT)
        self.pen.text((at[0] * UNIT, at[1] * UNIT), text, fill=ink, font=font, anchor=anchor)

    def box(self, at: tuple[float, float], size: tuple[float, float], ink) -> None:
        left, top = at[0] * UNIT, at[1] * UNIT
        corners = (left, top, left + size[0] * UNIT - 1, top + size[1] * UNIT - 1)
        self.pen.rounded_rectangle(corners, radius=4 * UNIT, fill=tuple(ink))


def draw(grid: Grid, file: str | Path, sentences: Sequence[str] = ()) -> None:
    """Write the picture of a grid, with `sentences` under it, whole or not at all. Raises OSError or ValueError."""
    columns, rows = grid.size
    wide = LEFT + max(columns * (CELL[0] + GAP), len(MAPS) * (columns * (MAP[0] + 2) + 40), LEAST) + 24
    below = TOP + rows * (CELL[1] + GAP) + 46
    high = below + 34 + rows * (MAP[1] + 2) + 34 + 18 * len(sentences)
    sheet = Sheet(wide, high)
    _head(sheet, grid)
    _axes(sheet, grid, (LEFT, TOP), CELL, GAP, 12)
    nats = grid.table("nats")
    for y, x in np.ndindex(*nats.shape):
        _cell(sheet, grid, (x, y), nats)
    across = LEFT
    for name, (label, form) in MAPS.items():
        _map(sheet, grid, (across, below + 34), grid.table(name), label, form)
        across += columns * (MAP[0] + 2) + 40
    for at, sentence in enumerate(sentences):
        sheet.words((LEFT, high - 18 * (len(sentences) - at)), sentence, 11, DARK, "lm")
    kind = Image.registered_extensions().get(Path(file).suffix.lower())
    if kind is None:
        raise ValueError(f"no picture is named {Path(file).name}")
    whole.put(file, lambda out: sheet.image.save(out, kind, optimize=True))


def _head(sheet: Sheet, grid: Grid) -> None:
    run = next(iter(grid.recordings.values()), None)
    where = f"{run.model} on {run.device}, " if run else ""
    seeds = f"{grid.draws} seeds" if grid.draws > 1 else f"seed {grid.settings.seed}"
    prompt = grid.question.prompt
    shown = prompt if len(prompt) <= 64 else prompt[:63] + "\u2026"
    sheet.words((LEFT, 22), shown, 15, DARK, "lm")
    sheet.words(
        (LEFT, 42), f"{where}{seeds}. Small canvases: entropy in the last step of the first seed.", 10, TEXT, "lm"
    )
    sheet.words((LEFT, 57), f"Colour: surprise in nats a token; {grid.label}.", 10, TEXT, "lm")


def _axes(sheet: Sheet, grid: Grid, at: tuple[int, int], size: tuple[int, int], gap: int, letters: int) -> None:
    columns, rows = grid.size
    for x in range(columns):
        middle = at[0] + x * (size[0] + gap) + size[0] / 2
        sheet.words((middle, at[1] - 10), grid.x.shown[x], letters)
    for y in range(rows if grid.y else 0):
        middle = at[1] + y * (size[1] + gap) + size[1] / 2
        sheet.words((at[0] - 8, middle), grid.y.shown[y], letters, anchor="rm")
    if letters > 10:
        bottom = at[1] + rows * (size[1] + gap) + 10
        sheet.words((at[0] + columns * (size[0] + gap) / 2, bottom), grid.x.label, letters, DARK)
        if grid.y:
            sheet.words((at[0] - 8, at[1] - 10), grid.y.label, letters - 1, DARK, "rm")


def _cell(sheet: Sheet, grid: Grid, place: tuple[int, int], nats: np.ndarray) -> None:
    x, y = place
    at, cell = (LEFT + x * (CELL[0] + GAP), TOP + y * (CELL[1] + GAP)), grid.cell(x, y)
    if cell is None:
        return sheet.box(at, CELL, FAINT)
    paper = _shade(cell.nats, nats)
    ink = _ink(paper)
    sheet.box(at, CELL, paper)
    left, middle = at[0] + (CELL[0] - MINI) // 2, at[0] + CELL[0] / 2
    last = grid.recordings[x, y, 0].frames[-1]
    board = _board(last.entropy, MINI * UNIT)
    sheet.image.paste(board, (left * UNIT, (at[1] + 10) * UNIT))
    sheet.words((middle, at[1] + MINI + 26), f"{cell.nats:.2f} nats", 13, ink)
    sheet.words((middle, at[1] + MINI + 45), f"{cell.seams:.1%} seams", 10, ink)
    return sheet.words((middle, at[1] + MINI + 61), f"{cell.steps:.0f} steps, {cell.seconds:.2f} s", 10, ink)


def _map(sheet: Sheet, grid: Grid, at: tuple[int, int], table: np.ndarray, label: str, form: str) -> None:
    columns = table.shape[1]
    sheet.words((at[0] + columns * (MAP[0] + 2) / 2, at[1] - 24), label, 11, DARK)
    _axes(sheet, grid, at, MAP, 2, 9)
    for (y, x), value in np.ndenumerate(table):
        corner = at[0] + x * (MAP[0] + 2), at[1] + y * (MAP[1] + 2)
        paper = FAINT if np.isnan(value) else _shade(value, table)
        sheet.box(corner, MAP, paper)
        if not np.isnan(value):
            sheet.words((corner[0] + MAP[0] / 2, corner[1] + MAP[1] / 2), format(value, form), 9, _ink(paper))


def _board(entropy: np.ndarray, size: int) -> Image.Image:
    """The cells of a canvas, in rows, sure ones light."""
    side = int(np.ceil(np.sqrt(len(entropy))))
    share = np.zeros(side * side)
    share[: len(entropy)] = np.clip(entropy / NATS, 0, 1)
    pixels = SURE + np.sqrt(share)[:, None] * (OPEN - SURE)
    return Image.fromarray(pixels.reshape(side, side, 3).astype(np.uint8)).resize(
        (size, size), Image.Resampling.NEAREST
    )


def _shade(value: float, table: np.ndarray) -> tuple[int, ...]:
    """The colour of a value between the least and the largest of its table."""
    least, most = np.nanmin(table), np.nanmax(table)
    share = (value - least) / (most - least) if most > least else 0.0
    places = np.linspace(0, 1, len(SCALE_OF))
    return tuple(round(float(np.interp(share, places, SCALE_OF[:, at]))) for at in range(3))


def _ink(paper: Sequence[int]) -> tuple[int, int, int]:
    """What can be read on a colour."""
    return DARK if np.dot(paper, (0.299, 0.587, 0.114)) > 140 else PAPER

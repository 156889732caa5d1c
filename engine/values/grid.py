"""Grid: what a sweep of one or two knobs has found so far: a recording and its quality for every cell.

The prompt and the noise are the same in all cells; `draws` repeats them with the noise of the seeds that follow.
Knows no torch, and not who fills it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import product
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from engine.values.axis import Axis
from engine.values.metrics import speeds
from engine.values.picture import Picture
from engine.values.quality import LABEL, Quality
from engine.values.recording import Recording
from engine.values.settings import Settings

Place = tuple[int, int, int]  # column, row, draw
# Where the careful end of a knob is: min or max of its values. Of another knob it is its usual value, or the first.
CAREFUL = {
    "steps": max,
    "entropy_bound": min,
    "accept_above": max,
    "stability": max,
    "confidence": min,
}
DRAWS = 64


class Cell(NamedTuple):
    """What was measured of a finished cell, a mean over its finished draws."""

    steps: float  # taken, over all canvases
    seconds: float  # of engine time; the context was there already, so without the reading of the prompt
    tok_s: float  # tokens of the text per second
    nats: float  # a token, read from left to right by the same weights: another look, no truth
    seams: float  # share of tokens that were given less than one chance in 1,000
    agreement: float  # share of tokens that are those of the most careful cell, in order; NaN until that is there


@dataclass(eq=False)
class Grid:
    """Recordings by column, row and draw. Raises ValueError, with a sentence, if a cell cannot be."""

    prompt: str
    settings: Settings  # of all that the axes do not say
    x: Axis
    y: Axis | None = None
    draws: int = 1
    recordings: dict[Place, Recording] = field(default_factory=dict)
    qualities: dict[Place, Quality] = field(default_factory=dict)  # of those that are finished
    pictures: tuple[Picture, ...] = ()  # of the prompt

    def __post_init__(self) -> None:
        if self.y is not None and self.y.name == self.x.name:
            raise ValueError("The two axes must be different knobs.")
        if not 1 <= self.draws <= DRAWS:
            raise ValueError(f"Draws must be from 1 to {DRAWS} (got {self.draws}).")
        if self.draws > 1 and "seed" in (axis.name for axis in self.axes):
            raise ValueError("Draws are seeds: leave them out where an axis has the seed.")

    @property
    def axes(self) -> list[Axis]:
        return [axis for axis in (self.x, self.y) if axis is not None]

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return len(self.x.values), len(self.y.values) if self.y else 1

    def places(self) -> list[Place]:
        """All places, in the order in which they are run: a whole grid for every draw."""
        columns, rows = self.size
        return [(x, y, draw) for draw, y, x in product(range(self.draws), range(rows), range(columns))]

    def at(self, place: Place) -> Settings:
        """The knobs of a place."""
        x, y, draw = place
        chosen = {axis.name: axis.values[at] for axis, at in zip(self.axes, (x, y), strict=False)}
        settings = replace(self.settings, **chosen)
        return replace(settings, seed=(settings.seed + draw) % 2**31) if draw else settings

    @property
    def careful(self) -> tuple[int, int]:
        """Column and row of the most careful cell."""
        ends = [_careful(axis, getattr(self.settings, axis.name)) for axis in self.axes]
        return ends[0], ends[1] if self.y else 0

    def cell(self, x: int, y: int) -> Cell | None:
        """What is known of a cell, None before its first draw is finished."""
        found = [self._measured((x, y, draw)) for draw in range(self.draws) if (x, y, draw) in self.qualities]
        return Cell(*(fmean(values) for values in zip(*found, strict=True))) if found else None

    def table(self, name: str) -> np.ndarray:
        """float [rows, columns]: a value of Cell by its name, NaN where there is none yet."""
        columns, rows = self.size
        cells = [[self.cell(x, y) for x in range(columns)] for y in range(rows)]
        return np.array([[np.nan if cell is None else getattr(cell, name) for cell in row] for row in cells])

    def agreement(self, place: Place) -> float:
        """The share of tokens of a text that are those of the most careful one of the same noise, in order.

        Source: the ratio of Ratcliff and Obershelp ("Pattern Matching", Dr. Dobb's Journal, July 1988).
        """
        careful = (*self.careful, place[2])
        if careful not in self.qualities:
            return np.nan
        texts = [self._text(each) for each in (place, careful)]
        return SequenceMatcher(None, *texts, autojunk=False).ratio()

    def left(self) -> float | None:
        """Seconds that are left, from the pace so far; None before the first frame."""
        frames = [frame for run in self.recordings.values() for frame in run.frames]
        done = {place: len(self.recordings[place].frames) for place in self.qualities}
        if not frames:
            return None
        pace = fmean(frame.step_seconds for frame in frames)
        share = fmean(done[place] / self._most(place) for place in done) if done else 1.0
        open_ = [place for place in self.places() if place not in done]
        steps = sum(share * self._most(place) for place in open_)
        begun = sum(len(self.recordings[place].frames) for place in open_ if place in self.recordings)
        return pace * max(0.0, steps - begun)

    def _most(self, place: Place) -> int:
        settings = self.at(place)
        return settings.steps * settings.canvases

    def _text(self, place: Place) -> list[int]:
        ids = self.recordings[place].ids()
        return ids[~np.isnan(self.qualities[place].nats)].tolist()

    def _measured(self, place: Place) -> Cell:
        run, quality = self.recordings[place], self.qualities[place]
        seconds, speed = run.frames[-1].seconds, speeds(run)
        tok_s = speed.text if speed else np.nan
        return Cell(len(run.frames), seconds, tok_s, quality.mean, quality.share, self.agreement(place))

    def least(self) -> Place | None:
        """The place whose text surprises least, None before one is finished. An empty text surprises nobody, and
        is left out."""
        rated = {place: found.mean for place, found in self.qualities.items() if found.tokens > 1}
        return min(rated, key=rated.__getitem__, default=None)

    def told(self) -> Iterator[dict[str, Any]]:
        """Every finished run for JSON."""
        for place in sorted(self.qualities, key=self.places().index):
            axes = {axis.name: axis.values[at] for axis, at in zip(self.axes, place, strict=False)}
            values = {name: _rounded(value) for name, value in self._measured(place)._asdict().items()}
            run = self.recordings[place]
            yield {**axes, "seed": run.settings.seed, **values, "stop": run.frames[-1].stop, "text": run.text()}

    @property
    def label(self) -> str:
        """What nats and seams are."""
        return LABEL


def _careful(axis: Axis, usual: Any) -> int:
    if axis.name in CAREFUL:
        return axis.values.index(CAREFUL[axis.name](axis.values))
    return axis.values.index(usual) if usual in axis.values else 0


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)

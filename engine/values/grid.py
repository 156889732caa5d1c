"""Grid: what a sweep of one or two knobs has found so far: a recording and its quality for every cell.

The prompt and the noise are the same in all cells; `draws` repeats them with the noise of the seeds that follow.
What a finished run took is noted at once, so that `thin` may let go of its steps: then it costs a few KB, whatever
it wrote. Knows no torch, and not who fills it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import product
from math import prod
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from engine.values.axis import Axis
from engine.values.frame import Frame
from engine.values.metrics import speeds
from engine.values.quality import LABEL, Quality, in_words, least
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings, counted

Place = tuple[int, int, int]  # column, row, draw
News = tuple[Place, Recording | Frame | Quality]  # of a run that has begun, gone a step on, or is finished
# Where the careful end of a knob is: min or max of its values. Of another knob it is its usual value, or the first.
CAREFUL = {
    "steps": max,
    "entropy_bound": min,
    "accept_above": max,
    "stability": max,
    "confidence": min,
}
DRAWS = 64
MOST = 4096  # runs: of more nobody would see the end
READ = ("chat", "thinking", "raw", "canvases")  # knobs that say how a prompt is read, and what room it needs


class Taken(NamedTuple):
    """What a finished run took."""

    steps: int  # over all canvases
    seconds: float  # of engine time
    tok_s: float  # tokens of the text per second; NaN where no time was measured


class Cell(NamedTuple):
    """What was measured of a finished cell, a mean over its finished draws."""

    steps: float  # taken, over all canvases
    seconds: float  # of engine time; the context was there already, so without the reading of the prompt
    tok_s: float  # tokens of the text per second
    nats: float  # a token, read from left to right by the same weights: another look, no truth
    seams: float  # share of tokens that were given less than one chance in 1,000
    agreement: float  # share of tokens that are those of the most careful cell, in order; NaN until that is there

    def in_words(self) -> str:
        """For people, but for the agreement."""
        speed = f"{counted(round(self.steps), 'step')}, {self.seconds:.2f} s, {self.tok_s:,.0f} tok/s"
        return ", ".join((speed, *in_words(self.nats, self.seams)))


@dataclass(eq=False)
class Grid:
    """Recordings by column, row and draw. Raises ValueError, with a sentence, if a cell cannot be."""

    question: Question
    settings: Settings  # of all that the axes do not say
    x: Axis
    y: Axis | None = None
    draws: int = 1
    recordings: dict[Place, Recording] = field(default_factory=dict)
    qualities: dict[Place, Quality] = field(default_factory=dict)  # of those that are finished
    taken: dict[Place, Taken] = field(default_factory=dict)  # by the same
    agreed: dict[Place, float] = field(default_factory=dict, repr=False)  # what `agreement` has found
    _cells: dict[tuple[int, int], Cell] = field(default_factory=dict, init=False, repr=False)  # that were asked for
    _pace: tuple = field(default=(), init=False, repr=False)  # of the runs that are finished
    outcome: str = ""  # "" while it is filled, then "finished", "stopped" or a sentence that says what failed

    def __post_init__(self) -> None:
        if self.y is not None and self.y.name == self.x.name:
            raise ValueError("The two axes must be different knobs.")
        if not 1 <= self.draws <= DRAWS:
            raise ValueError(f"Draws must be from 1 to {DRAWS} (got {self.draws}).")
        if (runs := prod(self.size) * self.draws) > MOST:
            raise ValueError(f"A grid can have {MOST:,} runs, and this has {runs:,}: take fewer values or draws.")
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

    def reading(self, place: Place) -> tuple[Any, ...]:
        """Places with the same read the prompt as the same ids, into the same room."""
        return tuple(self._knob(place, name) for name in READ)

    def readings(self) -> list[Place]:
        """A place that is not finished for every way in which the prompt is read."""
        return list({self.reading(place): place for place in reversed(self.to_do())}.values())

    def _knob(self, place: Place, name: str) -> Any:
        """One knob of `at`: but for the seed of a draw."""
        for axis, at in zip(self.axes, place, strict=False):
            if axis.name == name:
                return axis.values[at]
        return getattr(self.settings, name)

    # Filling it

    def append(self, news: News) -> None:
        """What a sweep tells: a run has begun, has one more frame, or is finished and this good."""
        place, what = news
        if isinstance(what, Recording):
            self.recordings[place] = what
        elif isinstance(what, Frame):
            self.recordings[place].append(what)
        else:
            self.finish(place, what)

    def finish(self, place: Place, quality: Quality) -> None:
        """A run is over, and its text is this good."""
        run = self.recordings[place]
        run.outcome, speed = "finished", speeds(run)
        self.taken[place] = Taken(len(run.frames), run.frames[-1].seconds, speed.text if speed else np.nan)
        self.qualities[place] = quality
        self._cells.pop(place[:2], None)

    def cut(self) -> None:
        """No more comes: a run that is not finished is stopped."""
        for run in self.recordings.values():
            run.outcome = run.outcome or "stopped"

    def thin(self, place: Place) -> None:
        """Let go of the steps of a finished run, but for the last of every canvas, without its candidates."""
        run = self.recordings[place]
        last = [
            replace(frame, top_ids=frame.top_ids[:, :1].copy(), top_probs=frame.top_probs[:, :1].copy())
            for frame in run.last_frames()
        ]
        self.recordings[place] = replace(run, frames=last)

    def whole(self, place: Place) -> bool:
        """Whether all steps of a finished run are still here."""
        return len(self.recordings[place].frames) == self.taken[place].steps

    def copy(self) -> Grid:
        """The grid as it is at this moment: another thread may read it while more is added."""
        parts = {name: dict(getattr(self, name)) for name in ("recordings", "qualities", "taken", "agreed")}
        return replace(self, **parts)

    def to_do(self) -> list[Place]:
        """The places that are not finished, in the order in which they are run."""
        return [place for place in self.places() if place not in self.qualities]

    # What is found

    def name(self, place: Place) -> str:
        """Where that is, in words."""
        at = zip(self.axes, place, strict=False)
        return ", ".join(f"{axis.label} {axis.shown[value]}" for axis, value in at)

    @property
    def careful(self) -> tuple[int, int]:
        """Column and row of the most careful cell."""
        ends = [_careful(axis, getattr(self.settings, axis.name)) for axis in self.axes]
        return ends[0], ends[1] if self.y else 0

    def cell(self, x: int, y: int) -> Cell | None:
        """What is known of a cell, None before its first draw is finished. Its agreement, if that was asked for."""
        if (x, y) not in self._cells:
            found = [self._measured((x, y, draw)) for draw in range(self.draws) if (x, y, draw) in self.qualities]
            if not found:
                return None
            self._cells[x, y] = Cell(*(fmean(values) for values in zip(*found, strict=True)))
        return self._cells[x, y]

    def table(self, name: str) -> np.ndarray:
        """float [rows, columns]: a value of Cell by its name, NaN where there is none yet."""
        for place in self.qualities if name == "agreement" else ():
            self.agreement(place)
        return self.known(name)

    def known(self, name: str) -> np.ndarray:
        """The same, with no more agreement than was asked for: that takes its time."""
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
        if place not in self.agreed:
            texts = [self._text(each) for each in (place, careful)]
            self.agreed[place] = SequenceMatcher(None, *texts, autojunk=False).ratio()
            self._cells.pop(place[:2], None)
        return self.agreed[place]

    def left(self) -> float | None:
        """Seconds that are left, from the pace so far; None before the first frame."""
        growing = [run.frames for place, run in self.recordings.items() if place not in self.taken and run.frames]
        begun, (_, steps, seconds, share, rest) = sum(map(len, growing)), self._paced()
        if not steps + begun:
            return None
        seconds += sum(frames[-1].seconds for frames in growing)
        return seconds / (steps + begun) * max(0.0, share * rest - begun)

    def _paced(self) -> tuple[int, int, float, float, int]:
        """Of what is finished: how many runs, their steps and seconds, the share of their steps that they took; and
        the steps that the others may take. Counted once for each that is finished."""
        if not self._pace or self._pace[0] != len(self.taken):
            taken = self.taken.values()
            share = fmean(each.steps / self.most(place) for place, each in self.taken.items()) if taken else 1.0
            steps, seconds = sum(each.steps for each in taken), sum(each.seconds for each in taken)
            self._pace = len(taken), steps, seconds, share, sum(map(self.most, self.to_do()))
        return self._pace

    def progress(self) -> str:
        """How far it is, in words."""
        left = self.left()
        done = f"{len(self.qualities)} of {len(self.places())} runs"
        if left is None:
            return done
        return f"{done}, about {left:,.0f} s left" if left < 100 else f"{done}, about {left / 60:,.0f} min left"

    def most(self, place: Place) -> int:
        """Steps that a run may take, over all canvases."""
        return self._knob(place, "steps") * self._knob(place, "canvases")

    def _text(self, place: Place) -> list[int]:
        ids = self.recordings[place].ids()
        return ids[~np.isnan(self.qualities[place].nats)].tolist()

    def _measured(self, place: Place) -> Cell:
        quality = self.qualities[place]
        return Cell(*self.taken[place], quality.mean, quality.share, self.agreed.get(place, np.nan))

    def least(self) -> Place | None:
        """The place whose text surprises least, None before one is finished."""
        return least(self.qualities)

    def told(self) -> Iterator[dict[str, Any]]:
        """Every finished run for JSON."""
        order = {place: number for number, place in enumerate(self.places())}
        for place in sorted(self.qualities, key=order.__getitem__):
            self.agreement(place)
            at = {axis.name: axis.values[value] for axis, value in zip(self.axes, place, strict=False)}
            values = {name: _rounded(value) for name, value in self._measured(place)._asdict().items()}
            run = self.recordings[place]
            yield {"at": at, "seed": run.settings.seed, **values, "stop": run.frames[-1].stop, "text": run.text()}

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

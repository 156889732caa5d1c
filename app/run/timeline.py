"""Timeline: several recordings held together by time, by steps, or by how much of each is done: moments, and which
frame of each stands there. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from engine.values.recording import Recording

TICKS = 100  # a second, of the common clock


class Tick(NamedTuple):
    """A moment, and when it is on the axis of play."""

    seconds: float


class Timeline:
    """By the clock: moments, hundredths of seconds apart. Of one that still `grows`, as far as it has come."""

    paced = False  # whether a moment is a step of what is written

    def __init__(self, runs: Sequence[Recording], grows: Recording | None = None) -> None:
        self.runs, self.grows = runs, grows
        self.frames: list[Tick] = []
        self.grow()

    def grow(self) -> None:
        """There may be more frames."""
        times = {_behind(frame.seconds) for run in self.runs for frame in run.frames}
        newest = [frame.seconds for frame in self.grows.frames[-1:]] if self.grows else []
        last = (_behind(newest[0]) if newest else -1) if self.grows else max(times, default=0)
        self._steps = sorted({0, *(time for time in times if time <= last)})
        self.frames += [Tick(at / TICKS) for at in range(len(self.frames), last + 1)]

    def at(self, index: int) -> list[int]:
        """The frame of every run that stands at a moment, -1 before its first."""
        return [bisect_right(run.frames, index / TICKS, key=lambda frame: frame.seconds) - 1 for run in self.runs]

    def step(self, index: int, delta: int) -> int:
        """The moment nearest to `index` at which some run shows another frame, before it or behind it."""
        if delta > 0:
            return next((step for step in self._steps if step > index), self._steps[-1])
        return next((step for step in reversed(self._steps) if step < index), 0)


class Steps(Timeline):
    """By steps, counted over all canvases: who has fewer waits at its end."""

    paced = True

    def grow(self) -> None:
        counts = [len(run.frames) for run in self.runs]
        count = len(self.grows.frames) if self.grows else max(counts)
        times = [
            max(run.frames[min(at, last - 1)].seconds for run, last in zip(self.runs, counts, strict=True) if last)
            for at in range(len(self.frames), count)
        ]
        self.frames += map(Tick, times)  # no step comes before it has come in all of them

    def at(self, index: int) -> list[int]:
        return [min(index, len(run.frames) - 1) for run in self.runs]

    def step(self, index: int, delta: int) -> int:
        return min(max(0, index + delta), len(self.frames) - 1)


class Shares(Steps):
    """By the share of its steps that each has taken. Of one that grows nobody knows it."""

    def at(self, index: int) -> list[int]:
        share = index / max(1, len(self.frames) - 1)
        return [round(share * (len(run.frames) - 1)) if index >= 0 else -1 for run in self.runs]


LINES = {"step": Steps, "clock": Timeline, "share": Shares}


def _behind(seconds: float) -> int:
    """The first moment behind a time, however it is rounded."""
    return int(seconds * TICKS) + 1

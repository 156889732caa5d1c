"""How far a run is on its way, as a step of its preset: counted, or told from the time that is left.

Knows neither weights nor batches.
"""

import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise

WRITING = 8.0  # seconds at most of a budget, and a twentieth of it at most, that are kept for writing the result


class Steps:
    """A run of a number of steps."""

    def __init__(self, last: int):
        self.last = last

    def at(self, step: int) -> int:
        """The step of the preset whose rates are due in step `step` of the run."""
        return step

    def over(self, step: int) -> bool:
        """Whether the run ends before step `step`."""
        return step >= self.last

    def left(self, step: int, seconds: float) -> float:
        """Seconds to go, if `step` steps took `seconds`."""
        return seconds / step * (self.last - step)


class Clock:
    """A run of so many seconds from now on: as far in the `total` steps of its preset as its time is gone.

    What comes before the first step is not the schedule's, but the run's. It ends before a step that could last too
    long: one as long as the slowest of the last few.
    """

    def __init__(self, total: int, seconds: float, now: Callable[[], float] = time.monotonic):
        self.total, self.now = total, now
        self.end = now() + seconds - min(WRITING, seconds / 20)
        self.begun: float | None = None
        self.marks: deque[float] = deque(maxlen=8)

    def at(self, step: int) -> int:
        """As of Steps. To be asked once a step, when it begins."""
        self.marks.append(self.now())
        self.begun = self.marks[0] if self.begun is None else self.begun
        share = (self.marks[-1] - self.begun) / max(1e-9, self.end - self.begun)
        return min(self.total - 1, int(share * self.total))

    def over(self, step: int) -> bool:
        """As of Steps."""
        marks = [*self.marks, self.now()]
        slowest = max((after - before for before, after in pairwise(marks)), default=0.0)
        return marks[-1] + slowest > self.end

    def left(self, step: int, seconds: float) -> float:
        """As of Steps."""
        return max(0.0, self.end - self.now())

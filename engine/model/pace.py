"""Pace: how fast bytes come, and when the rest will be there. Source of the estimate: the last seconds, no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from engine.model.folder.checkpoint import GB

MB = 1e6
SPAN = 15.0  # seconds that the rate is taken over
SOON = 2.0  # seconds before which nothing is said of it


class Pace:
    """Of `total` bytes, by a clock in seconds."""

    def __init__(self, total: int, clock: Callable[[], float] = monotonic) -> None:
        self._total, self._clock = total, clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), 0)])

    def words(self, done: int) -> str:
        """`3.2 of 51.6 GB, 120 MB/s, 7 min left`. The rate is left out where it is not known yet."""
        now = self._clock()
        self._seen.append((now, done))
        while now - self._seen[0][0] > SPAN and len(self._seen) > 2:
            self._seen.popleft()
        unit, name = (GB, "GB") if self._total >= GB else (MB, "MB")
        amounts = f"{done / unit:.1f} of {self._total / unit:.1f} {name}"
        then, before = self._seen[0]
        passed = now - then
        if passed < SOON or done <= before:
            return amounts
        rate = (done - before) / passed
        return f"{amounts}, {rate / MB:,.0f} MB/s, {_left((self._total - done) / rate)}"


def _left(seconds: float) -> str:
    if seconds < 55:
        return f"{max(1, round(seconds / 5) * 5)} s left"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min left" if minutes < 90 else f"{seconds / 3600:.1f} h left"

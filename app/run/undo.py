"""Undo: the knobs as they were before. A drag is one change, however many values it goes through. Knows no Qt."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from engine.values.settings import Settings

ONE = 0.8  # seconds: moves of the same knobs that follow each other faster are one change
MOST = 200  # changes that are kept


class Undo:
    """Two piles of settings."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._past: list[Settings] = []
        self._future: list[Settings] = []
        self._last: tuple[float, frozenset[str]] = (-ONE, frozenset())

    def note(self, before: Settings, after: Settings, alone: bool = False) -> None:
        """Knobs were moved by hand; or, `alone`, all at once: that is no part of a drag."""
        now, names = self._clock(), frozenset(after.moved(before))
        time, last = self._last
        if alone or not (self._past and names == last and now - time < ONE):
            self._past = [*self._past, before][-MOST:]
        self._last, self._future = (-ONE, frozenset()) if alone else (now, names), []

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def undo(self, now: Settings) -> Settings | None:
        """The knobs before the last change; None: there was none."""
        return self._move(self._past, self._future, now)

    def redo(self, now: Settings) -> Settings | None:
        """The knobs after the change that was undone last."""
        return self._move(self._future, self._past, now)

    def _move(self, source: list[Settings], target: list[Settings], now: Settings) -> Settings | None:
        if not source:
            return None
        self._last = (-ONE, frozenset())
        target.append(now)
        return source.pop()

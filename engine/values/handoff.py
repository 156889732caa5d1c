"""Between two threads: Gate (may the next step start?), Mailbox (the frames on their way), pump().

Knows no torch and no Qt: the engine thread calls `ask` and `put`, the other side everything else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from threading import Condition
from time import monotonic
from typing import Any

from engine.values.edit import Edit
from engine.values.settings import Settings


class Gate:
    """Asked before every step. Holds the settings in force; can pause, step, pace and stop the denoiser."""

    def __init__(self, settings: Settings) -> None:
        self._changed = Condition()
        self._settings = settings
        self._edits: list[Edit] = []  # that the next step brings
        self._paused = False
        self._granted = 0  # single steps allowed while paused
        self._interval = 0.0
        self._last = -float("inf")
        self._stopped = False

    def ask(self, canvas: int, step: int) -> Settings | None:
        """Blocks until the step may start. The settings for it, or None to stop."""
        with self._changed:
            while not self._stopped and (wait := self._wait()) != 0.0:
                self._changed.wait(wait)
            if self._paused:
                self._granted -= 1
            self._last = monotonic()
            return None if self._stopped else self._settings

    def _wait(self) -> float | None:
        """Seconds to wait, 0 to pass, None to wait until something changes."""
        if self._paused:
            return 0.0 if self._granted > 0 else None
        return max(0.0, self._last + self._interval - monotonic())

    def pause(self) -> None:
        with self._changed:
            self._paused, self._granted = True, 0

    def resume(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def step(self) -> None:
        """Let one step pass while paused."""
        with self._changed:
            self._granted += 1
            self._changed.notify_all()

    def pace(self, interval: float) -> None:
        """At least `interval` seconds from the start of a step to the start of the next; 0 is full speed."""
        with self._changed:
            self._interval = interval
            self._changed.notify_all()

    def edit(self, settings: Settings) -> None:
        """Settings from the next step on."""
        with self._changed:
            self._settings = settings

    def touch(self, *edits: Edit) -> None:
        """Edits of cells, before the next step, whichever it is."""
        with self._changed:
            self._edits += edits

    def edits(self, canvas: int, step: int) -> tuple[Edit, ...]:
        """The edits that wait, as ones of this step. Asked right after `ask`."""
        with self._changed:
            edits, self._edits = self._edits, []
        return tuple(replace(edit, canvas=canvas, step=step) for edit in edits)

    def stop(self) -> None:
        """No further step, now and for ever."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def stopped(self) -> bool:
        return self._stopped


class Mailbox:
    """A bounded, lossless queue that wakes its reader once, however many items wait.

    `wake` is called on the writer's thread when items wait and no wake is in flight; the reader answers it
    with one `take`. A full mailbox blocks the writer: a stalled screen stops the engine, not the machine.
    """

    def __init__(self, wake: Callable[[], None], size: int = 512) -> None:
        self._changed = Condition()
        self._items: deque[Any] = deque()
        self._wake = wake
        self._size = size
        self._waking = False
        self._closed = False

    def put(self, item: Any) -> bool:
        """Adds an item, blocking while full. False if the mailbox has been closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._items) < self._size)
            if self._closed:
                return False
            self._items.append(item)
            wake, self._waking = not self._waking, True
        if wake:
            self._wake()
        return True

    def take(self) -> list[Any]:
        """Everything that waits, oldest first. Never blocks."""
        with self._changed:
            items = list(self._items)
            self._items.clear()
            self._waking = False
            self._changed.notify_all()
        return items

    def close(self) -> None:
        """Refuse further items and free a writer that is blocked. What waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def pump(frames: Generator[Any, None, None], mailbox: Mailbox) -> int:
    """Moves every frame into the mailbox, on the calling thread. How many it moved. Errors pass through."""
    moved = 0
    with closing(frames):
        for frame in frames:
            if not mailbox.put(frame):
                break
            moved += 1
    return moved

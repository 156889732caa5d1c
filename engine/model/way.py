"""Way: how far a model is loaded, for those who wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.model.choice.source import CancelError, Progress
from engine.model.pace import Pace


@dataclass
class Way:
    """How many of `total` bytes are done."""

    progress: Progress
    cancelled: Callable[[], bool]
    total: int
    done: int = 0

    def __post_init__(self) -> None:
        self.pace = Pace(self.total)

    def went(self, what: str, amount: int) -> None:
        """Raises CancelError if nobody waits any more."""
        if self.cancelled():
            raise CancelError("Loading was cancelled: choose a model to go on.")
        self.done += amount
        self.progress(f"{what}: {self.pace.words(self.done)}", self.done / self.total)

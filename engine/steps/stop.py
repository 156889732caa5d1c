"""Stop: whether a canvas has come to an end: by what the model guessed of it, step by step. Knows no torch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from engine.values.settings import Settings, knobs


class Stop:
    """The rule, with the guesses [C] of the steps before, as far back as it looks."""

    def __init__(self) -> None:
        self.guesses: deque[np.ndarray] = deque(maxlen=int(knobs()["stability"].maximum))

    def begin(self, guesses: Iterable[np.ndarray] = ()) -> None:
        """A canvas begins, or goes on behind those guesses."""
        self.guesses.clear()
        self.guesses.extend(guesses)

    def look(self, guess: np.ndarray, entropy: np.ndarray, free: np.ndarray, settings: Settings, step: int) -> str:
        """Why the canvas ends after a step, a key of STOPS, or "" if it goes on. `free` bool [C]: no hand is on it.

        Source: StableAndConfidentStoppingCriteria in transformers' generation_diffusion_gemma.py.
        """
        count = settings.stability
        recent = list(self.guesses)[len(self.guesses) - count :] if count else []
        stable = len(recent) == count and all(np.array_equal(guess, earlier) for earlier in recent)
        self.guesses.append(guess)
        if stable and (not free.any() or entropy[free].mean() < settings.confidence):
            return "stable"
        return "steps" if step + 1 == settings.steps else ""

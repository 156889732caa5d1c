"""Sweep: a grid of runs of one prompt, one after the other, which share what they read of it.

Canvases are not batched: on the CPUs at hand eight at once took 0.92 of the time of eight one by one. Knows no
screen; no torch is imported until a run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from engine.steps.race import WARM, Racer
from engine.values.grid import Grid, News, Place
from engine.values.recording import Recording


class Shared:
    """A model whose contexts are read once: what comes after one is read into a copy. Else it is that model."""

    def __init__(self, model: Racer) -> None:
        self._model, self._contexts = model, {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def prefill(self, ids: Sequence[int], cache: Any = None) -> Any:
        if cache is None:
            key = tuple(ids)
            if key not in self._contexts:
                self._contexts[key] = self._model.prefill(ids)
            return self._contexts[key]
        ours = any(cache is context for context in self._contexts.values())
        return self._model.prefill(ids, deepcopy(cache) if ours else cache)


def sweep(model: Racer, grid: Grid, going: Callable[[], bool] = lambda: True) -> Iterator[News]:
    """Run what is not finished of a grid, and yield what is to be appended to it, on whichever thread that is.

    A run that is not `going` any more is the last. Raises what `denoise` does, and PromptError if the model cannot
    read so much.
    """
    from engine.steps.denoise import denoise
    from engine.steps.surprise import quality

    shared = Shared(model)
    contexts = {place: model.prompt(grid.prompt, grid.at(place), grid.pictures) for place in grid.to_do()}
    _warm(shared, grid, contexts, going)
    for place, ids in contexts.items():
        settings, last = grid.at(place), {}
        name, device = model.name, str(model.device)
        yield place, Recording(grid.prompt, settings, name, device, model.lexicon, pictures=grid.pictures)
        for frame in denoise(shared, ids, lambda canvas, step, now=settings: now if going() else None):
            last[frame.canvas] = frame
            yield place, frame
        if not (last and frame.stop and going()):
            return
        text = np.concatenate([frame.guess for frame in last.values()])
        yield place, quality(model, model.lexicon, ids, text)


def _warm(shared: Shared, grid: Grid, contexts: dict[Place, list[int]], going: Callable[[], bool]) -> None:
    """Read every context, and throw the first steps of a process away: they are slower than the others."""
    from engine.steps.denoise import denoise

    for ids in {tuple(ids): ids for ids in contexts.values()}.values():
        if going():
            shared.prefill(ids)
    for place, ids in list(contexts.items())[:1]:
        first = grid.at(place)
        for _ in denoise(shared, ids, lambda canvas, step, now=first: now if step < WARM and going() else None):
            pass

"""Sweep: a grid of runs of one prompt, one after the other, which share what they read of it.

Canvases are not batched: on the CPU at hand 2, 4, 8 and 16 at once took 0.96, 0.94, 0.97 and 1.00 of the time of as
many one by one (medians of the embedded model, side by side in one run); and one by one the same seed gives the
same text, whatever is beside it. Knows no screen; no torch is imported until a run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.steps.context import Memory, read
from engine.steps.race import WARM, Racer
from engine.values.grid import Grid, News
from engine.values.recording import Recording


def sweep(model: Racer, grid: Grid, going: Callable[[], bool] = lambda: True) -> Iterator[News]:
    """Run what is not finished of a grid, and yield what is to be appended to it, on whichever thread that is.

    A run that is not `going` any more is the last. Raises what `denoise` does, and PromptError if the model cannot
    read so much.
    """
    from engine.steps.denoise import denoise
    from engine.steps.surprise import quality

    places = {grid.reading(place): place for place in grid.readings()}
    contexts = {way: model.prompt(grid.question, grid.at(place)) for way, place in places.items()}
    shared = Memory().of(model, *contexts.values())
    _warm(shared, grid, contexts, going)
    for place in grid.to_do():
        ids, settings, last = contexts[grid.reading(place)], grid.at(place), {}
        yield place, Recording.of(model, grid.question, settings)
        for frame in denoise(shared, ids, lambda canvas, step, now=settings: now if going() else None):
            last[frame.canvas] = frame
            yield place, frame
        if not (last and frame.stop and going()):
            return
        text = np.concatenate([frame.guess for frame in last.values()])
        yield place, quality(model, model.lexicon, ids, text)


def _warm(shared: Any, grid: Grid, contexts: dict[Any, list[int]], going: Callable[[], bool]) -> None:
    """Read every context, and throw the first steps of a process away: they are slower than the others."""
    from engine.steps.denoise import denoise

    for ids in contexts.values():
        if going():
            read(shared, ids)
    for place in grid.to_do()[:1]:
        first, ids = grid.at(place), contexts[grid.reading(place)]
        for _ in denoise(shared, ids, lambda canvas, step, now=first: now if step < WARM and going() else None):
            pass

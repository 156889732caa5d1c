"""Sweep: a grid of runs of one prompt, one after the other, which share what they read of it.

Canvases are not batched: on the CPUs at hand eight at once took 0.92 of the time of eight one by one. Knows no
screen; no torch is imported until a run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.steps.context import Memory, read
from engine.steps.race import WARM, Racer
from engine.values.grid import Grid, Place
from engine.values.recording import Recording


def sweep(model: Racer, grid: Grid, going: Callable[[], bool] = lambda: True) -> Iterator[Place]:
    """Fill a grid, and yield the place whose recording has grown by a frame. A run that is not `going` any more is
    stopped, with all after it. Raises what `denoise` does, and PromptError if the model cannot read so much."""
    from engine.steps.denoise import denoise
    from engine.steps.surprise import quality

    contexts = {place: model.prompt(grid.prompt, grid.at(place)) for place in grid.places()}
    shared = Memory().of(model, *contexts.values())
    _warm(shared, grid, contexts)
    for place, ids in contexts.items():
        settings = grid.at(place)
        run = Recording(grid.prompt, settings, model.name, str(model.device), model.lexicon)
        grid.recordings[place] = run
        for frame in denoise(shared, ids, lambda canvas, step, now=settings: now if going() else None):
            run.append(frame)
            yield place
        if not (run.frames and run.frames[-1].stop and going()):
            run.outcome = "stopped"
            return
        run.outcome = "finished"
        grid.qualities[place] = quality(model, model.lexicon, ids, run.ids())
        yield place


def _warm(shared: Any, grid: Grid, contexts: dict[Place, list[int]]) -> None:
    """Read every context, and throw the first steps of a process away: they are slower than the others."""
    from engine.steps.denoise import denoise

    for ids in contexts.values():
        read(shared, ids)
    place, ids = next(iter(contexts.items()))
    for _ in denoise(shared, ids, lambda canvas, step: grid.at(place) if step < WARM else None):
        pass

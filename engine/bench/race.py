"""`unnoise bench race`: the same weights by diffusion and token by token, for sizes whose text is noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from engine.bench import context, model
from engine.bench.context import Say
from engine.bench.turns import RESTLESS, named
from engine.model import gemma
from engine.steps.autoregressive import autoregress
from engine.steps.denoise import denoise
from engine.steps.race import WARM
from engine.values.settings import Decoding


def measure(
    source: str | Path | None = None,
    precision: str = "auto",
    place: str = "auto",
    steps: int = 16,
    length: int = 128,
    say: Say = lambda line: None,
) -> dict[str, Any]:
    """A canvas of `steps`, and as many tokens one by one, behind `length` random tokens: seconds, tokens a second.

    Neither ends early, so both write as much; what is not said is how many steps a text needs. Raises as
    `bench.model` does.
    """
    place = gemma.choose(place)
    if source is None:
        precision = model.settle(place, precision, length)
    runner = model.make(source, place, precision, say)
    runner.ends = frozenset()
    ids, settings = context.prompt(runner, length), replace(RESTLESS, steps=steps)
    lanes = {
        "diffusion": lambda ask: denoise(runner, ids, ask),
        "autoregressive": lambda ask: autoregress(runner, ids, ask, Decoding()),
    }
    results = {}
    for name, run in lanes.items():
        say(f"Running: {name}")
        for _ in run(lambda canvas, step: settings if step < WARM else None):
            pass
        frames = list(run(lambda canvas, step: settings))
        results[name] = _lane(frames, runner.length)
    return {
        "bench": "race",
        "model": runner.name,
        "precision": runner.precision,
        "device": named(runner.device),
        "torch": torch.__version__,
        "context": length,
        "steps": steps,
        **results,
        "factor": round(results["autoregressive"]["seconds"] / results["diffusion"]["seconds"], 3),
    }


def _lane(frames: list[Any], tokens: int) -> dict[str, float]:
    """By its own clock, which began with the reading of the prompt."""
    seconds = frames[-1].seconds
    each = (seconds - frames[0].seconds) / (len(frames) - 1)
    return {
        "passes": len(frames),
        "seconds": round(seconds, 4),
        "pass_ms": round(each * 1e3, 4),
        "tok_per_s": round(tokens / seconds, 2),
    }

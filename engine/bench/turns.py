"""Timing for the benches: turns of two sides, the first thrown away."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import torch

from engine.steps.clock import now
from engine.values.settings import Settings

RESTLESS = Settings(confidence=0.0)  # never stops early: all turns do the same work
NEVER = 1e-30  # the same for transformers, which refuses 0


def named(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def compare(
    ours: Callable[[], object], theirs: Callable[[], object], device: torch.device, rounds: int, steps: int
) -> dict[str, Any]:
    """Milliseconds a step of two sides that take turns of `steps`, the median of `rounds`."""
    turns = [(milliseconds(ours, device) / steps, milliseconds(theirs, device) / steps) for _ in range(rounds + 1)][
        1:
    ]
    mine, stock = (median(side) for side in zip(*turns, strict=True))
    return {
        "ours_ms": round(mine, 3),
        "transformers_ms": round(stock, 3),
        "times_faster": round(stock / mine, 3),
        "share_of_time": round(mine / stock, 3),
        "device": named(device),
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "steps": steps,
    }


def milliseconds(turn: Callable[[], object], device: torch.device) -> float:
    """How long a turn takes, with all that it asks of the device."""
    began = now(device)
    turn()
    return (now(device) - began) * 1e3


def milli(seconds: float) -> float:
    return round(seconds * 1e3, 4)


def giga(count: float | None) -> float | None:
    return None if count is None else round(count / 1e9, 4)


def tera(count: float) -> float:
    return round(count / 1e12, 6)

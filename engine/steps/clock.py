"""Clock: engine time, which waits until a device has done its work. Knows nothing of what is timed."""

from __future__ import annotations

from time import perf_counter

import torch


def now(device: torch.device) -> float:
    """Seconds of a steady clock, once the device has done all that it was asked for."""
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()
    return perf_counter()

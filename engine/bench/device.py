"""What the device of a bench can do, as measured here and now, and how much of its memory is taken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.bench.turns import milliseconds

# Bytes of a copy, far more than any cache holds, and the side of a square matrix: a few seconds together.
SIZES = {"cuda": (1 << 30, 8192), "mps": (1 << 28, 4096), "cpu": (1 << 28, 1024)}
TRIES = 20  # the fastest counts: it is to be a limit, and others may use the device now and then
PROCESS = Path("/proc/self")


@dataclass(frozen=True)
class Speed:
    """Bytes a second of a large copy, read and written, and operations a second of a large matrix product."""

    bandwidth: float
    flops: float


def speed(device: torch.device, dtype: torch.dtype) -> Speed:
    """Measured. A step mostly reads, which some memories do a little faster than a copy."""
    size, side = SIZES[device.type]
    return Speed(_bandwidth(size, device), _flops(side, device, dtype))


def _bandwidth(size: int, device: torch.device) -> float:
    source = torch.ones(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * size / _fastest(lambda: target.copy_(source), device)


def _flops(side: int, device: torch.device, dtype: torch.dtype) -> float:
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    product = torch.empty_like(left)
    return 2 * side**3 / _fastest(lambda: torch.mm(left, right, out=product), device)


def _fastest(turn: Callable[[], object], device: torch.device) -> float:
    """Seconds. The first try is thrown away."""
    return min([milliseconds(turn, device) for _ in range(TRIES + 1)][1:]) / 1e3


def taken(device: torch.device) -> int | None:
    """Bytes in memory now: of tensors on a graphics card, CUDA's own not counted, else of the process.

    None where the system does not tell.
    """
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    return torch.mps.driver_allocated_memory() if device.type == "mps" else _told("VmRSS")


def forget(device: torch.device) -> bool:
    """Let the highest mark of memory be where it is now. False where there is no such mark."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return True
    try:
        (PROCESS / "clear_refs").write_text("5")  # proc(5): resets the peak resident set size
    except OSError:
        return False
    return device.type == "cpu"


def peak(device: torch.device) -> int | None:
    """The highest mark since `forget`, of what `taken` counts."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else _told("VmHWM")


def _told(key: str) -> int | None:
    """Bytes, from what Linux tells of this process."""
    with suppress(OSError, StopIteration):
        lines = (PROCESS / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))
    return None

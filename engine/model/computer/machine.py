"""What this computer has for a model: memory of its graphics card, main memory, room on disk. Knows no model.

torch is asked for the graphics card, and imported only when that is wanted.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.model.checkpoint import free_memory, total_memory

NAMES = {"mps": "the graphics card (Metal)", "cpu": "this computer"}


@dataclass(frozen=True)
class Machine:
    """Bytes that are free and that there are; None where the system does not tell."""

    kind: str  # where a model would run: cuda, split, mps or cpu
    name: str  # in a sentence: "the NVIDIA H100", "this computer"
    free: int | None  # memory that a model may still take there
    total: int | None
    ram: int | None  # free main memory; on a CPU the same as `free`
    disk: int | None  # free where the hub's files are kept


def look(device: str = "auto") -> Machine:
    """This computer now. `device`: auto, cuda, split, mps or cpu; one that is not there is auto. Imports torch."""
    import torch

    kinds = devices()
    kind = device if device in kinds else kinds[0]
    ram, disk = free_memory(), free_disk(cache())
    if kind == "cuda":
        with suppress(RuntimeError):  # a driver that does not answer is no card
            total = torch.cuda.mem_get_info()[1]
            return Machine(kind, f"the {torch.cuda.get_device_name()}", free_on(0), total, ram, disk)
    if kind == "split":
        free = cards()
        return Machine(kind, f"the {len(free)} graphics cards", sum(free), None, ram, disk)
    if kind == "mps":
        total = torch.mps.recommended_max_memory()
        free = total - torch.mps.driver_allocated_memory()
        return Machine(kind, NAMES[kind], free if ram is None else min(free, ram), total, ram, disk)
    return Machine("cpu", NAMES["cpu"], ram, total_memory(), ram, disk)


def devices() -> list[str]:
    """The kinds of device that are there, the fastest first. Imports torch."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "split": torch.cuda.device_count() > 1}
    there |= {"mps": torch.backends.mps.is_available(), "cpu": True}
    return [kind for kind, present in there.items() if present]


def cards() -> list[int]:
    """Free bytes of every graphics card. Imports torch."""
    import torch

    return [free_on(index) for index in range(torch.cuda.device_count())]


def free_on(card: int) -> int:
    """Bytes of a card that are free, or that torch keeps of the model before. Imports torch."""
    import torch

    kept = torch.cuda.memory_reserved(card) - torch.cuda.memory_allocated(card)
    return torch.cuda.mem_get_info(card)[0] + kept


def cache() -> Path:
    """Where the hub's files are kept."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def free_disk(folder: Path) -> int | None:
    """Free bytes where a folder is, or would be made."""
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None

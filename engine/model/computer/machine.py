"""What this computer has for a model: memory of its graphics card, main memory, room on disk. Knows no model.

torch is asked for the graphics card, and imported only when that is wanted.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

import platformdirs

from engine.model.computer import memory

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
    packing: int | None = None  # free where packed models are kept; None: on the same disk
    unused: str | None = None  # why a graphics card that is there is not used, as a sentence


def look(device: str = "auto") -> Machine:
    """This computer now. `device`: auto, cuda, split, mps or cpu; one that is not there is auto. Imports torch."""
    import torch

    kinds = devices()
    kind = device if device in kinds else best()
    ram, disk = memory.free(), free_disk(cache())
    packing = None if _disk(packed()) == _disk(cache()) else free_disk(packed())
    if kind == "cuda":
        with suppress(RuntimeError):  # a driver that does not answer is no card
            total = torch.cuda.mem_get_info()[1]
            return Machine(kind, f"the {torch.cuda.get_device_name()}", free_on(0), total, ram, disk, packing)
    if kind == "split":
        free = cards()
        return Machine(kind, f"the {len(free)} graphics cards", sum(free), None, ram, disk, packing)
    if kind == "mps":
        total = torch.mps.recommended_max_memory()
        free = total - torch.mps.driver_allocated_memory()
        return Machine(kind, NAMES[kind], free if ram is None else min(free, ram), total, ram, disk, packing)
    return Machine("cpu", NAMES["cpu"], ram, memory.total(), ram, disk, packing, unused())


def devices() -> list[str]:
    """The kinds of device that are there, the fastest first. Imports torch."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "split": torch.cuda.device_count() > 1}
    there |= {"mps": torch.backends.mps.is_available(), "cpu": True}
    return [kind for kind, present in there.items() if present]


def best() -> str:
    """The fastest kind of device that is there and can be used. Imports torch."""
    return next(kind for kind in devices() if kind == "cpu" or computes(kind) is None)


@once
def computes(kind: str) -> str | None:
    """Why a device that is there cannot be used, None if it can: one tiny product tells. Imports torch.

    A card may be older, or newer, than what torch has been built for, and still be counted.
    """
    import torch

    try:
        ones = torch.ones(2, 2, device="cuda" if kind == "split" else kind)
        return None if (ones @ ones).sum().item() == 8 else "it multiplies wrongly"
    except AssertionError:  # this torch has nothing for cards, and does not count any itself
        return None
    except RuntimeError as error:
        return " ".join(str(error).split()).partition(" CUDA kernel")[0][:120].rstrip(".")


def unused() -> str | None:
    """Why a graphics card that is there is not used, as a sentence; None if none is left out. Imports torch."""
    import torch

    kind = devices()[0]
    if kind != "cpu":
        why = computes(kind)
        return why and f"The graphics card cannot be used by this torch ({why}): the processor works instead."
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None and _driver():
        build = f"torch {torch.__version__} is built without CUDA"
        return f"There is an NVIDIA card, but {build}: install the one for it, see https://pytorch.org/get-started."
    return None


def _driver() -> bool:
    """Whether NVIDIA's driver is on this computer, and so most likely a card."""
    if sys.platform == "win32":
        return (Path(r"C:\Windows\System32") / "nvcuda.dll").is_file()
    return Path("/proc/driver/nvidia/version").is_file()


def cards() -> list[int]:
    """Free bytes of every graphics card. Imports torch."""
    import torch

    return [free_on(index) for index in range(torch.cuda.device_count())]


def free_on(card: int) -> int:
    """Bytes of a card that are free, or that torch keeps of the model before. Imports torch."""
    import torch

    kept = torch.cuda.memory_reserved(card) - torch.cuda.memory_allocated(card)
    told = torch.cuda.mem_get_info(card)[0]
    if _shares(card):  # the card's own count takes what keeps files at hand for used
        told = max(told, memory.free())
    return told + kept


def _shares(card: int) -> bool:
    """Whether a card has no memory but the main memory. Imports torch."""
    import torch

    with suppress(AssertionError, RuntimeError):  # it does not tell
        return bool(getattr(torch.cuda.get_device_properties(card), "is_integrated", False))
    return False


def cache() -> Path:
    """Where the hub's files are kept."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def packed() -> Path:
    """Where packed models are kept: in the folder that UNNOISE_CACHE names, else in the system's own."""
    named = os.environ.get("UNNOISE_CACHE")
    kept = Path(named).expanduser() if named else platformdirs.user_cache_path("unnoise", appauthor=False)
    return kept / "int4"


def _disk(folder: Path) -> int | None:
    """Which disk a folder is on, or would be made on."""
    for place in (folder, *folder.absolute().parents):
        with suppress(OSError):
            return place.stat().st_dev
    return None


def free_disk(folder: Path) -> int | None:
    """Free bytes where a folder is, or would be made."""
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None

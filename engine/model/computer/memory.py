"""Memory: what this process may still take of main memory, and how many processors: the system's word, and where
the process is held in a group with limits of its own (a container), the group's. Knows no model.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
MEMBER = Path("/proc/self/cgroup")
UNLIMITED = 1 << 60  # version 1 writes a number like that where there is no limit


def free() -> int:
    """Bytes of main memory that a program may still take. What only keeps files at hand is free."""
    rooms = [limit - used for limit, used in _limits()]
    return max(0, min([psutil.virtual_memory().available, *rooms]))


def total() -> int:
    """Bytes of main memory that there are for this process."""
    return min([psutil.virtual_memory().total, *(limit for limit, _ in _limits())])


def processors() -> int:
    """Processors that this process may keep busy, at least one."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([usable, *map(ceil, _quotas())]))


def _limits() -> Iterator[tuple[int, int]]:
    """The limit of every group that this process is in, and what the group holds beside files."""
    names = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
    for folder in _folders("memory"):
        for limit, usage in names:
            with suppress(OSError, ValueError):  # "max", or the other version's names
                most, used = int((folder / limit).read_text()), int((folder / usage).read_text())
                if most < UNLIMITED:
                    yield most, max(0, used - _files(folder))


def _files(folder: Path) -> int:
    """Bytes of files that a group keeps at hand and can do without."""
    with suppress(OSError, ValueError):
        told = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return int(told.get("total_inactive_file", told.get("inactive_file", 0)))
    return 0


def _quotas() -> Iterator[float]:
    """How many processors' time every group may take."""
    for folder in _folders("cpu"):
        with suppress(OSError, ValueError):
            quota, period = (folder / "cpu.max").read_text().split()
            yield int(quota) / int(period)
        with suppress(OSError, ValueError):
            quota = int((folder / "cpu.cfs_quota_us").read_text())
            if quota > 0:
                yield quota / int((folder / "cpu.cfs_period_us").read_text())


def _folders(controller: str) -> Iterator[Path]:
    """The folders of the groups that this process is in, of both versions, from its own up to the whole.

    Source: the kernel's cgroup-v2.rst and cgroup-v1.
    """
    try:
        lines = MEMBER.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = GROUPS / controllers if controllers else GROUPS
        base = base if base.is_dir() else GROUPS / controller
        inside = Path(path.lstrip("/"))
        for part in (inside, *inside.parents):
            yield base / part

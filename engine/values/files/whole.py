"""Whole: a file that is written whole or not at all. Knows not what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def put(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path`, then put it there. Raises OSError, and what `write` raises: then there
    is what was there before."""
    path = Path(os.path.realpath(path))  # a link stays one: what it leads to is replaced
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            write(file)
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise

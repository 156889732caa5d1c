"""Words: the answer of a run, or its thought where it came to no answer, as UTF-8."""

from __future__ import annotations

from pathlib import Path

from app.keep.formats.order import Order, put
from engine.values.recording import Recording


async def write(recording: Recording, path: Path, order: Order) -> None:
    """Raises ExportError."""
    await put(path, iter([f"{recording.reply().shown}\n".encode()]), 1, order)

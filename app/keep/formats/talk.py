"""Talk: the conversation that a run is the last turn of, as Markdown or JSON, for `unnoise chat` to go on with."""

from __future__ import annotations

from pathlib import Path

from app.keep.formats.order import Order, put
from engine.values.files import dialogue
from engine.values.recording import Recording


async def write(recording: Recording, path: Path, order: Order) -> None:
    """Raises ExportError."""
    text = dialogue.written(recording.conversation(), path.suffix)
    await put(path, iter([text.encode("utf-8", "replace")]), 1, order)

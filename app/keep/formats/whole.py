"""Whole: the recording itself, also out of a picture or a page that carried it."""

from __future__ import annotations

from pathlib import Path

from app.keep.formats.order import ExportError, Order
from app.tasks import aside
from engine.values.recording import Recording, RecordingError


async def write(recording: Recording, path: Path, order: Order) -> None:
    """Raises ExportError."""
    if order.bare:
        raise ExportError("A recording has its prompt and knobs in it: to leave them out, choose another format.")
    try:
        await aside(recording.save, path)
    except RecordingError as error:
        raise ExportError(str(error)) from error
    order.progress(1.0)

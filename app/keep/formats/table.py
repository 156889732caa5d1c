"""Table: what the charts show of a run, step by step, as CSV (RFC 4180). Knows no chart."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from math import isfinite
from pathlib import Path

from app.keep.formats.order import Order, put
from engine.values.metrics import Series, series
from engine.values.recording import Recording


def table(told: Series) -> str:
    """A row a step, counted from 1 over all canvases; empty where nothing was measured."""
    names = [field.name for field in fields(told)]
    columns = [getattr(told, name) for name in names]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["step", *names])
    for at in range(len(told)):
        writer.writerow([at + 1, *(_told(column[at]) for column in columns)])
    return text.getvalue()


async def write(recording: Recording, path: Path, order: Order) -> None:
    """Raises ExportError."""
    await put(path, (table(series(recording)).encode() for _ in range(1)), 1, order)


def _told(value: float) -> str:
    return f"{float(value):.7g}" if isfinite(value) else ""

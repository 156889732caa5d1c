"""Table: what the charts show of a run, step by step, as CSV (RFC 4180). Knows no chart."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import fields
from math import isfinite
from pathlib import Path

from engine.values.metrics import Series


def table(series: Series) -> str:
    """A row a step, counted from 1 over all canvases; empty where nothing was measured."""
    names = [field.name for field in fields(series)]
    columns = [getattr(series, name) for name in names]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["step", *names])
    for at in range(len(series)):
        writer.writerow([at + 1, *(_told(column[at]) for column in columns)])
    return text.getvalue()


def write(path: str | Path, series: Series) -> None:
    """Writes the table, whole or not at all. Raises OSError."""
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(table(series), "utf-8", newline="")
    os.replace(partial, path)


def _told(value: float) -> str:
    return f"{float(value):.7g}" if isfinite(value) else ""

"""Rescue: the run that was under way when the program was ended from outside, kept for the next start. No Qt."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import platformdirs

from engine.values.recording import SUFFIX, Recording, RecordingError

SAID = "This run was under way when Unnoise was ended from outside: Ctrl+S keeps it."


def folder() -> Path:
    return platformdirs.user_data_path("unnoise", appauthor=False)


def keep(recording: Recording | None) -> None:
    """Write what a run that still goes on has so far. One run is kept: the last."""
    if recording is None or recording.outcome or not recording.frames:
        return
    with suppress(OSError, RecordingError):
        folder().mkdir(parents=True, exist_ok=True)
        replace(recording, outcome="stopped").save(folder() / f"interrupted{SUFFIX}")


def take() -> Recording | None:
    """What was kept, once: from then on it lies beside, as `earlier`."""
    kept, earlier = (folder() / f"{name}{SUFFIX}" for name in ("interrupted", "earlier"))
    with suppress(OSError, RecordingError):
        os.replace(kept, earlier)
        return Recording.load(earlier)
    return None

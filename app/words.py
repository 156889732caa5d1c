"""Words: an error, or the end of a run, as one sentence for people."""

from __future__ import annotations

import logging

from engine.model.checkpoint import LoadError
from engine.values.frame import STOPS
from engine.values.recording import Recording, RecordingError
from engine.values.settings import counted

log = logging.getLogger(__name__)


def explain(error: Exception) -> str:
    """An error as one sentence for people. What nobody expected is also logged, whole."""
    if isinstance(error, LoadError | RecordingError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's own
        return "Out of memory in this step: use a smaller model, or close other programs, then run again."
    log.error("unexpected error", exc_info=error)
    words = " ".join(str(error).split())[:160] or type(error).__name__
    return f"Something unexpected failed ({words}); your prompt and settings are kept, so you can try again."


def ending(recording: Recording) -> str:
    """How a run ended, in words."""
    frames = recording.frames
    if recording.outcome == "stopped":
        after = f"by you after {counted(len(frames), 'step')}" if frames else "before the first step"
        return f"Stopped {after}."
    if recording.outcome != "finished":
        return recording.outcome
    if not frames:
        return "Nothing was written."
    reason = STOPS.get(frames[-1].stop, "finished")
    canvases = frames[-1].canvas + 1
    over = f"{canvases} canvases, " if canvases > 1 else ""
    tokens = counted(recording.text_tokens(), "token")
    if not frames[-1].told:
        return f"{reason.capitalize()}: {over}sent whole, without drafts, {tokens}."
    return f"{reason.capitalize()}: {over}{counted(len(frames), 'step')}, {tokens}."


def kind(recording: Recording) -> str:
    """What `ending` is: "info", or "error" if the run failed."""
    return "info" if recording.outcome in ("finished", "stopped") else "error"

"""Words: an error, or the end of a run, as one sentence for people."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engine.model.checkpoint import LoadError
from engine.model.tokens import PromptError
from engine.values.frame import STOPS
from engine.values.recording import Recording, RecordingError
from engine.values.reply import UNFINISHED
from engine.values.settings import Settings

if TYPE_CHECKING:
    from engine.model.gemma import Gemma
    from engine.remote.served import Served

log = logging.getLogger(__name__)


def explain(error: Exception) -> str:
    """An error as one sentence for people. What nobody expected is also logged, whole."""
    if isinstance(error, LoadError | PromptError | RecordingError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's own
        return "Out of memory in this step: use a smaller model, or close other programs, then run again."
    log.error("unexpected error", exc_info=error)
    words = " ".join(str(error).split())[:160] or type(error).__name__
    return f"Something unexpected failed ({words}); your prompt and settings are kept, so you can try again."


def running(settings: Settings, model: Gemma | Served) -> str:
    """What goes on. A model that thinks shares its room between thought and answer, so that is told."""
    if not (settings.thinking and model.thinks):
        return "Running."
    return f"Thinking first: room for {settings.canvases * model.length:,} tokens, thought and answer together."


def ending(recording: Recording) -> str:
    """How a run ended, in words."""
    frames = recording.frames
    if recording.outcome == "stopped":
        return f"Stopped by you after {len(frames)} steps." if frames else "Stopped before the first step."
    if recording.outcome != "finished":
        return recording.outcome
    if not frames:
        return "Nothing was written."
    reason = STOPS.get(frames[-1].stop, "finished")
    canvases = frames[-1].canvas + 1
    over = f"{canvases} canvases, " if canvases > 1 else ""
    made = f"{len(frames)} steps" if frames[-1].told else "sent whole, without drafts"
    silent = f" {UNFINISHED}" if recording.reply().unfinished else ""
    return f"{reason.capitalize()}: {over}{made}, {recording.text_tokens()} tokens.{silent}"


def kind(recording: Recording) -> str:
    """What `ending` is: "info", or "error" if the run failed."""
    return "info" if recording.outcome in ("finished", "stopped") else "error"

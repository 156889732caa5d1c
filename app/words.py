"""Words: an error, or the end of a run, as one sentence for people."""

from __future__ import annotations

from engine.model.trouble import explain
from engine.values.frame import STOPS
from engine.values.recording import Recording
from engine.values.settings import counted

__all__ = ["ending", "explain", "kind"]


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

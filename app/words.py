"""Words: an error, or the end of a run, as one sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.trouble import explain
from engine.values.frame import STOPS
from engine.values.recording import Recording
from engine.values.settings import Settings, counted
from engine.values.words.reply import UNFINISHED

if TYPE_CHECKING:
    from engine.model.gemma import Gemma
    from engine.remote.served import Served

SAID = "Of this answer there are its words, but not its steps. Follow up goes on from it."
__all__ = ["ending", "explain", "kind", "running", "short", "stepped", "taken"]


def running(settings: Settings, model: Gemma | Served) -> str:
    """What goes on. A model that thinks shares its room between thought and answer, so that is told."""
    if not (settings.thinking and model.thinks):
        return "Running."
    return f"Thinking first: room for {settings.canvases * model.length:,} tokens, thought and answer together."


def taken(recording: Recording) -> str:
    """How many steps a run took, those of proofreading apart; of one on a server, how many canvases came."""
    if recording.frames and not recording.frames[-1].told:
        count = len(recording.frames)
        return f"{count} {'canvas' if count == 1 else 'canvases'}"
    proofread = sum(bool(frame.round) for frame in recording.frames)
    steps = len(recording.frames) - proofread
    return f"{steps:,} + {proofread:,} proofreading steps" if proofread else counted(steps, "step")


def stepped(recording: Recording, index: int) -> str:
    """Where a step is in its run."""
    frame, over = recording.frames[index], bool(recording.outcome)
    if over and index == len(recording.frames) - 1:
        return taken(recording)
    if frame.round:
        return f"proofreading, round {frame.round}"
    steps = sum(not frame.round for frame in recording.frames)
    return f"step {index + 1:,} of {steps:,}" if over else f"step {index + 1:,}"


def ending(recording: Recording) -> str:
    """How a run ended, in words."""
    frames = recording.frames
    if recording.outcome == "stopped":
        after = f"by you after {taken(recording)}" if frames else "before the first step"
        return f"Stopped {after}."
    if recording.outcome != "finished":
        return recording.outcome
    if recording.said is not None:
        return SAID
    if not frames:
        return "Nothing was written."
    reason = STOPS.get(frames[-1].stop, "finished")
    canvases = frames[-1].canvas + 1
    over = f"{canvases} canvases, " if canvases > 1 else ""
    made = taken(recording) if frames[-1].told else "sent whole, without drafts"
    silent = f" {UNFINISHED}" if recording.reply().unfinished else ""
    return f"{reason.capitalize()}: {over}{made}, {counted(recording.text_tokens(), 'token')}.{silent}"


def kind(recording: Recording) -> str:
    """What `ending` is: "info", or "error" if the run failed."""
    return "info" if recording.outcome in ("finished", "stopped") else "error"


def short(text: str, most: int = 32) -> str:
    """A text that a sentence quotes, in one line of `most` signs."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"

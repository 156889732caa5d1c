"""Rounds: what came of proofreading: which steps it took, and whether its words were kept or undone. Pure."""

from __future__ import annotations

import numpy as np

from engine.values.frame import Frame
from engine.values.recording import Recording
from engine.values.settings import counted


def proofreading(recording: Recording) -> list[int]:
    """The indices of the frames that are proofreading."""
    return [index for index, frame in enumerate(recording.frames) if frame.round]


def told(recording: Recording, index: int) -> str:
    """A step of proofreading in a few words; where its round ends, with what came of it. "" of any other step."""
    frame = recording.frames[index]
    if not frame.round:
        return ""
    if not frame.stop:
        return f"proofreading, round {frame.round} of at most {frame.settings.proofread}"
    start = next(at for at in reversed(range(index)) if recording.frames[at].stop)
    if not any(edit.melt for edit in recording.frames[start + 1].edits):
        return "proofreading: what read better before is put back"
    return f"proofreading, round {frame.round}: {_fate(recording, start, index)}"


def outcome(recording: Recording) -> str:
    """What proofreading has made of the text of a run that is over. "" where nobody asked for it."""
    if not recording.settings.proofread:
        return ""
    changed = 0
    for last in recording.last_frames():
        first = next((frame for frame in recording.frames if frame.canvas == last.canvas and frame.stop), last)
        changed += int(np.count_nonzero((first.guess != last.guess)[: _extent(recording, first, last)]))
    if not proofreading(recording):
        return "proofread: nothing odd was found"
    return f"proofread: {counted(changed, 'token')} changed" if changed else "proofread: all undone"


def _fate(recording: Recording, start: int, end: int) -> str:
    """Whether a round's words were kept, by what the next step holds. The round is behind frame `start`."""
    before, after = recording.frames[start], recording.frames[end]
    text = _best(before.guess, recording, start + 1)
    changed = (text != after.guess)[: _extent(recording, before, after)]
    follows = end + 1 < len(recording.frames) and recording.frames[end + 1].canvas == after.canvas
    best = _best(after.guess, recording, end + 1) if follows else after.guess
    kept = changed & (best == after.guess)[: len(changed)]
    if not changed.any():
        return "nothing changed"
    return "kept" if (kept == changed).all() else "kept in part" if kept.any() else "undone"


def _best(guess: np.ndarray, recording: Recording, index: int) -> np.ndarray:
    """int32 [C]: the text that a round begins with, whose first frame is `index`: what it does not melt is told."""
    text = guess.copy()
    for edit in recording.frames[index].edits[-1:]:
        for cell, id in edit.pins:
            text[cell] = id
    return text


def _extent(recording: Recording, *frames: Frame) -> int:
    return max(recording.lexicon.end(frame.guess) for frame in frames)

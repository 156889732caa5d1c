"""Shades: how surprising the cells of a frame are, where its text has been read, what is told of that, and how a
canvas is given it.
"""

from __future__ import annotations

import numpy as np

from engine.values.quality import LABEL, in_words
from engine.values.recording import Recording
from widgets.canvas import Canvas

Shades = tuple[np.ndarray, np.ndarray, str]


def shades(recording: Recording, index: int) -> Shades | None:
    """Nats of the cells of the canvas on show, and of those of the canvases before; in words, how much it is over
    all. None where the frame holds another text than the one that was read."""
    frame, quality = recording.frames[index], recording.quality
    if quality is None or not quality.tokens or not frame.stop or len(quality.nats) != len(recording.ended()):
        return None
    start = 0
    for last in recording.last_frames():
        if last.canvas == frame.canvas:
            nats = quality.nats[start : start + len(last.guess)]
            return (
                (nats, quality.nats[:start], told(recording)) if np.array_equal(last.guess, frame.guess) else None
            )
        start += len(last.guess)
    return None


def colour(canvas: Canvas, recording: Recording, index: int, on: bool, brief: bool = False) -> bool:
    """Tell a canvas how surprising what it shows is, frame `index`: whether that is known. `on`: its words have the
    colour of that, and it is said what that is, unless it is to be `brief`."""
    known = shades(recording, index) if 0 <= index < len(recording.frames) else None
    cells, before, words = known or (None, None, None)
    canvas.set_read(cells)
    if on and known:
        canvas.set_surprise(cells, before, "" if brief else words)
    else:
        canvas.set_surprise(None)
    return known is not None


def told(recording: Recording) -> str:
    """The numbers, and what they are."""
    quality = recording.quality
    return f"{', '.join(in_words(quality.mean, quality.share))}: {LABEL}."

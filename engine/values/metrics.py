"""What a recording measured: series over its steps, and speeds. The same for live and replay. No torch.

The padding after the end of the text is left out of the counts: it is easy, and would flatter every curve.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from engine.values.files import dialogue
from engine.values.frame import CHANGED, WITHDRAWN, Frame, Lexicon, marks
from engine.values.quality import Quality
from engine.values.recording import Reading, Recording


@dataclass(frozen=True)
class Series:
    """One value a step, arrays of length n over all canvases of a recording."""

    canvas: np.ndarray  # index of the canvas
    forward_ms: np.ndarray
    readout_ms: np.ndarray
    step_tok_s: np.ndarray  # cells refined per second inside the step
    size: np.ndarray  # cells of the canvas
    accepted: np.ndarray  # cells of the text held after the step: see `accepted`
    after: np.ndarray  # cells held after the step that are no text: what comes after its end
    changed: np.ndarray  # held before and after, with another token
    withdrawn: np.ndarray  # held before, not after
    entropy_text: np.ndarray  # mean nats over the text
    entropy_canvas: np.ndarray  # mean nats over the whole canvas: what the stop rule sees
    threshold: np.ndarray  # the stop rule's, in nats; NaN where it never stops early
    temperature: np.ndarray
    gpu_busy: np.ndarray  # percent; these three are of the graphics card, NaN where it did not tell
    gpu_used: np.ndarray  # bytes
    gpu_total: np.ndarray  # bytes
    seconds: np.ndarray  # of engine time, from the reading of the prompt to the end of the step
    written: np.ndarray  # tokens of the text accepted so far, over all canvases
    written_s: np.ndarray  # ... per second of engine time so far; NaN where no time was measured

    def __len__(self) -> int:
        return len(self.canvas)


@dataclass(frozen=True)
class Speeds:
    """Tokens per second of engine time: from the encoding of the prompt on, without waits at the gate."""

    text: float  # accepted tokens of the text, thought and answer, over the time of the run: it rises as text comes
    canvas: float  # all cells of the canvases begun, over the same time
    in_step: float  # cells refined per second inside the steps, all of the canvas in each; NaN where nobody knows


class Moment(NamedTuple):
    """How a run stood after one of its steps."""

    written: int  # tokens of the text accepted so far, over all canvases
    seconds: float  # of engine time
    rate: float  # the one over the other; NaN where no time was measured
    gained: int  # tokens of the text that this step brought; below 0 where it withdrew more


class Meter:
    """Measures a growing recording, every frame once."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._rows: list[tuple[float, ...]] = []
        self._before = 0  # tokens of the canvases before the one that is measured

    def series(self) -> Series:
        self._catch_up()
        table = np.array(self._rows, dtype=np.float64).reshape(-1, len(fields(Series)))
        return Series(*table.T)

    def at(self, index: int) -> Moment:
        """How the run stood after a step. Raises IndexError if there is no such step."""
        self._catch_up()
        seconds, written, rate = self._rows[index][-3:]
        before = self._rows[index - 1][-2] if index else 0
        return Moment(int(written), seconds, rate, int(written - before))

    def _catch_up(self) -> None:
        recording = self._recording
        for index in range(len(self._rows), len(recording.frames)):
            frame, previous = recording.frames[index], recording.previous(index)
            if previous is None and index:
                self._before = int(self._rows[-1][-2])
            step = _measure(previous, frame, recording.lexicon)
            written = self._before + accepted(frame, recording.lexicon)
            rate = written / frame.seconds if frame.seconds else np.nan
            self._rows.append(step + _card(recording.reading(index)) + (frame.seconds, written, rate))


def series(recording: Recording) -> Series:
    """Every series of a whole recording."""
    return Meter(recording).series()


def speeds(recording: Recording) -> Speeds | None:
    """The three speeds so far, None before the first step."""
    lexicon = recording.lexicon
    frames = recording.frames
    if not frames or not frames[-1].seconds:
        return None
    cells = len(frames[0].ids)  # 1 in a text that is written token by token: so many a step
    begun = sum(len(frame.ids) for frame in recording.last_frames())
    inside = sum(frame.step_seconds for frame in frames)
    seconds = frames[-1].seconds
    written = sum(accepted(frame, lexicon) for frame in recording.last_frames())
    in_step = cells * len(frames) / inside if inside > 0 else np.nan  # unknown of what a server sent
    return Speeds(written / seconds, begun / seconds, in_step)


def accepted(frame: Frame, lexicon: Lexicon) -> int:
    """How many tokens of the text a step holds: all of it once the canvas has ended. Control tokens, such as the
    padding after the end and between sentences, are no text.
    """
    if frame.stop:
        return lexicon.length(frame.shown)
    return int(np.count_nonzero((frame.held & ~lexicon.controls(frame.shown))[: lexicon.extent(frame)]))


def summary(recording: Recording, quality: Quality | None = None) -> dict[str, Any]:
    """A run as one JSON object: what was asked, what came, how fast and how good, and why each canvas ended."""
    last, speed, reply = recording.last_frames(), speeds(recording), recording.reply()
    return {
        "text": reply.answer,
        "thought": reply.thought,
        "ends_in_thought": reply.unfinished,
        "tool_calls": [call.told() for call in reply.calls],
        "prompt": recording.prompt,
        "before": dialogue.told(recording.before) if recording.before else None,
        "pictures": [[picture.width, picture.height] for picture in recording.pictures],
        "seed": recording.settings.seed,
        "model": recording.model,
        "device": recording.device,
        "canvases": len(last),
        "steps": [frame.step + 1 for frame in last],
        "stop": [frame.stop or recording.outcome for frame in last],
        "text_tokens": sum(accepted(frame, recording.lexicon) for frame in last),
        "seconds": round(recording.frames[-1].seconds, 4) if last else 0.0,
        "text_tok_s": round(speed.text, 1) if speed else None,
        "canvas_tok_s": round(speed.canvas, 1) if speed else None,
        "in_step_tok_s": round(speed.in_step, 1) if speed and np.isfinite(speed.in_step) else None,
        "quality": quality and quality.told(),
        "proofread": proofread(recording),
        "settings": recording.settings.to_dict(),
    }


def proofread(recording: Recording) -> dict[str, Any] | None:
    """What proofreading took: all that followed the first stop of a canvas. None where nobody asked for it.

    The first look at a text is no part of it: a pass that is in the time of the step that stopped.
    """
    if not recording.settings.proofread:
        return None
    done = [(frame, recording.previous(index)) for index, frame in enumerate(recording.frames) if frame.round]
    rounds = sum(frame.round for frame in recording.last_frames())
    seconds = sum(frame.seconds - before.seconds for frame, before in done)
    return {"rounds": rounds, "steps": len(done), "seconds": round(seconds, 4)}


def _measure(previous: Frame | None, frame: Frame, lexicon: Lexicon) -> tuple[float, ...]:
    """The values of one step, in the order of Series' fields, without those of the graphics card."""
    end, text = max(1, lexicon.extent(frame)), accepted(frame, lexicon)
    done = marks(previous, frame)[:end]
    threshold = frame.settings.confidence
    return (
        frame.canvas,
        frame.forward * 1e3,
        frame.readout * 1e3,
        len(frame.ids) / frame.step_seconds if frame.step_seconds else np.nan,
        len(frame.ids),
        text,
        np.count_nonzero(frame.held | bool(frame.stop)) - text,
        np.count_nonzero(done == CHANGED),
        np.count_nonzero(done == WITHDRAWN),
        frame.entropy[:end].mean(),
        frame.entropy.mean(),
        threshold if threshold > 0 and frame.told else np.nan,
        frame.temperature,
    )


def _card(reading: Reading | None) -> tuple[float, ...]:
    """The last values of Series: what the graphics card said."""
    told = (None,) * 3 if reading is None else (reading.busy, reading.used, reading.total)
    return tuple(np.nan if value is None else float(value) for value in told)

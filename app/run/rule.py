"""Rule: a step as the rule sees it that decides what is accepted, and what decides whether its canvas ends. Pure.

The rules are those of engine.steps.samplers and of the loop's stop, here on the numbers that a frame has.
"""

from __future__ import annotations

import numpy as np

from app.run.hands import Pins, in_force
from app.run.life import least_sure
from app.words import short
from engine.values.frame import STOPS, Frame
from engine.values.recording import Recording
from engine.values.settings import Settings, counted
from widgets.odds import visible
from widgets.rule import Reason, Sight

FEW = 3  # cells that are named
SHARES = ("confidence", "margin")  # the samplers that go by probabilities, not by entropy
LIMITS = {"entropy bound": "entropy_bound"} | dict.fromkeys(SHARES, "accept_above")  # the knob of the line


def sight(recording: Recording, index: int, knobs: Settings) -> Sight | None:
    """Of frame `index`, with the line where the knobs have it now; None of a frame of which nothing is told."""
    frame = recording.frames[index]
    free = asked(recording, index)
    if not frame.told or not free.any():
        return None
    limit, rule = LIMITS.get(knobs.sampler), knobs.sampler
    values, would = order(frame, knobs, free, index - begin(recording, index))
    budget = (np.cumsum(values) - values).tolist() if rule == "entropy bound" else ()
    return Sight(
        f"Rule: {rule}",
        values.tolist(),
        budget,
        None if limit is None else getattr(knobs, limit),
        would,
        int((frame.held & free).sum()),
        rule not in SHARES,
        reasons(recording, index),
    )


def asked(recording: Recording, index: int) -> np.ndarray:
    """bool [C]: the cells that are a question in frame `index`: none that hands hold or that proofreading keeps."""
    frame = recording.frames[index]
    if not frame.round:
        return ~frame.pinned
    edits = recording.frames[begin(recording, index)].edits
    return np.isin(np.arange(len(frame.ids)), [cell for edit in edits for cell in edit.melt]) & ~frame.pinned


def begin(recording: Recording, index: int) -> int:
    """The index of the first frame of a canvas, or of its round of proofreading."""
    while (before := recording.previous(index)) is not None and not before.stop:
        index -= 1
    return index


def order(frame: Frame, knobs: Settings, free: np.ndarray, step: int) -> tuple[np.ndarray, int]:
    """What a sampler goes by in the cells that are `free`, in its order, and how many of them it would accept in a
    step, counted from 0."""
    if knobs.sampler in SHARES:
        first, second = frame.top_probs[free, 0], frame.top_probs[free, 1]
        values = np.sort(first - second if knobs.sampler == "margin" else first)[::-1]
        return values, max(1, int((values >= knobs.accept_above).sum()))
    values = np.sort(frame.entropy[free])
    if knobs.sampler == "linear quota":
        return values, min(len(values), -(-len(values) * (step + 1) // knobs.steps))
    return values, int((np.cumsum(values) - values <= knobs.entropy_bound).sum())


def unchanged(recording: Recording, index: int) -> int:
    """For how many steps the best guess of a canvas has stayed the same, as of frame `index`."""
    frame, count = recording.frames[index], 0
    for before in reversed(recording.frames[:index]):
        if before.canvas != frame.canvas or before.stop or not np.array_equal(before.guess, frame.guess):
            break
        count += 1
    return count


def held(recording: Recording, index: int) -> list[str]:
    """What hands hold in frame `index`, which is no question to a rule, as one sentence, or none: few stretches of
    words with the places where they begin."""
    pins = in_force(recording, index).pins
    starts = [cell for cell in sorted(pins) if cell - 1 not in pins]
    if len(starts) > FEW:
        return [f"Pinned: {counted(len(pins), 'cell')} in {len(starts)} places"]
    ends = [cell + 1 for cell in sorted(pins) if cell + 1 not in pins]
    told = [f"“{_words(recording, pins, *span)}” from cell {span[0]} on" for span in zip(starts, ends, strict=True)]
    return [f"Pinned: {', '.join(told)}"] if told else []


def _words(recording: Recording, pins: Pins, start: int, end: int) -> str:
    return short(recording.lexicon.text([pins[cell] for cell in range(start, end)]))


def reasons(recording: Recording, index: int) -> list[Reason]:
    """Why a canvas ended in a step, or what holds it back: its guess, its entropy, and its least sure cells."""
    frame, free = recording.frames[index], asked(recording, index)
    knobs, same = frame.settings, unchanged(recording, index)
    mean = float(frame.entropy[free].mean())
    told = [Reason(f"Ended here: {STOPS[frame.stop]}.", None)] if frame.stop else []
    stayed = f"The guess has stayed for {same} of {counted(knobs.stability, 'step')}"
    told.append(Reason(stayed, same >= knobs.stability))
    told.append(Reason(f"Mean entropy {mean:.4f}, to end below {knobs.confidence:g} nats", mean < knobs.confidence))
    told += [Reason(words, None) for words in held(recording, index)]
    doubts = least_sure(recording.lexicon, frame, FEW)
    if doubts and not frame.stop:
        cells = ", ".join(f"{visible(doubt.text)} {doubt.entropy:.2f}" for doubt in doubts)
        told.append(Reason(f"Held back most by: {cells}", None))
    return told

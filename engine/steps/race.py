"""The race: one prompt, one set of weights, two lanes: denoising, and the same weights token by token.

The lanes run one after the other, so that neither waits for the other, and are replayed together by their own
clocks. All that is compared is read off their frames. Knows no screen; no torch is imported until a lane runs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from engine.values.files import dialogue
from engine.values.frame import Frame, Lexicon
from engine.values.metrics import speeds
from engine.values.quality import Quality
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Decoding, Settings
from engine.values.words.reply import thoughts

if TYPE_CHECKING:
    import torch

    from engine.steps.denoise import Ask

WORDS = 8  # in a row that make a readable text
DEAD_HEAT = 1.05  # a factor below this is no win to speak of
WARM = 2  # steps of every lane before its clock starts: the first ones of a process are slower


class Racer(Protocol):
    """What a model must do to race: what `denoise` and `autoregress` ask of it, and this."""

    name: str
    device: torch.device
    lexicon: Lexicon
    context: int  # ids that it reads at most

    def prompt(self, question: Question, settings: Settings) -> list[int]: ...


@dataclass(eq=False)
class Lane:
    """One runner. Its clock is that of its frames: seconds of work since its run began, with reading the prompt."""

    name: str
    recording: Recording
    run: Callable[[Ask], Iterator[Frame]]  # the frames, as they are made
    reads: int | None = 0  # forward passes that read only, a canvas; None: a lane that does not tell its passes
    judge: Callable[[Recording], Quality] | None = None  # of the text, once it is over; None: nobody can
    quality: Quality | None = None

    @property
    def seconds(self) -> float:
        """Its clock at its newest frame."""
        return self.recording.frames[-1].seconds if self.recording.frames else 0.0

    def at(self, seconds: float) -> int:
        """The index of the frame that stood at that time, -1 before the first."""
        return bisect_right(self.recording.frames, seconds, key=lambda frame: frame.seconds) - 1

    def passes(self, index: int) -> int | None:
        """Forward passes of the whole network up to frame `index`, the reading of the prompt included, and
        one for every text that was proofread."""
        if self.reads is None:
            return None
        if index < 0:
            return 0
        frames = self.recording.frames[: index + 1]
        looks = sum(bool(frame.stop) for frame in frames) if self.recording.settings.proofread else 0
        return index + 1 + self.reads * (frames[-1].canvas + 1) + looks


def line_up(model: Racer, question: Question, settings: Settings, decoding: Decoding) -> list[Lane]:
    """The two lanes, in the order in which they run, with nothing written yet; both go on with what was said, and
    neither is given any of the answer: token by token nobody can know what comes later."""
    diffusion, drawing = (Recording.of(model, question, settings) for _ in range(2))

    def ids() -> list[int]:
        return model.prompt(replace(question, answer=""), settings)

    def denoised(ask: Ask) -> Iterator[Frame]:
        from engine.steps.denoise import denoise

        return denoise(model, ids(), ask)

    def drawn(ask: Ask) -> Iterator[Frame]:
        from engine.steps.autoregressive import autoregress

        read = ids()
        room = model.context - len(read)  # a canvas is known to fit; so many tokens may not
        return autoregress(model, read, ask, replace(decoding, tokens=min(decoding.tokens, room)))

    def judge(recording: Recording) -> Quality:
        from engine.steps.surprise import quality

        return quality(model, recording.lexicon, ids(), recording.ids())

    # A canvas' prompt, or the canvas before it, takes a pass of its own; the first token comes out of that pass.
    return [Lane("Diffusion", diffusion, denoised, 1, judge), Lane("Autoregressive", drawing, drawn, 0, judge)]


def run(lanes: Sequence[Lane], ask: Ask) -> Iterator[Lane]:
    """Run lane after lane, as long as `ask` gives settings. Yields the lane that has grown by a frame."""
    for lane in lanes:
        warm(lane, ask)
        for frame in lane.run(ask):
            lane.recording.append(frame)
            yield lane
        frames = lane.recording.frames
        lane.recording.outcome = "finished" if frames and frames[-1].stop else "stopped"
        weigh(lane)


def warm(lane: Lane, ask: Ask) -> None:
    """The first steps of a lane, thrown away: they pay for what comes only once. Nothing for another's computer."""
    if lane.reads is not None:
        for _ in lane.run(lambda canvas, step: ask(canvas, step) if step < WARM else None):
            pass


def weigh(lane: Lane) -> None:
    """How good the text of a lane is that has finished: its clock does not count that."""
    if lane.judge is not None and lane.recording.outcome == "finished":
        lane.quality = lane.recording.quality = lane.judge(lane.recording)


class Readable(NamedTuple):
    """Indices of the frames at which some words in a row could be read for the first time; None: not yet."""

    some: int | None  # anywhere in the text
    first: int | None  # at its beginning


def readable(recording: Recording, words: int = WORDS) -> Readable:
    """When `words` words of the answer in a row could be read; of a shorter one, all. The same for every lane.

    A word can be read from the frame on in which all its cells are settled: accepted, with the token that they
    keep to the end. What is withdrawn or changes later could not be read yet, so all of it is known at the end.
    """
    frames = recording.frames
    spans = _words(recording.lexicon, recording.last_frames())
    count = min(words, len(spans)) if frames and frames[-1].stop else words
    if not 0 < count <= len(spans):
        return Readable(None, None)
    settled = _settled(frames)
    runs = [settled[spans[at][0] : spans[at + count - 1][1]].max() for at in range(len(spans) - count + 1)]
    return Readable(*(None if index == len(frames) else int(index) for index in (min(runs), runs[0])))


def _words(lexicon: Lexicon, last: Sequence[Frame]) -> list[tuple[int, int]]:
    """The cells, from and to, of every word of the answer, counted over all canvases."""
    known = np.concatenate([np.empty(0, np.int32), *(frame.known for frame in last)])
    end, inside = lexicon.end(known), thoughts(lexicon, known)
    ids = np.concatenate([np.empty(0, np.int32), *(frame.shown for frame in last)])[:end].tolist()
    out = [of or token in lexicon.special for token, of in zip(ids, inside, strict=False)]
    pieces = [b"" if left else lexicon.pieces.get(token, b"") for token, left in zip(ids, out, strict=True)]
    cells = [cell for cell, piece in enumerate(pieces) for _ in piece]  # of every byte
    words = re.finditer(rb"\S+", b"".join(pieces))
    return [(cells[word.start()], cells[word.end() - 1] + 1) for word in words]


def _settled(frames: Sequence[Frame]) -> np.ndarray:
    """int [C], over all canvases: the index of the frame from which on a cell is as it is in the last one of its
    canvas; how many frames there are if it never is."""
    canvases = [list(canvas) for _, canvas in groupby(enumerate(frames), key=lambda indexed: indexed[1].canvas)]
    return np.concatenate([_settled_in(canvas, len(frames)) for canvas in canvases])


def _settled_in(canvas: Sequence[tuple[int, Frame]], never: int) -> np.ndarray:
    last = canvas[-1][1]
    settled = np.full(len(last.ids), never)
    still = np.ones(len(last.ids), bool)
    for index, frame in reversed(canvas):
        size = len(frame.ids)  # a text that is written token by token was shorter
        still[size:] = False
        still[:size] &= frame.settled & (frame.shown == last.shown[:size])
        settled[still] = index
    return settled


def result(lane: Lane) -> dict[str, Any]:
    """What was measured of a lane."""
    recording, frames = lane.recording, lane.recording.frames
    speed, read, reply = speeds(recording), readable(recording), recording.reply()
    return {
        "name": lane.name,
        "text": reply.answer,
        "thought": reply.thought,
        "ends_in_thought": reply.unfinished,
        "tool_calls": [call.told() for call in reply.calls],
        "passes": lane.passes(len(frames) - 1),
        "steps": len(frames),
        "seconds": round(lane.seconds, 4),
        "some_words_seconds": None if read.some is None else round(frames[read.some].seconds, 4),
        "first_words_seconds": None if read.first is None else round(frames[read.first].seconds, 4),
        "text_tokens": recording.text_tokens(),
        "text_tok_s": round(speed.text, 1) if speed else None,
        "quality": lane.quality and lane.quality.told(),
        "stop": (frames[-1].stop if frames else "") or recording.outcome,
    }


def results(lanes: Sequence[Lane], decoding: Decoding) -> dict[str, Any]:
    """A race as one JSON object."""
    recording, order = lanes[0].recording, sorted(lanes, key=lambda lane: lane.seconds)
    return {
        "prompt": recording.prompt,
        "before": dialogue.told(recording.before) if recording.before else None,
        "model": recording.model,
        "device": recording.device,
        "lanes": [result(lane) for lane in lanes],
        "first": order[0].name,
        "factor": round(order[-1].seconds / order[0].seconds, 2),
        "verdict": verdict(lanes),
        "settings": recording.settings.to_dict(),
        "decoding": asdict(decoding),
    }


def verdict(lanes: Sequence[Lane]) -> str:
    """Who was first and by how much, in sentences. The texts differ in length, so it tells the speeds, too; and
    how surprising both are, where that is known."""
    if any(lane.recording.outcome != "finished" for lane in lanes):
        return "No verdict: not every lane ran to its end."
    first, other = sorted(lanes, key=lambda lane: lane.seconds)
    rates = [speeds(lane.recording).text for lane in (first, other)]
    factor = other.seconds / first.seconds
    times = f"{first.seconds:.2f} s against {other.seconds:.2f} s"
    if factor < DEAD_HEAT:
        said = f"A dead heat: {times}. Their texts came at {rates[0]:,.0f} and {rates[1]:,.0f} tokens a second."
    else:
        said = (
            f"{first.name} finished first, in {times} (a factor of {factor:.1f}). "
            f"Its text came at {rates[0]:,.0f} tokens a second, the other's at {rates[1]:,.0f}."
        )
    return said + _compared(first, other)


def _compared(first: Lane, other: Lane) -> str:
    if first.quality is None or other.quality is None:
        return ""
    nats, seams = zip(*((lane.quality.mean, 100 * lane.quality.share) for lane in (first, other)), strict=True)
    return (
        " Read from left to right by the same weights, which is no truth, the text of "
        f"{first.name.lower()} surprises by {nats[0]:.2f} nats a token, with {seams[0]:.1f} seams in 100, "
        f"the other by {nats[1]:.2f}, with {seams[1]:.1f}."
    )


def meaning(lanes: Sequence[Lane]) -> str:
    """What a race that is over proves, and what it does not; "" where there is nothing to add."""
    counts = [lane.passes(len(lane.recording.frames) - 1) for lane in lanes]
    if None in counts or lanes[0].recording.device.partition(",")[0].strip() != "cpu":
        return ""
    return (
        f"{counts[0]:,} passes against {counts[1]:,}: that is much the same on any computer. The seconds are not: "
        "on a CPU a pass over a whole canvas costs many times one over a single token, "
        "and a small model has little to read."
    )


def told(lanes: Sequence[Lane]) -> str:
    """A race that is over, as plain text: what was written, what was measured of it, and the verdict."""
    parts = []
    for lane in lanes:
        measured = numbers(lane, len(lane.recording.frames) - 1, result(lane), float("inf")).replace("\n", "   ")
        parts.append(f"{lane.name}: {measured}\n{lane.recording.text()}\n")
    return "\n".join([*parts, verdict(lanes)])


def numbers(lane: Lane, index: int, found: dict[str, Any] | None, now: float) -> str:
    """Two lines of what is measured by then; what nobody can know yet is left out."""
    passes, rate = lane.passes(index), found and found["text_tok_s"] if now >= lane.seconds else None
    upper = ["" if passes is None else f"{passes} passes", f"{min(now, lane.seconds):.2f} s"]
    upper += [f"{rate:,.0f} tok/s"] if rate else []
    times = {"any": found["some_words_seconds"], "first": found["first_words_seconds"]} if found else {}
    lower = [
        f"{name} {WORDS} words {when:.2f} s" for name, when in times.items() if when is not None and when <= now
    ]
    return "   ".join(filter(None, upper)) + "\n" + "   ".join(lower)

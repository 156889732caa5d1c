"""The canvas in a terminal: every frame as styled text. Knows no torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic, sleep

import numpy as np
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.segment import Segment
from rich.text import Text

from engine.values.frame import ACCEPTED, CHANGED, KEPT, OPEN, PINNED, WITHDRAWN, Frame, marks
from engine.values.recording import Recording
from engine.values.words import calls
from engine.values.words.letters import harmless, spelled
from engine.values.words.reply import ANSWER, CALLED, called, parts, thoughts

# Each state differs in weight or line as well as in colour, so that it reads without colour, too.
STYLES = {
    OPEN: "bright_black",
    KEPT: "default",
    ACCEPTED: "bold cyan",
    CHANGED: "bold yellow underline",
    WITHDRAWN: "magenta strike",
    PINNED: "bold",
}

DIM = "dim"  # a thought
CALLS = "italic"  # a tool call, folded into one line
NOTHING = np.empty(0, np.int32)
PADDING = "\u00b7"  # stands for a control token, most of them padding that was accepted before the end was


def animate(frames: Iterable[Frame], recording: Recording, console: Console) -> None:
    """Shows every frame as it comes and adds it to the recording; leaves the text standing at the end."""
    try:
        with Live(console=console, refresh_per_second=30, transient=True, vertical_overflow="crop") as live:
            for frame in frames:
                recording.append(frame)
                live.update(Tail(view(recording)))
    finally:
        console.print(reply(recording))


def in_time(recording: Recording) -> Iterator[Frame]:
    """The frames of a recording, each when it is due."""
    start = monotonic()
    for frame in recording.frames:
        sleep(max(0.0, start + frame.seconds - monotonic()))
        yield frame


def reply(recording: Recording) -> Text:
    """The text as it stands, its thought dim and apart from the answer."""
    said = recording.reply()
    told = [(said.thought, DIM), (said.answer, ""), *((call.line(), CALLS) for call in said.calls)]
    texts = [Text(printable(words, newlines=True), style) for words, style in told if words]
    return Text("\n\n").join(texts)


def view(recording: Recording) -> Group:
    """The newest frame of a recording, with the canvases finished before it, as something rich can print."""
    index = len(recording.frames) - 1
    return Group(canvases(recording, index), Text(), status(recording.frames[index]))


def canvases(recording: Recording, index: int) -> Text:
    """The text as it stood at a frame: the canvases before its own, and its cells."""
    past = np.concatenate([np.empty(0, np.int32), *recording.finished(index)])
    body = Text()
    for kind, words in parts(recording.lexicon, past):
        words = calls.read(words).line() if kind == CALLED else words
        body.append(printable(words, newlines=True), None if kind == ANSWER else DIM)
    return body.append_text(cells(recording.previous(index), recording.frames[index], recording, past))


def cells(previous: Frame | None, frame: Frame, recording: Recording, past: np.ndarray = NOTHING) -> Text:
    """The canvas as it stands, up to the end of the text; `past` are the ids of the canvases before."""
    text, done, lexicon = Text(), marks(previous, frame), recording.lexicon
    texts = _texts(frame, recording)
    known = np.concatenate([past, frame.known])
    aside = (thoughts(lexicon, known) | called(lexicon, known))[len(past) :]
    for cell in range(lexicon.extent(frame)):
        mark, token = KEPT if frame.stop else done[cell], int(frame.shown[cell])
        if token in lexicon.special:
            text.append(PADDING, STYLES[OPEN])
            continue
        style = f"{STYLES[mark]} {DIM}" if aside[cell] else STYLES[mark]
        text.append(printable(texts[cell], newlines=mark not in (OPEN, WITHDRAWN)), style)
    return text


def _texts(frame: Frame, recording: Recording) -> list[str]:
    """The text of every cell: a random token by itself, settled ones as the text that they are together."""
    lexicon, shown = recording.lexicon, frame.shown.tolist()
    text = [bool(frame.stop) or bool(held) for held in frame.held]
    settled = [mine and token not in lexicon.special for mine, token in zip(text, shown, strict=True)]
    pieces = (lexicon.pieces.get(token, b"?") if on else None for on, token in zip(settled, shown, strict=True))
    words = spelled(list(pieces))
    return [word if on else lexicon.piece(token) for word, on, token in zip(words, settled, shown, strict=True)]


def status(frame: Frame) -> Text:
    """One line of measurements."""
    if not frame.told:  # a server says when a canvas came, and no more
        parts = (f"canvas {frame.canvas + 1}", f"{len(frame.ids)} tokens", f"{frame.seconds:.2f} s")
        return Text("   ".join(parts), style="bright_black")
    held, step = int(frame.held.sum()), f"step {frame.step + 1}/{frame.settings.steps}"
    entropy, took = f"entropy {frame.entropy.mean():.3f}", f"{frame.step_seconds * 1e3:.0f} ms"
    parts = (
        f"canvas {frame.canvas + 1}/{frame.settings.canvases}",
        step,
        f"{held}/{len(frame.ids)} accepted",
        entropy,
        took,
    )
    return Text("   ".join(parts), style="bright_black")


def printable(text: str, newlines: bool = False) -> str:
    """Text that cannot move the cursor or ring the bell: a random token may be any byte."""
    keep = "\n\t" if newlines else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c in keep or harmless(c) else "\u23ce" if c == "\n" else PADDING for c in text)


class Tail:
    """The last lines of something, as many as there is room for: what is being written is at the end."""

    def __init__(self, whole: RenderableType, besides: int = 0) -> None:
        self._whole, self._besides = whole, besides  # lines that something else needs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        lines = console.render_lines(self._whole, options.update(height=None), pad=False)
        for line in lines[-max(1, console.height - self._besides) :]:
            yield from line
            yield Segment.line()

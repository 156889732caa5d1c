"""Lines: every step as one line of JSON: what the canvas held, and what was measured. UTF-8.

The first line has, beside its step, the run: its prompt, its knobs and its summary. Numbers that nobody measured
are null. `tokens` are what the cells show, settled ones as the text that they are together; `ids`, `guess`, `marks`
and `nats` are of the same cells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from app.keep.formats.order import Order, put
from engine.values.frame import STATES, marks
from engine.values.metrics import Meter, summary
from engine.values.recording import Recording
from engine.values.words.letters import spelled


async def write(recording: Recording, path: Path, order: Order) -> None:
    """Raises ExportError."""
    await put(path, _lines(recording, order), len(recording.frames), order)


def _lines(recording: Recording, order: Order) -> Iterator[bytes]:
    meter = Meter(recording)
    for index in range(len(recording.frames)):
        told = _step(recording, index, meter)
        if not index and not order.bare:
            told["run"] = summary(recording)
        yield (json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def _step(recording: Recording, index: int, meter: Meter) -> dict[str, Any]:
    frame, moment = recording.frames[index], meter.at(index)
    done = marks(recording.previous(index), frame)
    return {
        "canvas": frame.canvas + 1,
        "step": frame.step + 1,
        "seconds": frame.seconds,
        "forward_s": _known(frame.forward),
        "readout_s": _known(frame.readout),
        "temperature": _known(frame.temperature),
        "text_tokens": moment.written,
        "text_tok_s": _known(moment.rate),
        "entropy": _known(float(frame.entropy.mean())),
        "stop": frame.stop,
        "tokens": _tokens(recording, index),
        "ids": frame.ids.tolist(),
        "guess": frame.guess.tolist(),
        "marks": [STATES[mark] for mark in done.tolist()],
        "nats": [_known(round(nats, 4)) for nats in frame.entropy.tolist()],
    }


def _tokens(recording: Recording, index: int) -> list[str]:
    frame, lexicon = recording.frames[index], recording.lexicon
    pieces = [lexicon.pieces.get(token, b"?") for token in frame.shown.tolist()]
    open_ = ~frame.settled
    words = spelled([None if noise else piece for noise, piece in zip(open_, pieces, strict=True)])
    shown = zip(open_, pieces, words, strict=True)
    return [piece.decode("utf-8", "replace") if noise else word for noise, piece, word in shown]


def _known(value: float) -> float | None:
    return value if isfinite(value) else None

"""Entry: what is known of a recording without opening it: enough to find it again, and to know it by sight."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import MISSING, asdict, dataclass, fields
from math import isfinite
from typing import Any

import numpy as np

from engine.values.recording import Recording
from engine.values.words.letters import one_line

SIDE = 16  # cells of the board in a row, and rows
HOT = 5.0  # nats of the board's highest value
LATEST = 4e9  # seconds since 1970
LONGEST, NAME = 2000, 120  # characters of a prompt or text that are remembered, and of a name that people give


@dataclass(frozen=True)
class Entry:
    """A recording that is kept."""

    id: str
    at: float  # seconds since 1970 when the run ended
    prompt: str
    text: str
    model: str
    frames: int
    temperature: float  # of the first step
    seed: int
    seconds: float
    board: bytes  # uint8 [SIDE * SIDE]: how unsure the cells were, over the run
    parent: str = ""  # the id of the recording that it branched off
    name: str = ""  # that people gave it
    kept: bool = False  # starred
    writer: int = 0  # the process that wrote it last, before it was over
    size: int = 0  # bytes on the disk
    turn: int = 1  # of its conversation
    pictures: int = 0  # of its prompt
    stopped: bool = False  # it came to no end: that of an older version may not know

    @classmethod
    def of(cls, recording: Recording, at: float, writer: int = 0) -> Entry:
        knobs, frames = recording.settings, recording.frames
        return cls(
            recording.id,
            at,
            recording.prompt[:LONGEST],
            recording.reply().shown[:LONGEST],
            recording.model,
            len(frames),
            knobs.t_max,
            knobs.seed,
            frames[-1].seconds if frames else 0.0,
            board(recording),
            recording.parent[0] if recording.parent else "",
            writer=writer,
            turn=recording.before.exchanges + 1,
            pictures=len(recording.pictures),
            stopped=recording.outcome == "stopped",
        )

    @property
    def open(self) -> bool:
        """Whether it was not over when it was last written."""
        return self.writer != 0

    @property
    def whole(self) -> bool:
        """Whether a server sent whole canvases in place of steps: it tells of no cell how unsure it was."""
        return not any(self.board)

    @property
    def title(self) -> str:
        """Its name, or else its prompt in one line."""
        return self.name or one_line(self.prompt)

    def fits(self, search: str) -> bool:
        """Whether every word of a search is in what is known of it."""
        known = f"{self.name} {self.prompt} {self.text} {self.model} {self.id}".casefold()
        return all(word in known for word in search.casefold().split())

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"board": b64encode(self.board).decode()}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Entry:
        """Reads what `to_dict` made. Raises ValueError, TypeError or KeyError on anything else."""
        known = {each.name: told[each.name] for each in fields(cls) if each.name in told or each.default is MISSING}
        entry = cls(**known | {"board": b64decode(known["board"], validate=True)})
        numbers = entry.at, entry.seconds, entry.temperature
        texts = entry.id, entry.prompt, entry.text, entry.model, entry.parent, entry.name
        if not all(type(text) is str and len(text) <= LONGEST for text in texts):
            raise ValueError("it has no texts")
        if not all(type(number) in (int, float) and isfinite(number) for number in numbers):
            raise ValueError("its numbers are none")
        if not 0 <= entry.at <= LATEST:
            raise ValueError("it is of no time that there is")
        whole = entry.frames, entry.seed, entry.size, entry.writer, entry.turn, entry.pictures
        if not all(type(number) is int for number in whole):
            raise ValueError("its whole numbers are none")
        if len(entry.board) != SIDE * SIDE:
            raise ValueError("its board is none")
        if any(type(answer) is not bool for answer in (entry.kept, entry.stopped)):
            raise ValueError("it answers with neither yes nor no")
        return entry


def board(recording: Recording) -> bytes:
    """uint8 [SIDE * SIDE]: the mean entropy of every cell over the steps of its canvas, canvas after canvas.

    The last step alone would tell nothing: a text that is done is sure of itself everywhere.
    """
    told: dict[int, list[np.ndarray]] = {}
    for frame in recording.frames:
        told.setdefault(frame.canvas, []).append(np.nan_to_num(frame.entropy))
    nats = np.concatenate([_mean(values) for values in told.values()]) if told else np.zeros(1)
    picked = nats[np.arange(SIDE * SIDE) * len(nats) // (SIDE * SIDE)]
    return (np.clip(picked / HOT, 0, 1) * 255).round().astype(np.uint8).tobytes()


def _mean(values: list[np.ndarray]) -> np.ndarray:
    """float [C]: the mean of each cell over the steps in which it was there."""
    sums, counts = np.zeros((2, max(map(len, values))))
    for value in values:
        sums[: len(value)] += value
        counts[: len(value)] += 1
    return sums / counts

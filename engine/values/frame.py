"""Frame: what one denoising step did, as read-only arrays. Lexicon: token ids as text. Knows no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from engine.values.edit import Edit
from engine.values.settings import Settings

# What happened to a cell between two frames, as `marks` tells it.
OPEN, KEPT, ACCEPTED, CHANGED, WITHDRAWN, PINNED = range(6)
STATES = "open", "kept", "accepted", "changed", "withdrawn", "pinned"  # their names

# Why a canvas ended, in words for people. A Frame's `stop` is one of the keys, "" while the canvas goes on.
STOPS = {
    "stable": "stable and confident",
    "steps": "step limit reached",
    "end": "end of the text",  # these two of a text that was written token by token
    "limit": "token limit reached",
    "whole": "sent whole",  # by a server that tells no more
}
WHOLE = "whole"
CHANNEL = (b"<|channel>", b"<channel|>")  # what opens and closes a thought, as Gemma 4 names it
CALL = (b"<|tool_call>", b"<tool_call|>")  # the same of a tool call


class StepError(Exception):
    """A step after which a run cannot go on. Its message is a sentence for people."""

    @classmethod
    def unsound(cls, canvas: int, step: int) -> StepError:
        """A step, both counted from 0, in which something was NaN or infinite."""
        where = f"step {step + 1} of canvas {canvas + 1}"
        return cls(f"The model's results in {where} are not numbers: choose another model, or another device.")


@dataclass(frozen=True, eq=False)
class Frame:
    """One denoising step of one canvas of C cells, with K candidates a cell. A measurement: never rebuilt.

    `ids` is the canvas as the step left it: sampled tokens where `held`, fresh random tokens elsewhere.
    The text that a canvas commits is the `guess` of its last frame.

    A text that is written token by token is one canvas that grows by a cell a step: C is what is written so far,
    all of it held, and `guess` is `ids`, the tokens drawn.
    """

    canvas: int  # index of the canvas, from 0
    step: int  # index of the step in its canvas, from 0
    seconds: float  # engine time since the run began: device-synced, waiting at the gate not counted
    forward: float  # seconds of this step in the decoder
    readout: float  # seconds of this step in everything after it
    temperature: float
    ids: np.ndarray  # int32 [C]
    guess: np.ndarray  # int32 [C], the argmax
    held: np.ndarray  # bool [C], accepted in this step
    entropy: np.ndarray  # float32 [C], nats, of the temperature-shaped distribution
    top_ids: np.ndarray  # int32 [C, K], most likely first
    top_probs: np.ndarray  # float32 [C, K]
    settings: Settings  # the knobs in force in this step
    stop: str = ""  # why the canvas ended: a key of STOPS, or "" while it goes on
    pinned: np.ndarray | None = None  # bool [C], the cells that a hand holds: they are never `held`. None: no cell
    edits: tuple[Edit, ...] = ()  # what hands did just before this step
    round: int = 0  # of proofreading, from 1: what it does not melt is `held`. 0: the canvas has not stopped yet

    def __post_init__(self) -> None:
        if self.pinned is None:
            object.__setattr__(self, "pinned", np.zeros(len(self.ids), np.bool_))
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def shown(self) -> np.ndarray:
        """int32 [C]: the tokens to show: what the canvas holds, or what it committed once it has ended."""
        return self.guess if self.stop else self.ids

    @property
    def settled(self) -> np.ndarray:
        """bool [C]: the cells that hold no noise: accepted in this step, pinned, or of a canvas that has ended."""
        return self.held | self.pinned | bool(self.stop)

    @property
    def known(self) -> np.ndarray:
        """int32 [C]: what is shown where it is settled, -1 where it is noise."""
        return np.where(self.settled, self.shown, np.int32(-1))

    @property
    def told(self) -> bool:
        """Whether it is known how the canvas came to be like this: not of one that a server sent whole."""
        return not np.isnan(self.forward)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    @property
    def step_seconds(self) -> float:
        return self.forward + self.readout


def marks(previous: Frame | None, frame: Frame) -> np.ndarray:
    """uint8 [C]: what this step did to each cell (OPEN, KEPT, ACCEPTED, CHANGED, WITHDRAWN or PINNED).

    `previous` is the frame before in the same canvas, None at its first step. Acceptance is decided afresh in
    every step, so a cell that was held may be withdrawn. A canvas that has stopped, to be proofread, held its text.
    """
    marks = np.where(frame.held, ACCEPTED, OPEN).astype(np.uint8)
    if previous is not None and previous.canvas == frame.canvas:
        old = slice(len(previous.ids))  # a text that is written token by token has grown since
        held = previous.held | bool(previous.stop)
        both = held & frame.held[old]
        marks[old][both] = np.where(previous.shown[both] == frame.ids[old][both], KEPT, CHANGED)
        marks[old][held & ~frame.held[old]] = WITHDRAWN
    marks[frame.pinned] = PINNED
    return marks


@dataclass(frozen=True)
class Lexicon:
    """Token ids as text. `pieces` maps an id to its bytes; `ends` are the ids that end a text."""

    pieces: Mapping[int, bytes]
    ends: frozenset[int]
    special: frozenset[int] = frozenset()  # control tokens: shown by name, no part of the text

    @cached_property
    def channel(self) -> tuple[int, int] | None:
        """The ids that open and close a thought; None where a model knows none. Told by their names, which every
        recording has brought along."""
        return self._pair(CHANNEL)

    @cached_property
    def call(self) -> tuple[int, int] | None:
        """The ids that open and close a tool call, told in the same way."""
        return self._pair(CALL)

    def _pair(self, names: tuple[bytes, bytes]) -> tuple[int, int] | None:
        named = {self.pieces.get(token): token for token in self.special}
        return (named[names[0]], named[names[1]]) if named.keys() >= set(names) else None

    def piece(self, token: int) -> str:
        """The token as it is shown in a cell. Bytes that are no character by themselves become U+FFFD."""
        return self.pieces.get(int(token), b"?").decode("utf-8", "replace")

    def text(self, ids: Iterable[int]) -> str:
        """The ids as text, up to the first that ends it. Control tokens are left out."""
        ids = np.asarray(list(ids) if not isinstance(ids, np.ndarray | Sequence) else ids)
        kept = (int(token) for token in ids[: self.end(ids)] if int(token) not in self.special)
        return b"".join(self.pieces.get(token, b"") for token in kept).decode("utf-8", "replace")

    def spelled(self, ids: Iterable[int]) -> str:
        """The ids as text, all of them, with control tokens by their names."""
        return b"".join(self.pieces.get(int(token), b"") for token in ids).decode("utf-8", "replace")

    def end(self, ids: np.ndarray) -> int:
        """How many of `ids` [C] are text: the position of the first end token, or C if there is none."""
        hits = np.flatnonzero(np.isin(ids, list(self.ends)))
        return int(hits[0]) if hits.size else len(ids)

    def controls(self, ids: np.ndarray) -> np.ndarray:
        """bool [C]: which of `ids` are control tokens, or end a text."""
        return np.isin(ids, list(self.special | self.ends))

    def length(self, ids: np.ndarray) -> int:
        """How many of `ids` [C] are text: those before its end, without padding and other control tokens."""
        return int(np.count_nonzero(~self.controls(ids[: self.end(ids)])))

    def extent(self, frame: Frame) -> int:
        """How many cells of a frame are text: those before its end, once that is accepted. A guess jumps about."""
        return self.end(frame.known)

    def only(self, used: Iterable[int]) -> Lexicon:
        """The same lexicon, cut down to the ids in `used`: what a recording carries."""
        used = {int(token) for token in used}
        return Lexicon(
            {token: self.pieces[token] for token in used if token in self.pieces}, self.ends, self.special
        )

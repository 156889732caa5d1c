"""Run: what one text carries from step to step, and what a step does to it. Knows no loop and no one who asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from engine.steps import parcel, readout
from engine.steps.clock import now
from engine.steps.context import parts
from engine.steps.graph import Graph
from engine.steps.hands import Hands, changed
from engine.steps.moment import Moment
from engine.steps.proof import Proof
from engine.steps.readout import Readout
from engine.steps.samplers import SAMPLERS
from engine.steps.seat import seat
from engine.steps.stop import Stop
from engine.steps.surprise import quality
from engine.values.edit import Edit, Near, pinned
from engine.values.frame import Frame, StepError
from engine.values.settings import Settings


class Denoiser(Protocol):
    """What a model must do to be denoised: V tokens, d channels, canvases of C cells, one text.

    To be proofread it must be Causal, too, with a Lexicon as its `lexicon`.
    """

    device: torch.device
    vocabulary: int
    length: int
    ends: frozenset[int]
    embedding: Tensor  # [V, d]
    scale: float

    def prefill(self, ids: Sequence[int], cache: Any = None) -> Any: ...
    def decode(self, canvas: Tensor, cache: Any, soft: Tensor | None) -> Tensor: ...
    def head(self, hidden: Tensor) -> Tensor: ...
    def graph(self, length: int) -> Graph | None: ...


@dataclass
class Run:
    """What one text carries from step to step."""

    denoiser: Denoiser
    read: Callable[..., Readout]
    random: torch.Generator
    cache: Any = None
    cells: Tensor | None = None  # int64 [C], what the canvas holds
    soft: Tensor | None = None  # [C, d], what the model thought of it a step ago
    hands: Hands | None = None  # None as long as nobody has edited anything
    graph: Graph | None = None  # has cells, soft and hands of its own
    proof: Proof | None = None  # of this canvas, once it has stopped
    kept: np.ndarray | None = None  # bool [C]: cells that only proofreading holds; None: it has not begun
    chunks: list[Sequence[int]] = field(default_factory=list)  # of the context, as they were read
    seconds: float = 0.0  # of work, so far
    stop: Stop = field(default_factory=Stop)

    def open(self, context: Sequence[int], canvas: Sequence[int] | None) -> None:
        """Begin a canvas behind `context`, the ids that the cache does not hold yet."""
        began = self._read_on(parts(context))
        self.cells = self._noise()  # drawn even if it is replaced: so does transformers, and seeds stay comparable
        if canvas is not None:
            if len(canvas) != self.denoiser.length:
                raise ValueError(f"A first canvas must have {self.denoiser.length} ids (got {len(canvas)}).")
            self.cells = torch.as_tensor(canvas, device=self.cells.device)
        self.soft, self.hands, self.proof, self.kept = None, None, None, None
        self.stop.begin()
        if self.graph:
            self.graph.open(self.cache, self.cells)
        self.seconds += now(self.denoiser.device) - began

    def _read_on(self, chunks: Sequence[Sequence[int]]) -> float:
        """Append ids to the context, part by part, with a graph for the new length; when that began."""
        self.chunks += chunks
        length = sum(map(len, self.chunks))
        self.graph = self.denoiser.graph(length) if self.read is readout.fused else None  # a warm-up: untimed
        began = now(self.denoiser.device)
        for chunk in chunks:
            self.cache = self.denoiser.prefill(chunk, self.cache)
        return began

    def moment(self, canvas: int, step: int) -> Moment:
        """All that the step to come depends on."""
        cells, soft, hands = self._state()
        return Moment(
            canvas,
            step,
            tuple(self.chunks),
            _home(cells),
            _home(soft),
            hands and (_home(hands.pins), _home(hands.limits)),
            self.random.get_state(),
            tuple(self.stop.guesses),
            self.seconds,
        )

    def go_on(self, start: Moment) -> None:
        """Be as at a moment of a run before. The prompt is read again, in the same parts, and not counted again."""
        self._read_on(start.chunks)
        device = self.denoiser.device
        self.cells, self.soft = start.cells.to(device), start.soft.to(device)
        self.random.set_state(start.random)
        self.stop.begin(start.guesses)
        self.seconds = start.seconds
        if self.graph:
            self.graph.open(self.cache, self.cells, self.soft)
        if start.hands is not None:
            self._hands().set(*start.hands)

    def _state(self) -> tuple[Tensor, Tensor, Hands | None]:
        """What the canvas holds, its soft embedding, and the hands on it, wherever they lie."""
        at = self.graph or self
        return at.cells, at.soft, at.hands

    def _hands(self) -> Hands:
        if self.graph:
            return self.graph.hands
        self.hands = self.hands or Hands(self.denoiser.length, self.denoiser.device, self.denoiser.ends)
        return self.hands

    def _edit(self, edits: Sequence[Edit]) -> tuple[Sequence[Edit], float]:
        """Change what the canvas holds, and what it may become, before a step.

        The edits, with places for all of their words, and the seconds of the look that those need.
        """
        for edit in edits:
            edit.fits(self.denoiser.length, self.denoiser.vocabulary)
        self._change(edits)
        if not any(edit.near for edit in edits):
            return edits, 0.0
        began = now(self.denoiser.device)
        pins = self._seats([one for edit in edits for one in edit.near])
        self._change([pinned(pins)])
        last = max(at for at, edit in enumerate(edits) if edit.near)
        told = [replace(edit, near=()) for edit in edits]
        told[last] = replace(told[last], pins=(*told[last].pins, *sorted(pins.items())))
        return told, now(self.denoiser.device) - began

    def _seats(self, near: Sequence[Near]) -> dict[int, int]:
        """The cells where the model likes words best, and their ids, by a look at the canvas as it is."""
        cells, soft, hands = self._state()
        hidden = self.denoiser.decode(cells, self.cache, soft)
        return seat(near, hands.taken, hidden, self.denoiser.head)

    @torch.inference_mode()
    def _change(self, edits: Sequence[Edit]) -> None:
        hands, (cells, soft, _) = self._hands(), self._state()
        hands.take(edits)
        noise = self._noise() if any(edit.melt for edit in edits) else cells
        cells, soft = changed(edits, cells, noise, soft)
        self.cells, self.soft = hands.hold(cells), soft
        if self.graph:
            self.graph.cells.copy_(self.cells)
            self.graph.soft.copy_(self.soft)

    def step(self, index: int, step: int, settings: Settings, edits: Sequence[Edit] = ()) -> Frame:
        edits, looked = self._edit(edits) if (edits := self._due(edits)) else ((), 0.0)
        turn, round_ = (step - self.proof.since, self.proof.round) if self.proof else (step, 0)  # each its schedule
        if self.graph:
            began = perf_counter()  # the step before has been waited for
            arrays, forward = self.graph.step(settings, turn, self.random)
        else:
            began = now(self.denoiser.device)
            arrays, forward = self._eager(settings, turn, began)
        stop = self.stop.look(arrays["guess"], arrays["entropy"], ~self._pinned(), settings, turn)
        if stop and settings.proofread:
            stop = self._proofread(arrays["guess"], stop, settings.proofread, index, step + 1)
        took = looked + perf_counter() - began  # the copy of the arrays has waited for the device
        if not parcel.sound(arrays):
            raise StepError.unsound(index, step)
        self.seconds += took
        pinned = self._pinned()
        if self.kept is not None:
            arrays["held"], pinned = arrays["held"] | self.kept, pinned & ~self.kept
        return Frame(
            canvas=index,
            step=step,
            seconds=self.seconds,
            forward=looked + forward,
            readout=took - looked - forward,
            temperature=settings.temperature(turn),
            settings=settings,
            stop=stop,
            edits=tuple(edits),
            pinned=pinned,
            round=round_,
            **arrays,
        )

    @property
    def proofreads(self) -> bool:
        """Whether a canvas that has stopped goes on with a round of proofreading."""
        return self.proof is not None and self.proof.due is not None

    def _due(self, edits: Sequence[Edit]) -> Sequence[Edit]:
        """The edits of a step with the one that begins a round, which a run that is repeated has among them."""
        if self.kept is not None:
            self.kept[[cell for edit in edits if edit != self.proof.due for cell in edit.cells]] = False
        if not self.proofreads:
            return edits
        due, self.proof.due = self.proof.due, None
        self.stop.begin()
        hands = self._pinned() if self.kept is None else self._pinned() & ~self.kept
        self.kept = ~hands
        self.kept[list(due.melt)] = False
        return edits if due in edits else (*edits, due)

    def _proofread(self, guess: np.ndarray, stop: str, rounds: int, index: int, step: int) -> str:
        """Judge the text of a canvas that has come to a `stop`, behind the prompt and the canvases before it, and
        prepare what is done before `step`: why it ended."""
        if self.proof is None:
            hands, denoiser = self._state()[2], self.denoiser
            fixed = self._pinned() if hands is None else hands.pinned | hands.limited
            context = [id for chunk in self.chunks for id in chunk]
            judge = partial(quality, denoiser, denoiser.lexicon, context)
            self.proof = Proof(rounds, fixed, denoiser.lexicon, judge)
        if self.proof.back:
            return self.proof.stop
        self.proof.look(guess, stop, index, step)
        return stop

    def _pinned(self) -> np.ndarray:
        """bool [C]: the cells that hands hold."""
        hands = self._state()[2]
        return np.zeros(self.denoiser.length, np.bool_) if hands is None else hands.pinned.copy()

    @torch.inference_mode()  # of the step, not of the generator: it would leak to the caller between two yields
    def _eager(self, settings: Settings, step: int, began: float) -> tuple[dict[str, np.ndarray], float]:
        """One step, operation by operation: the arrays of a Frame, and the seconds of the decoder."""
        denoiser, hands, temperature = self.denoiser, self.hands, settings.temperature(step)
        hidden = denoiser.decode(self.cells, self.cache, self.soft)
        forward = now(denoiser.device) - began
        limits = {"limits": hands.limits} if hands and hands.limited.any() else {}
        limits |= {"bar": (hands.ends, hands.inner)} if hands and hands.goes_on else {}
        seen = self.read(
            hidden, denoiser.head, denoiser.embedding, denoiser.scale, temperature, self.random, **limits
        )
        accept = SAMPLERS[settings.sampler]
        if hands is None:
            held = accept(seen.entropy, seen.top_probs, settings, step)
            self.cells = torch.where(held, seen.sample, self._noise())
        else:
            seen = hands.read(seen, denoiser.embedding, denoiser.scale)
            held = accept(*hands.open(seen), settings, step) & hands.free()
            self.cells = hands.hold(torch.where(held, seen.sample, self._noise()))
        self.soft = seen.soft
        packed = parcel.pack(self.cells, held, seen, hidden)
        return parcel.unpack(packed.cpu().numpy(), denoiser.length), forward

    def _noise(self) -> Tensor:
        """int64 [C]: uniform random ids."""
        size, device = (self.denoiser.length,), self.denoiser.device
        return torch.randint(0, self.denoiser.vocabulary, size, generator=self.random, device=device)


def _home(tensor: Tensor) -> Tensor:
    """A copy in main memory."""
    return tensor.to("cpu", copy=True)

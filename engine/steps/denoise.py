"""The loop: from a prompt to text, one Frame a step. The only place that steps, keeps time and decides to stop.

Knows no model, only the small Denoiser protocol, and nothing of who looks at the frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from engine.steps import parcel, readout
from engine.steps.graph import Graph
from engine.steps.readout import Readout
from engine.steps.samplers import SAMPLERS
from engine.values.frame import Frame, StepError
from engine.values.settings import Settings, knobs

LIVE = tuple(name for name, knob in knobs().items() if knob.live)

Ask = Callable[[int, int], Settings | None]  # (canvas, step) -> the knobs now in force, None to stop; may block


class Denoiser(Protocol):
    """What a model must do to be denoised: V tokens, d channels, canvases of C cells, one text."""

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


def denoise(
    denoiser: Denoiser,
    prompt: Sequence[int],
    ask: Ask,
    *,
    canvas: Sequence[int] | None = None,
    read: Callable[..., Readout] = readout.fused,
) -> Iterator[Frame]:
    """Write canvas after canvas behind `prompt` (at least one id), and yield a Frame after every step.

    `ask` is called before every step; time in it is not counted. Live knobs apply from that step on, the others
    are those of its first answer. `canvas` [C] replaces the first random canvas. The same seed, model and device
    give the same ids. A canvas with an end token is the last. Raises StepError in the first step that has a NaN or
    an infinity: its tokens would mean nothing.
    """
    settings = first = ask(0, 0)
    run, index, step = None, 0, 0
    context: Sequence[int] = prompt
    while settings is not None:
        run = run or _Run(denoiser, read, torch.Generator(denoiser.device).manual_seed(first.seed))
        if step == 0:
            run.open(context, canvas if index == 0 else None)
        frame = run.step(index, step, _live(first, settings))
        yield frame
        if not frame.stop:
            step += 1
        elif index + 1 == first.canvases or np.isin(frame.guess, list(denoiser.ends)).any():
            return
        else:
            context, index, step = frame.guess.tolist(), index + 1, 0
        settings = ask(index, step)


def now(device: torch.device) -> float:
    """Seconds of a steady clock, once the device has done all that it was asked for."""
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()
    return perf_counter()


def _live(first: Settings, last: Settings) -> Settings:
    """`first` with the live knobs of `last`: the settings that are really in force."""
    return first if last == first else replace(first, **{name: getattr(last, name) for name in LIVE})


@dataclass
class _Run:
    """What one text carries from step to step."""

    denoiser: Denoiser
    read: Callable[..., Readout]
    random: torch.Generator
    cache: Any = None
    cells: Tensor | None = None  # int64 [C], what the canvas holds
    soft: Tensor | None = None  # [C, d], what the model thought of it a step ago
    graph: Graph | None = None  # has cells and soft of its own
    length: int = 0  # of the context
    seconds: float = 0.0  # of work, so far
    guesses: deque[np.ndarray] = field(default_factory=lambda: deque(maxlen=int(knobs()["stability"].maximum)))

    def open(self, context: Sequence[int], canvas: Sequence[int] | None) -> None:
        """Begin a canvas behind `context`, the ids that the cache does not hold yet."""
        self.length += len(context)
        self.graph = self.denoiser.graph(self.length) if self.read is readout.fused else None  # a warm-up: untimed
        began = now(self.denoiser.device)
        self.cache = self.denoiser.prefill(context, self.cache)
        self.cells = self._noise()  # drawn even if it is replaced: so does transformers, and seeds stay comparable
        if canvas is not None:
            if len(canvas) != self.denoiser.length:
                raise ValueError(f"A first canvas must have {self.denoiser.length} ids (got {len(canvas)}).")
            self.cells = torch.as_tensor(canvas, device=self.cells.device)
        self.soft = None
        self.guesses.clear()
        if self.graph:
            self.graph.open(self.cache, self.cells)
        self.seconds += now(self.denoiser.device) - began

    def step(self, index: int, step: int, settings: Settings) -> Frame:
        if self.graph:
            began = perf_counter()  # the step before has been waited for
            arrays, forward = self.graph.step(settings, step, self.random)
        else:
            began = now(self.denoiser.device)
            arrays, forward = self._eager(settings, step, began)
        took = perf_counter() - began  # the copy of the arrays has waited for the device
        if not parcel.sound(arrays):
            raise StepError.unsound(index, step)
        self.seconds += took
        return Frame(
            canvas=index,
            step=step,
            seconds=self.seconds,
            forward=forward,
            readout=took - forward,
            temperature=settings.temperature(step),
            settings=settings,
            stop=self._stop(arrays["guess"], arrays["entropy"], settings, step),
            **arrays,
        )

    @torch.inference_mode()  # of the step, not of the generator: it would leak to the caller between two yields
    def _eager(self, settings: Settings, step: int, began: float) -> tuple[dict[str, np.ndarray], float]:
        """One step, operation by operation: the arrays of a Frame, and the seconds of the decoder."""
        denoiser, temperature = self.denoiser, settings.temperature(step)
        hidden = denoiser.decode(self.cells, self.cache, self.soft)
        forward = now(denoiser.device) - began
        seen = self.read(hidden, denoiser.head, denoiser.embedding, denoiser.scale, temperature, self.random)
        held = SAMPLERS[settings.sampler](seen.entropy, seen.top_probs[:, 0], settings, step)
        self.cells = torch.where(held, seen.sample, self._noise())
        self.soft = seen.soft
        packed = parcel.pack(self.cells, held, seen, hidden)
        return parcel.unpack(packed.cpu().numpy(), denoiser.length), forward

    def _noise(self) -> Tensor:
        """int64 [C]: uniform random ids."""
        size, device = (self.denoiser.length,), self.denoiser.device
        return torch.randint(0, self.denoiser.vocabulary, size, generator=self.random, device=device)

    def _stop(self, guess: np.ndarray, entropy: np.ndarray, settings: Settings, step: int) -> str:
        """Why the canvas ends here, a key of STOPS, or "" if it goes on.

        Source: StableAndConfidentStoppingCriteria in transformers' generation_diffusion_gemma.py.
        """
        count = settings.stability
        recent = list(self.guesses)[len(self.guesses) - count :] if count else []
        stable = len(recent) == count and all(np.array_equal(guess, earlier) for earlier in recent)
        self.guesses.append(guess)
        if stable and entropy.mean() < settings.confidence:
            return "stable"
        return "steps" if step + 1 == settings.steps else ""

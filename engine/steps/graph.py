"""Graph: a whole step recorded once and replayed, so that no operation waits for Python.

What changes between steps lies in tensors that stay where they are: the context in a Room, the canvas, its soft
embedding, chance, and the knobs as numbers on the device. Knows nothing of time, of frames or of when to stop.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol
from weakref import proxy

import numpy as np
import torch
from torch import Tensor

from engine.steps import parcel, readout
from engine.steps.hands import Hands
from engine.steps.room import Room
from engine.steps.samplers import SAMPLERS
from engine.values.settings import Settings

Replay = Callable[[], object]
AGREE = 0.9  # of all guesses: what a replay and the same operations one by one must have in common


class GraphError(RuntimeError):
    """Replaying gives something else than the operations one by one."""


class Device(Protocol):
    """What records and replays."""

    def record(self, work: Replay) -> Replay: ...
    def run(self, parts: Sequence[Replay]) -> list[float]: ...


class Cuda:
    """CUDA graphs, whose memory is shared: only one runs at a time, and what must last lies outside of it."""

    def __init__(self) -> None:
        self.pool = torch.cuda.graph_pool_handle()

    def record(self, work: Replay) -> Replay:
        """`work` as a graph. It runs twice before, on a stream of its own: kernels compile."""
        side, main = torch.cuda.Stream(), torch.cuda.current_stream()
        side.wait_stream(main)
        with torch.cuda.stream(side):
            work()
            work()
        main.wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The CUDA Graph is empty", UserWarning)  # what stopped it is raised
            with torch.cuda.graph(graph, pool=self.pool, capture_error_mode="thread_local"):
                work()
        return graph.replay

    def run(self, parts: Sequence[Replay]) -> list[float]:
        """Replay one after the other, wait once, at the end; seconds of each, by the device's own clock."""
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(len(parts) + 1)]
        marks[0].record()
        for part, mark in zip(parts, marks[1:], strict=True):
            part()
            mark.record()
        marks[-1].synchronize()
        return [start.elapsed_time(end) / 1e3 for start, end in pairwise(marks)]


class Dials:
    """The knobs of a step as 0-dim tensors; by their names, as samplers expect them of Settings."""

    def __init__(self, device: torch.device) -> None:
        self._real = torch.zeros(3, device=device)
        self._whole = torch.zeros(3, dtype=torch.int64, device=device)
        self.sharpness, self.entropy_bound, self.accept_above = self._real
        self.sampler, self.steps, self.step = self._whole

    def turn(self, settings: Settings, step: int) -> None:
        real = [readout.sharp(settings.temperature(step)), settings.entropy_bound, settings.accept_above]
        whole = [list(SAMPLERS).index(settings.sampler), settings.steps, step]
        self._real.copy_(torch.tensor(real), non_blocking=True)
        self._whole.copy_(torch.tensor(whole), non_blocking=True)


class Graph:
    """The steps of any canvas of C cells behind any context that fits the room; the same ids as step by step.

    `model` is a Denoiser whose `decode` takes a Room. Raises GraphError if replaying changes the result.
    """

    @torch.inference_mode()
    def __init__(self, model: Any, room: Room, device: Device) -> None:
        self.model, self.room, self.device = proxy(model), room, device  # the model keeps its graphs
        cells, width, where = model.length, model.embedding.shape[1], model.device
        self.dials, self.hands = Dials(where), Hands(cells, where, model.ends)
        self.cells, self.noise = (torch.zeros(cells, dtype=torch.int64, device=where) for _ in range(2))
        self.soft, self.hidden = (torch.zeros(cells, width, dtype=model.dtype, device=where) for _ in range(2))
        self.draws = torch.zeros(cells, device=where)
        self.dials.turn(Settings(), 0)
        self._decode()
        first = self._read()
        self.found = torch.empty_like(first, device="cpu", pin_memory=where.type == "cuda")
        self.found.copy_(first)
        expected = self._told()
        self.parts = [device.record(self._decode), device.record(self._fetch)]
        self._rest()
        self.found.zero_()
        device.run(self.parts)
        if np.mean(self._told()["guess"] == expected["guess"]) < AGREE:
            raise GraphError("Recorded steps give something else than the same steps one by one.")

    @torch.inference_mode()
    def open(self, cache: Any, cells: Tensor, soft: Tensor | None = None) -> None:
        """Begin a canvas that holds `cells` [C] behind the context in `cache`, or go on with its `soft` [C, d]."""
        self.room.fill(cache)
        self._rest()
        self.cells.copy_(cells)
        if soft is not None:
            self.soft.copy_(soft)

    @torch.inference_mode()
    def step(self, settings: Settings, step: int, random: torch.Generator) -> tuple[dict[str, np.ndarray], float]:
        """The arrays of a Frame, and the seconds of the decoder. Waits for the device once."""
        self.dials.turn(settings, step)
        torch.rand(self.draws.shape, generator=random, out=self.draws)
        torch.randint(0, self.model.vocabulary, self.noise.shape, generator=random, out=self.noise)
        forward, _ = self.device.run(self.parts)
        return self._told(), forward

    def _rest(self) -> None:
        """Back to where recording began."""
        for tensor in (self.cells, self.soft, self.draws, self.noise):
            tensor.zero_()
        self.hands.rest()

    def _told(self) -> dict[str, np.ndarray]:
        return parcel.unpack(self.found.numpy().copy(), self.model.length)

    def _decode(self) -> None:
        self.hidden.copy_(self.model.decode(self.cells, self.room, self.soft))

    def _fetch(self) -> None:
        self.found.copy_(self._read(), non_blocking=True)

    def _read(self) -> Tensor:
        """Read out, accept, renoise; returns what a Frame needs."""
        model, dials, hands = self.model, self.dials, self.hands
        of, bar = (model.head, model.embedding, model.scale), (hands.ends, hands.inner)
        seen = readout.given(self.hidden, *of, dials.sharpness, self.draws, hands.limits, bar)
        seen = hands.read(seen, model.embedding, model.scale)
        ways = [accept(*hands.open(seen), dials, dials.step) for accept in SAMPLERS.values()]
        held = torch.stack(ways).index_select(0, dials.sampler[None])[0] & hands.free()
        self.cells.copy_(hands.hold(torch.where(held, seen.sample, self.noise)))
        self.soft.copy_(seen.soft)
        return parcel.pack(self.cells, held, seen, self.hidden)

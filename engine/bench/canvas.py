"""Whole canvases of fixed steps, timed: ours as the program makes them, and transformers' generate()."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from engine.bench import device
from engine.bench.turns import NEVER, RESTLESS
from engine.model import norm
from engine.model.gemma import Gemma
from engine.steps import readout
from engine.steps.clock import now
from engine.steps.denoise import denoise
from engine.values.frame import Frame


@dataclass(frozen=True)
class Turn:
    """One canvas: seconds until its first step began, and of all its steps; bytes at the highest mark of memory."""

    prefill: float
    stepping: float
    peak: int | None


Side = Callable[[Gemma, Sequence[int], int], Turn]  # of a model, a context, and so many steps


def ours(model: Gemma, ids: Sequence[int], steps: int) -> Turn:
    """Our canvas, as the program makes it, a Frame each step."""
    marked, began = device.forget(model.device), now(model.device)
    frames = list(_frames(model, ids, steps))
    whole = now(model.device) - began
    return Turn(_before(frames[0]), whole - _before(frames[0]), device.peak(model.device) if marked else None)


def theirs(model: Gemma, ids: Sequence[int], steps: int) -> Turn:
    """Transformers' canvas. Its first step begins where its decoder is called for the first time."""
    begun: list[float] = []

    def begin(decoder: Any, given: Any) -> None:
        hook.remove()
        begun.append(now(model.device))

    options = {"max_denoising_steps": steps, "max_new_tokens": model.length, "confidence_threshold": NEVER}
    hook = model.model.model.decoder.register_forward_pre_hook(begin)
    marked, began = device.forget(model.device), now(model.device)
    try:
        with norm.stock(model.model):
            model.model.generate(torch.tensor([ids], device=model.device), **options).sequences.cpu()
    finally:
        hook.remove()
    ended = now(model.device)
    return Turn(begun[0] - began, ended - begun[0], device.peak(model.device) if marked else None)


def apart(model: Gemma, ids: Sequence[int], steps: int) -> dict[str, float]:
    """Milliseconds a step by part, of a canvas of their own: telling them apart waits for the device more often.

    `rest` is acceptance, renoising, the copy to the host, the Frame and the stop rule; of a graph the last two.
    """
    reading: list[float] = []

    def read(*arguments: Any) -> readout.Readout:
        began = now(model.device)
        seen = readout.fused(*arguments)
        reading.append(now(model.device) - began)
        return seen

    graph = model.graph(len(ids)) is not None  # it times its parts itself, and has acceptance in the readout
    began = now(model.device)
    frames = list(_frames(model, ids, steps) if graph else _frames(model, ids, steps, read=read))
    whole = now(model.device) - began - _before(frames[0])
    forward = sum(frame.forward for frame in frames)
    reads = sum(frame.readout for frame in frames) if graph else sum(reading)
    seconds = {"forward": forward, "readout": reads, "rest": whole - forward - reads, "whole": whole}
    return {name: round(value * 1e3 / steps, 4) for name, value in seconds.items()}


def _frames(model: Gemma, ids: Sequence[int], steps: int, **options: Any) -> Iterator[Frame]:
    settings = replace(RESTLESS, steps=steps)
    return denoise(model, ids, lambda canvas, step: settings, **options)


def _before(first: Frame) -> float:
    """Seconds before the first step: the prefill."""
    return first.seconds - first.forward - first.readout

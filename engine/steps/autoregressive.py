"""The same weights, one token at a time: from a prompt to text through the causal encoder, one Frame a token.

What denoising is raced against. Knows no model, only the small Reader protocol, and no denoising.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from engine.steps import parcel
from engine.steps.clock import now
from engine.steps.denoise import Ask
from engine.steps.readout import COLD, TOP
from engine.steps.surprise import Causal
from engine.values.frame import Frame, StepError
from engine.values.settings import Decoding, Settings


class Reader(Causal, Protocol):
    """What a model must do to be read on from left to right."""

    length: int  # cells of a canvas
    ends: frozenset[int]


def autoregress(
    reader: Reader, prompt: Sequence[int], ask: Ask, decoding: Decoding | None = None
) -> Iterator[Frame]:
    """Write behind `prompt` (at least one id) token by token, and yield a Frame after every token.

    `ask` is called before every token, with canvas 0; time in it is not counted. Seed and room are those of its
    first answer. The text ends with an end token or at the limit: one canvas that has grown. The pass that reads
    the prompt is also the one that the first token is drawn from, so every token takes one pass. Raises StepError,
    as `denoise` does.
    """
    settings, step = ask(0, 0), 0
    run, ids = None, prompt
    while settings is not None:
        run = run or _Run(reader, settings, decoding or Decoding())
        frame = run.step(ids, step, settings)
        yield frame
        if frame.stop:
            return
        ids, step = frame.ids[-1:].tolist(), step + 1
        settings = ask(0, step)


class _Run:
    """What one text carries from token to token. Its arrays have room for all of it: frames are views of them."""

    def __init__(self, reader: Reader, first: Settings, decoding: Decoding) -> None:
        self.reader, self.decoding = reader, decoding
        self.random = torch.Generator(reader.device).manual_seed(first.seed)
        self.cache: Any = None
        self.seconds = 0.0  # of work, so far
        self.limit = decoding.tokens or first.canvases * reader.length
        self.ids, self.held = np.zeros(self.limit, np.int32), np.ones(self.limit, np.bool_)
        self.entropy = np.zeros(self.limit, np.float32)
        self.top_ids: np.ndarray | None = None  # [limit, K], once it is known how many tokens there are

    @torch.inference_mode()  # of the step, not of the generator: it would leak to the caller between two yields
    def step(self, ids: Sequence[int], step: int, settings: Settings) -> Frame:
        """Read `ids`, which the cache does not hold yet, and draw the token behind them."""
        began = now(self.reader.device)
        hidden, self.cache = self.reader.read(ids, self.cache)
        read = now(self.reader.device)
        token, entropy, top_ids, top_probs = draw(self.reader.head(hidden[-1:])[0], self.decoding, self.random)
        self._write(step, token, parcel.marred(entropy, hidden[-1:]), top_ids, top_probs)
        if not np.isfinite([self.entropy[step], *self.top_probs[step]]).all():
            raise StepError.unsound(0, step)
        ended = now(self.reader.device)
        self.seconds += ended - began
        written = slice(step + 1)
        return Frame(
            canvas=0,
            step=step,
            seconds=self.seconds,
            forward=read - began,
            readout=ended - read,
            temperature=self.decoding.temperature,
            ids=self.ids[written],
            guess=self.ids[written],
            held=self.held[written],
            entropy=self.entropy[written],
            top_ids=self.top_ids[written],
            top_probs=self.top_probs[written],
            settings=settings,
            stop=self._stop(step),
        )

    def _write(self, step: int, token: Tensor, entropy: Tensor, top_ids: Tensor, top_probs: Tensor) -> None:
        """One copy from the device into the arrays."""
        whole = torch.cat([token, top_ids]).to(torch.int32)
        real = torch.cat([entropy, top_probs]).view(torch.int32)
        packed = torch.cat([whole, real]).cpu().numpy()
        whole, real = np.split(packed, 2)
        if self.top_ids is None:
            self.top_ids = np.zeros((self.limit, len(top_ids)), np.int32)
            self.top_probs = np.zeros((self.limit, len(top_ids)), np.float32)
        real = real.view(np.float32)
        self.ids[step], self.entropy[step] = whole[0], real[0]
        self.top_ids[step], self.top_probs[step] = whole[1:], real[1:]

    def _stop(self, step: int) -> str:
        """Why the text ends with this token, a key of STOPS, or "" if it goes on."""
        if int(self.ids[step]) in self.reader.ends:
            return "end"
        return "limit" if step + 1 == self.limit else ""


def draw(logits: Tensor, decoding: Decoding, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One token from `logits` [V]: its id [1], the entropy [1] in nats of the distribution that it was drawn from,
    and that distribution's likeliest ids [K] and probabilities [K]; 0 for those that were cut off.

    First the temperature, then the `top_k` likeliest, then the fewest of them that reach `top_p` (at least one).
    """
    scaled = (logits - logits.max()) / max(decoding.temperature, COLD)
    many = min(decoding.top_k or len(logits), len(logits))
    values, ids = scaled.topk(min(max(many, TOP), len(logits)))
    probs = values[:many].softmax(0)
    before = probs.cumsum(0) - probs
    probs = torch.where(before < decoding.top_p, probs, 0)
    probs = probs / probs.sum()
    chances = torch.where(probs.isnan(), 1, probs)  # a draw from NaN ends the program on a CUDA device
    chosen = torch.multinomial(chances, 1, generator=random)
    shown = torch.nn.functional.pad(probs, (0, len(ids) - many))[:TOP]
    return ids[chosen], torch.special.entr(probs).sum()[None], ids[:TOP], shown

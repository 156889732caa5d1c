"""From the decoder's hidden states to everything a step needs to know: guess, sample, entropy, candidates, and
the soft embedding for the next step. Knows nothing of canvases, acceptance, caches or steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

TOP = 8  # candidates a cell
# Bytes of logits at once. On a CPU the C library maps anew every block over 32 MB; a GPU wants few launches.
CHUNK = {"cpu": 24 << 20}
WHOLE = 512 << 20
COLD = 1e-30  # stands for temperature 0: finite in float32, and any gap between two logits becomes infinite
FAR = -1e4  # a logit that no temperature makes likely, finite so that 0 times it is 0

Bar = tuple[Tensor, Tensor]  # ids, and a mask of the cells that may not be one of them
Head = Callable[[Tensor], Tensor]  # hidden states [R, d] -> new softcapped logits float32 [R, V]


@dataclass(frozen=True, slots=True)
class Readout:
    """What the model thinks of C cells, on its device. Probabilities are those of `logits / temperature`."""

    guess: Tensor  # int64 [C], the likeliest token
    sample: Tensor  # int64 [C], one draw
    entropy: Tensor  # float32 [C], nats, not negative
    top_ids: Tensor  # int64 [C, TOP], likeliest first; top_ids[:, 0] is the guess
    top_probs: Tensor  # float32 [C, TOP]
    soft: Tensor  # [C, d] in the type of the embedding: the mean of its rows under the probabilities


def fused(
    hidden: Tensor,
    head: Head,
    embedding: Tensor,
    scale: float,
    temperature: float,
    generator: torch.Generator,
    limits: Tensor | None = None,
    bar: Bar | None = None,
) -> Readout:
    """Read `hidden` [C, d] out in one pass over chunks of rows: beside a chunk's logits only one more of its size.

    `embedding` [V, d] times `scale` is what tokens are made of; `generator`, on the same device, draws one number
    a cell. Entropy is within 1e-5 nats of float64's. Temperature 0 is the limit: no entropy, all on the guess.
    `limits` int64 [C, L] are the only ids that a cell may be, filled up with -1; a row of -1 is free. `bar`, of ids
    [n] and a mask bool [C], are ids that the cells of the mask may not be, if they are not limited.
    """
    draws = torch.rand(len(hidden), generator=generator, device=hidden.device)
    return given(hidden, head, embedding, scale, sharp(temperature), draws, limits, bar)


def sharp(temperature: float) -> float:
    """1 / temperature, finite at 0."""
    return 1 / max(temperature, COLD)


def given(
    hidden: Tensor,
    head: Head,
    embedding: Tensor,
    scale: float,
    sharpness: float | Tensor,
    draws: Tensor,
    limits: Tensor | None = None,
    bar: Bar | None = None,
) -> Readout:
    """`fused`, its chance given: `draws` [C] in [0, 1). `sharpness` is 1 / temperature, maybe as a 0-dim tensor."""
    rows = max(1, CHUNK.get(hidden.device.type, WHOLE) // (4 * len(embedding)))
    parts = []
    for at in range(0, len(hidden), rows):
        part, logits = slice(at, at + rows), head(hidden[at : at + rows])
        few = None if limits is None else logits.gather(1, limits[part].clamp_min(0))  # logits are overwritten
        if bar is not None:
            logits.index_add_(1, bar[0], (bar[1][part] * FAR)[:, None].expand(-1, len(bar[0])))
        seen = _chunk(logits, embedding, scale, sharpness, draws[part])
        parts.append(
            seen if few is None else _limit(seen, few, limits[part], embedding, scale, sharpness, draws[part])
        )
    return parts[0] if len(parts) == 1 else Readout(*map(torch.cat, zip(*map(_fields, parts), strict=True)))


def _fields(part: Readout) -> tuple[Tensor, ...]:
    return tuple(getattr(part, name) for name in Readout.__slots__)


def _chunk(logits: Tensor, embedding: Tensor, scale: float, sharpness: float | Tensor, draws: Tensor) -> Readout:
    """The readout of logits [R, V], which it overwrites, from one uniform number a row."""
    logits, blocks = _blocks(logits)
    values, ids = _top(blocks, min(TOP, len(embedding)))
    logits.sub_(values[:, :1])  # from here on 0 is the likeliest: exp cannot overflow, sums keep their digits
    weights = torch.mul(logits, sharpness).exp_()
    sums = weights.view_as(blocks).sum(-1)
    total = sums.sum(-1)
    entropy = total.log() - logits.mul_(weights).sum(-1) * sharpness / total
    probs = ((values - values[:, :1]) * sharpness).exp() / total[:, None]
    soft = weights[:, : len(embedding)].to(embedding.dtype) @ embedding
    soft *= (scale / total)[:, None].to(embedding.dtype)
    sample = _draw(weights.view_as(blocks), sums, draws)
    return Readout(ids[:, 0], sample, entropy.clamp_(min=0), ids, probs, soft)


def _limit(
    seen: Readout,
    logits: Tensor,
    limits: Tensor,
    embedding: Tensor,
    scale: float,
    sharpness: float | Tensor,
    draws: Tensor,
) -> Readout:
    """`seen`, its limited rows as if there were no ids but `limits` [R, L], of which `logits` [R, L] are."""
    logits, order = logits.masked_fill(limits < 0, FAR).sort(descending=True, stable=True)
    ids = limits.gather(1, order)
    none = F.pad(ids[:, 1:] < 0, (1, 0))  # the first counts in any case: rows that are free must be numbers, too
    ids = torch.where(none, ids[:, :1], ids).clamp_min(0)
    far = (logits - logits[:, :1]) * sharpness
    weights = far.exp().masked_fill(none, 0.0)
    total = weights.sum(-1, keepdim=True)
    probs = weights / total
    entropy = total[:, 0].log() - torch.where(weights > 0, weights * far, 0.0).sum(-1) / total[:, 0]
    sample = ids.gather(1, _invert(weights, draws * total[:, 0])[0][:, None])[:, 0]
    soft = (probs.to(embedding.dtype)[:, None] @ embedding[ids])[:, 0] * scale
    top = seen.top_ids.shape[1]
    few = Readout(ids[:, 0], sample, entropy.clamp_min(0), ids[:, :top], probs[:, :top], soft.to(seen.soft.dtype))
    limited = (limits >= 0).any(-1)
    pairs = zip(_fields(few), _fields(seen), strict=True)
    return Readout(*(torch.where(limited if a.dim() == 1 else limited[:, None], a, b) for a, b in pairs))


def _blocks(logits: Tensor) -> tuple[Tensor, Tensor]:
    """logits [R, V] padded to whole blocks, and its view [R, blocks, width], both about the square root of V.

    Two levels make the search for the top and the draw cheap: each looks at all blocks, then into few.
    """
    width = 1 << (logits.shape[1].bit_length() // 2)
    if spare := -logits.shape[1] % width:
        logits = F.pad(logits, (0, spare), value=FAR)
    return logits, logits.view(len(logits), -1, width)


def _top(blocks: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest of each row and their columns: they lie in the `count` blocks of largest maxima."""
    width = blocks.shape[-1]
    best = blocks.amax(-1).topk(min(count, blocks.shape[1])).indices
    inside = blocks.gather(1, best[:, :, None].expand(-1, -1, width)).flatten(1)
    values, at = inside.topk(count)
    return values, best.gather(1, at // width) * width + at % width


def _draw(weights: Tensor, sums: Tensor, draws: Tensor) -> Tensor:
    """One column a row, by inverting the cumulated weights [R, blocks, width] at `draws` in [0, 1)."""
    block, rest = _invert(sums, draws * sums.sum(-1))
    row = torch.arange(len(weights), device=weights.device)
    return block * weights.shape[-1] + _invert(weights[row, block], rest)[0]


def _invert(weights: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The first column [R] at which the cumulated weights [R, n] exceed `target` [R], and what is left of it."""
    reached = weights.cumsum(-1)
    below = torch.nextafter(reached[:, -1], torch.zeros_like(target))  # rounding must not run past the end
    target = torch.minimum(target, below)
    column = (reached <= target[:, None]).sum(-1)
    before = F.pad(reached, (1, 0)).gather(1, column[:, None])[:, 0]
    return column, target - before


def reference(
    hidden: Tensor,
    head: Head,
    embedding: Tensor,
    scale: float,
    temperature: float,
    generator: torch.Generator,
) -> Readout:
    """The same, by the operations and the draws of transformers' generation_diffusion_gemma.py, in their order.

    Slow, several times [C, V] in memory: what `fused` is measured and tested against.
    """
    logits = head(hidden) / max(temperature, COLD)
    probs = torch.softmax(logits, dim=-1, dtype=torch.float32)
    sample = torch.multinomial(probs, num_samples=1, generator=generator).squeeze(-1)
    guess = torch.argmax(logits, dim=-1)
    entropy = torch.distributions.Categorical(logits=logits, validate_args=False).entropy()
    top_probs, top_ids = probs.topk(min(TOP, len(embedding)))
    kind = embedding.dtype
    soft = torch.matmul(logits.to(kind).softmax(dim=-1, dtype=torch.float32).to(kind), embedding) * scale
    return Readout(guess, sample, entropy, top_ids, top_probs, soft)

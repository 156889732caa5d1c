"""What one denoising step has to move and to compute, whoever does it, by part. Knows a configuration; no torch.

Only what cannot be avoided is counted: every weight is read once, and so is every key and value of the context;
activations and logits may stay on the chip. Norms, gains (below a thousandth) and embedding lookups are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Work:
    """Bytes from memory, and floating point operations, a multiplication and an addition being two."""

    bytes: float
    flops: float

    def seconds(self, bandwidth: float, speed: float) -> float:
        """The least time at so many bytes and operations a second: the two go on side by side (the roofline).

        Source: Williams, Waterman and Patterson, "Roofline" (CACM 52(4), 2009).
        """
        return max(self.bytes / bandwidth, self.flops / speed)


def step(config: Any, context: int, itemsize: int, group: int | None = None) -> dict[str, Work]:
    """The parts of a step, one after the other, of a DiffusionGemmaConfig behind `context` tokens.

    Numbers have `itemsize` bytes, those of the experts 4 bits and two numbers a `group` of them, if that is given.
    """
    text, cells = config.text_config, config.canvas_length
    wide, layers = text.hidden_size, text.num_hidden_layers
    gated = 3 * wide * text.intermediate_size
    return {
        "attention": _sum(_attention(text, at, context, cells, itemsize) for at in range(layers)),
        "feed_forward": _dense((layers + 1) * gated, cells, itemsize),  # one more takes in the step before
        "experts": _experts(text, cells, itemsize, group),
        # A pass over the embedding can give the logits and, by the weights so far, the soft embedding.
        "readout": Work(text.vocab_size * wide * itemsize, 4 * cells * text.vocab_size * wide),
    }


def distinct(experts: int, top: int, rows: int) -> float:
    """How many of `experts` are expected to be hit, if each of `rows` chooses `top` different ones at random.

    A row leaves an expert out with probability 1 - top / experts, and rows choose independently:
    experts * (1 - (1 - top / experts) ** rows). A trained router is less even, and hits fewer.
    """
    return experts * (1 - (1 - top / experts) ** rows)


def _attention(text: Any, at: int, context: int, cells: int, itemsize: int) -> Work:
    """A layer's. One that sees everything makes its values from the keys, without weights of their own."""
    own, sliding = text.per_layer_config[at], text.layer_types[at] == "sliding_attention"
    queries, keys = text.num_attention_heads * own.head_dim, own.num_key_value_heads * own.head_dim
    seen = min(context, text.sliding_window - 1) if sliding else context
    weights = text.hidden_size * (2 * queries + (2 if sliding else 1) * keys)
    kept = Work(2 * keys * seen * itemsize, 4 * cells * queries * (seen + cells))
    return _sum((_dense(weights, cells, itemsize), kept))


def _experts(text: Any, cells: int, itemsize: int, group: int | None) -> Work:
    """The routers and the experts of all layers."""
    routers = _dense(text.num_hidden_layers * text.hidden_size * text.num_experts, cells, itemsize)
    each = 3 * text.hidden_size * text.moe_intermediate_size
    hit = text.num_hidden_layers * distinct(text.num_experts, text.top_k_experts, cells)
    bytes_ = 0.5 + 2 * itemsize / group if group else itemsize
    flops = 2 * cells * text.num_hidden_layers * text.top_k_experts * each
    return _sum((routers, Work(hit * each * bytes_, flops)))


def _dense(numbers: int, rows: int, itemsize: int) -> Work:
    """Weights through which every row goes."""
    return Work(numbers * itemsize, 2 * numbers * rows)


def _sum(parts: Any) -> Work:
    parts = list(parts)
    return Work(sum(part.bytes for part in parts), sum(part.flops for part in parts))

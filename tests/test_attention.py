"""Attention of a canvas: transformers' numbers, without a key for every head."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers.integrations.sdpa_attention import sdpa_attention_forward

import tiny
from engine.model.attention import attend
from engine.model.gemma import Gemma

HEADS, CELLS, WIDTH, KEYS = 8, 6, 4, 20


def numbers(groups):
    random = torch.Generator().manual_seed(groups)
    query, key, value = (
        torch.randn(1, heads, length, WIDTH, generator=random)
        for heads, length in ((HEADS, CELLS), (groups, KEYS), (groups, KEYS))
    )
    return SimpleNamespace(num_key_value_groups=HEADS // groups, is_causal=False), query, key, value


def hidden(count):
    """The first `count` keys are not to be seen."""
    mask = torch.zeros(1, 1, 1, KEYS)
    mask[..., :count] = torch.finfo(mask.dtype).min
    return mask


@pytest.mark.parametrize("mask", [None, hidden(0), hidden(7)], ids=["no mask", "an empty mask", "a mask"])
@pytest.mark.parametrize("groups", [1, 2, 8])
def test_the_numbers_are_those_of_transformers(groups, mask):
    given = numbers(groups)
    stock, _ = sdpa_attention_forward(*given, mask, scaling=0.7, is_causal=False)
    found, weights = attend(*given, mask, canvas=True, scaling=0.7, is_causal=False)
    assert weights is None and found.shape == (1, CELLS, HEADS, WIDTH)
    torch.testing.assert_close(found, stock)


def test_a_kernel_may_lay_its_result_out_as_it_likes(monkeypatch):
    given = *numbers(2), hidden(7)
    before, _ = attend(*given, canvas=True)
    turned = lambda *some, **more: scaled_dot_product_attention(*some, **more).mT.contiguous().mT  # noqa: E731
    monkeypatch.setattr("engine.model.attention.scaled_dot_product_attention", turned)
    assert torch.equal(attend(*given, canvas=True)[0], before)


def test_what_is_hidden_makes_no_difference():
    module, query, key, value = numbers(2)
    before, _ = attend(module, query, key, value, hidden(7), canvas=True)
    key[:, :, :7], value[:, :, :7] = 3.0, 100.0
    assert torch.equal(attend(module, query, key, value, hidden(7), canvas=True)[0], before)


def test_whoever_does_not_ask_gets_the_stock_function():
    module, query, key, value = numbers(2)
    causal = torch.full((CELLS, KEYS), torch.finfo(query.dtype).min).triu(KEYS - CELLS + 1)[None, None]
    stock, _ = sdpa_attention_forward(module, query, key, value, causal, scaling=1.0, is_causal=False)
    assert torch.equal(attend(module, query, key, value, causal, scaling=1.0, is_causal=False)[0], stock)


class Largest(TorchDispatchMode):
    """How many numbers the largest result has."""

    size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.size = max(self.size, *(leaf.numel() for leaf in tree_leaves(result)))
        return result


def test_no_key_is_repeated():
    module, query, key, value = numbers(2)
    with Largest() as ours:
        attend(module, query, key, value, hidden(7), canvas=True)
    with Largest() as stock:
        sdpa_attention_forward(module, query, key, value, hidden(7))
    assert ours.size == query.numel() < stock.size == HEADS // 2 * key.numel()


def test_the_encoder_keeps_its_attention():
    model = Gemma(tiny.model(), tiny.tokenizer(), "tiny").model.model
    ways = [
        {layer.self_attn.config._attn_implementation for layer in part.layers}
        for part in (model.decoder, model.encoder.language_model)
    ]
    assert ways == [{"canvas"}, {"sdpa"}]

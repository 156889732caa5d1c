"""Norms in one operation: the same numbers, and transformers' own where transformers is measured."""

import pytest
import torch
from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaRMSNorm

import tiny
from engine.bench import canvas
from engine.model import norm
from engine.model.gemma import Gemma

torch.set_num_threads(1)


class Pair(torch.nn.Module):
    """A norm with a gain, and one without."""

    def __init__(self, dtype):
        super().__init__()
        self.scaled, self.plain = DiffusionGemmaRMSNorm(48), DiffusionGemmaRMSNorm(48, with_scale=False)
        torch.nn.init.normal_(self.scaled.weight)
        self.to(dtype)

    def forward(self, x):
        return self.scaled(x), self.plain(x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("size", [1e-4, 1.0, 1e4])
def test_a_norm_is_the_stock_one_to_the_last_bit(dtype, size):
    x = (size * torch.randn(5, 3, 48, generator=torch.Generator().manual_seed(1))).to(dtype)
    pair = Pair(dtype)
    expected = pair(x)
    norm.use(pair)
    for found, stock in zip(pair(x), expected, strict=True):
        assert found.dtype == dtype and torch.equal(found, stock)
    assert all(type(module) is not DiffusionGemmaRMSNorm for module in pair.children())


def norms(model):
    return {type(module) for module in model.modules() if isinstance(module, DiffusionGemmaRMSNorm)}


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_transformers_is_measured_with_its_own_norms(monkeypatch):
    made = Gemma(tiny.model(), tiny.tokenizer(), "tiny")
    ours, seen, generate = norms(made.model), [], made.model.generate
    monkeypatch.setattr(
        made.model, "generate", lambda *given, **how: (seen.append(norms(made.model)), generate(*given, **how))[1]
    )
    canvas.theirs(made, [tiny.BOS, 30], 2)
    assert seen == [{DiffusionGemmaRMSNorm}] and norms(made.model) == ours and DiffusionGemmaRMSNorm not in ours

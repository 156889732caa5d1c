"""The fused readout against float64, against transformers' draws, and against chance."""

import math

import pytest
import torch

from engine.steps import readout
from engine.steps.readout import TOP, fused, reference

torch.set_num_threads(1)
WIDTH = 8


def source(seed=0):
    return torch.Generator().manual_seed(seed)


def logits(cells=6, vocabulary=1000, spread=3.0, seed=0):
    """Softcapped at 30 like the model's, from nearly uniform cells to nearly certain ones."""
    sure = torch.linspace(0.01, spread, cells)[:, None]
    return 30 * torch.tanh(sure * torch.randn(cells, vocabulary, generator=source(seed)) / 10)


def read(values, temperature=0.7, seed=1, how=fused, kind=torch.float32, scale=1.5):
    table = torch.randn(values.shape[1], WIDTH, generator=source(9)).to(kind)
    return how(values, torch.clone, table, scale, temperature, source(seed)), table


def exact(values, temperature=0.7):
    """log-probabilities in float64."""
    return torch.log_softmax(values.double() / temperature, -1)


SIZES = [1, 2, 7, 8, 9, 64, 255, 256, 257, 1000, 2816]


@pytest.mark.parametrize("vocabulary", SIZES)
@pytest.mark.parametrize("how", [fused, reference])
def test_every_size_of_vocabulary_reads_out_right(vocabulary, how):
    values = logits(vocabulary=vocabulary)
    (seen, table), log = read(values, how=how), exact(values)
    best = values.sort(descending=True).indices[:, : min(TOP, vocabulary)]
    assert torch.equal(seen.guess, values.argmax(-1)) and torch.equal(seen.top_ids, best)
    assert torch.allclose(seen.top_probs.double(), log.exp().gather(1, best), atol=1e-6)
    assert torch.allclose(seen.entropy.double(), -(log.exp() * log).sum(-1), atol=1e-5)
    assert torch.allclose(seen.soft.double(), log.exp() @ table.double() * 1.5, atol=1e-5)
    assert ((seen.sample >= 0) & (seen.sample < vocabulary)).all()


@pytest.mark.parametrize("temperature", [0.05, 0.4, 0.8, 2.0])
def test_entropy_is_right_to_1e_5_nats_at_the_full_vocabulary(temperature):
    values = logits(cells=8, vocabulary=262_144, spread=20.0)
    seen, _ = read(values, temperature)
    log = exact(values, temperature)
    assert (seen.entropy.double() + (log.exp() * log).sum(-1)).abs().max() < 1e-5


def test_chunks_of_rows_change_nothing(monkeypatch):
    values = logits(cells=11)
    whole, _ = read(values)
    monkeypatch.setitem(readout.CHUNK, "cpu", 4 * 1000 * 3)
    chunked, _ = read(values)
    for name in readout.Readout.__slots__:
        assert torch.allclose(getattr(whole, name), getattr(chunked, name), atol=1e-6), name


def test_the_head_never_sees_more_rows_than_fit_into_a_chunk(monkeypatch):
    monkeypatch.setitem(readout.CHUNK, "cpu", 4 * 1000 * 3 + 5)
    rows = []

    def head(hidden):
        rows.append(len(hidden))
        return torch.zeros(len(hidden), 1000)

    fused(torch.randn(11, 4), head, torch.randn(1000, 4), 1.0, 1.0, source())
    assert rows == [3, 3, 3, 2]


def test_the_hidden_states_are_left_alone():
    values = logits()
    before = values.clone()
    read(values)
    assert torch.equal(values, before)


def test_the_same_seed_draws_the_same():
    values = logits(cells=64, spread=0.1)
    first, again, other = (read(values, seed=seed)[0].sample for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def chi_square(draws, probs):
    """Pearson's statistic of draws against probabilities, and its 99.99 % quantile (Wilson and Hilferty 1931)."""
    expected = probs * len(draws)
    statistic = ((torch.bincount(draws, minlength=len(probs)) - expected) ** 2 / expected).sum()
    freedom = len(probs) - 1
    return statistic, freedom * (1 - 2 / (9 * freedom) + 3.719 * math.sqrt(2 / (9 * freedom))) ** 3


@pytest.mark.parametrize("how", [fused, reference])
@pytest.mark.parametrize("vocabulary", [5, 40, 301])
def test_samples_are_distributed_as_the_probabilities(how, vocabulary):
    values = torch.randn(1, vocabulary, generator=source()).expand(40_000, -1) * 0.7
    seen, _ = read(values, how=how)
    statistic, limit = chi_square(seen.sample, exact(values[0]).exp())
    assert statistic < limit
    assert chi_square(seen.sample, exact(values[0], 0.9).exp())[0] > limit  # the test can tell


def test_a_token_without_probability_is_never_drawn():
    values = torch.full((5000, 300), -30.0)
    values[:, [17, 170, 299]] = 30.0
    seen, _ = read(values, temperature=0.4)
    assert set(seen.sample.tolist()) == {17, 170, 299}


@pytest.mark.parametrize("draw", [0.0, 1 - 2**-24])
def test_the_ends_of_the_interval_draw_real_tokens(monkeypatch, draw):
    monkeypatch.setattr(torch, "rand", lambda n, **_: torch.full((n,), draw))
    for vocabulary in SIZES:
        values = logits(cells=4, vocabulary=vocabulary)
        sample = read(values)[0].sample
        assert ((sample >= 0) & (sample < vocabulary)).all()
        assert (exact(values).exp().gather(1, sample[:, None]) > 0).all()


@pytest.mark.parametrize("how", [fused, reference])
def test_temperature_zero_is_the_limit_of_small_temperatures(how):
    values = logits()
    seen, table = read(values, 0.0, how=how)
    assert not seen.entropy.any() and torch.equal(seen.sample, values.argmax(-1))
    assert torch.equal(seen.top_probs, torch.eye(TOP)[0].expand(6, TOP))
    assert torch.allclose(seen.soft, table[values.argmax(-1)] * 1.5)
    near, _ = read(values, 1e-6, how=how)
    assert torch.equal(near.sample, seen.sample) and torch.allclose(near.soft, seen.soft)


def test_lower_temperature_never_has_more_entropy():
    values = logits(cells=32)
    entropies = torch.stack(
        [read(values, temperature)[0].entropy for temperature in (2.0, 1.0, 0.7, 0.4, 0.1, 0.0)]
    )
    assert (entropies.diff(dim=0) <= 1e-6).all()


def test_uniform_cells_have_the_entropy_of_the_vocabulary():
    seen, _ = read(torch.zeros(3, 512))
    assert torch.allclose(seen.entropy, torch.tensor(math.log(512)))


def test_the_soft_embedding_has_the_type_of_the_embedding():
    values = logits()
    for how in (fused, reference):
        seen, table = read(values, how=how, kind=torch.bfloat16)
        assert seen.soft.dtype == torch.bfloat16
        mean = exact(values).exp() @ table.double() * 1.5
        assert (seen.soft.double() - mean).abs().max() < 0.03 * mean.abs().max()
        assert seen.entropy.dtype == seen.top_probs.dtype == torch.float32

"""Laws of acceptance, on random canvases and on the corners."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.steps.samplers import SAMPLERS
from engine.values.settings import SAMPLERS as NAMES
from engine.values.settings import Settings

torch.set_num_threads(1)


def canvas(seed, cells=64):
    generator = torch.Generator().manual_seed(seed)
    entropy = torch.rand(cells, generator=generator) ** 4 * 5
    return entropy, torch.exp(-entropy)


def accept(name, entropy, top, step=0, **knobs):
    """`top` is the probability of the likeliest token, of which the second has the tenth part."""
    top = torch.stack([top, top / 10], -1)
    held = SAMPLERS[name](entropy, top, Settings(sampler=name, **knobs), step)
    assert held.shape == entropy.shape and held.dtype == torch.bool
    return held


def test_every_sampler_that_settings_names_exists():
    assert tuple(SAMPLERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(5))
def test_at_least_one_cell_is_accepted_however_strict_the_knobs(name, seed):
    entropy, top = canvas(seed)
    entropy, top = entropy + 3, top / 10
    held = accept(name, entropy, top, entropy_bound=0.001, accept_above=1.0, steps=128)
    assert held.any() and entropy[held].min() == entropy.min()


@pytest.mark.parametrize("name", NAMES)
def test_an_accepted_cell_is_never_less_sure_than_an_open_one(name):
    entropy, top = canvas(1)
    held = accept(name, entropy, top, step=20)
    assert held.any() and not held.all()
    assert entropy[held].max() <= entropy[~held].min()


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_depends_on_where_it_stands(name):
    entropy, top = canvas(2)
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    straight, shuffled = (accept(name, *pair, step=9) for pair in ((entropy, top), (entropy[order], top[order])))
    assert torch.equal(straight[order], shuffled)


@pytest.mark.parametrize("seed", range(5))
def test_a_higher_entropy_bound_accepts_a_superset(seed):
    entropy, top = canvas(seed)
    bounds = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
    masks = [accept("entropy bound", entropy, top, entropy_bound=bound) for bound in bounds]
    assert all((low <= high).all() for low, high in pairwise(masks))
    assert masks[0].sum() < masks[-1].sum()


def test_the_entropy_bound_counts_what_was_accepted_before_but_not_the_cell_itself():
    entropy = torch.tensor([0.06, 0.05, 4.0, 0.03])
    assert accept("entropy bound", entropy, entropy, entropy_bound=0.08).tolist() == [True, True, False, True]
    assert accept("entropy bound", entropy, entropy, entropy_bound=0.07).tolist() == [
        False,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize("seed", range(20))
def test_the_entropy_bound_is_transformers(seed):
    from transformers.models.diffusion_gemma.generation_diffusion_gemma import (
        EntropyBoundSampler,
        EntropyBoundSamplerConfig,
    )

    logits = torch.randn(1, 32, 50, generator=torch.Generator().manual_seed(seed)) * (seed % 5 + 1) * 3
    theirs = EntropyBoundSampler(EntropyBoundSamplerConfig(entropy_bound=0.4), 32, 50, 48)
    canvas = torch.zeros(1, 32, dtype=torch.long)
    theirs.accept_canvas(canvas, canvas, logits, 1)
    entropy = torch.distributions.Categorical(logits=logits[0]).entropy()
    ours = accept("entropy bound", entropy, entropy, entropy_bound=0.4)
    assert torch.equal(ours, theirs.accepted_token_mask[0])


def test_confidence_accepts_what_is_above_the_threshold_and_nothing_else():
    top = torch.tensor([0.2, 0.95, 0.9, 0.89])
    assert accept("confidence", -top, top, accept_above=0.9).tolist() == [False, True, True, False]
    assert accept("confidence", -top, top, accept_above=0.0).all()
    assert accept("confidence", -top, top, accept_above=1.0).tolist() == [False, True, False, False]


def test_the_margin_is_between_the_two_likeliest_tokens():
    top = torch.tensor([[0.95, 0.04], [0.5, 0.01], [0.5, 0.49], [0.92, 0.05]])
    knobs = Settings(sampler="margin", accept_above=0.8)
    assert SAMPLERS["margin"](-top[:, 0], top, knobs, 0).tolist() == [True, False, False, True]
    strict = Settings(sampler="margin", accept_above=1.0)
    assert SAMPLERS["margin"](-top[:, 0], top, strict, 0).tolist() == [True, False, False, False]


@pytest.mark.parametrize("steps", [1, 3, 48, 128])
def test_the_quota_grows_by_a_fixed_share_to_the_whole_canvas(steps):
    entropy, top = canvas(3)
    counts = [int(accept("linear quota", entropy, top, step, steps=steps).sum()) for step in range(steps)]
    assert counts == [int(np.ceil(64 * (step + 1) / steps)) for step in range(steps)]
    assert counts[-1] == 64

"""A larger network that begins as a smaller one."""

from dataclasses import replace

import pytest
import torch

from engine.training import model, presets, train
from engine.training.grow import grown, places
from engine.training.loss import capped, decode, encode

pytestmark = pytest.mark.usefixtures("one_thread")
SHAPE = replace(presets.PRESETS["smoke"].shape, vocab=300)
LARGER = replace(SHAPE, layers=4, full_every=4, mlp=96)
NEAR, FAR = "sliding_attention", "full_attention"


def kinds(network):
    return network.config.text_config.layer_types


def answers(network):
    """What both sides think of a canvas, with a guess from before."""
    dice = torch.Generator().manual_seed(5)
    context, canvas = torch.randint(300, (2, 9), generator=dice), torch.randint(300, (2, 16), generator=dice)
    lengths = torch.tensor([9, 7])
    hidden, cache = encode(network, context)
    first = capped(network, decode(network, canvas, cache, lengths))
    hidden, cache = encode(network, context)
    again = decode(network, canvas, cache, lengths, first, torch.ones(2, dtype=bool))
    return capped(network, hidden), first, capped(network, again)


@torch.no_grad()
def test_it_thinks_what_the_smaller_one_thinks():
    small, large = model.build(SHAPE, 300, seed=1), model.build(LARGER, 300, seed=2)
    large.load_state_dict(grown(small.state_dict(), kinds(small), large.state_dict(), kinds(large)))
    for mine, theirs in zip(answers(model.quicken(large)), answers(model.quicken(small)), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_every_new_weight_can_learn():
    small, large = model.build(SHAPE, 300, seed=1), model.build(LARGER, 300, seed=2)
    large.load_state_dict(grown(small.state_dict(), kinds(small), large.state_dict(), kinds(large)))
    for _ in range(2):  # what is silent learns to speak first, and only then what to say
        sum(part.square().mean() for part in answers(model.quicken(large))).backward()
        with torch.no_grad():
            for weight in large.parameters():
                weight.add_(weight.grad if weight.grad is not None else 0, alpha=0.1)
    known = [name for name, weight in large.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not [name for name in known if ".layers.0." in name and "vision" not in name]


def test_a_layer_is_made_from_the_nearest_of_its_kind():
    assert places([NEAR, FAR], [NEAR, NEAR, NEAR, FAR]) == [(0, True), (0, False), (0, True), (1, False)]
    assert places([NEAR, FAR], [NEAR, FAR]) == [(0, False), (1, False)]
    for larger in ([NEAR], [FAR, NEAR], [NEAR, FAR, FAR, NEAR]):
        with pytest.raises(ValueError, match="cannot grow"):
            places([NEAR, FAR], larger)
    with pytest.raises(ValueError, match="cannot grow"):
        places([NEAR, NEAR], [FAR, NEAR, NEAR, NEAR])


def test_only_feed_forward_units_may_be_more():
    small, wide = (model.build(shape, 300, seed=1) for shape in (SHAPE, replace(SHAPE, hidden=64)))
    with pytest.raises(ValueError, match="cannot grow"):
        grown(small.state_dict(), kinds(small), wide.state_dict(), kinds(wide))


def test_training_goes_on_from_a_smaller_model(tmp_path):
    smoke = replace(presets.PRESETS["smoke"], then=None)
    train.train(smoke, tmp_path / "small", stop=2)
    more = replace(smoke, shape=replace(smoke.shape, layers=4, full_every=4, mlp=96))
    found = train.train(more, tmp_path / "large", source=tmp_path / "small", stop=3)
    assert found["steps"] == 3
    with pytest.raises(ValueError, match="cannot grow"):
        train.train(smoke, tmp_path / "back", source=tmp_path / "large")

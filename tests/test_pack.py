"""Weights in 4 bits: no element moves by more than half a step, and what fits the levels survives."""

import pytest
import torch

from engine.model.experts.pack import Packed, quantise

torch.set_num_threads(1)
FLOATS = (torch.float32, torch.bfloat16)


def weights(dtype=torch.float32):
    """[3, 8, 192]: groups of very different spread, far from zero, on one side, constant, zero, an outlier."""
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 8, 192, generator=random) * torch.logspace(-4, 3, 8)[None, :, None]
    weight[0, 0] += 1000
    weight[0, 1] = weight[0, 1].abs()
    weight[1, 0], weight[1, 1], weight[1, 2, 5] = 0.37, 0.0, 1e4
    return weight.to(dtype)


def exact(packed: Packed) -> torch.Tensor:
    """What is meant, in float64, whatever the scales are stored in."""
    return Packed(packed.packed, packed.scale.double(), packed.minimum.double()).dequantise()


@pytest.mark.parametrize("scales", FLOATS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("group", [32, 64])
def test_no_element_moves_by_more_than_half_a_step(group, dtype, scales):
    weight = weights(dtype)
    packed = quantise(weight, group, scales)
    error = (exact(packed) - weight.double()).abs().unflatten(-1, (-1, group))
    slack = 1e-6 * weight.abs().double().unflatten(-1, (-1, group))  # of the float32 that it is computed in
    assert packed.scale.dtype == packed.minimum.dtype == scales
    assert (error <= packed.scale.double()[..., None] / 2 + slack).all()
    spread = weight.float().unflatten(-1, (-1, group)).aminmax(dim=-1)
    wide = (spread.max - spread.min) > spread.min.abs() / 10
    assert (packed.scale.float() <= (spread.max - spread.min) / 15 * 1.1)[wide].all()  # and a step is no larger


def test_what_lies_on_the_levels_survives():
    levels = torch.arange(16.0).repeat(2, 4, 4)
    assert torch.equal(quantise(levels / 4 - 2, 32).dequantise(), levels / 4 - 2)


def test_packing_what_was_packed_changes_nothing():
    once = quantise(weights()[:, 2:], 64).dequantise()
    torch.testing.assert_close(quantise(once, 64).dequantise(), once, rtol=1e-5, atol=0)


def test_the_even_column_is_in_the_low_half():
    weight = torch.zeros(1, 64)
    weight[0, 6], weight[0, 9] = 15, 15
    (line,) = quantise(weight, 64).packed
    assert line[3] == 0x0F and line[4] == 0xF0 and line.sum() == 0x0F + 0xF0


def test_without_a_minimum_the_eighth_level_is_zero():
    whole = quantise(weights(), 64)
    packed = Packed(whole.packed, whole.scale)
    with_it = Packed(whole.packed, whole.scale, -8 * whole.scale)
    assert torch.equal(packed.dequantise(), with_it.dequantise()) and len(list(packed.buffers())) == 2
    assert (packed.group, packed.shape) == (with_it.group, with_it.shape)
    assert torch.equal(packed[1].dequantise(), packed.dequantise()[1])
    assert torch.equal(with_it[1].dequantise(), with_it.dequantise()[1])
    assert (Packed(torch.full((1, 32), 0x88, dtype=torch.uint8), torch.ones(1, 1)).dequantise() == 0).all()


def test_shapes_and_types():
    packed = quantise(torch.randn(2, 3, 704), 64, torch.bfloat16)
    assert packed.packed.shape == (2, 3, 352) and packed.packed.dtype == torch.uint8
    assert packed.scale.shape == packed.minimum.shape == (2, 3, 11)
    assert packed.group == 64 and packed.shape == (2, 3, 704)
    assert packed.dequantise().shape == (2, 3, 704) and packed.dequantise().dtype == torch.bfloat16
    assert quantise(torch.randn(704), 32).group == 32


def test_a_group_that_does_not_fit_is_refused():
    for columns, group in ((704, 128), (16, 32), (63, 63)):
        with pytest.raises(ValueError, match=f"{columns} columns"):
            quantise(torch.randn(2, columns), group)

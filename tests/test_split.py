"""A model over several cards: who has what, and that the way from card to card changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import tiny
from engine.commands.console.flags import Parser, add_knobs, given
from engine.model import gemma, weights
from engine.model.choice.plan import judge
from engine.model.choice.source import survey
from engine.model.computer import machine
from engine.model.computer.split import spread
from engine.model.folder.checkpoint import SIGHT, LoadError
from engine.model.layouts import Slot
from engine.steps.denoise import denoise
from engine.values.settings import Settings

LAYERS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.checkpoint(tmp_path_factory.mktemp("split") / "tiny", layers=LAYERS)


@pytest.fixture
def two(monkeypatch):
    """Two cards with 10 GB each; what would lie on them stays on the CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index=0: (10**10, 2 * 10**10))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "Test Card")
    monkeypatch.setattr(weights, "spread", lambda *given: dict.fromkeys(spread(*given), "cpu"))
    monkeypatch.setattr(gemma, "DTYPES", dict.fromkeys(gemma.DTYPES, torch.float32))


def shares(model, found):
    """Numbers on each card; every tensor has to be on one."""
    counts = {}
    for name, weight in model.named_parameters():
        (card,) = {card for part, card in found.items() if name.startswith(part + ".")}
        counts[card] = counts.get(card, 0) + weight.numel()
    return counts


@pytest.mark.parametrize("free", [[10, 10], [30, 10], [10, 10, 10], [5, 20, 20]])
def test_every_weight_has_a_card_and_the_cards_are_filled_alike(free):
    model = tiny.model(layers=24)
    found = spread(model, free)
    counts, whole = shares(model, found), sum(w.numel() for w in model.parameters())
    layer = sum(w.numel() for w in model.model.decoder.layers[0].parameters())
    assert set(counts) == set(range(len(free)))
    for card, room in enumerate(free):
        assert abs(counts[card] - whole * room / sum(free)) <= layer


def test_layers_are_in_order_and_the_encoders_are_with_the_decoders():
    found = spread(tiny.model(layers=LAYERS), [10, 10])
    decoder, encoder = (
        [found[f"model.{side}.layers.{index}"] for index in range(LAYERS)]
        for side in ("decoder", "encoder.language_model")
    )
    assert decoder == encoder == sorted(decoder) and set(decoder) == {0, 1}
    assert {found[part] for part in ("model.decoder.embed_tokens", "model.decoder.norm", "lm_head")} == {0}


def test_one_card_has_everything():
    assert set(spread(tiny.model(), [1]).values()) == {0}


def frames(model):
    settings = Settings(steps=2, confidence=0.0)  # sums in another order: each step makes more of the difference
    return list(denoise(model, [tiny.BOS, 30, 31], lambda canvas, step: settings))


@pytest.fixture
def model(folder, two):
    """With the hooks that move a canvas from card to card, if only from the CPU to the CPU."""
    from accelerate import dispatch_model

    model = gemma.load(folder, "split")
    blind = {part: f"{part}.".startswith(SIGHT) for part in spread(model.model, [10, 10])}
    found = {part: "meta" if only_pictures else "cpu" for part, only_pictures in blind.items()}
    assert set(found.values()) == {"meta", "cpu"}
    dispatch_model(model.model, found, "cpu", force_hooks=True, skip_keys="cache")
    return model


def test_a_spread_model_writes_what_a_whole_one_writes(model, folder):
    assert hasattr(model.model.model.decoder.layers[0], "_hf_hook")
    for ours, whole in zip(frames(model), frames(gemma.load(folder, "cpu")), strict=True):
        assert np.array_equal(ours.ids, whole.ids) and np.array_equal(ours.guess, whole.guess)
        assert np.allclose(ours.entropy, whole.entropy, atol=1e-3)


def test_a_spread_model_has_no_graphs(model, monkeypatch):
    monkeypatch.setattr(model, "device", torch.device("cuda"))
    assert model.model.hf_device_map and model.graph(1) is None and model.remark is None


def test_the_cards_count_together(folder, two):
    here = machine.look("split")
    assert (here.kind, here.free, here.name) == ("split", 2 * 10**10, "the 2 graphics cards")
    large = survey(folder)

    def of(numbers):
        slots = {"rest": Slot((numbers,), ()), "0.experts.down_proj": Slot((8, 64, 64), ())}
        return replace(large, weights=replace(large.weights, slots=slots))

    huge = of(9 * 10**9)
    assert judge(huge, here).sentence.startswith("Fits: 18.")
    assert judge(huge, machine.look("cuda")).precision != "full"
    assert judge(of(11 * 10**9), here).precision is None


def test_what_torch_keeps_of_a_model_before_is_free_for_the_next(two, monkeypatch):
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda card: 9 * 10**9)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda card: 4 * 10**9)
    assert machine.cards() == [15 * 10**9] * 2 and machine.look("cuda").free == 15 * 10**9


def test_what_does_not_fit_or_cannot_be_is_one_sentence(folder, two, monkeypatch):
    with pytest.raises(LoadError, match="one graphics card: choose device cuda"):
        gemma.load(folder, "split", precision="int4")
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(LoadError, match="pip install accelerate"):
        gemma.load(folder, "split")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index=0: (10, 20))
    with pytest.raises(LoadError, match="graphics cards"):
        gemma.load(folder, "split")


def test_without_several_cards_there_is_nothing_to_split_over(folder):
    with pytest.raises(LoadError, match="no split device"):
        gemma.load(folder, "split")


def test_the_flag_is_the_device_by_another_name(capsys):
    parser = Parser()
    add_knobs(parser)
    assert given(parser.parse_args(["--device-map", "auto"])) == {"device": "split"}
    with pytest.raises(SystemExit):
        parser.parse_args(["--device-map", "balanced"])
    assert "can only be auto" in capsys.readouterr().err

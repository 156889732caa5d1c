"""Surprise: what the same weights say of a text from left to right, of which cells, and where it is told."""

import json

import numpy as np
import pytest
import torch

import tiny
from engine.__main__ import main
from engine.steps.surprise import quality, surprise
from engine.values.frame import Lexicon
from engine.values.metrics import summary
from engine.values.quality import LABEL, SEAM, Quality, written
from samples import CHANNELS, LEXICON, THINKING, recording

torch.set_num_threads(1)


def test_a_surprise_is_what_transformers_causal_reading_says(model):
    ids = torch.randint(9, model.vocabulary - 3, (90,), generator=torch.Generator().manual_seed(3))
    nats = surprise(model, ids[:5].tolist(), ids[5:].tolist())
    with torch.inference_mode():
        hidden = model.model.model.encoder(input_ids=ids[None, :-1]).last_hidden_state[0, 4:]
        odds = model.head(hidden).double().log_softmax(-1)
    assert torch.allclose(nats.double(), -odds.gather(1, ids[5:, None])[:, 0], atol=1e-4)


def test_a_token_does_not_know_what_comes_after_it(model):
    ids = list(range(10, 40))
    whole = surprise(model, ids[:4], ids[4:])
    assert torch.allclose(whole[:7], surprise(model, ids[:4], ids[4:11]), atol=1e-4)
    assert torch.allclose(whole[7:], surprise(model, ids[:11], ids[11:]), atol=1e-4)
    assert surprise(model, ids, []).shape == (0,)


def test_a_text_is_read_up_to_its_end_without_control_tokens_but_with_its_thought():
    assert written(LEXICON, np.array([2, 0, 3, 0, 1, 4, 5])).tolist() == [0, 2, 4]
    assert written(LEXICON, np.array([2, 3, 4])).tolist() == [0, 1, 2]
    assert written(CHANNELS, THINKING).tolist() == list(range(10))


def test_the_surprise_of_a_text_lies_on_its_cells(model):
    ids = np.array([20, tiny.PAD, 21, 22, tiny.END, 30, tiny.PAD], np.int32)
    found = quality(model, model.lexicon, [5, 6], ids)
    assert np.isnan(found.nats).tolist() == [False, True, False, False, False, True, True]
    assert found.nats[[0, 2, 3, 4]] == pytest.approx(surprise(model, [5, 6], [20, 21, 22, tiny.END]), abs=1e-5)
    assert found.tokens == 4


def test_seams_are_the_tokens_with_less_than_one_chance_in_a_thousand():
    assert pytest.approx(np.log(1000), abs=0.01) == SEAM
    found = Quality(np.array([0.5, np.nan, 7.0, 6.8, 20.0], np.float32))
    assert found.seams.tolist() == [False, False, True, False, True] and found.share == 0.5
    assert found.told() == {"nats": 8.575, "seams": 0.5, "tokens": 4, "what": LABEL}


def test_a_text_without_a_token_has_no_quality():
    empty = Quality(np.full(4, np.nan, np.float32))
    assert empty.told() == {"nats": None, "seams": None, "tokens": 0, "what": LABEL}
    assert not empty.seams.any()
    assert written(Lexicon({}, frozenset({1}), frozenset({0})), np.array([0, 0])).size == 0


def test_a_summary_tells_it_where_it_is_known():
    assert summary(recording())["quality"] is None
    assert summary(recording(), Quality(np.array([1.0], np.float32)))["quality"]["nats"] == 1.0


def test_a_run_and_both_lanes_of_a_race_tell_it(capsys, folder):
    knobs = ["a fox", "--model", folder, "--steps", "3", "--json"]
    assert main(["run", *knobs]) == 0
    told = json.loads(capsys.readouterr().out)["quality"]
    assert told["nats"] > 0 and 0 <= told["seams"] <= 1 and told["tokens"] > 0 and "no truth" in told["what"]
    assert main(["race", *knobs, "--ar-tokens", "4"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert all(lane["quality"]["nats"] > 0 for lane in told["lanes"])
    assert told["lanes"][1]["quality"]["tokens"] <= 4
    assert "which is no truth" in told["verdict"] and "seams in 100" in told["verdict"]

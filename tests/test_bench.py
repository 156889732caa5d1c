"""The benchmarks do what they say, at sizes that take no time. Their goals are not tested here."""

import json

import pytest
import torch

import tiny
from engine import bench

torch.set_num_threads(1)
# transformers' step imports torch's compiler even if it is not used, and that warns about itself.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


def check(result, name, rounds):
    assert json.loads(json.dumps(result)) == result and "\n" not in json.dumps(result)
    assert result["bench"] == name and result["rounds"] == rounds
    assert result["ours_ms"] > 0 and result["transformers_ms"] > 0
    assert result["times_faster"] == pytest.approx(result["transformers_ms"] / result["ours_ms"], rel=0.05)
    assert result["share_of_time"] == pytest.approx(1 / result["times_faster"], rel=0.05)


def test_the_readouts_take_turns():
    check(bench.readout(vocabulary=20_000, cells=8, width=4, rounds=2), "readout", 2)


def test_the_steps_take_turns(tmp_path):
    result = bench.step(tiny.checkpoint(tmp_path / "tiny"), device="cpu", steps=3, rounds=1)
    check(result, "step", 1)
    assert result["model"] == "tiny" and result["steps"] == 3 and result["device"] == "cpu"


def test_turns_alternate_and_the_first_is_thrown_away(monkeypatch):
    done = []
    times = iter([9000, 9000, 2, 8, 4, 8, 3, 9])  # of both sides in turn
    monkeypatch.setattr(bench, "_milliseconds", lambda turn: (turn(), next(times))[1])
    sides = [lambda: done.append("ours"), lambda: done.append("theirs")]
    result = bench._compare(*sides, torch.device("cpu"), rounds=3, steps=1)
    assert done == ["ours", "theirs"] * 4
    assert (result["ours_ms"], result["transformers_ms"], result["times_faster"]) == (3, 8, 2.667)


def test_the_stand_in_is_read_out_as_the_logits_that_it_shows():
    still = bench.Still(500, 8, 4, torch.device("cpu"))
    before = still.logits.clone()
    frame = next(bench.denoise(still, [0], lambda canvas, step: bench.RESTLESS))
    bench._stock_step(still, bench.RESTLESS)
    assert frame.guess.tolist() == still.logits.argmax(-1).tolist()
    assert torch.equal(still.logits, before)

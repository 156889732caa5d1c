"""Token by token: the same as reading the whole text at once, as Gemma4ForCausalLM, and what its Frames promise."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch

import tiny
from engine.model.gemma import Gemma
from engine.steps.autoregressive import autoregress, draw
from engine.values.frame import ACCEPTED, KEPT, marks
from engine.values.metrics import series, speeds
from engine.values.recording import Recording
from engine.values.settings import Decoding, Settings

torch.set_num_threads(1)
CELLS, WINDOW = 16, 8
GREEDY = Decoding(temperature=0.0)


@cache
def gemma(seed: int = 0, ends=(tiny.EOS, tiny.END), kind: torch.dtype = torch.float32, **shape) -> Gemma:
    model = tiny.model(seed=seed, canvas=CELLS, window=WINDOW, ends=ends, **{"sharpness": 0.4} | shape)
    return Gemma(model.to(kind), tiny.tokenizer(), "tiny")


def text(seed: int, length: int = 20) -> list[int]:
    return torch.randint(6, 90, (length,), generator=torch.Generator().manual_seed(seed)).tolist()


def always(**changes):
    return lambda canvas, step: Settings(**changes)


def write(model: Gemma, prompt=(9, 10, 11), decoding: Decoding = GREEDY, **changes):
    return list(autoregress(model, prompt, always(**changes), decoding))


def by_token(model: Gemma, ids: list[int]) -> torch.Tensor:
    """Logits [n, V], read one id at a time with the cache."""
    cache, rows = None, []
    for token in ids:
        hidden, cache = model.read([token], cache)
        rows.append(model.head(hidden)[0])
    return torch.stack(rows)


@torch.inference_mode()
def at_once(model: Gemma, ids: list[int]) -> torch.Tensor:
    return model.head(model.read(ids)[0])


# The same as one-shot encoding. A product with one row and one with many add up in another order, and so do the
# attention kernels: equal to the last bits, not bit for bit. In float64 what is left is 1e-14 of the logits.


@pytest.mark.parametrize("seed", range(6))
def test_token_by_token_with_the_cache_is_one_encoding_of_the_whole(seed):
    model, ids = gemma(seed), text(seed, 3 * WINDOW)
    one, whole = by_token(model, ids), at_once(model, ids)
    assert torch.allclose(one, whole, rtol=0, atol=2e-5)
    assert torch.equal(one.argmax(1), whole.argmax(1))


def test_what_is_left_is_rounding():
    model, ids = gemma(kind=torch.float64), text(1, 3 * WINDOW)
    model.model.set_experts_implementation("eager")  # the grouped product knows no float64
    hidden = model.read(ids)[0]
    cache, rows = None, []
    for token in ids:
        row, cache = model.read([token], cache)
        rows.append(row[0])
    assert torch.allclose(torch.stack(rows), hidden, rtol=0, atol=1e-12)


def test_the_cache_matters():
    """Without what came before, the logits are far off: the tests above can fail."""
    model, ids = gemma(), text(1)
    assert (at_once(model, ids)[-1] - at_once(model, ids[-1:])[0]).abs().max() > 0.1


@pytest.mark.parametrize("seed", range(4))
def test_greedy_text_is_the_argmax_of_its_own_one_shot_encoding(seed):
    model = gemma(seed, ends=(95,))
    frames = write(model, text(seed, 5))
    ids = frames[-1].ids.tolist()
    logits = at_once(model, [*text(seed, 5), *ids[:-1]])
    assert logits[4:].argmax(1).tolist() == ids


@pytest.fixture(scope="module")
def causal():
    """Gemma4ForCausalLM with the encoder's weights."""
    from transformers import Gemma4ForCausalLM, Gemma4TextConfig

    ours = gemma(ends=(95,)).model
    told = ours.config.text_config.to_dict() | {
        "model_type": "gemma4_text",
        "enable_moe_block": True,
        "attention_k_eq_v": True,
        "hidden_size_per_layer_input": 0,
        "final_logit_softcapping": ours.final_logit_softcapping,
    }
    theirs = Gemma4ForCausalLM(Gemma4TextConfig(**told)).eval()
    theirs.model.load_state_dict(ours.model.encoder.language_model.state_dict())
    return theirs


@torch.inference_mode()
def test_one_shot_encoding_is_bit_equal_to_the_causal_model_with_the_same_weights(causal):
    ids = text(3, 2 * WINDOW)
    assert torch.equal(at_once(gemma(ends=(95,)), ids), causal(torch.tensor([ids])).logits[0])


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.parametrize("seed", range(3))
def test_greedy_ids_are_those_of_the_causal_model_s_generate(causal, seed):
    ids = text(seed, 6)
    theirs = causal.generate(torch.tensor([ids]), max_new_tokens=CELLS, do_sample=False, eos_token_id=95)
    assert write(gemma(ends=(95,)), ids)[-1].ids.tolist() == theirs[0, 6:].tolist()


# What the frames promise.


def test_a_text_grows_by_a_token_a_frame_and_never_changes():
    frames = write(gemma(ends=(95,)), decoding=Decoding(temperature=1.5))
    assert [len(frame.ids) for frame in frames] == list(range(1, CELLS + 1)) == [f.step + 1 for f in frames]
    for before, now in pairwise(frames):
        for name in ("ids", "guess", "entropy", "top_ids", "top_probs"):
            assert np.array_equal(getattr(before, name), getattr(now, name)[:-1])
        assert marks(before, now).tolist() == [KEPT] * now.step + [ACCEPTED]
    assert all(f.held.all() and f.canvas == 0 and np.array_equal(f.ids, f.guess) for f in frames)
    with pytest.raises(ValueError, match="read-only"):
        frames[0].ids[0] = 1


def test_times_add_up_and_waiting_is_not_counted():
    from time import sleep

    waited = 0.05

    def ask(canvas, step):
        sleep(waited)
        return Settings()

    frames = list(autoregress(gemma(ends=(95,)), [9], ask, Decoding(tokens=4)))
    assert frames[-1].seconds == pytest.approx(sum(frame.step_seconds for frame in frames), rel=0.05)
    assert all(0 < frame.forward < waited and frame.readout > 0 for frame in frames[1:])
    assert all(a.seconds < b.seconds for a, b in pairwise(frames))


def test_it_ends_with_an_end_token_or_at_the_limit():
    free = write(gemma(ends=(95,)))
    assert [frame.stop for frame in free] == [""] * (CELLS - 1) + ["limit"]
    end = int(free[-1].ids[5])
    first = free[-1].ids.tolist().index(end)
    frames = write(ended_by(end))
    assert len(frames) == first + 1 and frames[-1].stop == "end" and frames[-1].ids[-1] == end
    assert frames[-1].ids.tolist() == free[first].ids.tolist()


def ended_by(token: int) -> Gemma:
    model = Gemma(gemma(ends=(95,)).model, tiny.tokenizer(), "tiny")
    model.ends = frozenset([token])
    return model


@pytest.mark.parametrize(
    ("decoding", "canvases", "length"),
    [
        (GREEDY, 1, CELLS),
        (GREEDY, 3, 3 * CELLS),
        (replace(GREEDY, tokens=5), 3, 5),
        (replace(GREEDY, tokens=1), 1, 1),
    ],
)
def test_the_room_is_that_of_the_canvases_or_the_limit(decoding, canvases, length):
    assert len(write(ended_by(-1), decoding=decoding, canvases=canvases)) == length


def test_it_asks_before_every_token_and_none_stops():
    asked = []

    def ask(canvas, step):
        asked.append((canvas, step))
        return Settings() if step < 3 else None

    frames = list(autoregress(gemma(ends=(95,)), [9], ask, GREEDY))
    assert asked == [(0, 0), (0, 1), (0, 2), (0, 3)] and len(frames) == 3 and not frames[-1].stop
    assert list(autoregress(gemma(), [9], lambda canvas, step: None)) == []


def test_the_same_seed_gives_the_same_text():
    warm = Decoding(temperature=2.0, top_k=0, top_p=1.0)
    texts = [write(gemma(ends=(95,)), decoding=warm, seed=seed)[-1].ids.tolist() for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_inference_mode_does_not_leak_between_two_tokens():
    frames = autoregress(gemma(), [9], always())
    next(frames)
    assert not torch.is_inference_mode_enabled()


def test_recording_and_metrics_take_it():
    recording = Recording("p", Settings(), "tiny", "cpu", gemma().lexicon)
    for frame in write(ended_by(-1), decoding=Decoding(temperature=2.0, top_k=0, top_p=1.0), seed=4):
        recording.append(frame)
    assert not recording.lexicon.special & set(recording.frames[-1].ids.tolist())
    assert recording.text_tokens() == CELLS
    assert recording.boundaries() == [0] and len(series(recording)) == CELLS
    speed, last = speeds(recording), recording.frames[-1]
    assert speed.canvas == pytest.approx(CELLS / last.seconds)
    assert speed.in_step == pytest.approx(CELLS / sum(frame.step_seconds for frame in recording.frames))


# What it draws from.


def distribution(logits, **decoding):
    """How often each id is drawn, in 2,000 draws, and the entropy and candidates told with them."""
    random, counts = torch.Generator().manual_seed(0), torch.zeros(len(logits))
    for _ in range(2000):
        token, entropy, ids, probs = draw(logits, Decoding(**decoding), random)
        counts[token] += 1
    return counts / 2000, float(entropy), dict(zip(ids.tolist(), probs.tolist(), strict=True))


LOGITS = torch.tensor([0.5, 2.0, -1.0, 1.0, 0.0, -0.5, 1.5, -2.0, -1.5, -3.0])


@pytest.mark.parametrize(
    ("decoding", "kept"),
    [
        ({"temperature": 1.0, "top_k": 0, "top_p": 1.0}, range(10)),
        ({"temperature": 0.5, "top_k": 0, "top_p": 1.0}, range(10)),
        ({"temperature": 1.0, "top_k": 3, "top_p": 1.0}, (1, 6, 3)),
        ({"temperature": 1.0, "top_k": 0, "top_p": 0.5}, (1, 6)),
        ({"temperature": 1.0, "top_k": 2, "top_p": 0.55}, (1,)),
        ({"temperature": 0.0, "top_k": 0, "top_p": 1.0}, (1,)),
        ({"temperature": 1.0, "top_k": 1000, "top_p": 1.0}, range(10)),
    ],
)
def test_temperature_then_top_k_then_top_p(decoding, kept):
    wanted = (LOGITS / max(decoding["temperature"], 1e-6)).softmax(0)
    wanted[[token for token in range(10) if token not in kept]] = 0
    wanted /= wanted.sum()
    share, entropy, candidates = distribution(LOGITS, **decoding)
    assert (share - wanted).abs().max() < 0.04 and share[wanted == 0].sum() == 0
    assert entropy == pytest.approx(float(torch.special.entr(wanted).sum()), abs=1e-5)
    assert list(candidates) == LOGITS.topk(8).indices.tolist()
    assert list(candidates.values()) == pytest.approx(wanted[list(candidates)].tolist(), abs=1e-6)
    assert LOGITS[1] == 2.0  # it does not write into what it is given


def test_nonsense_is_refused_in_a_sentence():
    for wrong in ({"temperature": -1.0}, {"top_k": -1}, {"top_p": 0.0}, {"tokens": 1 << 20}, {"top_k": 1.5}):
        with pytest.raises(ValueError, match=r"^autoregressive .* must be .*\.$"):
            Decoding(**wrong)

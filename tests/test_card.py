"""What only a graphics card can show: recorded steps, the 4 bit kernel, published sizes, memory that runs out.

They run on a CPU, too, at small sizes and by stand-ins, so that a slip is found before a card is at hand: the quick
ones always, the others with UNNOISE_REHEARSAL set.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

import tiny
from engine.bench import chance
from engine.model import attention, gemma
from engine.model.experts import dense, plain, route
from engine.model.experts.pack import Packed
from engine.model.gemma import Gemma
from engine.steps import readout
from engine.steps.denoise import denoise
from engine.steps.graph import Cuda
from engine.training import presets
from engine.training.train import train
from engine.values.settings import Settings

CARD = torch.cuda.is_available()
HERE = "cuda" if CARD else "cpu"
pytestmark = [
    pytest.mark.card,
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The CUDA Graph is empty"),  # of a recording that fails
]
REHEARSAL = "UNNOISE_REHEARSAL" in os.environ
longer = pytest.mark.skipif(not (CARD or REHEARSAL), reason="there is no graphics card, and no rehearsal")
CELLS, WINDOW = 16, 8
KINDS = ["few", "many", "int4"] if CARD else ["int4"]
PROMPT = [tiny.BOS, 30, 31, 32]
LONG = [tiny.BOS, *(20 + at % 60 for at in range(600 if CARD else 40))]  # on a card it needs a larger room
RESTLESS = Settings(steps=5, canvases=2, confidence=0.0)
ENOUGH = 0.75  # of guesses in bfloat16: two orders of adding may differ where two tokens are nearly as likely


class Again:
    """Stands in for a card that records: does the work again."""

    def record(self, work):
        work()
        return work

    def run(self, parts):
        for part in parts:
            part()
        return [1e-9] * len(parts)


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch):
    if not CARD:
        torch.set_num_threads(1)
        monkeypatch.setattr(Gemma, "_records", True)
        monkeypatch.setattr(gemma, "Cuda", Again)
        monkeypatch.setattr(route, "settle", lambda model, packed: None)


def recorder():
    return Cuda() if CARD else Again()


def make(kind="few", dtype=torch.float32, **shape):
    """A small model: with few experts, with so many that torch's grouped product has them, or with packed ones."""
    wide = {"hidden_size": 64, "moe_intermediate_size": 32, "canvas": CELLS, "window": WINDOW, "ends": ()} | shape
    model = tiny.model(sharpness=0.6, num_experts=4 if kind == "few" else 32, **wide)
    if kind == "few":
        dense.use(model)
    else:
        model.set_experts_implementation("grouped_mm")
    if kind == "int4":
        pack(model)
    return Gemma(model.to(HERE, dtype), tiny.tokenizer(), kind)


def pack(model):
    """Random experts in 4 bits, the same for the encoder and the decoder."""
    random = torch.Generator().manual_seed(3)
    layers = model.model.decoder.layers, model.model.encoder.language_model.layers
    for mine, theirs in zip(*layers, strict=True):
        for name in ("gate_up_proj", "down_proj"):
            shape = getattr(mine.experts, name).shape
            delattr(mine.experts, name)
            setattr(mine.experts, name, chance.packed(shape, 32, torch.float32, random))
        theirs.experts = mine.experts
    route.use(model)


def frames(model, settings=RESTLESS, prompt=PROMPT):
    ask = settings if callable(settings) else lambda canvas, step: settings
    return list(denoise(model, prompt, ask))


def eager(model, *given):
    """The same, operation by operation."""
    before, model.remark = model.remark, "as if"
    try:
        return frames(model, *given)
    finally:
        model.remark = before


def same(expected, found):
    assert len(expected) == len(found)
    for one, other in zip(expected, found, strict=True):
        for name in ("ids", "guess", "held"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), (name, one.canvas, one.step)
        assert np.allclose(one.entropy, other.entropy, atol=1e-2)


@longer
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "many"])  # whose product in float32 waits
@pytest.mark.parametrize("prompt", [PROMPT[:1], PROMPT, LONG], ids=["one", "few", "long"])
def test_replayed_steps_have_the_ids_of_eager_ones(kind, prompt):
    model = make(kind)
    found = frames(model, RESTLESS, prompt)
    assert model.remark is None and model.graph(len(prompt)) is not None
    same(eager(model, RESTLESS, prompt), found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", [16, 64] if CARD else [16])
def test_in_bfloat16_replays_repeat_themselves_and_think_what_eager_steps_think(kind, cells):
    model = make(kind, torch.bfloat16, canvas=cells)
    first, second = frames(model), frames(model)
    assert model.remark is None and model.graph(len(PROMPT)) is not None
    same(first, second)
    assert np.mean(eager(model)[0].guess == first[0].guess) >= ENOUGH


def test_another_thread_can_replay_what_this_one_recorded_and_record_its_own():
    model, other = make(), make()
    expected = frames(model)
    with ThreadPoolExecutor(1) as thread:
        same(expected, thread.submit(frames, model).result())
        same(expected, thread.submit(frames, other).result())
        assert other.remark is None
    same(expected, frames(other))


@longer
def test_knobs_that_move_are_heard_by_a_replay():
    hot = replace(RESTLESS, entropy_bound=0.5)
    moves = {}, {"t_max": 0.1, "t_min": 0.1}, {"sampler": "linear quota"}, {"entropy_bound": 9.0}
    turns = [replace(hot, **move) for move in moves]

    def ask(canvas, step):
        return turns[min(step, 3)]

    model = make()
    found = frames(model, ask)
    assert model.remark is None
    same(eager(model, ask), found)


@longer
def test_two_contexts_take_turns_in_rooms_of_their_own():
    model = make()
    short, long = frames(model), frames(model, RESTLESS, LONG)
    for _ in range(2):
        same(short, frames(model))
        same(long, frames(model, RESTLESS, LONG))
    same(eager(model, RESTLESS, LONG), long)


def test_a_graph_for_which_there_is_no_memory_is_said_and_eager_steps_go_on(monkeypatch):
    model = make()
    expected = eager(model)
    model.graph(1)
    kept = torch.cuda.memory_allocated() if CARD else 0
    total = torch.cuda.mem_get_info()[1] if CARD else 1
    if CARD:
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 2**28) / total)
    try:
        assert model.graph(2**26 if CARD else 2**50) is None  # gigabytes of room
    finally:
        if CARD:
            torch.cuda.set_per_process_memory_fraction(1.0)
    assert model.remark and "memory" in model.remark and "\n" not in model.remark
    assert not CARD or torch.cuda.memory_allocated() <= kept
    same(expected, frames(model))
    fresh = make()
    same(expected, frames(fresh))
    assert fresh.remark is None and fresh.graph(1) is not None


def test_memory_that_runs_out_in_the_middle_of_a_recording_spoils_no_later_one():
    device, values, turns = recorder(), torch.zeros(8, device=HERE), []

    def greedy():
        turns.append(torch.empty(2**50 if len(turns) == 2 or not CARD else 8, device=HERE))

    with pytest.raises(RuntimeError, match="memory"):
        device.record(greedy)
    turns.clear()
    for device in (device, recorder()):  # the one that failed, and a new one  # noqa: B020
        replay = device.record(lambda: values.add_(1))
        values.zero_()
        replay()
        assert values.tolist() == [1.0] * 8


# The published sizes, smaller in a rehearsal

SCALE = 1 if CARD else 16
ROUTES = {
    "even": lambda rows, experts: torch.arange(rows) * experts // rows,
    "one has all": lambda rows, experts: torch.full((rows,), experts - 1),
    "random": lambda rows, experts: torch.randint(
        experts, (rows,), generator=torch.Generator().manual_seed(1)
    ).sort()[0],
}
WAYS = list(ROUTES) if CARD else ["random"]


@longer
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("out", "columns"), [(1408, 2816), (2816, 704)], ids=["in", "out"])
@pytest.mark.parametrize(("rows", "group"), [(2048, 64), (8, 32)])
def test_the_kernel_multiplies_as_plain_torch_does_in_the_published_sizes(out, columns, rows, group, way, dtype):
    kernel = pytest.importorskip("engine.model.experts.kernel")
    experts, out, columns, rows = (
        128 // SCALE,
        out // SCALE,
        max(64, columns // SCALE // 64 * 64),
        max(8, rows // SCALE),
    )
    random = torch.Generator(HERE).manual_seed(0)
    weight = chance.packed(torch.Size((experts, out, columns)), group, torch.float32, random)
    x = torch.randn(rows, columns, generator=random, device=HERE)
    ends = torch.bincount(ROUTES[way](rows, experts), minlength=experts).cumsum(0).int().to(HERE)
    exact = plain.grouped(x, weight, ends)
    close = Packed(weight.packed, weight.scale.to(dtype), weight.minimum.to(dtype))
    found = kernel.grouped(x.to(dtype), close, ends)
    assert found.dtype == dtype
    error = (found.float() - exact).norm() / exact.norm()
    assert error < (1e-5 if dtype == torch.float32 else 1e-2)


@pytest.mark.parametrize(("heads", "shared", "width"), [(16, 8, 256), (16, 2, 512)], ids=["sliding", "full"])
@pytest.mark.parametrize("kept", [0, 700])
def test_attention_with_places_that_nobody_looks_at(heads, shared, width, kept):
    dtype, cells, places = torch.bfloat16, 256 // SCALE, 1024
    random = torch.Generator(HERE).manual_seed(0)
    options = {"generator": random, "device": HERE}
    query = torch.randn(1, heads, cells, width, **options).to(dtype)
    key, value = (torch.randn(1, shared, places + cells, width, **options).to(dtype) for _ in range(2))
    mask = torch.zeros(1, 1, 1, places + cells, dtype=dtype, device=HERE)
    mask[..., kept:places] = torch.finfo(dtype).min
    found, _ = attention.attend(None, query, key, value, mask, canvas=True, scaling=width**-0.5)
    real = torch.cat([torch.arange(kept), torch.arange(places, places + cells)]).to(HERE)
    every = [part[:, :, real].float().repeat_interleave(heads // shared, 1) for part in (key, value)]
    scores = query.float() @ every[0].transpose(2, 3) * width**-0.5
    exact = (scores.softmax(-1) @ every[1]).transpose(1, 2)
    assert (found.float() - exact).norm() / exact.norm() < 1e-2


@longer
def test_a_readout_of_the_published_vocabulary():
    vocabulary, cells = 262_144 // SCALE, 256 // SCALE
    random = torch.Generator(HERE).manual_seed(0)
    logits = 4 * torch.randn(cells, vocabulary, generator=random, device=HERE)
    embedding = torch.randn(vocabulary, 64, generator=random, device=HERE)
    given = (logits, torch.Tensor.clone, embedding, 1.0, 0.7)
    mine, stock = (read(*given, random) for read in (readout.fused, readout.reference))
    assert torch.equal(mine.guess, stock.guess)
    assert torch.allclose(mine.entropy, stock.entropy, atol=1e-3)
    assert torch.allclose(mine.top_probs, stock.top_probs, atol=1e-4)
    assert torch.allclose(mine.soft, stock.soft, atol=1e-2)


# What people do


@longer
def test_the_embedded_model_writes_on_a_card():
    model = gemma.load(None, HERE)
    ids = model.encode("Write a story about a fox who finds a lantern.")
    written = frames(model, replace(model.usual, steps=24 if CARD else 2), ids)
    assert model.remark is None and model.graph(len(ids)) is not None
    assert not CARD or len(model.lexicon.text(written[-1].guess).split()) > 20


def test_a_card_learns(tmp_path):
    smoke = replace(presets.PRESETS["smoke"], steps=12, then=None, precision="auto")
    if not CARD:
        smoke = replace(smoke, steps=1, vocab_texts=10, pool=8)
    found = train(smoke, tmp_path / "model", device=HERE)
    assert (
        found["steps"] == smoke.steps
        and np.isfinite(found["loss"])
        and (tmp_path / "model/model.safetensors").exists()
    )

"""Recorded steps: the same ids as step by step, whatever changes between two replays."""

import gc
import warnings
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from time import perf_counter
from unittest.mock import MagicMock
from weakref import ref

import numpy as np
import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import DiffusionGemmaConfig

import tiny
from engine.model import blank
from engine.model.experts import dense, route
from engine.model.experts.pack import Packed
from engine.model.gemma import Gemma
from engine.model.hub.published import CONFIG
from engine.model.layouts import EXPERTS
from engine.steps.denoise import denoise
from engine.steps.graph import Cuda, Graph, GraphError
from engine.steps.room import SMALLEST, Room, size
from engine.values.edit import Edit, pinned
from engine.values.frame import StepError
from engine.values.settings import SAMPLERS, Settings

torch.set_num_threads(1)
CELLS, WINDOW, PLACES = 16, 8, 64
PROMPT = [tiny.BOS, 30, 31, 32]
RESTLESS = Settings(steps=5, canvases=2, confidence=0.0)


class Tape:
    """What a CUDA device does, on a CPU: keeps the operations of one run, with their tensors and numbers."""

    def record(self, work):
        work()
        tape = make_fx(lambda: work())()

        @torch.inference_mode()
        def replay():
            tape()

        return replay

    def run(self, parts):
        times = [perf_counter()]
        for part in parts:
            part()
            times.append(perf_counter())
        return np.diff(times).tolist()


@cache
def gemma(**shape) -> Gemma:
    made = Gemma(tiny.model(canvas=CELLS, window=WINDOW, sharpness=0.6, **shape), tiny.tokenizer(), "tiny")
    made.model.set_experts_implementation("batched_mm")  # the plain one asks the device which experts are hit
    return made


@pytest.fixture(scope="module")
def graph() -> Graph:
    """One recording for all tests: what one run leaves in it must make no difference to the next."""
    model = gemma(ends=())
    return Graph(model, Room(model.model, CELLS, PLACES), Tape())


@pytest.fixture
def both(graph, monkeypatch):
    """Frames of the same run, step by step and recorded."""

    def run(settings, prompt=PROMPT, **options):
        ask = settings if callable(settings) else lambda canvas, step: settings
        eager = list(denoise(graph.model, prompt, ask, **options))
        monkeypatch.setattr(graph.model, "graph", lambda length: graph)
        recorded = list(denoise(graph.model, prompt, ask, **options))
        monkeypatch.undo()
        return eager, recorded

    return run


def same(eager, recorded):
    assert len(eager) == len(recorded)
    for one, other in zip(eager, recorded, strict=True):
        for name in ("ids", "guess", "held"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), (name, one.canvas, one.step)
        assert np.allclose(one.entropy, other.entropy, atol=1e-2)
        assert np.allclose(one.top_probs, other.top_probs, atol=1e-2)
        assert (one.stop, one.temperature, one.settings) == (other.stop, other.temperature, other.settings)
    return recorded


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_ids_are_those_of_eager_steps(both, sampler, seed):
    settings = replace(RESTLESS, sampler=sampler, seed=seed, accept_above=0.3, entropy_bound=2.0)
    same(*both(settings))


@pytest.mark.parametrize("length", [1, 7, 8, 9, 40, PLACES - CELLS])
def test_any_context_that_fits_the_room_is_served(both, length):
    same(*both(RESTLESS, prompt=[tiny.BOS, *range(20, 19 + length)]))


def test_one_recording_serves_a_run_after_another(both):
    long = same(*both(RESTLESS, prompt=[tiny.BOS, *range(20, 60)]))
    short = same(*both(replace(RESTLESS, seed=5)))
    assert not np.array_equal(long[0].ids, short[0].ids)
    assert np.array_equal(same(*both(RESTLESS, prompt=[tiny.BOS, *range(20, 60)]))[9].ids, long[9].ids)


def test_knobs_that_move_during_a_run_are_heard(both):
    hot = replace(RESTLESS, entropy_bound=0.5)
    moves = {}, {"t_max": 0.1, "t_min": 0.1}, {"sampler": "linear quota"}, {"entropy_bound": 9.0}
    turns = [replace(hot, **move) for move in moves]
    recorded = same(*both(lambda canvas, step: turns[min(step, 3)]))
    assert [round(frame.temperature, 2) for frame in recorded[:3]] == [0.8, 0.1, 0.64]
    assert recorded[2].held.sum() == 10


def test_without_temperature_every_cell_is_its_guess_at_once(both):
    for frame in same(*both(replace(RESTLESS, t_max=0.0, t_min=0.0))):
        assert frame.held.all() and np.array_equal(frame.ids, frame.guess) and not frame.entropy.any()


def test_a_canvas_can_be_given_and_the_stop_rule_is_the_same(both):
    canvas = list(range(30, 30 + CELLS))
    settings = Settings(t_max=0.1, t_min=0.1, confidence=1.0, canvases=2)
    assert same(*both(settings, canvas=canvas))[-1].stop == "stable"


def test_edits_are_the_same_and_nothing_is_recorded_anew(both, graph):
    edits = {
        (0, 0): (pinned({3: 40, 4: 41}),),
        (0, 2): (Edit(step=2, free=(4,), melt=(8, 9), limits=((6, (42, 43, 44)),)), Edit(step=2, put=((10, 50),))),
        (1, 1): (pinned({0: 45}, canvas=1, step=1),),
    }
    parts = list(graph.parts)
    recorded = same(*both(RESTLESS, edits=lambda canvas, step: edits.get((canvas, step), ())))
    assert graph.parts == parts and recorded[0].pinned.sum() == 2 and recorded[3].guess[6] in (42, 43, 44)
    same(*both(RESTLESS))


def test_a_recorded_run_goes_on_from_a_moment(both):
    moments = []
    whole = same(*both(RESTLESS, keep=moments.append))
    last = moments[-3]
    rest = same(*both(RESTLESS, start=last))
    assert np.array_equal(rest[-1].guess, whole[-1].guess) and len(rest) == 5 - last.step


def test_the_times_of_the_parts_add_up(both):
    for frame in both(RESTLESS)[1]:
        assert 0 < frame.forward < frame.forward + frame.readout <= frame.seconds


def test_the_canvas_is_written_into_the_room_and_a_plain_cache_is_left_alone(graph):
    model, room, layers = graph.model, graph.room, graph.room.layers
    cache = model.prefill(PROMPT)
    canvas = torch.arange(CELLS) + 30
    places = [layer.keys.data_ptr() for layer in layers]
    room.fill(cache)
    seen = model.decode(canvas, room, None)
    assert [layer.keys.data_ptr() for layer in layers] == places and cache.get_seq_length() == len(PROMPT)
    assert torch.allclose(seen, model.decode(canvas, cache, None), atol=1e-5)


class Broken(Tape):
    def record(self, work):
        return lambda: None


def test_a_replay_that_gives_something_else_is_refused():
    model = gemma(ends=())
    with pytest.raises(GraphError, match="one by one"):
        Graph(model, Room(model.model, CELLS, PLACES), Broken())


def test_a_model_that_nobody_holds_is_gone_at_once_with_its_graphs(monkeypatch):
    """The memory of a card is not for the garbage collector to find."""
    monkeypatch.setattr("engine.steps.graph.AGREE", 0)
    made = Gemma(tiny.model(canvas=CELLS, window=WINDOW), tiny.tokenizer(), "tiny")
    made.model.set_experts_implementation("batched_mm")
    made._graphs[PLACES] = Graph(made, Room(made.model, CELLS, PLACES), Broken())
    left = [ref(module) for module in made.model.modules()]
    gc.disable()
    try:
        del made
        assert not [module for module in left if module() is not None]
    finally:
        gc.enable()


def test_few_sizes_of_room_serve_all_contexts():
    assert [size(length) for length in (1, SMALLEST, SMALLEST + 1, 8192, 8193)] == [512, 512, 1024, 8192, 16384]


class Valueless(TorchDispatchMode):
    """A device whose tensors have no values, so that asking for one fails; what lies elsewhere is an error, too."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, torch.Tensor)]
        assert all(tensor.is_meta for tensor in tensors), func
        self.count += 1
        return result

    def record(self, work):
        with self:
            work()
        return work

    def run(self, parts):
        return [0.0] * len(parts)


def valueless(config, experts) -> Gemma:
    """A model without values, of stock experts or of packed ones."""
    model = blank.hollow(config, torch.bfloat16)
    if experts == "packed":
        for name, empty in model.state_dict(keep_vars=True).items():
            if name.endswith(EXPERTS):
                *rows, columns = empty.shape
                numbers = (empty.new_empty(*rows, columns // 32) for _ in range(2))
                levels = empty.new_empty(*rows, columns // 2, dtype=torch.uint8)
                blank.put(model, name, Packed(levels, *numbers))
        route.use(model)
    elif experts == "dense":
        dense.use(model)
    else:
        model.set_experts_implementation(experts)
    made = Gemma(model, tiny.tokenizer(), "valueless")
    model.to("meta")
    return made


@pytest.mark.parametrize("experts", ["grouped_mm", "dense", "packed"])
def test_a_step_in_the_published_size_asks_for_no_value_and_takes_nothing_from_the_host(experts, monkeypatch):
    if experts == "packed":
        kernel = pytest.importorskip("engine.model.experts.kernel")
        monkeypatch.setattr(kernel, "_product", MagicMock())
        monkeypatch.setattr(route, "product", lambda device: kernel.grouped)
    model, device, empty = valueless(DiffusionGemmaConfig.from_dict(CONFIG), experts), Valueless(), torch.empty_like

    def stay(like, **how):
        """What is on its way to the host stays where it is: it has no values to bring."""
        return empty(like) if "pin_memory" in how else empty(like, **how)

    monkeypatch.setattr(torch, "empty_like", stay)
    monkeypatch.setattr(Graph, "_told", lambda self: {"guess": np.zeros(model.length)})
    Graph(model, Room(model.model, model.length, SMALLEST), device)
    assert device.count > 1000


@pytest.mark.card
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_card_the_ids_are_those_of_eager_steps():
    model = tiny.model(canvas=CELLS, window=WINDOW, sharpness=0.6, ends=())
    model.set_experts_implementation("batched_mm")
    card = Gemma(model.to("cuda"), tiny.tokenizer(), "tiny")
    recorded = list(denoise(card, PROMPT, lambda canvas, step: RESTLESS))
    assert card.remark is None and card.graph(1) is not None
    card.remark = "as if"
    same(list(denoise(card, PROMPT, lambda canvas, step: RESTLESS)), recorded)


def test_a_recording_that_breaks_off_says_why_and_nothing_else(monkeypatch):
    @contextmanager
    def capture(graph, **how):
        try:
            yield
        finally:  # in torch's words
            warnings.warn("The CUDA Graph is empty. This usually means that the graph was attempted", stacklevel=3)

    monkeypatch.setattr(torch, "cuda", MagicMock(graph=capture))
    work = MagicMock(side_effect=[None, None, RuntimeError("out of memory")])  # it runs twice before
    with pytest.raises(RuntimeError, match="out of memory"):
        Cuda().record(work)


def test_a_cpu_has_no_graphs():
    assert gemma().graph(10) is None and gemma().remark is None


def test_a_recorded_step_that_is_no_number_ends_the_run(graph, monkeypatch):
    monkeypatch.setattr(graph.model, "graph", lambda length: graph)
    running, weight = denoise(graph.model, PROMPT, lambda canvas, step: RESTLESS), graph.model._decoder.norm.weight
    kept = weight.data.clone()
    next(running)
    weight.data[3] = torch.inf  # logits would hide it: soft capping makes numbers of infinities
    with pytest.raises(StepError, match="step 2 of canvas 1"):
        next(running)
    weight.data.copy_(kept)

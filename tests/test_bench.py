"""The benches do what they say, at sizes that take no time, and by a clock of their own. Goals are not tested."""

import json
import sys
from dataclasses import replace
from itertools import combinations, pairwise, product
from math import inf

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

import tiny
from engine import __main__ as commands
from engine.bench import attention, canvas, chance, context, device, experts, model, step, turns, work
from engine.bench import readout as reading
from engine.model import gemma
from engine.model.computer.machine import Machine
from engine.model.experts.pack import Packed
from engine.model.folder.checkpoint import SIGHT, Checkpoint, LoadError
from engine.model.layouts import Slot
from engine.steps import readout
from engine.steps.denoise import denoise
from engine.steps.samplers import SAMPLERS

torch.set_num_threads(1)
# transformers' step imports torch's compiler even if it is not used, and that warns about itself.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
PACKABLE = {"hidden_size": 64, "moe_intermediate_size": 32}
SPEED = device.Speed(bandwidth=1e9, flops=1e9)


def check(result, name, rounds):
    assert json.loads(json.dumps(result)) == result and "\n" not in json.dumps(result)
    assert result["bench"] == name and result["rounds"] == rounds
    assert result["ours_ms"] > 0 and result["transformers_ms"] > 0
    assert result["times_faster"] == pytest.approx(result["transformers_ms"] / result["ours_ms"], rel=0.05)
    assert result["share_of_time"] == pytest.approx(1 / result["times_faster"], rel=0.05)


def test_the_readouts_take_turns():
    check(reading.measure(vocabulary=20_000, cells=8, width=4, rounds=2), "readout", 2)


def test_the_steps_take_turns(tmp_path):
    result = step.measure(tiny.checkpoint(tmp_path / "tiny"), device="cpu", steps=3, rounds=1)
    check(result, "step", 1)
    assert result["model"] == "tiny" and result["steps"] == 3 and result["device"] == "cpu"


def test_turns_alternate_and_the_first_is_thrown_away(monkeypatch):
    done = []
    times = iter([9000, 9000, 2, 8, 4, 8, 3, 9])  # of both sides in turn
    monkeypatch.setattr(turns, "milliseconds", lambda turn, device: (turn(), next(times))[1])
    sides = [lambda: done.append("ours"), lambda: done.append("theirs")]
    result = turns.compare(*sides, torch.device("cpu"), rounds=3, steps=1)
    assert done == ["ours", "theirs"] * 4
    assert (result["ours_ms"], result["transformers_ms"], result["times_faster"]) == (3, 8, 2.667)


def test_the_stand_in_is_read_out_as_the_logits_that_it_shows():
    still = reading.Still(500, 8, 4, torch.device("cpu"))
    before = still.logits.clone()
    frame = next(denoise(still, [0], lambda canvas, step: turns.RESTLESS))
    reading._stock_step(still, turns.RESTLESS)
    assert frame.guess.tolist() == still.logits.argmax(-1).tolist()
    assert torch.equal(still.logits, before)


# What a step must do


def total(parts):
    return sum(part.bytes for part in parts.values()), sum(part.flops for part in parts.values())


@pytest.mark.parametrize(("experts", "top", "rows"), [(4, 2, 2), (4, 1, 3), (3, 2, 3), (5, 5, 1)])
def test_distinct_experts_are_the_mean_over_all_routings(experts, top, rows):
    routings = list(product(combinations(range(experts), top), repeat=rows))
    mean = sum(len(set().union(*routing)) for routing in routings) / len(routings)
    assert work.distinct(experts, top, rows) == pytest.approx(mean)


def test_the_weights_of_a_step_are_all_matrices_of_the_decoder():
    whole = tiny.model(canvas=64, layers=3)  # so many cells that every expert is hit
    matrices = [weight for weight in whole.model.decoder.parameters() if weight.dim() > 1]
    assert total(work.step(whole.config, 0, itemsize=4))[0] == pytest.approx(sum(m.nbytes for m in matrices))


@pytest.mark.parametrize("length", [3, 7, 8, 30])  # the window of sliding layers is 8
def test_a_context_adds_what_the_cache_holds_of_it(tmp_path, length):
    small = gemma.load(tiny.checkpoint(tmp_path / "tiny"), "cpu")
    cache = small.prefill(context.prompt(small, length))
    held = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    with_, without = (total(work.step(small.model.config, n, 4))[0] for n in (length, 0))
    assert with_ - without == held


@pytest.mark.parametrize("length", [3, 30])
def test_operations_are_those_that_torch_counts(tmp_path, length):
    small = gemma.load(tiny.checkpoint(tmp_path / "tiny", layers=3), "cpu")
    small.model.set_experts_implementation("eager")  # torch does not count inside of fused operations
    cache = small.prefill(context.prompt(small, length))
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        hidden = small.decode(torch.arange(small.length), cache, None)
        readout.fused(hidden, small.head, small.embedding, small.scale, 0.5, torch.Generator())
    assert total(work.step(small.model.config, length, 4))[1] == counter.get_total_flops()


def test_more_context_is_more_work_and_4_bits_move_less_and_compute_the_same():
    config = tiny.config(**PACKABLE)
    amounts = [total(work.step(config, length, 2)) for length in (1, 7, 100, 1000)]
    for near, far in pairwise(amounts):
        assert near[0] < far[0] and near[1] < far[1]
    packed = total(work.step(config, 1000, 2, group=32))
    assert packed[0] < amounts[-1][0] and packed[1] == amounts[-1][1]


def test_the_roofline_is_the_slower_of_both():
    assert work.Work(6, 100).seconds(bandwidth=2, speed=50) == 3
    assert work.Work(6, 100).seconds(bandwidth=2, speed=10) == 10
    assert work.Work(6, 100).seconds(bandwidth=inf, speed=inf) == 0


# Random weights


def random_model(group=None, **shape):
    return chance.gemma(tiny.config(**PACKABLE, **shape), "cpu", torch.float32, group, "random")


@pytest.mark.parametrize(("group", "precision"), [(None, "full"), (32, "int4")])
def test_random_weights_are_all_there_tied_and_usable(group, precision):
    made = random_model(group)
    assert made.precision == precision
    values = [*made.model.named_parameters(), *made.model.named_buffers()]
    assert all(key.startswith(SIGHT) for key, value in values if value.is_meta)
    inner = made.model.model
    for ours, theirs in zip(inner.decoder.layers, inner.encoder.language_model.layers, strict=True):
        assert ours.experts.gate_up_proj is theirs.experts.gate_up_proj
        assert ours.self_attn.q_proj.weight is theirs.self_attn.q_proj.weight
    assert made.model.lm_head.weight is inner.decoder.embed_tokens.weight
    hidden = made.decode(torch.arange(made.length), made.prefill([1, 2, 3]), None)
    assert made.head(hidden).isfinite().all() and hidden.std(0).min() > 0


def test_random_packed_experts_are_as_large_as_the_step_reads_and_as_wide_as_the_whole():
    made = random_model(32, canvas=64).model
    packed = [module for module in made.model.decoder.modules() if isinstance(module, Packed)]
    assert sum(buffer.nbytes for stack in packed for buffer in stack.buffers()) == pytest.approx(
        work.step(made.config, 0, 4, group=32)["experts"].bytes - 2 * 4 * 64 * 4  # the routers of two layers
    )
    whole = random_model().model.model.decoder.layers[0].experts.gate_up_proj
    assert packed[0].dequantise().std() == pytest.approx(whole.std().item(), rel=0.1)


def test_packed_experts_never_were_whole():
    class Largest(TorchDispatchMode):
        bytes = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor) and not out.is_meta:
                self.bytes = max(self.bytes, out.nbytes)
            return out

    with Largest() as seen:
        made = random_model(32, num_experts=16)
    experts = made.model.model.decoder.layers[0].experts
    assert 0 < seen.bytes < 4 * experts.down_proj.shape.numel()


# The whole bench


class Clock:
    """Seconds that pass only where a test says so."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds

    def after(self, amounts):
        """A hook for modules and functions: every call takes the next of `amounts`, the last for ever."""
        left = list(amounts)

        def passed(*_):
            self.seconds += left.pop(0) if len(left) > 1 else left[0]

        return passed


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for module in ("clock", "run"):
        monkeypatch.setattr(f"engine.steps.{module}.perf_counter", clock)
    return clock


@pytest.fixture
def timed(tmp_path, clock, monkeypatch):
    """A model whose prefill takes 7 s; a step 5 s for the decoder, 3 for the head and 1 to accept; theirs 20 s.

    The first decoder of each side takes an hour.
    """
    timed = gemma.load(tiny.checkpoint(tmp_path / "tiny"), "cpu")
    timed.model.model.encoder.register_forward_hook(clock.after([7]))
    timed.model.model.decoder.register_forward_hook(clock.after([3600, 20]))
    for name, seconds in {"decode": [3600, 5], "head": [3]}.items():
        after, method = clock.after(seconds), getattr(timed, name)
        monkeypatch.setattr(timed, name, lambda *a, method=method, after=after: (method(*a), after())[0])
    accept, after = SAMPLERS["entropy bound"], clock.after([1])
    monkeypatch.setitem(SAMPLERS, "entropy bound", lambda *a: (after(), accept(*a))[1])
    return timed


def test_tilings_are_compared_until_the_time_is_up_and_what_fails_is_told(monkeypatch):
    from engine.model.experts import kernel

    layer = experts.Layer(cells=2, hidden=64, experts=2, top=1, width=64)
    monkeypatch.setattr(experts, "STEPS", 1)
    monkeypatch.setattr(experts, "TILINGS", [(16, 64, 4, 2), (16, 3, 4, 2), (16, 128, 4, 2)])
    clock = iter([0.0, 0.1, 0.2, 9.0])
    monkeypatch.setattr(experts, "monotonic", lambda: next(clock))
    found = experts.sweep("cpu", 1, 5.0, {"toy": layer})["toy"]
    usual, other, bad = found["tilings"]
    assert {name: usual[name] for name in kernel.TILING._fields} == kernel.TILING._asdict()
    assert usual["difference"] == 0 and other["difference"] < 0.01 and "error" in bad
    assert found["best"]["ms"] == min(usual["ms"], other["ms"]) and found["left_out"] == 1


def test_tilings_want_a_card(monkeypatch):
    monkeypatch.delenv("TRITON_INTERPRET")
    with pytest.raises(ValueError, match="graphics card"):
        experts.sweep("cpu")


def test_every_way_to_attend_is_timed_or_says_why_not(monkeypatch):
    monkeypatch.setattr(attention, "_kinds", lambda context: {"toy": (4, 2, 8, context)})
    found = attention.measure("cpu", [3, 5], 1)["layers"]
    assert list(found) == ["toy 3", "toy 5"] and found["toy 5"]["seen"] == 5 + 256
    for layer in found.values():
        assert all({"chosen", "MATH"} <= way.keys() for way in layer["ms"].values())
        for way in layer["best"].values():
            assert way["ms"] == min(
                ms
                for name, one in layer["ms"].items()
                if ("masked" in name) == (way is layer["best"]["masked"])
                for ms in one.values()
                if isinstance(ms, float)
            )


def test_times_are_told_apart_and_the_first_canvas_is_thrown_away(timed):
    found = context.measure(timed, 5, steps=[2, 4], repeat=2, speed=SPEED)
    assert found["parts_ms"] == {"forward": 5000, "readout": 3000, "rest": 1000, "whole": 9000}
    assert (found["prefill_ms"], found["step_ms"]) == (7000, 9000)
    for count in (2, 4):
        speeds = found["steps"][str(count)]
        assert speeds["tok_per_s"] == pytest.approx(16 / (9 * count), abs=0.01)
        assert speeds["tok_per_s_with_prefill"] == pytest.approx(16 / (7 + 9 * count), abs=0.01)
    stock = found["transformers"]
    assert (stock["prefill_ms"], stock["step_ms"]) == (7000, 20_000)
    assert stock["steps"]["4"]["tok_per_s"] == pytest.approx(16 / 80, abs=0.01)
    assert found["times_faster"] == pytest.approx(20 / 9, abs=0.001) and found["transformers_missing"] is None


def test_the_share_of_the_limit_is_of_the_time_at_the_speeds_that_were_measured(timed):
    found = context.measure(timed, 5, steps=[2], repeat=1, speed=SPEED)
    assert found["limit_ms"] == pytest.approx(sum(found["limit_parts_ms"].values()), abs=0.001)
    assert found["share_of_limit"] == pytest.approx(found["limit_ms"] / 9000, abs=1e-4)
    slower = context.limit(timed, 5, device.Speed(SPEED.bandwidth / 2, SPEED.flops / 2))
    assert slower["limit_ms"] == pytest.approx(2 * found["limit_ms"], rel=1e-3)


def test_both_sides_take_all_their_steps_and_leave_nothing_behind(tmp_path, monkeypatch):
    calm = gemma.load(
        tiny.checkpoint(tmp_path / "calm", stir=0.0, sharpness=3.0), "cpu"
    )  # at rest after a step or two
    done = []
    decode = calm.decode
    monkeypatch.setattr(calm, "decode", lambda *a: (done.append("ours"), decode(*a))[1])
    decoder = calm.model.model.decoder
    counting = decoder.register_forward_hook(lambda *_: done.append("theirs"))
    canvas.ours(calm, [3, 4], 6)
    canvas.theirs(calm, [3, 4], 6)
    assert done == ["ours"] * 6 + ["theirs"] * 6
    model.hit(calm)
    counting.remove()
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in decoder.modules())


def test_their_steps_do_not_wait_for_the_device_on_our_account(tmp_path, monkeypatch):
    small = gemma.load(tiny.checkpoint(tmp_path / "tiny"), "cpu")
    waits, now = [], canvas.now
    monkeypatch.setattr(canvas, "now", lambda device: (waits.append(device), now(device))[1])
    canvas.theirs(small, [3, 4], 5)
    assert len(waits) == 3  # at the beginning, before the first step, at the end


def test_the_experts_that_are_hit_are_counted(tmp_path):
    small = gemma.load(tiny.checkpoint(tmp_path / "tiny", num_experts=8), "cpu")
    assert 2 <= model.hit(small) <= 8
    for layer in small.model.model.decoder.layers:
        layer.router.proj.weight.data.zero_()  # all rows alike: each chooses the same two
    assert model.hit(small) == 2


def test_without_room_for_transformers_there_are_still_our_numbers(timed, monkeypatch):
    def crowded(*_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(canvas, "theirs", crowded)
    found = context.measure(timed, 5, steps=[2], repeat=1, speed=SPEED)
    assert found["transformers"] is None and found["times_faster"] is None
    assert "memory" in found["transformers_missing"] and found["step_ms"] == 9000
    monkeypatch.setattr(canvas, "ours", crowded)
    with pytest.raises(LoadError, match=r"no room .* 5 tokens: choose precision int4.*contexts\.$"):
        context.measure(timed, 5, steps=[2], repeat=1, speed=SPEED)


def test_no_prompt_announces_an_image(tmp_path):
    small = gemma.load(tiny.checkpoint(tmp_path / "tiny"), "cpu")
    ids = context.prompt(small, 5000)
    assert len(ids) == 5000 and small.model.config.image_token_id not in ids and len(set(ids)) > 90


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setitem(device.SIZES, "cpu", (1 << 16, 32))


WHOLE = {
    *("bench", "model", "weights", "precision", "dtype", "device", "threads", "torch", "transformers_version"),
    *("cells", "repeat", "measured_gb_per_s", "measured_tflop_per_s", "weights_gb", "resident_gb", "contexts"),
    *("experts", "experts_expected", "experts_hit"),
}
SIDE = {"prefill_ms", "step_ms", "peak_gb", "steps"}
ONE = {"parts_ms", "step_gb", "step_tflop", "limit_ms", "limit_parts_ms", "share_of_limit", "times_faster"}
ONE |= SIDE | {"graph", "graph_missing", "transformers", "transformers_missing"}


def test_the_command_ends_in_one_line_and_tells_its_progress_elsewhere(tmp_path, quick, capsys):
    folder = tiny.checkpoint(tmp_path / "tiny")
    flags = ["--device", "cpu", "--steps", "2", "3", "--contexts", "4", "20", "--repeat", "1"]
    assert commands.main(["bench", "model", "--model", str(folder), *flags]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("\n") == 1 and shown.err.count("turn 1 of 1") == 4
    found = json.loads(shown.out)
    assert found.keys() == WHOLE and found["contexts"].keys() == {"4", "20"}
    assert (found["model"], found["weights"], found["precision"]) == ("tiny", "checkpoint", "full")
    assert (found["dtype"], found["device"], found["cells"]) == ("float32", "cpu", 16)
    for one in found["contexts"].values():
        assert one.keys() == ONE and one["transformers"].keys() == SIDE
        assert one["steps"].keys() == one["transformers"]["steps"].keys() == {"2", "3"}
        parts = one["parts_ms"]
        assert parts["forward"] + parts["readout"] + parts["rest"] == pytest.approx(parts["whole"], abs=0.001)
        assert all(value > 0 for value in parts.values())
    near, far = found["contexts"].values()
    assert near["step_gb"] <= far["step_gb"] and near["limit_ms"] < far["limit_ms"]


@pytest.fixture
def published(monkeypatch):
    """Instead of the real one, a tiny configuration is the published one."""
    config = tiny.config(**PACKABLE)
    shape = {key: value for key, value in config.to_dict().items() if key != "transformers_version"}
    monkeypatch.setattr(model, "CONFIG", shape)
    slots = {"rest": (75_424,), "0.experts.gate_up_proj": (4, 64, 64), "0.experts.down_proj": (4, 64, 32)}
    monkeypatch.setattr(
        model, "PUBLISHED", Checkpoint(None, "Tiny", {key: Slot(shape, ()) for key, shape in slots.items()})
    )


def test_random_weights_in_4_bits_have_no_transformers_beside_them(quick, published):
    found = model.measure(None, "int4", "cpu", steps=[2], contexts=[3], repeat=1)
    assert (found["weights"], found["precision"], found["experts_expected"]) == ("random", "int4", 4)
    one = found["contexts"]["3"]
    assert one["transformers"] is None and "4 bits" in one["transformers_missing"]
    assert one["step_ms"] > 0 and found["weights_gb"] == pytest.approx(3e-4, abs=3e-4)
    assert json.loads(json.dumps(found)) == found


def machine(free):
    return lambda place: Machine(place, "the card", free, free, None, None)


@pytest.mark.parametrize(
    ("free", "asked", "taken"),
    [(80e9, "auto", "full"), (24e9, "auto", "int4"), (24e9, "int4", "int4"), (None, "full", "full")],
)
def test_random_weights_are_in_the_first_precision_that_fits(monkeypatch, free, asked, taken):
    monkeypatch.setattr(model.machine, "look", machine(free))
    assert model.settle("cuda", asked, 1024) == taken


@pytest.mark.parametrize(
    ("free", "asked", "words"),
    [
        (16e9, "auto", r"5\d\.\d GB in full and (19|20)\.\d GB in int4, .*card has 16\.0 GB free: take --model"),
        (24e9, "full", r"5\d\.\d GB in full, and the card has 24\.0 GB free: take precision int4\.$"),
        (16e9, "int4", r"needs (19|20)\.\d GB in int4, and .*: take --model embedded"),
    ],
)
def test_random_weights_that_do_not_fit_are_refused_with_the_numbers(monkeypatch, free, asked, words):
    monkeypatch.setattr(model.machine, "look", machine(free))
    with pytest.raises(LoadError, match=words):
        model.settle("cuda", asked, 1024)


def test_a_longer_context_needs_more_room(monkeypatch):
    fits = {}
    for free in range(int(18e9), int(30e9), int(1e8)):
        monkeypatch.setattr(model.machine, "look", machine(free))
        for length in (1024, 65_536):
            try:
                fits.setdefault(length, (model.settle("cuda", "int4", length), free)[1])
            except LoadError:
                continue
    assert fits[1024] < fits[65_536]


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (["--steps", "0"], "steps"),
        (["--steps", "few"], "few"),
        (["--contexts", "0"], "--contexts"),
        (["--repeat", "0"], "--repeat"),
        (["--precision", "half"], "half"),
        (["--device", "abacus"], "abacus"),
        (["--model", "/nowhere/at/all"], "/nowhere/at/all"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(quick, capsys, flags, part):
    try:
        code = commands.main(["bench", "model", "--device", "cpu", "--model", "embedded", *flags])
    except SystemExit as exit:
        code = exit.code
    shown = capsys.readouterr()
    assert code == 2 and not shown.out and part in shown.err.splitlines()[-1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_the_highest_mark_of_memory_is_that_since_it_was_forgotten():
    here = torch.device("cpu")
    assert device.forget(here) and device.peak(here) >= device.taken(here) - (1 << 22) > 0
    before = device.peak(here)
    block = torch.ones(1 << 26, dtype=torch.uint8)
    assert device.taken(here) > before + (1 << 25)
    del block
    high = device.peak(here)
    assert high > before + (1 << 25)
    device.forget(here)
    assert device.peak(here) < high - (1 << 25)


def test_where_the_system_tells_nothing_memory_is_none(monkeypatch, tmp_path, timed):
    monkeypatch.setattr(device, "PROCESS", tmp_path / "nowhere")
    here = torch.device("cpu")
    assert device.taken(here) is None and device.peak(here) is None and not device.forget(here)
    assert context.measure(timed, 5, steps=[2], repeat=1, speed=SPEED)["peak_gb"] is None


def test_the_defaults_of_the_flags_are_those_of_the_bench():
    options = commands.parser().parse_args(["bench", "model"])
    given = (tuple(options.steps), tuple(options.contexts), options.repeat)
    assert given == (model.STEPS, model.CONTEXTS, model.REPEAT)
    assert replace(turns.RESTLESS, steps=model.STEPS[-1]).confidence == 0

"""Loading with int4 experts, part by part, from checkpoints in the published layout and from what was packed."""

import gc
import json
import os
import weakref
from pathlib import Path
from shutil import copytree

import pytest
import torch
from safetensors.torch import load_file, save_file

import tiny
from engine.model import gemma, straight
from engine.model.choice import plan
from engine.model.choice.source import CancelError, find, local
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.experts import cache, stream
from engine.model.experts.cache import Store
from engine.model.experts.pack import Packed
from engine.model.folder.checkpoint import SIGHT, LoadError, header
from engine.model.layouts import EXPERTS

torch.set_num_threads(1)
SCALAR = "model.encoder.language_model.layers.0.layer_scalar"


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """A checkpoint in several files, the encoder's scalars other ones than the decoder's."""
    folder = tiny.checkpoint(
        tmp_path_factory.mktemp("models") / "tiny", shards=True, moe_intermediate_size=32, hidden_size=64
    )
    (file,) = (file for file in folder.glob("*.safetensors") if SCALAR in header(file))
    edit(file, lambda weights: weights.update({SCALAR: torch.tensor([0.5])}))
    return folder


@pytest.fixture(autouse=True)
def _small(tmp_path, monkeypatch):
    """Packed models go to a folder that is thrown away, in many small parts, an expert or two at a time."""
    monkeypatch.setattr(machine, "packed", lambda: tmp_path / "int4")
    monkeypatch.setattr(stream, "PART", 30_000)
    monkeypatch.setattr(stream, "CHUNK", 20_000)


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return Path(copytree(original, tmp_path / "copy"))


def edit(file: Path, change) -> None:
    weights = load_file(file)
    change(weights)
    save_file({key: weight.contiguous() for key, weight in weights.items()}, file)


def edit_all(folder: Path, change) -> None:
    """The same in one file instead of many."""
    weights = {}
    for file in folder.glob("*.safetensors"):
        weights |= load_file(file)
        file.unlink()
    (folder / "model.safetensors.index.json").unlink()
    change(weights)
    save_file({key: weight.contiguous() for key, weight in weights.items()}, folder / "model.safetensors")


def load(folder: Path, dtype=torch.float32, progress=lambda *_: None, cancelled=lambda: False):
    return stream.load(find(folder, progress, cancelled), "cpu", dtype, progress, cancelled)


def same(one, other) -> bool:
    one, other = tiny.held(one), tiny.held(other)
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def stored() -> list[Path]:
    return sorted(machine.packed().rglob("*.*"))


def stamps() -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in stored()}


# What is loaded.


@pytest.fixture(scope="module")
def whole(original):
    return gemma.load(original, "cpu", precision="full").model


def test_all_but_the_experts_is_as_in_the_whole_model(original, whole):
    packed = load(original)
    theirs, ours = tiny.held(whole), tiny.held(packed)
    kept = [key for key in theirs if not key.endswith(EXPERTS)]
    assert all(torch.equal(theirs[key], ours[key]) for key in kept)
    assert {key.rpartition(".")[0] for key in ours.keys() - set(kept)} == theirs.keys() - set(kept)
    computed = dict(whole.named_non_persistent_buffers())
    assert computed and all(torch.equal(packed.get_buffer(key), buffer) for key, buffer in computed.items())
    assert packed.generation_config == whole.generation_config


def test_nothing_is_left_on_meta_but_what_only_pictures_need(original, whole):
    for model in (load(original), whole):
        left = [key for key, tensor in model.state_dict().items() if tensor.is_meta]
        assert left and all(key.startswith(SIGHT) for key in left)
        assert not any(tensor.is_meta for _, tensor in model.named_non_persistent_buffers())


def test_what_is_tied_stays_tied_and_the_scalars_stay_apart(original, whole):
    packed, tied = load(original), whole.all_tied_weights_keys
    assert len(tied) > 20 and any(key.endswith(EXPERTS) for key in tied)
    for target, source in tied.items():
        owner, _, leaf = target.rpartition(".")
        other, _, end = source.rpartition(".")
        mine, theirs = (getattr(packed.get_submodule(o), name) for o, name in ((owner, leaf), (other, end)))
        assert mine is theirs and isinstance(mine, Packed) == target.endswith(EXPERTS)
    assert packed.get_buffer(SCALAR) == 0.5 and packed.model.decoder.layers[0].layer_scalar == 1


def test_no_expert_moves_by_more_than_half_a_step(original, whole):
    packed = load(original)
    for layer, theirs in zip(packed.model.decoder.layers, whole.model.decoder.layers, strict=True):
        for name in ("gate_up_proj", "down_proj"):
            ours, weight = getattr(layer.experts, name), getattr(theirs.experts, name)
            steps = ours.scale.repeat_interleave(ours.group, -1)
            assert ((ours.dequantise() - weight).abs() <= steps * 0.5001).all()
            assert (ours.dequantise() - weight).abs().max() > 0


def test_the_wanted_type_is_that_of_everything_real(original):
    packed = load(original, torch.bfloat16)
    assert packed.dtype == packed.get_buffer(SCALAR).dtype == torch.bfloat16
    assert packed.model.decoder.layers[0].experts.down_proj.scale.dtype == torch.bfloat16
    theirs = type(packed).from_pretrained(original, dtype=torch.bfloat16)
    buffers = dict(packed.named_buffers())
    for key, buffer in theirs.named_buffers():
        assert buffer.dtype == buffers[key].dtype and torch.equal(buffer, buffers[key])


def test_tied_weights_may_have_any_of_their_names(original, folder):
    def rename(weights):
        for key in [key for key in weights if ".experts." in key or key.endswith("decoder.norm.weight")]:
            weights[key.replace("model.decoder", "model.encoder.language_model")] = weights.pop(key)

    edit_all(folder, rename)
    assert same(load(folder), load(original))


@pytest.mark.parametrize("file", ["first.safetensors", "second.safetensors"])
@pytest.mark.parametrize("weight", ["layers.1.experts.down_proj", "norm.weight"])
def test_tied_weights_that_are_there_twice_must_be_the_same(original, folder, file, weight):
    index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    there = index[f"model.decoder.{weight}"]
    twin = {f"model.encoder.language_model.{weight}": load_file(folder / there)[f"model.decoder.{weight}"]}
    whole = {"weight_map": index | dict.fromkeys(twin, file)}
    (folder / "model.safetensors.index.json").write_text(json.dumps(whole))
    save_file(twin, folder / file)
    assert same(load(folder), load(original))
    edit(folder / file, lambda weights: next(iter(weights.values())).mul_(1.5))
    with pytest.raises(LoadError, match=r"tied to another value"):
        load(folder)


def test_progress_goes_from_nothing_to_all(original):
    told = []
    load(original, progress=lambda *what: told.append(what))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1 and shares[0] < 0.2 and len(told) > 20
    assert all(what.startswith("Packing tiny") for what, _ in told)
    load(original, progress=lambda *what: told.append(what))
    assert told[-1][0].startswith("Loading tiny") and told[-1][1] == 1


# What was packed before.


def test_the_next_start_reads_no_weight_of_the_source(folder):
    first = load(folder)
    for file in folder.glob("*.safetensors"):
        time, head = file.stat().st_mtime_ns, 8 + int.from_bytes(file.read_bytes()[:8], "little")
        file.write_bytes(file.read_bytes()[:head].ljust(file.stat().st_size, b"\1"))
        os.utime(file, ns=(time, time))
    before = stamps()
    assert same(load(folder), first) and stamps() == before


def test_a_source_that_changed_is_packed_again(folder):
    first = load(folder)
    (file,) = (file for file in folder.glob("*.safetensors") if SCALAR in header(file))
    edit(file, lambda weights: weights.update({SCALAR: torch.tensor([0.25])}))
    second = load(folder)
    assert second.get_buffer(SCALAR) == 0.25 and not same(first, second)


def test_other_types_do_not_get_in_each_others_way(original):
    first, count = load(original), len(stored())
    load(original, torch.bfloat16)
    before = stamps()
    assert same(load(original), first) and len(stored()) == 2 * count and stamps() == before


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:-9] + b"123456789"])
def test_what_is_damaged_is_packed_again(original, damage):
    first, before = load(original), stamps()
    assert len(before) > 4
    broken = stored()[2]
    broken.write_bytes(damage(broken.read_bytes()))
    assert same(load(original), first)
    after = stamps()
    assert {name for name in after if after[name] != before[name]} == {broken.name}


@pytest.mark.parametrize("end", ["cancelled", "killed"])
def test_what_was_packed_before_an_end_is_not_packed_again(original, monkeypatch, end):
    told, write = [], Store.write
    cancelled = (lambda: len(told) > 30) if end == "cancelled" else (lambda: False)
    if end == "killed":
        monkeypatch.setattr(Store, "write", killing(write, 3))
    with pytest.raises((CancelError, KeyboardInterrupt)):
        load(original, progress=lambda *what: told.append(what), cancelled=cancelled)
    monkeypatch.setattr(Store, "write", write)
    before = stamps()
    assert all(name.endswith(".safetensors") for name in before) == (end == "cancelled") and len(before) > 2
    model, after = load(original), stamps()
    whole = [name for name in before if name.endswith(".safetensors")]
    assert len(after) > len(whole) and all(before[name] == after[name] for name in whole)
    assert not any(name.endswith(".half") for name in after)
    monkeypatch.setattr(machine, "packed", lambda: original.parent / "afresh")
    assert same(model, load(original))


def killing(write, times):
    """`write` as if the program were killed in the middle of the last of `times`: the half file stays."""

    def until(store, name, origin, tensors):
        write(store, name, origin, tensors)
        if name.startswith(f"{times:04}"):
            (store.folder / name).rename(store.folder / f"{name}.half")
            raise KeyboardInterrupt

    return until


# What is refused, in one sentence, and leaves nothing behind.


def refused(folder: Path, match: str) -> None:
    with pytest.raises(LoadError, match=match) as caught:
        gemma.load(folder, "cpu", precision="int4")
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and message.count(": ") >= 1
    assert not stored() or all(file.suffix == ".safetensors" for file in stored() if file.is_file())


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda w: w.pop("model.decoder.layers.1.experts.down_proj"), r"layers\.1\.experts\.down_proj missing\)"),
        (lambda w: w.pop(SCALAR), r"layers\.0\.layer_scalar missing\)"),
        (lambda w: w.pop("model.decoder.norm.weight"), r"decoder\.norm\.weight missing\)"),
        (lambda w: w.update(extra=torch.zeros(2)), r"\(extra unknown\)"),
        (
            lambda w: w.update({"model.decoder.norm.weight": torch.zeros(5)}),
            r"decoder\.norm\.weight of another shape",
        ),
        (
            lambda w: w.update({"model.decoder.layers.0.experts.down_proj": torch.zeros(4, 64, 64)}),
            r"experts\.down_proj of another shape",
        ),
        (
            lambda w: w.update({"model.decoder.layers.0.experts.down_proj": torch.tensor(1.0)}),
            r"experts\.down_proj of another shape",
        ),
        (
            lambda w: w.update({"model.decoder.norm.weight": torch.zeros(64, dtype=torch.int8)}),
            r"decoder\.norm\.weight of another type",
        ),
        (lambda w: w["model.decoder.layers.1.experts.down_proj"][2].fill_(torch.nan), "no finite numbers"),
    ],
)
def test_a_wrong_weight_is_named(folder, change, match):
    edit_all(folder, change)
    refused(folder, match)


def test_separate_experts_are_refused(folder):
    def split(weights):
        for key in [key for key in weights if ".experts." in key]:
            for at, expert in enumerate(weights.pop(key)):
                weights[key.replace(".experts.", f".experts.{at}.") + ".weight"] = expert

    edit_all(folder, split)
    refused(folder, "does not hold the weights that its config.json describes .*experts")


def test_experts_too_narrow_for_groups_are_refused(tmp_path):
    refused(tiny.checkpoint(tmp_path / "narrow"), "narrow .* int4: choose precision full")


def test_a_config_with_impossible_numbers(folder):
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["hidden_activation"] = "no such function"
    (folder / "config.json").write_text(json.dumps(config))
    refused(folder, "cannot be loaded")


def test_a_disk_that_is_full(original, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "save_file", full)
    refused(original, "No space left on device.*make room")


@pytest.mark.parametrize("precision", ["full", "int4"])
def test_too_little_memory_for_the_device_while_loading(original, monkeypatch, precision):
    def exhausted(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has ...")

    monkeypatch.setattr(stream, "load", exhausted)
    monkeypatch.setattr(straight, "load", exhausted)
    with pytest.raises(LoadError, match=r"tiny does not fit into the memory that is free: .*precision int4"):
        gemma.load(original, "cpu", precision=precision)


def test_a_driver_that_does_not_work(original, monkeypatch):
    def broken(*_):
        raise RuntimeError("CUDA driver initialization failed.\nmore")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", broken)
    with pytest.raises(LoadError, match=r"\(CUDA driver initialization failed\): update its driver, or choose"):
        gemma.load(original, "cuda")


@pytest.mark.parametrize("end", ["refused", "cancelled"])
def test_a_load_that_fails_holds_no_memory(folder, monkeypatch, end):
    models, told, fill = [], [], stream.fill

    def watched(found, model, part, tensors, place):
        models.append(weakref.ref(model))
        models.extend(weakref.ref(tensor) for tensor in tensors.values())
        fill(found, model, part, tensors, place)

    monkeypatch.setattr(stream, "fill", watched)
    if end == "refused":
        edit_all(folder, lambda w: w["model.decoder.layers.1.experts.down_proj"].fill_(torch.inf))
    cancelled = (lambda: len(told) > 30) if end == "cancelled" else (lambda: False)
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(LoadError) as caught:
            gemma.load(folder, "cpu", lambda *what: told.append(what), cancelled, precision="int4")
        assert models and all(held() is None for held in models) and caught.value
    finally:
        gc.enable()


# Which precision.


def settle(found, free, precision, kind="cpu", ram=None):
    return plan.settle(local(found), Machine(kind, "this computer", free, None, ram, None), precision)


def test_auto_is_full_where_it_fits_and_int4_where_only_that_does(original):
    found = find(original, print, bool)
    full, int4 = (found.size(precision, 4) for precision in ("full", "int4"))
    assert int4 < full < 4 * found.numbers
    for free, settled in ((None, "full"), (full, "full"), (full - 1, "int4"), (int4, "int4")):
        assert settle(found, free, "auto") == settled
    assert settle(found, int4, "int4") == "int4"
    for precision, free in (("auto", int4 - 1), ("int4", int4 - 1), ("full", int4)):
        with pytest.raises(LoadError, match=r"tiny.* needs .* where .* are free on this computer"):
            settle(found, free, precision)


def test_int4_needs_room_on_the_graphics_card_only(original):
    found = find(original, print, bool)
    card = {"free": found.size("int4", 2), "kind": "cuda", "ram": 1}
    assert settle(found, precision="auto", **card) == settle(found, precision="int4", **card) == "int4"
    assert settle(found, precision="full", **card | {"free": found.size("full", 2)}) == "full"
    with pytest.raises(LoadError, match="needs"):
        settle(found, precision="full", **card)


def test_the_size_is_what_is_held(original):
    found, model = find(original, print, bool), load(original)
    there = [tensor for tensor in [*model.parameters(), *model.buffers()] if not tensor.is_meta]
    held = {tensor.data_ptr(): tensor.nbytes for tensor in there}
    computed = sum(buffer.nbytes for _, buffer in model.named_non_persistent_buffers(remove_duplicate=False))
    assert abs(sum(held.values()) - found.size("int4", 4)) <= computed


def test_the_seedling_thinks_the_same():
    full, packed = (gemma.load(None, "cpu", precision=precision) for precision in ("full", "int4"))
    prompt = full.encode("Write a story about a fox who finds a lantern")
    canvas = torch.randint(0, full.vocabulary, (full.length,), generator=torch.Generator().manual_seed(0))
    assert (full.precision, packed.precision) == ("full", "int4")
    contexts = [(model, model.prefill(prompt)) for model in (full, packed)]
    soft = None
    for _ in range(3):
        logits = [model.head(model.decode(canvas, context, soft)) for model, context in contexts]
        assert torch.cosine_similarity(*logits, dim=-1).min() >= 0.99
        assert not torch.equal(*logits)
        canvas, soft = logits[0].argmax(-1), logits[0].softmax(-1) @ full.embedding * full.scale

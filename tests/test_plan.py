"""What a model needs, before it is loaded: numbers from its files, and the verdict of this computer on them."""

import json
import math
import shutil
from pathlib import Path

import pytest
import torch

import tiny
from engine.model import gemma
from engine.model.choice import plan, source
from engine.model.choice.plan import Plan, fits, judge, possible, recommended, refuse, size
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import LoadError
from engine.model.hub import published

GIB = 1 << 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return tiny.checkpoint(tmp_path_factory.mktemp("tiny"), shards=True, layers=3, hidden_size=64)


@pytest.fixture(scope="module")
def found(folder) -> Plan:
    return source.survey(folder)


@pytest.fixture
def large(monkeypatch) -> Plan:
    """The published model, where nobody can be asked."""
    monkeypatch.setattr(source.repository, "listing", _nobody)
    monkeypatch.setattr(source.repository, "cached", lambda repo: None)
    return source.survey(published.HUB)


@pytest.fixture
def packed(large) -> Plan:
    """The same with its experts in 4 bits."""
    return source.survey(published.PACKED)


def _nobody(repo):
    raise source.repository.UnreachableError("no network")


def room(kind="cuda", free=24, ram=1000, disk=1000, name="the Test Card", packing=None):
    """A computer with so many GiB."""
    free, ram, disk, packing = (None if gib is None else round(gib * GIB) for gib in (free, ram, disk, packing))
    return Machine(kind, name, free, free, ram, disk, packing)


def test_the_sizes_of_a_folder_are_those_of_the_loaded_model(folder, found):
    model = tiny.model(vocabulary=len(tiny.tokenizer()), layers=3, hidden_size=64)
    unique = {id(tensor): tensor for tensor in model.state_dict(keep_vars=True).values()}.values()
    assert found.weights.numbers == sum(tensor.numel() for tensor in unique)
    pictures = sum(tensor.numel() for key, tensor in model.state_dict().items() if key.startswith(checkpoint.SIGHT))
    assert found.bytes("full", "cpu") == 4 * (found.weights.numbers - pictures) and pictures > 0
    assert found.bytes("full", "cuda") == found.bytes("full", "cpu") // 2
    assert found.files == sum(file.stat().st_size for file in folder.iterdir()) and found.missing == 0
    assert found.source == str(folder) and found.name == folder.name and found.origin == "folder"


def test_the_types_are_those_that_the_loader_uses():
    assert {kind: kind_of.itemsize for kind, kind_of in gemma.DTYPES.items()} == plan.BYTES


def test_int4_is_a_half_byte_a_number_and_two_numbers_a_group(tmp_path):
    folder = tiny.checkpoint(tmp_path, hidden_size=64, moe_intermediate_size=64, layers=2)
    found = source.survey(folder)
    experts = sum(math.prod(slot.shape) for slot in found.weights.experts)
    assert experts == 2 * 4 * (128 * 64 + 64 * 64)
    rest = found.bytes("full", "cuda") // 2 - experts
    assert found.bytes("int4", "cuda") == experts // 2 + experts // 64 * 4 + rest * 2
    assert found.disk("int4", "cuda") == found.files + found.bytes("int4", "cuda")
    assert found.disk("full", "cuda") == found.files


def test_experts_that_cannot_be_packed_are_not_offered_packed(tmp_path):
    found = source.survey(tiny.checkpoint(tmp_path))  # 16 columns make no group
    assert found.precisions(room(free=0)) == ("full",)
    assert judge(found, room(free=0)).precision is None and "int4" not in judge(found, room(free=0)).sentence


def test_the_published_configuration_has_the_numbers_that_are_written_down():
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion

    config = DiffusionGemmaConfig(**published.CONFIG)
    with torch.device("meta"):
        model = DiffusionGemmaForBlockDiffusion(config)
    unique = {id(tensor): (key, tensor) for key, tensor in model.state_dict(keep_vars=True).items()}.values()
    experts = [tuple(tensor.shape) for key, tensor in unique if key.endswith(("gate_up_proj", "experts.down_proj"))]
    assert sum(tensor.numel() for _, tensor in unique) == published.NUMBERS
    pictures = sum(tensor.numel() for key, tensor in unique if key.startswith(checkpoint.SIGHT))
    assert pictures == published.SIGHT
    lumps = published.slots()
    assert sum(math.prod(slot.shape) for slot in lumps.values()) == published.NUMBERS
    assert sorted(experts) == sorted(slot.shape for key, slot in lumps.items() if ".experts." in key)


@pytest.mark.parametrize("name", published.FILES)
def test_the_published_model_takes_50_gb_or_with_int4_experts_17_7(large, packed, name):
    model = {plan.source: plan for plan in (large, packed)}[name]
    assert model.bytes("full", "cuda") == pytest.approx(50.5e9, rel=0.001)
    assert model.bytes("int4", "cuda") == pytest.approx(17.7e9, rel=0.003)
    assert model.missing == model.files and "published configuration" in model.note


def test_the_readme_says_the_same_numbers(large, packed):
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| ")]
    for model in (large, packed):
        (row,) = [line for line in rows if line.startswith(f"| `{model.source}`")]
        held = [model.bytes(precision, "cuda") for precision in model.precisions(room())]
        assert f"{size(model.files)} to download" in row and all(size(count) in row for count in held)
    for model, precision, kind, who in (
        (large, "full", "cuda", "of 80 GB or more"),
        (large, "full", "split", "several cards"),
        (packed, "int4", "cuda", "of 24 to 48 GB"),
        (packed, "int4", "cpu", "main memory"),
    ):
        (row,) = [line for line in rows if who in line]
        assert row.endswith(f"| {size(model.memory(precision, kind))} |")


def test_what_is_fetched_is_what_the_repositories_list(large, packed):
    assert large.files == 51_680_024_015 and size(packed.files) == "16.6 GB"
    assert large.disk("int4", "cuda") == large.files + large.bytes("int4", "cuda")
    assert packed.disk("int4", "cuda") == packed.files  # packed already: there is no second copy


@pytest.mark.parametrize("tokens", [3, 8, 30])
@pytest.mark.parametrize("shape", [{}, {"num_key_value_heads": 2, "global_head_dim": 32, "layers": 7}])
def test_the_cache_is_as_large_as_the_one_that_a_prompt_makes(tmp_path, tokens, shape):
    folder = tiny.checkpoint(tmp_path, **shape)
    cache = gemma.load(folder, "cpu").prefill(range(1, tokens + 1))
    held = sum(part.numel() * part.itemsize for layer in cache.layers for part in (layer.keys, layer.values))
    reckoned = plan.kept(source.survey(folder).config, tokens, 4)
    assert held <= reckoned <= 1.2 * held  # a window of 8 keeps the last 7 for the next token


def test_layers_without_names_follow_the_pattern_of_transformers():
    from transformers import DiffusionGemmaConfig

    named = json.loads(DiffusionGemmaConfig(**published.CONFIG).to_json_string())
    assert plan.kept(named, 5000, 2) == plan.kept(published.CONFIG, 5000, 2)


def test_working_memory_grows_with_the_context_and_the_vocabulary(found):
    config = found.config
    assert plan.working(config, "cpu", 100) < plan.working(config, "cpu", 1000)
    more = config | {"text_config": config["text_config"] | {"vocab_size": 10**6}}
    assert plan.working(more, "cpu") > plan.working(config, "cpu")
    assert found.memory("full", "cpu") == found.bytes("full", "cpu") + plan.working(config, "cpu")


@pytest.mark.parametrize(
    ("computer", "precision", "words"),
    [
        (room(free=79), "full", "Fits: 52.4 GB of the 84.8 GB free on the Test Card."),
        (room(free=23), "int4", f"in full it would take 52.4 GB; {published.PACKED} is 16.6 GB to download"),
        (room(free=79, ram=8), "full", "Fits: 52.4 GB"),
        (room(free=12, ram=16), None, "19.6 GB where 12.9 GB are free on the Test Card; choose a smaller model"),
        (room(free=12, ram=64), None, "choose device cpu"),
        (room(free=79, disk=40), None, "51.7 GB to download, 42.9 GB free"),
        (room(free=79, disk=None), None, "51.7 GB to download, 4.0 GB free"),
        (room(disk=60), None, "51.7 GB to download and 17.7 GB to keep packed, 64.4 GB free on the disk"),
        (
            room(disk=60, packing=10),
            None,
            "17.7 GB to keep packed, 10.7 GB free there; make room, or set UNNOISE_CACHE",
        ),
        (room(disk=60, packing=20), "int4", "Fits with int4 experts"),
        (room(free=None), None, "Too large"),
        (room("cpu", free=16, name="this computer"), None, "a graphics card of 24 GB"),
        (room("cpu", free=32, name="this computer"), "int4", "slowly: there is no graphics card"),
        (room("cpu", free=128, name="this computer"), "full", "slowly"),
    ],
)
def test_the_verdict_names_the_numbers_and_the_alternative(large, computer, precision, words):
    verdict = judge(large, computer)
    assert verdict.precision == precision and words in verdict.sentence
    assert verdict.sentence.endswith(".") and verdict.sentence.count(". ") == 0


@pytest.mark.parametrize(
    ("computer", "precision", "words"),
    [
        (
            room(free=23),
            "int4",
            "Fits with int4 experts: 19.6 GB of the 24.7 GB free on the Test Card; recommended",
        ),
        (room(free=79), "int4", f"; {published.HUB} is more exact, and fits too."),
        (room(free=12, ram=16), None, "even with int4 experts it needs 19.6 GB where 12.9 GB are free"),
        (room("split", free=96), None, "one graphics card: choose device cuda"),
        (room("cpu", free=32, name="this computer"), "int4", "slowly"),
    ],
)
def test_experts_that_come_packed_are_recommended_where_the_whole_does_not_fit(packed, computer, precision, words):
    verdict = judge(packed, computer)
    assert verdict.precision == precision and words in verdict.sentence
    assert verdict.sentence.endswith(".") and verdict.sentence.count(". ") == 0
    assert recommended(packed, computer) == (precision == "int4" and computer.free < 50 * GIB)


def test_experts_that_come_packed_are_never_loaded_as_anything_else(packed):
    assert packed.precisions(room()) == ("int4",) and packed.precisions(room("split")) == ()
    assert plan.settle(packed, room(), "auto") == plan.settle(packed, room(), "int4") == "int4"
    with pytest.raises(LoadError, match=r"stored in 4 bits: choose precision int4, or auto\."):
        refuse(packed, room(free=100), "full")
    for precision in ("auto", "full", "int4"):
        with pytest.raises(LoadError, match="one graphics card"):
            refuse(packed, room("split", free=100), precision)


def test_more_memory_never_turns_a_verdict_worse(large):
    order = [None, "int4", "full"]
    seen = [order.index(judge(large, room(free=free)).precision) for free in range(4, 100, 4)]
    assert seen == sorted(seen) and set(seen) == {0, 1, 2}


def test_what_is_recommended_fits_and_what_is_impossible_does_not(large):
    for free in range(4, 100, 4):
        computer = room(free=free)
        advised = judge(large, computer).precision
        for precision in large.precisions(computer):
            assert possible(large, precision, computer) or not fits(large, precision, computer)
        assert advised is None or fits(large, advised, computer)


def test_a_refusal_names_the_precision_that_would_do(large):
    with pytest.raises(LoadError, match=r"52\.4 GB where 24\.7 GB are free .* choose precision int4.* 19\.6 GB"):
        refuse(large, room(free=23), "full")
    refuse(large, room(free=23), "int4")
    refuse(large, room(free=23), "auto")
    for precision in ("full", "int4", "auto"):
        with pytest.raises(LoadError, match=r"too large: even with int4 experts"):
            refuse(large, room(free=8, ram=8), precision)


def test_no_memory_at_all_is_a_sentence_too(large, found):
    for model in (large, found):
        for precision in ("full", "int4", "auto"):
            with pytest.raises(LoadError, match="where 0 kB are free"):
                refuse(model, room(free=0, ram=0), precision)


@pytest.mark.parametrize("values", [{"layer_types": [1, 2]}, {"num_key_value_heads": "many"}, {"vocab_size": None}])
def test_a_config_of_nonsense_is_a_sentence(folder, tmp_path, values):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    config = json.loads((copy / "config.json").read_text())
    config["text_config"] |= values
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(LoadError, match=r"config\.json of copy makes no sense"):
        source.survey(copy)


def test_weights_that_just_fit_are_not_refused(large):
    tight = Machine("cuda", "the Test Card", large.bytes("int4", "cuda"), None, 1 << 40, 1 << 40)
    assert judge(large, tight).precision is None and possible(large, "int4", tight)
    refuse(large, tight, "int4")


def test_this_computer_is_looked_at():
    here = machine.look()
    assert here.kind in plan.BYTES and here.name and here.disk > 0
    assert 0 < here.free <= here.total
    cpu = machine.look("cpu")
    assert cpu.kind == "cpu" and cpu.free == cpu.ram
    assert machine.look("no such device").kind == here.kind


def test_the_embedded_model_fits_here():
    assert judge(source.survey(None), machine.look()).precision == "full"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 kB"),
        (1, "1 kB"),
        (999_400, "1000 kB"),
        (22_500_000, "22.5 MB"),
        (999_960_000, "1.0 GB"),
        (18.8e9, "18.8 GB"),
    ],
)
def test_sizes_are_words(count, words):
    assert size(count) == words

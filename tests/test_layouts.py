"""Checkpoints as others store them: read like what they stand for, or named before anything is fetched."""

import json
from pathlib import Path
from shutil import copytree

import layouts
import pytest
import torch
from safetensors.torch import load_file, save_file

import tiny
from engine.model import blank, gemma, straight
from engine.model.choice import source
from engine.model.computer import machine
from engine.model.experts.pack import Packed
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import LoadError, judge
from engine.model.hub import published
from engine.model.layouts import EXPERTS

torch.set_num_threads(1)
SHAPE = {"hidden_size": 64, "moe_intermediate_size": 64, "intermediate_size": 64, "head_dim": 32}
WRITERS = {"mlx": layouts.mlx, "compressed": layouts.compressed}


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """Groups of 64 fit into it, and the encoder has scalars of its own."""
    folder = tiny.checkpoint(tmp_path_factory.mktemp("layouts") / "tiny", **SHAPE)
    edit(folder, lambda weights: weights.update({SCALAR: torch.tensor([0.5])}))
    return folder


SCALAR = "model.encoder.language_model.layers.0.layer_scalar"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "packed", lambda: tmp_path / "int4")


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return Path(copytree(original, tmp_path / "copy"))


def edit(folder: Path, change) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file({key: weight.contiguous() for key, weight in weights.items()}, folder / "model.safetensors")


def configure(folder: Path, **values) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


@pytest.fixture(params=WRITERS)
def written(request, folder):
    """A folder in a layout that is read, in three files, and what its weights stand for."""
    return folder, WRITERS[request.param](folder, files=3), request.param


def plain(original: Path, tmp_path: Path, meant: dict[str, torch.Tensor]) -> Path:
    """The ordinary checkpoint of what weights stand for."""
    folder = Path(copytree(original, tmp_path / "meant"))
    edit(folder, lambda weights: weights.update(meant))
    return folder


# What is read.


def test_every_weight_is_what_it_stands_for(written):
    folder, meant, layout = written
    model = gemma.load(folder, "cpu").model
    held = tiny.held(model)
    for key, expected in meant.items():
        if key.startswith(checkpoint.SIGHT):
            continue
        ours = blank.get(model, key)
        assert isinstance(ours, Packed) == key.endswith(EXPERTS)
        ours = ours.dequantise() if isinstance(ours, Packed) else held[key]
        torch.testing.assert_close(ours, expected, rtol=1e-6, atol=1e-7)
    first = model.model.decoder.layers[0].experts.down_proj
    assert (first.group, first.minimum is None) == {"mlx": (64, False), "compressed": (32, True)}[layout]


def test_the_bytes_of_packed_experts_are_those_of_the_file(folder):
    layouts.mlx(folder)
    model = gemma.load(folder, "cpu").model
    file = next(folder.glob("*.safetensors"))
    for at, layer in enumerate(model.model.decoder.layers):
        stored = load_file(file)[f"model.decoder.layers.{at}.experts.gate_up_proj.weight"]
        assert torch.equal(layer.experts.gate_up_proj.packed, stored.view(torch.uint8))


def test_it_thinks_what_the_widened_model_thinks(written, original, tmp_path):
    folder, meant, _ = written
    ours = gemma.load(folder, "cpu")
    theirs = gemma.load(plain(original, tmp_path, meant), "cpu", precision="full")
    assert (ours.precision, theirs.precision) == ("int4", "full")
    prompt, canvas = [tiny.BOS, *range(30, 44)], torch.arange(16) + 40
    soft = None
    for _ in range(2):
        found, expected = (
            model.head(model.decode(canvas, model.prefill(prompt), soft)) for model in (ours, theirs)
        )
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
        canvas, soft = expected.argmax(-1), expected.softmax(-1) @ theirs.embedding * theirs.scale
    untouched = gemma.load(original, "cpu", precision="full")
    assert not torch.allclose(expected, untouched.head(untouched.decode(canvas, untouched.prefill(prompt), soft)))


def test_nothing_is_packed_or_kept_twice(written, tmp_path):
    folder, _, _ = written
    told = []
    gemma.load(folder, "cpu", lambda what, share: told.append((what, share)))
    assert not (tmp_path / "int4").exists()
    shares = [share for what, share in told if share is not None]
    assert all(what.startswith("Loading copy") for what, share in told if share is not None)
    assert shares == sorted(shares) and shares[-1] == 1 and shares[0] < 0.3


def test_in_bfloat16_scales_are_as_narrow_as_the_rest(written):
    folder, meant, _ = written
    model = straight.load(judge(folder, "copy"), "cpu", torch.bfloat16, lambda *_: None, lambda: False)
    assert (
        model.dtype == torch.bfloat16 and model.model.decoder.layers[1].experts.down_proj.scale.dtype == model.dtype
    )
    for key in ("model.decoder.layers.0.self_attn.q_proj.weight", "model.decoder.layers.1.experts.gate_up_proj"):
        ours = blank.get(model, key)
        ours = ours.dequantise() if isinstance(ours, Packed) else ours
        torch.testing.assert_close(ours.float(), meant[key], rtol=2**-7, atol=2**-8)


def test_the_plan_knows_what_will_be_held(written):
    folder, _, _ = written
    plan, model = source.survey(folder), gemma.load(folder, "cpu").model
    there = [tensor for tensor in [*model.parameters(), *model.buffers()] if not tensor.is_meta]
    held = {tensor.data_ptr(): tensor.nbytes for tensor in there}
    computed = sum(buffer.nbytes for _, buffer in model.named_non_persistent_buffers(remove_duplicate=False))
    assert abs(sum(held.values()) - plan.bytes("int4", "cpu")) <= computed
    assert plan.weights.packed and plan.disk("int4", "cpu") == plan.files


def test_all_of_it_is_only_there_packed(written):
    folder, _, _ = written
    with pytest.raises(LoadError, match=r"stored in 4 bits: choose precision int4, or auto\."):
        gemma.load(folder, "cpu", precision="full")


def test_a_minimum_that_is_not_stored_is_no_memory(folder):
    layouts.compressed(folder)
    plan = source.survey(folder)
    experts = 2 * 4 * (128 * 64 + 64 * 64)
    full, packed = plan.bytes("full", "cuda"), plan.bytes("int4", "cuda")
    assert full - packed == 2 * experts - experts // 2 - 2 * experts // 32


def test_what_only_pictures_need_is_read_from_the_folder_when_it_is_wanted(original):
    found = judge(original, "tiny")
    model = straight.load(found, "cpu", torch.float32, lambda *_: None, lambda: False)
    assert found.sight and all(blank.get(model, key).is_meta for key in found.sight)
    straight.fill(model, found, found.sight, "cpu", torch.float32, lambda *_: None, lambda: False)
    stored = load_file(original / "model.safetensors")
    assert all(torch.equal(blank.get(model, key), stored[key]) for key in found.sight)
    blank.blind(model)
    assert all(blank.get(model, key).is_meta for key in found.sight)


def test_a_table_of_an_older_gemma_is_passed_over(original, folder):
    edit(folder, lambda w: w.update({"model.encoder.embed_vision.embedding.weight": torch.zeros(8, 4)}))
    for precision in ("full", "int4"):
        ours, theirs = (tiny.held(gemma.load(f, "cpu", precision=precision).model) for f in (folder, original))
        assert ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)
    assert source.survey(folder).weights.numbers == source.survey(original).weights.numbers


# What is not read.

METHODS = {
    "NVFP4": {"quant_method": "modelopt", "quant_algo": "NVFP4"},
    "FP8": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "GPTQ": {"quant_method": "gptq", "bits": 4, "group_size": 128},
    "AWQ": {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm"},
    "bitsandbytes": {"quant_method": "bitsandbytes", "load_in_4bit": True},
    "AutoRound": {"quant_method": "auto-round", "bits": 4},
    "torchao": {"quant_method": "torchao", "quant_type": "int4_weight_only"},
}


def refused(folder: Path, layout: str) -> None:
    for ask in (lambda: source.survey(folder), lambda: gemma.load(folder, "cpu")):
        with pytest.raises(LoadError) as caught:
            ask()
        message = str(caught.value)
        assert message.endswith(".") and message.count(". ") == 0 and "\n" not in message
        assert f" {layout}" in message and published.PACKED in message and "fetch it again" not in message


@pytest.mark.parametrize("layout", METHODS)
def test_a_layout_that_config_json_names_is_named(folder, layout):
    configure(folder, quantization_config=METHODS[layout])
    refused(folder, layout)


@pytest.mark.parametrize(
    ("format", "layout"),
    [("nvfp4-pack-quantized", "NVFP4"), ("float-quantized", "FP8"), ("marlin-24", "compressed-tensors in another")],
)
def test_the_other_formats_of_compressed_tensors_are_named(folder, format, layout):
    configure(folder, quantization_config={"quant_method": "compressed-tensors", "format": format})
    refused(folder, layout)


@pytest.mark.parametrize("more", [{"num_bits": 8}, {"symmetric": False}, {"group_size": 128}, {"type": "float"}])
def test_its_other_variants_are_named(folder, more):
    layouts.compressed(folder)
    configure(folder, **layouts.compressed_config(**more))
    refused(folder, "compressed-tensors in another variant")


@pytest.mark.parametrize(
    "told",
    [
        {"bits": 4, "group_size": 32, "mode": "mxfp4"},
        {"bits": 8, "group_size": 64},
        {"bits": 6, "group_size": 64},
        {"bits": 4, "group_size": 128},
    ],
)
def test_the_other_variants_of_mlx_are_named(folder, told):
    layouts.mlx(folder)
    configure(folder, quantization=told, quantization_config=told)
    refused(folder, "MLX in another variant")


SIGNS = {
    "NVFP4": {"a.weight": ("U8", (2, 2), bytes(4)), "a.weight_scale_2": ("F32", (), bytes(4))},
    "FP8": {"a.weight": ("F8_E4M3", (2, 2), bytes(4))},
    "GPTQ": {"a.qweight": ("I32", (1, 2), bytes(8)), "a.scales": ("F16", (1, 2), bytes(4))},
    "bitsandbytes": {"a.weight": ("U8", (4, 1), bytes(4)), "a.weight.absmax": ("U8", (2,), bytes(2))},
}


@pytest.mark.parametrize("layout", SIGNS)
def test_a_layout_that_only_its_tensors_tell_is_named(folder, layout):
    layouts.save(folder / "model.safetensors", SIGNS[layout])
    refused(folder, layout)


def test_gguf_is_named(folder):
    (folder / "model.safetensors").rename(folder / "Model-Q4_K_M.gguf")
    refused(folder, "GGUF")
    (folder / "config.json").unlink()
    refused(folder, "GGUF")


@pytest.mark.parametrize("whole_layers", [(1,), (0, 1)])
def test_experts_that_are_whole_while_others_or_the_rest_are_packed_are_no_layout(folder, original, whole_layers):
    layouts.mlx(folder)
    (file,) = folder.glob("*.safetensors")
    whole = load_file(original / "model.safetensors")
    names = tuple(f"model.decoder.layers.{at}{end}" for at in whole_layers for end in EXPERTS)
    weights = {key: tensor for key, tensor in load_file(file).items() if not key.startswith(names)}
    save_file(weights | {name: whole[name] for name in names}, file)
    refused(folder, "MLX in another variant")


@pytest.mark.parametrize("layout", WRITERS)
def test_a_part_that_is_missing_or_of_another_shape_is_no_weight(folder, layout):
    WRITERS[layout](folder)
    (file,) = folder.glob("*.safetensors")
    whole = load_file(file)
    scale = {"mlx": "scales", "compressed": "weight_scale"}[layout]
    for owner in ("layers.0.self_attn.q_proj", "layers.1.experts"):
        key = next(key for key in whole if owner in key and key.endswith(scale))
        for change in ({}, {key: whole[key][..., :-1].contiguous()}):
            save_file({name: tensor for name, tensor in whole.items() if name != key} | change, file)
            with pytest.raises(LoadError):
                gemma.load(folder, "cpu")


def test_experts_that_are_no_finite_numbers_are_refused(folder):
    layouts.compressed(folder)
    (file,) = folder.glob("*.safetensors")
    weights = load_file(file)
    weights["model.decoder.layers.1.experts.2.up_proj.weight_scale"][3] = torch.inf
    save_file(weights, file)
    with pytest.raises(LoadError, match="no finite numbers"):
        gemma.load(folder, "cpu")

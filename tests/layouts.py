"""Tiny checkpoints as others store them, written byte by byte from the descriptions of their layouts, for tests.

Nothing of the product is used: codes, bytes and what they stand for are worked out here, one number at a time where
that is plainest, so that a reader of these layouts is compared with something else than itself.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file

TYPES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}
Stored = tuple[str, tuple[int, ...], bytes]  # type, shape and bytes, as a safetensors file has them
Written = tuple[dict[str, Stored], torch.Tensor]  # what a weight is stored as, and what that stands for, in float32


def rewrite(
    folder: Path, config: dict, change: Callable[[str, torch.Tensor], Written | None], files: int = 1
) -> dict:
    """Store the weights of a folder anew, and give what they stand for. `change` may leave a weight as it is: None.

    They are spread over so many files, one by one, so that what belongs together is apart.
    """
    stored, meant = {}, {}
    for file in sorted(folder.glob("*.safetensors")):
        for key, weight in load_file(file).items():
            written = change(key, weight) or ({key: number(weight)}, weight.float())
            stored |= written[0]
            meant[key] = written[1]
        file.unlink()
    spread(folder, stored, files)
    about = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(about | config))
    return meant


def spread(folder: Path, stored: dict[str, Stored], files: int) -> None:
    """Write stored tensors in so many files, with the index that names them."""
    names = [f"model-{at + 1:05}-of-{files:05}.safetensors" for at in range(files)]
    where = {key: names[at % files] for at, key in enumerate(stored)}
    for name in names:
        save(folder / name, {key: tensor for key, tensor in stored.items() if where[key] == name})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": where}))


def save(file: Path, stored: dict[str, Stored]) -> None:
    """A safetensors file: the length of its header in eight bytes, the header, the tensors one after the other."""
    header, at = {}, 0
    for key, (kind, shape, data) in stored.items():
        header[key] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    head = json.dumps({"__metadata__": {"format": "pt"}} | header).encode()
    file.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(data for _, _, data in stored.values()))


def number(tensor: torch.Tensor) -> Stored:
    """A tensor as it is."""
    data = tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return TYPES[tensor.dtype], tuple(tensor.shape), data


def words(codes: torch.Tensor, bits: int, kind: str) -> Stored:
    """Codes [.., n] in 32 bit words, the first in the lowest bits of the first word."""
    *rows, columns = codes.shape
    each = 32 // bits
    packed = [
        sum(code << (bits * place) for place, code in enumerate(line[start : start + each]))
        for line in codes.reshape(-1, columns).tolist()
        for start in range(0, columns, each)
    ]
    return kind, (*rows, columns // each), struct.pack(f"<{len(packed)}I", *packed)


# MLX: a code times its group's scale, plus its bias.


def mlx_config(names: list[str], group: int = 64) -> dict:
    """Experts and the rest in 4 bits, what is named in 8: as MLX writes it, under both names."""
    told = {"group_size": group, "bits": 4, "mode": "affine"}
    told |= {name.removesuffix(".weight"): {"group_size": group, "bits": 8} for name in names}
    return {"quantization": told, "quantization_config": told}


def affine(key: str, weight: torch.Tensor, bits: int, group: int) -> Written:
    """A weight [.., out, in] as MLX's three tensors. Some scales are negative, as MLX makes them."""
    most = 2**bits - 1
    parts = weight.float().unflatten(-1, (-1, group))
    low, high = parts.amin(-1), parts.amax(-1)
    turned = low.abs() > high.abs()
    start, end = torch.where(turned, high, low), torch.where(turned, low, high)
    scales, biases = ((end - start) / most).bfloat16(), start.bfloat16()
    step = scales.float()[..., None]
    codes = ((parts - biases.float()[..., None]) / step.where(step != 0, 1)).round().clamp(0, most)
    meant = (codes * step + biases.float()[..., None]).flatten(-2)
    name = key.removesuffix(".weight")
    stored = {
        f"{name}.weight": words(codes.long().flatten(-2), bits, "U32"),
        f"{name}.scales": number(scales),
        f"{name}.biases": number(biases),
    }
    return stored, meant


def mlx(folder: Path, group: int = 64, files: int = 1) -> dict[str, torch.Tensor]:
    """What mlx-community's file of 4 bits is: experts in 4, attention, dense MLP, router and embedding in 8."""
    eight = (".self_attn.", ".mlp.", ".router.proj.", "embed_tokens")
    names: list[str] = []

    def change(key: str, weight: torch.Tensor) -> Written | None:
        if weight.dim() < 2 or ("vision" in key and "embedding_projection" not in key) or weight.shape[-1] % group:
            return None
        if any(part in key for part in eight):
            names.append(key)
        return affine(key, weight, 8 if key in names else 4, group)

    meant = rewrite(folder, {}, change, files)
    about = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(about | mlx_config(names, group)))
    return meant


# compressed-tensors: a code less 8, times its group's scale.


def compressed_config(group: int = 32, **more) -> dict:
    """... of so many columns that share a scale; `more` makes another variant of it."""
    weights = {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": group} | more
    groups = {"group_0": {"targets": ["Linear"], "weights": weights, "input_activations": None}}
    told = {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": groups}
    return {"quantization_config": told}


def symmetric(name: str, weight: torch.Tensor, group: int) -> Written:
    """A matrix [out, in] as three tensors."""
    parts = weight.float().unflatten(-1, (-1, group))
    scale = (parts.abs().amax(-1) / 7.5).half()
    step = scale.float()[..., None]
    codes = (parts / step.where(step != 0, 1)).round().clamp(-8, 7)
    stored = {
        f"{name}.weight_packed": words((codes + 8).long().flatten(-2), 4, "I32"),
        f"{name}.weight_scale": number(scale),
        f"{name}.weight_shape": ("I64", (2,), struct.pack("<2q", *weight.shape)),
    }
    return stored, (codes * step).flatten(-2)


def compressed(folder: Path, group: int = 32, files: int = 1) -> dict[str, torch.Tensor]:
    """What the usual AWQ re-upload is: experts one by one and attention in 4 bits, the rest as it was."""

    def change(key: str, weight: torch.Tensor) -> Written | None:
        owner, _, leaf = key.rpartition(".")
        if owner.endswith(".experts"):
            halves = {"gate_up_proj": ("gate", "up"), "down_proj": ("down",)}[leaf]
            stored, meant = {}, []
            for at, expert in enumerate(weight):
                for half, matrix in zip(halves, expert.chunk(len(halves)), strict=True):
                    one, stands = symmetric(f"{owner}.{at}.{half}_proj", matrix, group)
                    stored |= one
                    meant.append(stands)
            return stored, torch.cat(meant).view(weight.shape)
        if ".self_attn." in key and "decoder" in key and weight.dim() == 2:
            return symmetric(owner, weight, group)
        return None

    return rewrite(folder, compressed_config(group), change, files)

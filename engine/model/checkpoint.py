"""A model's folder, judged before anything of it is loaded: is it all there, will it fit? Knows no torch."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from engine.values.settings import Settings

KIND = "diffusion_gemma"
GB = 1e9
EXPERTS = (".experts.gate_up_proj", ".experts.down_proj")  # the keys of the weights that "int4" packs end so
GROUPS = (64, 32)  # columns that may share a scale in 4 bits: the fewest scales that fit are taken


class LoadError(Exception):
    """A model that cannot be loaded, in one sentence that says what to do."""


class CancelError(LoadError):
    """Loading was given up because the user asked for it."""


@dataclass(frozen=True)
class Checkpoint:
    """A complete folder of a DiffusionGemma: its display name, weights by key, and how many numbers they are."""

    folder: Path
    name: str
    keys: frozenset[str]
    numbers: int
    experts: tuple[tuple[int, ...], ...] = ()  # the shapes [E, out, in] of the experts' weights
    files: tuple[Path, ...] = ()  # of the weights

    @property
    def group(self) -> int | None:
        """How many columns of an expert share a scale in 4 bits; None if the experts cannot be packed."""
        whole = (size for size in GROUPS if all(shape and shape[-1] % size == 0 for shape in self.experts))
        return next(whole, None) if self.experts else None

    def size(self, precision: str, itemsize: int) -> int:
        """Bytes of the weights in memory, in numbers of `itemsize` bytes, the experts in 4 bits for "int4"."""
        packed = sum(map(prod, self.experts)) if precision == "int4" and self.group else 0
        scales = 2 * packed // (self.group or 1)
        return (self.numbers - packed + scales) * itemsize + packed // 2


def judge(folder: Path, name: str) -> Checkpoint:
    """Look at a folder's small print, and raise LoadError for what would fail, or load as something else, later."""
    if not folder.is_dir():
        raise LoadError(
            f"The model's folder {folder} is missing: install the program again, or choose another model."
        )
    kind = read(folder / "config.json").get("model_type")
    if kind != KIND:
        raise LoadError(f"{name} is no DiffusionGemma (its config.json says {kind!r}): choose another model.")
    if not (folder / "tokenizer.json").is_file():
        raise LoadError(f"{name} has no tokenizer.json: fetch the whole model again.")
    files = _files(folder, name)
    tensors = {key: tensor for file in files for key, tensor in header(file).items()}
    return Checkpoint(folder, name, *counted(tensors), files=tuple(files))


def counted(tensors: Mapping[str, Mapping[str, Any]]) -> tuple[frozenset[str], int, tuple[tuple[int, ...], ...]]:
    """Of tensors as `header` gives them: the keys, how many numbers they are, and the shapes of the experts."""
    numbers = sum(prod(tensor["shape"]) for tensor in tensors.values())
    experts = (tuple(tensor["shape"]) for key, tensor in tensors.items() if key.endswith(EXPERTS))
    return frozenset(tensors), numbers, tuple(sorted(experts))


def usual(folder: Path) -> Settings:
    """The knobs that the folder's generation_config.json recommends; ours where it says nothing."""
    try:
        return Settings.published(read(folder / "generation_config.json"))
    except LoadError:
        return Settings()


def read(file: Path) -> dict[str, Any]:
    """A JSON object, empty if it is something else. LoadError."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LoadError(
            f"{file.parent} has no {file.name}: choose the folder that holds the model itself."
        ) from None
    except (OSError, ValueError):
        raise LoadError(f"{file} cannot be read: fetch the model again.") from None
    return value if isinstance(value, dict) else {}


def _files(folder: Path, name: str) -> list[Path]:
    """The files of the weights: those that the index names, or the only one."""
    index = folder / "model.safetensors.index.json"
    names = set(read(index).get("weight_map", {}).values()) if index.is_file() else {"model.safetensors"}
    missing = sorted(file for file in names if not (folder / file).is_file())
    if missing and not index.is_file():
        raise LoadError(
            f"{name} has no weights as safetensors, the only format that is read: choose another model."
        )
    if missing or not names:
        raise LoadError(f"{name} lacks {_some(missing) or 'all of its weights'}: fetch the model again.")
    return [folder / file for file in sorted(names)]


def header(file: Path) -> dict[str, dict[str, Any]]:
    """The tensors of a safetensors file, by key, from its header. LoadError if the file is not whole.

    Source: the format's description (https://huggingface.co/docs/safetensors).
    """
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            size = file.stat().st_size
            tensors = json.loads(stream.read(length)) if length < size else {}
        tensors.pop("__metadata__", None)
        end = max(tensor["data_offsets"][1] for tensor in tensors.values())
    except (OSError, ValueError, TypeError, KeyError, AttributeError, struct.error):
        size = end = 0
    if not end or size != 8 + length + end:
        raise LoadError(f"{file.name} is damaged or only half there: fetch the model again.")
    return tensors


def refuse(name: str, found: dict[str, Iterable[str]]) -> None:
    """Raise LoadError if a model took not exactly the weights of its file: `found` maps what is wrong to keys."""
    wrong = [f"{_some(sorted(keys))} {what}" for what, keys in found.items() if keys]
    if wrong:
        raise LoadError(f"{name} is stored in another layout ({'; '.join(wrong)}): choose the original checkpoint.")


def _some(names: list[str], shown: int = 3) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")

"""A model's folder, judged before anything of it is loaded: is it all there, will it fit? Knows no torch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from engine.model.computer import machine
from engine.model.folder import config, tensors
from engine.model.hub import published
from engine.model.layouts import EXPERTS, GROUPS, Slot, foreign, slots, unread
from engine.values.settings import Settings

KIND = "diffusion_gemma"
GB = 1e9
FETCH = "fetch the model again"  # of one that came from the hub
EMBEDDED = Path(__file__).parents[3] / "assets" / "seedling"  # the model that ships with the program
LONGEST, FILES = 2**26, 4096  # bytes of a JSON file, and files of weights
SIGHT = ("model.encoder.vision_tower.", "model.encoder.embed_vision.")  # so begin weights that only pictures need


class LoadError(Exception):
    """A model that cannot be loaded, in one sentence that says what to do."""


class PartialError(LoadError):
    """A model of which something is not there."""


class DamageError(LoadError):
    """A file of a model that is not whole, or not what it should be. It was so where it was copied from, or not."""

    def __init__(self, what: str, file: Path) -> None:
        super().__init__(f"{what}: {mend(file)}.")
        self.file = file


def mend(place: Path) -> str:
    """What helps a model of which something is missing or damaged, by where it lies."""
    if place.is_relative_to(machine.cache()):
        return FETCH
    if place.is_relative_to(EMBEDDED):
        return "install the program again"
    return "copy the model there again, or choose another one"


class CancelError(LoadError):
    """Loading was given up because the user asked for it."""


@dataclass(frozen=True)
class Checkpoint:
    """A complete folder of a DiffusionGemma: its display name, and the weights by key, as they are stored."""

    folder: Path
    name: str
    slots: Mapping[str, Slot]
    files: tuple[Path, ...] = ()  # of the weights

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.slots)

    @property
    def sight(self) -> frozenset[str]:
        """The keys of what only pictures need: it is read when there is one, and takes no memory before."""
        return frozenset(key for key in self.slots if key.startswith(SIGHT))

    @property
    def numbers(self) -> int:
        """How many numbers the weights are."""
        return sum(prod(slot.shape) for slot in self.slots.values())

    @property
    def experts(self) -> tuple[Slot, ...]:
        """The slots of the experts' weights, of shapes [E, out, in]."""
        return tuple(slot for key, slot in self.slots.items() if key.endswith(EXPERTS))

    @property
    def packed(self) -> bool:
        """Whether the experts are stored in 4 bits, as they are used."""
        return any(slot.group for slot in self.experts)

    @property
    def group(self) -> int | None:
        """How many columns of an expert share a scale in 4 bits; None if the experts cannot be packed."""
        shapes = [slot.shape for slot in self.experts]
        if self.packed:
            return next(slot.group for slot in self.experts if slot.group)
        whole = (size for size in GROUPS if all(shape and shape[-1] % size == 0 for shape in shapes))
        return next(whole, None) if shapes else None

    def size(self, precision: str, itemsize: int) -> int:
        """Bytes of the weights in memory, in numbers of `itemsize` bytes, the experts in 4 bits for "int4"."""
        experts = self.experts if precision == "int4" and self.group else ()
        packed = sum(prod(slot.shape) for slot in experts)
        scales = sum(slot.extra * prod(slot.shape) // (slot.group or self.group) for slot in experts)
        seen = sum(prod(self.slots[key].shape) for key in self.sight)
        return (self.numbers - seen - packed + scales) * itemsize + packed // 2


def judge(folder: Path, name: str) -> Checkpoint:
    """Look at a folder's small print, and raise LoadError for what would fail, or load as something else, later."""
    try:
        return _judge(folder, name)
    except OSError as error:
        raise LoadError(f"{folder} cannot be read ({error.strerror or error}): choose another folder.") from None


def _judge(folder: Path, name: str) -> Checkpoint:
    if not folder.is_dir():
        raise LoadError(
            f"The model's folder {folder} is missing: install the program again, or choose another model."
        )
    if odd := next((file.name for file in folder.iterdir() if file.exists() and not _plain(file)), None):
        raise LoadError(f"{name} has a {odd} that is no file: choose another folder.")  # a pipe would be waited for
    readable(name, (file.name for file in folder.iterdir()))
    told = read(folder / "config.json")
    kind = told.get("model_type")
    if kind != KIND:
        raise LoadError(f"{name} is no DiffusionGemma (its config.json says {_short(kind)}): choose another model.")
    if not (folder / "tokenizer.json").is_file():
        raise PartialError(f"{name} has no tokenizer.json: {mend(folder)}.")
    sensible(name, told, generation(folder))
    files = _files(folder, name)
    stored = {key: tensor for file in files for key, tensor in header(file).items()}
    return Checkpoint(folder, name, laid(name, told, stored), tuple(files))


def _plain(file: Path) -> bool:
    return file.is_file() or file.is_dir()


def sensible(name: str, told: Mapping[str, Any], generated: Mapping[str, Any] | None = None) -> None:
    """LoadError if config.json or generation_config.json say something that no model can be built or run from."""
    file = "config.json"
    try:
        config.check(told)
        file = "generation_config.json"
        config.generation(generated or {}, told["text_config"].get("vocab_size", config.USUAL["vocab_size"]))
    except ValueError as error:
        raise LoadError(f"The {file} of {name} makes no sense ({error}): choose another model.") from None


def laid(name: str, config: Mapping[str, Any], tensors: Mapping[str, Mapping[str, Any]]) -> dict[str, Slot]:
    """The weights of a checkpoint by key. LoadError if they are in a layout that is not read."""
    found = slots(config, tensors)
    if layout := unread(config, found):
        raise _unread(name, layout)
    return found


def readable(name: str, files: Iterable[str]) -> None:
    """LoadError if the names of a checkpoint's files already tell that it is in a layout that is not read."""
    if layout := foreign.named(files):
        raise _unread(name, layout)


def _unread(name: str, layout: str) -> LoadError:
    instead = f"choose {published.PACKED}, or {published.HUB}"
    return LoadError(f"{name} is stored as {layout}, which cannot be read here: {instead}.")


def usual(folder: Path) -> Settings:
    """The knobs that the folder's generation_config.json recommends; ours where it says nothing."""
    try:
        return Settings.published(generation(folder))
    except LoadError:
        return Settings()


def generation(folder: Path) -> dict[str, Any]:
    """What generation_config.json says; nothing where there is none. DamageError."""
    file = folder / "generation_config.json"
    return read(file) if os.path.lexists(file) else {}


def read(file: Path) -> dict[str, Any]:
    """A JSON object. LoadError, of what is none its kind DamageError."""
    try:
        tensors.size(file, LONGEST)
        return tensors.loaded(file.read_text(encoding="utf-8-sig"))  # some editors begin a file with a mark
    except FileNotFoundError:
        raise PartialError(
            f"{file.parent} has no {file.name}: choose the folder that holds the model itself."
        ) from None
    except (OSError, ValueError):
        raise DamageError(f"{file} cannot be read", file) from None


def _files(folder: Path, name: str) -> list[Path]:
    """The files of the weights: those that the index names, or the only one."""
    index = folder / "model.safetensors.index.json"
    names = _named(index) if index.is_file() else {"model.safetensors"}
    missing = sorted(file for file in names if not (folder / file).is_file())
    if missing and not index.is_file() and any(folder.glob("model-*.safetensors")):
        raise PartialError(f"{name} lacks {index.name}: {mend(folder)}.")
    if missing and not index.is_file():
        raise LoadError(
            f"{name} has no weights as safetensors, the only format that is read: choose another model."
        )
    if missing or not names:
        raise PartialError(f"{name} lacks {_some(missing) or 'all of its weights'}: {mend(folder)}.")
    return [folder / file for file in sorted(names)]


def _named(index: Path) -> set[str]:
    """The names of the files of the weights, all in the index' own folder. DamageError."""
    names = read(index).get("weight_map")
    files = set(filter(_is_name, names.values())) if isinstance(names, dict) else set()
    if not files or len(files) > FILES or not all(map(_is_name, names.values())):
        raise DamageError(f"{index} names no files", index)
    return files


def _is_name(name: Any) -> bool:
    """Whether it is the name of a file of weights, which leads to no other folder."""
    plain = isinstance(name, str) and len(name) < 256 and not set(name) & set("/\\:\0")
    return plain and name.endswith(".safetensors")


def header(file: Path) -> dict[str, dict[str, Any]]:
    """The tensors of a safetensors file, by key, from its header. DamageError if the file is not whole."""
    try:
        return tensors.read(file)
    except (OSError, ValueError):
        raise DamageError(f"{file} is damaged or only half there", file) from None


def refuse(name: str, found: dict[str, Iterable[str]]) -> None:
    """Raise LoadError if a model took not exactly the weights of its file: `found` maps what is wrong to keys."""
    wrong = [f"{_some(sorted(keys))} {what}" for what, keys in found.items() if keys]
    if wrong:
        what = f"{name} does not hold the weights that its config.json describes ({'; '.join(wrong)})"
        raise LoadError(f"{what}: choose the original checkpoint, or {published.HUB}.")


def agree(name: str, told: Mapping[str, Any], stored: Mapping[str, Slot]) -> None:
    """LoadError if weights are not those of their config.json, as far as a look at the largest of them tells.

    All of them are compared when a model is loaded, which takes a library that is slow to import.
    """
    wanted = config.shapes(told["text_config"], stored)
    there = {key: stored[key].shape for key in wanted.keys() & stored.keys()}
    wrong = {key for key, shape in there.items() if None not in wanted[key] and shape != wanted[key]}
    refuse(name, {"missing": wanted.keys() - stored.keys(), "of another shape": wrong})


def _short(value: Any) -> str:
    """A value as a few characters."""
    return repr(value)[:40] if isinstance(value, str | None) else "something else"


def _some(names: list[str], shown: int = 3) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(name[:80] for name in names[:shown]) + more

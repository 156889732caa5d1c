"""What a model needs, told before anything of it is loaded: bytes to fetch, on disk and in memory, and a verdict.

Knows no torch and no network: sizes come from the names and shapes of the tensors and from config.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from engine.model.checkpoint import GB, Checkpoint, LoadError
from engine.model.computer.machine import Machine

PRECISIONS = ("full", "int4")  # all weights as the device uses them; the experts in 4 bits
BYTES = {"cpu": 4, "cuda": 2, "split": 2, "mps": 2}  # of a number that is not packed: float32 or bfloat16
CONTEXT = 8192  # tokens of prompt and finished canvases that working memory is reckoned for
LIBRARIES = 500_000_000  # bytes that torch's own libraries take on a graphics card: a guess, on the high side
PATTERN = 6  # without layer_types every sixth layer attends to everything (transformers' configuration)
CARDS = (8, 12, 16, 24, 32, 48, 80, 96, 141, 192)  # GiB on graphics cards that are sold
Need = tuple[int, int | None, str]  # bytes that are needed, bytes that are free, and where


@dataclass(frozen=True)
class Plan:
    """A model before it is loaded. `files` bytes on disk, of which `missing` are still to be fetched."""

    source: str | None  # what `load` takes: None the embedded model, a folder, a hub id
    origin: str  # embedded, folder, cache or hub
    weights: Checkpoint
    config: Mapping[str, Any]
    files: int
    missing: int = 0
    note: str = ""  # where the sizes come from, if not from the model's own files

    @property
    def name(self) -> str:
        return self.weights.name

    def precisions(self, machine: Machine) -> tuple[str, ...]:
        """Those that there are for this model there."""
        return PRECISIONS if self.weights.group and machine.kind != "split" else PRECISIONS[:1]

    def bytes(self, precision: str, kind: str) -> int:
        """Bytes of the weights in memory on a kind of device."""
        return self.weights.size(precision, BYTES[kind])

    def memory(self, precision: str, kind: str) -> int:
        """The same, with the estimate of working memory."""
        return self.bytes(precision, kind) + working(self.config, kind)

    def disk(self, precision: str, kind: str) -> int:
        """Bytes on disk in the end: the files, and for int4 the packed weights, kept for the next start."""
        return self.files + (self.bytes("int4", kind) if precision == "int4" else 0)

    def needs(self, precision: str, machine: Machine) -> list[Need]:
        """What has to be free, and where. In full a model goes to a graphics card through main memory."""
        where: Need = (self.memory(precision, machine.kind), machine.free, machine.name)
        if (machine.kind, precision) != ("cuda", "full"):
            return [where]
        return [where, (self.bytes(precision, "cuda"), machine.ram, "this computer")]


def working(config: Mapping[str, Any], kind: str, context: int = CONTEXT) -> int:
    """An estimate of the bytes beside the weights while a canvas of C cells follows `context` tokens.

    The keys and values of both (on CUDA twice: recorded steps have buffers of their own), and two and a half times
    the logits, float32 [C, V]: the readout holds them and a second copy, and what the head made is half as large.
    """
    cells = config.get("canvas_length") or 256
    copies = 2 if kind == "cuda" else 1
    logits = 4 * cells * (config.get("text_config") or {}).get("vocab_size", 0)
    libraries = LIBRARIES if kind in ("cuda", "split") else 0
    return copies * kept(config, context + cells, BYTES[kind]) + logits * 5 // 2 + libraries


def kept(config: Mapping[str, Any], tokens: int, itemsize: int) -> int:
    """Bytes of the keys and values of `tokens` tokens. A sliding layer keeps no more than its window."""
    text, total = config.get("text_config") or {}, 0
    layers = text.get("num_hidden_layers", 0)
    kinds = text.get("layer_types") or ["full" if (at + 1) % PATTERN == 0 else "sliding" for at in range(layers)]
    for at, kind in enumerate(kinds):
        sliding = kind.startswith("sliding")
        heads, width = _heads(text, at, not sliding)
        total += 2 * heads * width * (min(tokens, text.get("sliding_window") or tokens) if sliding else tokens)
    return total * itemsize


def _heads(text: Mapping[str, Any], at: int, full: bool) -> tuple[int, int]:
    """Key-value heads of a layer, and their width. Layers that see everything may have their own."""
    heads, width = text.get("num_key_value_heads", 4), text.get("head_dim", 256)
    if text.get("per_layer_config") is not None:  # its keys are numbers, as strings with leading zeros
        own = {int(key): value for key, value in text["per_layer_config"].items()}.get(at, {})
        return own.get("num_key_value_heads", heads), own.get("head_dim", width)
    if full:
        return text.get("num_global_key_value_heads") or heads, text.get("global_head_dim", 512)
    return heads, width


@dataclass(frozen=True)
class Verdict:
    """The precision to load with, or None; and why, in one sentence."""

    precision: str | None
    sentence: str


def judge(plan: Plan, machine: Machine) -> Verdict:
    """Whether a model can be fetched and loaded here, and how best."""
    if machine.disk is not None and plan.missing > machine.disk:
        room = f"{size(plan.missing)} to download, {size(machine.disk)} free on the disk"
        return Verdict(None, f"No room on the disk: {room}; make room, or set HF_HOME to a larger disk.")
    fitting = next((name for name in plan.precisions(machine) if fits(plan, name, machine)), None)
    if fitting is None:
        return Verdict(None, f"Too large: {_most(plan, machine)}; {_instead(plan, machine)}.")
    need, free, where = plan.needs(fitting, machine)[0]
    of = "" if free is None else f" of the {size(free)} free on {where}"
    if fitting == "int4":
        sentence = f"Fits with int4 experts: {size(need)}{of}; {_whole(plan, machine)}{_slowly(plan, machine)}."
        return Verdict(fitting, sentence)
    return Verdict(fitting, f"Fits: {size(need)}{of}{_slowly(plan, machine)}.")


def fits(plan: Plan, precision: str, machine: Machine) -> bool:
    return all(free is None or need <= free for need, free, _ in plan.needs(precision, machine))


def possible(plan: Plan, precision: str, machine: Machine) -> bool:
    """Whether at least the files have room, and the weights: working memory is only an estimate."""
    if machine.disk is not None and plan.missing > machine.disk:
        return False
    weights, rooms = plan.bytes(precision, machine.kind), plan.needs(precision, machine)
    return all(free is None or min(need, weights) <= free for need, free, _ in rooms)


def settle(plan: Plan, machine: Machine, precision: str) -> str:
    """full or int4: what is asked for, or for "auto" the first that is possible. LoadError if nothing is."""
    if precision == "int4" and machine.kind == "split":
        raise LoadError("Experts in 4 bits are for one graphics card: choose device cuda, or precision full.")
    refuse(plan, machine, precision)
    wanted = plan.precisions(machine) if precision == "auto" else (precision,)
    return next(name for name in wanted if possible(plan, name, machine))


def refuse(plan: Plan, machine: Machine, precision: str) -> None:
    """Raise LoadError, with the numbers and the alternative, if `precision` (of "auto" every one) is impossible."""
    wanted = plan.precisions(machine) if precision == "auto" else (precision,)
    if any(possible(plan, name, machine) for name in wanted):
        return
    verdict = judge(plan, machine)
    if verdict.precision is None:
        raise LoadError(f"{plan.name}: {verdict.sentence[0].lower()}{verdict.sentence[1:]}")
    other = f"precision {verdict.precision}, which needs {size(plan.memory(verdict.precision, machine.kind))}"
    raise LoadError(f"{plan.name} needs {_lacking(plan, precision, machine)} in {precision}: choose {other}.")


def _lacking(plan: Plan, precision: str, machine: Machine) -> str:
    """What is needed and what there is, of the first room that is too small."""
    rooms = plan.needs(precision, machine)
    need, free, where = next((room for room in rooms if room[1] is not None and room[0] > room[1]), rooms[0])
    return f"{size(need)} where {size(free or 0)} are free on {where}"


def _most(plan: Plan, machine: Machine) -> str:
    least = plan.precisions(machine)[-1]
    even = "even with int4 experts it needs" if least == "int4" else "it needs"
    return f"{even} {_lacking(plan, least, machine)}"


def _whole(plan: Plan, machine: Machine) -> str:
    """Why not in full."""
    (need, _, _), *by_way = plan.needs("full", machine)
    for through, free, _ in by_way:
        if machine.free is None or need <= machine.free:
            return f"in full it would first take {size(through)} of main memory, with {size(free or 0)} free"
    return f"in full it would take {size(need)}"


def _instead(plan: Plan, machine: Machine) -> str:
    """What else to do about a model that does not fit."""
    least = plan.precisions(machine)[-1]
    needed = plan.memory(least, machine.kind)
    if machine.kind != "cpu" and machine.ram is not None and plan.memory(least, "cpu") <= machine.ram:
        return f"choose device cpu ({size(machine.ram)} free, slow), or a smaller model"
    if machine.total is not None and needed < 0.95 * machine.total:
        return "close other programs, or choose a smaller model"
    return f"choose a smaller model, or a computer with a graphics card of {_card(plan, least)}"


def _card(plan: Plan, precision: str) -> str:
    """The size of graphics card, as they are sold, that a model fits on."""
    needed = plan.memory(precision, "cuda")
    sold = next((size for size in CARDS if needed <= 0.95 * size * 2**30), None)
    return f"{sold} GB" if sold else size(needed)


def _slowly(plan: Plan, machine: Machine) -> str:
    """A processor reads every weight that a step uses from main memory: said of models that are large."""
    return ", slowly: there is no graphics card" if machine.kind == "cpu" and plan.weights.numbers > GB else ""


def size(count: int) -> str:
    """Bytes for people: "22.5 MB", "51.6 GB"."""
    if count < 999_500:
        return f"{ceil(count / 1e3)} kB"
    return f"{count / 1e6:.1f} MB" if count < 999.95e6 else f"{count / GB:.1f} GB"

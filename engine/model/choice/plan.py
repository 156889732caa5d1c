"""What a model needs, told before anything of it is loaded: bytes to fetch, on disk and in memory, and a verdict.

Knows no torch and no network: sizes come from the names and shapes of the tensors and from config.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from engine.model.computer.machine import Machine
from engine.model.folder.checkpoint import GB, Checkpoint, LoadError
from engine.model.hub import published

PRECISIONS = ("full", "int4")  # all weights as the device uses them; the experts in 4 bits
BYTES = {"cpu": 4, "cuda": 2, "split": 2, "mps": 2}  # of a number that is not packed: float32 or bfloat16
CONTEXT = 8192  # tokens of prompt and finished canvases that working memory is reckoned for
LIBRARIES = 500_000_000  # bytes that torch's own libraries take on a graphics card: a guess, on the high side
PATTERN = 6  # without layer_types every sixth layer attends to everything (transformers' configuration)
ONE = "Experts in 4 bits are for one graphics card: choose device cuda, or a model that is stored in full."
UNTOLD = 4 * GB  # taken for memory or room on a disk that nobody tells the size of
CARDS = (8, 12, 16, 24, 32, 48, 80, 96, 141, 192)  # GiB on graphics cards that are sold


@dataclass(frozen=True)
class Plan:
    """A model before it is loaded. `files` bytes on disk, of which `missing` are still to be fetched.

    All that is said of sizes is counted like this: the files that are fetched, whatever is in them; and the weights
    that a text needs, in memory.
    """

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
        one = machine.kind != "split"  # experts in 4 bits are for a single device
        names = {"full": not self.weights.packed, "int4": one and self.weights.group is not None}
        return tuple(name for name in PRECISIONS if names[name])

    def bytes(self, precision: str, kind: str) -> int:
        """Bytes of the weights in memory on a kind of device."""
        return self.weights.size(precision, BYTES[kind])

    def memory(self, precision: str, kind: str) -> int:
        """The same, with the estimate of working memory."""
        return self.bytes(precision, kind) + working(self.config, kind)

    def disk(self, precision: str, kind: str) -> int:
        """Bytes on disk in the end: the files, and what is packed for int4, kept for the next start."""
        return self.files + (self.kept(kind) if precision == "int4" else 0)

    def kept(self, kind: str) -> int:
        """Bytes of packed weights that are kept on disk, none if they are packed as they come."""
        return 0 if self.weights.packed else self.bytes("int4", kind)


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
    if not plan.precisions(machine):
        return Verdict(None, ONE)
    held = [name for name in plan.precisions(machine) if fits(plan, name, machine)]
    fitting = next((name for name in held if not crowded(plan, name, machine)), None)
    if fitting is None and (room := crowded(plan, held[0] if held else "full", machine)):
        return Verdict(None, f"No room on the disk: {room}.")
    if fitting is None:
        return Verdict(None, f"Too large: {_most(plan, machine)}; {_instead(plan, machine)}.")
    need = plan.memory(fitting, machine.kind)
    of = f" of the {_free(machine)} free on {machine.name}"
    experts = " with int4 experts" if fitting == "int4" else ""
    remarks = _slowly(plan, machine) + _why(plan, fitting, machine)
    return Verdict(fitting, f"Fits{experts}: {size(need)}{of}{remarks}.")


def fits(plan: Plan, precision: str, machine: Machine) -> bool:
    """Whether there is memory for all of it, also for what is only estimated."""
    return plan.memory(precision, machine.kind) <= _least(machine.free)


def possible(plan: Plan, precision: str, machine: Machine) -> bool:
    """Whether at least the files have room, and the weights: working memory is only an estimate."""
    return not crowded(plan, precision, machine) and plan.bytes(precision, machine.kind) <= _least(machine.free)


def crowded(plan: Plan, precision: str, machine: Machine) -> str:
    """What has no room on the disks, and what to do; "" if all has. A model that is here has had its room."""
    kept = plan.kept(machine.kind) if precision == "int4" and plan.missing else 0
    here, elsewhere = (kept, 0) if machine.packing is None else (0, kept)
    if plan.missing + here > _least(machine.disk):
        packed = f" and {size(here)} to keep packed" if here else ""
        room = f"{size(plan.missing)} to download{packed}, {size(_least(machine.disk))} free on the disk"
        return f"{room}; make room, or set HF_HOME to a larger disk"
    if elsewhere > _least(machine.packing):
        room = f"{size(elsewhere)} to keep packed, {size(_least(machine.packing))} free there"
        return f"{room}; make room, or set UNNOISE_CACHE to a folder on a larger disk"
    return ""


def _least(free: int | None) -> int:
    """Bytes that are free, or what is taken for it where the system does not tell: unknown is not enough."""
    return UNTOLD if free is None else free


def _free(machine: Machine) -> str:
    return f"{size(machine.free)}" if machine.free is not None else f"(unknown, taken as {size(UNTOLD)})"


def settle(plan: Plan, machine: Machine, precision: str) -> str:
    """full or int4: what is asked for, or for "auto" the first that is possible. LoadError if nothing is."""
    refuse(plan, machine, precision)
    wanted = plan.precisions(machine) if precision == "auto" else (precision,)
    return next(name for name in wanted if possible(plan, name, machine))


def refuse(plan: Plan, machine: Machine, precision: str) -> None:
    """Raise LoadError, with the numbers and the alternative, if `precision` (of "auto" every one) is impossible."""
    if not plan.precisions(machine) or (precision == "int4" and machine.kind == "split"):
        raise LoadError(ONE)
    if precision == "full" and plan.weights.packed:
        raise LoadError(f"The experts of {plan.name} are stored in 4 bits: choose precision int4, or auto.")
    wanted = plan.precisions(machine) if precision == "auto" else (precision,)
    if any(possible(plan, name, machine) for name in wanted):
        return
    verdict = judge(plan, machine)
    if verdict.precision is None:
        raise LoadError(f"{plan.name}: {verdict.sentence[0].lower()}{verdict.sentence[1:]}")
    other = f"precision {verdict.precision}, which needs {size(plan.memory(verdict.precision, machine.kind))}"
    raise LoadError(f"{plan.name} needs {_lacking(plan, precision, machine)} in {precision}: choose {other}.")


def recommended(plan: Plan, machine: Machine) -> bool:
    """Whether a model whose experts come in 4 bits is what to fetch: where all of it would not fit in full."""
    return plan.weights.packed and fits(plan, "int4", machine) and not fits(plan, "full", machine)


def _lacking(plan: Plan, precision: str, machine: Machine) -> str:
    """What is needed and what there is."""
    need, free = plan.memory(precision, machine.kind), _least(machine.free)
    return f"{size(need)} where {size(free)} are free on {machine.name}"


def _most(plan: Plan, machine: Machine) -> str:
    least = plan.precisions(machine)[-1]
    even = "even with int4 experts it needs" if least == "int4" else "it needs"
    return f"{even} {_lacking(plan, least, machine)}"


def _why(plan: Plan, precision: str, machine: Machine) -> str:
    """Why not in full, and what else there is to fetch of the published model."""
    if plan.weights.packed:
        if recommended(plan, machine):
            return "; recommended here, as its experts are packed already"
        return f"; {published.HUB} is more exact, and fits too" if plan.source == published.PACKED else ""
    if precision == "full":
        return ""
    less = plan.source == published.HUB and plan.missing > published.FILES[published.PACKED]
    fetch = f"; {published.PACKED} is {size(published.FILES[published.PACKED])} to download" if less else ""
    return f"; in full it would take {size(plan.memory('full', machine.kind))}{fetch}"


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
    """Bytes for people: "22.5 MB", "51.7 GB"."""
    if count < 999_500:
        return f"{ceil(count / 1e3)} kB"
    return f"{count / 1e6:.1f} MB" if count < 999.95e6 else f"{count / GB:.1f} GB"

"""Train the embedded model from nothing: `python -m engine.training.train --preset cpu --out DIR`.

The loop, its schedule, its checkpoints. A run that is cut off goes on from its last checkpoint to the same weights.
"""

import argparse
import json
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from zlib import crc32

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers.utils.logging import disable_progress_bar

from engine.commands.console import speak
from engine.commands.console.flags import InputError, Parser, positive
from engine.training import corpus, tell
from engine.training.batches import Pair, Pairs, stream
from engine.training.grow import grown
from engine.training.loss import losses
from engine.training.model import build, quicken
from engine.training.optimizer import optimizer
from engine.training.presets import PRESETS, Preset
from engine.training.schedule import Clock, Steps
from engine.training.tokenizer import framed, learn, load, wrap
from engine.training.workers import Workers, usable
from engine.values.words.letters import quoted

Progress = Callable[[dict], None]
# Each number and word gets an id of its own: after a space, at the start of a line, after a quotation mark.
SINGLE = "".join(f" {n}" for n in range(145)), "\n".join(map(str, range(101))), '"'.join(corpus.exact.card_words())


class Run:
    """Everything that changes while training: float32 weights, their average, the optimizer, the step.

    Computes with `working`, a copy of the weights in the faster precision (or the weights themselves in float32).
    """

    def __init__(
        self,
        preset: Preset,
        pairs: Pairs,
        device: str = "cpu",
        source: Path | None = None,
        own: Sequence[Pair] = (),
    ):
        self.preset, self.pairs, self.device = preset, pairs, torch.device(device)
        self.dtype = precision(preset.precision, self.device)
        self.tokenizer = lexicon(source) if source else learn(words(pairs, preset), preset.shape.vocab)
        self.model = quicken(build(preset.shape, len(self.tokenizer), preset.seed)).to(self.device)
        for name, weight in self.model.named_parameters():
            weight.requires_grad_("vision" not in name)
        self.working = self.model if self.dtype == torch.float32 else deepcopy(self.model).to(self.dtype)
        self.average = deepcopy(self.model).requires_grad_(False)
        self.optimizer = optimizer(self.model, preset, self.dtype)
        self.step, self.cells, self.seconds = 0, 0, 0.0
        self.mean, self.history, self.pools = {}, [], []
        self.own = list(own)
        self.retold, self.sizes = [], []  # of its source: marks of what that was told, and how large its pools were

    def learn(self, batch, at: int | None = None):
        """One step, with the rates of step `at` of the preset: the one that is due, if it is not given."""
        dice = torch.Generator().manual_seed(self.preset.seed * 1_000_003 + self.step)
        part, along = self.preset.part(self.step if at is None else at)
        found = losses(self.working, batch, part, dice, emphasis(along, part))
        found["loss"].backward()
        self._collect()
        torch.nn.utils.clip_grad_norm_(trainable(self.model), part.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = (part.rate if group["matrix"] else part.vector_rate) * schedule(along, part)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self._spread()
        self._remember({name: value.detach() for name, value in found.items()}, batch.canvas.numel())

    def _remember(self, found: dict[str, torch.Tensor], cells: int):
        """Count the step, follow the losses with a running mean, and keep a point of the curve now and then."""
        self.step, self.cells = self.step + 1, self.cells + cells
        for name, value in found.items():  # where they are made: nobody waits for a card
            self.mean[name] = self.mean.get(name, value).lerp(value, 0.02)
        if self.step % 100 == 0:
            self.history.append(self.point())

    def point(self) -> dict:
        """Where the run is: step, cells, running means of the losses."""
        losses_ = {name: round(value.item(), 4) for name, value in self.mean.items()}
        return {"step": self.step, "cells": self.cells, **losses_}

    def _collect(self):
        """Bring the working copy's gradients to the weights."""
        if self.working is not self.model:
            for weight, copy in zip(trainable(self.model), trainable(self.working), strict=True):
                weight.grad = None if copy.grad is None else copy.grad.float()
                copy.grad = None

    @torch.no_grad()
    def _spread(self):
        """Bring the new weights to the working copy and into the average, which follows faster at the start."""
        part, _ = self.preset.part(min(self.step, self.preset.total - 1))
        keep = min(part.average, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(trainable_of(self.average), trainable(self.model), 1 - keep)
        if self.working is not self.model:
            torch._foreach_copy_(trainable(self.working), trainable(self.model))

    def save(self, folder: Path):
        """Write all that `resume` needs."""
        state = {
            "preset": asdict(self.preset),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "dtype": str(self.dtype),
            "counts": (self.step, self.cells, self.seconds),
            "curve": (self.mean, self.history),
            "pools": self.pools,
            "own": self.own,
            "vocabulary": self.tokenizer.backend_tokenizer.to_str(),
        }
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(state, folder / "state.tmp")
        os.replace(folder / "state.tmp", folder / "state.pt")

    def resume(self, folder: Path):
        """Go on from what `save` wrote with the same preset."""
        with sound(folder, "begin anew with --fresh, or name another folder"):
            state = torch.load(folder / "state.pt", map_location=self.device, weights_only=True)
        mine = json.dumps(asdict(self.preset)), str(self.dtype)
        if (json.dumps(state["preset"]), state["dtype"]) != mine:
            raise ValueError(f"{folder} holds a run with other settings: name another folder, or delete it.")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.working.load_state_dict(self.model.state_dict())
        self.step, self.cells, self.seconds = state["counts"]
        self.mean, self.history = state["curve"]
        self.pools = state["pools"]
        self.own = state["own"]
        self.tokenizer = wrap(Tokenizer.from_str(state["vocabulary"]))

    def adopt(self, folder: Path):
        """Go on from a published folder, with a fresh optimizer: what the preset's earlier parts have made."""
        with sound(folder, "name a folder that training has written"):
            told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
            kinds = json.loads((folder / "config.json").read_text(encoding="utf-8"))["text_config"]["layer_types"]
            weights = load_file(folder / "model.safetensors")
        larger = self.model.config.text_config.layer_types
        weights = grown(weights, kinds, self.model.state_dict(), larger)
        for model in (self.model, self.working, self.average):
            model.load_state_dict(weights)
        self.step, self.cells, self.seconds = told["steps"], told["canvas_tokens"], told["seconds"]
        self.mean, self.history, learnt = {}, told["curve"], told.get("retold", "")
        self.retold = [learnt[at : at + 8] for at in range(0, len(learnt), 8)]
        self.sizes = told.get("sizes", [told["preset"]["pool"]] * len(told["pools"]))
        self.pools = [(lesson, 0) for lesson in told["pools"]] + [(0, self.step)]

    def told(self) -> dict:
        """What has been done so far, for whoever reads the files."""
        return {
            "steps": self.step,
            "parameters": sum(w.numel() for w in trainable(self.model)),
            "canvas_tokens": self.cells,
            "seconds": round(self.seconds, 1),
            "precision": str(self.dtype).removeprefix("torch."),
            "pools": [lesson for lesson, _ in self.pools],
            "sizes": self.sizes + [self.preset.pool] * (len(self.pools) - len(self.sizes)),
            "retold": "".join(dict.fromkeys([*self.retold, *(f"{crc32(a.encode()):08x}" for _, a in self.own)])),
            "preset": asdict(self.preset),
        }

    def publish(self, folder: Path):
        """Write the averaged weights as an ordinary checkpoint folder, each file replaced in one go."""
        fresh = folder.parent / f".{folder.name}.part"
        shutil.rmtree(fresh, ignore_errors=True)
        deepcopy(self.average).to(getattr(torch, self.preset.file)).save_pretrained(fresh)
        self.tokenizer.save_pretrained(fresh)
        folder.mkdir(parents=True, exist_ok=True)
        (fresh / "training.json").write_text(json.dumps({**self.told(), "curve": self.history}, indent=1))
        for file in fresh.iterdir():
            file.chmod(0o644)
            os.replace(file, folder / file.name)
        fresh.rmdir()


@contextmanager
def sound(folder: Path, hint: str) -> Iterator[None]:
    """Whatever reading an earlier run raises, as ValueError in one sentence."""
    try:
        yield
    except Exception as error:  # torch and safetensors raise what they like
        raise ValueError(f"What is in {folder} cannot be gone on with: {hint}.") from error


def lexicon(folder: Path):
    """The tokenizer of a published folder."""
    with sound(folder, "name a folder that training has written"):
        return load(folder)


def trainable(model) -> list[torch.nn.Parameter]:
    return [weight for weight in model.parameters() if weight.requires_grad]


def trainable_of(average) -> list[torch.nn.Parameter]:
    return [weight for name, weight in average.named_parameters() if "vision" not in name]


def words(pairs: Pairs, preset: Preset):
    """The texts from which the vocabulary is learnt."""
    for prompt, answer in islice(pairs(preset.seed), preset.vocab_texts):
        yield framed(prompt)
        yield answer
    for _ in range(preset.vocab_texts // 100):
        yield from SINGLE


def schedule(step: int, preset: Preset) -> float:
    """Share of the full rate: a linear warm-up, a plateau, a linear fall to zero."""
    left = (preset.steps - step) / max(1.0, preset.decay * preset.steps)
    return min(1.0, (step + 1) / preset.warmup, left)


def emphasis(step: int, preset: Preset) -> float:
    """Weight of rare ids: falls in a line to 1."""
    along = step / max(1.0, preset.emphasised * preset.steps)
    return 1 + (preset.emphasis - 1) * max(0.0, 1 - along)


def precision(wanted: str, device: torch.device) -> torch.dtype:
    """The named dtype; "auto" is bfloat16 on CUDA, and on a CPU whichever multiplies matrices faster."""
    if wanted != "auto":
        return getattr(torch, wanted)
    if device.type == "cuda" or seconds(torch.bfloat16) < 0.7 * seconds(torch.float32):
        return torch.bfloat16
    return torch.float32


def seconds(dtype: torch.dtype) -> float:
    """Time of a small product on the CPU, the best of five."""
    left, right, best = torch.ones(256, 256, dtype=dtype), torch.ones(256, 768, dtype=dtype), math.inf
    for _ in range(5):
        start = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - start)
    return best


def train(
    preset: Preset | str,
    out: Path,
    resume: bool = True,
    progress: Progress | None = None,
    pairs: Pairs = corpus.pairs,
    device: str = "cpu",
    stop: int | None = None,
    state: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    source: Path | None = None,
    seconds: float | None = None,
    processes: int = 0,
    own: Sequence[Pair] = (),
) -> dict:
    """Train to the preset's last step (or to `stop`, or until `cancelled()`) and return a summary.

    A new run may begin with the weights in `source`, what earlier parts of the preset made.
    Within `seconds`, if they are given, all of the preset's schedule is gone through, in as many steps as the time
    allows; such a run is not gone on with. Batches are made by `processes` of their own, if there are any.
    Parts that want such learn answers of its `own`, told before.
    `out` becomes the checkpoint folder; what a later run resumes from lies in `state`, or beside it in `<out>.run`.
    """
    preset, out = PRESETS[preset] if isinstance(preset, str) else preset, Path(out)
    last = min(preset.total, stop or preset.total)
    way = Clock(preset.total, seconds) if seconds else Steps(last)
    workers = Workers(pairs, preset, processes, own) if processes else None
    try:
        state, run = Path(state or out.with_name(out.name + ".run")), Run(preset, pairs, device, source, own)
        if resume and not seconds and (state / "state.pt").exists():
            run.resume(state)
        elif source:
            run.adopt(source)
        if workers:
            batches = workers.batches(run.tokenizer, run.pools)
        else:
            batches = stream(run.tokenizer, pairs, preset, run.step, run.pools, run.own)
        follow(run, way, batches, workers, out, None if seconds else state, progress, cancelled)
    finally:
        if workers:
            workers.close()
    return summary(run)


def follow(run: Run, way: Steps | Clock, batches, workers, out: Path, state: Path | None, progress, cancelled):
    """Learn from `batches` until the way is over, and write the checkpoint now and then and at the end."""
    started, saved = time.monotonic() - run.seconds, time.monotonic()
    before = run.cells, run.seconds
    while not way.over(run.step) and not cancelled():
        at = way.at(run.step)
        if workers:
            workers.step.value = at
        run.learn(next(batches), at)
        run.seconds = time.monotonic() - started
        if progress and (run.step % 20 == 0 or way.over(run.step)):
            progress(pace(run, way, before))
        if time.monotonic() - saved > run.preset.save_minutes * 60 * (0.25 if run.step < 1500 else 1):
            keep(run, out, state)
            saved = time.monotonic()
    if run.step % 100:
        run.history.append(run.point())
    keep(run, out, state)


def keep(run: Run, out: Path, state: Path | None):
    """Write the checkpoint folder and, if the run can be gone on with, what that needs."""
    if state:
        run.save(state)
    run.publish(out)


def pace(run: Run, way: Steps | Clock, before: tuple[int, float]) -> dict:
    """How it goes: the point of the curve, cells a second since the cells and seconds `before`, seconds left."""
    cells, seconds = run.cells - before[0], run.seconds - before[1]
    left = way.left(run.step, run.seconds)
    return {**run.point(), "cells_per_second": round(cells / max(1e-9, seconds)), "left": round(left)}


def summary(run: Run) -> dict:
    """The line at the end of a run."""
    counts = {
        name: value for name, value in run.told().items() if name not in ("preset", "pools", "sizes", "retold")
    }
    return {**counts, **run.point()}


def show(point: dict):
    """One line of progress on stderr."""
    told = " ".join(f"{name} {point[name]:.3f}" for name in ("canvas", "causal") if name in point)
    pace = f"{point['cells_per_second']} cells/s, {point['left'] / 60:.1f} min left"
    print(f"step {point['step']} {told} {pace}", file=sys.stderr)


def add_arguments(parser: argparse.ArgumentParser):
    """The options of `unnoise train`."""
    parser.add_argument("--preset", choices=sorted(PRESETS), default="cpu", help="how large, how long")
    parser.add_argument("--smoke", action="store_true", help="a few steps of a toy model")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint folder to write")
    parser.add_argument("--state", type=Path, help="where the run is kept to go on from (beside the folder)")
    parser.add_argument("--source", type=Path, help="begin with this checkpoint, what earlier parts have made")
    parser.add_argument("--steps", type=positive, help="a first part of so many steps, and no second")
    parser.add_argument(
        "--seconds", type=positive, help="all of it within this time, in as many steps as it allows"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    text = "processes that make the batches (default: none on a CPU, on a card what keeps it busy)"
    parser.add_argument("--processes", type=positive, help=text)
    text = "answers that the model has told before, JSON lines: python -m engine.training.tell"
    parser.add_argument("--own", type=Path, help=text)
    parser.add_argument("--fresh", action="store_true", help="start over instead of going on")


def run(args: argparse.Namespace) -> int:
    """`unnoise train`: progress on stderr, one JSON line on stdout."""
    for folder in (args.out.absolute().parent, *([args.state] if args.state and not args.seconds else [])):
        lasting(folder)
    present(args.device)
    preset = PRESETS["smoke" if args.smoke else args.preset]
    preset = replace(preset, steps=args.steps, then=None) if args.steps else preset
    disable_progress_bar()
    places, interrupted = {"device": args.device, "state": args.state, "source": args.source}, Event()
    places["own"] = tell.read(args.own) if args.own else ()
    places |= {"seconds": args.seconds, "processes": args.processes or (usable() if args.device != "cpu" else 0)}
    stops = signal.SIGINT, signal.SIGTERM  # end the run after its step
    before = [signal.signal(stop, lambda *_: interrupted.set()) for stop in stops]
    try:
        found = train(preset, args.out, not args.fresh, show, cancelled=interrupted.is_set, **places)
    except ValueError as problem:
        speak.complain(problem)
        return 2
    except OSError as problem:  # of a disk that is full by now
        reason = f"{problem.filename or args.out} cannot be written ({problem.strerror or problem})"
        speak.complain(f"{reason}: make room, and the same command goes on from what was kept last.")
        return 1
    finally:
        for stop, handler in zip(stops, before, strict=True):
            signal.signal(stop, handler)
    if interrupted.is_set() and not args.seconds:
        print(f"Stopped at step {found['step']}: the same command goes on from there.", file=sys.stderr)
    print(json.dumps(found))
    return 130 if interrupted.is_set() else 0


def lasting(folder: Path):
    """InputError unless a folder is there or can be made, and written to: not only once hours are over."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{folder} cannot be written to ({reason}): name another folder.") from None


def present(device: str):
    """InputError unless torch has such a device here."""
    try:
        torch.ones(1, device=device)
    except Exception as error:  # torch raises what it likes
        raise InputError(
            f"There is no device {quoted(device)} here: name cpu, or cuda with a graphics card."
        ) from error


def main(argv: list[str] | None = None) -> int:
    parser = Parser(prog="unnoise train", description="Train the embedded model from nothing.")
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())

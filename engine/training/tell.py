"""Many answers of the model's own, told at once: `python -m engine.training.tell FOLDER FILE --count 50000`.

For a card, which tells thousands at a time while other processes draw the prompts and judge the answers. What is
kept goes to FILE, a JSON line of prompt and answer each (packed, if it ends in .gz): `unnoise train --own FILE`.
"""

import argparse
import gzip
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import torch
from transformers import DiffusionGemmaForBlockDiffusion

from engine.commands.console.flags import InputError, Parser, positive
from engine.training import retell
from engine.training.batches import Pair
from engine.training.model import quicken
from engine.training.tokenizer import load
from engine.training.workers import usable
from engine.values.words.letters import quoted

POOL = 2048  # prompts that a process draws at a time


def tell(folder: Path, count: int, rows: int, device: str, seed: int, seconds: float, processes: int) -> list[Pair]:
    """What is kept of the answers to `count` prompts, `rows` at a time, or to as many as `seconds` allow."""
    begun, spawn = time.monotonic(), multiprocessing.get_context("spawn")
    with spawn.Pool(processes, _begin, (folder,)) as pool:
        pools = range(seed * 100_000 + retell.FIRST, seed * 100_000 + retell.FIRST + -(-count // POOL))
        coming = pool.map_async(_drawn, pools, chunksize=1)
        model = DiffusionGemmaForBlockDiffusion.from_pretrained(folder, local_files_only=True)
        model = quicken(model.to(device, torch.bfloat16 if device != "cpu" else torch.float32))
        words = load(folder)
        openings = torch.tensor(sorted(retell.ends(words)), device=device)
        dice, kept, done = torch.Generator().manual_seed(seed), [], 0
        for asked in retell.alike(list(chain.from_iterable(coming.get())), rows, random.Random(seed)):
            ids = torch.tensor([ids for _, ids in asked], device=device)
            told, done = retell.tell(model, ids, openings, dice), done + len(asked)
            kept.append(pool.starmap_async(_judged, zip(_parts(asked), _parts(told), strict=True)))
            print(f"{done} answers told in {time.monotonic() - begun:.1f} s", file=sys.stderr)
            if time.monotonic() > begun + seconds:
                break
        return list(chain.from_iterable(chain.from_iterable(part.get() for part in kept)))


def _parts(rows: Sequence, size: int = 128) -> list[Sequence]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


_words = None  # of a process that draws and judges


def _begin(folder: Path):
    global _words
    torch.set_num_threads(1)
    _words = load(folder)


def _drawn(pool: int) -> list[retell.Asked]:
    return retell.drawn(_words, pool, POOL)


def _judged(asked: list[retell.Asked], told: list[list[int]]) -> list[Pair]:
    return retell.judged(_words, asked, told)


def write(file: Path, pairs: Sequence[Pair]):
    """Keep answers for `read`."""
    with _opened(file, "wt") as lines:
        lines.writelines(json.dumps(pair) + "\n" for pair in pairs)


def _opened(file: Path, mode: str):
    return (gzip.open if file.suffix == ".gz" else open)(file, mode, encoding="utf-8")


def read(file: Path) -> list[Pair]:
    """The answers in a file that `main` has written; InputError if it is none."""
    try:
        with _opened(file, "rt") as lines:
            pairs = [tuple(json.loads(line)) for line in lines]
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise InputError(f"{quoted(str(file))} has no answers that can be read ({error}).") from None
    if not pairs or any(len(pair) != 2 or not all(isinstance(part, str) for part in pair) for pair in pairs):
        raise InputError(f"{quoted(str(file))} holds no pairs of prompt and answer: name what telling has written.")
    return pairs


def main(argv: Sequence[str] | None = None) -> int:
    parser = Parser(prog="python -m engine.training.tell", description=__doc__)
    parser.add_argument("folder", type=Path, help="the checkpoint that tells")
    parser.add_argument("file", type=Path, help="where its answers go")
    parser.add_argument("--count", type=positive, default=20_000, help="prompts to answer: 20000")
    parser.add_argument("--rows", type=positive, default=192, help="answers at a time: 192")
    parser.add_argument("--seconds", type=positive, default=1e9, help="begin no more batches after so long")
    parser.add_argument("--seed", type=int, default=7, help="of the prompts and of chance")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--processes", type=positive, default=usable(), help="that draw and judge")
    args: argparse.Namespace = parser.parse_args(argv)
    pairs = tell(args.folder, args.count, args.rows, args.device, args.seed, args.seconds, args.processes)
    write(args.file, pairs)
    print(json.dumps({"kept": len(pairs)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

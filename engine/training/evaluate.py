"""How good a checkpoint is: its answers to prompts from held-out combinations, judged by rules.

Samples with plain transformers, so that it judges the file and not this program.
"""

import json
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import torch
from transformers import AutoTokenizer, DiffusionGemmaForBlockDiffusion
from transformers.utils.logging import disable_progress_bar

from engine.commands.console import speak
from engine.commands.console.flags import Parser, positive, whole
from engine.model import gemma
from engine.model.choice.source import EMBEDDED, sensible
from engine.model.folder.checkpoint import LoadError
from engine.model.folder.checkpoint import judge as inspect
from engine.model.text import tokens
from engine.steps.autoregressive import autoregress
from engine.steps.surprise import surprise
from engine.training import corpus
from engine.training.corpus import check
from engine.training.corpus.sample import Sample
from engine.training.corpus.stories import PLOTS
from engine.training.judge import Judge, JudgeError
from engine.training.plain import Plain
from engine.training.slack import tighten
from engine.values.quality import SEAM
from engine.values.settings import Settings
from engine.values.words.reply import split

FORMS = ("again", "card", "count", "long", "poem", "sums", "table", "times")  # that can be judged apart
STORIES = {plot.name for plot in PLOTS} | {"long", "again"}
EXACT = {"count", "sums", "times", "alphabet", "calendar"}
CAPS = (4, 8, 12, 16, 24, 48)
CANVASES = 2
ENDINGS = tuple(".!?\"'}])")


class Answer(NamedTuple):
    """A text, the steps that a canvas took (or its tokens), whether it ended by itself; how many tokens it has, how
    many of them are seams, and their nats together, for the same weights from left to right.
    """

    text: str
    steps: int
    ended: bool
    tokens: int
    seams: int
    nats: float


def read(model, lexicon, prompt: Sequence[int], new: Sequence[int], steps: int) -> Answer:
    """The answer that the ids `new` behind `prompt` are, up to the first end; `model` is transformers' own."""
    ends = model.generation_config.eos_token_id
    end = next((at for at, id in enumerate(new) if id in ends), len(new))
    written = tighten(list(new[: end + 1]))
    nats = surprise(Plain(model), prompt, written)
    text = split(lexicon, np.array(new)).answer
    return Answer(text, steps, end < len(new), len(nats), int((nats > SEAM).sum()), float(nats.sum()))


class Writer:
    """A checkpoint folder that answers prompts, in two canvases at most, like the corpus' longest answers."""

    def __init__(self, folder: Path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.model = DiffusionGemmaForBlockDiffusion.from_pretrained(folder, local_files_only=True)
            self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.lexicon = tokens.lexicon(self.tokenizer, self.model.generation_config.eos_token_id)

    def answer(self, prompt: str, seed: int, **settings) -> Answer:
        """What it writes from this noise; `settings` go to generate."""
        torch.manual_seed(seed)
        size = self.model.config.canvas_length
        chat = [{"role": "user", "content": prompt}]
        ids = self.tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")["input_ids"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made = self.model.generate(ids, max_new_tokens=CANVASES * size, **settings)
        new = made.sequences[0, ids.shape[1] :]
        written = (new != self.model.generation_config.pad_token_id).nonzero().flatten()
        canvases = 1 + int(written[-1]) // size if len(written) else 1
        steps = round(float(len(written) / made.tokens_per_forward / canvases))
        return read(self.model, self.lexicon, ids[0].tolist(), new.tolist(), steps)


class Reader:
    """The same from the same weights, token by token, with this program: transformers has no class for that."""

    def __init__(self, folder: Path):
        self.model = gemma.load(folder, "cpu")

    def answer(self, prompt: str, seed: int) -> Answer:
        """What it writes, a step a token."""
        settings, ids = Settings(seed=seed, canvases=CANVASES), self.model.encode(prompt, raw=True)
        *_, last = autoregress(self.model, ids, lambda canvas, step: settings)
        return read(self.model.model, self.model.lexicon, ids, last.guess.tolist(), len(last.ids))


def answers(
    kind: type[Writer] | type[Reader], folder: Path, jobs: list[tuple[str, int, dict]], workers: int = 1
) -> Iterator[Answer]:
    """What `kind(folder)` answers to each (prompt, seed, settings), in order, from processes of one thread each."""
    if workers == 1:
        writer = kind(folder)
        yield from (writer.answer(prompt, seed, **settings) for prompt, seed, settings in jobs)
        return
    with get_context("spawn").Pool(workers, _open, (kind, folder)) as pool:
        yield from pool.imap(_answer, jobs)


def _open(kind: type[Writer] | type[Reader], folder: Path):
    """In a worker, once."""
    global _writer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that shares out the work
    disable_progress_bar()
    torch.set_num_threads(1)
    _writer = kind(folder)


def _answer(job: tuple[str, int, dict]) -> Answer:
    prompt, seed, settings = job
    return _writer.answer(prompt, seed, **settings)


def marks(sample: Sample, text: str) -> dict[str, float]:
    """Shares between 0 and 1 of what is right; only what applies to the kind of text."""
    found = re.findall(r"[a-z]+(?:['-][a-z]+)*", text.lower())
    known = corpus.words() | set(re.findall(r"[a-z]+(?:['-][a-z]+)*", sample.prompt.lower()))
    given = {
        "words": sum(word in known for word in found) / max(1, len(found)) if found else None,
        "asked": all(word.lower() in text.lower() for word in sample.must) if sample.must else None,
        "consistent": not check.faults(text, sample.prompt) if sample.form in STORIES else None,
        "exact": exact(sample, text),
    }
    return {name: float(mark) for name, mark in given.items() if mark is not None}


def exact(sample: Sample, text: str) -> bool | None:
    """Whether a structured text is right to the letter (a card: whether it parses)."""
    if sample.form == "card":
        try:
            return isinstance(json.loads(text), dict)
        except ValueError:
            return False
    return text == sample.answer if sample.form in EXACT else None


def repeated(text: str, size: int = 4) -> float:
    """The share of a text's runs of `size` words that it has had before; 0 for a shorter text."""
    found = re.findall(r"[a-z']+", text.lower())
    runs = [tuple(found[at : at + size]) for at in range(len(found) - size + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


@cache
def seen(folder: Path) -> frozenset[int] | None:
    """The crc32 of all answers that training used, by the folder's training.json; None if it does not say."""
    try:
        told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        told = {}
    if "pools" not in told:
        return None
    recipe = told["preset"]
    sizes = told.get("sizes", [recipe["pool"]] * len(told["pools"]))
    draws = (
        islice(corpus.pairs(recipe["seed"] * 100_000 + pool, lesson=lesson), size)
        for pool, (lesson, size) in enumerate(zip(told["pools"], sizes, strict=True))
    )
    own = told.get("retold", "")
    retold = {int(own[at : at + 8], 16) for at in range(0, len(own), 8)}
    return frozenset(crc32(answer.encode()) for draw in draws for _, answer in draw) | retold


def evaluate(
    folder: Path,
    count: int = 50,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
    kind: type[Writer] | type[Reader] = Writer,
    judge: Judge | None = None,
    workers: int = 1,
    form: str = "",
    **settings,
) -> dict:
    """Means over `count` held-out prompts; `settings` go to generate (`max_denoising_steps=8`, ...).

    The prompts are of one `form` of the last lesson, such as "again", or else of all forms of the first one.

    `repeats` is the share of repeated runs of four words, as a multiple of that in the corpus' own answers, exact
    forms left out on both sides: the "x" of a times table is nothing else. `exact` is told of every form apart, too
    (`exact count`). `copied` is how many texts are whole answers of the training set; with a `judge`, `perplexity`
    is a multiple of that of the corpus' answers to the same prompts. `seams` are tokens per 100 to which the same
    weights, from left to right, give less than one chance in 1,000, and `nats` is their mean surprise.
    """
    asked = corpus.samples(seed + 9_000_000, held_out=True, lesson=len(corpus.LESSONS) - 1 if form else 0)
    drawn = list(islice((sample for sample in asked if form in ("", sample.form)), count))
    given, made = {}, []
    jobs = [(sample.prompt, seed + index, settings) for index, sample in enumerate(drawn)]
    for sample, answer in zip(drawn, answers(kind, folder, jobs, workers), strict=True):
        ended = answer.ended or answer.text.rstrip().endswith(ENDINGS)
        found = {**marks(sample, answer.text), "steps": answer.steps, "ended": ended}
        apart = {f"exact {sample.form}": found["exact"]} if "exact" in found else {}
        for name, value in {**found, **apart}.items():
            given.setdefault(name, []).append(value)
        made.append(answer)
        if progress:
            progress(f"{sample.prompt}\n{answer.text}\n{found}\n")
    means = {name: round(sum(m) / len(m), 4) for name, m in sorted(given.items())} | smooth(made)
    texts = [(sample.form, answer.text) for sample, answer in zip(drawn, made, strict=True)]
    means["repeats"] = round(repeats(texts) / usual(), 3)
    if judge:
        found, wanted = (text for _, text in texts), (sample.answer for sample in drawn)
        means["perplexity"] = round(judge.perplexity(found) / judge.perplexity(wanted), 3)
    return {"count": count, **means, "copied": copied(folder, texts)}


def smooth(made: Sequence[Answer]) -> dict[str, float]:
    """Seams per 100 tokens, and nats a token, of all answers together."""
    tokens = sum(answer.tokens for answer in made)
    return {
        "seams": round(100 * sum(answer.seams for answer in made) / tokens, 3),
        "nats": round(sum(answer.nats for answer in made) / tokens, 3),
    }


def repeats(texts: Iterable[tuple[str, str]]) -> float:
    """The mean share of repeated runs of four words in (form, text), exact forms left out."""
    shares = [repeated(text) for form, text in texts if form not in EXACT]
    return sum(shares) / max(1, len(shares))


@cache
def usual(count: int = 2000) -> float:
    """The same of held-out answers of the corpus."""
    return repeats((sample.form, sample.answer) for sample in islice(corpus.samples(0, held_out=True), count))


def copied(folder: Path, texts: Iterable[tuple[str, str]]) -> int | None:
    """How many of (form, text) are whole answers of the training set, but for forms with one right answer.

    None if nobody knows what a checkpoint was trained on.
    """
    known = seen(folder)
    if known is None:
        return None
    return sum(form not in EXACT and crc32(text.encode()) in known for form, text in texts)


def curve(
    folder: Path, count: int, seed: int = 1, workers: int = 1, caps: Sequence[int] = CAPS, form: str = ""
) -> dict[int, dict]:
    """The same prompts and noise at several step caps: how few steps can be had before it breaks?"""
    common = {"workers": workers, "form": form}
    return {cap: evaluate(folder, count, seed, **common, max_denoising_steps=cap) for cap in caps}


def main(argv: list[str] | None = None) -> int:
    parser = Parser(prog="unnoise evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=EMBEDDED, help="the checkpoint (default: seedling)")
    parser.add_argument("--count", type=positive, default=50, help="how many prompts")
    parser.add_argument("--seed", type=whole, default=1, help="which prompts, and the noise")
    parser.add_argument("--workers", type=positive, default=1, help="how many processes share the work")
    parser.add_argument("--form", choices=FORMS, default="", help="of one form alone; again: of second turns")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--steps", type=positive, help="the most steps of a canvas (default: the model's own)")
    how.add_argument("--autoregressive", action="store_true", help="the same weights, token by token")
    how.add_argument("--curve", action="store_true", help=f"at step caps {', '.join(map(str, CAPS))}")
    parser.add_argument("--judge", action="store_true", help="perplexity, too, by a model of the extra `judge`")
    parser.add_argument("--show", action="store_true", help="every answer on stderr")
    args = parser.parse_args(argv)
    try:
        sensible(args.folder)
        inspect(args.folder, args.folder.name)
    except LoadError as problem:
        speak.complain(problem)
        return 2
    show = (lambda text: print(text, file=sys.stderr)) if args.show else None
    if args.curve:
        print(json.dumps(curve(args.folder, args.count, args.seed, args.workers, form=args.form)))
        return 0
    try:
        judge = Judge() if args.judge else None
    except JudgeError as problem:
        speak.complain(problem)
        return 2
    kind = Reader if args.autoregressive else Writer
    settings = {"max_denoising_steps": args.steps} if args.steps else {}
    found = evaluate(args.folder, args.count, args.seed, show, kind, judge, args.workers, args.form, **settings)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

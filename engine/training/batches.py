"""From pairs of text to batches of ids: cut into canvases, sorted by length, padded.

Knows no model. A batch is determined by the preset's seed and the step alone, so a resumed run sees the same ones.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from math import inf

import torch

from engine.training.model import EOS, PAD
from engine.training.slack import loosen, tighten
from engine.training.tokenizer import framed

Pair = tuple[str, str]
Pairs = Callable[..., Iterator[Pair]]
Ids = list[int]
Pools = list[tuple[int, int]]


@dataclass(frozen=True)
class Example:
    """Ids of what the encoder reads (prompt and finished canvases) and of one canvas without its padding."""

    context: Ids
    target: Ids
    rare: frozenset[int] = frozenset()  # ids by which this answer differs from others
    length: int = 0  # of the canvas that the target is laid on
    read: bool = True  # whether it may be learnt left to right, too


@dataclass(frozen=True)
class Batch:
    """context [b, p] padded on the right; lengths [b] of its rows; canvas [b, c] clean ids; ended [b, c] true after
    the end; rare [b, c] true where an id is one that few answers have. causal [r, n] is context and target in one
    row, for the first r examples; reading [r, n] is true where the next id is one of the target's, and causal_rare
    [r, n] where it is a rare one, too.
    """

    context: torch.Tensor
    lengths: torch.Tensor
    canvas: torch.Tensor
    ended: torch.Tensor
    rare: torch.Tensor
    causal: torch.Tensor
    reading: torch.Tensor
    causal_rare: torch.Tensor


def encode(tokenizer, pairs: list[tuple[str, str]], preset, dice: random.Random) -> list[Example]:
    """An example of each pair. Of an answer longer than a canvas one canvas is drawn; those before it are
    context, as they are when the model continues its own text.
    """
    canvas = preset.shape.canvas
    prompts = tokenizer([framed(p) for p, _ in pairs], add_special_tokens=False).input_ids
    answers = tokenizer([a for _, a in pairs], add_special_tokens=False).input_ids
    uses = Counter(chain.from_iterable(map(set, answers)))
    rare = {token for token, count in uses.items() if count <= preset.common * len(pairs)}
    found = []
    for prompt, answer in zip(prompts, answers, strict=True):
        whole = loosen([*answer, EOS], preset.slack, tokenizer) if preset.slack else [*answer, EOS]
        start = canvas * dice.randrange((len(whole) + canvas - 1) // canvas)
        target = whole[start : start + canvas]
        found.append(Example(prompt + whole[:start], target, frozenset(rare.intersection(target))))
    return found


def lay(examples: list[Example], preset, full: float, dice: random.Random) -> list[Example]:
    """Give each target the shortest canvas it fits, or with probability `full` a whole one."""
    sizes = [n for n in preset.lengths if n < preset.shape.canvas] + [preset.shape.canvas]
    whole = preset.shape.canvas
    return [
        replace(e, length=whole if dice.random() < full else next(n for n in sizes if n >= len(e.target)))
        for e in examples
    ]


def group(examples: list[Example], tokens: int, dice: random.Random, room: float = inf) -> list[list[Example]]:
    """Batches of one canvas length and at most `tokens` cells, `room` with contexts, alike in prompt length, in
    random order.
    """
    order = sorted(examples, key=lambda e: (e.length, len(e.context)))
    groups, current = [], []
    for example in order:
        rows, whole = len(current) + 1, example.length + len(example.context)
        full = rows * example.length > tokens or rows * whole > room
        if current and (full or example.length != current[0].length):
            groups.append(current)
            current = []
        current.append(example)
    groups.append(current)
    dice.shuffle(groups)
    return groups


def stack(rows: list[Ids], width: int) -> torch.Tensor:
    """Rows of ids as one tensor [rows, width], padded on the right."""
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])


def marks(rows: list[Ids], examples: list[Example], width: int) -> torch.Tensor:
    """Where the ids of each row are rare ones of its example; bool [rows, width]."""
    found = [[token in e.rare for token in row] for row, e in zip(rows, examples, strict=True)]
    return stack(found, width).bool() if found else torch.zeros(0, width, dtype=bool)


def tight(example: Example) -> Example:
    """The example without slack: as it is read from left to right."""
    return replace(example, context=tighten(example.context), target=tighten(example.target))


def collate(examples: list[Example], causal: float, dice: random.Random) -> Batch:
    """One batch; the examples are shuffled so that the first `causal` share of them is any share."""
    examples = dice.sample(examples, len(examples))
    longest = max(len(e.context) for e in examples)
    size = examples[0].length
    lengths = torch.tensor([len(e.context) for e in examples])
    ends = torch.tensor([len(e.target) for e in examples])
    rows = [tight(e) for e in examples if e.read][: round(causal * len(examples))]
    widest = max((len(e.context) + len(e.target) for e in rows), default=1)
    joined = stack([e.context + e.target for e in rows], widest) if rows else torch.zeros(0, 1, dtype=int)
    begin = torch.tensor([[len(e.context) - 1, len(e.target)] for e in rows], dtype=int).view(-1, 2, 1)
    place = torch.arange(joined.shape[1]) - begin[:, 0]
    reading = (place >= 0) & (place < begin[:, 1])
    following = marks([e.context[1:] + e.target for e in rows], rows, joined.shape[1])
    return Batch(
        context=stack([e.context for e in examples], longest),
        lengths=lengths,
        canvas=stack([e.target for e in examples], size),
        ended=torch.arange(size) >= ends[:, None],
        rare=marks([e.target for e in examples], examples, size),
        causal=joined,
        reading=reading,
        causal_rare=following & reading,
    )


def draw(
    tokenizer, pairs: Pairs, preset, pool: int, step: int, own: Sequence[Pair] = ()
) -> tuple[int, list[list[Example]]]:
    """The lesson of pool `pool`, drawn in step `step` of the preset, and its examples, batch by batch.

    Of `own`, answers that the model has told, a part may have a share. They are for canvases only: from left to
    right it goes on to learn from texts that it did not write.
    """
    dice = random.Random(f"{preset.seed}/{pool}")
    part, along = preset.part(step)
    retold = dice.choices(own, k=round(part.retold * preset.pool)) if own else []
    fresh = list(islice(pairs(preset.seed * 100_000 + pool, lesson=part.lesson), preset.pool - len(retold)))
    full = part.full_late if along >= 0.8 * part.steps else part.full
    made = encode(tokenizer, fresh + retold, part, dice)
    made[len(fresh) :] = (replace(example, read=False) for example in made[len(fresh) :])
    return part.lesson, group(lay(made, part, full, dice), part.tokens, dice, part.room)


def stream(
    tokenizer, pairs: Pairs, preset, start: int = 0, drawn: Pools | None = None, own: Sequence[Pair] = ()
) -> Iterator[Batch]:
    """Batches for ever, from step `start` on. `pairs` is called with a fresh seed for every pool of examples.

    A pool that is begun in one part of the preset is used up in the next. `drawn` gets every pool's lesson and
    first step; the last that it already holds is drawn again, and those before it are not. `own` is as of `draw`,
    and may grow.
    """
    drawn = [] if drawn is None else drawn
    step = drawn.pop()[1] if drawn else 0
    for pool in count(len(drawn)):
        lesson, groups = draw(tokenizer, pairs, preset, pool, step, own)
        drawn.append((lesson, step))
        for examples in groups:
            if step >= start:
                yield collate(examples, preset.causal, random.Random(f"{preset.seed}/{step}/order"))
            step += 1

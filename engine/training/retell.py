"""What a model tells token by token, many texts at once: one telling of each prompt, for its canvases to learn.

Cells of a canvas that are accepted together are drawn apart: where a prompt has many tellings alike in odds, parts
of several come together. Read from left to right the same weights choose one. To learn from such answers instead of
the corpus' is sequence-level distillation (Kim & Rush, 2016, arXiv:1606.07947; for models that write all at once Gu
et al., 2018, arXiv:1711.02281). Knows neither noise nor batches.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

import torch
from torch import Tensor
from transformers import DynamicCache

from engine.training import corpus
from engine.training.corpus.sample import Sample
from engine.training.evaluate import EXACT, marks, repeated
from engine.training.loss import FORBIDDEN, capped
from engine.training.model import END_TURN, EOS
from engine.training.noise import draw, entropies
from engine.training.tokenizer import framed

ENDS = torch.tensor([EOS, END_TURN])
WIDE = 2.0  # nats from which a choice is one of many words, such as a name, and not of a few ways to go on
HEAT = 0.7  # temperature of such choices
LEAST = 0.03  # what is less likely than the likeliest by more than this is no choice
LENGTH = 480  # tokens at most: a little less than two canvases
AGAIN = 0.08  # share of repeated runs of words above which an answer is no good
TRUE = EXACT | {"card", "table", "poem", "again"}  # forms in which the corpus' own answers are better
LESSON = 3  # of the prompts: mostly for texts that have many tellings
FIRST = 50_000  # the seeds of pools of prompts begin so far behind those of pairs
Asked = tuple[Sample, list[int]]


def drawn(tokenizer, pool: int, size: int) -> list[Asked]:
    """Of `size` samples of the corpus those that the model may tell in its own words, with their prompts' ids."""
    asked = [sample for sample in islice(corpus.samples(pool, lesson=LESSON), size) if sample.form not in TRUE]
    read = tokenizer([framed(sample.prompt) for sample in asked], add_special_tokens=False).input_ids
    return list(zip(asked, read, strict=True))


def alike(asked: list[Asked], rows: int, dice: random.Random) -> list[list[Asked]]:
    """Batches of at most `rows` prompts with one length, long stories apart, in random order."""
    groups = defaultdict(list)
    for sample, ids in asked:
        groups[sample.form == "long", len(ids)].append((sample, ids))
    batches = [group[at : at + rows] for group in groups.values() for at in range(0, len(group), rows)]
    dice.shuffle(batches)
    return batches


def judged(tokenizer, asked: list[Asked], told: list[list[int]]) -> list[tuple[str, str]]:
    """Pairs of a prompt and its answer, of those that have an end and break no rule of the corpus."""
    whole = [ids[-1] in ENDS for ids in told]
    texts = [tokenizer.decode(ids[:-1]) for ids in told]
    return [
        (sample.prompt, text)
        for (sample, _), text, ended in zip(asked, texts, whole, strict=True)
        if ended and sound(sample, text)
    ]


def sound(sample: Sample, text: str) -> bool:
    """Whether an answer keeps all rules that apply to it, and says nothing twice."""
    return min(marks(sample, text).values(), default=1.0) == 1.0 and repeated(text) <= AGAIN


def ends(tokenizer) -> Iterable[int]:
    """Ids that end a sentence or a line."""
    return (id for id in range(len(tokenizer)) if tokenizer.decode([id]).endswith((".", "!", "?", "\n")))


@torch.no_grad()
def tell(model, asked: Tensor, openings: Tensor, dice: torch.Generator) -> list[list[int]]:
    """Ids of an answer to each of `asked` [b, n], with its end; one without an end is cut at LENGTH.

    Drawn are the first sentence, up to an id of `openings`, and whatever has a wide choice, such as names: another
    seed tells another story. Of a few ways to go on it takes the likeliest, so that the rest follows from these.
    """
    cache, given, device = DynamicCache(), asked, asked.device
    first, going = torch.ones(2, len(asked), dtype=bool, device=device)
    rows = torch.arange(len(asked), device=device)
    found, stops = torch.full((len(asked), LENGTH), -1, device=device), ENDS.to(device)
    for at in range(LENGTH):
        logits = following(model, given, cache).float()
        free = first | (entropies(logits, logits.softmax(-1)) > WIDE)
        ids = torch.where(free, draw(cooled(logits), dice), logits.argmax(-1))
        found[rows, at] = torch.where(going, ids, -1)
        first &= ~torch.isin(ids, openings)
        going &= ~torch.isin(ids, stops)
        if not going.any():
            break
        if going.float().mean() < 0.9:  # leave those that have ended
            cache.batch_select_indices(going.nonzero()[:, 0])
            ids, rows, first, going = (each[going] for each in (ids, rows, first, going))
        given = ids[:, None]
    lengths = (found >= 0).sum(1).tolist()
    return [ids[:length] for ids, length in zip(found.tolist(), lengths, strict=True)]


def cooled(logits: Tensor) -> Tensor:
    """Odds [b, v] at the temperature HEAT, 0 where something is far less likely than the likeliest."""
    odds = (logits / HEAT).softmax(-1)
    return torch.where(odds < LEAST * odds.amax(-1, keepdim=True), 0, odds)


def following(model, ids: Tensor, cache: DynamicCache) -> Tensor:
    """Logits [b, v] of the token behind `ids` [b, n], which the cache does not hold yet and then does."""
    start, length = cache.get_seq_length(), ids.shape[1]
    later = torch.ones(length, start + length, dtype=bool, device=ids.device).triu(start + 1)
    mask = (later * FORBIDDEN).to(model.dtype)[None, None] if length > 1 else None
    read = model.model.encoder(
        input_ids=ids,
        attention_mask={"full_attention": mask, "sliding_attention": mask},
        position_ids=torch.arange(start, start + length, device=ids.device)[None],
        cache=cache,
    )
    return capped(model, read.last_hidden_state[:, -1])

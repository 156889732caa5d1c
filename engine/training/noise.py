"""What canvases look like on the way: corrupted at random or in clusters, shifted, or as sampling leaves them.

Chance comes from a generator on the CPU. Knows the model only as a function from a canvas to logits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.slack import SLACK

SHIFTED = 0.5  # corruption above which nothing tells a stretch that is out of place
LATE = 0.2  # corruption of canvases that are almost done
WAYS = torch.tensor([-2, -1, -1, 1, 1, 2])  # how many cells what is out of place has moved, to where it came from
ALIKE = 8  # cells by which sentences may differ that are taken for each other
UNSURE = 0.7  # nats of a guess above which it has a choice
SURE = 20.0  # the logit of what is believed; the others' are 0
LIKELY = -3.0  # log probability above which a token is no noise
GENTLE = 0.6  # above it, what the model draws is another text as often as the right one
Look = Callable[[Tensor, Tensor | None], Tensor]  # canvas [n, c] and what was thought of it -> logits [n, c, v]


@dataclass(frozen=True)
class Noise:
    """A corrupted canvas [b, c], the noisier one it may have come from, what both hold where they are not
    corrupted, and the share t [b] of corrupted cells.
    """

    canvas: Tensor
    earlier: Tensor
    under: Tensor
    level: Tensor


def corrupt(clean: Tensor, ended: Tensor, vocab: int, preset, dice: torch.Generator) -> Noise:
    """Replace each id of `clean` [b, c] by a uniform random one with probability t ~ U(floor, 1], one t a row.

    While sampling, the guess that conditions a step comes from the step before: a noisier canvas, whose open
    cells held other random ids. `earlier` is one: corrupted wherever `canvas` is, and elsewhere too, with noise
    of its own. In some rows the corrupted cells lie side by side, as blanks do, and where most is left of a row,
    stretches of it may be out of place. Rows that are to walk are never more corrupted than GENTLE, and of the
    others a share is almost done, with twice as many stretches out of place, and sentences told twice.
    """
    draw = torch.rand(clean.shape, generator=dice)
    level = preset.noise_floor + (1 - preset.noise_floor) * torch.rand(len(clean), generator=dice)
    far = round(preset.walked * len(clean))
    level[:far] *= GENTLE
    late = (torch.rand(len(clean), generator=dice) < preset.late) & (torch.arange(len(clean)) >= far)
    level[late] *= LATE
    before = level + (1 - level) * torch.rand(len(clean), generator=dice) * 0.5
    noise = torch.randint(vocab, (2, *clean.shape), generator=dice)
    draw = cluster(draw, preset.clustered, dice) if preset.clustered else draw
    often = torch.where(late, 2.0, 1.0 * (level < SHIFTED))
    under = echo(clean, ended, preset.echoed * often, dice) if preset.echoed else clean
    under = shift(under, ended, preset.shifted * often, dice) if preset.shifted else under
    return Noise(
        torch.where(draw < level[:, None], noise[0], under),
        torch.where(draw < before[:, None], noise[1], under),
        under,
        level,
    )


def cluster(draw: Tensor, share: float, dice: torch.Generator) -> Tensor:
    """Uniform numbers [b, c], in a `share` of the rows alike in neighbouring cells: means of 3 to 33, by rank."""
    rows, cells = draw.shape
    reach = 2 ** torch.randint(5, (rows, 1), generator=dice)
    reach[torch.rand(rows, 1, generator=dice) >= share] = 0
    sums = torch.nn.functional.pad(draw.cumsum(1), (1, 0))
    place = torch.arange(cells)
    low, high = (place - reach).clamp(min=0), (place + reach + 1).clamp(max=cells)
    mean = (sums.gather(1, high) - sums.gather(1, low)) / (high - low)
    ranked = (mean.argsort(1).argsort(1) + 0.5) / cells
    return torch.where(reach > 0, ranked, draw)


def shift(canvas: Tensor, ended: Tensor, share: Tensor, dice: torch.Generator) -> Tensor:
    """The canvas [b, c] with up to three stretches a cell or two too early or too late, each in a `share` [b] of
    cases.

    Ids come twice where such a stretch is torn off, and are lost where it runs into what follows: most often slack,
    as behind a sentence with a word too many or too few, else anything after 2 to 16 cells. Two cells are a number
    and its comma.
    """
    rows, cells = canvas.shape
    place, length = torch.arange(cells), (~ended).sum(1, keepdim=True)
    for _ in range(3):
        start = (torch.rand(rows, 1, generator=dice) * length).long()
        stop = start + torch.randint(2, 17, (rows, 1), generator=dice)
        loose = torch.where((canvas == SLACK) & (place > start), place, cells).amin(1, keepdim=True) + 1
        sentence = (torch.rand(rows, 1, generator=dice) < 0.7) & (loose < start + 24)
        moved = (place > start) & (place < torch.where(sentence, loose, stop).clamp(max=length))
        moved &= torch.rand(rows, 1, generator=dice) < share[:, None]
        way = WAYS[torch.randint(len(WAYS), (rows, 1), generator=dice)]
        canvas = canvas.gather(1, (place + moved * way).clamp(0, cells - 1))
    return canvas


def echo(canvas: Tensor, ended: Tensor, share: Tensor, dice: torch.Generator) -> Tensor:
    """The canvas [b, c] with a sentence told twice in a `share` [b] of the rows that have two.

    Of two sentences alike in length, most often neighbours, the shorter one stands in the place of the other, too.
    Slack behind a sentence is part of it, and only those count that begin after slack, or the text.
    """
    rows, cells = canvas.shape
    place, length = torch.arange(cells), (~ended).sum(1, keepdim=True)
    begins = (canvas != SLACK) & (torch.nn.functional.pad(canvas[:, :-1], (1, 0), value=SLACK) == SLACK) & ~ended
    which = begins.cumsum(1) * begins  # the sentences, from 1 on
    chance = torch.rand(2, rows, cells, generator=dice)
    one = (chance[0] * begins).argmax(1, keepdim=True)
    far = (which - which.gather(1, one)).abs() * chance[1]
    two = torch.where(begins & (place != one), far, cells).argmin(1, keepdim=True)
    ends = torch.where(begins[:, None] & (place > torch.cat([one, two], 1)[..., None]), place, cells).amin(2)
    sizes = ends.minimum(length) - torch.cat([one, two], 1)
    swap = sizes[:, :1] > sizes[:, 1:]
    told, over = torch.where(swap, two, one), torch.where(swap, one, two)
    short, long = sizes.amin(1, keepdim=True), sizes.amax(1, keepdim=True)
    along = place - over
    copy = torch.where(along < short, canvas.gather(1, (told + along).clamp(0, cells - 1)), SLACK)
    again = (along >= 0) & (along < long) & (torch.rand(rows, 1, generator=dice) < share[:, None])
    again &= (begins.sum(1, keepdim=True) > 1) & (long - short <= ALIKE)
    return torch.where(again, copy, canvas)


def unroll(noise: Noise, guess: Tensor, share: float, dice: torch.Generator) -> Tensor:
    """The corrupted canvas [b, c] with samples of `guess` [n, c, v] in some cells of the first n rows: those that
    are open, or of which it is unsure.

    While sampling, what a canvas holds was drawn by the model itself, cell by cell: it has to see such choices and
    mistakes to believe the ones and to mend the others. The noisier a row, the fewer, or nothing would tell the
    right text.
    Source: step-unrolled denoising (Savinov et al., 2021, arXiv:2112.06749).
    """
    canvas, count = noise.canvas.clone(), len(guess)
    shares = share * torch.rand(count, 1, generator=dice) * (1 - noise.level[:count, None])
    chance = torch.rand(canvas[:count].shape, generator=dice)
    unsure = entropies(guess, guess.float().softmax(-1)).cpu() > UNSURE
    chosen = (unsure | (canvas[:count] != noise.under[:count])) & (chance < shares)
    if chosen.any():
        odds = guess[chosen.to(guess.device)].float().softmax(-1)
        canvas[:count][chosen] = draw(odds, dice).to(canvas.device)
    return canvas


def walk(look: Look, guess: Tensor, steps: int, bound: Tensor, dice: torch.Generator, heat=(0.4, 1.0)):
    """`steps` real steps of entropy-bound sampling from `guess` [n, c, v], logits as sharp as they are drawn from;
    each row has a bound [n] of its own.

    Returns the canvas [n, c] that the last step leaves, its own mistakes in it, and what it thought.
    """
    canvas = accept(guess, bound, dice)
    for _ in range(steps - 1):
        guess = sharpen(look(canvas, guess), dice, *heat)
        canvas = accept(guess, bound, dice)
    return canvas, guess


def sharpen(logits: Tensor, dice: torch.Generator, low: float = 0.4, high: float = 1.0) -> Tensor:
    """Logits [n, c, v] divided by a temperature, one a row, from a range that holds the published schedule."""
    heat = low + (high - low) * torch.rand(len(logits), 1, 1, generator=dice)
    return logits / heat.to(logits.device, logits.dtype)


def accept(guess: Tensor, bound: Tensor, dice: torch.Generator) -> Tensor:
    """One canvas [n, c]: samples of `guess` [n, c, v] in the surest cells up to the entropy bound, else noise."""
    odds = guess.float().softmax(-1)
    entropy = entropies(guess, odds)
    drawn = draw(odds, dice)
    ascending, order = entropy.sort(dim=-1)
    within = ascending.cumsum(-1) - ascending <= bound[:, None].to(entropy.device)
    held = torch.zeros_like(within).scatter(1, order, within)
    noise = torch.randint(guess.shape[-1], drawn.shape, generator=dice)
    return torch.where(held.to(drawn.device), drawn, noise.to(drawn.device))


def entropies(guess: Tensor, odds: Tensor) -> Tensor:
    """Nats [n, c] of the distributions `odds` [n, c, v], the softmax of `guess`."""
    return guess.float().logsumexp(-1) - (odds * guess).sum(-1)


def draw(odds: Tensor, dice: torch.Generator) -> Tensor:
    """One id [..] of each distribution [.., v], by inverting its sum."""
    reached = odds.cumsum(-1)
    target = torch.rand(odds.shape[:-1], generator=dice).to(odds.device) * reached[..., -1]
    return torch.searchsorted(reached, target[..., None]).clamp(max=odds.shape[-1] - 1)[..., 0]


def ranked(level: Tensor, clean: Tensor, guess: Tensor, dice: torch.Generator) -> Tensor:
    """Canvases [n, c], corrupted to the `level` [n], but where `guess` [n, c, v] is the least sure."""
    entropy = entropies(guess, guess.float().softmax(-1)).cpu()
    doubt = entropy * torch.exp(0.5 * torch.randn(entropy.shape, generator=dice))
    rank = (doubt.argsort(1).argsort(1) + 0.5) / doubt.shape[1]
    other = torch.randint(guess.shape[-1], rank.shape, generator=dice)
    return torch.where(rank >= 1 - level[:, None], other, clean)


def insist(guess: Tensor, canvas: Tensor, under: Tensor, rows: Tensor):
    """Let `guess` [n, c, v] think in some `rows` [n] what the canvas [n, c] holds, be it wrong: a model that has
    made a mistake goes on to believe it. Changes `guess`.
    """
    held = (canvas == under) & rows[:, None] & (guess.argmax(-1).cpu() != under)
    guess[held.to(guess.device)] = SURE * torch.nn.functional.one_hot(under[held], guess.shape[-1]).to(guess)


def mistakes(canvas: Tensor, clean: Tensor, under: Tensor, guess: Tensor | None) -> Tensor:
    """bool [b, c]: what a canvas holds, and not by chance, though it is wrong: out of place, or the model's own.

    `guess` [n, c, v] is what its first n rows have been drawn from.
    """
    found = canvas == under
    if guess is not None:
        held = canvas[: len(guess), :, None].to(guess.device)
        given = guess.float().gather(2, held)[..., 0] - guess.float().logsumexp(-1)
        found[: len(guess)] |= (given > LIKELY).cpu()
    return found & (canvas != clean)

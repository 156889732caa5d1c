"""What is learnt from a batch: to restore a corrupted canvas, and to read on from left to right.

Uniform-state corruption, self-conditioning in two passes and the autoregressive co-loss, over one set of weights.
"""

import torch
from transformers import DynamicCache

from engine.training.batches import Batch
from engine.training.noise import LIKELY, corrupt, insist, mistakes, ranked, sharpen, unroll, walk

ALONE = 5  # cells among which a choice is the only one
FAIR = 1.0  # nats by which a choice may be less likely than the text's own
FORBIDDEN = -1e9  # added to a score that must not count; finite, so that a row of them stays a number


class SoftcappedCrossEntropy(torch.autograd.Function):
    """Weighted cross-entropy of cap * tanh(hidden @ head.T / cap), in chunks of rows that stay in the cache.

    hidden [n, d], head [v, d], targets [n], weights [n] in float32; returns the sum of weight * nats. The
    gradient is made in the forward pass: neither logits nor probabilities of all rows ever exist together.
    """

    @staticmethod
    def forward(ctx, hidden, head, targets, weights, cap):
        grad_hidden, grad_head = torch.empty_like(hidden), torch.zeros_like(head, dtype=torch.float32)
        total = torch.zeros((), device=hidden.device)
        size = 256 if hidden.device.type == "cpu" else 8192
        for start in range(0, len(hidden), size):
            part = slice(start, start + size)
            capped = (hidden[part] @ head.T).float().div_(cap).tanh_()
            slope = 1 - capped * capped
            log = (capped * cap).log_softmax(-1)
            total -= (log.gather(1, targets[part, None])[:, 0] * weights[part]).sum()
            grad = log.exp_()
            grad.scatter_add_(1, targets[part, None], grad.new_full((len(grad), 1), -1.0))
            grad = grad.mul_(slope).mul_(weights[part, None]).to(hidden.dtype)
            grad_hidden[part] = grad @ head
            grad_head += grad.T @ hidden[part]
        ctx.save_for_backward(grad_hidden, grad_head.to(head.dtype))
        return total

    @staticmethod
    def backward(ctx, scale):
        grad_hidden, grad_head = ctx.saved_tensors
        return grad_hidden * scale.to(grad_hidden.dtype), grad_head * scale.to(grad_head.dtype), *[None] * 3


def encode(model, ids: torch.Tensor) -> tuple[torch.Tensor, DynamicCache]:
    """The causal encoder over rows that are padded on the right: what is real never sees the padding behind it."""
    cache, length = DynamicCache(), ids.shape[1]
    later = torch.ones(length, length, dtype=torch.bool, device=ids.device).triu(1)
    mask = (later * FORBIDDEN).to(model.dtype)[None, None]
    output = model.model.encoder(
        input_ids=ids,
        attention_mask={"full_attention": mask, "sliding_attention": mask},
        position_ids=torch.arange(length, device=ids.device)[None],
        cache=cache,
    )
    return output.last_hidden_state, cache


def decode(model, canvas, cache, lengths, guess=None, told=None) -> torch.Tensor:
    """Hidden states [b, c, d] of the decoder; cells follow each row's own context, whose padding is masked.

    `guess` are logits [b, c, v] of an earlier look and `told` [b] says which rows may use them.
    """
    size, place = canvas.shape[1], torch.arange(cache.get_seq_length(), device=canvas.device)
    hidden = torch.nn.functional.pad(place >= lengths[:, None], (0, size))[:, None, None]
    mask = (hidden * FORBIDDEN).to(model.dtype)
    return model.model.decoder(
        decoder_input_ids=canvas,
        cache=cache,
        self_conditioning_logits=guess,
        self_conditioning_mask=told,
        decoder_attention_mask={"full_attention": mask, "sliding_attention": mask},
        decoder_position_ids=lengths[:, None] + torch.arange(size, device=canvas.device),
    ).last_hidden_state


def among(cache, start: int, stop: int) -> DynamicCache:
    """The rows from `start` to `stop` of a cache."""
    part = DynamicCache()
    for index, layer in enumerate(cache.layers):
        part.update(layer.keys[start:stop], layer.values[start:stop], index)
    return part


@torch.no_grad()
def guesses(model, canvas, cache, lengths, count: int, dice: torch.Generator, heat=(0.4, 1.0)) -> torch.Tensor:
    """Logits [count, c, v] of a first look by the first `count` rows, sharpened as in sampling.

    The temperature is drawn from `heat`, which holds the published schedule.
    """
    hidden = decode(model, canvas[:count], among(cache, 0, count), lengths[:count])
    return sharpen(capped(model, hidden), dice, *heat)


@torch.no_grad()
def travelled(model, noise, cache, lengths, guess, preset, dice):
    """Canvas [b, c] and guess [n, c, v] of the rows: the first have taken real steps of sampling, the next are open
    where the model is least sure, the others hold some of its samples.
    """
    rows, count = len(noise.canvas), len(guess)
    far = round(preset.walked * rows)
    near = far + round(preset.ranked * rows)
    noise.canvas[far:near] = ranked(noise.level[far:near], noise.under[far:near], guess[far:near], dice)
    canvas = unroll(noise, guess, preset.unrolled, dice)
    stubborn = (torch.rand(count, generator=dice) < preset.stubborn) & (torch.arange(count) >= near)
    insist(guess, canvas[:count], noise.under[:count], stubborn)
    if far:
        low, high = preset.bounds
        bound = low * (high / low) ** torch.rand(far, generator=dice)
        behind, steps = among(cache, 0, far), int(torch.randint(1, preset.walks + 1, (), generator=dice))

        def look(cells, thought):
            told = torch.ones(far, dtype=torch.bool, device=lengths.device)
            cells = cells.to(lengths.device)
            return capped(model, decode(model, cells, behind, lengths[:far], thought, told))

        canvas[:far], guess[:far] = walk(look, guess[:far], steps, bound, dice, preset.heat)
    return canvas, guess


def aims(model, batch: Batch, noise, canvas, guess, cache, preset, dice) -> tuple[torch.Tensor, torch.Tensor]:
    """What each cell of the canvas should become, and how much it weighs; both [b, c].

    That is the clean text, but for choices that fit it as well. Mistakes and choices weigh `mending`.
    """
    clean, weights = batch.canvas, torch.where(batch.ended, preset.pad_weight, 1.0)
    if preset.mending == 1:
        return clean, weights
    wrong = mistakes(canvas, clean, noise.under, guess)
    weights = weights * torch.where(wrong, preset.mending, 1.0)
    if guess is not None:
        drawn = (wrong & (canvas != noise.under))[: len(guess)]
        free = choices(model, canvas, clean, drawn, cache, batch.lengths.to(model.device), dice)
        clean = torch.cat([torch.where(free, canvas[: len(guess)], clean[: len(guess)]), clean[len(guess) :]])
    return clean, weights


@torch.no_grad()
def choices(model, canvas, clean, drawn, cache, lengths, dice: torch.Generator) -> torch.Tensor:
    """bool [n, c]: which of the `drawn` cells [n, c], the model's own, hold what fits the text as well as its id.

    An age or the name of a food is not determined by the rest: a model that never believes what it has drawn there
    never ends. Asked is the model itself, shown the clean text with noise in those cells, and only of such as stand
    alone: side by side, two good choices can make a bad one.
    """
    count = len(drawn)
    noise = torch.randint(model.config.text_config.vocab_size, drawn.shape, generator=dice)
    blank = torch.where(drawn, noise, clean[:count]).to(lengths.device)
    hidden = decode(model, blank, among(cache, 0, count), lengths[:count])
    alone = torch.nn.functional.avg_pool1d(drawn.float(), ALONE, 1, ALONE // 2) * ALONE < 1.5
    found = drawn & alone
    odds = capped(model, hidden[found.to(hidden.device)]).float().log_softmax(-1)
    held, own = (odds.gather(1, ids[:count][found].to(odds.device)[:, None])[:, 0] for ids in (canvas, clean))
    return found.masked_scatter(found, ((held > LIKELY) & (held > own - FAIR)).cpu())


def capped(model, hidden: torch.Tensor) -> torch.Tensor:
    """Logits as the model's own forward makes them."""
    cap = model.final_logit_softcapping
    return torch.tanh(model.lm_head(hidden) / cap) * cap


def cross_entropy(model, hidden, targets, weights) -> torch.Tensor:
    """Weighted mean in nats over all leading dimensions."""
    scaled = (weights / weights.sum().clamp_min(1e-9)).flatten()
    head, cap = model.lm_head.weight, model.final_logit_softcapping
    return SoftcappedCrossEntropy.apply(hidden.flatten(0, -2), head, targets.flatten(), scaled, cap)


def losses(model, batch: Batch, preset, dice: torch.Generator, emphasis: float = 1.0) -> dict[str, torch.Tensor]:
    """`canvas` and `causal` in nats a token, and `loss`, their weighted sum; all chance comes from `dice` (CPU).

    Rare ids (names, things, numbers) weigh `emphasis`: few as they are, they are learnt late otherwise.
    """
    device, vocab = model.device, model.config.text_config.vocab_size
    noise = corrupt(batch.canvas, batch.ended, vocab, preset, dice)
    rows, lengths = len(batch.canvas), batch.lengths.to(device)
    _, cache = encode(model, batch.context.to(device))
    count, canvas, guess = round(preset.conditioned * rows), noise.canvas, None
    told = torch.arange(rows, device=device) < count
    if count:
        guess = guesses(model, noise.earlier.to(device), cache, lengths, count, dice, preset.heat)
        canvas, guess = travelled(model, noise, cache, lengths, guess, preset, dice)
    clean, weights = aims(model, batch, noise, canvas, guess, cache, preset, dice)
    if count:
        guess = torch.nn.functional.pad(guess, (0, 0, 0, 0, 0, rows - count))
    hidden = decode(model, canvas.to(device), cache, lengths, guess, told)
    weights = weights * torch.where(batch.rare, emphasis, 1.0)
    found = {"canvas": cross_entropy(model, hidden, clean.to(device), weights.to(device))}
    if len(batch.causal):
        read, _ = encode(model, batch.causal[:, :-1].to(device))
        weights = batch.reading * torch.where(batch.causal_rare, emphasis, 1.0)
        following = batch.causal[:, 1:].to(device)
        found["causal"] = cross_entropy(model, read, following, weights[:, :-1].to(device))
    found["loss"] = found["canvas"] + preset.causal_weight * found.get("causal", 0.0)
    return found

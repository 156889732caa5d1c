"""The recipe: what it feeds the model, what it learns from, and that a run can be repeated, resumed and loaded."""

import json
import random
import signal
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
import torch
from PIL import Image
from transformers import AutoTokenizer, DiffusionGemmaForBlockDiffusion

from engine.steps.surprise import surprise
from engine.training import (
    batches,
    card,
    chart,
    corpus,
    evaluate,
    judge,
    loss,
    model,
    noise,
    optimizer,
    presets,
    schedule,
    slack,
    tokenizer,
    train,
)
from engine.training import workers as workers_
from engine.training.corpus.sample import Sample
from engine.training.plain import Plain

pytestmark = pytest.mark.usefixtures("one_thread")
SMOKE = presets.PRESETS["smoke"]
TINY = replace(SMOKE.shape, vocab=300)


@pytest.fixture(scope="module")
def network():
    return model.build(TINY, TINY.vocab, seed=1).eval()


def plain(network, context, canvas, guess=None):
    """Logits of one example as `generate` computes them: alone, with no padding and the library's own kernels."""
    with torch.no_grad():
        return network(
            input_ids=context[None], decoder_input_ids=canvas[None], self_conditioning_logits=guess
        ).logits[0]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A smoke run in one go, as (folder, summary)."""
    folder = tmp_path_factory.mktemp("whole") / "model"
    return folder, train.train(SMOKE, folder)


@pytest.mark.parametrize(
    "text",
    ["Once upon a time.", " two  spaces\n\n\ttab ", "Zoë 🦊 née 中文", "x = {'a': [1, 23]}", "\x00\r\n", ""],
)
def test_any_text_survives_the_tokenizer(words, text):
    assert words.decode(words(text, add_special_tokens=False).input_ids) == text


def test_special_ids_are_gemmas(words):
    specials = ["<pad>", "<eos>", "<bos>", "\u200b", "<|turn>", "<turn|>"]
    assert words.convert_tokens_to_ids(specials) == list(range(6))
    assert len(words) <= SMOKE.shape.vocab


def test_training_frames_a_prompt_as_the_chat_template_does(words):
    chat = [{"role": "user", "content": " Tell me a story. "}]
    told = words.apply_chat_template(chat, add_generation_prompt=True)["input_ids"]
    assert told == words(tokenizer.framed(chat[0]["content"]), add_special_tokens=False).input_ids


def corrupted(clean, vocab, seed, **mixture):
    ended = torch.zeros_like(clean, dtype=bool)
    return noise.corrupt(clean, ended, vocab, replace(SMOKE, **mixture), torch.Generator().manual_seed(seed))


def test_corruption_is_uniform_and_as_frequent_as_its_level():
    clean = torch.full((400, 256), 7)
    found = corrupted(clean, 50, 3)
    changed = (found.canvas != clean).float().mean(1)
    assert torch.allclose(changed, found.level * 49 / 50, atol=0.16)
    assert abs((changed - found.level * 49 / 50).mean()) < 0.01
    assert found.level.min() >= 0.02 and abs(found.level.mean() - 0.51) < 0.05
    counts = torch.bincount(found.canvas[found.canvas != clean], minlength=50)
    assert counts[7] == 0 and counts.sum() > 40_000
    others = counts[torch.arange(50) != 7].float()
    assert ((others - others.mean()).square() / others.mean()).sum() < 85  # chi-square, 48 degrees: p < 0.001


def test_an_earlier_canvas_is_corrupted_wherever_the_later_one_is():
    clean = torch.full((64, 128), 7)
    found = corrupted(clean, 10_000, 4)
    later, earlier = found.canvas != clean, found.earlier != clean
    assert (later & ~earlier).sum() < 5  # a random id may be the clean one
    assert earlier.sum() > later.sum()


def edges(open_):
    return (open_[:, 1:] != open_[:, :-1]).sum(1).float().mean()


def test_clustered_corruption_is_as_frequent_and_lies_side_by_side():
    clean = torch.full((200, 256), 7)
    apart, together = (corrupted(clean, 10_000, 5, clustered=share) for share in (0.0, 1.0))
    assert abs((together.canvas != clean).float().mean(1) - together.level).max() < 0.05
    assert edges(together.canvas != clean) < 0.5 * edges(apart.canvas != clean)


def test_a_shift_moves_ids_by_a_cell_or_two_and_leaves_the_padding():
    canvas = torch.arange(80).repeat(50, 1)
    ended = torch.arange(80).repeat(50, 1) >= 60
    dice = torch.Generator().manual_seed(6)
    moved = noise.shift(canvas, ended, torch.ones(50), dice)
    far = (moved - canvas).abs()
    assert far.max() <= 6 and (far == 1).any() and (far == 2).any() and (moved != canvas).any(1).all()
    assert torch.equal(moved[:, 60:], canvas[:, 60:])
    assert torch.equal(noise.shift(canvas, ended, torch.zeros(50), dice), canvas)


def test_an_echo_tells_one_sentence_in_the_place_of_another_too():
    sentences = [list(range(at, at + size)) for at, size in ((10, 6), (30, 7), (50, 5))]
    row = [id for told in sentences for id in [*told, *[slack.SLACK] * (8 - len(told))]]
    canvas, ended = torch.tensor([[*row, *[0] * 8]]).repeat(200, 1), (torch.arange(32) >= 24).repeat(200, 1)
    dice = torch.Generator().manual_seed(13)
    heard = noise.echo(canvas, ended, torch.full((200,), 0.5), dice)
    told = [[slack.tighten(cells) for cells in found[:24].view(3, 8).tolist()] for found in heard]
    twice = [texts for texts in told if texts != sentences]
    assert 60 < len(twice) < 140
    for texts in twice:
        assert all(text in sentences for text in texts) and len({tuple(text) for text in texts}) == 2
    assert torch.equal(heard[:, 24:], canvas[:, 24:])
    assert torch.equal(noise.echo(canvas, ended, torch.zeros(200), dice), canvas)


def test_of_one_sentence_or_of_two_far_from_alike_none_is_told_twice():
    one = torch.arange(10, 42).repeat(50, 1)
    apart = torch.where(torch.arange(32) == 7, slack.SLACK, one)  # seven cells and twenty-four
    for canvas in (one, apart):
        heard = noise.echo(canvas, torch.zeros(50, 32).bool(), torch.ones(50), torch.Generator().manual_seed(14))
        assert torch.equal(heard, canvas)


def test_what_is_told_twice_is_a_mistake_that_is_held():
    clean = torch.arange(100, 196).where(torch.arange(96) % 12 < 10, slack.SLACK).repeat(100, 1)
    found = corrupted(clean, 10_000, 15, echoed=1.0)
    wrong = noise.mistakes(found.canvas, clean, found.under, None)
    assert torch.equal(wrong, (found.under != clean) & (found.canvas == found.under))
    assert wrong[found.level < 0.4].any(1).float().mean() > 0.9 and not wrong[found.level > noise.SHIFTED].any()


def test_only_rows_with_much_left_of_them_are_shifted():
    clean = torch.arange(128).repeat(200, 1)
    found = corrupted(clean, 10_000, 7, shifted=1.0)
    moved = (found.under != clean).any(1)
    assert moved[found.level < 0.35].float().mean() > 0.9 and not moved[found.level > noise.SHIFTED].any()


def test_ranked_canvases_are_open_where_the_guess_is_unsure():
    clean, guess = torch.full((8, 40), 7), torch.zeros(8, 40, 1000)
    guess[:, :20, 7] = 50.0  # sure of the first half
    found = noise.ranked(torch.full((8,), 0.5), clean, guess, torch.Generator().manual_seed(8))
    assert (found[:, :20] == 7).all() and (found[:, 20:] != 7).float().mean() > 0.95


def test_a_step_of_a_walk_is_entropy_bound_acceptance():
    guess = torch.zeros(4, 30, 100)
    guess[:, :10, 42] = 60.0
    found = noise.accept(guess, torch.full((4,), 0.5), torch.Generator().manual_seed(9))
    assert (found[:, :10] == 42).all()
    assert (found[:, 10:] == 42).float().mean() < 0.1  # noise, but for the one that brings the sum over the bound
    assert (noise.accept(guess, torch.full((4,), 1e6), torch.Generator().manual_seed(9))[:, 10:] != 42).any()


def test_draws_follow_the_odds():
    odds = torch.tensor([0.5, 0.0, 0.25, 0.25]).expand(1, 20_000, 4)
    counts = torch.bincount(noise.draw(odds, torch.Generator().manual_seed(10))[0], minlength=4) / 20_000
    assert torch.allclose(counts, odds[0, 0], atol=0.015) and counts[1] == 0


def test_rows_that_are_almost_done_are_hardly_corrupted_but_much_is_out_of_place():
    clean = torch.arange(128).repeat(400, 1)
    usual, late = (corrupted(clean, 10_000, 12, shifted=0.3, late=share) for share in (0.0, 1.0))
    assert late.level.max() <= noise.LATE and usual.level.max() > 0.9
    assert (late.under != clean).any(1).float().mean() > 2 * (usual.under != clean).any(1).float().mean()


def test_who_insists_believes_what_the_canvas_holds():
    canvas = torch.tensor([[5, 6, 7], [5, 6, 7]])
    under, guess = torch.tensor([[5, 6, 8], [5, 6, 8]]), torch.zeros(2, 3, 10)
    guess[:, :, 6] = 30.0
    noise.insist(guess, canvas, under, torch.tensor([True, False]))
    assert guess.argmax(-1).tolist() == [[5, 6, 6], [6, 6, 6]]


def test_mistakes_are_held_by_their_place_or_by_the_model_and_not_by_chance():
    clean, under = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 1, 3, 4]])
    canvas, guess = torch.tensor([[1, 1, 9, 8]]), torch.zeros(1, 4, 100)
    guess[0, 2, 9] = 30.0  # drawn from the guess; the last is noise
    assert noise.mistakes(canvas, clean, under, guess).tolist() == [[False, True, True, False]]
    assert noise.mistakes(canvas, clean, under, None).tolist() == [[False, True, False, False]]


def test_a_choice_stands_alone_and_fits_the_text_as_well_as_its_own_id(monkeypatch):
    clean, canvas = torch.full((1, 20), 5), torch.full((1, 20), 5)
    canvas[0, [2, 8, 12, 13]] = torch.tensor([6, 7, 6, 6])  # as good, worse, and two side by side
    odds = torch.full((10,), -9.0).index_fill(0, torch.tensor([5, 6]), 0.0)
    monkeypatch.setattr(loss, "decode", lambda model, canvas, cache, lengths: canvas[..., None].float())
    monkeypatch.setattr(loss, "capped", lambda model, hidden: odds.expand(len(hidden), 10))
    monkeypatch.setattr(loss, "among", lambda *_: None)
    network = model.build(TINY, TINY.vocab, seed=1)
    free = loss.choices(network, canvas, clean, canvas != clean, None, torch.ones(1), torch.Generator())
    assert free.nonzero().tolist() == [[0, 2]]


def test_what_a_cell_should_become_is_the_text_or_a_choice_and_never_what_is_out_of_place(network, monkeypatch):
    clean = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 4]])
    canvas, under = torch.tensor([[1, 1, 9, 8], [1, 1, 3, 4]]), torch.tensor([[1, 1, 3, 4], [1, 1, 3, 4]])
    guess = torch.zeros(1, 4, 100)
    guess[0, 2, 9] = 30.0
    batch = batches.Batch(clean, torch.ones(2), clean, clean > 3, clean > 9, *[clean] * 3)
    monkeypatch.setattr(loss, "choices", lambda model, canvas, clean, drawn, *_: drawn)
    found = noise.Noise(canvas, canvas, under, torch.zeros(2))
    preset = replace(SMOKE, mending=5.0, pad_weight=0.5)
    target, weights = loss.aims(network, batch, found, canvas, guess, None, preset, None)
    assert target.tolist() == [[1, 2, 9, 4], [1, 2, 3, 4]]
    assert weights.tolist() == [[1, 5, 5, 0.5], [1, 5, 1, 0.5]]
    target, weights = loss.aims(network, batch, found, canvas, guess, None, replace(preset, mending=1.0), None)
    assert target is clean and weights.max() == 1


def test_walked_rows_bring_their_own_mistakes_and_a_guess(network):
    dice = torch.Generator().manual_seed(11)
    examples = [batches.Example([2, 4, 40], [*range(10, 40), 1], length=48) for _ in range(8)]
    batch = batches.collate(examples, causal=0.5, dice=random.Random(1))
    mixture = replace(SMOKE, conditioned=0.75, walked=0.25, ranked=0.25, clustered=0.5, shifted=0.5, late=0.5)
    mixture = replace(mixture, stubborn=0.5, mending=3.0)
    found = loss.losses(network, batch, mixture, dice)
    assert 0 < float(found["canvas"].detach()) < 20


def test_a_padded_batch_gives_each_row_what_it_gets_alone(network):
    dice = torch.Generator().manual_seed(5)
    rows = [torch.randint(9, 300, (n,), generator=dice) for n in (11, 4, 7)]
    canvas = torch.randint(0, 300, (3, 24), generator=dice)
    padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    lengths = torch.tensor([11, 4, 7])
    with torch.no_grad():
        _, cache = loss.encode(network, padded)
        together = loss.capped(network, loss.decode(network, canvas, cache, lengths))
    for row, context in enumerate(rows):
        assert torch.allclose(together[row], plain(network, context, canvas[row]), atol=1e-5)


def test_self_conditioning_reaches_only_the_rows_it_is_for(network):
    dice = torch.Generator().manual_seed(6)
    context = torch.randint(9, 300, (2, 5), generator=dice)
    canvas = torch.randint(0, 300, (2, 16), generator=dice)
    lengths, told = torch.tensor([5, 5]), torch.tensor([True, False])
    with torch.no_grad():
        _, cache = loss.encode(network, context)
        guess = loss.guesses(network, canvas, cache, lengths, 1, dice)
        hidden = loss.capped(network, loss.decode(network, canvas, cache, lengths, guess, told))
    assert torch.allclose(hidden[0], plain(network, context[0], canvas[0], guess[:1]), atol=1e-5)
    assert torch.allclose(hidden[1], plain(network, context[1], canvas[1]), atol=1e-5)
    assert not torch.allclose(hidden[0], plain(network, context[0], canvas[0]), atol=1e-3)


def test_quick_kernels_compute_the_same_with_the_same_gradients():
    slow, quick = model.build(TINY, 300, seed=2), model.quicken(model.build(TINY, 300, seed=2))
    dice = torch.Generator().manual_seed(7)
    context, canvas = (torch.randint(9, 300, (2, n), generator=dice) for n in (6, 20))
    found = []
    for network in (slow, quick):
        _, cache = loss.encode(network, context)
        logits = loss.capped(network, loss.decode(network, canvas, cache, torch.tensor([6, 6])))
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), canvas.flatten()).backward()
        found.append((logits, {n: w.grad for n, w in network.named_parameters() if w.grad is not None}))
    (logits, grads), (logits_quick, grads_quick) = found
    assert torch.allclose(logits, logits_quick, atol=1e-5)
    assert grads.keys() == grads_quick.keys()
    for name, grad in grads.items():
        assert torch.allclose(grad, grads_quick[name], atol=1e-5, rtol=1e-3), name


def test_chunked_cross_entropy_is_the_plain_one():
    dice = torch.Generator().manual_seed(8)
    hidden, head = torch.randn(600, 12, generator=dice), torch.randn(40, 12, generator=dice)
    targets, weights = torch.randint(40, (600,), generator=dice), torch.rand(600, generator=dice)

    def plainly(h, w):
        logits = torch.tanh(h @ w.T / 30) * 30
        return (torch.nn.functional.cross_entropy(logits, targets, reduction="none") * weights).sum()

    def chunked(h, w):
        return loss.SoftcappedCrossEntropy.apply(h, w, targets, weights, 30.0)

    results = []
    for way in (plainly, chunked):
        leaves = hidden.clone().requires_grad_(), head.clone().requires_grad_()
        value = way(*leaves)
        (2 * value).backward()
        results.append((value.detach(), *(leaf.grad for leaf in leaves)))
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-4)


def test_cells_after_the_end_count_less_but_count():
    examples = [batches.Example([2, 4], [10, 11, 1], length=6), batches.Example([2, 4, 9], [12, 1], length=6)]
    batch = batches.collate(examples, causal=1.0, dice=random.Random(1))
    for row in range(2):
        n = next(len(e.target) for e in examples if len(e.context) == batch.lengths[row])
        assert batch.canvas[row, n - 1] == model.EOS and not batch.ended[row, n - 1]
        assert (batch.canvas[row, n:] == model.PAD).all() and batch.ended[row, n:].all()


def test_the_causal_loss_reads_the_answer_and_nothing_else():
    examples = [batches.Example([2, 4, 40, 41], [10, 11, 1], frozenset({40, 11}), 8)]
    batch = batches.collate(examples, causal=1.0, dice=random.Random(1))
    read = batch.causal[:, 1:][batch.reading[:, :-1]]
    assert read.tolist() == [10, 11, 1]
    assert batch.causal[:, 1:][batch.causal_rare[:, :-1]].tolist() == [11]
    assert batch.canvas[batch.rare].tolist() == [11]


def test_rare_is_what_other_answers_do_not_say(words):
    pairs = [(f"Write a story about {noun}.", f"Here is {noun}.") for noun in ["a fox"] * 2 + ["a bee"] * 198]
    found = batches.encode(words, pairs, SMOKE, random.Random(1))
    fox = set(words(" fox", add_special_tokens=False).input_ids)
    assert found[0].rare and found[0].rare <= fox and not found[-1].rare
    all_but_bees = batches.encode(words, pairs, replace(SMOKE, common=0.995), random.Random(1))
    assert found[0].rare < all_but_bees[0].rare or found[-1].rare < all_but_bees[-1].rare


def test_emphasis_falls_to_one_and_stays():
    preset = replace(presets.PRESETS["smoke"], steps=100, emphasis=3.0, emphasised=0.5)
    assert [train.emphasis(step, preset) for step in (0, 25, 50, 99)] == [3.0, 2.0, 1.0, 1.0]


def test_a_long_answer_is_continued_from_its_finished_canvas(words):
    text = " ".join(f"word {n}" for n in range(300))
    ids = [*words(text, add_special_tokens=False).input_ids, model.EOS]
    prompt = words(tokenizer.framed("Go on"), add_special_tokens=False).input_ids
    seen = Counter()
    for seed in range(40):
        [example] = batches.encode(words, [("Go on", text)], SMOKE, random.Random(seed))
        context, target = example.context, example.target
        start = len(context) - len(prompt)
        assert start % 256 == 0 and context == prompt + ids[:start] and target == ids[start : start + 256]
        seen[start] += 1
    assert len(seen) == -(-len(ids) // 256) > 1


def test_batches_keep_to_their_budget_and_follow_the_step(words):
    stream = [next(s) for s in [batches.stream(words, corpus.pairs, SMOKE)] for _ in range(30)]
    assert all(b.canvas.numel() <= max(SMOKE.tokens, SMOKE.shape.canvas) for b in stream)
    assert {b.canvas.shape[1] for b in stream} <= {*SMOKE.lengths, SMOKE.shape.canvas}
    late = batches.stream(words, corpus.pairs, SMOKE, start=23)
    for one, other in zip(stream[23:], islice(late, 7), strict=True):
        assert torch.equal(one.canvas, other.canvas) and torch.equal(one.causal, other.causal)


def test_muons_step_is_close_to_orthogonal():
    matrices = torch.randn(3, 24, 40, generator=torch.Generator().manual_seed(9))
    sizes = torch.linalg.svdvals(optimizer.orthogonal(matrices))
    assert sizes.min() > 0.5 and sizes.max() < 1.4


def test_the_optimizer_descends_on_matrices_and_vectors():
    torch.manual_seed(0)
    net = torch.nn.Linear(6, 6)
    target = torch.randn(6, 6)
    groups = [
        {"params": [net.weight], "matrix": True, "lr": 0.05},
        {"params": [net.bias], "matrix": False, "lr": 0.05},
    ]
    steps = optimizer.Muon(groups)
    values = []
    for _ in range(60):
        value = (net(torch.eye(6)) - target).square().mean()
        values.append(float(value.detach()))
        steps.zero_grad()
        value.backward()
        steps.step()
    assert values[-1] < 0.2 * values[0]


def test_the_rates_warm_up_stay_and_fall_to_zero():
    shape = [train.schedule(step, SMOKE) for step in range(SMOKE.steps + 1)]
    assert shape[0] < shape[1] and max(shape) == 1.0 and shape[-1] == 0.0
    assert all(a >= b for a, b in zip(shape[SMOKE.warmup :], shape[SMOKE.warmup + 1 :], strict=False))


def test_a_second_part_follows_the_first():
    late = replace(SMOKE, steps=3, rate=0.1, then=None)
    preset = replace(SMOKE, steps=5, then=late)
    assert preset.total == 8
    assert [preset.part(step) for step in (0, 4, 5, 7)] == [(preset, 0), (preset, 4), (late, 0), (late, 2)]


def test_a_part_reads_what_it_asks_for(words):
    asked = []

    def pairs(seed, lesson=0):
        asked.append(lesson)
        return corpus.pairs(seed, lesson=lesson)

    preset = replace(SMOKE, pool=8, then=replace(SMOKE, pool=8, lesson=1, then=None))
    list(islice(batches.stream(words, pairs, preset), preset.total))
    assert asked == sorted(asked) and len(set(asked)) == 2


def weights_of(folder):
    return DiffusionGemmaForBlockDiffusion.from_pretrained(folder).state_dict()


def test_a_run_learns_and_says_how(finished):
    folder, summary = finished
    assert summary["steps"] == SMOKE.total and summary["loss"] > 0 and summary["canvas_tokens"] > 0
    history = json.loads((folder / "training.json").read_text())["curve"]
    assert history[-1]["step"] == SMOKE.total and {"canvas", "causal"} <= history[-1].keys()


@pytest.mark.parametrize("stop", [5, 10])
def test_a_resumed_run_ends_in_the_same_weights(finished, tmp_path, stop):
    train.train(SMOKE, tmp_path / "model", stop=stop)
    summary = train.train(SMOKE, tmp_path / "model")
    assert summary["loss"] == finished[1]["loss"] and summary["steps"] == SMOKE.total
    whole, resumed = weights_of(finished[0]), weights_of(tmp_path / "model")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_another_seed_gives_other_weights(finished, tmp_path):
    train.train(replace(SMOKE, seed=8), tmp_path / "model", stop=1)
    whole, other = weights_of(finished[0]), weights_of(tmp_path / "model")
    assert not all(
        torch.equal(whole[name], other[name]) for name in whole if whole[name].shape == other[name].shape
    )


def test_other_settings_do_not_resume(tmp_path):
    train.train(SMOKE, tmp_path / "model", stop=1)
    with pytest.raises(ValueError, match="other settings"):
        train.train(replace(SMOKE, rate=0.5), tmp_path / "model")


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # torch's own, on the way to generate()
def test_plain_transformers_loads_and_generates(finished):
    folder, _ = finished
    network, info = DiffusionGemmaForBlockDiffusion.from_pretrained(folder, output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"]
    chat = [{"role": "user", "content": "Write a story about a fox."}]
    words = AutoTokenizer.from_pretrained(folder)
    ids = words.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")["input_ids"]
    defaults = network.generation_config
    assert defaults.max_denoising_steps == 24 and defaults.eos_token_id == [1, 5]
    out = network.generate(ids, max_denoising_steps=2)
    assert out.sequences.shape[1] == ids.shape[1] + 256


def test_the_command_ends_in_one_json_line(tmp_path, capsys):
    assert train.main(["--smoke", "--steps", "2", "--out", str(tmp_path / "model")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 and json.loads(lines[0])["steps"] == 2
    assert train.main(["--smoke", "--steps", "3", "--out", str(tmp_path / "model")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_interrupted_command_has_kept_its_last_step_and_goes_on(tmp_path, capsys, monkeypatch):
    command = ["--smoke", "--steps", "24", "--out", str(tmp_path / "model")]
    with monkeypatch.context() as patch:
        patch.setattr(train, "show", lambda point: signal.raise_signal(signal.SIGINT))
        assert train.main(command) == 130
    shown = capsys.readouterr()
    assert json.loads(shown.out)["steps"] == 20 and "Stopped at step 20" in shown.err
    assert train.main(command) == 0 and json.loads(capsys.readouterr().out)["steps"] == 24


def test_every_preset_fits_the_file_it_may_fill():
    for preset in presets.PRESETS.values():
        with torch.device("meta"):
            network = model.DiffusionGemmaForBlockDiffusion(model.config(preset.shape, preset.shape.vocab))
        size = sum(w.numel() for w in network.parameters()) * getattr(torch, preset.file).itemsize
        assert size < 40e6


def sample(form, answer, must=()):
    return Sample(form, (), "Tell me about Zorble the fox.", answer, must)


def test_the_judge_marks_what_is_right_and_what_is_not():
    good = evaluate.marks(sample("found", "", ("fox",)), "Once upon a time, there was a fox named Lily. She ran.")
    assert good == {"words": 1.0, "asked": 1.0, "consistent": 1.0}
    bad = evaluate.marks(sample("found", "", ("fox",)), "Tom was a shy bear. She brzzt.")
    assert bad["asked"] == bad["consistent"] == 0.0 and bad["words"] < 1.0
    assert evaluate.marks(sample("letter", ""), "Zorble!")["words"] == 1.0  # a word of the prompt exists


@pytest.mark.parametrize(
    ("form", "answer", "text", "right"),
    [
        ("count", "1, 2, 3", "1, 2, 3", 1.0),
        ("count", "1, 2, 3", "1, 3", 0.0),
        ("card", "", '{"a": 1}', 1.0),
        ("card", "", "{", 0.0),
    ],
)
def test_the_judge_is_exact_where_the_text_is(form, answer, text, right):
    assert evaluate.marks(sample(form, answer), text)["exact"] == right


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_an_evaluation_counts_the_steps_it_was_given(finished):
    marks = evaluate.evaluate(finished[0], count=2, max_denoising_steps=3)
    assert marks["count"] == 2 and marks["steps"] == 3 and 0 <= marks["words"] <= 1


def test_workers_answer_the_same_in_the_same_order(finished):
    jobs = [("Count to three.", seed, {"max_denoising_steps": 2}) for seed in range(3)]
    alone, shared = (list(evaluate.answers(evaluate.Writer, finished[0], jobs, n)) for n in (1, 2))
    assert alone == shared and len({answer.text for answer in alone}) == 3


def test_repeats_are_runs_of_words_had_before():
    assert evaluate.repeated("one two three four") == 0.0 == evaluate.repeated("short")
    assert evaluate.repeated("a b c d a b c d") == pytest.approx(1 / 5)
    tables = [("times", "1 x 2 = 2\n2 x 2 = 4\n3 x 2 = 6\n4 x 2 = 8\n5 x 2 = 10"), ("found", "a b c d a b c d")]
    assert evaluate.repeats(tables) == pytest.approx(1 / 5) and evaluate.repeats(tables[:1]) == 0
    assert 0 < evaluate.usual() < 0.2


def test_a_text_of_the_training_set_is_told_from_a_new_one(finished):
    (_, answer), *_ = islice(corpus.pairs(700_000), 1)
    assert evaluate.copied(finished[0], [("found", answer), ("found", answer + "!"), ("count", answer)]) == 1


def test_of_a_checkpoint_that_does_not_say_nobody_knows_what_it_copied(tmp_path):
    assert evaluate.copied(tmp_path, [("found", "a text")]) is None


def test_a_run_says_what_it_read_whether_it_was_cut_off_or_not(finished, tmp_path):
    train.train(SMOKE, tmp_path / "model", stop=7)
    train.train(SMOKE, tmp_path / "model")
    pools = [
        json.loads((folder / "training.json").read_text())["pools"] for folder in (finished[0], tmp_path / "model")
    ]
    assert pools[0] == pools[1] and set(pools[0]) <= {0, 1} and pools[0] == sorted(pools[0])


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_the_page_has_a_column_for_every_step_cap(finished, tmp_path):
    found = evaluate.curve(finished[0], 1, caps=(1, 2))
    assert [marks["steps"] for marks in found.values()] == [1, 2]
    card.steps(found, tmp_path / "steps.png")
    assert "| most steps | 1 | 2 |" in card.table(found)
    with Image.open(tmp_path / "steps.png") as picture:
        assert set(chart.INKS[:2]) & {colour for _, colour in picture.getcolors(1 << 16)}


def test_the_curve_is_drawn_where_the_loss_is(tmp_path):
    points = [{"cells": n, "canvas": 3.0, "causal": 1.0} for n in (0, 10**6)]
    card.curve(points, tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as picture:
        column = [picture.getpixel((300, y)) for y in range(picture.height)]
    assert column.index(chart.INKS[0]) < column.index(chart.INKS[1])


def test_labels_keep_apart_and_in_order():
    assert chart.spread([5.0, 4.0, 50.0], 10) == [14.0, 4.0, 50.0]


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_the_same_weights_are_judged_token_by_token(finished):
    marks = evaluate.evaluate(finished[0], count=2, kind=evaluate.Reader)
    assert 1 <= marks["steps"] <= 256 and 0 <= marks["words"] <= 1
    assert "| autoregressive |" in card.goals({"autoregressive": marks}).splitlines()[0]


def test_structured_texts_are_told_form_by_form():
    told = card.forms({"a": {"exact": 0.5, "exact count": 0.25, "exact card": 0.75}, "b": {"exact count": 1.0}})
    assert told.splitlines()[2:] == ["| card | 0.75 |  |", "| count | 0.25 | 1.0 |"]
    assert "count |" not in card.table({4: {"exact": 0.5, "exact count": 0.25}})


def test_a_judge_that_is_not_there_is_one_sentence(finished, monkeypatch, capsys):
    monkeypatch.setattr(judge, "PACKAGE", "no_such_package")
    assert evaluate.main([str(finished[0]), "--judge"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_unrolling_puts_own_samples_into_cells_that_are_open_or_unsure():
    clean = torch.arange(400).remainder(50).view(2, 200)
    found = noise.Noise(torch.where(torch.arange(200) % 2 == 0, clean, 99), clean, clean, torch.zeros(2))
    sure = torch.full((1, 200, 100), -1e4).scatter(2, torch.full((1, 200, 1), 77), 0.0)
    canvas = noise.unroll(found, sure, 1.0, torch.Generator().manual_seed(1))
    moved = canvas != found.canvas
    assert moved[0].any() and not moved[1].any() and not moved[0, ::2].any()
    assert (canvas[moved] == 77).all() and (moved[0].sum() < 100)
    unsure = sure.index_fill(1, torch.arange(0, 200, 4), 0.0)
    moved = noise.unroll(found, unsure, 1.0, torch.Generator().manual_seed(1))[0] != found.canvas[0]
    assert moved[::4].any() and not moved[2::4].any() and moved[1::2].any()
    lost = noise.Noise(found.canvas, clean, clean, torch.ones(2))
    assert torch.equal(noise.unroll(lost, sure, 1.0, torch.Generator().manual_seed(1)), found.canvas)


SENTENCES = 'One fox ran home. "No!" said the fox, and it ran on. Yes.'


def test_slack_puts_sentences_on_a_grid_and_text_is_read_without_it(words):
    ids = words(SENTENCES, add_special_tokens=False).input_ids
    loose = slack.loosen(ids, 4, words)
    assert slack.tighten(loose) == ids and slack.SLACK in loose
    assert words.decode(loose, skip_special_tokens=True) == SENTENCES
    starts = [at + 1 for at in range(len(loose) - 1) if loose[at] == slack.SLACK != loose[at + 1]]
    assert starts and all(at % 4 == 0 for at in starts)
    assert slack.loosen(words("1, 2, 3, 4, 5").input_ids, 4, words) == words("1, 2, 3, 4, 5").input_ids


def test_slack_is_for_canvases_and_not_for_reading_on(words):
    preset = replace(SMOKE, slack=4)
    [example] = batches.encode(words, [("Go on", SENTENCES)], preset, random.Random(1))
    batch = batches.collate([replace(example, length=80)], causal=1.0, dice=random.Random(1))
    assert (batch.canvas == slack.SLACK).any() and not (batch.causal == slack.SLACK).any()
    read = batch.causal[:, 1:][batch.reading[:, :-1]].tolist()
    assert read == [*words(SENTENCES, add_special_tokens=False).input_ids, model.EOS]


def test_surprise_by_transformers_is_its_own_cross_entropy(network):
    ids = torch.randint(9, 300, (12,), generator=torch.Generator().manual_seed(12)).tolist()
    nats = surprise(Plain(network), ids[:5], ids[5:])
    hidden, _ = loss.encode(network, torch.tensor([ids]))
    logits = loss.capped(network, hidden)[0, 4:-1]
    wanted = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[5:]), reduction="none")
    assert nats.shape == (7,) and torch.allclose(nats, wanted.detach(), atol=1e-4)


def test_seams_are_per_hundred_tokens_of_all_answers():
    made = [evaluate.Answer("", 1, True, 150, 3, 30.0), evaluate.Answer("", 1, True, 50, 0, 10.0)]
    assert evaluate.smooth(made) == {"seams": 1.5, "nats": 0.2}


def test_a_run_can_begin_with_what_earlier_parts_made(finished, tmp_path):
    further = replace(SMOKE, then=replace(SMOKE.then, then=replace(SMOKE, steps=2, slack=4, then=None)))
    told = train.train(further, tmp_path / "model", source=finished[0])
    assert told["steps"] == SMOKE.total + 2 and told["canvas_tokens"] > finished[1]["canvas_tokens"]
    before, after = (json.loads((f / "training.json").read_text()) for f in (finished[0], tmp_path / "model"))
    assert after["pools"] == [*before["pools"], 0]
    assert after["sizes"] == [SMOKE.pool] * len(after["pools"])  # evaluation looks into as much of each


class Watch:
    """A clock that is turned by hand."""

    time = 0.0

    def __call__(self):
        return self.time


def test_a_schedule_by_the_clock_has_gone_all_its_way_when_the_time_is_up():
    watch = Watch()
    clock = schedule.Clock(1000, 100.0, watch)
    watch.time, steps, seen = 10.0, 0, []  # ten seconds until the first step
    while not clock.over(steps):
        seen.append(clock.at(steps))
        watch.time += 0.5 if watch.time < 40 else 2.0  # slower than it began
        steps += 1
    assert seen[0] == 0 and seen == sorted(seen) and 960 <= seen[-1] < 1000
    assert 91 <= watch.time <= 95.0  # five seconds are for writing
    assert abs(seen[60] / 1000 - 30 / 85) < 0.01


@pytest.mark.parametrize("step", [0.1, 7.0, 30.0, 200.0])
def test_a_run_by_the_clock_ends_in_time_however_slow_its_steps_are(step):
    watch = Watch()
    clock, steps = schedule.Clock(1000, 100.0, watch), 0
    while not clock.over(steps):
        clock.at(steps)
        watch.time += step
        steps += 1
    assert watch.time <= max(95.0, step) and steps >= 1


def test_processes_make_the_batches_of_the_pools_in_turn_and_one_that_ends_is_noticed(words):
    preset, pools = replace(SMOKE, pool=16), []
    workers = workers_.Workers(corpus.pairs, preset, 2)
    try:
        stream = workers.batches(words, pools)
        found = list(islice(stream, 5))
        for process in workers.processes:
            process.kill()
        with pytest.raises(RuntimeError, match="has ended"):
            list(islice(stream, 1000))
    finally:
        workers.close()
    made = []
    for pool in range(len(pools)):
        made += batches.draw(words, corpus.pairs, preset, pool, 0)[1]
    for batch, examples in zip(found, made, strict=False):
        assert sorted(map(tuple, batch.canvas.tolist())) == sorted(
            tuple(e.target + [model.PAD] * (e.length - len(e.target))) for e in examples
        )
    assert pools == [(0, 0)] * len(pools) and not any(process.is_alive() for process in workers.processes)


def test_a_run_within_a_time_writes_its_checkpoint_and_nothing_to_go_on_from(tmp_path):
    found = train.train(SMOKE, tmp_path / "model", seconds=2)
    told = json.loads((tmp_path / "model/training.json").read_text())
    assert told["steps"] == found["steps"] >= 1 and told["curve"][-1]["step"] == found["steps"]
    assert not (tmp_path / "model.run").exists() and len(told["pools"]) >= 1


@pytest.mark.parametrize("turned", [False, True], ids=["", "another layout of the result"])
def test_attention_for_a_card_is_the_lean_one(turned, monkeypatch):
    if turned:
        fused = torch.nn.functional.scaled_dot_product_attention
        other = lambda *some, **more: fused(*some, **more).mT.contiguous().mT  # noqa: E731
        monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", other)
    dice = torch.Generator().manual_seed(10)
    query = torch.randn(2, 6, 5, 16, generator=dice)
    key, value = torch.randn(2, 2, 2, 9, 16, generator=dice).unbind()
    for mask in (None, torch.randn(2, 1, 1, 9, generator=dice), torch.randn(1, 1, 5, 9, generator=dice)):
        lean = model.lean_attention(None, query, key, value, mask, 0.3)[0]
        assert torch.allclose(model.fused_attention(query, key, value, mask, 0.3).transpose(1, 2), lean, atol=1e-5)

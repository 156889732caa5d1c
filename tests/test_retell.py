"""What a run tells itself, token by token, and learns on its canvases."""

import gzip
import json
import random
from dataclasses import replace
from itertools import chain, cycle, islice
from zlib import crc32

import pytest
import torch
from transformers import DiffusionGemmaForBlockDiffusion

from engine.commands.console.flags import InputError
from engine.training import batches, corpus, evaluate, model, presets, retell, tell, train, workers
from engine.training.corpus.sample import Sample
from engine.training.plain import Plain

pytestmark = pytest.mark.usefixtures("one_thread")
SMOKE = presets.PRESETS["smoke"]
OWN = replace(SMOKE, then=replace(SMOKE, steps=3, retold=0.5, then=None))
STORY = Sample("found", (), "A fox finds a bell.", "", ("fox", "bell"))


def test_many_texts_at_once_are_told_as_each_is_alone(monkeypatch):
    monkeypatch.setattr(retell, "HEAT", 1e-6)  # what is drawn is what is likeliest
    monkeypatch.setattr(retell, "LENGTH", 5)
    slow, quick = (model.build(replace(SMOKE.shape, vocab=300), 300, seed=1).eval() for _ in range(2))
    asked = torch.tensor([[9, 20, 30], [9, 200, 12], [50, 60, 70]])
    told = retell.tell(model.quicken(quick), asked, torch.tensor([0]), torch.Generator().manual_seed(1))
    reader = Plain(slow)
    for ids, found in zip(asked.tolist(), told, strict=True):
        for id in found:
            assert id == int(reader.head(reader.read(ids)[0][-1:]).argmax())
            ids.append(id)


@pytest.fixture
def falling(monkeypatch):
    """A model that tells the number before the last one, until the end."""
    one = torch.eye(64) * 50
    monkeypatch.setattr(retell, "following", lambda _, ids, cache: one[ids[:, -1] - 1])


def test_a_text_ends_with_its_end_and_others_go_on(falling, monkeypatch):
    asked, dice = torch.tensor([[8], [12], [7]]), torch.Generator()
    assert retell.tell(None, asked, torch.tensor([0]), dice) == [[7, 6, 5], [11, 10, 9, 8, 7, 6, 5], [6, 5]]
    monkeypatch.setattr(retell, "LENGTH", 4)
    assert retell.tell(None, asked, torch.tensor([0]), dice)[1] == [11, 10, 9, 8]


def test_a_wide_choice_is_drawn_and_of_a_few_ways_the_likeliest_is_taken(monkeypatch):
    few, wide = torch.full((2, 64), -50.0)
    few[[5, 20, 21]], wide[20:60] = torch.tensor([0.0, 0.3, 0.2]), 0.0
    turns = cycle((few, wide))
    monkeypatch.setattr(retell, "following", lambda _, ids, cache: next(turns).expand(len(ids), 64))
    monkeypatch.setattr(retell, "LENGTH", 4)
    told = retell.tell(None, torch.full((50, 1), 9), torch.arange(64), torch.Generator().manual_seed(2))
    first, *_ = columns = [{ids[at] for ids in told if len(ids) > at} for at in range(4)]
    assert first == {5, 20, 21} and len(columns[1]) > 20 and columns[2] == {20} and len(columns[3]) > 20


def test_answers_that_break_the_rules_are_left_out():
    good = 'One day, Mia was a fox who found a bell. "What a bell!" said Mia.'
    assert retell.sound(STORY, good)
    assert not retell.sound(STORY, good.replace("bell", "drum"))
    assert not retell.sound(STORY, good.replace("day", "dday"))
    assert not retell.sound(STORY, f"{good} {good}")
    assert not retell.sound(STORY, good.replace("Mia was a fox", "she was a fox"))


def test_prompts_of_one_length_come_together(words):
    asked = retell.drawn(words, 7, 300)
    assert asked == retell.drawn(words, 7, 300)
    batches_ = retell.alike(asked, 20, random.Random(1))
    assert sorted(map(str, chain.from_iterable(batches_))) == sorted(map(str, asked))
    for batch in batches_:
        assert len({len(ids) for _, ids in batch}) == 1 and len(batch) <= 20
        assert not {sample.form for sample, _ in batch} & retell.TRUE
        assert not any(sample.held_out for sample, _ in batch)


def test_canvases_learn_what_was_told_and_the_causal_side_what_was_not(words):
    own = [("Tell me.", "A fox."), ("Tell me more.", "An owl.")]
    told = {tuple(words(answer).input_ids) for _, answer in own}
    _, groups = batches.draw(words, corpus.pairs, OWN, 0, OWN.steps, own)
    made = [example for group in groups for example in group]
    mine = [tuple(e.target[:-1]) in told for e in made]
    assert len(made) == OWN.pool and sum(mine) == OWN.pool // 2
    assert all(e.read != own for e, own in zip(made, mine, strict=True))
    with_both = max(groups, key=lambda group: sum(e.read for e in group) * sum(not e.read for e in group))
    batch = batches.collate(with_both, 1.0, batches.random.Random(1))
    assert len(batch.causal) == sum(e.read for e in with_both) < len(batch.canvas)
    _, before = batches.draw(words, corpus.pairs, OWN, 0, 0, own)
    assert all(e.read for group in before for e in group)


def test_a_run_learns_what_was_told_and_a_resumed_one_ends_in_the_same_weights(tmp_path):
    own = [(f"Tell me of {name}.", f"A fox said {name}.") for name in ("Una", "Ivy", "Theo")]
    brief = replace(OWN, pool=8, then=replace(OWN.then, pool=8))
    train.train(brief, tmp_path / "whole", own=own)
    train.train(brief, tmp_path / "half", own=own, stop=9)
    train.train(brief, tmp_path / "half")
    train.train(brief, tmp_path / "other")
    whole, half, other = (
        DiffusionGemmaForBlockDiffusion.from_pretrained(tmp_path / name).state_dict()
        for name in ("whole", "half", "other")
    )
    assert all(torch.equal(whole[name], half[name]) for name in whole)
    assert not all(torch.equal(whole[name], other[name]) for name in whole)
    retold = json.loads((tmp_path / "whole/training.json").read_text())["retold"]
    assert len(retold) == 8 * len(own) and int(retold[:8], 16) in evaluate.seen(tmp_path / "whole")


def test_what_was_told_counts_as_seen(tmp_path):
    text = "A fox said hello."
    told = {"pools": [], "preset": {"seed": 1, "pool": 1}, "retold": f"{crc32(text.encode()):08x}"}
    (tmp_path / "training.json").write_text(json.dumps(told))
    assert evaluate.copied(tmp_path, [("found", text), ("found", "Another.")]) == 1


def test_processes_get_what_was_told_when_its_part_begins(words):
    preset, pools = replace(OWN, steps=2, pool=16, then=replace(OWN.then, pool=16)), []
    own = [("Tell me.", "A fox.")]
    crowd = workers.Workers(corpus.pairs, preset, 1, own)
    try:
        stream = crowd.batches(words, pools)
        next(stream)
        crowd.step.value = 2
        fox = words("A fox.").input_ids
        assert any(fox == row[: len(fox)] for batch in islice(stream, 200) for row in batch.canvas.tolist())
    finally:
        crowd.close()


def test_answers_are_told_in_many_processes_and_read_back(tmp_path, monkeypatch, capsys):
    folder, file = tmp_path / "model", tmp_path / "told.jsonl.gz"
    train.train(SMOKE, folder, stop=1)
    monkeypatch.setattr(retell, "LENGTH", 3)
    monkeypatch.setattr(tell, "POOL", 16)
    assert tell.main([str(folder), str(file), "--count", "16", "--processes", "1"]) == 0
    with gzip.open(file) as lines:
        assert json.loads(capsys.readouterr().out) == {"kept": len(lines.readlines())}
    pairs = [("Tell me.", "A fox."), ("More", "An \N{OWL}")]
    for name in ("told.jsonl", "told.jsonl.gz"):
        tell.write(tmp_path / name, pairs)
        assert tell.read(tmp_path / name) == pairs
    for broken in (b"", b"no json", b"[1, 2]", b'["one"]', b"\xff"):
        (tmp_path / "broken.jsonl").write_bytes(broken)
        with pytest.raises(InputError, match=r"read|pairs"):
            tell.read(tmp_path / "broken.jsonl")

"""A conversation is read as the model's own chat format says it, each turn once, and as if it were read anew."""

import numpy as np
import pytest
import torch

import tiny
from engine.model import gemma
from engine.model.text.tokens import PromptError
from engine.steps import context, race
from engine.steps.context import Context, Memory, common, fork, parts, read, size
from engine.steps.denoise import denoise
from engine.values.question import Question
from engine.values.settings import Decoding, Settings
from engine.values.turns import NOTHING, Conversation
from engine.values.words import calls
from engine.values.words.reply import Reply

SETTINGS = Settings(steps=2, confidence=0.0)
CALL = calls.read('call:f{a:1,b:<|"|>x<|"|>}')
TALK = (
    Conversation(system="be kind.")
    .answered("a fox", Reply("one fox. it is red", "hm", False))
    .answered("say <turn|> now", Reply("", "", False, (CALL,)))
    .answered("and then", Reply("it ran.", "", False))
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return gemma.load(tiny.checkpoint(tmp_path_factory.mktemp("talks"), ends=()), "cpu")


@pytest.fixture
def stub(model, monkeypatch):
    """A chat format that lets an answer begin otherwise than it is told later."""
    monkeypatch.setattr(model.tokenizer, "chat_template", tiny.STUB)


@pytest.fixture
def reads(model, monkeypatch):
    """How many ids are read, each time."""
    counts, real = [], model.read
    monkeypatch.setattr(model, "read", lambda ids, cache=None: counts.append(len(ids)) or real(ids, cache))
    return counts


def turns(conversation):
    """Every prompt of a conversation, with what was said before it."""
    return [(conversation.turns[2 * at].text, conversation.before(at)) for at in range(conversation.exchanges)]


@pytest.mark.parametrize("thinking", [False, True])
@pytest.mark.parametrize("raw", [False, True])
def test_the_ids_are_what_the_chat_format_makes_of_the_messages(model, thinking, raw):
    ids = model.prompt(Question("why", before=TALK), SETTINGS.updated({"thinking": thinking, "raw": raw}))
    messages = TALK.asked("why").messages()
    text = model.tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, enable_thinking=thinking
    )
    whole = model.tokenizer.encode(text, add_special_tokens=False)
    assert model.lexicon.spelled(ids) == model.lexicon.spelled(whole) == text
    assert (ids == whole) == raw, "what is typed is text, in earlier turns, too"
    assert (tiny.END in ids[: ids.index(tiny.CALL)][-20:]) or not raw
    assert ids.count(tiny.END) == whole.count(tiny.END) - (not raw)


def test_what_is_left_out_is_not_told_and_what_was_thought_neither(model):
    text = model.lexicon.spelled(model.prompt(Question("why", before=TALK.without(2)), SETTINGS))
    assert "fox" not in text and "and then" in text and "be kind." in text
    assert "hm" not in model.lexicon.spelled(model.prompt(Question("why", before=TALK), SETTINGS))


def test_a_conversation_needs_a_chat_format(model, monkeypatch):
    with pytest.raises(PromptError, match="switch it on"):
        model.prompt(Question("why", before=TALK), SETTINGS.updated({"chat": False}))
    monkeypatch.setattr(model.tokenizer, "chat_template", None)
    with pytest.raises(PromptError, match="has none"):
        model.prompt(Question("why", before=Conversation(system="be kind.")), SETTINGS)
    assert model.prompt(Question("why"), SETTINGS).cuts == []


def test_a_conversation_that_is_too_long_is_told_and_how_much_of_it_fits(model):
    long = NOTHING
    for at in range(9):
        long = long.answered(f"question {at}", Reply("word " * 10, "", False))
    with pytest.raises(
        PromptError, match=r"^The conversation has .* leave its oldest turns out or shorten the prompt\.$"
    ):
        model.prompt(Question("why", before=long), SETTINGS)
    spare = model.spare(Question("why", before=long), SETTINGS)
    assert 0 < spare.left < 9 and spare.turns == long.turns
    model.prompt(Question("why", before=spare), SETTINGS)
    with pytest.raises(PromptError):
        model.prompt(Question("why", before=long.without(spare.left - 1)), SETTINGS)
    assert (
        model.spare(Question("why " * 200, before=long), SETTINGS) is None
        and model.spare(Question("why", before=TALK), SETTINGS) == TALK
    )


# What is read.


def test_parts_are_the_ids():
    ids = Context(range(9), (4, 4, 0, 9, 7))
    assert [*map(list, parts(ids))] == [[0, 1, 2, 3], [4, 5, 6], [7, 8]] and parts([1, 2]) == [[1, 2]]
    assert common([1, 2, 3], [1, 2]) == 2 and common([1], [2]) == common([], [1]) == 0


@pytest.mark.parametrize("template", [tiny.TEMPLATE, tiny.STUB])
def test_every_turn_ends_a_part_of_the_next_ones(model, monkeypatch, template):
    monkeypatch.setattr(model.tokenizer, "chat_template", template)
    last = []
    for prompt, before in turns(TALK):
        ids = model.prompt(Question(prompt, before=before), SETTINGS)
        assert ids.cuts[: len(last)] == last
        last = ids.cuts if template == tiny.STUB else [*ids.cuts, len(ids)]
    assert len(last) == 3


@pytest.mark.parametrize("template", [tiny.TEMPLATE, tiny.STUB])
def test_a_turn_reads_only_what_is_new(model, monkeypatch, reads, template):
    monkeypatch.setattr(model.tokenizer, "chat_template", template)
    memory, before = Memory(), 0
    for prompt, earlier in turns(TALK):
        ids = model.prompt(Question(prompt, before=earlier), SETTINGS)
        known = memory.known(ids)
        del reads[:]
        read(memory.of(model, ids), ids)
        assert known == before and sum(reads) == len(ids) - known and memory.known(ids) == len(ids)
        before = ids.cuts[-1] if template == tiny.STUB else len(ids)
    del reads[:]
    read(memory.of(model, ids), ids)
    assert reads == [], "the same once more is not read at all"


def test_what_a_second_turn_reads_does_not_grow_with_the_first(model, reads):
    told = []
    for length in (1, 60):
        memory, first = Memory(), "word " * length
        ids = model.prompt(Question(first), SETTINGS)
        read(memory.of(model, ids), ids)
        del reads[:]
        ids = model.prompt(Question("and", before=NOTHING.answered(first, Reply("yes.", "", False))), SETTINGS)
        read(memory.of(model, ids), ids)
        told.append(sum(reads))
    assert told[0] == told[1]


@pytest.mark.parametrize("template", [tiny.TEMPLATE, tiny.STUB])
def test_what_is_remembered_is_what_is_read_anew_bit_by_bit(model, monkeypatch, template):
    """Also where layers have slid past what they kept: the window is 8, the conversation ten times as long."""
    monkeypatch.setattr(model.tokenizer, "chat_template", template)
    memory, canvas = Memory(), torch.arange(model.length) + 30
    for prompt, before in turns(TALK):
        ids = model.prompt(Question(prompt, before=before), SETTINGS)
        ours, anew = read(memory.of(model, ids), ids), read(model, ids)
        for mine, theirs in zip(ours.layers, anew.layers, strict=True):
            assert torch.equal(mine.keys, theirs.keys) and torch.equal(mine.values, theirs.values)
        assert torch.equal(*(model.head(model.decode(canvas, cache, None)) for cache in (ours, anew)))
    whole = model.prefill(list(ids))  # in one part the same sums are added up in another order
    assert ours.get_seq_length() == len(ids) > 80
    logits = [model.head(model.decode(canvas, cache, None)) for cache in (ours, whole)]
    torch.testing.assert_close(*logits, atol=2e-4, rtol=1e-4)


def test_a_turn_writes_the_same_text_from_memory_as_anew(model, stub):
    memory, settings = Memory(), Settings(steps=3, canvases=2, confidence=0.0, seed=5)
    for prompt, before in turns(TALK):
        ids = model.prompt(Question(prompt, before=before), settings)
        ours, anew = (
            list(denoise(reader, ids, lambda canvas, step: settings)) for reader in (memory.of(model, ids), model)
        )
        assert len(ours) == 6 and all(np.array_equal(a.ids, b.ids) for a, b in zip(ours, anew, strict=True))
    assert memory.known(ids) == len(ids), "canvases are forgotten, prompts are not"


def test_reading_on_leaves_what_is_remembered_as_it_is(model):
    cache = model.prefill([tiny.BOS, *range(30, 60)])
    held = [(layer.keys.clone(), layer.values.clone()) for layer in cache.layers]
    longer = model.prefill([31, 32], fork(cache))
    assert longer.get_seq_length() == cache.get_seq_length() + 2
    for layer, (keys, values) in zip(cache.layers, held, strict=True):
        assert torch.equal(layer.keys, keys) and torch.equal(layer.values, values)


def test_memory_is_bounded_and_the_newest_stays(model):
    ids = [model.prompt(Question(f"question {at}"), SETTINGS) for at in range(4)]
    one = size(model.prefill(ids[0]))
    memory = Memory(int(2.5 * one))
    for context_ in ids:
        read(memory.of(model, context_), context_)
    assert [memory.known(context_) > 0 for context_ in ids] == [False, False, True, True]
    read(memory.of(model, ids[2]), ids[2])  # what is used is the newest
    read(memory.of(model, ids[0]), ids[0])
    assert [memory.known(context_) > 0 for context_ in ids] == [True, False, True, False]
    tight = Memory(0)
    read(tight.of(model, ids[0]), ids[0])
    assert tight.known(ids[0]) == len(ids[0]) and context.BYTES > 0
    memory.clear()
    assert memory.known(ids[2]) == 0


def test_a_race_goes_on_with_what_was_said(model, reads):
    lanes = race.line_up(model, Question("why", before=TALK), SETTINGS, Decoding(tokens=2))
    list(race.run(lanes, lambda canvas, step: SETTINGS))
    assert [lane.recording.before for lane in lanes] == [TALK, TALK]
    assert [lane.recording.outcome for lane in lanes] == ["finished", "finished"]
    assert len(model.prompt(Question("why", before=TALK), SETTINGS)) in reads, "token by token reads it in one"

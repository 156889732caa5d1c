"""Second turns of the corpus: what the product gives a model of a conversation, and what then should be told."""

import re
from collections import Counter
from itertools import islice
from random import Random

import pytest
from transformers import AutoTokenizer

from engine.model.choice.source import EMBEDDED
from engine.model.text import tokens
from engine.training import corpus, evaluate, retell
from engine.training.corpus import again, check, exact, lexicon, poems, prompts, stories
from engine.training.corpus.sample import Sample
from engine.training.evaluate import marks
from engine.training.tokenizer import framed
from engine.values.turns import NOTHING
from engine.values.words.reply import Reply

TELLERS = (again.hero, again.thing, again.place, again.name, again.sequel, again.shorter, again.fresh)
EXACT = (again.beast, again.counted, again.summed)
WHO = ["she", "he", "her", "him", "his", "a", "an", *lexicon.TRAITS, *lexicon.GIRLS, *lexicon.BOYS]
KNOWN = {word.lower() for word in [*WHO, *lexicon.ANIMALS, *lexicon.PEOPLE, *lexicon.FANTASTIC]}
LAST = len(corpus.LESSONS) - 1
TURN = re.compile(r"(.*)<turn\|>\n<\|turn>model\n(.*)<turn\|>\n<\|turn>user\n(.*)", re.DOTALL)


def turns(sample):
    """The first prompt, the first answer, and what is asked then."""
    return TURN.fullmatch(sample.prompt).groups()


def drawn(teller, count=150):
    dice = Random(11)
    return [teller(dice) for _ in range(count)]


@pytest.fixture(scope="module")
def shipped():
    return AutoTokenizer.from_pretrained(EMBEDDED, local_files_only=True)


@pytest.mark.parametrize("teller", [*TELLERS, *EXACT])
def test_a_second_turn_is_what_the_product_reads_of_a_conversation(teller, shipped):
    for sample in drawn(teller, 12):
        prompt, answer, then = turns(sample)
        before = NOTHING.answered(prompt, Reply(answer, "", False)).messages()
        own = shipped(framed(sample.prompt), add_special_tokens=False).input_ids
        assert own == tokens.encode(shipped, then, before=before)
        assert own == tokens.encode(shipped, sample.prompt, raw=True)  # as evaluation gives it


@pytest.mark.parametrize("teller", [*TELLERS, *EXACT])
def test_second_turns_are_told_by_the_rules(teller):
    for sample in drawn(teller):
        given = marks(sample, sample.answer)
        assert given.pop("words", 1.0) > 0.95 and given and set(given.values()) == {1.0}
        assert sample.form in retell.TRUE
        if sample.form == "again":
            assert sample.answer.isascii() and not re.search(r"[{}|\[\]\n]|  | [.,!?]|[.,]{2}", sample.answer)
            assert not re.search(r"[{}|\[\]]|  ", turns(sample)[2])
            assert not re.search(r"\b[Aa] (?!uni)[aeiou]|\b[Aa]n (?!honest|hour)[^aeiou]", turns(sample)[2])


def test_another_hero_is_the_hero_of_the_same_story():
    for sample in drawn(again.hero, 400):
        _, before, then = turns(sample)
        assert all(word in then or word in before for word in sample.must) and sample.must[0] in then
        assert f" {sample.must[0]} " in sample.answer.split(".")[0]
        old, new = check.names(before)[0], check.names(sample.answer)[0]
        assert old != new and not re.search(rf"\b{old}\b", sample.answer)
        assert changed(before, sample.answer) <= {*KNOWN, new.lower(), *(word.lower() for word in sample.must)}


def changed(before, text):
    """The words in the place of which other words stand."""
    one, two = (re.findall(r"[\w-]+|\W", told) for told in (before, text))
    assert len(one) == len(two)
    return {new.lower() for old, new in zip(one, two, strict=True) if old != new}


def test_pronouns_follow_the_new_hero():
    alone = [s for s in drawn(again.hero, 300) if s.must[0] in ("queen", "king", "girl", "boy", "witch", "wizard")]
    assert len(alone) > 5
    for sample in alone:
        he = lexicon.PEOPLE.get(sample.must[0]) or lexicon.FANTASTIC_PRONOUN[sample.must[0]]
        assert check.pronoun(check.names(sample.answer)[0]) == he


def test_who_is_not_asked_for_stays():
    kept = 0
    for sample in drawn(again.hero, 200):
        old, new = check.names(turns(sample)[1]), check.names(sample.answer)
        if check.pronoun(old[0]) == check.pronoun(new[0]):
            assert old[1:] == new[1:]
            kept += 1
        else:
            assert not set(old) & set(new)
    assert 100 < kept < 200


@pytest.mark.parametrize("teller", [again.thing, again.place, again.name])
def test_what_is_not_asked_for_is_told_as_before(teller):
    for sample in drawn(teller):
        _, before, then = turns(sample)
        assert sample.must[0] not in before and sample.must[0] in then
        one, two = (told.split(". ") for told in (before, sample.answer))
        kept = {again.thing: one[0] == two[0], again.place: one[1:] == two[1:]}
        assert kept[teller] if teller in kept else changed(before, sample.answer) == {sample.must[0].lower()}


def test_a_sequel_has_the_same_hero_and_another_friend():
    for sample in drawn(again.sequel):
        before, after = check.names(turns(sample)[1]), check.names(sample.answer, sample.prompt)
        assert before[0] == after[0] == sample.must[0] and not set(before[1:]) & set(after)


def test_a_shorter_telling_leaves_sentences_out():
    for sample in drawn(again.shorter):
        before, text = turns(sample)[1], sample.answer
        assert len(text) < 0.85 * len(before)
        assert all(part in before for part in re.findall(r"[A-Z][^.!?]*[.!?]", text))
        assert check.names(text)[0] == sample.must[0]
    assert {plot.name for plot in stories.PLOTS} == again._BONES.keys()


def test_exact_second_turns_go_on_with_the_first():
    for sample in drawn(again.counted):
        assert re.findall(r"[\w-]+", sample.answer) == re.findall(r"[\w-]+", turns(sample)[1])[::-1]
    for sample in drawn(again.summed):
        total = re.search(r"= (\d+)", turns(sample)[1])[1]
        a, sign, b, c = re.match(r"(\d+) ([+-]) (\d+) = (\d+)", sample.answer).groups()
        assert a == total and int(c) == (int(a) + int(b) if sign == "+" else int(a) - int(b)) >= 0
    assert all(s.must[0] in turns(s)[2] and s.answer.count("\n") == 7 for s in drawn(again.beast))


def test_something_else_is_answered_as_if_nothing_had_been_said():
    plain = {exact.count: "count", exact.sums: "sums", exact.card: "card", poems.poem: "poem"}
    forms = Counter(sample.form for sample in drawn(again.fresh, 300))
    assert forms.keys() == {"again", *plain.values()} and forms["again"] > 90
    for sample in drawn(again.fresh):
        assert all(word.lower() in turns(sample)[2].lower() for word in sample.must)


def test_second_turns_come_in_the_last_lesson_alone():
    late = list(islice(corpus.samples(3, lesson=LAST), 4000))
    second = [sample for sample in late if TURN.fullmatch(sample.prompt)]
    assert 0.06 * len(late) < len(second) < 0.13 * len(late)
    assert not any(sample.held_out for sample in second)
    assert corpus.LESSONS[LAST].items() >= corpus.LESSONS[LAST - 1].items()
    for lesson in range(LAST):
        assert not [s for s in islice(corpus.samples(3, lesson=lesson), 500) if TURN.fullmatch(s.prompt)]


def test_an_order_without_a_verb_is_not_asked_with_one():
    asked = {turns(sample)[2].lower() for teller in TELLERS[:6] for sample in drawn(teller)}
    assert len(asked) > 500
    assert not [then for then in asked if re.match(r"(please|can you|could you) (now|the same|again|but)\b", then)]


def test_a_first_turn_goes_before_a_second():
    told = prompts.after(" A fox. ", "One\n", " Now a cat.")
    assert turns(Sample("again", (), told, "")) == ("A fox.", "One", "Now a cat.")


def test_rules_know_who_was_told_of_before():
    assert check.faults("Later, she sang to Zoramila.", "A fox named Zoramila.")
    assert check.faults("Zoramila was tired. Later, she sang.")
    assert not check.faults("Zoramila slept. Later, she sang.", "A fox named Zoramila.")
    assert not check.faults("Zoramila slept. Later, she sang.", "A fox named Tom. And a cat named Zoramila.")


def test_second_turns_can_be_judged_alone(monkeypatch):
    asked = []

    def answers(kind, folder, jobs, workers):
        asked.extend(prompt for prompt, *_ in jobs)
        return (evaluate.Answer("A fox.", 1, True, 3, 0, 1.0) for _ in jobs)

    monkeypatch.setattr(evaluate, "answers", answers)
    monkeypatch.setattr(evaluate, "copied", lambda *_: None)
    monkeypatch.setattr(evaluate, "usual", lambda: 1.0)
    assert evaluate.evaluate(EMBEDDED, count=5, form="again")["asked"] == 0.0
    assert len(asked) == 5 and all(TURN.fullmatch(prompt) for prompt in asked)

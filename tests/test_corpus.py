"""The corpus keeps its promises: the same for everyone, true to the prompt, exact where that is asked."""

import json
import re
from collections import Counter
from itertools import islice, pairwise
from random import Random

import pytest

from engine.training import corpus
from engine.training.corpus import cast, check, exact, lexicon, things, wishes
from engine.training.corpus.stories import PLOTS

STORIES = {plot.name for plot in PLOTS} | {"long"}

# the first prompt of seed 0, and how its answer begins: fails when the frozen corpus changes
FIRST = ("Could you write the numbers from five to eighty-five by fives?", "five, ten, fifteen, twenty,")


@pytest.fixture(scope="module")
def drawn():
    return list(islice(corpus.samples(3), 20_000))


def test_a_seed_gives_the_same_pairs_and_another_seed_others():
    first, again, other = ([*islice(corpus.pairs(seed), 200)] for seed in (5, 5, 6))
    assert first == again
    assert len(set(first) & set(other)) < 4


def test_a_seed_gives_these_pairs_on_every_machine():
    prompt, answer = next(corpus.pairs(0))
    assert (prompt, answer[: len(FIRST[1])]) == FIRST


def test_drilled_forms_come_more_often(drawn):
    often = Counter(s.form for s in islice(corpus.samples(3, lesson=1), 4000))
    usual = Counter(s.form for s in drawn[:4000])
    assert all(often[form] > 1.3 * usual[form] for form in ("count", "sums", "times", "long"))
    assert often.keys() <= {s.form for s in drawn}
    last = Counter(s.form for s in islice(corpus.samples(3, lesson=4), 4000))
    assert all(last[form] > 1.3 * usual[form] for form in ("count", "sums", "times"))


def test_answers_use_the_words_of_the_prompt(drawn):
    lost = [(s.prompt, word) for s in drawn for word in s.must if word.lower() not in s.answer.lower()]
    assert not lost


def test_stories_mention_the_required_words_in_the_prompt_too(drawn):
    stories = [s for s in drawn if s.form in STORIES]
    assert all(word.lower() in s.prompt.lower() for s in stories for word in s.must)
    assert sum(bool(s.must) for s in stories) == len(stories)


def test_stories_keep_the_planners_rules(drawn):
    assert not [(s.answer, wrong) for s in drawn[:8000] if s.form in STORIES and (wrong := check.faults(s.answer))]


@pytest.mark.parametrize(
    "text",
    [
        "Lily was a shy fox who lived in the park. He sang.",
        "Lily was a shy fox. One day Tom the bear met Ruby and Mia.",
        "Once there was a shy fox named Lily. Lily the bear sang.",
        "Zoramila was a shy fox. He sang.",
    ],
)
def test_the_rules_notice_what_is_wrong(text):
    assert check.faults(text)


def test_every_plot_and_form_occurs(drawn):
    seen = Counter(s.form for s in drawn)
    assert len(PLOTS) >= 16
    assert {plot.name for plot in PLOTS} < set(seen)
    structured = sum(seen[form] for form in ("card", "count", "table", "sums", "times", "alphabet", "calendar"))
    assert 0.1 < structured / len(drawn) < 0.3


def test_texts_are_plain_and_finished(drawn):
    assert all((s.prompt + s.answer).isascii() for s in drawn)
    loose = re.compile(r"\{[a-z]|[|\[\]]|  | [.,!?]|[.,]{2}|!\.|\n\n\n")
    prose = [s for s in drawn if s.form not in ("card", "table", "count", "alphabet", "calendar", "times", "list")]
    assert not [s.answer for s in prose if loose.search(s.prompt + "\n" + s.answer)]
    assert not [s.answer for s in drawn if s.form in STORIES and s.answer[-1] not in '.!?"']
    assert not [s.answer for s in drawn if s.answer != s.answer.strip() or not s.answer or not s.prompt]


def test_articles_fit_the_next_word(drawn):
    wrong = re.compile(r"\b[Aa] (?!uni|use|one)[aeiou]|\b[Aa]n (?!honest|hour)[^aeiouAEIOU]")
    assert not [found[0] for s in drawn if s.form != "alphabet" for text in s[2:4] if (found := wrong.search(text))]


def test_quotes_close(drawn):
    assert not [s.answer for s in drawn if s.answer.count('"') % 2]


def test_no_pair_comes_twice_and_few_answers_do(drawn):
    assert len({(s.prompt, s.answer) for s in drawn}) == len(drawn)
    answers = [s.answer for s in drawn if s.form in STORIES]
    assert len(set(answers)) > 0.999 * len(answers)


def test_cards_are_json_and_say_what_was_asked(drawn):
    for s in (s for s in drawn if s.form == "card"):
        fields = json.loads(s.answer)
        assert (fields["kind"], fields["trait"]) == s.must
        assert s.answer.count("\n") >= 6


def test_counting_goes_from_the_first_to_the_last_number_in_equal_steps(drawn):
    spelled = {exact.number(n): n for n in range(101)}
    value = {**spelled, **{str(n): n for n in range(101)}}
    for s in (s for s in drawn if s.form == "count"):
        told = re.split(r", |\n", s.answer)
        numbers = [value[word] for word in told]
        assert len({b - a for a, b in pairwise(numbers)}) == 1
        assert f"from {told[0]} to {told[-1]}" in s.prompt


def test_times_tables_and_sums_are_right(drawn):
    times = [line for s in drawn if s.form == "times" for line in s.answer.splitlines()]
    assert times
    assert all(int(a) * int(b) == int(c) for a, b, c in (re.findall(r"\d+", line) for line in times))
    for s in (s for s in drawn if s.form == "sums"):
        a, sign, b, c = re.match(r"(\d+) ([+-]) (\d+) = (\d+)", s.answer).groups()
        assert int(c) == (int(a) + int(b) if sign == "+" else int(a) - int(b))


def test_alphabets_and_calendars_are_in_order(drawn):
    for s in (s for s in drawn if s.form == "alphabet"):
        codes = [ord(letter) for letter in s.answer.split()]
        assert len({b - a for a, b in pairwise(codes)} | {1, -1}) == 2
    for s in (s for s in drawn if s.form == "calendar"):
        told = re.findall(r"[A-Z][a-z]+", s.answer)
        ring = exact.DAYS if "days" in s.prompt else exact.MONTHS
        assert told == [ring[(ring.index(told[0]) + i) % len(ring)] for i in range(len(ring))]


def test_table_lines_are_equally_long(drawn):
    assert all(len({*map(len, s.answer.splitlines())}) == 1 for s in drawn if s.form == "table")


def test_held_out_combinations_are_never_trained_on(drawn):
    trained = {key for s in drawn for key in s.keys}
    kept = [*islice(corpus.samples(3, held_out=True), 300)]
    assert not [s.keys for s in kept if set(s.keys) <= trained]
    assert sum(s.form in STORIES for s in kept) > 100
    assert not {s.answer for s in kept} & {s.answer for s in drawn}


def test_words_are_those_of_the_corpus_without_invented_names():
    known = corpus.words()
    assert {"fox", "lantern", "brave", "lily", "tom", "wednesday", "pancakes"} <= known
    assert not {"zoramila", "Fox"} & known
    assert 1_500 < len(known) < 6_000


def test_the_lexicon_is_broad_and_without_repeats():
    for listed in (lexicon.ANIMALS, lexicon.TRAITS, lexicon.GIRLS, lexicon.BOYS):
        assert len(set(listed)) == len(listed) >= 45
    assert len({noun for group in lexicon.THINGS.values() for noun, _ in group}) >= 120


def test_a_friend_goes_with_the_heros_name():
    dice = Random(4)
    for he in ("she", "he"):
        hero = cast.being(dice, he)
        friends = [cast.companion(hero, dice) for _ in range(5)]
        assert len({friend.name for friend in friends}) == 1 and friends[0].he != he
        assert cast.companion(hero, dice, which=1).name != friends[0].name


def test_definitions_say_what_was_asked():
    dice = Random(5)
    for sample in (things.thing_fact(dice) for _ in range(500)):
        assert sample.must[0] in sample.prompt and sample.must[0] in sample.answer
    assert len({noun for noun, *_ in things.KNOWN}) == len(things.KNOWN) > 100


def test_free_wishes_come_in_late_lessons_alone_and_are_answered_in_their_own_words(drawn):
    late = list(islice(corpus.samples(3, lesson=4), 3000))
    forms = Counter(s.form for s in late)
    assert forms["unknown"] > 50 and not [s for s in drawn if s.form == "unknown"]
    assert not [(s.prompt, word) for s in late for word in s.must if word.lower() not in s.answer.lower()]


def test_a_story_may_be_asked_for_in_a_sentence():
    prompts = [wishes.told_story(Random(seed)).prompt for seed in range(50)]
    assert not [prompt for prompt in prompts if " who " in prompt]
    assert sum(prompt.lower().startswith("story: a") for prompt in prompts) > 5


def test_what_is_too_far_away_gets_an_honest_small_answer():
    for seed in range(20):
        sample = wishes.unknown(Random(seed))
        assert sample.must[0].lower() in sample.prompt.lower() and len(sample.answer.split()) < 40

"""The embedded model's corpus: endless (prompt, answer) pairs in simple English, written by a small planner.

Nothing is read or downloaded. The same seed gives the same pairs on every machine. One in 25 combinations of
plot and noun is kept from training, for evaluation."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain, islice
from random import Random
from zlib import crc32

from . import again, describe, exact, facts, forms, poems, steps, stories, things, wishes
from .sample import Sample

COMMON = 2  # a word in no more of 20,000 pairs may be a coined one
# form of text: its share of the samples, in thousandths
SHARES = {
    stories.story: 395,
    stories.long_story: 30,
    describe.description: 60,
    forms.letter: 50,
    facts.fact: 25,
    things.thing_fact: 25,
    steps.howto: 35,
    steps.recipe: 12,
    poems.poem: 25,
    poems.beast_poem: 15,
    forms.dialogue: 20,
    forms.diary: 15,
    forms.news: 10,
    forms.listing: 15,
    forms.greeting: 3,
    exact.card: 60,
    exact.count: 120,
    exact.table: 12,
    exact.sums: 28,
    exact.times_table: 17,
    exact.alphabet: 14,
    exact.calendar: 13,
}
# what is asked for in a second turn
_AGAIN = {
    again.hero: 150,
    again.thing: 35,
    again.place: 30,
    again.name: 30,
    again.sequel: 40,
    again.shorter: 30,
    again.fresh: 60,
    again.beast: 15,
    again.counted: 15,
    again.summed: 15,
}
_EXACT = (
    {stories.story: 395, stories.long_story: 50, exact.card: 350, exact.count: 1000, exact.times_table: 350}
    | {exact.sums: 1300, poems.poem: 150, poems.beast_poem: 90, exact.table: 90}
    | {wishes.free_letter: 30, wishes.free_howto: 30, wishes.unknown: 40, wishes.told_story: 40}
)
# what differs in later lessons, for forms that are learnt late: first the exact ones, then counts and long stories,
# then what people ask for that the others do not expect, both, mostly what has one right answer, and second turns
LESSONS = (
    {},
    {stories.long_story: 75, exact.card: 90, exact.count: 250, exact.sums: 150, exact.times_table: 45},
    {stories.long_story: 250, exact.card: 90, exact.count: 400, exact.times_table: 60},
    {stories.story: 500, stories.long_story: 50, exact.card: 80, exact.count: 160, exact.times_table: 80}
    | {wishes.free_letter: 30, wishes.free_howto: 30, wishes.unknown: 40, wishes.told_story: 40},
    {stories.story: 450, stories.long_story: 50, exact.card: 110, exact.count: 350, exact.times_table: 110}
    | {exact.sums: 60, wishes.free_letter: 30, wishes.free_howto: 30, wishes.unknown: 40, wishes.told_story: 40},
    _EXACT,
    _EXACT | _AGAIN,
)


def samples(seed: int, held_out: bool = False, lesson: int = 0) -> Iterator[Sample]:
    """Endless samples with form, keys and required words; held-out combinations only, or none of them.

    No pair comes twice; small closed forms, such as the months, become rarer as they run out."""
    table = SHARES | LESSONS[lesson]
    dice, tellers, shares, seen = Random(seed), list(table), list(table.values()), set()
    while True:
        sample = dice.choices(tellers, shares)[0](dice)
        pair = crc32(f"{sample.prompt}\n{sample.answer}".encode())
        if sample.held_out == held_out and pair not in seen:
            seen.add(pair)
            yield sample


def pairs(seed: int, held_out: bool = False, lesson: int = 0) -> Iterator[tuple[str, str]]:
    """Endless (prompt, answer) pairs; see samples."""
    return ((sample.prompt, sample.answer) for sample in samples(seed, held_out, lesson))


@cache
def words() -> frozenset[str]:
    """The lower-cased words of the first 20,000 pairs, without the coined ones, which are rare (two seconds)."""
    texts = (" ".join(pair).lower() for pair in islice(pairs(1), 20_000))
    found = Counter(chain.from_iterable(set(re.findall(r"[a-z]+(?:['-][a-z]+)*", text)) for text in texts))
    return frozenset(word for word, uses in found.items() if uses > COMMON)

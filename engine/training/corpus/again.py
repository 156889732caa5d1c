"""Second turns: what was told is told again with something changed, goes on, or is made shorter; or something else.

A sample's prompt is the whole first turn with what is asked then behind it. What was not asked to change stays as
it was told, word for word. Knows no chat template but through prompts.after.
"""

import re
from collections.abc import Callable
from copy import copy
from random import Random
from typing import NamedTuple
from zlib import crc32

from . import asks, cast, describe, exact, lexicon, poems, prompts, stories
from .cast import Being, Scene, companion, fits, some_kind
from .lexicon import articles
from .plot import Plot
from .prompts import after, question, wish
from .sample import Sample

COINED = 0.1  # share of kinds and names that nobody knows, so that any word of a prompt is taken up

# of each plot, the beats that cannot be left out
_BONES = {
    "found": (0, 4, 6, 8),
    "lost": (0, 1, 4, 7),
    "mended": (1, 2, 6, 7),
    "sorry": (0, 1, 3, 6, 8),
    "gift": (0, 2, 4, 5, 7),
    "magic": (0, 1, 3, 5, 7),
    "friend": (0, 2, 5, 6, 8),
    "birthday": (0, 1, 5, 6, 8),
    "promise": (0, 1, 2, 4, 6, 8),
    "sharing": (0, 3, 6, 7),
    "rescue": (0, 1, 2, 6, 7),
    "home": (0, 4, 5, 8, 9),
    "race": (0, 1, 3, 5, 6, 7),
    "contest": (0, 3, 5, 9),
    "storm": (0, 4, 6, 7, 9),
    "dark": (0, 3, 4, 5, 8, 10),
    "journey": (0, 3, 5, 6, 8),
    "mystery": (0, 2, 5, 6, 8),
    "learning": (0, 1, 3, 5, 7),
    "building": (0, 2, 4, 6, 7),
    "garden": (0, 1, 4, 7, 8),
    "wish": (0, 1, 4, 5, 8, 9),
    "idea": (0, 1, 3, 6, 7),
    "holiday": (0, 1, 2, 5, 7),
}
_SECOND = [plot for plot in stories.PLOTS if plot.name != "friend"]  # in which nobody knows anybody yet
# what something else is asked for behind, what that is, and which forms are judged as such
_BEFORE = (*[stories.story] * 4, describe.description, exact.count, exact.card, exact.sums, poems.poem)
_OTHER = (*[stories.story] * 4, exact.count, exact.card, exact.sums, poems.poem, poems.beast_poem)
_KEPT = ("count", "card", "sums", "poem")


class Telling(NamedTuple):
    """A story as it is told: seed of its phrasings, plot, the plot's turn, and who, what and where (h, f, t, p)."""

    seed: int
    plot: Plot
    turn: dict[str, str]
    state: dict

    @property
    def scene(self) -> Scene:
        """Before the first sentence: the same one each time."""
        scene = Scene(Random(self.seed), **self.state)
        scene.add(**self.turn)
        return scene

    @property
    def key(self) -> str:
        """The combination that it is of."""
        return stories.key(self.plot, self.scene)

    def text(self, beats: tuple[int, ...] = ()) -> str:
        """All of it; or without a habit, and of the beats these alone."""
        scene = self.scene
        opening = stories.opening(scene)
        told = [scene.say(*beat) for beat in self.plot.beats]
        if beats:
            opening, told = opening[:1], [told[at] for at in beats]
        return articles(" ".join(filter(None, [*opening, *told, scene.say(*stories.ENDINGS)])))

    def but(self, **state) -> "Telling":
        """In the same words with another cast."""
        return self._replace(state=self.state | state)


class Change(NamedTuple):
    """What is told then, how it is asked for, the words it must have, and the one that must be gone."""

    told: Telling
    ask: str
    must: tuple[str, ...]
    gone: tuple[str, ...]


def hero(dice: Random) -> Sample:
    """The same story with a hero of another kind, who may be given a trait and a name."""
    return _again(dice, _hero)


def thing(dice: Random) -> Sample:
    """The same story with another thing."""
    return _again(dice, _thing)


def place(dice: Random) -> Sample:
    """The same story in another place."""
    return _again(dice, _place)


def name(dice: Random) -> Sample:
    """The same story whose hero has another name."""
    return _again(dice, _name)


def sequel(dice: Random) -> Sample:
    """What the hero of a story did next: another plot."""
    told, prompt = _first(dice)
    old, second = told.state["h"], dice.choice([plot for plot in _SECOND if plot is not told.plot])
    scene = Scene(dice, h=old, p=told.state["p"], k=old.kind)
    asked = question(dice, scene.say(*asks.NEXT)) if dice.random() < 0.5 else wish(dice, scene.say(*asks.MORE))
    stories.recast(dice, scene, second, which=1)
    text = " ".join([scene.say(*stories.BRIDGES), *stories.beats(scene, second), scene.say(*stories.ENDINGS)])
    keys = told.key, stories.key(second, scene)
    return Sample("again", keys, after(prompt, told.text(), asked), articles(text), (old.name,))


def shorter(dice: Random) -> Sample:
    """The same story without what it can do without."""
    told, prompt = _first(dice)
    text, asked = told.text(_BONES[told.plot.name]), wish(dice, *asks.SHORTER)
    return Sample("again", (told.key,), after(prompt, told.text(), asked), text, (told.state["h"].name,))


def beast(dice: Random) -> Sample:
    """The same poem about another animal."""
    first = poems.beast_poem(dice)
    old, new = first.must[0], dice.choice(lexicon.ANIMALS)
    asked = articles(wish(dice, *(order.format(x=f"a {new}") for order in asks.BEAST)))
    text = re.sub(rf"\b([Tt]he) {old}\b", rf"\1 {new}", first.answer)
    keys = *first.keys, f"poem/{new}"
    return Sample("poem", keys, after(first.prompt, first.answer, asked), text, (new,))


def counted(dice: Random) -> Sample:
    """A count the other way around."""
    first = exact.count(dice)
    between = "\n" if "\n" in first.answer else ", "
    asked = wish(dice, "now backwards", "now the other way around", "count backwards", "do it backwards")
    text = between.join(reversed(first.answer.split(between)))
    return Sample("count", first.keys, after(first.prompt, first.answer, asked), text)


def summed(dice: Random) -> Sample:
    """A sum that goes on from what is left."""
    first = exact.sums(dice)
    (who, what), total = first.must, int(re.search(r"= (\d+)", first.answer)[1])
    more = total < 2 or dice.random() < 0.5
    other = dice.randrange(1, 11) if more else dice.randrange(1, total)
    if more:
        asked = (f"and if {who} gets {other} more", f"what if {who} gets {other} more")
        text = f"{total} + {other} = {total + other}. {who} has {total + other} {what} now."
    else:
        asked = (f"and if {who} gives away {other}", f"what if {who} gives away {other}")
        text = f"{total} - {other} = {total - other}. {who} has {total - other} {what} left."
    keys = *first.keys, f"sums/{total} {what}"
    return Sample("sums", keys, after(first.prompt, first.answer, question(dice, *asked)), text, first.must)


def fresh(dice: Random) -> Sample:
    """Something else: nothing of the first turn is of use for it."""
    first, second = dice.choice(_BEFORE)(dice), dice.choice(_OTHER)(dice)
    form = second.form if second.form in _KEPT else "again"
    prompt = after(first.prompt, first.answer, second.prompt)
    return second._replace(form=form, keys=first.keys + second.keys, prompt=prompt)


def _first(dice: Random) -> tuple[Telling, str]:
    """A story, and how it is asked for."""
    plot = dice.choice(stories.PLOTS)
    state = stories.stage(dice, plot).state
    told = Telling(dice.getrandbits(32), plot, dice.choice(plot.turns), {of: state[of] for of in "hftp"})
    ask, _ = stories.subject(dice, told.scene, plot)
    return told, prompts.story(dice, articles(ask))


def _again(dice: Random, change: Callable[[Random, Telling], Change | None]) -> Sample:
    """A story and the changed one. Another is drawn where the change does not show, or leaves something behind."""
    while True:
        told, prompt = _first(dice)
        if not (new := change(dice, told)):
            continue
        text = new.told.text()
        if not all(_has(text, word) for word in new.must) or any(_has(text, word) for word in new.gone):
            continue
        noun = str(new.told.state["t"])
        must = (*new.must, *[noun] * (_has(text, noun) and noun not in new.must))  # it is the same story
        return Sample("again", (told.key, new.told.key), after(prompt, told.text(), articles(new.ask)), text, must)


def _has(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", text))


def _hero(dice: Random, told: Telling) -> Change:
    old, friend = told.state["h"], told.state["f"]
    coined, looks, named = (dice.random() < share for share in (COINED, 0.25, 0.25))
    new = _heir(dice, old, friend, coined, looks, named)
    who = "a " + f"{new.trait} " * looks + new.kind + f" named {new}" * named
    orders = asks.INSTEAD if (coined and not named) or dice.random() < 0.15 else asks.HERO
    ask = wish(dice, *(order.format(x=who, k=old.kind) for order in orders))
    must = (new.kind, *[new.trait] * looks, *[new.name] * named)
    gone = (old.kind, old.name) if old.he == new.he else (old.kind, old.name, friend.name)
    return Change(told.but(h=new, f=_friend(dice, old, friend, new)), ask, must, gone)


def _heir(dice: Random, old: Being, friend: Being, coined: bool, looks: bool, named: bool) -> Being:
    """Another hero. What nobody asks for stays: the trait, and the pronoun where the kind leaves a choice."""
    kind = cast.coined(dice, lexicon.THING_TAILS) if coined else some_kind(dice)
    while kind in (old.kind, friend.kind):
        kind = some_kind(dice)
    demanded = lexicon.PEOPLE.get(kind) or lexicon.FANTASTIC_PRONOUN.get(kind)
    he = demanded or (dice.choice(("he", "she")) if named else old.he)
    trait = old.trait
    while not fits(trait, kind) or (looks and trait in (old.trait, friend.trait)):
        trait = dice.choice(lexicon.TRAITS)
    invented = named and dice.random() < COINED
    return Being(kind, cast.name(dice, he, invented) if named else _following(old, he), trait, he, invented)


def _following(old: Being, he: str) -> str:
    """The name that follows from the old hero's: cells that are guessed all at once agree on it."""
    mine = lexicon.GIRLS if old.he == "she" else lexicon.BOYS
    at = crc32(old.name.encode()) if old.invented else mine.index(old.name)
    return (lexicon.GIRLS if he == "she" else lexicon.BOYS)[(at + 2) % len(mine)]  # the next are for friends


def _friend(dice: Random, old: Being, friend: Being, new: Being) -> Being:
    """The same friend; or one of the other pronoun, like the old one where that can be."""
    if new.he == old.he:
        return friend
    other = companion(new, dice, not_trait=new.trait)
    if (lexicon.PEOPLE.get(friend.kind) or lexicon.FANTASTIC_PRONOUN.get(friend.kind) or other.he) == other.he:
        other.kind, other.trait = friend.kind, friend.trait
    return other


def _thing(dice: Random, told: Telling) -> Change | None:
    if not stories.naming(told.plot):
        return None
    old, coined = told.state["t"], dice.random() < COINED
    new = cast.thing(dice, told.plot.groups, coined)
    what = f"a {new.full if (looks := dice.random() < 0.3) else new}"
    orders = asks.INSTEAD if coined or dice.random() < 0.5 else asks.HERO[:-3]
    ask = wish(dice, *(order.format(x=what, k=old) for order in orders if "about" not in order))
    return Change(told.but(t=new), ask, (new.noun, *[new.look] * looks), (old.noun,))


def _place(dice: Random, told: Telling) -> Change:
    new = cast.place(dice)
    where = stories.somewhere(dice, new)
    ask = wish(dice, *(order.format(x=where) for order in asks.PLACE))
    return Change(told.but(p=new), ask, (new.noun,), (told.state["p"].noun,))


def _name(dice: Random, told: Telling) -> Change:
    old = told.state["h"]
    new, invented = copy(old), dice.random() < 0.2
    new.name, new.invented = cast.name(dice, old.he, invented), invented
    ask = wish(dice, *(order.format(h=old, k=old.kind, n=new) for order in asks.NAME))
    return Change(told.but(h=new), ask, (new.name,), (old.name,))

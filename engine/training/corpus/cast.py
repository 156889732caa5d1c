"""Who and what a text is about: beings with pronouns, things, places; and the Scene that fills templates.

Templates: {h} hero, {f} friend (never of the hero's pronoun, so 'he' and 'she' stay clear), {t} thing,
{p} place; [one|two] is a choice. Articles are put right at the end, so templates always write 'a'."""

import re
from random import Random
from zlib import crc32

from . import lexicon

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_CASES = {"she": ("her", "her"), "he": ("him", "his")}


class Being:
    """A character: name, kind, trait and pronouns. Prints as its name."""

    def __init__(self, kind: str, name: str, trait: str, he: str, invented: bool = False):
        self.kind, self.name, self.trait, self.he, self.invented = kind, name, trait, he, invented
        self.him, self.his = _CASES[he]
        self.He, self.His = he.capitalize(), self.his.capitalize()

    def __str__(self):
        return self.name


class Thing:
    """An object with a fitting adjective. Prints as its noun."""

    def __init__(self, noun: str, look: str, group: str, invented: bool = False):
        self.invented = invented
        self.noun, self.look, self.group = noun, look, group
        self.full, self.does = f"{look} {noun}", lexicon.DOES[group]

    def __str__(self):
        return self.noun


class Place:
    """A place with its preposition: at 'in the forest', home 'in a quiet forest'. Prints as its noun."""

    def __init__(self, noun: str, preposition: str, look: str):
        self.noun, self.look = noun, look
        self.at, self.home = f"{preposition} the {noun}", f"{preposition} a {look} {noun}"
        self.At, self.Home = lexicon.capital(self.at), lexicon.capital(self.home)

    def __str__(self):
        return self.noun


def being(dice: Random, he: str, invented: bool = False, not_kind: str = "", not_trait: str = "") -> Being:
    """A new character with the pronoun 'she' or 'he'; an invented name ends as its pronoun demands."""
    while True:
        kind = some_kind(dice)
        trait = dice.choice(lexicon.TRAITS)
        demanded = lexicon.PEOPLE.get(kind) or lexicon.FANTASTIC_PRONOUN.get(kind) or he
        if demanded == he and kind != not_kind and trait != not_trait and fits(trait, kind):
            return Being(kind, name(dice, he, invented), trait, he, invented)


def some_kind(dice: Random) -> str:
    """An animal, a person or a fantastic being: 58, 28 and 14 of 100."""
    luck = dice.random()
    pool = lexicon.ANIMALS if luck < 0.58 else list(lexicon.PEOPLE) if luck < 0.86 else lexicon.FANTASTIC
    return dice.choice(pool)


def fits(trait: str, kind: str) -> bool:
    """False for what would contradict itself, such as a young grandmother."""
    if kind in ("grandmother", "grandfather"):
        return trait not in ("young", "little", "wild")
    return not (kind == "giant" and trait in ("tiny", "small", "little"))


def name(dice: Random, he: str, invented: bool = False) -> str:
    """A name for the pronoun: from the lists, or made of syllables."""
    if not invented:
        return dice.choice(lexicon.GIRLS if he == "she" else lexicon.BOYS)
    return coined(dice, lexicon.GIRL_TAILS if he == "she" else lexicon.BOY_TAILS).capitalize()


def coined(dice: Random, tails: list[str]) -> str:
    """A word that nobody has seen before, with one of the endings."""
    middle = dice.choice(lexicon.ONSETS[:14]) + dice.choice(lexicon.VOWELS) if dice.random() < 0.5 else ""
    return dice.choice(lexicon.ONSETS) + dice.choice(lexicon.VOWELS) + middle + dice.choice(tails)


def companion(hero: Being, dice: Random, which: int = 0, **but) -> Being:
    """A friend of the other pronoun; `which` is 0, or 1 for another one.

    Who goes with whom depends on the hero's name alone: cells that are guessed all at once then agree on the
    friend's name, once they agree on the hero's.
    """
    mine, other = lexicon.GIRLS, lexicon.BOYS
    if hero.he == "he":
        mine, other = other, mine
    place = crc32(hero.name.encode()) if hero.invented else mine.index(hero.name)
    friend = being(dice, "he" if hero.he == "she" else "she", not_kind=hero.kind, **but)
    friend.name = other[(place + which) % len(other)]
    return friend


def thing(dice: Random, groups: list[str], invented: bool = False) -> Thing:
    """A thing of one of the groups, every noun equally likely, or with a noun that nobody knows."""
    group = dice.choices(groups, [len(lexicon.THINGS[group]) for group in groups])[0]
    noun, looks = dice.choice(lexicon.THINGS[group])
    if invented:
        noun = coined(dice, lexicon.THING_TAILS)
    return Thing(noun, dice.choice(looks), group, invented)


def place(dice: Random) -> Place:
    """A place with one of its adjectives."""
    noun, preposition, *looks = dice.choice(lexicon.PLACES)
    return Place(noun, preposition, dice.choice(looks))


class Scene:
    """The state that every sentence of one text is filled from."""

    def __init__(self, dice: Random, **state):
        self.dice, self.state = dice, state

    def add(self, **more) -> None:
        """Fill in the given templates and keep them under their names."""
        self.state |= {key: self.say(value) for key, value in more.items()}

    def say(self, *phrasings: str) -> str:
        """One of the phrasings, with its choices made and its fields filled."""
        text = self.dice.choice(phrasings) if len(phrasings) > 1 else phrasings[0]
        if "[" in text:
            text = _CHOICE.sub(lambda choice: self.dice.choice(choice[1].split("|")), text)
        return text.format_map(self.state) if "{" in text else text

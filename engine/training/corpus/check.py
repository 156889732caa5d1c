"""The planner's own rules, as a judge of any story: who is named, of what kind, and with which pronouns."""

import re

from . import lexicon

_SPEECH = re.compile(r'"[^"]*"')
_CALLED = re.compile(r"(?:named|called|name was) ([A-Z][a-z]+)|^([A-Z][a-z]+) was an? ", re.MULTILINE)
_KINDS = frozenset(lexicon.ANIMALS + lexicon.FANTASTIC + list(lexicon.PEOPLE))
_KIND = re.compile(r"([A-Z][a-z]+) the ([a-z]+)|([a-z]+) (?:named|whose name was) ([A-Z][a-z]+)")
_NAMES = re.compile(rf"\b({'|'.join(lexicon.GIRLS + lexicon.BOYS)})\b")
_PRONOUN = re.compile(r"\b(she|her|he|him|his)\b", re.IGNORECASE)


def pronoun(name: str) -> str:
    """'she' or 'he' for a listed name; an invented one is a girl's if it ends in 'a' or 'i'."""
    if name in lexicon.GIRLS or name in lexicon.BOYS:
        return "she" if name in lexicon.GIRLS else "he"
    return "she" if name[-1] in "ai" else "he"


def names(text: str, before: str = "") -> list[str]:
    """The names in the text in the order of their first use; invented ones if introduced so, here or before."""
    called = [match[1] or match[2] for match in _CALLED.finditer(f"{before}\n{text}")]
    anywhere = rf"\b({'|'.join(map(re.escape, called))})\b" if called else _NAMES
    found = [(match.start(), match[0]) for rule in (anywhere, _NAMES) for match in re.finditer(rule, text)]
    return list(dict.fromkeys(name for _, name in sorted(found)))


def faults(text: str, before: str = "") -> list[str]:
    """What a story gets wrong: a pronoun before anyone it could mean, a name of two kinds, too many names.

    Of what was said `before`, it may go on with whom it knows from there."""
    found = names(text, before)
    wrong = [f"too many names: {found}"] if len(found) > 2 + text.count("Chapter Two") else []
    return wrong + _strange_pronouns(text, found) + _changed_kinds(text)


def _strange_pronouns(text: str, found: list[str]) -> list[str]:
    told = _SPEECH.sub(lambda speech: " " * len(speech[0]), text)
    first = {he: min((text.find(n) for n in found if pronoun(n) == he), default=len(text)) for he in ("she", "he")}
    uses = [(match.start(), match[0].lower()) for match in _PRONOUN.finditer(told)]
    return [f"who is {word}?" for at, word in uses if at < first["she" if word in ("she", "her") else "he"]]


def _changed_kinds(text: str) -> list[str]:
    kinds: dict[str, set] = {}
    for match in _KIND.finditer(text):
        if (kind := match[2] or match[3]) in _KINDS:
            kinds.setdefault(match[1] or match[4], set()).add(kind)
    return [f"{name} is {sorted(seen)}" for name, seen in kinds.items() if len(seen) > 1]

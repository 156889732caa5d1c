"""Free wishes: letters about anything, how to make anything, and what is too far away for a small model to know.

The first two take up whatever words the prompt has; the last says so in a friendly way and offers what it can do.
And stories whose prompt says in a sentence what happens.
"""

import re
from random import Random

from . import lexicon
from .cast import Scene, being, coined
from .forms import some_name
from .lexicon import capital, split
from .plot import lines, paragraphs
from .prompts import question, wish
from .sample import Sample
from .stories import story

COINED = 0.25  # share of nouns that nobody knows, so that any word of a prompt is taken up

_TO = split("""grandmother grandfather aunt uncle mother father sister brother cousin teacher neighbor doctor friend
coach boss baker mayor""")
_HOW = split("""rainy sunny long short funny strange lucky lost broken new old secret big small quiet loud happy sad
wonderful terrible surprise snowy windy cold warm busy lazy magic""")
_EVENTS = split("""picnic trip party concert holiday dinner walk bicycle dance game wedding birthday parade race
dream breakfast journey visit festival picture garden puppy kitten boat train house school bridge kite cake song
storm puzzle camp movie team weekend morning evening""")
_LETTER = paragraphs("""
I want to tell you about my {n.full}.
You asked me about the {n.full}, so here is what happened.
Today I must write to you about a {n.full}.

At first, nobody believed me about the {n}.
The {n} was as {n.look} as I had hoped.
I had waited for the {n} for weeks.
When I think of the {n}, I still have to laugh.

Everyone talked about it for days.
We had [bread and cheese|honey cake|plums] with us, and we sang.
My friend {f} said that it was the best {n} of the year.
I was a little afraid, but {f} held my hand.

I wish that you had been there.
Next time, you must see the {n}, too.
I have drawn a picture of the {n} for you.
""")
_GREETINGS = lines("""
How are you? I hope that you are well.
I hope that this letter finds you well.
Thank you for your last letter.
""")
_BYE = ("With love", "Many hugs", "Best wishes", "Yours")

_MAKING = lines("""
Think about how big your {n} should be.
Draw the {n} on a sheet of paper first.
Gather [paper, string, and glue|some wood and a few nails|cloth, a needle, and thread|old boxes and tape].
Cut out all the parts with care.
Put the parts of the {n} together.
Wait until everything is dry.
Paint your {n} [red|blue|yellow|in your favorite color].
Ask somebody to help you with the hard parts.
Show the {n} to a friend.
""")
_MAKE = ("make", "make", "make", "build", "draw")

_FAR = lines("""
quantum physics|the stock market|taxes|Napoleon|France|Paris|Python|football|the internet|computers|black holes
climate change|democracy|the Roman Empire|chess|the economy|gravity|money|politics|the president|electric cars
artificial intelligence|machine learning|mathematics|algebra|chemistry|the human brain|medicine|vaccines|history
philosophy|the meaning of life|China|America|Berlin|New York|Africa|Einstein|Shakespeare|Mozart
the Second World War|the moon landing|rockets|nuclear power|airplanes|smartphones|video games|movies|rock music
fashion|marketing|insurance|law|banks|inflation|Bitcoin|programming|JavaScript|databases|the weather tomorrow
dinosaurs|evolution|DNA|the speed of light|my homework|my computer|my job interview|the news|the Olympic Games
""")
_ASKED = lines("""
what is {x}|explain {x}|explain {x} to me|how does {x} work|who invented {x}|what do you know about {x}
why is {x} important|write an essay about {x}|summarize the history of {x}|what is the price of {x}
what do you think about {x}|give me some advice about {x}|who is the best at {x}|where can I learn about {x}
what is the capital of {x}|translate {x} into French|write a program about {x}|is {x} good or bad
what is the difference between {x} and {y}|compare {x} with {y}|tell me the facts about {x}|when did {x} begin
""")
_SORRY = lines("""
I do not know much about {x}.
I am too small to know about {x}.
That is a good question, but I know nothing about {x}.
I am sorry, but {x} is too much for me.
""")
_OFFERS = lines("""
I am a small model, and I know stories best. Would you like one about a {h.trait} {h.kind}?
But I can tell you a story about a {h.kind} named {h}.
I can write stories, letters and poems. How about a {h.trait} {h.kind}?
Ask me for a poem about the rain, or for a story about a {h.kind}.
""")


_WHO = re.compile(
    r"(?!.* who .* who )(?:.* about |.*: )?(an? [\w -]+?) who (.+?)[.?]?(, please\.?)?", re.IGNORECASE
)
_TOLD = ("Story: {}", "story: {}", "Story: {}.", "{}.", "{}", "A story: {}.", "Tell me how {}.", "Once, {}")


class Noun:
    """What a wish is about, with an adjective. Prints as its noun."""

    def __init__(self, noun: str, look: str):
        self.noun, self.look, self.full = noun, look, f"{look} {noun}"

    def __str__(self):
        return self.noun


def free_letter(dice: Random) -> Sample:
    """A letter to somebody about something, in words that fit anything."""
    who, noun = dice.choice(_TO), _noun(dice, _EVENTS)
    sender = some_name(dice)
    scene = Scene(dice, n=noun, f=some_name(dice, sender))
    body = " ".join([scene.say(*_GREETINGS), *(scene.say(*beat) for beat in _LETTER)])
    mine = dice.choice(("my {}", "my {}", "your {}", "the {}")).format(who)
    orders = (f"write a letter to {mine} about a {noun.full}", f"a letter to {mine} about a {noun.full}")
    text = f"Dear {capital(who)},\n\n{body}\n\n{dice.choice(_BYE)},\n{sender}"
    return _sample("letter", wish(dice, *orders), text, [capital(who), noun.noun, noun.look])


def free_howto(dice: Random) -> Sample:
    """Steps for making something, in words that fit anything."""
    things = [noun for group in lexicon.THINGS.values() for noun, _ in group]
    noun, verb = _noun(dice, things), dice.choice(_MAKE)
    what = f"{verb} a {noun.full if dice.random() < 0.5 else noun}"
    scene = Scene(dice, n=noun)
    kept = sorted(dice.sample(range(len(_MAKING)), dice.choice((5, 6, 7))))
    told = "\n".join(f"{i}. {scene.say(_MAKING[at])}" for i, at in enumerate(kept, 1))
    prompt = wish(
        dice, f"tell me how to {what}", f"explain how to {what}", f"how to {what}", f"show me how to {what}"
    )
    if dice.random() < 0.6:
        prompt = question(dice, f"how do I {what}", f"how can I {what}", f"how do you {what}")
    head = dice.choice(("", "Here is how to {}:\n\n", "It is easy to {}:\n\n")).format(what)
    return _sample("howto", prompt, head + told, [noun.noun])


def told_story(dice: Random) -> Sample:
    """A story asked for in a sentence: what others who do something do here."""
    while not (found := _WHO.fullmatch((sample := story(dice)).prompt)):
        pass
    who = found[1][:1].lower() + found[1][1:]
    return sample._replace(prompt=capital(dice.choice(_TOLD).format(f"{who} {found[2]}")))


def unknown(dice: Random) -> Sample:
    """A question about the world, and the honest answer of somebody who does not know it."""
    x, y = _far(dice), _far(dice)
    prompt = question(dice, dice.choice(_ASKED).format(x=x, y=y))
    scene = Scene(dice, x=x, h=being(dice, dice.choice(("he", "she"))))
    text = capital(scene.say(*_SORRY)) + " " + scene.say(*_OFFERS)
    return _sample("unknown", prompt, text, [x])


def _noun(dice: Random, known: list[str]) -> Noun:
    noun = coined(dice, lexicon.THING_TAILS) if dice.random() < COINED else dice.choice(known)
    return Noun(noun, dice.choice(_HOW))


def _far(dice: Random) -> str:
    if dice.random() >= COINED:
        return dice.choice(FAR)
    word = coined(dice, lexicon.THING_TAILS)
    return dice.choice((word, word.capitalize(), f"the {word}", f"a {word}", f"{dice.choice(_HOW)} {word}s"))


def _sample(form: str, prompt: str, text: str, must: list[str]) -> Sample:
    return Sample(form, (), lexicon.articles(prompt), lexicon.articles(text), tuple(must))


FAR = [x for line in _FAR for x in line.split("|")]
_ASKED = [x for line in _ASKED for x in line.split("|")]

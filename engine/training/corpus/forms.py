"""Letters, diary entries, dialogues, lists, news and greetings, all filled from a small scene."""

from random import Random

from . import lexicon
from .cast import Scene, being, companion, place, thing
from .lexicon import split
from .plot import paragraphs
from .prompts import wish
from .sample import Sample

# topic of a letter, then what one tells about it
_TOPICS = """
the sea
The sea is so big that I cannot see the other side.
Every morning I look for shells in the sand.
Yesterday a dolphin jumped out of the water.
At night I hear the waves, and they sing me to sleep.

the snow
Last night it snowed, and now all the roofs are white with snow.
I built a snowman with a carrot nose.
My hands were so cold that I could not hold my cup.
We went down the hill on an old sled.

the garden
My garden is full of color this year.
The beans are already taller than I am.
A hedgehog has moved in under the steps.
I am sending you some seeds, so you can have a garden, too.

the mountains
The mountains are higher than I had thought.
We climbed for six hours and saw an eagle.
From the top, our house was as small as a button.
My legs are still tired, but I want to go again.

my new house
My new house has a blue door and seven windows.
From my bed I can see the stars.
The stairs creak like an old ship.
There is a room for you whenever you come.

a storm
Last night there was a storm, and I could not sleep.
The wind took the roof of the shed and carried it away.
We sat in the kitchen and told stories until the storm was over.
In the morning, everything was wet and shiny.

my birthday
Thank you for thinking of my birthday.
There was a cake with so many candles that the room was warm.
We danced until the neighbors came and danced, too.
I wished for something, but I may not tell you what.

the market
Every week I go to the market in the old town.
They sell apples as red as the sunset.
I bought a jar of honey for you.
A monkey stole my hat there, and everyone laughed.

a new friend
I must tell you about a new friend of mine.
We met when we both wanted the same apple.
Now we meet every day and play until dark.
I hope that you will like each other.

the farm
Life on the farm begins very early.
This week, five little chicks came out of their eggs.
I can milk a cow now, but the cow does not like it.
In the evening, the whole farm smells of hay.

school
At school we are learning about the stars.
I can write long words now, as you see.
My teacher has a parrot that says good morning.
At lunch, I sit under the big tree with the others.

a dream
Last night I had a strange dream about you.
In the dream, we could both fly.
We flew over the mill and waved to the ducks.
Then I woke up and was a little sad that it was over.
"""
TOPICS = {topic: told for topic, *told in paragraphs(_TOPICS)}
_HELLO = (
    "How are you? I hope you are well.",
    "I have not heard from you for a long time.",
    "Thank you for your last letter. I read it three times.",
    "I am thinking of you today.",
    "It is a quiet [morning|evening], and I want to write to you.",
)
_PART = (
    "Please write back soon.",
    "I hope to see you in [spring|summer|autumn|winter].",
    "Come and visit me soon.",
    "Give my love to {f2}.",
    "I am sending you a {t.full} with this letter.",
)
_BYE = ("Your friend", "With love", "Best wishes", "Many hugs", "Yours")

_DIARY = paragraphs("""
Today was a [good|strange|long|wonderful|busy] day.
What a [day|strange day|lovely day] it was!
I must write this down before I fall asleep.

In the morning, I went to the {p} and met {f} the {f.kind}.
I woke up early and walked to the {p} with {f} the {f.kind}.
It began when {f}, a {f.trait} {f.kind}, knocked at my door and took me to the {p}.

There we found a {t.full}, and nobody knew whose it was.
{f} showed me a {t.full}, and we looked at it for an hour.
I had my {t.full} with me, and I nearly lost it.
On the way, we saw a {t.full} in a window, and now I dream of it.

[Then it began to rain|Then the wind came up], and we had to run.
At noon, we shared some [bread and cheese|plums|honey cake] in the shade.
{f} told a joke, and I laughed until my stomach hurt.
We got lost on the way back, but {f} knew the stars.

I felt [happy|proud|a little sad|brave|tired] when I came home.
Now I am sitting in bed, and I feel [calm|happy|lucky|tired].
I learned that [a friend makes the road shorter|it is good to try new things|small things can be great].

Tomorrow, I want to [bake a cake|sleep late|see {f} again|learn a song].
Good night, dear diary.
I wonder what tomorrow will bring.
""")
_TALK = paragraphs("""
{h}: Good morning, {f}! [How are you?|Where are you going?|What a fine day!]
{h}: Hello, {f}! I was just thinking of you.
{h}: {f}, do you have a moment?

{f}: Hello, {h}! I am looking for my {t.full}.
{f}: Good to see you, {h}. Have you seen my {t.full}?
{f}: Oh, {h}, I am so [glad|happy] to see you. I have a new {t}!

{h}: A {t}? Tell me more about it.
{h}: Is it the {t} that you bought {p.at}?
{h}: I like a good {t}. What is it for?

{f}: It is {t.look}, and I take it everywhere.
{f}: My [mother|father|brother|sister] gave it to me last year.
{f}: I want to give it to a friend {p.at}.

{h}: Then let us go {p.to} together.
{h}: I will help you. Four eyes see more than two.
{h}: May I come with you? I have time until [noon|supper].

{f}: Gladly! But first, let us have some [tea|soup|cake].
{f}: That would be lovely. You are a true friend.
{f}: Yes, but do not run so fast this time!

{h}: Agreed. After you!
{h}: That is what I like about you, {f}.
{h}: I am ready. Here we go!
""")
_NEWS = paragraphs("""
{p.Noun} news: {h.Kind} finds {t.full}
{p.Noun} news: {h.Trait} {h.kind} saves the day
{p.Noun} news: {h.Kind} surprises everyone

A {h.trait} {h.kind} named {h} found a {t.full} {p.at} on {day}.
On {day}, a {h.trait} {h.kind} named {h} found a {t.full} {p.at}.

Nobody knows how the {t} got there.
The {t} had been missing for [a week|two years|a long time].
Many came to see the {t} with their own eyes.

"I was only [looking for my breakfast|taking a walk]," said {h}. "I am as surprised as you are."
"It was [lying under a leaf|just behind a wall]," said {h}. "Anyone could have found it."

{f}, a {f.kind} who lives nearby, was [very happy|full of joy]. "{h.He} is a hero," {f.he} said.
"We are all proud of {h.him}," said {f}, a {f.kind} from next door.

There will be a party {p.at} on {day2}. Everyone is welcome.
The {t} can be seen {p.at} until {day2}.
""")
_LISTS = {
    "things to take to {}": "a bottle of water,a warm coat,a map,some bread,a good book,a lamp,a blanket,"
    "dry socks,a rope,a hat,a camera,an apple,a pencil,a compass,an umbrella,a little money",
    "things to do in {}": "take a long walk,draw a picture,look for birds,tell a story,sing a song,"
    "count the clouds,have a picnic,make a new friend,sit and listen,write a letter,play hide and seek,"
    "fly a kite,collect round stones,watch the sunset",
    "animals to look for in {}": "a fox,an owl,a hare,a frog,a lizard,a beetle,a hedgehog,a robin,a snail,"
    "a deer,a butterfly,a mouse,a spider,a duck,a bat,an ant",
    "sounds to hear in {}": "the wind,a distant bell,soft footsteps,a bird's song,falling drops,"
    "the hum of a bee,somebody laughing,a dog's bark,a door that creaks,a whisper,a slow drum,an echo",
}
LISTS = {title: entries.split(",") for title, entries in _LISTS.items()}


def letter(dice: Random) -> Sample:
    """A letter about a topic, from one name to another."""
    scene, topic = _scene(dice), dice.choice(list(TOPICS))
    hero, friend = scene.state["h"], scene.state["f"]
    told = sorted(dice.sample(TOPICS[topic][1:], dice.choice((2, 2, 3))), key=TOPICS[topic].index)
    body = " ".join([scene.say(*_HELLO), TOPICS[topic][0], *told, scene.say(*_PART)])
    to, sender, must = "a friend", "", []
    if dice.random() < 0.45:
        to, must = f"{friend}", [friend.name]
    if dice.random() < 0.25:
        sender, must = f" from {hero}", [*must, hero.name]
    about = topic if dice.random() < 0.9 else "something nice"
    prompt = wish(
        dice, *(f"write a {kind}letter to {to}{sender} about {about}" for kind in ("", "", "short ", "kind "))
    )
    text = f"Dear {friend},\n\n{body}\n\n{dice.choice(_BYE)},\n{hero}"
    return Sample("letter", (f"letter/{topic} {hero}",), prompt, lexicon.articles(text), tuple(must))


def diary(dice: Random) -> Sample:
    """A diary entry of a being of some kind, naming a place and perhaps a thing."""
    scene = _scene(dice)
    hero, where, what, day = (scene.state[key] for key in ("h", "p", "t", "day"))
    subject, must = dice.choice(((f"a day at the {where}", [where.noun]), (f"a {what}", [where.noun, what.noun])))
    subject = f"a day at the {where} with a {what}" if what.noun in must else subject
    prompt = wish(
        dice,
        f"write a diary entry of a {hero.kind} about {subject}",
        f"write a {hero.kind}'s diary about {subject}",
        f"write a diary entry by a {hero.kind}: {subject}",
    )
    first = f"{day}. I am {hero} the {hero.kind}, and this is my diary."
    text = f"{first}\n\n" + " ".join(scene.say(*beat) for beat in _DIARY)
    return _sample("diary", f"diary/{hero.kind} {where}", prompt, text, [hero.kind, *must])


def dialogue(dice: Random) -> Sample:
    """A talk between two about a thing."""
    scene = _scene(dice)
    hero, friend, what = scene.state["h"], scene.state["f"], scene.state["t"]
    named = dice.random() < 0.4
    who = f"{hero} and {friend}" if named else f"a {hero.kind} and a {friend.kind}"
    text = "\n".join(scene.say(*beat) for beat in _TALK)
    if not named:
        text = f"{hero} is a {hero.kind}, and {friend} is a {friend.kind}.\n\n{text}"
    prompt = wish(
        dice,
        f"write a dialogue between {who} about a {what}",
        f"write a talk between {who} about a {what}",
        f"write a short dialogue about a {what} between {who}",
    )
    must = [hero.name, friend.name] if named else [hero.kind, friend.kind]
    return _sample("dialogue", f"dialogue/{what}", prompt, text, [*must, what.noun])


def news(dice: Random) -> Sample:
    """A short piece of news about a find."""
    scene = _scene(dice)
    hero, what = scene.state["h"], scene.state["t"]
    head, *body = [scene.say(*beat) for beat in _NEWS]
    prompt = wish(
        dice,
        f"write a news story about a {hero.kind} who finds a {what}",
        f"write news about a {hero.kind} and a {what}",
        f"write a newspaper story about a {hero.kind} and a {what}",
    )
    return _sample("news", f"news/{what}", prompt, f"{head}\n\n{' '.join(body)}", [hero.kind, what.noun])


def listing(dice: Random) -> Sample:
    """A list of so many things, with dashes or numbers."""
    title, size = dice.choice(list(LISTS)), dice.choice((3, 4, 5, 5, 6, 7))
    where = place(dice)
    subject = title.format(f"the {where}") if " to " in title else title
    subject = subject.replace("in the", where.at.split(" ")[0] + " the")
    count = ("", "", "", "three", "four", "five", "six", "seven")[size]
    numbered = dice.random() < 0.5
    entries = dice.sample(LISTS[title], size)
    text = "\n".join(
        f"{i}. {lexicon.capital(x)}" if numbered else f"- {lexicon.capital(x)}" for i, x in enumerate(entries, 1)
    )
    asked = f"{count} {subject}"
    orders = [f"list {asked}", f"name {asked}", f"write a list of {asked}"]
    if numbered:
        orders = [f"write a numbered list of {asked}", f"list {asked} with numbers"]
    head = lexicon.capital(asked) + ":\n\n"
    return _sample("list", f"list/{where} {size} {title[:6]}", wish(dice, *orders), head + text, [where.noun])


def greeting(dice: Random) -> Sample:
    """A hello with a name, answered in kind."""
    who = being(dice, dice.choice(("he", "she")), invented=dice.random() < 0.2)
    hello = dice.choice(("hello", "hi", "good morning", "good evening", "hey"))
    said = dice.choice((f"{hello}, I am {who}", f"{hello}! My name is {who}", f"{hello}, my name is {who}."))
    back = "Hello" if hello in ("hi", "hey") else lexicon.capital(hello)
    text = dice.choice(
        (
            f"{back}, {who}! It is nice to meet you. Would you like a story about a {who.trait} {who.kind}?",
            f"{back}, {who}! I can write stories and poems. How about a {who.kind} {place(dice).at}?",
            f"{back}, {who}! What shall I write for you? I like stories about a {who.trait} {who.kind}.",
        )
    )
    return _sample("greeting", "", lexicon.capital(said) if dice.random() < 0.8 else said, text, [who.name])


def _scene(dice: Random) -> Scene:
    hero = being(dice, dice.choice(("he", "she")))
    friend, where = companion(hero, dice), place(dice)
    hero.Kind, hero.Trait, where.Noun = map(lexicon.capital, (hero.kind, hero.trait, where.noun))
    where.to = f"to the {where}"
    day, day2 = dice.sample(split("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"), 2)
    what = thing(dice, split("light music wear toy treasure tool paper house"))
    return Scene(
        dice,
        h=hero,
        f=friend,
        p=where,
        t=what,
        day=day,
        day2=day2,
        f2=some_name(dice, str(hero), str(friend)),
    )


def some_name(dice: Random, *taken: str) -> str:
    """A name that is not taken."""
    while (other := dice.choice(lexicon.GIRLS + lexicon.BOYS)) in taken:
        pass
    return other


def _sample(form: str, key: str, prompt: str, text: str, must: list[str]) -> Sample:
    return Sample(form, (key,) * bool(key), lexicon.articles(prompt), lexicon.articles(text), tuple(must))

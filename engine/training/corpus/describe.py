"""Descriptions: a place in a season or at a time of day, a thing, a character."""

from random import Random

from . import lexicon
from .cast import Scene, Thing, being, companion, place, thing
from .plot import lines, paragraphs
from .prompts import wish
from .sample import Sample

_PLACES = """
forest
Tall trees stand close together.
The ground is soft with moss.
A small stream runs over smooth stones.
Somewhere, a woodpecker knocks on a trunk.
It smells of earth and wood.

beach
Waves roll in and break on the sand.
Gulls call from above.
Shells lie in a long line by the water.
The air tastes of salt.
Far out, a white sail moves slowly by.

village
The houses lean together like old friends.
Smoke rises from the chimneys.
A bell rings in the little tower.
A dog sleeps in the middle of the road.
Everyone knows everyone by name.

farm
A red barn stands behind the house.
Hens walk around the yard.
A cow looks over the gate.
The cart is full of hay.
A cat waits near the milk pails.

garden
A narrow path leads past the beds.
There is a bench under the apple tree.
A robin hops along the fence.
The old well is covered with ivy.
A watering can stands by the door.

mountain
Its top reaches up into the clouds.
A narrow path climbs from rock to rock.
Goats jump from stone to stone.
From above, the houses look like toys.
The air is thin and clear.

river
The water flows past without a rest.
Reeds bend in the wind.
A heron stands on one leg.
A boat is tied to a post.
Small fish flash like silver.

castle
Its gray walls are thick and high.
A flag flies from the tallest tower.
Every step echoes in the great hall.
Narrow stairs lead up and down.
Ivy grows around the gate.

town
Narrow streets lead to the market square.
Shop windows shine in a row.
A fountain splashes in the middle.
Children chase each other around the corner.
A clock strikes the hour.

island
There is water on every side.
One crooked palm stands on the hill.
Crabs run across the sand.
A hut looks out over the bay.
The waves never stop singing.

meadow
The grass reaches up to the knees.
A narrow path runs through the middle.
Crickets make their music.
A hare sits still and listens.
In the distance stands a lonely tree.

city
Tall buildings reach for the sky.
Buses and bicycles rush by.
A thousand windows look down on the street.
Someone plays a trumpet on the corner.
The city never really sleeps.

lake
The water is as smooth as a mirror.
A little pier leads out from the shore.
Two swans glide by.
Dragonflies dance above the reeds.
The hills stand upside down in the water.

harbor
Ships rock gently on the water.
Ropes creak, and chains clink.
Gulls fight over a fish.
Sailors carry boxes and barrels.
It smells of salt and tar.

market
Baskets of apples and beans stand in rows.
Voices call out prices.
A woman weighs cheese on a scale.
It smells of bread and fresh herbs.
Children look at the sweets with big eyes.

park
Old trees line the wide paths.
Ducks swim across the pond.
A man reads a newspaper on a bench.
Children climb up the slide.
A dog runs after a stick.

library
Shelves full of books reach up to the ceiling.
The floor creaks at every step.
Dust floats in a beam of light.
Someone turns a page.
A ladder leans against the wall.

hill
One old oak stands on the top.
Sheep move slowly along the side.
From here, you can see far over the land.
A path winds up like a ribbon.
The wind is always at home here.

desert
Sand lies as far as the eye can see.
The wind draws lines in the dunes.
A lizard runs from stone to stone.
There is hardly a sound.
A row of camels moves along the horizon.

cave
The rocks at the entrance look like teeth.
Water drips from the ceiling.
Bats hang in the dark corners.
Every word comes back as an echo.
It is cool and smells of stone.
"""
PLACES = {noun: told for noun, *told in paragraphs(_PLACES)}
_WHEN = """
in spring
Fresh green shows everywhere.
The first flowers open in the mild sun.
Birds sing from early morning.
The days grow longer, and spring is in the air.

in summer
The summer sun is warm and bright.
Bees hum in the heat.
Every patch of shade is welcome.
The long evenings are full of golden light.

in autumn
Autumn has painted the leaves red and gold.
A cool wind carries the smell of smoke.
Geese fly south in a long line.
The light is soft and low in autumn.

in winter
Winter has covered everything with snow.
The cold makes every breath look like smoke.
Icicles hang in a row.
Footprints cross the white ground.

at night
The night is dark and still.
The moon throws a pale light over everything.
An owl calls from far away.
One star after another begins to shine.

in the morning
The morning mist lifts slowly.
Dew shines like glass.
The first light is pale and cool.
Somewhere, a rooster greets the day.

in the rain
The rain falls in long gray lines.
Drops run down and gather in puddles.
Everything shines and smells fresh.
A snail is the only one who is glad about it.
"""
_TIMES = {when: told for when, *told in paragraphs(_WHEN)}
_LAST = lines("""
It is a place where one would like to stay.
Whoever comes here once will come again.
Time seems to move more slowly here.
It is a good place to sit and dream.
Everything has its place, and all is well.
""")
_THING = paragraphs("""
This is a {t.look} {t}.
Here is a {t.look} {t}.
On the table lies a {t.look} {t}.
In front of me is a {t.look} {t}.

It is [a little bigger than a hand|as big as a loaf of bread|not very big|smaller than it looks].
It is [quite heavy|as light as a feather|not too heavy] and feels [smooth|cool|rough|warm] to the touch.

There is a small [scratch|spot|star|line] on [one side|the bottom], and nobody knows how it got there.
On one side, someone has [painted|written] the name {h}.
It [once belonged|belonged for many years] to a {h.kind} named {h}.

It {t.does_now}, and that is why everyone likes it.
When you look at it closely, you can see that it {t.does_now}.
Many people say that it {t.does_now}.

It [was found|came to light] {p.at}.
It has [traveled far|been kept in a box] and was last seen {p.at}.
A {h.trait} {h.kind} keeps it {p.at}.

I would not give this {t} away for anything.
Such a {t} is hard to find.
Nobody knows how old the {t} really is.
It may be only a {t}, but it has a story to tell.
""")
_NOW = {
    "gave": "gives",
    "made": "makes",
    "was": "is",
    "looked": "looks",
    "shone": "shines",
    "smelled": "smells",
    "could": "can",
    "stood": "stands",
}
_SOMEONE = paragraphs("""
{h} is a {h.trait} {h.kind} who lives {p.at}.
{h} is a {h.trait} {h.kind}. {h.He} lives {p.at}.
This is {h}, a {h.trait} {h.kind} from the {p}.

{h.He} has [bright|dark|big|small] eyes and a [warm|loud|soft|crooked] smile.
{h.He} always wears a [red|blue|green|yellow] [scarf|hat|ribbon] and is easy to see from far away.
{h.He} is not very [fast|strong|rich], but nobody has a bigger heart.

In the morning, {h.he} likes to [sing|dance|read|paint], and at night {h.he} [counts stars|drinks warm milk].
{h.He} likes [soup|plums|honey cake|rainy days] and does not like [noise|early mornings|cold feet].
Most days, {h.he} can be found with a {t.full}, and {h.he} never goes anywhere without it.

{h.His} best friend is {f}, a {f.trait} {f.kind}.
{h.He} has a friend named {f}, a {f.kind} who tells funny stories.

Everyone is glad to have {h} as a neighbor.
If you ever need help, just ask {h}.
There is only one {h} in the whole world.
Some say {h.he} is too {h.trait}, but {f} likes {h.him} just like that.
""")


def description(dice: Random) -> Sample:
    """A description of a place, a thing or someone."""
    return dice.choices((_place, _thing, _someone), (3, 3, 4))[0](dice)


def _place(dice: Random) -> Sample:
    noun, when = dice.choice(list(PLACES)), dice.choice(list(_TIMES))
    look = dice.choice(next(looks for name, _, *looks in lexicon.PLACES if name == noun))
    at = next(place[1] for place in lexicon.PLACES if place[0] == noun)
    with_look, with_when = dice.random() < 0.35, dice.random() < 0.75
    told = dice.sample(PLACES[noun], dice.choice((2, 3, 3)))
    if with_when:
        told = told[:1] + dice.sample(_TIMES[when], 2) + told[1:]
    first = f"This is a {look} {noun}" + f" {when}." * with_when + "." * (not with_when)
    first = dice.choice((first, first.replace("This is", "You are now " + at)))
    text = " ".join([first, *told, dice.choice(_LAST)])
    subject = "a " + (look + " ") * with_look + noun + f" {when}" * with_when
    return _sample(dice, subject, f"place/{noun} {when} {look}", text, [noun] + [look] * with_look)


def _thing(dice: Random) -> Sample:
    scene = _scene(dice, thing(dice, lexicon.split("light music wear toy treasure house tool ride")))
    what: Thing = scene.state["t"]
    verb, rest = what.does.split(" ", 1)
    what.does_now = f"{_NOW[verb]} {rest}"
    return _sample(dice, f"a {what.full}", f"thing/{what}", _told(scene, _THING), [what.look, what.noun])


def _someone(dice: Random) -> Sample:
    scene = _scene(dice, thing(dice, ["light", "music", "wear", "toy", "treasure"]))
    hero = scene.state["h"]
    named = hero.invented or dice.random() < 0.3
    subject = f"a {hero.trait} {hero.kind}" + f" named {hero}" * named
    return _sample(
        dice,
        subject,
        f"someone/{hero.kind} {hero.trait}",
        _told(scene, _SOMEONE),
        [hero.kind, hero.trait] + [hero.name] * named,
    )


def _scene(dice: Random, what: Thing) -> Scene:
    hero = being(dice, dice.choice(("he", "she")), invented=dice.random() < 0.2)
    return Scene(dice, h=hero, f=companion(hero, dice), t=what, p=place(dice))


def _told(scene: Scene, beats: list[list[str]]) -> str:
    return " ".join(scene.say(*beat) for beat in beats)


def _sample(dice: Random, subject: str, key: str, text: str, must: list[str]) -> Sample:
    prompt = wish(dice, *(f"{order} {subject}" for order in ("describe", "describe", "write a description of")))
    return Sample("description", (key,), lexicon.articles(prompt), lexicon.articles(text), tuple(must))

"""Stories: casts a scene, tells an opening, the beats of a plot and an ending, and asks as people would."""

from random import Random

from . import finding, friends, making, prompts, quests, trials
from .cast import Place, Scene, being, companion, place, thing
from .lexicon import articles
from .plot import Plot, lines
from .sample import Sample

PLOTS: list[Plot] = finding.PLOTS + friends.PLOTS + trials.PLOTS + quests.PLOTS + making.PLOTS

_OPENINGS = lines("""
Once upon a time, a {h.trait} {h.kind} named {h} lived {p.home}.
Once upon a time, there was a {h.trait} {h.kind} named {h} who lived {p.home}.
There was once a {h.trait} {h.kind} named {h}, who lived {p.home}.
{h} was a {h.trait} {h.kind} who lived {p.home}.
Long ago, {p.home}, there lived a {h.trait} {h.kind} named {h}.
{p.Home} lived a {h.trait} {h.kind} whose name was {h}.
""")
_HABITS = lines("""
{h.He} [loved to sing|liked to count clouds|loved long walks] and had a [kind word|joke|song] for everyone.
Every morning, {h.he} [watched the sun come up|swept the floor and sang|ate a big breakfast].
{h.He} lived [alone|with a big family] in a house with a [round|green|little] door.
{h.He} knew every [path|tree|corner] and every [stone|bird|neighbor] there.
Most of all, {h.he} liked [warm soup|old songs|good stories|the smell of rain].
""")
ENDINGS = lines("""
That night, {h} fell asleep with a smile.
{h} went home [happy|tired but happy|with a light heart].
It was the best day of {h.his} life.
{h} never forgot that day.
And {h} and {f} were the best of friends.
{h} and {f} still [laugh|talk] about it today.
And so they all lived happily ever after.
{h} and {f} are still friends today.
""")
COINED = 0.08  # share of things with a coined noun, so that any noun of a prompt is taken up
BRIDGES = (
    "A week later, it was {h}'s turn again.",
    "But that was not the end of {h}'s adventures.",
    "Soon something new happened to {h}.",
    "A few days later, {h} was [at home|outside] again.",
)


def story(dice: Random) -> Sample:
    """A story of one plot, 70 to 180 words."""
    plot = dice.choice(PLOTS)
    scene = stage(dice, plot)
    ask, must = subject(dice, scene, plot)
    body = " ".join([*opening(scene), *beats(scene, plot), scene.say(*ENDINGS)])
    return _sample(plot.name, [key(plot, scene)], prompts.story(dice, articles(ask)), body, must)


def long_story(dice: Random) -> Sample:
    """Two chapters with the same hero, 180 to 350 words."""
    first, second = dice.sample(PLOTS, 2)
    scene = stage(dice, first)
    ask, must = subject(dice, scene, first)
    keys = [key(first, scene)]
    one = " ".join([*opening(scene), *beats(scene, first)])
    recast(dice, scene, second, which=1)
    keys.append(key(second, scene))
    two = " ".join([scene.say(*BRIDGES), *beats(scene, second), scene.say(*ENDINGS)])
    text = f"Chapter One\n\n{one}\n\nChapter Two\n\n{two}"
    return _sample("long", keys, prompts.story(dice, articles(ask), long=True), text, must)


def _sample(form: str, keys: list[str], prompt: str, text: str, must: list[str]) -> Sample:
    return Sample(form, tuple(keys), prompt, articles(text), tuple(must))


def stage(dice: Random, plot: Plot) -> Scene:
    """A scene with all that the plot needs."""
    hero = being(dice, dice.choice(("he", "she")), invented=dice.random() < 0.2)
    scene = Scene(dice, h=hero, p=place(dice))
    recast(dice, scene, plot)
    return scene


def recast(dice: Random, scene: Scene, plot: Plot, which: int = 0) -> None:
    """A new friend, thing and turn for the scene's hero."""
    hero = scene.state["h"]
    friend = companion(hero, dice, which, not_trait=hero.trait)
    coined = not which and dice.random() < COINED and bool(naming(plot))
    scene.state |= {"f": friend, "t": thing(dice, plot.groups, coined)}
    scene.add(**dice.choice(plot.turns))


def naming(plot: Plot) -> list[str]:
    """What people ask for when they name the thing."""
    return [ask for ask in plot.asks if "{t" in ask]


def key(plot: Plot, scene: Scene) -> str:
    """The combination that a story is of."""
    return f"{plot.name}/{scene.state['t'] if plot.about_thing else scene.state['h'].kind}"


def opening(scene: Scene) -> list[str]:
    """Who lived where, and perhaps a habit."""
    first = [scene.say(*_OPENINGS)]
    return [*first, scene.say(*_HABITS)] if scene.dice.random() < 0.45 else first


def beats(scene: Scene, plot: Plot) -> list[str]:
    """What happens, in order."""
    return [told for beat in plot.beats if (told := scene.say(*beat))]


def subject(dice: Random, scene: Scene, plot: Plot) -> tuple[str, list[str]]:
    """What is asked for, and the words of it that the story must use."""
    hero, where, what = scene.state["h"], scene.state["p"], scene.state["t"]
    who, must = _who(dice, hero)
    if dice.random() < 0.06 and not what.invented:
        return f"{who} and a {scene.state['f'].kind}", [*must, scene.state["f"].kind]
    ask = "" if dice.random() < 0.15 else dice.choice(plot.asks)
    if what.invented:  # a word that nobody knows is never used unasked
        ask = dice.choice(naming(plot))
    at = dice.random() < (0.6 if not ask else 0.2)
    if "{t" in ask:
        must += [what.noun] + [what.look] * ("{t.full}" in ask)
    if "{f.kind}" in ask:
        must.append(scene.state["f"].kind)
    return _join(who, scene.say(ask), somewhere(dice, where) if at else ""), must + [where.noun] * at


def _who(dice: Random, hero) -> tuple[str, list[str]]:
    trait, named = dice.random() < 0.4, dice.random() < (1.0 if hero.invented else 0.2)
    who = "a " + (hero.trait + " ") * trait + hero.kind + f" named {hero}" * named
    return who, [hero.kind] + [hero.trait] * trait + [hero.name] * named


def somewhere(dice: Random, where: Place) -> str:
    """The place, as people ask for it."""
    return dice.choice((where.at, where.at, where.home))


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)

"""Exact and structured texts: counting, letters, days, sums, JSON cards, tables. Every one is right."""

import json
from random import Random

from . import lexicon
from .cast import being, name
from .lexicon import split
from .prompts import wish
from .sample import Sample

_ONES = split("""zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen""")
_TENS = split("twenty thirty forty fifty sixty seventy eighty ninety")
DAYS = split("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = split("""January February March April May June July August September October November December""")
_STEPS = {2: "twos", 3: "threes", 5: "fives", 10: "tens"}
_FOODS = split("apples pears plums nuts eggs carrots cakes beans rolls lemons melons onions")
_COLORS = split("red blue green yellow orange purple pink brown white black gray gold silver")


def card_words() -> list[str]:
    """Words that a card has straight after a quotation mark."""
    kinds = [*lexicon.ANIMALS, *lexicon.PEOPLE, *lexicon.FANTASTIC]
    homes = [noun for noun, *_ in lexicon.PLACES]
    return [*kinds, *lexicon.TRAITS, *lexicon.GIRLS, *lexicon.BOYS, *homes, *_FOODS, *_COLORS]


def number(n: int) -> str:
    """The words for 0 to 100."""
    if n < 20:
        return _ONES[n]
    tens, ones = divmod(n, 10)
    return "one hundred" if n == 100 else _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def count(dice: Random) -> Sample:
    """Counting up or down, in digits or words, by one or by larger steps."""
    step = dice.choice((1, 1, 1, 1, 2, 3, 5, 10))
    spelled = dice.random() < 0.2
    start = 1 if step == 1 and dice.random() < 0.3 else dice.choice((0, step, dice.randrange(60)))
    length = dice.randrange(5, 21 if spelled else 31)
    if start == step and dice.random() < 0.6:
        length = dice.choice((10, 15, 20) if spelled else (10, 15, 20, 25, 30))
    length = min(length, (100 - start) // step)
    numbers = [start + step * i for i in range(length)]
    if length == 1 or dice.random() < 0.3:
        numbers.reverse()
    show = number if spelled else str
    low, high, down = show(numbers[0]), show(numbers[-1]), numbers[0] > numbers[-1]
    orders = [f"count down from {low} to {high}", f"count backwards from {low} to {high}"]
    if not down:
        orders = [
            f"{how} from {low} to {high}" for how in ("count", "count", "write the numbers", "list the numbers")
        ]
    ending = f" by {_STEPS[step]}" if step > 1 else ""
    lined = dice.random() < 0.15
    ending += ", one number on each line" * lined
    return Sample(
        "count",
        (f"count/{numbers[0]} {numbers[-1]} {step}",),
        wish(dice, *(order + ending for order in orders)),
        ("\n" if lined else ", ").join(map(show, numbers)),
    )


def alphabet(dice: Random) -> Sample:
    """The alphabet or a part of it, forwards or backwards."""
    letters = [chr(code) for code in range(65, 91)]
    low, high = (0, 25) if dice.random() < 0.5 else sorted(dice.sample(range(26), 2))
    part, orders = letters[low : high + 1], [f"write the letters from {letters[low]} to {letters[high]}"]
    if len(part) == 26:
        orders = ["write the alphabet", "say the alphabet", "write the letters from A to Z"]
    if dice.random() < 0.25:
        part, orders = part[::-1], [order + " backwards" for order in orders]
    if dice.random() < 0.25:
        part, orders = [x.lower() for x in part], [order + " in small letters" for order in orders]
    return Sample("alphabet", (), wish(dice, *orders), " ".join(part))


def calendar(dice: Random) -> Sample:
    """Days or months, beginning anywhere."""
    what, ring = dice.choice((("days of the week", DAYS), ("months of the year", MONTHS)))
    first = 0 if dice.random() < 0.3 else dice.randrange(len(ring))
    orders = [f"name the {what}", f"list the {what}", f"write the {what}"]
    if first:
        orders = [f"{order}, starting with {ring[first]}" for order in orders]
    turned = ring[first:] + ring[:first]
    if dice.random() < 0.5:
        return Sample("calendar", (), wish(dice, *orders), ", ".join(turned))
    text = "\n".join(f"{i}. {entry}" for i, entry in enumerate(turned, 1))
    return Sample("calendar", (), wish(dice, *(order + " as a numbered list" for order in orders)), text)


def times_table(dice: Random) -> Sample:
    """A part of a times table."""
    n, last = dice.randrange(2, 13), dice.choice((5, 6, 8, 10, 10, 12))
    first = 1 if dice.random() < 0.5 else dice.randrange(1, 5)
    orders = [
        f"write the times table of {n} from {first} to {last}",
        f"multiply {n} by the numbers {first} to {last}",
    ]
    if (first, last) == (1, 10):
        orders = [f"write the times table of {n}", f"show me the {n} times table"]
    text = "\n".join(f"{i} x {n} = {i * n}" for i in range(first, last + 1))
    return Sample("times", (f"times/{n} {first}",), wish(dice, *orders), text)


def sums(dice: Random) -> Sample:
    """Adding or taking away with small numbers, told in one line."""
    a, b, who = dice.randrange(1, 11), dice.randrange(1, 11), _anyone(dice)
    what = dice.choice(_FOODS)
    if dice.random() < 0.5:
        prompt = f"{who} has {a} {what} and gets {b} more. How many {what} does {who} have now?"
        text = f"{a} + {b} = {a + b}. {who} has {a + b} {what} now."
    else:
        a, b = max(a, b) + 1, min(a, b)
        prompt = f"{who} has {a} {what} and gives away {b}. How many {what} are left?"
        text = f"{a} - {b} = {a - b}. {who} has {a - b} {what} left."
    return Sample("sums", (f"sums/{a} {what}",), prompt, text, (who, what))


def card(dice: Random) -> Sample:
    """A JSON card for a character of the prompt's kind and trait."""
    who = being(dice, dice.choice(("she", "he")), invented=dice.random() < 0.2)
    kind, trait = who.kind, who.trait
    named, spot = who.invented or dice.random() < 0.3, dice.choice(lexicon.PLACES)[0]
    fields = {"name": who.name, "kind": kind, "trait": trait, "age": dice.randrange(2, 13), "home": spot}
    subject = lexicon.articles(f"a {trait} {kind}") + f" named {who}" * named
    if dice.random() < 0.3:
        fields["home"], subject = spot, f"{subject} from the {spot}"
    if dice.random() < 0.5:
        fields["likes"] = dice.sample(_FOODS, dice.choice((2, 3)))
    if dice.random() < 0.4:
        fields["color"] = dice.choice(_COLORS)
    fields["brave"] = trait in ("brave", "bold", "plucky", "wild")
    prompt = wish(
        dice,
        f"make a JSON card for {subject}",
        f"write a JSON card for {subject}",
        f"make a JSON card about {subject}",
        f"describe {subject} as JSON",
    )
    return Sample("card", (f"card/{kind} {trait}",), prompt, json.dumps(fields, indent=2), (kind, trait))


def table(dice: Random) -> Sample:
    """A markdown table of animals, fruit or friends with a number, padded to straight columns."""
    title, head, column = dice.choice(
        (
            ("animals", ("Animal", "Legs"), None),
            ("prices", ("Food", "Price"), _FOODS),
            ("friends", ("Name", "Age"), lexicon.GIRLS + lexicon.BOYS),
        )
    )
    size = dice.choice((3, 3, 4, 4, 5))
    if column is None:
        rows = [(kind, str(legs)) for kind, legs in dice.sample(_LEGS, size)]
    else:
        rows = [(entry, str(dice.randrange(2, 13))) for entry in dice.sample(column, size)]
    names = [entry for entry, _ in rows]
    listed = ", ".join(names[:-1]) + " and " + names[-1]
    what = {"animals": "how many legs", "prices": "prices", "friends": "ages"}[title]
    order = f"make a table of {what} these have" if title == "animals" else f"make a table of these {what}"
    prompt = wish(dice, f"{order}: {listed}", f"make a table of {size} {title}: {listed}")
    return Sample("table", (f"table/{names[0]} {names[1]}",), prompt, _markdown([head, *rows]), tuple(names))


_LEGS = [(kind, 4) for kind in split("fox bear mouse rabbit cat dog lion tiger goat lamb pig cow horse zebra wolf")]
_LEGS += [(kind, 2) for kind in split("duck owl hen crow swan goose robin eagle stork")]
_LEGS += [(kind, 6) for kind in split("bee ant beetle ladybug")] + [("spider", 8), ("crab", 10), ("snail", 0)]


def _markdown(rows: list[tuple[str, str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def _anyone(dice: Random) -> str:
    return name(dice, dice.choice(("she", "he")), invented=dice.random() < 0.2)

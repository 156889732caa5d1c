"""How to make and do everyday things: numbered steps, and recipes with their ingredients."""

from random import Random

from .lexicon import capital
from .plot import paragraphs
from .prompts import question, wish
from .sample import Sample

# what to do, then the steps in order; a step with a '?' in front may be left out; [a|b] is a choice
_HOWTOS = """
make pancakes
Mix [flour, milk, and two eggs|two eggs with flour and milk] in a bowl.
? Add a little salt and sugar.
? Let the batter rest for [ten|twenty] minutes.
Put some butter into a hot pan.
Pour in a spoonful of batter.
Bake it until the bottom is golden, and turn it over.
? Put the pancake on a warm plate.
Eat it with [honey|jam|fresh berries|sugar and lemon].

make a cup of tea
Boil some [fresh|clean] water.
? Warm the cup with a little hot water.
Put a tea bag into the cup.
Pour the hot water over it.
Wait for [three|four|five] minutes.
Take the tea bag out.
? Add [milk|honey|lemon|sugar] if you like.
Let it cool a little before you drink it.

make a sandwich
Take two slices of [bread|fresh bread].
Spread butter on both of them.
Put [cheese|ham|egg] on one slice.
? Add some [lettuce|tomato|cucumber].
? Add a little salt and pepper.
Put the other slice on top.
Cut the sandwich in half.
? Put it on a plate and enjoy it.

plant a seed
Fill a [pot|small pot] with soft earth.
Make a small hole with your finger.
Put the seed into the hole.
Cover it with earth.
Give it a little water.
? Put the pot [in the sun|near a window].
? Write the name of the plant on a stick.
Water it every [day|two days] and wait.

fly a kite
Find an open field on a windy day.
? Look out for trees and wires.
Stand with the wind behind you.
Hold the kite up high.
? Ask a friend to help you.
Let go when the wind blows.
Let out the string slowly.
? Pull the string if the kite begins to fall.

brush your teeth
Put a little toothpaste on your brush.
? Make the brush wet.
Brush the outside of your teeth.
Then brush the inside of your teeth.
? Do not forget the teeth at the back.
Brush for two minutes.
Rinse your mouth with water.
? Clean the brush and put it away.

wash your hands
Turn on the [water|warm water].
Make your hands wet.
Take some soap.
Rub your hands together for [twenty|thirty] seconds.
? Wash between your fingers, too.
Rinse off all the soap.
Dry your hands with a clean towel.
? Turn off the water.

build a snowman
Wait for [fresh|wet] snow.
Roll a big ball for the bottom.
Roll a smaller ball for the middle.
Put it on top of the big one.
Add a small ball for the head.
Use [stones|buttons|coal] for the eyes.
Use a carrot for the nose.
? Give it a hat and a [scarf|broom].

make a paper boat
Take a [sheet|big sheet] of paper.
Fold it in half from top to bottom.
Fold the top corners down to the middle.
Fold the edges up on both sides.
Open it from below and press it flat.
? Fold both points up and open it again.
Pull the sides apart gently.
? Let your boat swim in [a bowl of water|the bath|a stream].

wrap a gift
Put the gift into a box.
Lay the box on a sheet of [paper|colorful paper].
Cut the paper to the right size.
Fold the paper over the box.
Fold in the ends and tape them down.
Tie a ribbon around it.
? Make a pretty bow.
? Add a card with a kind word.

draw a cat
Draw a [big|round] circle for the head.
Draw two triangles on top for the ears.
Draw two eyes and a small nose.
? Add a smiling mouth.
Draw long whiskers on both sides.
Draw an oval for the body.
Add four legs and a long tail.
? Color the cat [black|orange|gray].

ride a bicycle
Put on a helmet.
? Check that the brakes work.
Hold the handles with both hands.
Sit down and put one foot on the ground.
Push off and put both feet on the pedals.
Look ahead and not down.
Keep pedaling so that you do not fall.
? Use the brakes to stop.

make a friend
Smile and say hello.
Tell the other person your name.
Ask for their name.
? Ask what they like to do.
Listen to what they say.
? Share [a game|a snack|a funny story].
Be kind and honest.
Ask if they want to play again.

clean your room
Open the window.
? Put on some music.
Pick up everything from the floor.
Put the toys into their box.
Put the books back on the shelf.
Put dirty clothes into the basket.
? Wipe the dust off the table.
? Make your bed.
Sweep the floor.

wash a dog
Fill a tub with warm water.
? Put on old clothes.
Lead the dog into the tub.
Make the fur wet.
Rub in a little [soap|dog soap].
? Keep the soap away from the eyes.
Rinse the fur well.
Dry the dog with a big towel.
? Give the dog a treat.

fall asleep
Put away your [toys|books] and dim the light.
? Drink a cup of warm milk.
Brush your teeth.
Lie down and make yourself warm.
Close your eyes.
Breathe in and out slowly.
? Think of a [quiet|lovely] place.
? Count [sheep|stars] until you drift away.

cross a street
Stop at the edge of the street.
Look to the left.
Look to the right.
Look to the left again.
? Listen for cars.
Wait until the street is clear.
Walk straight across and do not run.
? Thank the drivers who stop.

set the table
Wipe the table clean.
? Put a cloth on it.
Put a plate at every place.
Put the fork on the left.
Put the knife and the spoon on the right.
Put a glass above the knife.
? Fold a napkin for everyone.
? Put some flowers in the middle.
"""
HOWTOS = {what: steps for what, *steps in paragraphs(_HOWTOS)}
# dish, first step, last step, then what it needs (the first two always)
_DISHES = paragraphs("""
fruit salad
cut the fruit into small pieces
mix everything in a bowl
an apple
a banana
a pear
some grapes
a peach
the juice of a lemon
a spoon of honey

vegetable soup
wash and cut the vegetables
boil everything for half an hour
two carrots
an onion
three potatoes
a leek
some beans
a pot of water
a little salt

apple cake
mix everything but the apples
bake the cake for forty minutes
three apples
two eggs
a cup of flour
a cup of sugar
some butter
a little cinnamon

oat cookies
mix everything in a big bowl
bake small round cookies for twelve minutes
a cup of oats
a cup of flour
an egg
some butter
some honey
a few raisins

berry jam
wash the berries
boil everything for ten minutes and stir well
two cups of berries
a cup of sugar
the juice of a lemon
a little water

tomato sauce
cut the tomatoes and the onion
let everything cook slowly for twenty minutes
five tomatoes
an onion
a little garlic
some oil
some salt
a leaf of basil

pizza
make a dough and roll it flat
bake the pizza in a hot oven
two cups of flour
some yeast
a cup of water
tomato sauce
cheese
some olives
a little salt

lemonade
squeeze the lemons
stir well until the sugar is gone
four lemons
a jug of cold water
half a cup of sugar
some ice
a few leaves of mint
""")


def howto(dice: Random) -> Sample:
    """Numbered steps for something that one does at home."""
    what = dice.choice(list(HOWTOS))
    mine = what.replace("your", "my")
    steps = [
        _choose(dice, step.removeprefix("? ")) for step in HOWTOS[what] if step[0] != "?" or dice.random() < 0.6
    ]
    prompt = wish(
        dice,
        f"tell me how to {mine}",
        f"show me how to {mine}",
        f"teach me to {mine}",
        f"give me steps to {what}",
        f"explain how to {what}",
        f"write steps to {what}",
        f"how to {what}",
    )
    if dice.random() < 0.6:
        prompt = question(
            dice,
            f"how do I {mine}",
            f"how do I {mine}",
            f"how can I {mine}",
            f"how do you {what}",
            f"how does one {what}",
        )
    before, after = dice.choice(_BEFORE).format(what), dice.choice(_AFTER)
    return Sample("howto", (), prompt, before + _numbered(steps) + after)


def recipe(dice: Random) -> Sample:
    """A list of ingredients and a few steps, for a number of people."""
    dish, first, then, *listed = dice.choice(_DISHES)
    people = dice.choice(("two", "three", "four", "five", "six"))
    more = dice.sample(listed[2:], dice.choice((2, len(listed) - 2)))
    kept = listed[:2] + sorted(more, key=listed.index)
    told = [capital(first) + ".", capital(then) + ".", _choose(dice, dice.choice(_SERVING))]
    text = f"Recipe for {dish}, for {people} people\n\nYou need:\n" + "\n".join(f"- {x}" for x in kept)
    prompt = wish(dice, *(order.format(dish, people) for order in _ASKS))
    return Sample("recipe", (), prompt, text + "\n\n" + _numbered(told), tuple(dish.split()))


_BEFORE = ("", "", "", "Here is how to {}:\n\n", "To {}, follow these steps:\n\n", "It is easy to {}:\n\n")
_AFTER = (
    "",
    "",
    "\n\nNow you know how!",
    "\n\nIt is as simple as that.",
    "\n\nThat is all!",
    "\n\nTake your time.",
    "\n\nGood luck!",
    "\n\nHave fun!",
)
_ASKS = (
    "write a recipe for {}",
    "give me a recipe for {}",
    "write a recipe for {} for {} people",
    "a recipe for {}",
)
_SERVING = (
    "Serve it in [small bowls|your best plates|pretty dishes].",
    "Let it cool and [enjoy it|share it with a friend].",
    "Taste it, and add [a little more|something] if you like.",
    "Put it on the table and call [everyone|your family].",
)


def _numbered(steps: list[str]) -> str:
    return "\n".join(f"{i}. {step}" for i, step in enumerate(steps, 1))


def _choose(dice: Random, step: str) -> str:
    if "[" not in step:
        return step
    head, rest = step.split("[", 1)
    inside, tail = rest.split("]", 1)
    return head + dice.choice(inside.split("|")) + tail

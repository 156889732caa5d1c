"""Simple explanations of everyday things: a first sentence that says what it is, then facts in any order."""

from random import Random

from .plot import paragraphs
from .prompts import question, wish
from .sample import Sample

# subject, what it is, more facts
_FACTS = """
rain
Rain is water that falls from clouds.
The sun warms the sea, and some of the water rises into the air.
High up, the air is cold, and the water turns into tiny drops.
When the drops grow heavy, they fall down as rain.
Plants and animals need rain to live.
After the rain, you can sometimes see a rainbow.

snow
Snow is frozen water that falls from clouds.
It falls when the air is very cold.
Every flake is a small crystal with six arms.
No two flakes look quite the same.
A thick blanket of snow keeps the ground warm.
In spring, the snow melts and fills the rivers.

the moon
The moon is a big ball of rock that goes around the earth.
It has no light of its own but shines in the light of the sun.
It takes about four weeks to go around the earth once.
Sometimes we see all of it and sometimes only a thin piece.
There is no air and no rain on the moon.
People have walked on it and brought back stones.

the sun
The sun is a star, and it is very hot.
It gives us light and warmth.
The earth goes around the sun once a year.
It looks small only because it is so far away.
Plants use its light to grow.
You should never look straight into the sun.

a star
A star is a huge ball of hot, glowing gas.
Our sun is a star, too.
The other stars look tiny because they are far away.
At night, we can see thousands of them.
Long ago, sailors found their way by the stars.
Some stars are red, and some are blue.

a cloud
A cloud is made of very many tiny drops of water.
The drops are so small that they float in the air.
White clouds are thin and let the light through.
Dark clouds are thick and often bring rain.
The wind moves the clouds across the sky.
A cloud that lies on the ground is called fog.

wind
Wind is moving air.
The sun warms some places more than others.
Warm air rises, and cool air moves in to take its place.
A soft wind is called a breeze, and a very strong one is a storm.
Wind can turn mills and push boats.
It also carries seeds to new places.

a rainbow
A rainbow is a band of colors in the sky.
You can see it when the sun shines and rain falls at the same time.
The drops of rain split the light into its colors.
The colors are red, orange, yellow, green, blue, and violet.
To see it, you must stand with the sun behind you.
Nobody can reach the end of a rainbow.

thunder
Thunder is the sound that lightning makes.
Lightning is so hot that the air around it bursts outward.
We see the flash first because light is faster than sound.
If you count slowly after the flash, you can tell how far away it is.
A loud crack means that it is near.
During a storm, it is safest to stay inside.

ice
Ice is water that is frozen and hard.
Water turns to ice when it gets very cold.
Ice floats because it is lighter than water.
It is smooth, so it is easy to slip on it.
When it gets warm, the ice melts and becomes water again.
People use ice to keep food fresh.

a volcano
A volcano is a mountain with an opening deep into the earth.
Far below, the rock is so hot that it melts.
Sometimes the melted rock rises and flows out.
Then it is called lava.
When lava cools, it turns into hard, dark stone.
Some islands were made by volcanoes.

a river
A river is water that flows over the land.
It often begins as a small stream in the mountains.
Other streams join it, and it grows wide.
Most rivers end in the sea or in a lake.
Fish, frogs, and birds live in and near it.
Many towns were built beside rivers.

the sea
The sea is the salt water that covers most of the earth.
It is home to fish, whales, and many other animals.
The wind makes waves on the water.
Twice a day, the water rises and falls, and this is called the tide.
The deepest parts are cold and dark.
Rivers bring salt from the land into the sea.

a desert
A desert is a place where it almost never rains.
Many deserts are hot by day and cold at night.
Some are full of sand, and others are full of stones.
Only a few plants and animals can live there.
A camel can go for days without a drink.
A green place with water in a desert is called an oasis.

a seed
A seed is the beginning of a new plant.
Inside it, there is a tiny plant and some food.
With water and warmth, the seed wakes up.
First a root grows down, and then a stem grows up.
Some seeds fly with the wind, and some are carried by animals.
Even a tall tree was once a small seed.

a tree
A tree is a tall plant with a stem of wood.
Its roots hold it in the ground and drink water.
Its leaves catch the light of the sun and make food from it.
Every year, the tree grows a new ring of wood.
Birds, beetles, and squirrels live in trees.
Trees give us shade, fruit, and clean air.

honey
Honey is a sweet food that bees make.
The bees fly from flower to flower and collect a sweet juice.
They carry it home and keep it in small rooms of wax.
There it slowly becomes thick and golden.
The bees eat it in winter.
A bee makes only a little honey in its whole life.

bread
Bread is a food made from flour and water.
The flour comes from grains such as wheat.
Yeast makes the dough rise and become soft.
Then the dough is baked in a hot oven.
People have baked bread for thousands of years.
Fresh bread smells wonderful.

milk
Milk is a white drink that comes from animals such as cows and goats.
A mother animal makes it for her young.
It helps bones grow strong.
People make butter, cheese, and cream from it.
A cow eats a lot of grass to make milk.
Milk stays fresh longer in a cold place.

a clock
A clock is a machine that shows the time.
The short hand points to the hour.
The long hand points to the minute.
In one day, the short hand goes around twice.
Before there were clocks, people looked at the sun.
Some clocks ring a bell every hour.

a map
A map is a picture of a place as seen from above.
It shows roads, rivers, and towns.
Blue often means water, and green often means forest.
A map helps you find the way.
The top of a map is usually north.
Some maps show the whole world.

a shadow
A shadow is a dark shape where the light cannot reach.
It appears when something stands in the way of the light.
In the morning and evening, shadows are long.
At noon, they are short.
A shadow moves when you move.
At night, the whole land lies in the shadow of the earth.

an echo
An echo is a sound that comes back to you.
When you shout at a high wall, the sound bounces off it.
After a moment, you hear your own voice again.
The farther away the wall is, the longer it takes.
You can hear echoes in caves and mountains.
Bats use echoes to find their way in the dark.

a magnet
A magnet is a piece of metal that pulls on iron.
It has two ends, called poles.
Two poles of the same kind push each other away.
Two different poles pull each other close.
The earth is a magnet, too.
That is why the needle of a compass points north.

sleep
Sleep is the rest that our bodies and minds need every night.
While we sleep, the body grows and repairs itself.
The brain sorts what we have learned during the day.
Children need more sleep than grown people.
Many animals sleep by day and wake at night.
Without sleep, we become tired and grumpy.

a dream
A dream is a story that the mind makes while we sleep.
In a dream, strange things can happen.
You may fly or talk to animals.
Most dreams are forgotten in the morning.
Dogs and cats seem to dream, too.
Some people write down what they have dreamed.

music
Music is sound that is put in order so that it is nice to hear.
It has a rhythm, like steps or a heartbeat.
It often has a tune that you can sing.
People make music with their voices and with instruments.
Music can be fast or slow, happy or sad.
Every country has its own songs.

a lighthouse
A lighthouse is a tall tower with a bright lamp at the top.
It stands near the sea.
At night, its light shows ships where the rocks are.
Long ago, a keeper lived there and lit the lamp.
Every lighthouse blinks in its own way.
So the sailors always know where they are.

a bridge
A bridge is a road that goes over something, such as a river.
It lets people cross without getting wet.
Bridges are made of wood, stone, or steel.
Some hang from long ropes or cables.
A good bridge can carry many heavy carts.
The first bridges were fallen trees.

a compass
A compass is a small tool that shows where north is.
It has a needle that can turn freely.
The needle is a magnet and points north.
If you know north, you can find every other direction.
Sailors and explorers use it on long trips.
It works even in fog and darkness.
"""
FACTS = {subject: facts for subject, *facts in paragraphs(_FACTS)}
BEFORE = (
    "",
    "",
    "",
    "",
    "That is a good question.",
    "Let me explain.",
    "Good question!",
    "I will tell you.",
)
_AFTER = ("",) * 4 + (
    "Now you know what {} is.",
    "There is still much to learn about {}.",
    "Is that not wonderful?",
)


def fact(dice: Random) -> Sample:
    """What is it? Two to five of its facts, in their order."""
    subject = dice.choice(list(FACTS))
    first, *others = FACTS[subject]
    before, after = dice.choice(BEFORE), dice.choice(_AFTER)
    chosen = sorted(dice.sample(range(len(others)), dice.choice((2, 3, 3, 4, 5))))
    prompt = wish(
        dice,
        f"explain {subject}",
        f"explain {subject} to a child",
        f"tell me what {subject} is",
        f"say what {subject} is",
    )
    if dice.random() < 0.65:
        asks = (
            f"what is {subject}",
            f"what is {subject}",
            f"can you explain what {subject} is",
            f"do you know what {subject} is",
        )
        prompt = question(dice, *asks)
    return Sample(
        "fact",
        (),
        prompt,
        " ".join(part for part in [before, first, *(others[i] for i in chosen), after.format(subject)] if part),
        (subject.split()[-1],),
    )

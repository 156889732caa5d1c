"""Short rhyming poems: four-beat couplets about a subject, each couplet rhymed by hand."""

from random import Random

from .lexicon import ANIMALS, articles
from .plot import lines, paragraphs
from .prompts import wish
from .sample import Sample

# subject: couplets that may be told in any order
_COUPLETS = {
    "the moon": """The moon is high, the moon is bright, / it paints the roofs with silver light.
It looks into my little room / and shines upon the chair and broom.
It follows me along the lane / and smiles at me through the windowpane.
It is not warm, it is not near, / but every night the moon is here.
The owls are glad, the foxes play / until the moon has gone away.
O moon, so round, so calm, so white, / I close my eyes. Good night, good night.""",
    "the sea": """The sea is wide, the sea is blue, / it sings a song for me and you.
The little waves run up the sand / and leave a shell inside my hand.
The gulls fly low, the gulls fly high / between the water and the sky.
A boat goes out with sails of red / and finds the place where whales are fed.
The sea is deep, the sea is old, / it knows a thousand tales untold.
At night it whispers, soft and slow, / of lands where only dreamers go.""",
    "the rain": """The rain comes down on roof and tree, / it taps a little song for me.
The puddles grow, the puddles shine, / and every one of them is mine.
The ducks are glad, the frogs all sing, / the flowers drink like anything.
The cat stays in, she does not care / for drops of water in her hair.
And when at last the rain is done, / a rainbow stands before the sun.
The street is washed, the air is clean, / the fields have never been so green.""",
    "the snow": """The snow falls down without a sound / and lays a blanket on the ground.
The trees wear coats of purest white, / the whole wide world is soft and bright.
We build a man with button eyes, / a carrot nose, and hat his size.
Our sled flies down the snowy hill, / and then the world is calm and still.
The birds find crumbs beside the door, / and every day we give them more.
The fire is warm, the tea is hot, / and winter is not bad, is it not?""",
    "autumn": """In autumn, leaves turn red and gold, / the mornings now are bright and cold.
The squirrel runs from tree to tree / and hides her nuts where none can see.
The wind has come to sweep the lane, / and tapping at my door is rain.
The apples fall, so round and sweet, / and leaves are crunching at my feet.
The geese fly south in one long line, / I wave to them, the day is fine.
The pumpkins glow, the fields are bare, / and smoke is in the evening air.""",
    "spring": """When spring is here, the world is new, / the little flowers are yellow and blue.
The birds come home and build a nest, / and every tree is newly dressed.
The lambs are jumping in the sun, / the cold and quiet days are done.
The bees wake up and start to hum, / they tell us all that spring has come.
I open up my window wide / and let the smell of grass inside.
The world was sleeping, now it sings, / how good the morning is that spring brings.""",
    "summer": """The summer days are long and hot, / we look for every shady spot.
We swim and splash till half past three / and eat our plums beneath the tree.
The bees are busy, the grass is high, / and not one cloud is in the sky.
The evenings come with golden light, / and fireflies dance into the night.
We have no shoes, we have no plan, / we run as fast as children can.
O summer, stay a little more, / and leave your sun beside my door.""",
    "the wind": """The wind is playing in the trees, / it brings the birds, it brings the bees.
It takes my hat and throws it high, / it pushes clouds across the sky.
You cannot see it, not at all, / but hear it knocking on the wall.
It lifts my kite above the town / and will not let it tumble down.
It hums a tune, it shakes the door, / it rolls the leaves along the floor.
And when at night it goes to sleep, / the world is still, the dreams are deep.""",
    "the night": """The night has come, the sun is low, / and home the tired sparrows go.
The stars come out by one and two / and make a roof of silver blue.
The owl calls softly from the tree, / "Who is awake? Just you and me."
The houses sleep, the street is still, / the moon is climbing up the hill.
My blanket warm, my pillow deep, / I count ten sheep and fall asleep.
So do not fear the dark tonight, / the morning comes with golden light.""",
    "a star": """A little star is far away, / it hides itself throughout the day.
But when the sky is dark and deep, / it wakes while others go to sleep.
It shines for sailors on the sea, / it shines for you, it shines for me.
I make a wish, I close my eyes, / the star looks down from evening skies.
So small it seems, so cold, so far, / but it is warm, my little star.
And when the morning turns to blue, / it says, "I will come back to you." """,
    "a tree": """I know a tree beside the lane, / it stands in sun, it stands in rain.
Its roots are deep, its leaves are green, / the finest tree I have ever seen.
A robin lives upon its crown, / and all day long sings up and down.
It gives me shade when days are hot, / it is my very favorite spot.
In autumn it is red and gold, / in winter it is bare and cold.
But every spring it starts anew, / and so, my friend, can I and you.""",
    "a river": """The river starts up on the hill, / so small a child could hold it still.
It jumps and runs from stone to stone / and sings a song that is all its own.
It turns the mill, it feeds the tree, / it never rests, it wants the sea.
The fish are silver in the stream, / they swim as quiet as a dream.
The boats go by, the children wave, / the river passes field and cave.
And where the land is flat and wide, / it meets the sea and meets the tide.""",
    "home": """I love my home, its garden gate, / the place where friends and family wait.
The soup is hot, the lamp is lit, / and by the fire we like to sit.
The floor may creak, the door may stick, / the clock is old and slow to tick.
But when I come in from the cold, / it is worth more to me than gold.
However far my feet may roam, / the sweetest road is leading home.
There is a chair, there is a bed, / a quiet place to rest my head.""",
    "a friend": """A friend is someone good and true / who likes to share the day with you.
When you are sad, they sit near by, / they do not need to ask you why.
When you are glad, they laugh along / and sing with you your silly song.
They share their bread, they share their tea, / they share the shade beneath a tree.
And when the road is long and steep, / they keep the promise friends will keep.
So hold them close and treat them well, / a friend is more than words can tell.""",
    "the sun": """The sun gets up and lifts its head, / it calls us gently out of bed.
It dries the grass, it warms the stone, / it never leaves us long alone.
It wakes the rooster and the bee, / it shines on mountain, field, and sea.
It paints the apples red and round / and draws our shadows on the ground.
At night it sinks behind the hill, / the birds are quiet, the air is still.
It is not gone, it takes a rest, / and leaves some gold there in the west.""",
}
# couplets about any animal; {a} is 'the fox'
_BEASTS = paragraphs("""
I saw {a} one morning bright, / it danced about with all its might.
{A} got up at half past four / and opened wide its little door.
Have you seen {a} go by? / It winked at me, I wonder why.
{A} woke up and saw the sun. / "Today," it said, "will be such fun!"

It wore a hat of blue and red / that nearly fell down from its head.
It had a bag, it had a cup, / it ate its breakfast standing up.
It hummed a tune, it tapped its feet / and greeted all it chanced to meet.
It looked at me, I looked at it, / and so we stayed a little bit.

It ran around the apple tree / and counted one and two and three.
It went to town to buy some bread / but came back home with jam instead.
It jumped so high, it jumped so far, / it nearly caught a falling star.
It tried to sing, it tried to fly, / it tried to eat a pumpkin pie.

And when the day was nearly done, / it said good night to everyone.
Then home it went, and in its bed / it dreamed of all that I have said.
And then it slept without a peep. / Hush, little one, go back to sleep.
So if you meet it, say hello, / then smile at it and let it go.
""")
_ORDERS = lines("""
write a poem about {}
write a short poem about {}
make a poem about {}
write a little poem about {}
write a rhyming poem about {}
make up a poem about {}
write me a poem about {}
tell me a poem about {}
a poem about {}
write a rhyme about {}
""")


def poem(dice: Random) -> Sample:
    """A poem about a season, the sky, the sea...: three to five couplets."""
    subject = dice.choice(list(_COUPLETS))
    couplets = [line.strip() for line in lines(_COUPLETS[subject])]
    first, last = couplets[0], couplets[-1]
    middle = dice.sample(couplets[1:-1], dice.choice((2, 2, 3)))
    return _sample(dice, subject, (), [first, *middle, *[last] * (dice.random() < 0.6)])


def beast_poem(dice: Random) -> Sample:
    """A funny poem about one of the animals."""
    kind = dice.choice(ANIMALS)
    told = [dice.choice(beat).replace("{a}", f"the {kind}").replace("{A}", f"The {kind}") for beat in _BEASTS]
    return _sample(dice, dice.choice((f"a {kind}", f"the {kind}")), (f"poem/{kind}",), told)


def _sample(dice: Random, subject: str, keys: tuple, couplets: list[str]) -> Sample:
    halves = [half.strip() for couplet in couplets for half in couplet.split(" / ")]
    text = "\n".join(half[0].upper() + half[1:] for half in halves)
    prompt = wish(dice, *(order.format(subject) for order in _ORDERS))
    return Sample("poem", keys, articles(prompt), text, (subject.rsplit(maxsplit=1)[-1],))

"""What is a lantern? Two sentences each on the things and animals that the stories are about."""

from random import Random

from .cast import Scene, being, place
from .facts import BEFORE
from .lexicon import articles, capital
from .prompts import question, wish
from .sample import Sample

# noun: what it is: what it does
_KNOWN = """
lantern: a lamp that you can carry: It gives light when you walk in the dark.
candle: a stick of wax with a string inside: When the string burns, it gives a small, warm light.
lamp: a thing that gives light: We turn it on when the room is dark.
torch: a stick that burns at one end: Long ago, people used it to see at night.
flute: a thin pipe that makes music: You blow across it and close its holes with your fingers.
drum: a round box with a tight skin: You beat it with your hands or with two sticks.
violin: a wooden box with four strings: You play it with a bow.
bell: a metal cup that rings: A bell can call people from far away.
trumpet: a loud horn made of brass: You blow into one end, and music comes out of the other.
whistle: a small pipe with a high sound: One short blow can be heard across a field.
guitar: a wooden box with six strings: You play it with your fingers and sing along.
harp: a tall frame with many strings: You play it with both hands, and it sounds soft and clear.
hat: something you wear on your head: It keeps off the sun and the rain.
scarf: a long piece of cloth for your neck: It keeps you warm when the wind is cold.
mitten: a warm bag for your hand: It has one room for the thumb and one for all the fingers.
coat: something warm that you wear over your clothes: You put it on when you go out in winter.
ribbon: a long, thin piece of cloth: You can tie it around a gift or into your hair.
boot: a tall, strong shoe: It keeps your foot dry in mud and snow.
kite: a toy that flies on a string: It is made of paper and thin sticks, and the wind holds it up.
ball: a round toy: You can throw it, kick it, and catch it.
doll: a toy that looks like a small person: Children dress it and take it to bed.
balloon: a thin bag full of air: If you let go of it, it may fly away.
puppet: a doll that moves: You move it with your hand or with strings and tell a story.
marble: a small glass ball: You roll it over the ground and try to hit another one.
puzzle: a game with many small pieces: When all the pieces fit, you can see a picture.
key: a small piece of metal that opens a lock: Without the right one, the door stays shut.
coin: a round piece of metal money: You can pay with it or keep it for later.
ring: a small circle that you wear on a finger: It is often made of gold or silver.
shell: the hard house of a small sea animal: You can find it on the beach.
feather: a light part of the coat of a bird: It keeps the bird warm and helps it to fly.
crystal: a clear stone with flat sides: It sparkles when the light falls on it.
pearl: a round, white jewel: It grows inside a shell in the sea.
medal: a round piece of metal on a ribbon: You get one when you have done something very well.
crown: a round band of gold for the head: Kings and queens wear it.
button: a small, flat disk on your clothes: You push it through a hole to close your coat.
mirror: a glass in which you see yourself: It shows whatever stands in front of it.
cup: a small bowl with a handle: You drink tea or milk from it.
basket: a box made of thin branches: You carry apples or bread in it.
blanket: a big, warm cloth for the bed: You lie under it and stay warm all night.
pillow: a soft bag for your head: You lay your head on it when you sleep.
chair: a seat for one person: It has four legs and a back.
teapot: a pot for making tea: You pour the tea out of its spout.
bucket: a deep, round box with a handle: You carry water or sand in it.
spoon: a tool for eating soup: It is like a very small bowl with a handle.
broom: a brush on a long stick: You sweep the floor with it.
umbrella: a round roof that you carry: It keeps you dry in the rain.
kettle: a pot for boiling water: When it is hot, it begins to sing.
hammer: a tool with a heavy head: You hit nails into wood with it.
rope: a very thick, strong string: You can climb it or tie things with it.
ladder: two long poles with steps between them: You climb it to reach high places.
shovel: a tool for digging: It has a long handle and a flat, wide end.
needle: a thin, sharp piece of metal for sewing: The thread goes through a tiny hole at its end.
telescope: a tube with glass at both ends: Through it, the moon and the stars look near.
wheel: a round thing that turns: Carts and wagons roll on it.
net: a bag made of string with holes: You catch fish with it.
pencil: a thin stick for writing and drawing: You can rub out what it has written.
backpack: a bag that you wear on your back: It leaves both hands free.
book: many sheets of paper in a cover: You open it and read a story.
letter: a message on paper: You put it in an envelope and send it to a friend.
notebook: a small book with empty pages: You write down what you want to remember.
diary: a book about your own days: You write into it every evening.
pie: a round cake with fruit inside: It tastes best when it is warm.
cookie: a small, flat, sweet cake: It goes well with a glass of milk.
apple: a round fruit that grows on a tree: It can be red, green, or yellow.
pumpkin: a big, round, orange fruit: It grows on the ground, and you can make soup from it.
pear: a sweet fruit that is thin at the top: It grows on a tree and is ripe in autumn.
sandwich: two slices of bread with something between them: You can eat it with your hands.
carrot: a long, orange root: Rabbits like it, and it tastes sweet.
boat: a thing that floats and carries you over water: It can have a sail or two oars.
wagon: a cart with four wheels: You can pull it by its handle.
bicycle: a thing with two wheels that you ride: You push the pedals with your feet.
sled: a seat that slides over snow: You sit on it and race down a hill.
raft: a flat boat made of logs: It floats down the river by itself.
acorn: the nut of an oak tree: Squirrels hide it in the ground, and a new tree may grow from it.
tower: a very tall, thin building: From its top, you can see far over the land.
swing: a seat that hangs on two ropes: You move your legs to fly higher and higher.
windmill: a mill that the wind turns: Its big arms turn a stone that makes flour.
well: a deep hole with water at the bottom: You let down a bucket to get a drink.
fence: a low wall of wood: It keeps the sheep in and the dog out.
barn: a big house for hay and animals: Cows and horses sleep there in winter.
fox: a wild animal with a red coat: It is quick and clever and has a thick tail.
bear: a big, strong animal with thick fur: It loves honey and sleeps all winter.
duck: a bird that swims: It has wide feet and says quack.
mouse: a very small animal with a long tail: It eats seeds and can hide in a tiny hole.
rabbit: a small animal with long ears: It lives under the ground and hops very fast.
cat: a soft animal that lives with people: It sleeps a lot and catches mice.
dog: an animal that is a friend of people: It can guard the house and learn tricks.
owl: a bird that flies at night: It has big eyes and can turn its head almost all the way around.
frog: a small green animal that jumps: It lives near the water and catches flies with its tongue.
turtle: a slow animal with a hard shell: When it is afraid, it hides inside.
squirrel: a small animal with a bushy tail: It climbs trees and hides nuts for the winter.
hedgehog: a small animal with sharp spines: It rolls into a ball when it is afraid.
penguin: a black and white bird that cannot fly: It lives in the cold south and swims very well.
snail: a small, slow animal with a house on its back: It leaves a silver line where it goes.
goat: a farm animal with horns: It gives milk and can climb steep rocks.
pig: a round, pink farm animal: It is clever and loves to lie in mud.
crow: a big, black bird: It is so clever that it can use tools.
deer: a shy animal of the forest: It has long, thin legs and runs very fast.
beaver: an animal that builds in rivers: It cuts down trees with its strong teeth.
bee: an insect that makes honey: It flies from flower to flower all day.
ant: a tiny insect that works with many others: It can carry things that are much heavier than itself.
lion: a big, wild cat: It has a loud roar and lives in the warm grass of the south.
tiger: a big cat with stripes: It hunts at night and likes to swim.
elephant: the biggest animal on land: It has a long nose that works like a hand.
monkey: a clever animal that climbs: It has long arms and swings from tree to tree.
giraffe: the tallest animal of all: It eats leaves from the tops of trees.
zebra: an animal like a horse with stripes: No two of them have the same stripes.
wolf: a wild animal like a big dog: It lives with its family and sings to the moon.
parrot: a colorful bird that can learn to talk: It says the words that it hears.
swan: a big, white water bird: It has a long neck and glides over the lake.
camel: an animal of the desert: It can walk for many days without a drink.
whale: the biggest animal in the sea: It breathes air and sings under the water.
dolphin: a clever animal of the sea: It jumps out of the water and plays with the waves.
crab: a sea animal with a hard shell: It has two claws and walks sideways.
bat: a small animal that flies at night: It hangs upside down when it sleeps.
spider: a small animal with eight legs: It makes a web and waits for flies.
horse: a big, strong animal that people ride: It runs fast and eats grass and hay.
cow: a big farm animal that gives milk: It eats grass all day long.
sheep: a farm animal with a thick coat: We make warm clothes from its wool.
eagle: a big bird with sharp eyes: It flies high and can see a mouse far below.
octopus: a soft sea animal with eight arms: It can change its color to hide.
butterfly: an insect with big, colorful wings: It was a caterpillar before it could fly.
robot: a machine that can move and work: People build it to help them.
dragon: a huge animal from old stories: It has wings and can breathe fire.
knight: a soldier on a horse from long ago: He wore heavy iron clothes and a sword.
pirate: a robber on the sea: In stories, he looks for treasure on far islands.
baker: a person who makes bread: The work begins very early in the morning.
farmer: a person who grows food: Farmers look after fields and animals.
"""
KNOWN = [line.split(": ") for line in _KNOWN.strip().splitlines()]
_SEEN = (
    "{h} the {h.kind} [once saw|has a picture of|likes to draw|dreamed of]"
    " a [very small|very old|big|beautiful] {t}.",
    "{h} the {h.kind} [once saw|found|drew|photographed] one {p.at}.",
    "There is a [famous|beautiful|strange|very old] one {p.at}.",
)


def thing_fact(dice: Random) -> Sample:
    """What a thing or an animal is, what it does, and who has seen one."""
    noun, what, does = dice.choice(KNOWN)
    a, someone = f"a {noun}", being(dice, dice.choice(("he", "she")))
    seen = Scene(dice, h=someone, p=place(dice), t=noun).say(*_SEEN) if dice.random() < 0.8 else ""
    prompt = wish(dice, f"explain what {a} is", f"tell me what {a} is")
    if dice.random() < 0.6:
        prompt = question(
            dice, f"what is {a}", f"what is {a}", f"do you know what {a} is", f"can you tell me what {a} is"
        )
    text = " ".join(part for part in (dice.choice(BEFORE), f"{capital(a)} is {what}.", does, seen) if part)
    return Sample("fact", (), articles(prompt), articles(text), (noun,))

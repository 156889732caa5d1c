"""The lexicon: beings, traits, names, things, places. Plain word lists; knows nothing of stories."""

import re


def split(text: str) -> list[str]:
    """The words of a block; the lists below are written so."""
    return text.split()


ANIMALS = split(
    """fox bear duck mouse rabbit cat dog owl frog turtle squirrel hedgehog pony penguin snail goat lamb
hen pig crow deer otter beaver badger mole bee ant cricket lion tiger elephant monkey giraffe zebra
wolf parrot swan goose kitten puppy donkey camel whale dolphin seal crab bat spider lizard koala
panda kangaroo raccoon sparrow robin horse cow sheep rooster eagle stork pelican moose hippo rhino
llama weasel ferret hamster beetle butterfly ladybug octopus chipmunk"""
)

# kind: the pronoun that the kind demands, or either
PEOPLE = dict.fromkeys(split("girl queen princess grandmother"), "she")
PEOPLE |= dict.fromkeys(split("boy king prince grandfather"), "he")
PEOPLE |= dict.fromkeys(
    split(
        """farmer baker sailor teacher painter gardener doctor shepherd knight pilot tailor miller cook
carpenter singer dancer nurse potter blacksmith weaver librarian musician juggler astronaut explorer
clockmaker beekeeper"""
    ),
    "",
)
FANTASTIC = split(
    """robot dragon giant fairy elf ghost troll unicorn mermaid snowman wizard witch goblin dwarf phoenix
scarecrow pirate"""
)
FANTASTIC_PRONOUN = {"mermaid": "she", "witch": "she", "fairy": "she", "snowman": "he", "wizard": "he"}

TRAITS = split(
    """little shy brave curious kind quiet clever lonely cheerful sleepy careful friendly hungry gentle
proud lazy busy small patient polite playful honest clumsy grumpy happy bold calm eager funny
generous helpful jolly lucky merry messy nervous noisy restless silly smart stubborn tall thoughtful
tidy timid tiny wise warm-hearted dreamy forgetful humble joyful loyal modest nimble plucky serious
sweet wild witty young"""
)

GIRLS = split(
    """Lily Rosie Daisy Molly Luna Poppy Ruby Anna Mia Nora Ella Ivy Clara Emma Zoe Hazel Maya Willa Dot
June Penny Sara Alma Bella Cora Dora Edith Fern Greta Heidi Ida Jill Kate Lena Mabel Nell Olive
Pearl Rita Sophie Tilda Una Vera Wendy Yara Zelda Amy Betty Holly Lucy"""
)
BOYS = split(
    """Max Tom Finn Ben Sam Oliver Leo Jack Toby Pip Hugo Theo Otto Milo Noah Alfie Ned Rory Felix Oscar
Bruno Eli Hank Adam Basil Carl Dan Emil Fred George Harry Ivan Jasper Karl Luke Martin Nico Owen
Paul Quentin Ralph Simon Tim Victor Walter Zack Arthur Bert Henry Peter"""
)
ONSETS = split("b d f g k l m n p r s t v z br dr fl gr kl pl sk st tr zw")
VOWELS = split("a e i o u")
GIRL_TAILS, BOY_TAILS = split("la mi na ra sha ti va zia"), split("bo dor k lo mur n rt x zo")
THING_TAILS = split("ble dle ft ger ket lin mp ng per sk tter wick")

# group: noun, then the adjectives that suit it; '_' joins words
_THINGS = {
    "light": "lantern old brass glass,candle white tall half-burned,lamp small green oil,torch bright heavy red",
    "music": "flute wooden silver little,drum round loud red,violin brown old fine,"
    "bell brass tiny golden,trumpet shiny golden old,whistle tin small loud,"
    "guitar old yellow wooden,harp golden small old,banjo round old cheerful,"
    "tambourine red noisy little,music_box tiny painted silver,accordion red big old",
    "wear": "hat red tall woolly straw,scarf long striped warm,mitten lost blue woolly,"
    "coat green heavy warm,cap blue small soft,glove yellow leather small,"
    "ribbon pink silk long,sweater woolly orange big,cloak dark velvet long,"
    "slipper soft purple warm,belt brown leather wide,boot muddy tall black",
    "toy": "kite red paper yellow,ball green striped bouncy,doll rag pretty small,"
    "balloon blue round bright,puppet wooden funny little,teddy_bear brown soft old,"
    "marble glass green shiny,hoop big wooden yellow,toy_train red wooden tiny,"
    "spinning_top striped fast wooden,jump_rope long pink strong,"
    "puzzle hard colorful big",
    "treasure": "key silver small rusty,coin gold old shiny,ring gold plain shiny,"
    "stone smooth white flat,shell pink tiny curly,feather white long blue,"
    "crystal clear purple bright,pearl white round rare,medal bronze heavy shiny,"
    "necklace silver thin pretty,crown golden heavy tiny,button red round shiny,"
    "bracelet silver pretty thin,jewel red sparkling green",
    "house": "clock old tall wooden,mirror round small old,cup blue tin painted,"
    "basket round brown big,box wooden strange little,blanket patched soft warm,"
    "pillow soft blue feather,chair wobbly wooden old,teapot blue white fat,"
    "jar glass empty big,bottle green glass old,bucket tin blue small,"
    "spoon wooden silver long,broom old straw long,umbrella yellow big purple,"
    "plate white painted flat,bowl blue deep wooden,kettle copper black shiny,"
    "stool low three-legged wooden,vase tall white thin,rug red soft round,"
    "suitcase brown old heavy",
    "tool": "hammer heavy small iron,rope long strong thick,ladder tall wooden light,"
    "shovel iron big sturdy,paintbrush thin old soft,needle thin silver sharp,"
    "compass brass small round,telescope long brass old,magnifying_glass round old big,"
    "wheel wooden round heavy,net green wide strong,fishing_rod long new thin,"
    "pencil yellow short sharp,watering_can green old tin,camera black tiny old,"
    "backpack blue big sturdy",
    "paper": "map old secret folded,book thick blue dusty,letter long secret yellow,"
    "notebook red small thick,postcard pretty old colorful,"
    "picture lovely small bright,diary green secret little,ticket golden paper old",
    "food": "pie warm sweet round,cake tall sweet creamy,cookie big warm crunchy,"
    "apple red shiny big,pumpkin orange big round,pear yellow ripe juicy,"
    "muffin warm blueberry soft,pancake thick golden round,sandwich huge tasty thick,"
    "melon green sweet heavy,peach ripe soft juicy,plum purple sweet ripe,"
    "carrot crunchy orange long,bun sticky sweet warm,loaf_of_bread fresh warm brown,"
    "pot_of_soup hot big steaming,jar_of_honey golden sweet big,"
    "bowl_of_berries fresh red sweet,pizza hot round cheesy,cheese yellow round big",
    "ride": "boat small wooden blue,wagon red little squeaky,bicycle red old rusty,"
    "cart wooden strong little,canoe green narrow light,sled fast wooden old,"
    "scooter blue quick shiny,raft flat wooden sturdy",
    "plant": "seed tiny brown strange,acorn small round brown,tulip_bulb round brown fat,"
    "bean green speckled big,cherry_stone hard small round,"
    "sunflower_seed striped small black,apple_seed tiny dark smooth",
    "build": "bridge wooden strong little,treehouse tall cozy wooden,tower high round stone,"
    "swing wooden big sturdy,hut cozy round little,sandcastle tall grand big,"
    "windmill white wooden tall,bench long wooden green,birdhouse yellow tiny pretty,"
    "snow_fort big white strong,well deep round stone,fence white long wooden,"
    "barn red big new,shed small green neat",
    "fragile": "cup blue tall painted,mirror round small old,vase tall white thin,"
    "plate white painted flat,teapot blue white fat,jar big blue painted,"
    "bowl blue deep pretty,clock old tall wooden,lamp small green pretty,"
    "lantern old glass little,violin brown old fine,flute silver wooden thin,"
    "puppet wooden funny little,telescope long brass old,"
    "crystal clear purple bright,kite red paper yellow",
    "machine": "clock old tall wooden,chair wobbly wooden old,umbrella yellow big purple,"
    "lantern old brass little,kite red paper yellow,toy_train red wooden tiny,"
    "telescope long brass old,music_box tiny painted silver,bicycle old red rusty,"
    "boat small wooden blue,wagon red little squeaky,radio old brown small,"
    "violin brown old fine,drum round loud red,puppet wooden funny little,"
    "sled fast wooden old",
}
THINGS = {
    group: [(noun.replace("_", " "), looks) for noun, *looks in (entry.split() for entry in text.split(","))]
    for group, text in _THINGS.items()
}
# what a thing of the group does by itself, and what it is good for
DOES = {
    "light": "gave a soft, warm light",
    "music": "made a lovely sound",
    "wear": "was soft and warm",
    "toy": "looked like great fun",
    "treasure": "shone in the sun",
    "house": "was very well made",
    "tool": "was strong and useful",
    "paper": "was full of fine little drawings",
    "food": "smelled wonderful",
    "ride": "could travel a long way",
    "plant": "was full of hidden life",
    "build": "stood firm and proud",
    "fragile": "was very beautiful",
    "machine": "was very well made",
}

# noun, preposition, adjectives
PLACES = [
    line.split()
    for line in """forest in deep quiet green|beach on sandy wide windy|village in small sleepy old
farm on big busy little|garden in sunny wild pretty|mountain on tall snowy rocky|river by wide slow blue
castle in old huge gray|town in quiet little busy|hill on green low windy|island on tiny far green
meadow in sunny wide grassy|city in big loud bright|lake by calm blue deep|valley in deep green warm
harbor by busy old little|desert in hot wide dry|pond by small still muddy|cave in dark dry cozy
jungle in thick warm green|field in golden wide open|park in sunny big leafy|orchard in shady old apple
swamp in misty wet green|lighthouse in tall white old|library in quiet old dusty|market by busy bright noisy
mill by old wooden white|cottage in cozy small stone|bakery in warm little busy|school in small red cheerful
palace in grand golden white|cliff on high rocky steep|waterfall by tall loud silver
bridge by stone old narrow|zoo in big noisy friendly|shipyard by old busy noisy|canyon in red deep wide
bay by quiet blue sandy|tower in tall round old|vineyard in sunny green old
stream by clear cold quick|station by old little busy
barn in red big warm|museum in grand old quiet""".replace("\n", "|").split("|")
]

_AN = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])(?!uni|use|one\b|once\b|eu)")
_AN_SILENT = re.compile(r"\b([Aa]) (?=hour|honest)")


def articles(text: str) -> str:
    """The text with every 'a' that stands before a vowel sound turned into 'an'."""
    return _AN_SILENT.sub(r"\1n ", _AN.sub(r"\1n ", text))


def capital(text: str) -> str:
    """The text with its first letter upper-case."""
    return text[:1].upper() + text[1:]

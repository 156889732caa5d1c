"""Plots about making: building, planting, a wish, a clever idea, a day off."""

from .plot import plot

BUILDING = plot(
    "building",
    "build",
    """
who builds a {t}
who builds a {t.full}
who wants to build a {t}
who builds a {t} with a friend
and the new {t}
""",
    """
One day, {h} had a big plan. "I will build a {t.full}," {h.he} said.
{h} had always dreamed of a {t.full}. One morning {h.he} began to build it.

{h.He} drew a plan and gathered [wood and nails|everything {h.he} needed].
{h.He} worked from morning to night.

But {trouble}.
All went well until {trouble}.

"This is too hard for one," {h.he} said.
{h} sat down in the middle of it all and sighed.

{f} the {f.kind} was watching. "May I help?" {f.he} asked.
Then {f}, a {f.trait} {f.kind}, came by. "You need a second pair of hands," said {f}.

{h} shook {h.his} head at first, but then {h.he} said yes.
"Yes, please," said {h}. "I cannot do it alone."

{f} {help}, and {h} did the rest.
They made a good team. {f} {help}, and {h} held everything in place.

After [three|four|five] days, the {t} was finished. It {t.does}.
At last it was done. It was a {t.full}, and it {t.does}.

"Our {t} is wonderful," said {h}.
"We built a real {t}!" cried {f}.

Everyone came to see it, and there was [music|cake] for all.
They wrote both their names on it in small letters.
""",
    """
trouble: the first part fell down with a crash
help: knew how to make it strong

trouble: half of it came down in the wind
help: tied everything with good rope

trouble: there was not enough wood
help: brought a cart full of old boards

trouble: {h.he} hit {h.his} thumb and dropped everything
help: hammered in every nail
""",
)

GARDEN = plot(
    "garden",
    "plant",
    """
who plants a {t}
who plants a {t.full}
and a tiny {t}
who waits for a {t} to grow
who grows something from a {t}
""",
    """
One spring day, {h} found a {t.full} in a pocket.
{f} the {f.kind} gave {h} a {t.full}. "Plant it and wait," said {f}.

{h.He} made a hole in the ground and put the {t} in it.
"I will plant this {t}," said {h}, and {h.he} did.

Every morning, {h.he} gave it water and [sang to it|said hello].
{h.He} watered it every day and pulled out the weeds.

A week went by, and nothing happened.
Days passed. There was only brown earth.

"It will never grow," said {f} the {f.kind}.
Even {f} the {f.kind} shook {f.his} head. "Maybe it is asleep," said {f}.

"I will wait a little longer," said {h}.
"Good things need time," said {h}.

{danger}

Then, one morning, a little green tip looked out of the ground.
And then, after a warm rain, there was a small green leaf.

It grew and grew until it was {plant}.
By [summer|autumn], it had become {plant}.

"I was wrong," said {f}. "It is wonderful!"
"Look what you have made!" said {f}.

{h} and {f} sat beside it and {after}.
{after_all}
""",
    """
danger: When the sun was too hot, {h.he} held an umbrella over it.
plant: as tall as a house
after: enjoyed the cool shade
after_all: All the birds came to sing there.

danger: When a cold night came, {h.he} covered the ground with a blanket.
plant: a strong plant full of flowers
after: smelled the sweet flowers
after_all: {h} gave a flower to everyone who passed by.

danger: One night there was a storm, and {h.he} stayed awake to guard it.
plant: big enough to climb
after: told stories until it was dark
after_all: {h} kept one new seed for the next spring.
""",
)

WISH = plot(
    "wish",
    "treasure",
    """
who makes a wish
who gets one wish
and a wish
who wishes {wish}
who finds a {t} that grants a wish
""",
    """
One [evening|morning], {h} found a {t.full}. "You may make one wish," said a voice.
{h} rubbed a {t.full} and heard a voice. "I am the spirit of the {t}. You have one wish."

{h} thought for a long time. "I wish {wish}!" {h.he} said.
"Then I wish {wish}," said {h} at once.

There was a flash of light, and the wish came true.
The {t} grew warm, and it happened.

At first, it was wonderful. {fun}
"Hurray!" cried {h}. {fun}

But soon {bad}.
After a while, though, {bad}.

{f} the {f.kind} came by. "Why are you so sad?" {f.he} asked.
{h} went to {h.his} friend {f}, a {f.kind}, and told {f.him} everything.

"I thought it would make me happy," said {h}.
"I want my old life back," said {h}.

"Then take the {t} and say so," said {f}.
"Ask the {t} again," said {f}. "Ask nicely."

{h} held the {t} and whispered, "Please, let it be as before."
They held the {t} together and closed their eyes.

When {h.he} opened {h.his} eyes, everything was as before.
The voice laughed softly, and all was well again.

"{lesson}," said {h}.
{h} smiled at {f}. "Now I know it," {h.he} said. "{lesson}."
""",
    """
wish: to be very tall
fun: {h.He} could see over every roof.
bad: {h.he} could not fit through {h.his} own door
lesson: I am just the right size

wish: to fly
fun: {h.He} flew over the trees like a bird.
bad: {h.he} was alone up there, with nobody to talk to
lesson: The ground is a good place to be

wish: to be rich
fun: {h.He} had a hundred bags of gold.
bad: {h.he} had to guard the gold all day and all night
lesson: Friends are better than gold

wish: for summer every day
fun: The sun shone day after day.
bad: all the flowers were thirsty, and the stream was dry
lesson: Rain is a gift, too

wish: to eat only cake
fun: There was cake for breakfast, lunch, and supper.
bad: {h.he} had a terrible stomach ache
lesson: A little soup is a fine thing
""",
)

IDEA = plot(
    "idea",
    "tool",
    """
with a clever idea
who has a clever idea
who has a good idea
who helps everyone with a {t}
and a {t.full}
who outwits a {f.kind}
""",
    """
{h} was not big and not strong, but {h.he} always had good ideas.
Nobody noticed {h} much, but {h.he} was very clever.

One day, {f} the {f.kind} {trouble}.
One morning, a {f.kind} named {f} {trouble}.

"What can we do?" everyone asked, but nobody knew.
Everyone [talked|shouted] at once, but nobody knew what to do.

"I have an idea," said {h}. "I need a {t}."
{h} looked around and saw a {t.full}. "That {t} will help us," {h.he} said.

"A {t}?" asked {f}. "What can you do with a {t}?"
{f} laughed. "It is only a {t.full}," {f.he} said.

"Wait and see," said {h}.
{h} only smiled.

{h.He} took the {t.full} and {plan}.
Then {h.he} picked up the {t.full} and {plan}.

{result}

"How clever you are!" said {f}.
"I would never have thought of that," said {f}.
{f} bowed low. "I will never laugh at a {t} again," {f.he} said.
""",
    """
trouble: blocked the road and would not let anyone pass
plan: began to play with it as if it were great fun
result: {f} wanted to play, too, and left the road. Soon everyone was laughing and playing.

trouble: was stuck on the roof and could not come down
plan: put it on a big pile of hay
result: "Now jump!" said {h}. {f} jumped and landed softly right beside it.

trouble: fell asleep in front of the only door
plan: danced around with it, singing loudly
result: {f} woke up, looked, and moved aside at last.

trouble: was so sad that nobody could cheer {f.him} up
plan: put it on {h.his} head like a crown
result: {f} looked at {h}, and then {f.he} laughed until {f.his} sides hurt.
""",
)

HOLIDAY = plot(
    "holiday",
    "ride",
    """
who goes on a trip with a {t}
who gets a {t}
and a {t.full}
who rides in a {t}
who takes a day off
""",
    """
{h} worked hard [all week|all year]. "Today I will take a day off," {h.he} said.
One [sunny|bright] morning, {h} wanted to go somewhere new.

{h.He} had a {t.full}, and it {t.does}.
In the shed stood a {t.full}.

"Would you like to come with me?" {h.he} asked {f} the {f.kind}.
{f} the {f.kind} came running. "May I come along in your {t}?" {f.he} asked.

They packed {lunch} and set off.
They took {lunch} with them and left at once.

The {t} went faster and faster. "Hold on tight!" cried {h}.
The {t} moved slowly, and they looked at everything they passed.

Then {trouble}.
But on the way, {trouble}.

"Oh no!" said {f}. "What do we do now?"
"Do not worry," said {h}. "We will think of something."

{fix}

They came to a lovely place and ate {lunch} in the sun.
In the evening, they turned the {t} around and went home under a red sky.

"What a day!" said {f}. "Can we do it again tomorrow?"
"A day off is a fine thing," said {h}.
""",
    """
lunch: bread and cheese
trouble: a family of ducks walked by, right in front of them
fix: They stopped and waited until the last little duck was safe.

lunch: a basket of plums
trouble: the {t} got stuck
fix: {f} pushed and {h} pulled, and with a loud pop it came free.

lunch: a big bag of nuts
trouble: it began to rain
fix: They turned a blanket into a roof and listened to the drops.

lunch: three honey cakes
trouble: they took a wrong turn
fix: An old turtle showed them a way that was even nicer.
""",
)

PLOTS = [BUILDING, GARDEN, WISH, IDEA, HOLIDAY]

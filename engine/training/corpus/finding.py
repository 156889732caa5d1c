"""Plots about things: found, lost, mended, broken, made, given, magic."""

from .plot import plot

FOUND = plot(
    "found",
    "light music wear toy treasure tool paper house",
    """
who finds a {t}
who finds a {t} and gives it back
who finds a lost {t}
who finds a {t.full}
and a lost {t}
and a {t}
""",
    """
[One morning|One day|One afternoon], {h} found a {t.full} {spot}.
[One morning|One evening], {h} went for a walk and saw something {spot}. It was a {t.full}.
[One day|One windy day], {h.he} looked down and saw a {t.full} {spot}.

It {t.does}.
"What a fine {t}!" said {h}.
{h} picked it up. It {t.does}.

{h.He} wanted to keep it, but then {h.he} thought, "Someone must miss this {t}."
"Who could have lost it?" {h.he} [wondered|asked]. "I will find out."
"It is not mine," {h.he} said. "I must find the one who lost it."

{h} asked everyone {h.he} met, but nobody knew the {t}.
{h.He} carried the {t} from door to door.
{h.He} took the {t} and walked [until noon|all day|a long way].

At last {h.he} met {f} the {f.kind}, who {sad}.
Then {h.he} came to a {f.trait} {f.kind} named {f}, who {sad}.

"Why are you so sad?" asked {h}. "{why}," said {f}.
"What is wrong?" asked {h}. {f} sighed. "{why}."

"Is this your {t}?" asked {h}, and held it up.
{h} smiled and gave {f.him} the {t}. "I think this is yours," {h.he} said.

"My {t}!" cried {f}. "Thank you, thank you!"
{f} [laughed|jumped] for joy. "You found it!" {f.he} said.

{thanks}
{thanks}
""",
    """
spot: [under a bush|under an old tree]
sad: was looking under every leaf
why: I lost my {t} in the wind
thanks: {f} asked {h} to stay for supper, and they talked until the stars came out.

spot: [beside the path|in the middle of the road]
sad: was sitting on a stone and crying
why: My {t} fell out of my bag, and it was a gift from my [mother|father|sister|brother]
thanks: {f} gave {h} a big hug and shared a warm [pie|cake] with {h.him}.

spot: [in the tall grass|between two stones]
sad: was walking slowly with a long face
why: I had a {t}, and now it is gone
thanks: {f} showed {h} how to use the {t}, and they took turns all afternoon.

spot: [behind a wall|near a gate]
sad: had looked everywhere for three days
why: I cannot sleep without my {t}
thanks: From then on, {f} let {h} borrow the {t} every Sunday.
""",
)

LOST = plot(
    "lost",
    "light music wear toy treasure tool paper house",
    """
who loses a {t}
who has lost a {t}
who looks for a lost {t}
and the missing {t}
who cannot find the {t}
who loses a {t.full}
""",
    """
{h} had a {t.full}, and {h.he} [loved it very much|took it everywhere].
The thing {h} loved most was a {t.full}.

But one [morning|evening|day], the {t} was gone.
One [morning|day], {h.he} [woke up|came home] and could not find it.

"Where is my {t}?" cried {h}.
"Oh no! I have lost my {t}!" said {h}.

{h.He} looked under the bed and behind the door, but it was not there.
{h.He} looked in every corner. There was no {t}.
{h.He} looked high and low and found only [dust|a sock|an old button].

{f} the {f.kind} heard {h.him} and came to help.
Then {h} asked {h.his} neighbor for help, a {f.kind} named {f}.
A {f.trait} {f.kind} named {f} came by. "I will help you look," said {f}.

"Where did you see it last?" asked {f}. "{last}," said {h}.
"Think back," said {f}. "Where were you yesterday?" "{last}," said {h}.

So they went there together, and {clue}.
They ran there at once. Sure enough, {clue}.

There was the {t}, {where}!
And there it was! The {t} lay {where}.

{h} [hugged|held] the {t} and then hugged {f}. "Thank you for helping me," {h.he} said.
"You found it!" said {h}. "No," said {f}, "we found it together."

After that, {h} always put the {t} [in a safe place|next to the bed] at night.
That day {h} learned to take better care of {h.his} things.
{h} gave {f} [a flower|a sweet bun|a red apple] to say thank you.
-
""",
    """
last: I was down by the water
clue: they saw small footprints in the mud
where: [on a flat stone|among the reeds]

last: I took a nap under the big tree
clue: something moved in the branches
where: [in a bird's nest|high in the branches]

last: I was helping in the garden
clue: they found a hole beside the fence
where: [under the cabbage leaves|behind the flowerpots]

last: I ate lunch on the hill
clue: they saw something in the grass
where: [next to the lunch basket|under a yellow flower]
""",
)

MENDED = plot(
    "mended",
    "machine",
    """
who mends a broken {t}
who fixes a {t}
who fixes a {t} for a friend
and a broken {t}
who can mend anything
who repairs a {t.full}
""",
    """
{h} was good at mending things.
Everyone knew that {h} could fix almost anything.
{h} had a box full of [tools|nails and string|screws and glue].

One day, {f} the {f.kind} came to the door with a {t.full}.
One rainy day, a {f.trait} {f.kind} named {f} brought {h.him} a {t.full}.

"My {t} is broken," said {f}. "{how}."
"Can you help me?" asked {f}. "My {t} does not work. {how}."

{h} turned the {t} around and looked at it [closely|from every side].
{h} put the {t} on the table and lit a lamp.

"Hmm," said {h}. "I will try."
"It will not be easy," said {h}, "but I will do my best."

First {h.he} tried glue, but that did not work. Then {h.he} tried string, and that did not work.
{h.He} worked all [morning|day], but one small part was missing.

Then {h.he} had an idea. {h.He} used {part}.
At last {h.he} remembered {part}. It fit perfectly!

Soon the {t} was as good as new.
Now the {t} was even better than before.

"You did it!" cried {f}. "How can I thank you?"
{f} danced around the room. "It works! It works!" {f.he} cried.

"{reply}," said {h} with a smile.
{h} laughed. "{reply}."
""",
    """
how: It fell down the stairs
part: [a button from an old coat|a small brass screw]
reply: Just be careful on the stairs

how: I left it out in the rain
part: [a piece of ribbon|a bit of wax]
reply: You can bring me a cup of tea

how: I stepped on it in the dark
part: [a spoon from the kitchen|a bent nail]
reply: That is what friends are for

how: It is very old and worn
part: [half of a walnut shell|a wire from the shed]
reply: Old things only need a little love
""",
)

SORRY = plot(
    "sorry",
    "fragile",
    """
who breaks a {t}
who breaks a {t} and says sorry
who makes a mistake
who learns to say sorry
who breaks a friend's {t}
and the broken {t}
""",
    """
One day, {h} went to visit {f} the {f.kind}.
{h} had a friend, a {f.kind} named {f}. One day {h} went to play at {f}'s house.

{f} had a {t.full} and was very proud of it.
On the shelf stood {f}'s {t.full}.

"Please be careful with my {t}," said {f}.
"You may look at it," said {f}, "but please do not drop it."

But when {f} left the room, {h} {deed}. Crack! The {t} broke.
{f} went out to fetch some [milk|cookies]. Then {h} {deed}, and the {t} fell and broke.

{h} was so afraid that {h.he} hid the {t} [under a cushion|behind the curtain] and ran home.
"Oh no!" whispered {h}. {h.He} ran home without a word.

That night, {h.he} could not sleep. {h.He} felt terrible.
At home, {h.he} could not eat. {h.His} heart felt heavy.

In the morning, {h.he} went back. "I broke your {t}," {h.he} said. "I am very sorry."
The next day, {h.he} knocked at the door. "It was me," {h.he} said. "I broke the {t}, and I am sorry."

{f} was sad, but {f.he} was not angry for long. "Thank you for telling me the truth," {f.he} said.
{f} was quiet for a moment. Then {f.he} said, "It was brave of you to tell me."

{mend}

{h} felt as light as a feather.
They were better friends than ever.
"Friends again?" asked {h}. "Friends forever," said {f}.
""",
    """
deed: [danced around the room|jumped from a chair]
mend: Together they put the pieces back with glue.

deed: [threw a ball inside|ran too fast]
mend: {h} saved [coins|money] for a month and bought {f} a new {t}.

deed: [wanted to touch it|picked it up with wet hands]
mend: They made a new {t} together, and it was even nicer.
""",
)

GIFT = plot(
    "gift",
    "wear toy music light",
    """
who makes a {t} for a friend
who makes a gift
who makes a {t.full}
and a special gift
who makes a {t} as a gift
""",
    """
{h}'s best friend was {f} the {f.kind}, who {sad}.
{h} had a dear friend, a {f.trait} {f.kind} named {f}, who {sad}.

"What can I give {f.him}?" {h} wondered.
"I want to make {f.him} happy," thought {h}.

{h} had no money, so {h.he} decided to make a {t}.
Then {h.he} knew it. "I will make a {t}!" {h.he} said.

{h.He} gathered [string, paper, and paint|cloth, thread, and buttons|all kinds of bits and pieces].
{h.He} found everything {h.he} needed in [the shed|an old chest|the attic].

{h.He} worked [for three days|every evening|all week]. {trouble}
It was slow work. {trouble}

But {h} did not give up, and at last there was a {t.full}.
"One more try," {h.he} said. Finally the {t} was done. It was a {t.full}.

{h.He} [carried|took] it to {f} and said, "This is for you."
"Close your eyes," {h} said to {f}. "Now open them!"

{f} looked at the {t} and could not speak for joy.
"A {t}! And you made it yourself!" cried {f}.

"It is the best gift I ever had," said {f}.
"I will keep it forever," {f.he} said.

{last}
""",
    """
sad: had been ill for a long time
trouble: Once {h.he} hurt {h.his} thumb.
last: {h} knew now that a gift made with love is worth more than gold.

sad: had moved far away from home
trouble: Once everything fell apart, and {h.he} had to start again.
last: They sat together in the evening sun and looked at it.

sad: always helped everyone
trouble: The first one looked so funny that {h.he} had to laugh.
last: The next week, {f} made something for {h}, too.
""",
)

MAGIC = plot(
    "magic",
    "light music wear toy treasure paper house",
    """
who finds a magic {t}
and a magic {t}
who has a magic {t}
and the magic {t}
who finds a {t.full} that is magic
""",
    """
One [day|evening], {h} found a {t.full} in [an old chest|a dark corner|a pile of leaves].
An old traveler gave {h} a {t.full}. "Be careful," said the traveler. "It is magic."

{h} rubbed the dust off, and suddenly {power}.
When {h.he} touched the {t}, {power}.

"A magic {t}!" cried {h}.
{h.His} eyes grew wide. The {t} was magic!

{h} ran to show it to {f} the {f.kind}.
Soon a {f.kind} named {f} came to see what was happening.

"Let me try it too!" said {f}.
"What shall we do with it?" asked {f}.

All day they [played|laughed] and used the magic. {wrong}
They used it again and again, until it was too much. {wrong}

"Oh no! Make it stop!" cried {f}.
"This is not fun anymore," said {h}.

{h} thought hard. Then {h.he} said to the {t}, "Please, dear {t}, that is enough."
{h.He} put [both hands on|a blanket over] the {t} and whispered, "Thank you. Now rest."

At once, everything was quiet again.
Slowly, the magic faded away.

After that, they used the {t} only {use}.
They put the {t} on a high shelf and used it only {use}.
""",
    """
power: it began to sing
wrong: But then the {t} sang so loudly that nobody could sleep.
use: on holidays

power: everything near it turned blue
wrong: Soon the bread was blue, the milk was blue, and {f}'s nose was blue.
use: to paint the sky in spring

power: {h.he} rose up into the air
wrong: But then they floated higher and higher, over the roofs.
use: to pick apples from tall trees

power: sweet cookies fell from the sky
wrong: Soon there were cookies on the roof, in the well, and in {f}'s hat.
use: when someone was hungry
""",
)

PLOTS = [FOUND, LOST, MENDED, SORRY, GIFT, MAGIC]

"""Plots about finding out: a journey, a mystery, learning something new."""

from .plot import plot

JOURNEY = plot(
    "journey",
    "paper food treasure music",
    """
who goes on a journey
who goes on a long journey
who goes on an adventure
who brings a {t} to {goal}
and a long journey with a {t}
who travels to see {goal}
""",
    """
One day, {h} had to bring a {t.full} to {goal}.
One morning, {h} packed a {t.full} and set out to visit {goal}.

"It is a long way," {h.he} said, "but I am not afraid."
"Be careful on the road," everyone said.

{h.He} walked over hills and through [tall grass|green woods].
For two days, {h.he} followed the road.

Then {h.he} came to {block}.
But on the third day, {h.he} came to {block}.

"How will I get past this?" {h.he} wondered.
"Oh dear," said {h}. "What now?"

There {h.he} met {f} the {f.kind}. "I can help you," said {f}, "if I may come along."
A {f.trait} {f.kind} named {f} was sitting there. "I know a way," said {f}.

Together they {way}.
{f} showed {h.him} what to do, and together they {way}.

At night, they slept under the stars and kept the {t} between them.
On the way, {f} told funny stories, and the time flew by.

At last they stood before {goal}. "We did it!" cried {f}.
Finally they reached {goal}, tired and dusty.

{h} unpacked the {t}. It was still [in one piece|as good as new].
They were welcomed with [warm bread|sweet tea], and the {t} was passed around.

"The best part of the journey was finding you," {h} said to {f}.
"Next time, let us go even farther," said {f}.
""",
    """
goal: the wise old owl
block: a wide river
way: built a raft from old logs

goal: the king of the north
block: a wall of thorns
way: crawled through a small hole

goal: the end of the rainbow
block: a deep gap
way: laid a long branch across it

goal: the edge of the sea
block: a steep cliff
way: climbed up, one stone at a time

goal: the town behind the mountains
block: a dark tunnel
way: held hands and counted their steps
""",
)

MYSTERY = plot(
    "mystery",
    "food wear house",
    """
and a mystery
who solves a mystery
who wants to know who took the {t}
and the mystery of the missing {t}
who hears a strange noise
who plays detective
""",
    """
One night, {h} heard {noise}. In the morning, {h.his} {t.full} was gone.
{h} had put a {t.full} by the window. Then came {noise}, and the {t} was gone.

"Who took my {t}?" asked {h}. "This is a mystery!"
"I will find out who took the {t}," said {h}.

{h.He} looked at the floor and found {clue}.
{h.He} searched the ground with a magnifying glass. There was {clue}.

{h.He} followed the trail past the [well|fence] and around the [corner|barn].
The trail went [over a wall|along a ditch] and through a hole in the hedge.

{h} tiptoed closer. {h.His} heart was beating fast.
Then {h.he} heard {noise} again, very near.

Behind a [bush|door|pile of wood] was {f} the {f.kind} with the {t}.
{h} jumped out. "Stop!" {h.he} called. And there was a {f.kind} named {f}, holding the {t}.

{f} turned red. "I am sorry," {f.he} said. "{why}."
"Please do not be angry," said {f}. "{why}."

"You could have asked me," said {h}, but {h.he} smiled.
{h} was not angry anymore. "Next time, just ask," {h.he} said.

{end}

So the mystery was solved.
"Case closed," said {h}.
-
""",
    """
noise: a soft scratching
clue: a line of crumbs
why: I was so cold and lonely last night
end: {h} took {f} home and made {f.him} a bed near the stove.

noise: a funny squeak
clue: some muddy footprints
why: I wanted to make a surprise for you
end: Then {f} showed {h} a table with flowers, set for two.

noise: a low whistle
clue: a long red thread
why: I thought that nobody wanted it
end: They made a sign that said, "Please ask first," and hung it on the wall.

noise: a quiet giggle
clue: a trail of blue paint
why: I wanted to draw a picture of it
end: The picture was so good that {h} hung it over the bed.
""",
)

LEARNING = plot(
    "learning",
    "music",
    """
who learns to {skill}
who wants to {skill}
who cannot {skill}
who learns to {skill} with a {f.kind}
who tries to {skill}
who never gives up
""",
    """
{h} wanted to {skill}, but {h.he} did not know how.
More than anything, {h} wanted to {skill}.

One day, {h.he} tried it. {fail}
"It cannot be so hard," {h.he} said. But the first time, {fail_low}

"I will never learn it," said {h}.
{h.He} sat down and wanted to give up.

{f} the {f.kind} had seen it all. "I fell a hundred times," said {f}. "Try again."
"Do you want me to teach you?" asked a {f.trait} {f.kind} named {f}.

"Really? Will you help me?" asked {h}.
"But I am afraid," said {h}. "I will stay right beside you," said {f}.

So they practiced every [morning|day]. "{tip}," said {f}.
"{tip}," said {f}, and {h} listened well.

On the first day, it was bad. On the second day, it was a little better.
{h} made many mistakes, but every day there were fewer.

Then, one [sunny morning|day], {success}
After a week, something wonderful happened. {success}

"Look! I can do it!" {h.he} shouted.
"I did it, {f}! Did you see me?" cried {h}.

"I knew you could," said {f}.
{f} clapped. "Now you can teach me to {other}," {f.he} said.
""",
    """
skill: swim
fail: {h.He} swallowed a lot of water and came out coughing.
fail_low: {h.he} swallowed a lot of water.
tip: Breathe slowly and kick your legs
success: {h} swam all the way to the other side.
other: dance

skill: ride a bicycle
fail: {h.He} fell into a bush.
fail_low: {h.he} fell into a bush.
tip: Look ahead and not at your feet
success: {h} rode down the whole street without falling.
other: sing

skill: play the {t}
fail: The {t} made a terrible sound, and a bird fell off its branch.
fail_low: the {t} made a terrible sound.
tip: Start with one soft note
success: {h} played a whole song on the {t} without one wrong note.
other: whistle

skill: read
fail: The letters danced before {h.his} eyes.
fail_low: the letters danced before {h.his} eyes.
tip: One letter at a time
success: {h} read a whole page out loud.
other: paint

skill: skate
fail: {h.He} slipped and sat down hard on the ice.
fail_low: {h.he} sat down hard on the ice.
tip: Bend your knees and push
success: {h} went around in a perfect circle.
other: bake
""",
)

PLOTS = [JOURNEY, MYSTERY, LEARNING]

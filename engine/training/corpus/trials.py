"""Plots about courage and effort: a race, a contest, a storm, the dark."""

from .plot import plot

RACE = plot(
    "race",
    "treasure",
    """
who runs in a race
who wants to win a race
and a race
who races against a {f.kind}
who enters a race
and the big race
""",
    """
Every [spring|summer|autumn], there was a big race, and {h} wanted to run in it.
One day, {h} heard about a race [to the old oak|around the lake|over the hill].

"You?" laughed {f} the {f.kind}. "You are much too slow!"
A {f.kind} named {f} was the fastest of all. "I will win," said {f}. "I always do."

{h} said nothing and practiced every [day|morning].
"I will do my best," said {h}.

On the day of the race, everyone came to watch. Ready, set, go!
A bell rang, and off they went.

{f} was soon far ahead.
{f} ran like the wind, and {h} was far behind.

But then {f} {mishap}.
Halfway there, {f} {mishap}.

{choice}

{end}

"You are a true [champion|friend]," said {f}.
"I am sorry that I was so proud," said {f}. "Will you race with me again?"
""",
    """
mishap: fell over a root and hurt {f.his} foot
choice: {h} could have run past {f.him}, but {h.he} stopped. "Lean on me," {h.he} said.
end: They crossed the line together, last of all, and everyone cheered.

mishap: lay down in the shade to take a nap
choice: {h} did not stop. Step by step, {h.he} went on.
end: When {f} woke up, {h} had already won, and the crowd was cheering.

mishap: took the wrong path
choice: "Not that way!" called {h}. {h.He} waited until {f} came back.
end: In the end, {f} won by one step and gave {h} half of the prize.

mishap: stopped to wave to the crowd
choice: {h} kept {h.his} eyes on the road and ran as fast as {h.he} could.
end: {h} won by the tip of {h.his} nose. Nobody could believe it!
""",
)

CONTEST = plot(
    "contest",
    "treasure music",
    """
who enters a contest
who wants to win a contest
and a {what} contest
who takes part in a {what} contest
who wins a {t} in a contest
""",
    """
One day, there was a {what} contest. The prize was a {t.full}.
A sign on a wall said, "Great {what} contest! Win a {t.full}!"

"I would love to win that {t}," said {h}.
{h} wanted the {t} very much. It {t.does}.

{h.He} practiced {practice}.
Every day {h.he} worked hard and practiced {practice}.

{f} the {f.kind} wanted to win, too.
There was also a {f.trait} {f.kind} named {f}, who was very good.

When the big day came, {h}'s knees were shaking.
On the day of the contest, many came to watch.

{f} went first, and everyone clapped. Then it was {h}'s turn.
First it was {f}'s turn. Then someone called {h}'s name.

At first, {h} {trouble}. {h.He} wanted to run away.
But {h} was so nervous that {h.he} {trouble}.

"You can do it!" called {f}.
Then {h.he} saw {f} in the crowd. {f} smiled and nodded.

{h} [took a deep breath|closed {h.his} eyes] and tried again. This time it was {good}.
So {h.he} started once more, and it was {good}.

The prize went to both of them, and they took turns with the {t}.
{h} won the {t}! "You earned it," said {f}.
{f} won the {t}, but {h} was not sad. "I did it," {h.he} said, "and I was not afraid."
""",
    """
what: singing
practice: in the bath and on the stairs
trouble: forgot the first line of the song
good: the sweetest song of the day

what: baking
practice: until the kitchen was white with flour
trouble: dropped an egg on the floor
good: the best cake of the day

what: dancing
practice: in front of the mirror
trouble: fell over {h.his} own feet
good: a dance full of joy

what: drawing
practice: on every piece of paper {h.he} could find
trouble: spilled the paint
good: a picture of a rainbow

what: cooking
practice: with carrots, beans, and onions
trouble: burned the soup
good: a soup that made everyone smile
""",
)

STORM = plot(
    "storm",
    "light",
    """
and a storm
who is caught in a storm
who helps in a storm
who is afraid of the storm
with a {t} in a storm
and the big storm
""",
    """
One evening, dark clouds came over the land. The wind began to howl.
One day, the sky turned black, and the wind grew stronger and stronger.

"A storm is coming!" said {h}.
{h} closed the windows and locked the door.

Thunder rolled, and rain beat on the roof.
Lightning flashed, and the trees bent low.

{h.He} lit a {t.full} and sat down by the wall.
{h} was afraid, but {h.he} had a {t.full}, and it {t.does}.

Then {h.he} heard {sound}. Someone was outside!
Suddenly there was {sound} at the door.

{h} took the {t} and went out into the rain.
"Who is out in such weather?" {h.he} asked, and held up the {t}.

There stood {f} the {f.kind}, wet and cold. "{woe}," said {f}.
It was a {f.kind} named {f}. "{woe}," {f.he} said, shaking with cold.

"Come in, quickly!" said {h}. "There is room for two."
"You can stay with me," said {h}.

They sat by the light of the {t}, drank hot [milk|tea], and told [jokes|stories].
{h} gave {f} a dry blanket, and they sang louder than the thunder.

In the morning, the sky was blue, and {after}.
At last the storm was over. The sun came out, and {after}.
""",
    """
sound: a soft knock
woe: The wind has blown my roof away
after: they built a new roof together

sound: a weak cry
woe: I lost my way in the rain
after: there was a rainbow over the road home

sound: three loud knocks
woe: The water has come into my house
after: they cleaned {f}'s house from top to bottom

sound: a loud bang
woe: A tree fell across the road
after: many neighbors came and moved the tree
""",
)

DARK = plot(
    "dark",
    "light",
    """
who is afraid of the dark
who was afraid of the dark
and the dark night
who gets a {t} for the dark
who learns not to be afraid of the dark
""",
    """
{h} was not afraid of [spiders|thunder|heights], but {h.he} was afraid of the dark.
There was only one thing that {h} feared, and that was the dark.

Every night, {h.he} [hid under the blanket|counted every sound] and could not sleep.
When the sun went down, {h.his} heart began to beat fast.

"There is something in the corner," {h.he} whispered.
"What was that noise?" {h.he} asked every night.

One evening, {h.he} told {f} the {f.kind} about it.
{h.His} friend {f} was a {f.kind} who loved the night.

"Come with me," said {f}. "I will show you something." {f.He} held up a {t.full}.
{f} brought {h} a {t.full}. "Let us go outside together," {f.he} said.

{h} held the {t} tightly, and they went out into the night.
They walked slowly, and the {t} lit the way.

"Look there," said {f}. It was only {truth}.
Something moved! But it was only {truth}.

Then {f} put out the light. "Do not be afraid," {f.he} said. "Look up."
After a while, {h} put out the {t} without being asked.

There {wonder}.
{h} looked up and held {h.his} breath. There {wonder}.

"It is beautiful," {h.he} said. "I did not know."
"The dark is full of lovely things," said {h}.

That night {h} left the {t} by the bed and did not need it.
From that night on, {h} liked the dark almost as much as the day.
""",
    """
truth: an old coat on a hook
wonder: were more stars than anyone could count

truth: a branch in the wind
wonder: was the moon, as round as a plate

truth: a small moth
wonder: were a hundred fireflies, dancing in the air

truth: {h.his} own shadow
wonder: was a falling star with a long tail
""",
)

PLOTS = [RACE, CONTEST, STORM, DARK]

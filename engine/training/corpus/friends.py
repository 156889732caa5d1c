"""Plots about others: a new friend, a forgotten birthday, a promise, sharing, a rescue, the way home."""

from .plot import plot

FRIEND = plot(
    "friend",
    "toy music food",
    """
who makes a new friend
who is looking for a friend
who wants a friend
and a new friend
who meets a {f.kind}
who has no friends
""",
    """
{h} had [many toys|a nice home|plenty to eat], but {h.he} had no one to talk to.
{h} was new there and did not know anyone.

"I wish I had a friend," {h.he} [sighed|said] one day.
Every day {h.he} [played|ate lunch] alone and felt a little sad.

One [morning|day], a {f.kind} named {f} moved into the house next door.
One [morning|afternoon], {h.he} saw {f} the {f.kind} sitting alone {spot}.

{h} wanted to say hello, but {h.he} was [too shy|afraid to speak].
{h} hid behind a [tree|wall] and did not know what to say.

"What if {f.he} does not like me?" {h.he} thought.
-

Then {h.he} saw that {f} {problem}.
Just then, {f} {problem}.

{h} took a deep breath and walked over. "{offer}" {h.he} asked.
"{offer}" asked {h} in a small voice.

{f} looked up and smiled. "Yes, please!" {f.he} said. "I am {f}. Who are you?"
"Oh, thank you!" said {f}. "I am new here, and I do not know anyone."

{result}

"Will you come back tomorrow?" asked {f}. "Of course," said {h}.
"I was afraid to talk to you," said {h}. "I was afraid, too!" said {f}, and they both laughed.
""",
    """
spot: on the steps
problem: was trying to carry three heavy boxes at once
offer: May I help you carry them?
result: They carried the boxes together and talked about everything.

spot: under a tree
problem: was playing catch with {f.his} own shadow
offer: May I play with you?
result: They played until the sun went down.

spot: by a fence
problem: had no lunch that day
offer: Would you like half of my sandwich?
result: They shared the sandwich and told each other funny stories.

spot: on a bench
problem: dropped a big bag of apples
offer: Can I help you pick them up?
result: They picked up every apple and baked a cake together.
""",
)

BIRTHDAY = plot(
    "birthday",
    "toy music wear treasure light",
    """
who thinks everyone forgot the birthday
and a forgotten birthday
and a birthday party
who has a birthday
and a birthday surprise
who gets a {t} for a birthday
""",
    """
One day, it was {h}'s birthday, but nobody said a word.
{h} woke up early. It was {h.his} birthday! But the house was quiet.

{h.He} went outside and met {f} the {f.kind}. "Good morning," said {f}, and walked on quickly.
{h.He} visited {h.his} friend {f} the {f.kind}, but {f} said, "{excuse}."

"Do you know what day it is?" asked {h}. "{day}," said {f}.
{h} waited, but {f} only said, "{day}."

"Everyone has forgotten me," thought {h}.
{h} went away slowly. A tear rolled down {h.his} cheek.

{h.He} [sat by the water|walked alone] until it was almost dark.
All afternoon {h.he} sat alone and felt sad.

When {h.he} came home, {sign}.
In the evening, {h.he} went home, and there {sign}.

{h} opened the door. "Surprise!" shouted all {h.his} friends.
"Happy birthday!" cried many voices, and all the lamps were lit.

There was {feast}, and {f} was laughing the loudest.
{f} came with a big smile. "We did not forget," {f.he} said. On the table was {feast}.

{f} gave {h} a {t.full}. It {t.does}.
The best gift was a {t.full} from {f}.

"A {t}! It is just what I wanted!" said {h}.
"I love this {t}," said {h}. "Thank you all."
""",
    """
excuse: I am very busy today
day: It is washing day
sign: a thin light shone under the door
feast: a cake with many candles

excuse: I have to go to the market
day: It is a day like any other
sign: {h.he} heard someone giggle
feast: a bowl of fruit and a tall cake

excuse: I cannot play right now
day: It looks like a rainy day
sign: {h.he} smelled something sweet
feast: a mountain of pancakes
""",
)

PROMISE = plot(
    "promise",
    "plant light music paper",
    """
who makes a promise
who keeps a promise
and a promise
who promises to take care of a {t}
who looks after a {t}
""",
    """
One day, {f} the {f.kind} had to go on a long trip.
{f} the {f.kind} lived next door. One day {f.he} packed a bag.

"Please look after my {t.full} while I am away," {f.he} said to {h}.
{f.He} brought {h} a {t.full}. "Will you take care of it until I come back?" {f.he} asked.

"I promise," said {h}.
"I will," said {h}. "That is a promise."

At first it was easy. Every morning {h} made sure that the {t} was safe.
Every day {h} looked at the {t} and kept it [clean and dry|in a safe place].

Then one day {friends}. "Do you want to {fun}?" everyone asked.
But one morning {friends}. "Come and {fun} with us!" they called.

{h} wanted to go very much. {h.He} looked at the {t}. {danger}
"It is only for one day," thought {h}. But then {h.he} looked up. {danger}

"I cannot go," {h.he} said. "I made a promise."
"Go without me," said {h}. "A promise is a promise."

{h.He} stayed at home and kept the {t} safe [until the danger was over|all day and all night].
{h.He} held the {t} close and did not leave it alone.

A week later, {f} came back. The {t} was [safe and sound|as fine as ever].
When {f} came home, {f.he} ran to see the {t}. It was safe.

"I knew I could trust you," said {f}. "{reward}."
{f} smiled. "You kept your promise," {f.he} said. "{reward}."
""",
    """
friends: the neighbors came by
fun: swim in the lake
danger: Dark clouds were coming.
reward: Next time, we will travel together

friends: a circus came to town
fun: see the show
danger: A hungry goat stood near the door.
reward: I brought you a ticket for the next show

friends: some friends came running
fun: fly kites on the hill
danger: Water was dripping from the roof.
reward: Here is a kite for you, as a thank you
""",
)

SHARING = plot(
    "sharing",
    "food",
    """
who shares a {t}
who does not want to share
who learns to share
and a {t.full}
who shares a {t} with a friend
with only one {t}
""",
    """
One day, {h} had a {t.full}. It {t.does}.
One [morning|afternoon], {h} carried home a {t.full}. It {t.does}.

"This {t} is all mine," said {h}.
"I will eat it all by myself," {h.he} thought.

{h.He} sat down {spot} and was about to eat.
{h.He} found a quiet seat {spot}.

Just then, {f} the {f.kind} came by. {f.He} {need}.
Then a {f.trait} {f.kind} named {f} came along. {f.He} {need}.

"That looks good," said {f} [softly|quietly].
{f} looked at the {t} and said nothing.

{h} looked at the {t}, and then at {f}. {h.He} did not know what to do.
At first, {h} wanted to hide the {t}. But then {h.he} felt sorry.

"Would you like some?" {h.he} asked at last.
"Sit down," said {h}. "There is enough for two."

{h.He} gave {f} half of the {t}, and it was the bigger half.
They shared the {t}, and soon nothing was left.

"It tastes better when we eat together," said {h}.
"This is the best {t} I ever ate!" said {f}.

{later}
""",
    """
spot: on a sunny step
need: had eaten nothing all day
later: The next day, {f} came with a basket of nuts, and they shared those, too.

spot: under a tree
need: had worked hard since early morning
later: Then {f} showed {h} a place where sweet berries grew.

spot: by the window
need: was cold and tired
later: To say thank you, {f} sang a song that made {h} laugh.

spot: on a big rock
need: had lost {f.his} lunch in the river
later: A week later, it was {h} who was hungry, and {f} shared {f.his} soup.
""",
)

RESCUE = plot(
    "rescue",
    "tool",
    """
who helps a friend in trouble
who saves a friend
who saves a {f.kind}
who rescues a {f.kind} with a {t}
and a brave rescue
who helps a {f.kind}
""",
    """
One day, {h} was on {h.his} way home with a {t.full}.
{h} had a {t.full} and took it everywhere, though others laughed at it.

Suddenly {h.he} heard a voice. "Help! Please help me!"
Then someone called, "Help! Help!"

It was {f} the {f.kind}, who {trouble}.
{h} ran and saw a {f.kind} named {f}, who {trouble}.

"Do not be afraid!" called {h}. "I am coming."
"Hold on!" cried {h}. "I will get you out."

{h.He} tried to reach {f}, but {f.he} was too far away.
{h} pulled with both hands, but {h.he} was not strong enough.

Then {h.he} thought of the {t}. "That is it!" {h.he} said.
"What can I use?" {h.he} thought. "My {t}, of course!"

With the {t} in {h.his} hands, {h.he} {way}.
{h.He} held the {t} tightly and {way}.

[Slowly, very slowly|Little by little|After a while], {f} came free.
One, two, three! At last {f} was safe.

"You saved me!" said {f}. {f.He} was still shaking.
{f} hugged {h}. "I will never forget this," {f.he} said.

"It was the {t} that saved you," said {h}, and they laughed.
{h} wrapped {f} in a warm blanket and made hot tea.
After that, nobody laughed at the {t}.
""",
    """
trouble: was stuck in deep mud
way: pushed and pulled until the mud let go

trouble: had fallen into a pit
way: made a way up, step by step

trouble: was caught in a thorn bush
way: pushed the thorns aside, one by one

trouble: sat on a log in the middle of the water
way: drew the log to the shore
""",
)

HOME = plot(
    "home",
    "treasure",
    """
who gets lost
who is lost and finds the way home
who cannot find the way home
who loses the way
who wants to go home
and the long way home
""",
    """
One [day|morning], {h} followed {lure} and went too far.
One afternoon, {h} saw {lure} and ran after it without thinking.

Soon {h.he} did not know where {h.he} was.
When {h.he} looked around, nothing looked the same.

"I am lost," {h.he} said. It was getting dark.
"Which way is home?" {h.he} asked, but nobody answered.

{h.He} sat down and began to cry.
{h.He} went left, and then right, but it was no use.

Then a {f.trait} {f.kind} named {f} came by. "What is the matter?" asked {f}.
"Why are you crying?" asked a voice. It was {f} the {f.kind}.

"I cannot find my way home," said {h}.
{h} told {f.him} everything.

"Tell me about your home," said {f}. "{sign}," said {h}.
{f} sat down beside {h.him}. "What do you see from your window?" {f.he} asked. "{sign}," said {h}.

"I know that place!" said {f}. "Come with me."
{f} thought for a while. "Then we must follow the [river|stars|road]," {f.he} said.

They walked [over a hill and through a field|hand in hand through the dark] until {h} cried, "There it is!"
They sang as they walked, so {h} was not afraid. At last they saw a light in a window.

{h}'s family ran out and hugged {h.him}.
Everyone was so glad that {h} was back.

They asked {f} to stay for supper, and {f} ate three bowls of soup.
"Thank you, {f}," said {h}. "Now I know the way, and you know my door."
""",
    """
lure: a blue butterfly
sign: There is a tall tree with a swing

lure: a rolling hoop
sign: There is a mill with white sails

lure: a red balloon
sign: There is a bridge with a lamp on it

lure: a line of tiny footprints
sign: There is a hill with three sheep on it
""",
)

PLOTS = [FRIEND, BIRTHDAY, PROMISE, SHARING, RESCUE, HOME]

"""What people ask for in a second turn, as orders and questions for prompts.wish and prompts.question."""

from .plot import lines

# {x} is what is new, {k} the old hero's kind
HERO = lines("""
tell it again, but with {x}
tell it again, but with {x}
tell it again, but about {x}
tell it again with {x}
tell me the story again, but with {x}
tell the same story about {x}
tell the same story with {x}
tell it once more, but with {x}
tell that again with {x}
write it again, but with {x}
write the same story about {x}
do the same with {x}
now with {x}
now with {x}
now about {x}
now tell it with {x}
now tell the same story about {x}
the same story, but with {x}
the same story, but about {x}
the same with {x}
the same, but with {x}
same story with {x}
again, but with {x}
again, with {x}
once more, but with {x}
but with {x}
make the hero {x}
make it about {x}
make it {x}
""")
# ... where a word may be a thing as well as a kind
INSTEAD = lines("""
tell it again, but with {x} instead of the {k}
the same story, but with {x} instead of the {k}
now with {x} instead of the {k}
make the {k} {x}
turn the {k} into {x}
change the {k} to {x}
""")
PLACE = lines("""
tell it again, but {x}
tell it again, but make it happen {x}
tell the same story, but {x}
tell me the same story {x}
write it again, but {x}
now {x}
now tell it {x}
the same story, but {x}
the same, but {x}
again, but {x}
let it happen {x}
make it happen {x}
""")
# {n} is the new name
NAME = lines("""
tell it again, but call the {k} {n}
tell it again, but the {k} is named {n}
tell it again, but {h.his} name is {n}
call the {k} {n}
call {h.him} {n}
name the {k} {n}
now call {h.him} {n}
change the name to {n}
change {h} to {n}
the same story, but call {h.him} {n}
use the name {n}
""")
NEXT = lines("""
what happened next
what happened next
what happens next
what happened then
what happened after that
what did {h} do next
what did {h} do then
and then
and what happened then
""")
MORE = lines("""
tell me more about {h}
tell me more about {h}
tell me more
tell me more about the {k}
tell me what happened next
tell me what {h} did next
tell me another story about {h}
write another story about {h}
write the next part
write the next chapter
write more about {h}
go on
continue
continue the story
go on with the story
""")
SHORTER = lines("""
make it shorter
make it shorter
make that shorter
make the story shorter
make it short
tell it again, but shorter
tell it in fewer words
tell a shorter version
write a shorter version
write it shorter
a shorter version
shorter
now shorter
again, but shorter
the same story, but shorter
""")
BEAST = lines("""
now about {x}
now with {x}
write it again, but about {x}
write the same poem about {x}
the same poem, but about {x}
the same, but about {x}
again, but about {x}
make it about {x}
""")

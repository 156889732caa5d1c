"""Names: what a file about a run is called before people name it: `mouse-ring-s7-48st`. Knows no folder."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.values.grid import Grid
from engine.values.recording import Recording

COMMON = """
a about an and are at by can do for from give hello how i in is it like make me my of on or our please say short
story tell that the their this to us was what when where which who whose will with write you your
"""
LONGEST = 24  # letters of a word


def proposed(recording: Recording) -> str:
    """The first and the last word of the prompt that say something, the seed, and how many steps there are."""
    return "-".join([*_words(recording.prompt), f"s{recording.settings.seed}", f"{len(recording.frames)}st"])


def of_race(recordings: Sequence[Recording]) -> str:
    """The same of both lanes of a race on one prompt."""
    return "-".join(["race", *_words(recordings[0].prompt), f"s{recordings[0].settings.seed}"])


def of_both(recordings: Sequence[Recording]) -> str:
    """The same of two runs side by side: of the first, and what both are."""
    return f"{proposed(recordings[0])}-against-{len(recordings[1].frames)}st"


def of_grid(grid: Grid) -> str:
    """The same of a sweep: which knobs it is about."""
    return "-".join(["grid", *_words(grid.question.prompt), *(axis.name.replace("_", "") for axis in grid.axes)])


def of_preset(name: str) -> str:
    """What people called it, without what no name of a file may have."""
    return re.sub(r"[^\w .-]+", "-", name).strip(" .-") or "preset"


def _words(prompt: str) -> list[str]:
    """At most two. What is no letter and no digit is in no name: every system can have it."""
    words = [word.casefold() for word in re.findall(r"[^\W_]+", prompt)]
    told = [word[:LONGEST] for word in words if word not in COMMON.split()] or ["run"]
    return list(dict.fromkeys([told[0], told[-1]]))

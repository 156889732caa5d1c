"""The form of a plot: what people ask for, its possible turns, and its beats with their phrasings."""

from typing import NamedTuple


class Plot(NamedTuple):
    """groups: things it can be about; turns: what may differ; beats: phrasings of each step, in order."""

    name: str
    groups: list[str]
    asks: list[str]
    turns: list[dict[str, str]]
    beats: list[list[str]]

    @property
    def about_thing(self) -> bool:
        """Whether a thing is part of the plot."""
        return any("{t" in phrasing for beat in self.beats for phrasing in beat)


def plot(name: str, groups: str, asks: str, beats: str, turns: str) -> Plot:
    """A Plot from text: asks one a line; a beat is a paragraph, a line of it one phrasing ('-' for none);
    a turn is a paragraph of 'field: template' lines."""
    return Plot(
        name,
        groups.split(),
        lines(asks),
        [dict(map(_field, turn)) for turn in paragraphs(turns)],
        paragraphs(beats),
    )


def lines(text: str) -> list[str]:
    """The lines of a block."""
    return [line.strip() for line in text.strip().splitlines()]


def paragraphs(text: str) -> list[list[str]]:
    """The paragraphs of a block, each a list of its lines; a lone '-' becomes the empty phrasing."""
    return [["" if line == "-" else line for line in lines(part)] for part in text.strip().split("\n\n")]


def _field(line: str) -> tuple[str, str]:
    key, value = line.split(": ", 1)
    return key, value

"""A prompt of any letters is one line of a heading, and turns nothing that stands beside it."""

import pytest
from PySide6.QtGui import QTextLayout

from engine.values.words.letters import alone, one_line
from widgets.theme import font, width


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a\tfox\r\nand\u2028a\u2029hen ", "a fox and a hen"),
        ("NUL\0 bell\a esc\x1b[31m", "NUL bell esc[31m"),
        ("\u202eabc\u202c \u2066d", "abc d"),
        ("a\u00a0b\u3000c", "a b c"),
        ("👩\u200d👩\u200d👧 é e\u0301", "👩\u200d👩\u200d👧 é e\u0301"),
        ("", ""),
    ],
)
def test_a_heading_has_what_shows_itself(text, line):
    assert one_line(text) == line


def test_what_runs_from_right_to_left_turns_nothing_beside_it(qapp):
    def places(text):
        """Where the figures after the prompt stand, from left to right."""
        layout = QTextLayout(text, font())
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        return [line.cursorToX(text.index(part))[0] for part in ("48", "steps", "0.6")]

    about = "  ·  48 steps  ·  0.6"
    told = places(alone("כתוב סיפור") + about)
    assert told == sorted(told)
    bare = places("כתוב סיפור" + about)
    assert bare != sorted(bare)  # else it would need none
    assert alone("") == ""
    assert width(alone("fox"), 13) == width("fox", 13)  # its signs are not seen

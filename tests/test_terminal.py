"""The canvas in a terminal: states differ, and no token can write to the terminal itself."""

import io

import numpy as np
from rich.console import Console

from engine.commands.console import terminal
from engine.values.frame import Lexicon
from engine.values.recording import Recording
from engine.values.settings import Settings
from samples import CHANNELS, LEXICON, THINKING, frame, recording


def test_control_characters_never_reach_the_terminal():
    nasty = Lexicon({2: b"\x1b[2Jboo\x07", 3: b"\n"}, frozenset({1}))
    run = Recording("p", Settings(), "m", "cpu", nasty)
    ids = np.array([2, 3, 2, 3], np.int32)
    run.append(frame(cells=4, ids=ids, guess=ids, held=np.array([1, 0, 0, 1], bool)))
    plain = terminal.cells(None, run.frames[0], run).plain
    assert "\x1b" not in plain and "\x07" not in plain
    assert plain.count("\n") == 1  # the held one; an open cell's is only drawn


def test_states_have_styles_of_their_own():
    run = recording(steps=2)
    text = terminal.cells(run.frames[0], run.frames[1], run)
    assert text.plain  # the last frame has ended: it is all settled
    assert {span.style for span in text.spans} == {"default"}
    run.append(frame(0, 2))
    assert len({span.style for span in terminal.cells(run.frames[1], run.frames[2], run).spans}) > 1


def test_animate_records_every_frame_and_leaves_the_text_standing():
    whole = recording(steps=5)
    copy = Recording("p", Settings(), "m", "cpu", LEXICON)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system=None)
    terminal.animate(iter(whole.frames), copy, console)
    assert copy.frames == whole.frames
    assert whole.text().split("\n")[0] in out.getvalue()


def test_the_view_has_finished_canvases_before_the_open_one():
    run = recording(steps=2, canvases=2)
    run.frames.pop()
    out = io.StringIO()
    Console(file=out, width=400, color_system=None).print(terminal.view(run))
    first = terminal.printable(run.lexicon.text(run.frames[1].guess), newlines=True).split("\n")[0]
    assert first in out.getvalue()


def test_control_tokens_are_dots_not_names():
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    ids = np.array([2, 0, 0, 3], np.int32)
    run.append(frame(cells=4, ids=ids, guess=ids, held=np.ones(4, bool)))
    assert terminal.cells(None, run.frames[0], run).plain == "Once\u00b7\u00b7 upon"


def dim(text):
    """The words that are dim, and the others."""
    spans = [span for span in text.spans if "dim" in str(span.style)]
    inside = {at for span in spans for at in range(span.start, span.end)}
    split = {True: "", False: ""}
    for at, sign in enumerate(text.plain):
        split[at in inside] += sign
    return split[True], split[False]


def test_a_thought_is_dim_while_it_is_written_and_at_the_end():
    run = Recording("p", Settings(), "m", "cpu", CHANNELS)
    for canvas, ids in enumerate((THINKING[:5], THINKING[5:])):
        run.append(frame(canvas, cells=5, ids=ids, guess=ids, held=np.ones(5, bool), stop="stable"))
    assert dim(terminal.canvases(run, 1)) == ("user Hello model.", f"{terminal.PADDING}Hello there")
    assert dim(terminal.reply(run)) == ("user Hello model.", "\n\nHello there")
    assert terminal.reply(recording()).plain == terminal.printable(recording().text(), newlines=True)

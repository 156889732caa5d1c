"""The race: what is measured of a lane, who was first, and the command."""

import io
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from rich.console import Console

from engine.__main__ import main
from engine.commands.console import track
from engine.steps import race
from engine.steps.race import Lane, readable, verdict
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Decoding, Settings
from samples import LEXICON, frame

END = 1
STORY = [2, 3, 4, 5, 4, 7, 8, 9, 10, 11, END, 0]  # "Once upon a time a fox found the lantern." is 9 words


def lane(*frames, name="lane", reads=0, outcome="finished"):
    recording = Recording("p", Settings(), "m", "cpu", LEXICON, list(frames), outcome)
    return Lane(name, recording, lambda ask: iter(frames), reads)


def drafted(step, held, ids=STORY, stop="", **changes):
    """A frame of a canvas that holds `held` cells of a text, and noise in the others."""
    ids, held = np.array(ids, np.int32), np.isin(np.arange(len(ids)), list(held))
    shown = np.where(held, ids, 13).astype(np.int32)
    values = {"ids": shown, "guess": ids, "held": held, "stop": stop, "seconds": step + 1.0}
    return frame(step=step, cells=len(ids), **values | changes)


def written(step, ids=STORY, stop=""):
    """A frame of a text that is written token by token."""
    so_far = np.array(ids[: step + 1], np.int32)
    values = {"ids": so_far, "guess": so_far, "held": np.ones(step + 1, bool)}
    return frame(step=step, cells=step + 1, stop=stop, seconds=step + 1.0, **values)


# When a text can be read.


def test_token_by_token_it_is_read_with_the_token_that_ends_the_last_word():
    run = lane(*(written(step, stop="end" if step == 10 else "") for step in range(11)))
    assert readable(run.recording, words=3) == (2, 2)
    assert readable(run.recording, words=9) == (9, 9)  # with its full stop, a token of its own
    assert readable(run.recording, words=50) == (9, 9)  # a shorter text: all of it


def test_a_canvas_is_read_where_words_stand_in_a_row_and_from_the_start():
    run = lane(
        drafted(0, {0, 8}),
        drafted(1, {0, 5, 6, 7}),
        drafted(2, {0, 1, 2, 4, 5, 6, 7}),
        drafted(3, set(range(12)), stop="stable"),
    )
    assert readable(run.recording, words=3) == (1, 2)
    assert readable(run.recording, words=4) == (2, 3)
    assert readable(run.recording, words=1) == (0, 0)


def test_a_word_that_is_withdrawn_or_changes_later_could_not_be_read():
    early = {0, 1, 2}
    stays = lane(drafted(0, early), drafted(1, early), drafted(2, range(12), stop="stable"))
    withdrawn = lane(drafted(0, early), drafted(1, {0, 2}), drafted(2, range(12), stop="stable"))
    other = [5, *STORY[1:]]
    changed = lane(drafted(0, early, other), drafted(1, early), drafted(2, range(12), stop="stable"))
    assert [readable(run.recording, words=3).first for run in (stays, withdrawn, changed)] == [0, 2, 1]


def test_more_words_are_never_read_earlier_and_some_never_after_the_first():
    rng = np.random.default_rng(0)
    held = [np.flatnonzero(rng.random(12) < (step + 1) / 9) for step in range(8)]
    run = lane(*(drafted(step, cells) for step, cells in enumerate(held)), drafted(8, range(12), stop="steps"))
    found = [readable(run.recording, words) for words in range(1, 10)]
    assert all(a.some <= b.some and a.first <= b.first for a, b in pairwise(found))
    assert all(each.some <= each.first for each in found)


def test_nothing_is_readable_before_it_stands():
    assert readable(lane().recording) == (None, None)
    assert readable(lane(drafted(0, {0, 1})).recording, words=3) == (None, None)
    assert readable(lane(drafted(0, {0, 1, 2})).recording, words=3) == (0, 0)


# A lane and its clock.


def test_a_lane_shows_the_newest_frame_of_its_clock():
    run = lane(*(written(step) for step in range(4)))
    assert [run.at(seconds) for seconds in (0, 0.99, 1.0, 2.5, 4.0, 99)] == [-1, -1, 0, 1, 3, 3]
    assert run.seconds == 4.0 and lane().seconds == 0.0


def test_passes_count_the_reading_of_the_prompt():
    canvases = lane(*(frame(canvas, step) for canvas in range(2) for step in range(3)), reads=1)
    assert [canvases.passes(index) for index in range(-1, 6)] == [0, 2, 3, 4, 6, 7, 8]
    assert [lane(*(written(step) for step in range(3))).passes(index) for index in range(-1, 3)] == [0, 1, 2, 3]
    assert lane(written(0), reads=None).passes(0) is None


def test_the_verdict_names_the_first_and_the_factor():
    slow = lane(drafted(5, range(12), stop="stable"), name="Slow")
    fast = lane(written(1, stop="end"), name="Fast")
    for lanes in ([slow, fast], [fast, slow]):
        assert verdict(lanes) == (
            "Fast finished first, in 2.00 s against 6.00 s (a factor of 3.0). "
            "Its text came at 1 tokens a second, the other's at 2."
        )
        assert race.results(lanes, Decoding())["first"] == "Fast"
    assert verdict([slow, lane(outcome="stopped")]).startswith("No verdict")


# The two lanes of a model.


def run_all(model, settings, ask=None, decoding=None):
    lanes = race.line_up(model, Question("a fox"), settings, decoding or Decoding())
    order = [lane.name for lane in race.run(lanes, ask or (lambda canvas, step: settings))]
    return lanes, order


def test_both_lanes_run_one_after_the_other_with_the_same_prompt_and_model(model):
    settings = Settings(steps=3, seed=5)
    (diffusion, drawn), order = run_all(model, settings, decoding=Decoding(tokens=6))
    frames = diffusion.recording.frames
    assert order == ["Diffusion"] * len(frames) + ["Autoregressive"] * len(drawn.recording.frames)
    assert {each.recording.outcome for each in (diffusion, drawn)} == {"finished"}
    assert [f.step for f in frames] == list(range(len(frames))), "the warm-up is no part of it"
    assert diffusion.passes(len(frames) - 1) == len(frames) + 1
    assert drawn.passes(5) == len(drawn.recording.frames) <= 6
    assert diffusion.recording.prompt == drawn.recording.prompt == "a fox"


def test_a_stopped_race_has_no_verdict(model):
    settings, left = Settings(steps=40, confidence=0.0), iter([True] * 5)
    lanes, _ = run_all(model, settings, lambda canvas, step: settings if next(left, None) else None)
    assert [each.recording.outcome for each in lanes] == ["stopped", "stopped"]
    assert verdict(lanes).startswith("No verdict") and not lanes[1].recording.frames


def test_the_command_ends_in_one_json_line(capsys, folder):
    arguments = ["race", "a fox", "--model", folder, "--steps", "3", "--json", "--ar-tokens", "5", "--seed", "3"]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    told = json.loads(lines[0])
    assert len(lines) == 1 and [each["name"] for each in told["lanes"]] == ["Diffusion", "Autoregressive"]
    assert told["settings"]["seed"] == 3 and told["decoding"]["tokens"] == 5
    assert told["first"] in ("Diffusion", "Autoregressive") and told["factor"] >= 1
    for each in told["lanes"]:
        assert each["seconds"] > 0 and each["passes"] >= each["steps"] > 0 and each["stop"]


def test_without_a_terminal_both_texts_are_printed(capsys, folder):
    assert main(["race", "a fox", "--model", folder, "--steps", "2", "--ar-tokens", "4"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Diffusion: 3 passes") and "\nAutoregressive: " in text
    assert " s against " in text.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["race"], "prompt"),
        (["race", "p", "--ar-top-p", "7"], "autoregressive top p must be a number from 0.01 to 1"),
        (["race", "p", "--ar-temperature", "warm"], "--ar-temperature"),
        (["race", "p", "--steps", "0"], "steps must be"),
        (["race", "p", "--model", "/nowhere"], "/nowhere"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, arguments, part):
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code
    told = capsys.readouterr()
    assert code == 2 and part in told.err and told.err.count("\n") == 1 and not told.out


# In a terminal.


def screen(width=100):
    return Console(file=io.StringIO(), width=width, height=30, force_terminal=True, color_system=None)


def drawn(renderable, width=100):
    console = screen(width)
    console.print(renderable)
    return console.file.getvalue()


def test_the_replay_tells_at_any_time_only_what_is_known_by_then():
    slow = lane(drafted(0, {0, 1}), drafted(5, range(12), stop="stable"), name="Slow", reads=1)
    fast = lane(*(written(step, stop="end" if step == 10 else "") for step in range(11)), name="Fast")
    found = [race.result(each) for each in (slow, fast)]
    start, middle, end = (drawn(track.view([slow, fast], found, now)) for now in (0.5, 9.5, 20))
    assert "reading the prompt" in start and "tok/s" not in start and "words" not in start
    assert "Slow, finished" in middle and "first 8 words 8.00 s" in middle and "Fast, finished" not in middle
    assert "Once upon a time a fox found the" in middle and "9 passes" in middle and "9.50 s" in middle
    assert "Fast, finished" in end and "11.00 s" in end and end.count("tok/s") == 2


def test_a_replay_ends_with_the_verdict(monkeypatch):
    monkeypatch.setattr(track, "sleep", lambda seconds: None)
    quick = [
        replace(written(step, stop="end" if step == 10 else ""), seconds=0.001 * (step + 1)) for step in range(11)
    ]
    console = screen()
    track.replay([lane(*quick, name="A"), lane(*quick[:3], name="B")], console)
    assert "B finished first, in 0.00 s against 0.01 s (a factor of 3.7)" in console.file.getvalue()


def test_less_than_a_twentieth_is_a_dead_heat():
    def ended(seconds, name):
        return lane(drafted(0, range(12), stop="stable", seconds=seconds), name=name)

    assert verdict([ended(1.0, "A"), ended(1.04, "B")]).startswith("A dead heat: 1.00 s against 1.04 s.")
    assert verdict([ended(1.06, "A"), ended(1.0, "B")]).startswith("B finished first")


def test_what_a_race_on_a_cpu_proves_is_said_with_its_passes():
    two = [
        lane(*(drafted(step, range(12)) for step in range(3)), reads=1),
        lane(*(written(step) for step in range(5))),
    ]
    assert race.meaning(two).startswith("4 passes against 5:") and "The seconds are not" in race.meaning(two)
    for one in two:
        one.recording.device = "cuda:0"
    assert race.meaning(two) == ""

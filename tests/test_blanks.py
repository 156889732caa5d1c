"""Texts with gaps: how they are typed, where they stand on a canvas, and what fills them."""

import json
from functools import cache

import numpy as np
import pytest

import tiny
from engine.__main__ import main
from engine.commands import fill as command
from engine.commands import run as running
from engine.commands import sweep as sweeping
from engine.model.folder.checkpoint import LoadError
from engine.model.gemma import Gemma
from engine.model.text.gaps import place
from engine.steps.denoise import denoise
from engine.steps.race import line_up
from engine.steps.sweep import sweep
from engine.values.axis import Axis
from engine.values.frame import StepError
from engine.values.grid import Grid
from engine.values.question import Question
from engine.values.settings import Decoding, Settings
from engine.values.tally import filled, tally
from engine.values.words.blanks import Blanks, Gap, parse

CELLS = 32


@cache
def gemma() -> Gemma:
    return Gemma(tiny.model(canvas=CELLS, vocabulary=len(tiny.tokenizer())), tiny.tokenizer(), "tiny")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a ___ b", ("a ", Gap(), " b")),
        ("_____", (Gap(),)),
        ("[3]", (Gap(3),)),
        ("is it [yes|no| may be ]?", ("is it ", Gap(1, ("yes", "no", "may be")), "?")),
        ("a_b __ [x] [] [|] |", ("a_b __ [x] [] [|] |",)),
        ("a [40: key, old fox]b[2:]", ("a ", Gap(40, words=("key", "old fox")), "b[2:]")),
        (r"\[3] and \___", ("[3] and ___",)),
        ("", ()),
    ],
)
def test_gaps_are_found_as_they_are_typed(text, parts):
    assert parse(text) == Blanks(parts)


def test_dots_at_the_end_let_a_text_go_on_and_nowhere_else():
    assert parse("a fox ... ran") == Blanks(("a fox ... ran",), False)
    assert parse("a fox ...").goes_on and parse("a fox ... ").parts == ("a fox ",)


@pytest.mark.parametrize("text", ["[0]", "[257]", "[99999999999999999999]"])
def test_a_gap_of_no_size_is_refused(text):
    with pytest.raises(ValueError, match="1 to 256"):
        parse(text)


def letters(text):
    """Every letter is an id, with the space before it, if there is one."""
    return [
        ord(letter) + 1000 * (at > 0 and text[at - 1] == " ") for at, letter in enumerate(text) if letter != " "
    ]


def ords(text):
    """Every sign is an id."""
    return [ord(sign) for sign in text]


def test_cells_are_pinned_around_gaps_and_the_text_ends_where_it_ends():
    placed = place(parse("ab ___ c[2]d [e|f]"), letters, {1, 7}, CELLS)
    assert placed.gaps == ((2,), (4, 5), (7,))
    assert placed.edit.pins == ((0, 97), (1, 98), (3, 1099), (6, 100))
    assert dict(placed.edit.limits) == {7: (1101, 1102), 8: (1, 7)}


def test_words_may_stand_anywhere_in_their_gap():
    placed = place(parse("ab [4: cd, e] f"), letters, {1}, CELLS)
    assert placed.edit.near == ((2, 5, (1099, 100)), (2, 5, (1101,))) and placed.gaps == ((2, 3, 4, 5),)


def test_a_text_that_goes_on_has_no_end():
    placed = place(parse("ab [2] ..."), ords, {1}, CELLS)
    assert placed.edit.limits == () and placed.edit.pins == ((0, 97), (1, 98))  # and no space where it goes on


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * CELLS, "make it shorter"),
        ("[ab|c]", "2 tokens"),
        ("[3: ab, cd]", "make the gap larger"),
        ("[30: " + ",".join("abcdefghijklmnopq") + "]", "16 words"),
        ("[" + "|".join("abcdefghijklmnopq") + "]", "16 choices"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(text, words):
    with pytest.raises(ValueError, match=words):
        place(parse(text), letters, {1}, CELLS)


def test_the_text_around_the_gaps_stands_and_choices_are_kept():
    model, text = gemma(), "a fox:[b|c] ran [2]."
    placed = model.place(parse(text))
    for seed in range(3):
        run = command.write(model, Question("x", answer=text), Settings(seed=seed, steps=6))
        last = run.frames[-1]
        pins = dict(placed.edit.pins)
        assert all(frame.guess[cell] == id for frame in run.frames for cell, id in pins.items())
        assert filled(run, placed.gaps[0]) in ("b", "c")
        end = dict(placed.edit.limits).keys() - set(placed.gaps[0])
        assert all(int(last.guess[cell]) in model.ends for cell in end) and len(end) == 1
        assert run.text().startswith("a fox:")


def test_words_that_are_asked_for_are_in_their_gap_in_every_draw():
    model, text = gemma(), "a fox:[12: bee, x] ..."
    placed = model.place(parse(text))
    for seed in range(4):
        run = command.write(model, Question("x", answer=text), Settings(seed=seed, steps=3))
        within = f" {filled(run, placed.gaps[0])}"
        whole = run.lexicon.text(run.ids())  # what it says and what it thinks
        assert all(word in within and word in whole for word in (" bee", " x"))


def keeps(run, pins):
    """Whether a run has the words around its gaps in every step."""
    return all(frame.guess[cell] == id for frame in run.frames for cell, id in pins.items())


def test_every_cell_of_a_grid_keeps_the_words_around_the_gaps():
    model, text = gemma(), "a fox:[b|c] ran [2]."
    placed = model.place(parse(text))
    grid = Grid(Question("x", answer=text), Settings(), Axis.parse("steps=2,5"), Axis.parse("seed=1-3"))
    for news in sweep(model, grid):
        grid.append(news)
    assert len(grid.recordings) == 6
    for run in grid.recordings.values():
        assert keeps(run, dict(placed.edit.pins)) and filled(run, placed.gaps[0]) in ("b", "c")
    alone = command.write(model, Question("x", answer=text), grid.at((1, 2, 0)))
    assert np.array_equal(alone.ids(), grid.recordings[1, 2, 0].ids())


def test_a_run_with_gaps_is_repeated_and_gone_on_with_as_it_was_asked():
    model, asked = gemma(), Question("x", answer="a fox:[12: bee, x] ...")
    run = command.write(model, asked, Settings(steps=3))
    ids = model.prompt(run.question, run.settings)
    again = list(denoise(model, ids, run.ask(), edits=run.hands()))
    assert [frame.edits for frame in again] == [frame.edits for frame in run.frames]
    assert all(np.array_equal(one.ids, other.ids) for one, other in zip(again, run.frames, strict=True))
    start = run.branch(0)
    assert start.question == asked, "it begins once more, and so it has to be given again"
    assert run.branch(1).question == Question("x"), "the steps in common have it"


def test_neither_lane_of_a_race_is_given_any_of_the_answer():
    model, settings = gemma(), Settings(steps=3)
    diffusion, drawing = line_up(model, Question("x", answer="[2] fox ..."), settings, Decoding(tokens=4))
    free = list(denoise(model, model.prompt(Question("x"), settings), lambda canvas, step: settings))
    frames = list(diffusion.run(lambda canvas, step: settings))
    assert all(np.array_equal(one.ids, other.ids) for one, other in zip(frames, free, strict=True))
    assert not any(frame.edits for frame in drawing.run(lambda canvas, step: settings))


def test_the_tally_of_a_gap_adds_up():
    model, text = gemma(), "a:[b|c] [2]"
    placed = model.place(parse(text))
    draws = [command.write(model, Question("x", answer=text), Settings(seed=seed, steps=4)) for seed in range(4)]
    one, two = (tally(draws, gap) for gap in placed.gaps)
    assert {word.text for word in one} == {"b", "c"}
    assert np.isclose(sum(word.probability for word in one), 1, atol=1e-3) and sum(word.share for word in one) == 1
    assert one[0].probability >= one[1].probability and all(0 <= word.spread <= 0.5 for word in one)
    assert sum(word.share for word in two) == 1 and all(word.probability is None for word in two)


def test_the_command_fills_gaps_and_tells_them(capsys):
    text = "A fox lost a ring. She was very [sad|happy]. ..."
    assert main(["fill", text, "--draws", "2", "--steps", "4", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["draws"]) == 2 and told["draws"][0]["seed"] + 1 == told["draws"][1]["seed"]
    assert {word["text"] for word in told["gaps"][0]["words"]} == {"sad", "happy"}
    assert all(draw["gaps"][0] in ("sad", "happy") for draw in told["draws"])
    assert all(draw["text"].startswith("A fox lost a ring. She was very ") for draw in told["draws"])


@pytest.mark.parametrize("text", ["no gap", "[0]"])
@pytest.mark.parametrize("words", [["fill"], ["run", "x", "--answer"], ["sweep", "x", "--answer"]])
def test_commands_refuse_a_text_without_a_gap_in_one_line(words, text, capsys):
    assert main([*words, text]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["run", "--steps", "2"], ["run", "--steps", "2", "--best", "2"], ["sweep", "--x", "steps=1,2"]]
)
def test_commands_fill_the_gaps_of_an_answer_that_is_given(words, capsys, monkeypatch):
    for each in (running, sweeping):
        monkeypatch.setattr(each, "load", lambda *_: gemma())
    assert main([*words, "x", "--answer", "a fox:[b|c] ran [2]. ...", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    texts = [run["text"] for run in told.get("runs") or told.get("best_of") or [told]]
    assert len(texts) == 1 + ("sweep" in words or "--best" in words)
    assert all(text.startswith(("a fox:b ran", "a fox:c ran")) for text in texts)


@pytest.mark.parametrize("words", [["--from", "x.unnoise"], ["p", "--server", "http://127.0.0.1:1"]])
def test_an_answer_is_given_to_a_new_run_here_alone(words, capsys):
    assert main(["run", *words, "--answer", "a ___"]) == 2
    assert "--answer" in capsys.readouterr().err


def test_draws_before_one_that_fails_are_told(monkeypatch, capsys):
    real, left = command.write, [1]

    def write(*arguments):
        if not left:
            raise StepError.unsound(0, 0)
        left.pop()
        return real(*arguments)

    monkeypatch.setattr(command, "write", write)
    monkeypatch.setattr(command, "load", lambda *_: gemma())
    assert main(["fill", "a ___ fox", "--draws", "3", "--steps", "2", "--json"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)["draws"]) == 1 and err.count("\n") == 1 and "step 1 of canvas 1" in err


def test_a_prompt_that_the_chat_format_does_not_take_is_one_line(monkeypatch, capsys):
    def refuse(*_, **__):
        raise LoadError("The chat format does not take this text: choose another model.")

    found = gemma()
    monkeypatch.setattr(found, "prompt", refuse)
    monkeypatch.setattr(command, "load", lambda *_: found)
    assert main(["fill", "a ___ fox"]) == 2
    assert capsys.readouterr().err.count("\n") == 1

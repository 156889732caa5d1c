"""Two runs side by side: held together by steps, clocks and shares, from wherever they come; one may be written."""

import base64
import re
import zlib
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QLabel

import engine.model.gemma
import engine.steps.denoise
import engine.steps.surprise
from app.run.duo import own
from app.run.timeline import Shares, Steps, Timeline
from engine.values.quality import LABEL, Quality
from engine.values.question import Question
from engine.values.settings import Settings
from samples import MODEL, WORDS, frame, recording, until
from standin import reads

CELLS = 24
HOLD = {}  # under "third": an event that the third step waits for


def denoise(model, prompt, ask, edits=lambda canvas, step: (), **how):
    """Words by the seed and the knobs, as many steps as the knobs allow."""
    step = 0
    while (settings := ask(0, step)) is not None:
        if step == 2 and "third" in HOLD:
            HOLD["third"].wait(20)
        seed = (settings.seed, settings.steps, step)
        ids = np.random.default_rng(seed).integers(2, len(WORDS), CELLS).astype(np.int32)
        stop = "stable" if step == settings.steps - 1 else ""
        arrays = {"ids": ids, "guess": ids, "held": np.ones(CELLS, bool)}
        yield frame(0, step, cells=CELLS, settings=settings, stop=stop, edits=tuple(edits(0, step)), **arrays)
        step += 1
        if stop:
            return


@pytest.fixture
def window(window, loop, monkeypatch):
    reads(monkeypatch, denoise)
    monkeypatch.setattr(engine.steps.surprise, "quality", quality)
    window.resize(1280, 800)
    window.knobs.set_settings(Settings(steps=6))
    loop.run_until_complete(window.asking.load_and_run(None, "a fox"))
    return window


def quality(reader, lexicon, prompt, ids):
    return Quality(np.where(np.arange(len(ids)) == 3, 9.0, 0.5).astype(np.float32))


def press(window, key):
    next(action for action in window.actions() if QKeySequence(key) in action.shortcuts()).trigger()


def against(window, loop, steps):
    """Runs other steps against what is on screen; the recording of it, once that is over."""
    before, versus = window.session.recording, window.versus
    window.knobs.set_settings(replace(window.knobs.settings(), steps=steps, seed=99))
    press(window, "Ctrl+Shift+A")
    loop.run_until_complete(until(lambda: window.session.recording is not before and not window.session.running))
    loop.run_until_complete(until(lambda: versus.player.index == versus.player.last))
    return window.session.recording


def shown(window):
    return tuple(side.canvas._frame for side in window.versus.view.sides)


# What holds both together.


def pair():
    long, short = recording(steps=0), recording(steps=0)
    for step in range(9):
        long.append(frame(0, step, seconds=0.1 * (step + 1)))
    for step in range(3):
        short.append(frame(0, step, seconds=0.25 * (step + 1)))
    return [long, short]


def test_by_step_who_has_fewer_waits_at_its_end():
    line = Steps(pair())
    assert [line.at(index) for index in (0, 2, 5, 8)] == [[0, 0], [2, 2], [5, 2], [8, 2]] and len(line.frames) == 9
    times = [tick.seconds for tick in line.frames]
    assert times == sorted(times) and times[1] == 0.5  # no step before it has come in both
    assert line.step(0, -1) == 0 and line.step(8, 1) == 8 and line.step(3, 1) == 4


def test_by_the_clock_both_are_as_they_were_then():
    line = Timeline(pair())
    assert line.at(55) == [4, 1] and line.at(5) == [-1, -1] and line.at(len(line.frames) - 1) == [8, 2]


def test_by_share_both_begin_and_end_together():
    line = Shares(pair())
    assert (line.at(0), line.at(4), line.at(8)) == ([0, 0], [4, 1], [8, 2])


@pytest.mark.parametrize("of", [Steps, Timeline])
def test_one_that_grows_is_followed(of):
    long, short = pair()
    growing = recording(steps=0)
    line = of([long, growing], growing)
    assert not line.frames
    for step in range(3):
        growing.append(short.frames[step])
        line.grow()
        assert line.at(len(line.frames) - 1)[1] == step
    assert line.at(len(line.frames) - 1)[0] == {Steps: 2, Timeline: 6}[of]


def test_what_is_different_is_told():
    one, other = recording(steps=0), recording(steps=0)
    one.settings, other.settings = Settings(steps=12, t_max=1.0), Settings(steps=48, top_k=2)
    assert own(one, other) == "steps 12 \u00b7 temperature max 1" and own(other, one).startswith("steps 48")
    assert own(one, one) == "the same prompt and knobs"
    branch = replace(one, parent=(one.id, 0), id="branch", frames=[frame(settings=Settings(seed=8))])
    one.append(frame())
    assert own(one, branch) == "the run before" and own(branch, one) == "went on with seed 8"


# In the window.


def test_run_against_uses_the_prompt_and_the_noise_of_the_run_on_screen(window, loop):
    a = window.session.recording
    b = against(window, loop, 4)
    assert (b.prompt, b.settings.seed, b.settings.steps) == (a.prompt, a.settings.seed, 4)
    assert window.versus.runs == {"A": a, "B": b} and shown(window) == (a.frames[-1], b.frames[-1])
    assert window.versus.view.isVisible() and not window.canvas.isVisible()
    titles = [side._title.text() for side in window.versus.view.sides]
    assert titles == ["steps 6", "steps 4"] and "a fox" in window.versus.view.caption
    press(window, "Esc")
    assert window.canvas.isVisible() and window.session.recording is b and window.player is window.stage.player


def test_the_same_knobs_once_more_are_no_comparison(window):
    press(window, "Ctrl+Shift+A")
    assert not window.versus.shown and "move one first" in window.status._sentence.text()


def test_b_is_seen_while_it_is_written(window, loop, monkeypatch):
    monkeypatch.setitem(HOLD, "third", Event())
    a, versus = window.session.recording, window.versus
    window.knobs.set_settings(replace(window.knobs.settings(), steps=12))

    async def scenario():
        press(window, "Ctrl+Shift+A")
        await until(lambda: versus.runs.get("B") is window.session.recording and versus.player.index == 1)
        assert versus.player.live and shown(window) == (a.frames[1], window.session.recording.frames[1])
        assert not versus.view._locks._buttons["share"].isEnabled()
        assert "2 of at most 12" in [label.text() for label in versus.view.findChildren(QLabel)]
        HOLD["third"].set()
        await until(lambda: not window.session.running)

    loop.run_until_complete(scenario())
    assert versus.view._locks._buttons["share"].isEnabled() and versus.player.index == versus.player.last == 11
    press(window, "Ctrl+Home")
    assert shown(window)[1].step == 0


def test_the_next_run_takes_the_place_of_b(window, loop):
    a, b = window.session.recording, against(window, loop, 4)
    press(window, "X")
    assert shown(window) == (b.frames[-1], a.frames[-1])
    window.knobs.set_settings(replace(window.knobs.settings(), steps=3))
    window.asking.run_on()
    loop.run_until_complete(until(lambda: window.session.recording is not b and not window.session.running))
    assert window.versus.runs["A"] is a and window.versus.runs["B"] is window.session.recording
    assert len(window.session.recording.frames) == 3


def test_keys_swap_blink_and_hold_together_otherwise(window, loop):
    a, b = window.session.recording, against(window, loop, 4)
    sides, versus = window.versus.view.sides, window.versus
    press(window, "X")
    assert shown(window) == (b.frames[-1], a.frames[-1]) and sides[0]._letter.text() == "B"
    press(window, "B")
    assert [side.isVisible() for side in sides] == [True, False]
    versus.view._timer.timeout.emit()
    assert [side.isVisible() for side in sides] == [False, True]
    press(window, "B")
    assert all(side.isVisible() for side in sides)
    press(window, "Ctrl+Home")
    press(window, "Ctrl+Right")
    press(window, "H")  # by the clock, at the place that is on screen
    assert shown(window)[1] is a.frames[1]
    press(window, "H")
    versus.player.seek(versus.player.last)
    assert shown(window) == (b.frames[-1], a.frames[-1])
    press(window, "H")
    assert versus._lock == "step"


def test_different_words_are_marked_and_counted(window, loop):
    against(window, loop, 4)
    assert all(side.canvas._overlay.different[0] for side in window.versus.view.sides)
    assert "Dotted: words that the other text has not" in window.versus.view._note.text()
    window.versus.compare(*(recording(steps=2) for _ in range(2)))  # made of the same words
    assert window.versus.view._note.text() == "The texts are the same."


def test_the_last_two_runs_and_any_two_of_the_strip_are_compared(window, loop, qtbot):
    async def scenario():
        await window.past.begin()
        for steps in (3, 4, 5):
            await window.session.run(Question("a fox"), Settings(steps=steps))
        await until(lambda: len(window.strip._runs.shown) == 3)
        press(window, "Ctrl+Shift+B")
        await until(lambda: window.versus.shown)
        lengths = [len(window.versus.runs[letter].frames) for letter in "AB"]
        assert lengths == [4, 5]
        window.versus.leave()
        oldest = window.strip._runs.shown[2]
        window.strip.show()
        shelf = window.strip._list
        where = shelf.visualRect(window.strip._runs.index(2)).center()
        qtbot.mouseClick(shelf.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, where)
        await until(lambda: window.versus.shown)
        assert window.versus.runs["A"].id == oldest.id and window.versus.runs["B"] is window.session.recording

    loop.run_until_complete(scenario())


def test_a_run_that_does_not_fit_leaves_what_was_there(window, loop, monkeypatch):
    monkeypatch.setattr(MODEL, "prompt", lambda prompt, settings: 1 / 0)
    window.knobs.set_settings(replace(window.knobs.settings(), steps=4))
    press(window, "Ctrl+Shift+A")
    assert window.versus.waits
    loop.run_until_complete(until(lambda: not window.versus.shown))
    assert window.canvas.isVisible() and not window.session.running


def test_both_texts_are_copied(window, loop, qapp):
    against(window, loop, 4)
    window.showing.copy_text()
    told = qapp.clipboard().text()
    assert (
        told.count("steps") >= 4
        and window.versus.runs["A"].text() in told
        and window.versus.runs["B"].text() in told
    )


# How surprising the words are.


def test_the_words_are_coloured_once_they_are_read(window, loop):
    press(window, "S")
    run, canvas = window.session.recording, window.canvas
    loop.run_until_complete(until(lambda: run.quality is not None and canvas._overlay.nats[0] is not None))
    assert np.array_equal(canvas._overlay.nats[0], run.quality.nats) and LABEL in canvas._footnote.surprise
    press(window, "Ctrl+Left")
    assert canvas._overlay.nats[0] is None  # that canvas has not ended
    press(window, "Ctrl+End")
    assert canvas._overlay.nats[0] is not None
    b = against(window, loop, 4)  # what runs next is read, too
    loop.run_until_complete(until(lambda: b.quality is not None))
    assert all(side.canvas._overlay.nats[0] is not None for side in window.versus.view.sides)
    assert (
        "nats a token" in window.versus.view.sides[1]._quality.text() and LABEL in window.versus.view._note.text()
    )
    press(window, "S")
    assert all(side.canvas._overlay.nats[0] is None for side in window.versus.view.sides)


def test_what_is_exported_has_the_colours_that_are_on_screen(window, loop, tmp_path):
    told = []
    for name in ("plain", "coloured"):
        if name == "coloured":
            press(window, "S")
            loop.run_until_complete(until(lambda: window.canvas._overlay.nats[0] is not None))
        window.files.export(str(tmp_path / f"{name}.html"))
        loop.run_until_complete(window.tasks.drain())
        told.append(LABEL in (tmp_path / f"{name}.html").read_text("utf-8"))
    assert told == [False, True]


def test_both_are_exported_as_they_are_held_together(window, loop, tmp_path):
    window.versus.hold(window.session.recording)
    press(window, "Ctrl+E")
    assert "before both runs are over" in window.status._sentence.text()
    against(window, loop, 4)
    window.versus.set_lock("share")
    press(window, "Ctrl+E")
    asked = window.findChild(QFileDialog)
    assert any("*.html" in kind for kind in asked.nameFilters())
    assert not any("*.txt" in kind for kind in asked.nameFilters())
    assert asked.selectedFiles()[0].endswith("fox-s7-6st-against-4st.webp")
    asked.reject()
    page = tmp_path / "both.html"
    window.files.export(str(page), True)
    loop.run_until_complete(window.tasks.drain())
    assert f"Written to {page}." in window.status._sentence.text()
    packed = re.search(r'id="both">([^<]*)<', page.read_text("utf-8"))[1]
    assert b'"lock":"share"' in zlib.decompress(base64.b64decode(packed), -15)


def test_another_model_cannot_read_what_it_did_not_write(window, loop):
    other = recording()
    window.showing.bring_back(other)
    press(window, "S")
    loop.run_until_complete(until(lambda: not window.surprising.shows))
    assert other.quality is None and "Only test model, which wrote this, can read it" in window.session.sentence

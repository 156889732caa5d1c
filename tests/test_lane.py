"""The lanes of a race on screen, as widgets and as a mode of the window, with two fake engines."""

import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QPushButton

import engine.model.gemma
import engine.steps.autoregressive
import engine.steps.denoise
import engine.steps.surprise
from app.keep.formats.pictures import HOLD_MS
from app.keep.prefs import Prefs
from app.run.session import Session
from app.run.timeline import Timeline
from app.window.window import Window
from engine.steps import race
from engine.values.quality import Quality
from engine.values.question import Question
from engine.values.settings import Decoding, Settings
from samples import LEXICON, MODEL, frame, recording, until
from standin import reads
from widgets.controls import Number
from widgets.lane import MEASURES, Lane, Track
from widgets.theme import DARK, LIGHT

CELLS = 64


def written(step, settings=None, stop="", seconds=None):
    """A frame of a text that is written token by token."""
    ids = np.resize(np.arange(2, 12, dtype=np.int32), step + 1)
    values = {"ids": ids, "guess": ids, "held": np.ones(step + 1, bool), "stop": stop, "settings": settings}
    return frame(step=step, cells=step + 1, seconds=seconds or 0.02 * (step + 1), **values)


def denoised(step, settings=None, stop=""):
    return frame(step=step, cells=CELLS, seconds=0.1 * (step + 1), settings=settings, stop=stop)


# The widgets.


@pytest.fixture
def lane(qtbot):
    lane = Lane()
    qtbot.addWidget(lane)
    lane.canvas.set_lexicon(LEXICON)
    lane.canvas.set_view("prose")
    lane.canvas.set_lane(CELLS)
    lane.resize(480, 420)
    lane.show()
    return lane


def ink(widget, theme):
    """How many pixels of a canvas differ from its ground."""
    image = widget.canvas.grab().toImage()
    ground = image.pixelColor(image.width() // 2, image.height() - 12)
    step = range(10, image.width() - 10, 3)
    return sum(image.pixelColor(x, y) != ground for x in step for y in range(10, image.height() - 10, 3))


def test_a_text_grows_in_one_size_of_type(lane):
    boxes, inks = [], []
    for step in (3, 20, 40):
        lane.show_frame(written(step), written(step - 1))
        boxes.append(lane.canvas.rect_of(0))
        inks.append(ink(lane, DARK))
    assert boxes[0] == boxes[1] == boxes[2]
    assert 0 < inks[0] < inks[1] < inks[2]


def test_the_same_text_is_as_large_in_both_kinds_of_lane(lane):
    lane.show_frame(written(20))
    one = lane.canvas.rect_of(2).height()
    lane.show_frame(denoised(0, stop="steps"))
    assert lane.canvas.rect_of(2).height() == one


def test_a_text_that_outgrows_its_page_is_followed(lane):
    lane.canvas.set_lane(8)
    lane.show_frame(written(3))
    assert not lane.canvas._bar.isVisible()
    for step in (400, 401):
        lane.show_frame(written(step))
    assert lane.canvas._bar.value() == lane.canvas._bar.maximum() > 0


def test_the_grid_has_its_places_from_the_start(lane):
    lane.canvas.set_view("grid")
    lane.show_frame(written(3))
    before = [lane.canvas.rect_of(cell) for cell in range(4)]
    lane.show_frame(written(40))
    assert before == [lane.canvas.rect_of(cell) for cell in range(4)]


def test_details_of_a_cell_that_was_just_written(lane):
    lane.show_frame(written(5), written(4))
    assert lane.canvas.details(5).state == "accepted" and lane.canvas.details(4).state == "kept"
    assert lane.canvas.details(6) is None


def test_numbers_that_are_not_known_are_dashes(lane):
    lane.set_numbers({"passes": "12"})
    texts = [label.text() for label in lane._numbers.values()]
    assert texts == ["–", "12", *["–"] * (len(MEASURES) - 2)]
    assert all(str(race.WORDS) in name for name in MEASURES if "words" in name)


def test_the_winner_is_marked_in_both_themes(qtbot, qapp):
    from app import look

    track = Track()
    qtbot.addWidget(track)
    track.resize(1000, 500)
    track.show()
    for theme in (DARK, LIGHT):
        look.apply(qapp, theme)
        track.set_theme(theme)
        colours = []
        for lane, first in zip(track.lanes, (True, False), strict=True):
            lane.set_state("won" if first else "finished", first)
            colours.append(lane._state.grab().toImage().pixelColor(12, 5).name())
        assert colours[0] == theme.accent != colours[1]
    qapp.setStyleSheet("")


# The clock.


def lanes():
    slow = recording(steps=4, cells=CELLS)
    quick = recording(steps=0)
    for step in range(10):
        quick.append(written(step, stop="end" if step == 9 else "", seconds=0.0151 * (step + 1)))
    return [race.Lane("Slow", slow, iter, 1), race.Lane("Quick", quick, iter)]


def test_the_clock_reaches_the_end_of_the_slowest_lane_and_steps_to_frames():
    two = lanes()
    line = Timeline([lane.recording for lane in two])
    assert line.frames[0].seconds == 0 and line.frames[-1].seconds >= 0.4 > line.frames[-2].seconds - 0.01
    met, index = [], 0
    while (after := line.step(index, 1)) != index:
        met.append(after)
        index = after
    shown = [tuple(lane.at(line.frames[index].seconds) for lane in two) for index in met]
    assert len(set(shown)) == len(shown) and shown[0] == (-1, 0) and shown[-1] == (3, 9)
    assert {quick for _, quick in shown} == set(range(10)) and {slow for slow, _ in shown} == {-1, 0, 1, 2, 3}
    back = [index]
    while back[-1]:
        back.append(line.step(back[-1], -1))
    assert back[::-1] == [0, *met]


# The mode of the window.


@pytest.fixture
def window(window, loop, monkeypatch):
    """A window whose lanes write `steps` and `tokens` frames."""
    window.steps, window.tokens, window.delay, window.order = 5, 20, 0.0, []

    def denoise(model, prompt, ask, **how):
        step = 0
        while step < window.steps and (settings := ask(0, step)) is not None:
            time.sleep(window.delay)
            window.order.append("d")
            yield denoised(step, settings, "stable" if step == window.steps - 1 else "")
            step += 1

    def autoregress(model, prompt, ask, decoding):
        window.drawn, step = decoding, 0
        while step < window.tokens and (settings := ask(0, step)) is not None:
            window.order.append("a")
            yield written(step, settings, "end" if step == window.tokens - 1 else "")
            step += 1

    reads(monkeypatch, denoise)
    monkeypatch.setattr(engine.steps.autoregressive, "autoregress", autoregress)
    monkeypatch.setattr(MODEL, "length", CELLS, raising=False)
    window.prompt.set_text("a fox")
    loop.run_until_complete(window.asking.load_and_run(None, None))
    return window


def press(window, key):
    next(action for action in window.actions() if action.shortcut() == QKeySequence(key)).trigger()


def over(window):
    lanes = window.session.lanes
    return lambda: (
        lanes is not window.session.lanes or bool(lanes and all(lane.recording.outcome for lane in lanes))
    )


def raced(window, loop):
    press(window, "Ctrl+Shift+Return")
    loop.run_until_complete(until(lambda: window.session.lanes and window.race.player.last > 0))


def text(window, at):
    return {name: label.text() for name, label in window.race.view.lanes[at]._numbers.items()}


def test_a_race_runs_one_lane_after_the_other_and_replays_both(window, loop):
    raced(window, loop)
    assert "".join(window.order) == "ddaa"[:2] + "d" * 5 + "a" * 2 + "a" * 20
    assert window.race.view.isVisible() and not window.stage.canvas.isVisible() and not window.knobs.isVisible()
    player = window.player
    assert player is window.race.player
    player.pause()
    player.seek(25)
    assert text(window, 0) == {**dict.fromkeys(MEASURES, "–"), "passes": "3", "seconds": "0.25"}
    assert text(window, 1)["passes"] == "12" and text(window, 1)["first 8 words"] != "–"
    assert text(window, 1)["tokens/s"] == "–" and window.race.view.lanes[1]._state.text() == ""
    player.seek(player.last)
    assert [lane._state.text() for lane in window.race.view.lanes] == ["finished", "won"]
    assert (text(window, 0)["passes"], text(window, 1)["passes"]) == ("6", "20")
    assert window.race.view._verdict.text().startswith(
        "Autoregressive finished first, in 0.40 s against 0.50 s (a factor of 1.2)"
    )


def test_both_lanes_tell_how_surprising_they_are_once_they_are_over(window, loop, monkeypatch):
    def quality(model, lexicon, prompt, ids):
        return Quality(np.full(len(ids), 1.5, np.float32))

    monkeypatch.setattr(engine.steps.surprise, "quality", quality)
    raced(window, loop)
    window.player.pause()
    window.player.seek(0)
    lanes = window.race.view.lanes
    assert [lane._quality.text() for lane in lanes] == ["", ""]
    window.player.seek(window.player.last)
    assert [lane._quality.text() for lane in lanes] == ["1.50 nats a token \u00b7 0.0 seams in 100"] * 2
    assert "no truth" in lanes[0]._quality.toolTip()
    assert "surprises by 1.50 nats" in window.race.view._verdict.text()


def test_the_headline_of_the_one_canvas_is_not_shown_in_a_race(window, loop):
    raced(window, loop)
    assert not window.stage.headline.isVisible()
    window.race.leave()
    assert window.stage.headline.isVisible()


def test_the_verdict_is_not_given_away_before_both_are_there(window, loop):
    raced(window, loop)
    window.player.pause()
    told = []
    for index in (0, 45, window.player.last):
        window.player.seek(index)
        told.append(window.race.view._verdict.text())
    assert "Autoregressive" not in told[0] and told[1] == "Autoregressive has finished, after 0.40 s."
    assert "a factor of" in told[2] and "factor" not in told[0] + told[1]


def test_the_replay_plays_by_the_clock_and_the_keys_are_its_own(window, loop):
    window.steps = 3
    raced(window, loop)
    loop.run_until_complete(until(lambda: window.player.index == window.player.last and not window.player.playing))
    before = window.stage.player.index
    press(window, "Ctrl+Left")
    assert window.player.index < window.player.last
    press(window, "Ctrl+Home")
    assert window.player.index == 0
    press(window, "Ctrl+Right")
    assert window.player.index == 3  # the first token, just after 0.02 s
    press(window, "Ctrl+Space")
    assert window.player.playing and window.stage.player.index == before


def test_run_makes_another_race_until_it_is_left(window, loop):
    raced(window, loop)
    first = window.session.lanes
    window.asking.run()
    loop.run_until_complete(
        until(lambda: window.session.lanes is not first and over(window)() and not window.session.running)
    )
    press(window, "Esc")
    assert window.race.shown is False and window.stage.canvas.isVisible() and window.knobs.isVisible()
    assert not window.race.view.isVisible()
    second = window.session.lanes
    window.asking.run()
    loop.run_until_complete(until(lambda: window.session.recording and window.session.recording.outcome))
    assert window.session.lanes is second and window.session.recording.prompt == "a fox"


def test_a_race_leaves_the_recording_on_screen_as_it_is(window, loop):
    loop.run_until_complete(window.session.run(Question("another"), Settings()))
    before = window.session.recording
    raced(window, loop)
    window.race.leave()
    assert window.session.recording is before and len(before.frames) == 5
    assert "5 steps" in window.status._sentence.text()
    assert window.player.index == 4 and window.canvas.text().strip() == before.text().strip()


@pytest.mark.parametrize("lane", [0, 1])
def test_escape_stops_a_race_then_leaves_it(window, loop, lane):
    window.delay = 0.001
    window.steps, window.tokens = (10**6, 5) if lane == 0 else (5, 10**6)

    async def scenario():
        press(window, "Ctrl+Shift+Return")
        await until(lambda: window.session.lanes and len(window.session.lanes[lane].recording.frames) > 5)
        press(window, "Esc")
        await until(over(window))
        await until(lambda: not window.session.running)

    loop.run_until_complete(scenario())
    assert window.race.shown and window.session.lanes[1].recording.outcome == "stopped"
    assert window.race.view._verdict.text().startswith("No verdict")
    assert "stopped" in window.status._sentence.text()
    press(window, "Esc")
    assert not window.race.shown


def test_leaving_while_it_runs_stops_it(window, loop, qtbot):
    window.delay, window.steps = 0.001, 10**6

    async def scenario():
        press(window, "Ctrl+Shift+Return")
        await until(lambda: window.race.shown and window.session.lanes[0].recording.frames)
        (leave,) = [b for b in window.race.view.findChildren(QPushButton) if b.text() == "Leave the race"]
        qtbot.mouseClick(leave, Qt.MouseButton.LeftButton)
        await until(lambda: window.session.lanes[0].recording.outcome == "stopped")

    loop.run_until_complete(scenario())
    assert not window.race.shown and not window.session.running


def test_a_lane_that_fails_is_told_and_the_window_stays_usable(window, loop, monkeypatch):
    def broken(*args):
        raise RuntimeError("the lane broke")
        yield

    monkeypatch.setattr(engine.steps.autoregressive, "autoregress", broken)

    async def scenario():
        press(window, "Ctrl+Shift+Return")
        await until(lambda: window.race.shown and over(window)())
        await asyncio.sleep(0.01)

    loop.run_until_complete(scenario())
    assert "the lane broke" in window.status._sentence.text()
    assert [lane._state.text() for lane in window.race.view.lanes] == ["finished", "failed"]
    window.race.leave()
    loop.run_until_complete(window.session.run(Question("p"), Settings()))
    assert window.session.recording.outcome == "finished"


def test_an_empty_prompt_is_a_hint_and_no_race(window):
    window.prompt.set_text("  ")
    press(window, "Ctrl+Shift+Return")
    assert not window.race.shown and "Type what to write" in window.status._sentence.text()


def test_opening_a_recording_leaves_the_race(window, loop):
    raced(window, loop)
    window.showing.replay(recording(steps=3, cells=CELLS))
    assert not window.race.shown and window.player is window.stage.player and window.player.last == 2


def test_a_race_that_is_over_is_exported_as_long_as_it_took(window, loop, tmp_path):
    raced(window, loop)
    window.player.pause()
    loop.run_until_complete(window.files.animate(tmp_path / "race.png"))
    with Image.open(tmp_path / "race.png") as picture:
        size, times, shown = window.race.view.size(), [], []
        assert picture.size == (size.width(), size.height())
        for at in range(picture.n_frames):
            picture.seek(at)
            times.append(picture.info["duration"])
            shown.append(picture.convert("RGB").tobytes())
    assert (
        times[:10] == [50] * 10 and sum(times[10:]) == HOLD_MS
    )  # of 0.5 s, every 50 ms; then the end comes to rest
    assert times[-1] > 1000 and len(set(shown[:11])) == 11  # the clock of the slower lane goes on to the end
    assert window.player.index < window.player.last  # what is on screen stays where it was


def test_a_race_is_exported_when_it_is_over_and_never_saved_as_a_recording(window, loop):
    window.delay = 0.05
    press(window, "Ctrl+Shift+Return")
    loop.run_until_complete(until(lambda: window.session.lanes))
    for key, words in (("Ctrl+E", "before the race is over"), ("Ctrl+S", "not a recording")):
        press(window, key)
        assert words in window.status._sentence.text() and not window.findChildren(QFileDialog)
    window.race.leave()


def test_copying_takes_both_texts_and_their_numbers(window, loop):
    raced(window, loop)
    press(window, "Ctrl+Shift+C")
    copied = QGuiApplication.clipboard().text()
    assert all(lane.recording.text() in copied for lane in window.session.lanes)
    assert copied.splitlines()[-1] == race.verdict(window.session.lanes)


def test_the_view_and_the_theme_reach_both_lanes(window, loop):
    raced(window, loop)
    press(window, "Ctrl+G")
    assert {lane.canvas.view for lane in window.race.view.lanes} == {"grid"}
    grounds = set()
    for theme in ("dark", "light"):
        window.prefs.theme = theme
        window.looks.apply_theme()
        grounds.add(window.race.view.lanes[0].canvas.grab().toImage().pixelColor(8, 30).name())
    assert grounds == {DARK.panel, LIGHT.panel}


def test_the_knobs_of_the_second_lane_are_heard_shown_and_remembered(window, loop):
    line = window.race.view.decoding
    heard = []
    line.changed.connect(heard.append)
    top_k = next(
        number for number in line.findChildren(Number) if number.accessibleName() == "autoregressive top k"
    )
    top_k.setValue(5)
    assert [decoding.top_k for decoding in heard] == [5]
    line.set_decoding(replace(line.decoding(), temperature=0.25))
    assert len(heard) == 1 and line.decoding() == Decoding(temperature=0.25, top_k=5)
    assert sorted(number.value() for number in line.findChildren(Number)) == [0.25, 0.95, 5]
    raced(window, loop)
    assert window.drawn == Decoding(temperature=0.25, top_k=5)
    window.close()
    window.prefs.save()
    again = Window(Session(), Prefs.load())
    assert again.race.view.decoding.decoding() == Decoding(temperature=0.25, top_k=5)
    again.close()
    loop.run_until_complete(again.finish())

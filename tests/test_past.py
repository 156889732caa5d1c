"""Runs that are kept by the window: what a person made is there again, after a click and after the end."""

import time

import pytest
from PySide6.QtCore import Qt

from app.keep.history import History
from app.keep.prefs import Prefs
from app.run.session import Session
from app.window.window import Window
from samples import frame, recording, until
from standin import reads


@pytest.fixture
def window(window, loop, monkeypatch):
    """A window that keeps its runs, whose model writes `window.steps` frames."""
    window.steps, window.delay = 6, 0.0

    def denoise(model, prompt, ask, **how):
        step = 0
        while step < window.steps and (settings := ask(0, step)) is not None:
            time.sleep(window.delay)
            stop = "stable" if step == window.steps - 1 else ""
            yield frame(step // 100, step % 100, cells=256, settings=settings, stop=stop)  # a file holds no more
            step += 1

    reads(monkeypatch, denoise)
    window.resize(1280, 900)
    window.kept_before = loop.run_until_complete(window.past.begin())
    return window


def make(loop, qtbot):
    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    window.show()
    window.resize(1280, 900)
    return window


def end(window, loop):
    window.close()
    loop.run_until_complete(window.finish())


def shown(window):
    return window.strip._runs.shown


def run(window, loop, text, count, **knobs):
    window.prompt.set_text(text)
    loop.run_until_complete(
        window.asking.load_and_run(None, text) if window.session.model is None else start(window, text)
    )
    loop.run_until_complete(until(lambda: len(shown(window)) == count))


async def start(window, text):
    window.asking.run_prompt(text)
    await until(lambda: window.session.recording.prompt == text and window.session.recording.outcome)


def test_a_click_brings_back_text_prompt_knobs_and_seed(window, loop):
    window.prefs.live = False
    run(window, loop, "a fox", 1)
    first = window.session.recording
    window.knobs.move_to(window.knobs.settings().updated({"seed": 5, "steps": 9}))
    run(window, loop, "a lantern", 2)
    moved = window.knobs.settings()
    window.prompt.set_text("half a thought")
    window.strip.opened.emit(shown(window)[1])
    assert window.session.recording is first
    assert window.prompt.text() == "a fox" and window.canvas.text() == first.text().strip()
    assert window.knobs.settings() == first.settings and not window.prompt._changed
    window.tuning.undo()
    assert window.knobs.settings() == moved
    window.prompt._editor.undo()
    assert window.prompt.text() == "half a thought"


def test_runs_of_earlier_starts_are_there_and_can_be_opened(window, loop, qtbot):
    run(window, loop, "a fox", 1)
    before = window.session.recording
    end(window, loop)
    other = make(loop, qtbot)
    assert loop.run_until_complete(other.past.begin()) is None
    other.strip.opened.emit(shown(other)[0])
    loop.run_until_complete(until(lambda: other.session.recording is not None))
    assert other.session.recording.text() == before.text() and other.player.index == len(before.frames) - 1
    qtbot.keyClick(other.prompt._editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(other.prompt._editor, "new")
    qtbot.keyClick(other.prompt._editor, Qt.Key.Key_Up)
    assert other.prompt.text() == "a fox"
    end(other, loop)


def test_what_is_opened_is_not_kept_again(window, loop, tmp_path):
    run(window, loop, "a fox", 1)
    window.showing.replay(recording(steps=3, cells=256))
    window.strip.opened.emit(shown(window)[0])
    loop.run_until_complete(window.tasks.drain())
    assert len(shown(window)) == 1


def test_the_next_run_and_what_is_opened_lose_nothing_of_the_one_before(window, loop):
    run(window, loop, "a fox", 1)
    window.steps, window.delay = 10**6, 0.002

    async def scenario():
        for count, leave in enumerate(
            (lambda: window.asking.run_prompt("b"), lambda: window.showing.bring_back(recording()))
        ):
            if not window.session.running:
                window.asking.run_prompt("a")
            # One that has no end yet: what is on screen until the next begins may have as many.
            await until(lambda: not (now := window.session.recording).outcome and len(now.frames) > 3)
            leave()
            await until(lambda count=count: len(shown(window)) == count + 2)

    loop.run_until_complete(scenario())
    assert [entry.prompt for entry in shown(window)] == ["b", "a", "a fox"]
    assert all(len(window.past._history.load(entry.id).frames) > 3 for entry in shown(window))


def test_a_run_that_a_dragged_knob_cut_short_is_no_result(window, loop):
    run(window, loop, "a fox", 1)
    window.steps, window.delay = 10**6, 0.005

    async def scenario():
        window.asking.run_prompt("a")
        await until(lambda: window.session.recording.prompt == "a" and len(window.session.recording.frames) > 3)
        window.knobs.move_to(window.knobs.settings().updated({"seed": 5}))
        await until(lambda: window.session.recording.settings.seed == 5 and window.session.recording.frames)
        window.steps = 1
        await until(lambda: len(shown(window)) == 2)

    loop.run_until_complete(scenario())
    assert [window.past._history.load(entry.id).settings.seed for entry in shown(window)] == [5, 7]


def test_what_was_under_way_at_the_end_from_outside_comes_back(window, loop, qtbot, monkeypatch):
    monkeypatch.setattr("app.keep.history.WRITER", 2**31 - 1)  # no process has that number
    run(window, loop, "a fox", 1)
    window.steps, window.delay = 10**6, 0.002
    window.asking.run_prompt("long")
    grows = window.session
    loop.run_until_complete(until(lambda: grows.recording.prompt == "long" and len(grows.recording.frames) > 3))
    window.keep()
    end(window, loop)
    other = make(loop, qtbot)
    kept = loop.run_until_complete(other.past.begin())
    assert kept.prompt == "long" and len(kept.frames) > 3 and kept.outcome == "stopped"
    assert [entry.prompt for entry in shown(other)] == ["long", "a fox"]
    end(other, loop)
    third = make(loop, qtbot)
    assert loop.run_until_complete(third.past.begin()) is None  # once
    end(third, loop)


def test_what_goes_on_in_another_window_is_not_taken_for_what_was_cut_off(window, loop):
    growing = recording(steps=2)
    growing.outcome = ""
    History(1000).put(growing, over=False)
    assert loop.run_until_complete(window.past.begin()) is None
    assert shown(window)[0].open


def test_a_run_that_goes_on_is_written_now_and_then(window, loop):
    run(window, loop, "a fox", 1)
    window.steps, window.delay = 10**6, 0.002
    window.asking.run_prompt("long")
    grows = window.session
    loop.run_until_complete(until(lambda: grows.recording.prompt == "long" and len(grows.recording.frames) > 3))
    window.past._timer.timeout.emit()
    loop.run_until_complete(until(lambda: any(entry.open for entry in History(1000).read())))
    window.stop()
    loop.run_until_complete(until(lambda: len(shown(window)) == 2))
    assert not any(entry.open for entry in History(1000).read())


def test_a_run_whose_first_step_is_slow_is_written_once_it_has_come_and_not_while_nothing_does(window, loop):
    run(window, loop, "a fox", 1)
    past, tasks, growing = window.past, window.tasks._tasks, recording(steps=0)
    past._growing, past._written, growing.outcome = growing, 0, ""
    past._timer.timeout.emit()
    assert past._timer.isActive() and not past._order.locked()
    growing.append(frame(0, 0))
    past._timer.timeout.emit()
    loop.run_until_complete(until(lambda: past._written == 1))
    assert [entry.open for entry in History(1000).read()].count(True) == 1
    written = len(tasks)
    past._timer.timeout.emit()  # nothing new
    assert past._timer.isActive() and len(tasks) == written


def test_stars_names_and_deletions_last(window, loop):
    for count, text in enumerate(("a", "b", "c")):
        run(window, loop, text, count + 1)
    c, b, a = shown(window)
    window.strip.keep_wished.emit(a)
    window.strip.rename_wished.emit(b, "the best")
    window.strip.delete_wished.emit(c)
    window.strip.delete_wished.emit(shown(window)[0])
    assert window.strip.isVisible()
    assert [entry.title for entry in shown(window)] == ["a"] and window.strip._undo.isVisible()
    window.strip.undo_wished.emit()
    loop.run_until_complete(window.tasks.drain())
    assert [(entry.title, entry.kept) for entry in shown(window)] == [("the best", False), ("a", True)]
    found = History(1000).read()
    assert [(entry.title, entry.kept) for entry in found] == [("the best", False), ("a", True)]


def test_a_smaller_room_makes_room_at_once(window, loop):
    for count, text in enumerate(("a", "b", "c")):
        run(window, loop, text, count + 1)
    window.strip.keep_wished.emit(shown(window)[-1])
    loop.run_until_complete(window.tasks.drain())
    window.past.set_room(0)
    loop.run_until_complete(window.tasks.drain())
    assert [entry.prompt for entry in shown(window)] == ["a"] and window.prefs.room == 0


def test_the_strip_yields_when_the_window_is_low(window, loop):
    window.panels.search_runs()
    assert not window.strip.isVisible() and "no earlier runs" in window.status._sentence.text()
    run(window, loop, "a fox", 1)
    heights = {}
    for height in (560, 700, 800, 1080):
        window.resize(1280, height)
        heights[height] = window.strip.height() if window.strip.isVisible() else 0
    assert heights[560] == 0 < heights[700] == heights[800] < heights[1080]
    window.resize(1280, 560)
    window.panels.search_runs()
    assert "higher" in window.status._sentence.text()
    window.resize(1280, 1080)
    window.panels.search_runs()
    assert window.strip._find.hasFocus()
    window.panels.toggle_strip()
    assert not window.strip.isVisible() and not window.prefs.strip

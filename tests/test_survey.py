"""The sweep in the window, as a person uses it: offscreen, with a fake engine behind the session."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QInputDialog, QPushButton

import engine.model.gemma
import engine.steps.denoise
import engine.steps.surprise
from engine.values.quality import Quality
from engine.values.question import Question
from samples import MODEL, until
from standin import writes
from widgets.square import DONE, STOPPED, WAITS
from widgets.tile import numbers

MODELED = SimpleNamespace(**vars(MODEL) | {"prefill": lambda ids, cache=None: SimpleNamespace(layers=[])})


@pytest.fixture
def window(window, loop, monkeypatch):
    """A window with a history, whose model takes as many steps as it may, `window.delay` seconds for each."""

    def seed(settings, step):
        window.seed = settings.seed
        return settings.seed

    def quality(model, lexicon, prompt, ids):
        return Quality(np.full(len(ids), 1.0, np.float32))

    writes(monkeypatch, window, steps=None, cells=64, model=MODELED, seed=seed)
    monkeypatch.setattr(engine.steps.surprise, "quality", quality)
    window.resize(1280, 800)
    loop.run_until_complete(window.past.begin())
    loop.run_until_complete(window.models.load(None))
    window.prompt.set_text("a fox")
    return window


def key(window, keys):
    next(action for action in window.actions() if action.shortcut() == QKeySequence(keys)).trigger()


def ask(window, across="2,4", down="0.2,0.8", draws=1):
    """Open the grid, and say what it is to try."""
    key(window, "Ctrl+Shift+G")
    for field, text in ((window.sweep.view.across, across), (window.sweep.view.down, down)):
        field._values.setText(text)
        field._values.textEdited.emit(text)
    window.sweep.view._draws.setValue(draws)


def fill(window, loop, **asked):
    """Fill it, until all of it is kept and drawn."""
    ask(window, **asked)
    window.sweep.view._fill.click()

    async def scenario():
        await until(lambda: window.sweep.grid is not None and not window.sweep.grid.to_do())
        await until(lambda: not window.session.running)
        await until(lambda: not any(map(window.sweep.grid.whole, window.sweep.grid.taken)))

    loop.run_until_complete(scenario())
    return window.sweep.grid


def square(window, x, y):
    return window.sweep.view.cells.model().square((x, y))


def told(window):
    return window.sweep.view._told.text()


def test_the_grid_says_what_it_will_take_before_it_runs(window):
    ask(window, "2,4", "0.2,0.8")
    assert window.sweep.view.isVisible() and not window.canvas.isVisible()
    assert told(window).startswith("4 runs, of up to 4 steps, 12 at most in all")
    assert not window.session.running


@pytest.mark.parametrize(
    ("asked", "part", "bad"),
    [
        ({"across": "few"}, "steps must be a whole number", "across"),
        ({"across": ""}, "Write values as 4-48[6]", "across"),
        ({"down": "0.2,9"}, "temperature max must be a number", "down"),
    ],
)
def test_a_range_that_cannot_be_is_one_sentence_at_its_field_and_nothing_is_lost(window, loop, asked, part, bad):
    grid = fill(window, loop)
    key(window, "Ctrl+Shift+G")
    ask(window, **asked)
    window.sweep.view._fill.click()
    loop.run_until_complete(until(lambda: not window.session.running))
    fields = {"across": window.sweep.view.across, "down": window.sweep.view.down}
    assert part in told(window) and told(window).endswith(".")
    assert [way for way, field in fields.items() if field._values.property("bad")] == [bad]
    assert window.sweep.grid is grid and square(window, 1, 1).state == DONE


def test_a_field_tells_what_is_typed_means_and_else_how_to_type_it(window):
    ask(window, "4-48[6]", "0.2")
    across, down = window.sweep.view.across, window.sweep.view.down
    assert across._means.text() == "6 values: 4, 13, 22, 30, 39, 48" and down._means.text() == "1 value: 0.2"
    ask(window, "few", "0.2-0.8[3]")
    ask(window, "few", "0.2-0.8[3]")  # shown again
    assert across._means.text() == "for example 4-48[6]" == across._values.placeholderText()
    assert down._means.text() == "3 values: 0.2, 0.5, 0.8", "each tells its own"
    down.put("", "")
    assert down._means.text() == ""


def test_cells_fill_one_after_the_other_and_are_runs_like_all_others(window, loop):
    grid = fill(window, loop)
    assert [square(window, x, y).state for y in (0, 1) for x in (0, 1)] == [DONE] * 4
    assert square(window, 1, 0).words[0].startswith("4 steps") and "1.00 nats" in square(window, 1, 0).told
    titles = {entry.title: entry for entry in window.past._entries.values()}
    assert set(titles) == {grid.name(place) + ": a fox" for place in grid.places()}
    assert {entry.id for entry in titles.values()} == {run.id for run in grid.recordings.values()}
    assert all(len(run.frames) == 1 for run in grid.recordings.values()), "their steps are in the history only"
    assert "each takes 1 KB of memory" in told(window)


def test_a_click_opens_all_of_a_run_and_escape_leads_back(window, loop, qtbot):
    grid = fill(window, loop)
    cells = window.sweep.view.cells
    cells.setFocus()
    qtbot.keyClick(cells, Qt.Key.Key_Right)
    qtbot.keyClick(cells, Qt.Key.Key_Return)
    loop.run_until_complete(until(lambda: not window.sweep.shown))
    shown = window.session.recording
    assert shown.id == grid.recordings[1, 0, 0].id and len(shown.frames) == 4
    assert window.canvas.isVisible() and window.sweeping.back.isVisible()
    assert window.knobs.settings().steps == 4, "with its knobs"
    key(window, "Esc")
    assert window.sweep.view.isVisible() and square(window, 1, 0).state == DONE
    assert window.sweep.wanted() is grid, "the knobs of a cell are no other grid"
    key(window, "Esc")
    assert window.canvas.isVisible()


def test_escape_keeps_what_is_finished_and_the_rest_can_follow(window, loop):
    window.delay = 0.1  # of up to 60 steps: there is time for what follows
    ask(window, "2,60", "0.2,0.8")
    key(window, "Ctrl+Return")

    async def scenario():
        await until(lambda: square(window, 1, 0).frame is not None)
        key(window, "Esc")
        await until(lambda: not window.session.running and square(window, 1, 0).state == STOPPED)
        await until(lambda: len(window.past._entries) == 2)

    loop.run_until_complete(scenario())
    assert [square(window, x, 0).state for x in (0, 1)] == [DONE, STOPPED] and square(window, 0, 1).state == WAITS
    assert told(window).startswith("1 of 4 runs are finished") and window.sweep.view._fill.text() == "Go on"
    titles = {entry.title: numbers(entry)[0] for entry in window.past._entries.values()}
    cut = len(window.sweep.grid.recordings[1, 0, 0].frames)
    assert titles["steps 60, temperature max 0.2: a fox"].startswith(f"stopped at step {cut} ")
    assert titles["steps 2, temperature max 0.2: a fox"].startswith("2 steps ")
    first, window.delay = window.sweep.grid.recordings[0, 0, 0].id, 0.0
    window.sweep.view._fill.click()
    loop.run_until_complete(until(lambda: len(window.past._entries) == 5))  # the one that was cut, too
    assert not window.sweep.grid.to_do() and window.sweep.grid.recordings[0, 0, 0].id == first
    assert [square(window, x, y).state for y in (0, 1) for x in (0, 1)] == [DONE] * 4


def test_a_sweep_goes_on_while_a_cell_is_looked_at(window, loop):
    window.delay = 0.1  # of up to 60 steps: there is time for what follows
    ask(window, "2,30", "0.2,0.8")
    key(window, "Ctrl+Return")

    async def scenario():
        await until(lambda: square(window, 0, 0).ready)
        window.sweep.view.cells.opened.emit(0, 0)
        await until(lambda: not window.sweep.shown)
        assert window.session.sweeping and window.session.live is None
        assert window.player.index == window.player.last == 1
        window.delay = 0.0
        await until(lambda: not window.session.running)

    loop.run_until_complete(scenario())
    assert window.sweep.grid.outcome == "finished" and len(window.session.recording.frames) == 2
    window.sweeping.back.click()
    assert window.sweep.shown and square(window, 1, 1).state == DONE


def test_a_moved_knob_stops_no_sweep(window, loop):
    loop.run_until_complete(window.session.run(Question("a fox"), window.knobs.settings()))
    window.delay = 0.1  # of up to 60 steps: there is time for what follows
    ask(window, "2,30", "0.2,0.8")
    key(window, "Ctrl+Return")

    async def scenario():
        await until(lambda: square(window, 0, 0).ready)
        window.knobs.move_to(window.knobs.settings().updated({"seed": 99}))
        window.delay = 0.0
        await until(lambda: not window.session.running)

    loop.run_until_complete(scenario())
    assert window.sweep.grid.outcome == "finished" and window.sweep.grid.settings.seed != 99


def test_colours_put_the_least_and_the_largest_at_both_ends(window, loop):
    fill(window, loop)
    window.sweep.view._colours._buttons["steps"].click()
    assert [square(window, x, 0).share for x in (0, 1)] == [0.0, 1.0]
    assert [square(window, x, 0).value for x in (0, 1)] == ["2 steps", "4 steps"]
    window.sweep.view._colours._buttons["agreement"].click()
    careful = window.sweep.grid.careful
    assert square(window, *careful).value == "100% the same"
    window.sweep.view._colours._buttons["canvases"].click()
    assert not square(window, 0, 0).value


def test_the_cliff_is_told_with_its_evidence_and_marked(window, loop):
    fill(window, loop, draws=3)
    view = window.sweep.view
    assert "2 steps are as good as 4" in view._found.text() and "temperature max 0.2" in view._found.text()
    assert "2: +0.00 (at most +0.00)" in view._evidence.text()
    assert [square(window, x, 0).enough for x in (0, 1)] == [True, False]
    view.cells.setCurrentIndex(view.cells.model().index(1, 0))
    assert "temperature max 0.8" in view._found.text(), "of the line that people look at"


def test_two_cells_are_handed_over_for_comparison(window, loop):
    grid, pairs = fill(window, loop), []
    window.sweeping.compared.connect(lambda *pair: pairs.append(pair))
    for at in ((0, 0), (1, 1)):
        window.sweep.view.cells.choose(at)
    loop.run_until_complete(until(lambda: pairs))
    assert [run.id for run in pairs[0]] == [grid.recordings[0, 0, 0].id, grid.recordings[1, 1, 0].id]
    assert [len(run.frames) for run in pairs[0]] == [2, 4], "whole"


def test_the_grid_is_saved_as_a_picture_and_as_numbers(window, loop, tmp_path):
    window.sweeping.save_numbers()
    assert "no grid to save" in window.status._sentence.text()
    fill(window, loop)
    window.sweeping.draw(str(tmp_path / "grid.png"))
    window.sweeping.write(str(tmp_path / "grid.json"))
    loop.run_until_complete(window.tasks.drain())
    told = json.loads((tmp_path / "grid.json").read_text("utf-8"))
    assert told["axes"] == {"steps": [2, 4], "t_max": [0.2, 0.8]} and len(told["runs"]) == 4
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.width > 1000
    window.sweeping.write(str(tmp_path / "nowhere" / "grid.json"))
    loop.run_until_complete(window.tasks.drain())
    assert "was not written" in window.status._sentence.text()


def test_one_knob_alone_is_a_row(window, loop):
    key(window, "Ctrl+Shift+G")
    window.sweep.view.down.choose("")
    fill_one = window.sweep.view.across._values
    fill_one.setText("2,3")
    window.sweep.view._fill.click()
    done = lambda: window.sweep.grid is not None and not window.sweep.grid.to_do() and not window.session.running  # noqa: E731
    loop.run_until_complete(until(done))
    assert window.sweep.grid.size == (2, 1) and square(window, 1, 0).state == DONE


# A grid in a conversation, and one of seeds.


def test_a_grid_goes_on_with_the_conversation_as_one_run_does(window, loop):
    asked = []

    def prompt(question, settings, *_):
        asked.append(question.before)
        return [1]

    window.session.model.prompt = prompt
    window.talking.manner.set_text("Be brief.")
    loop.run_until_complete(window.session.run(window.talking.question("a fox"), window.knobs.settings()))
    said = window.talking.answered
    loop.run_until_complete(window.talking.follow("and now?", window.knobs.settings()))
    asked.clear()
    ask(window)
    assert told(window).startswith("4 runs behind 1 turn of the conversation, of up to 4 steps")
    window.sweep.view._fill.click()
    loop.run_until_complete(until(lambda: window.sweep.grid is not None and not window.session.running))
    grid = window.sweep.grid
    assert not grid.to_do() and set(asked) == {said} and said.system == "Be brief." and said.exchanges == 1
    assert all(run.before == said for run in grid.recordings.values())
    window.sweep.view.cells.opened.emit(1, 1)
    loop.run_until_complete(until(lambda: not window.sweep.shown))
    assert window.session.recording.before == said and window.talking.before == said
    key(window, "Esc")
    assert window.sweep.wanted() is grid, "a cell of it is in the same conversation"
    window.talking.manner.set_text("Be long.")
    window.talking.manner.edited.emit()
    assert window.sweep.wanted() is not grid


def best(window, count):
    """As by the dialog."""
    key(window, "Ctrl+3")
    box = window.findChild(QInputDialog)
    assert (box.intMinimum(), box.intMaximum()) == (2, 16)
    write = next(each for each in box.findChildren(QPushButton) if each.text() == "Write them")
    assert write.isEnabled(), "as many as last time"
    box.setIntValue(count)
    write.click()


def rate(window, monkeypatch):
    """The text of seed 8 surprises least."""

    def rated(reader, lexicon, prompt, ids):
        return Quality(np.full(len(ids), {7: 3.0, 8: 0.2}.get(window.seed, 1.0), np.float32))

    monkeypatch.setattr(engine.steps.surprise, "quality", rated)


def test_the_best_of_some_is_shown_and_the_others_are_kept(window, loop, monkeypatch):
    rate(window, monkeypatch)
    best(window, 4)

    async def scenario():
        await until(lambda: "The least surprising of 4, from seed 8" in window.status._sentence.text())
        await until(lambda: len(window.past._entries) == 4)

    loop.run_until_complete(scenario())
    assert window.canvas.isVisible() and window.session.recording.settings.seed == 8
    assert {entry.seed for entry in window.past._entries.values()} == {7, 8, 9, 10}
    key(window, "Esc")
    assert window.sweep.shown and [square(window, x, 0).state for x in range(4)] == [DONE] * 4
    assert window.prefs.best == 4


def test_the_best_of_some_that_is_stopped_is_that_of_what_is_finished(window, loop, monkeypatch):
    rate(window, monkeypatch)
    window.knobs.set_settings(window.knobs.settings().updated({"steps": 3}))
    window.delay = 0.02  # so that some are still to do when somebody looks
    best(window, 9)

    async def scenario():
        await until(lambda: window.sweep.grid is not None and len(window.sweep.grid.qualities) > 1)
        window.delay = 0.1
        key(window, "Esc")
        await until(lambda: "that are finished, from seed 8" in window.status._sentence.text())

    loop.run_until_complete(scenario())
    assert window.sweep.grid.to_do() and window.session.recording.settings.seed == 8


def test_who_looks_at_something_else_is_not_called_away_by_the_best(window, loop, monkeypatch):
    rate(window, monkeypatch)
    loop.run_until_complete(window.session.run(Question("a hare"), window.knobs.settings()))
    window.delay = 0.005
    best(window, 2)

    async def scenario():
        await until(lambda: window.session.sweeping and window.sweep.grid.recordings)
        assert window.sweep.view._fill.text() == "Stop"
        window.sweep.leave()
        await until(lambda: "from seed 8" in window.status._sentence.text())

    loop.run_until_complete(scenario())
    assert window.session.recording.prompt == "a hare" and "earlier runs" in window.status._sentence.text()

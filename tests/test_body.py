"""Where things are in the window: who gets how much room, and what stays where it is."""

from math import nan
from types import SimpleNamespace

import pytest

from app.window.body import LOW
from app.window.looks import LEARNT
from engine.values.settings import knobs
from samples import LEXICON, recording


@pytest.fixture
def window(window, qapp):
    window.resize(1280, 800)
    qapp.processEvents()
    return window


def test_the_knobs_have_what_they_need_and_the_token_the_rest(window, qtbot):
    knob, token = window.knobs, window.stage.token
    assert knob.height() == knob.sizeHint().height() and token.height() > LOW
    assert knob.height() + token.height() + 8 == window.body._side.height()
    window.knobs.set_open(each.group for each in knobs().values())
    qtbot.waitUntil(lambda: token.height() == LOW)
    assert knob.height() < knob.sizeHint().height()  # the knobs scroll
    window.resize(900, 560)
    qtbot.waitUntil(lambda: knob.height() == window.body._side.height())
    assert not token.isVisible()


def test_where_there_is_no_token_panel_a_chosen_cell_takes_the_place_of_the_charts(window, qtbot):
    window.showing.bring_back(recording())
    stage = window.stage
    for height, low in ((900, False), (560, True)):
        window.resize(1000, height)
        qtbot.waitUntil(lambda low=low: stage.token.isVisible() != low)
        window.canvas.choose(2)
        assert stage.pair.isVisible() == low and stage.charts.isVisible() != low
        window.stage.compare()  # two cells have it in any window
        assert stage.pair.isVisible() and not stage.charts.isVisible()
        window.canvas.let_go()
        assert stage.charts.isVisible() and not stage.pair.isVisible()


def test_charts_yield_to_the_canvas_below_a_high_prompt(window, qtbot):
    window.resize(900, 560)
    qtbot.waitUntil(lambda: window.stage.charts.isVisible())
    window.prompt.set_text("a fox " * 30)
    window.talking.manner.set_text("Be kind. " * 30)
    qtbot.waitUntil(lambda: not window.stage.charts.isVisible())
    row, below = window.canvas.parentWidget(), window.stage.transport
    qtbot.waitUntil(lambda: window.canvas.height() <= row.height() and row.geometry().bottom() < below.y())
    window.talking.manner.set_text("")
    window.prompt.set_text("a fox")
    qtbot.waitUntil(lambda: window.stage.charts.isVisible())


def test_what_the_token_panel_shows_moves_nothing(window, qapp):
    known = {"entropy": 1.0, "surprise": nan, "candidates": [("word", 0.1)] * 8}
    details = SimpleNamespace(cell=0, text="word " * 30, state="open", **known)
    where = window.canvas.geometry()
    for shown in (details, None):
        window.stage.token.show_details(shown)
        qapp.processEvents()
        assert window.canvas.geometry() == where


def test_whoever_has_seen_some_runs_gets_the_room_of_the_legend(window):
    rooms = []
    for _ in range(LEARNT + 1):
        window.looks.count_run()
        rooms.append(window.canvas._room().height())
    assert len(set(rooms[:LEARNT])) == 1 and rooms[LEARNT] == window.canvas.height() > rooms[0]


def test_the_badge_says_who_wrote_and_the_header_what_can_be_done(window):
    window.showing.replay(recording())
    assert window.header._model.text().startswith("choose a model")
    assert window.status._model.text().startswith(f"written by {window.session.recording.model}")
    window.session.model = SimpleNamespace(name=window.session.recording.model, device="cpu", lexicon=LEXICON)
    window.news.show_state()
    assert window.status._model.text().startswith(window.session.recording.model)
    window.session.model = None


def test_a_failed_run_says_why_where_there_is_no_status_line(window):
    broken = recording()
    broken.outcome = "The graphics card is out of memory."
    window.showing.replay(broken)
    window.player.seek(window.player.last)
    assert broken.outcome in window.stage.headline._facts.state


def test_the_focus_goes_to_the_canvas_when_its_place_is_gone(window, qapp):
    window.activateWindow()
    window.knobs.findChildren(type(window.knobs._rerun))[0].setFocus()
    window.body.arrange(False, None, window.body._strip, False)
    assert window.focusWidget() is window.canvas
    window.body.arrange(True, window.race.view, window.body._strip, False)
    assert window.focusWidget() is window.race.view.lanes[0].canvas


@pytest.mark.parametrize("size", [(900, 560), (1280, 800), (1920, 1080)])
def test_no_number_of_a_race_is_cut(window, qapp, size):
    window.resize(*size)
    window.body.arrange(True, window.race.view, window.body._strip, False)
    for lane in window.race.view.lanes:
        lane.set_numbers({"seconds": "123.45", "passes": "1,234"})
    qapp.processEvents()
    for lane in window.race.view.lanes:
        for name in ("seconds", "passes"):
            label = lane._numbers[name]
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()

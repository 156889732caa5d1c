"""Hands on the text in the window: pins, melting, typing over, branches, gaps; with a fake loop, once for real."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

import engine.model.gemma
import engine.steps.denoise
import engine.steps.surprise
from app.keep.prefs import Prefs
from app.run.session import Session
from app.window.window import Window
from engine.model.text.gaps import place
from engine.model.text.tokens import PromptError
from engine.steps.context import Context
from engine.values.handoff import Gate
from engine.values.quality import Quality
from engine.values.settings import Settings
from engine.values.words.blanks import to_fill
from samples import MODEL, WORDS, frame, until
from standin import reads

CELLS, STEPS = 24, 6


def put(blanks):
    return place(blanks, lambda text: [7] * len(text.split()), {1}, CELLS)


def read(question, settings, *_):
    """A prompt of two ids, and what of the answer is given."""
    try:
        return Context([2, 3], edits=(put(to_fill(question.answer)).edit,) if question.answer else ())
    except ValueError as error:
        raise PromptError(str(error)) from error


MODELED = SimpleNamespace(
    **vars(MODEL) | {"prompt": read},
    spell=lambda text: [WORDS.index(" " + word) for word in text.split()],
    place=put,
    prefill=lambda ids, cache=None: SimpleNamespace(layers=[]),
)


def seated(edit):
    """An edit whose words have the first places that they may have."""
    pins = tuple((first + at, id) for first, _, ids in edit.near for at, id in enumerate(ids))
    return replace(edit, near=(), pins=edit.pins + pins)


def denoise(model, prompt, ask, edits=lambda canvas, step: (), **how):
    """Noise by the seed, with what hands do to it."""
    pins, ids = {}, np.full(CELLS, 3, np.int32)
    for step in range(STEPS):
        settings = ask(0, step)
        if settings is None:
            return
        given = prompt.edits if step == 0 else ()
        done = tuple(seated(edit) for edit in (*given, *edits(0, step)))
        ids = np.random.default_rng((settings.seed, step)).integers(2, len(WORDS), CELLS).astype(np.int32)
        for edit in done:
            gone = {*edit.free, *edit.melt}
            pins = {cell: id for cell, id in pins.items() if cell not in gone} | dict(edit.pins)
        for cell, id in pins.items():
            ids[cell] = id
        held = np.isin(np.arange(CELLS), list(pins))
        stop = "stable" if step == STEPS - 1 else ""
        arrays = {"ids": ids, "guess": ids, "held": ~held, "pinned": held}
        yield frame(0, step, cells=CELLS, settings=settings, edits=done, stop=stop, **arrays)


@pytest.fixture
def window(window, loop, monkeypatch):
    reads(monkeypatch, denoise, MODELED)
    window.resize(1280, 800)
    loop.run_until_complete(window.asking.load_and_run(None, "a fox"))
    return window


def over(window, loop, before):
    """Waits for a run after another one; the recording of it."""
    session = window.session
    loop.run_until_complete(until(lambda: session.recording is not before and not session.running))
    loop.run_until_complete(until(lambda: window.player.index == len(session.recording.frames) - 1))
    return session.recording


def drag(window, qtbot, first, last):
    canvas = window.canvas
    start, end = (canvas.rect_of(cell).center().toPoint() for cell in (first, last))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, start + QPoint(8, 0))
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)


def first_edit(recording, index=0):
    return recording.frames[index].edits[0]


@pytest.mark.parametrize("view", ["prose", "grid"])
def test_words_are_selected_with_the_pointer_and_a_bar_comes(window, qtbot, view):
    window.looks.set_view(view)
    assert not window.hands.bar.isVisible()
    drag(window, qtbot, 3, 6)
    assert window.canvas.selection == [3, 4, 5, 6] and window.hands.bar.isVisible()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert window.canvas.selection == [] and not window.hands.bar.isVisible()


def test_words_are_selected_with_the_keys(window, qtbot):
    window.canvas.choose(4)
    for _ in range(2):
        qtbot.keyClick(window.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.selection == [4, 5, 6]
    qtbot.keyClick(window.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.selection == [4, 5]


def test_pins_wait_on_a_finished_text_and_hold_in_what_is_melted(window, loop, qtbot):
    root = window.session.recording
    drag(window, qtbot, 0, 2)
    window.hands.pin()
    assert window.canvas._overlay.pinned == {0, 1, 2} and window.session.recording is root
    drag(window, qtbot, 5, 9)
    window.hands.melt()
    child = over(window, loop, root)
    last = root.frames[-1].guess
    edit = first_edit(child)
    assert set(edit.melt) == {5, 6, 7, 8, 9} and dict(edit.pins) == {cell: last[cell] for cell in (0, 1, 2)}
    assert {cell for cell, _ in edit.put} == set(range(CELLS)) - {0, 1, 2, 5, 6, 7, 8, 9}
    assert child.parent == (root.id, 0) and child.settings.seed != root.settings.seed
    assert all((step.ids[:3] == last[:3]).all() for step in child.frames)
    assert window.canvas._overlay.pinned == {0, 1, 2}  # they hold in the new text, too


def test_a_pin_is_let_go_and_all_are_cleared(window, qtbot):
    drag(window, qtbot, 0, 2)
    window.hands.pin()
    window.canvas.choose(1)
    window.hands.pin()
    assert window.canvas._overlay.pinned == {0, 2}
    window.hands.clear()
    assert window.canvas._overlay.pinned == set() and "cleared" in window.status._sentence.text()


def test_a_share_of_the_words_melts(window, loop, qtbot):
    root = window.session.recording
    drag(window, qtbot, 0, 9)
    window.hands.bar._strength.setValue(6)  # 30 %
    window.hands.melt()
    assert len(first_edit(over(window, loop, root)).melt) == 3


def test_only_what_is_kept_stays(window, loop, qtbot):
    root = window.session.recording
    drag(window, qtbot, 20, 23)
    window.hands.keep()
    edit = first_edit(over(window, loop, root))
    assert set(edit.melt) == set(range(20)) and {cell for cell, _ in edit.pins} == {20, 21, 22, 23}


def test_what_is_typed_over_takes_its_place_and_moves_the_rest(window, loop, qtbot):
    root = window.session.recording
    window.canvas.choose(4)
    window.hands.type_over()
    window.hands.box._line.clear()
    qtbot.keyClicks(window.hands.box._line, "fox found")
    qtbot.keyClick(window.hands.box._line, Qt.Key.Key_Return)
    child = over(window, loop, root)
    last, edit = root.frames[-1].guess, first_edit(child)
    assert dict(edit.pins) == {4: WORDS.index(" fox"), 5: WORDS.index(" found")}
    assert dict(edit.put)[6] == last[5] and "fox found" in window.branches.tree.accessibleDescription()


def test_at_an_earlier_step_it_is_a_branch_that_shares_what_came_before(window, loop, qtbot):
    root = window.session.recording
    window.player.seek(2)
    window.canvas.choose(4)
    window.hands.melt()
    child = over(window, loop, root)
    assert child.parent == (root.id, 3) and child.frames[:3] == root.frames[:3]
    assert first_edit(child, 3).melt == (4,) and child.settings == root.settings


def test_go_on_takes_live_knobs_and_undo_goes_to_the_parent(window, loop):
    root = window.session.recording
    window.player.seek(2)
    window.knobs.set_settings(Settings(t_max=1.5, seed=99))
    window.stage.transport.branch_wished.emit()
    child = over(window, loop, root)
    assert child.frames[3].settings.t_max == 1.5 and child.frames[3].settings.seed == root.settings.seed
    assert window.branches.tree.isVisible() and "temperature max" in window.branches.tree.accessibleDescription()
    window.branches.to_parent()
    assert window.session.recording is root and window.player.index == STEPS - 1
    window.branches.tree.chosen.emit(1)
    assert window.session.recording is child


def test_the_parent_is_compared_side_by_side(window, loop, qtbot):
    root, versus = window.session.recording, window.versus
    window.branches.compare()
    assert not versus.shown and not versus.view.isVisible()  # there is none
    drag(window, qtbot, 0, 3)
    window.hands.melt()
    child = over(window, loop, root)
    window.branches.compare()
    assert versus.view.isVisible() and not window.canvas.isVisible() and versus.runs == {"A": root, "B": child}
    left, right = (side.canvas for side in versus.view.sides)
    assert (left._frame, right._frame) == (root.frames[-1], child.frames[-1])
    assert left._overlay.different[0] and right._overlay.different[0]
    window.stop()
    assert not versus.view.isVisible() and window.canvas.isVisible() and window.session.recording is child


def test_on_a_run_that_goes_on_it_holds_from_the_next_step(window, loop, monkeypatch):
    root, touched = window.session.recording, threading.Event()

    def waiting(*asked, **how):
        for step in denoise(*asked, **how):
            yield step
            assert step.step != 1 or touched.wait(60)

    monkeypatch.setattr(engine.steps.denoise, "denoise", waiting)

    async def scenario():
        window.asking.run()
        await until(lambda: window.session.recording is not root and window.player.index >= 1)
        window.player.pause()
        window.canvas.choose(4)
        window.hands.pin()
        window.ruling.view.moved.emit(7.0)  # the drawn line is a knob of the run that goes on
        touched.set()
        window.player.play()
        await until(lambda: not window.session.running)

    loop.run_until_complete(scenario())
    run = window.session.recording
    assert run.parent is None and run.frames[-1].pinned[4] and run.frames[-1].settings.entropy_bound == 7.0
    steps = [step for step in run.frames if step.pinned[4]]
    assert len({int(step.ids[4]) for step in steps}) == 1 < len(run.frames)


def test_a_candidate_is_kept_from_the_microscope(window, loop):
    root = window.session.recording
    window.player.seek(1)
    window.canvas.choose(5)
    assert window.stage.token.lanes._life.cell == 5
    window.stage.token.lanes.kept.emit(5, 9)
    assert dict(first_edit(over(window, loop, root), 2).pins) == {5: 9}


def test_the_menu_tells_the_same_and_without_a_selection_it_is_said_what_to_do(window, qtbot):
    for wish in (window.hands.pin, window.hands.melt, window.hands.keep, window.hands.type_over):
        window.status.say("", "info")
        wish()
        assert "Select words" in window.status._sentence.text()
    drag(window, qtbot, 3, 4)
    menu = QMenu()
    qtbot.addWidget(menu)
    window.canvas.menu_wished.emit(menu)
    words = [action.text().split("\t")[0] for action in menu.actions() if action.text()]
    assert not any("here" in word for word in words[:-1])  # of one cell only
    window.canvas.choose(5)
    menu.clear()
    window.canvas.menu_wished.emit(menu)
    kept = [action for action in menu.actions() if "Keep “" in action.text()]
    assert len(kept) == window.knobs.settings().top_k
    assert words[:3] == ["Pin", "Melt 100%", "Keep only this"] and "Go on from here" in words


def test_nothing_can_be_done_to_the_text_that_the_run_before_left_on_show(window, qtbot):
    drag(window, qtbot, 3, 4)
    before = window.session.recording
    window.stage.begin(replace(before, id="next", frames=[], outcome=""), Gate(before.settings))  # no step yet
    menu = QMenu()
    qtbot.addWidget(menu)
    window.canvas.menu_wished.emit(menu)
    assert window.canvas.selection == [3, 4] and not menu.actions()


def test_gaps_are_filled_as_often_as_asked(window, loop):
    root = window.session.recording
    window.filling.toggle()
    window.filling.view.set_text("a ___ fox [2] .")
    window.filling.view._draws.setValue(3)
    window.asking.run()
    loop.run_until_complete(until(lambda: len(window.filling._draws) == 3 and not window.session.running))
    draws = window.filling._draws
    assert [draw.settings.seed for draw in draws] == [root.settings.seed + at for at in range(3)]
    assert all(dict(first_edit(draw).pins) == {0: 7, 2: 7, 5: 7} for draw in draws)
    cards = window.filling.view.gaps
    assert cards.isVisible() and not window.stage.charts.isVisible()
    assert [card._name for card in cards._cards] == ["Gap 1 · 3 draws", "Gap 2 · 2 tokens · 3 draws"]
    window.player.seek(2)  # while it forms: of that draw alone
    assert cards._cards[0]._name == "Gap 1 · draw 3" and len(cards._cards[0]._rows[0].trail) == 3
    window.filling.toggle()
    window.asking.run()
    over(window, loop, draws[-1])
    assert window.stage.charts.isVisible()


@pytest.fixture
def judged(monkeypatch):
    """Every text surprises alike."""
    monkeypatch.setattr(
        engine.steps.surprise, "quality", lambda *asked: Quality(np.ones(len(asked[-1]), np.float32))
    )


def gridded(window, loop):
    """The grid, once nothing more comes to it."""
    loop.run_until_complete(until(lambda: window.sweep.grid is not None and not window.sweep.grid.to_do()))
    loop.run_until_complete(until(lambda: not window.session.running))
    return window.sweep.grid


def test_a_grid_fills_the_gaps_in_every_cell_and_shows_them_in_the_one_that_is_opened(window, loop, judged):
    window.filling.toggle()
    window.filling.view.set_text("a ___ fox [2] .")
    window.sweeping.toggle()
    window.sweep.view.across.put("steps", "2,4")
    window.sweep.view.down.put("", "")
    assert "2 runs that fill the gaps" in window.sweep.view._told.text()
    window.sweep.view._fill.click()
    grid = gridded(window, loop)
    assert len(grid.recordings) == 2
    assert all(dict(run.frames[0].edits[0].pins) == {0: 7, 2: 7, 5: 7} for run in grid.recordings.values())
    window.sweep.view.cells.opened.emit(1, 0)
    loop.run_until_complete(until(lambda: not window.sweep.shown))
    cards = window.filling.view.gaps
    assert cards.isVisible() and [card._name for card in cards._cards] == ["Gap 1", "Gap 2 · 2 tokens"]
    window.sweeping.toggle()
    window.filling.view.set_text("a ___ bear .")
    assert window.sweep.wanted() is not grid, "other gaps are another question"


def test_the_best_of_some_have_the_words_around_the_gaps(window, loop, judged):
    window.filling.toggle()
    window.filling.view.set_text("a ___ fox [2] .")
    window.best.run(3)
    grid = gridded(window, loop)
    assert len({run.settings.seed for run in grid.recordings.values()}) == 3
    assert all(dict(run.frames[0].edits[0].pins) == {0: 7, 2: 7, 5: 7} for run in grid.recordings.values())


def test_a_follow_up_fills_the_gaps_too_and_a_click_on_the_button_lets_one_type(window, loop, qtbot):
    qtbot.mouseClick(window.filling.view.toggle, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(window.focusWidget(), "a ___ fox .")
    assert window.filling.answer == "a ___ fox ."
    loop.run_until_complete(window.talking.follow("and now?", Settings()))
    assert dict(first_edit(window.session.recording).pins) == {0: 7, 2: 7, 3: 7}


def test_words_that_may_stand_anywhere_in_a_gap_are_shown_in_it(window, loop):
    window.filling.view.set_open(True)
    window.filling.view.set_text("a [6: fox] ...")
    window.asking.run()
    loop.run_until_complete(until(lambda: len(window.filling._draws) == 1 and not window.session.running))
    [draw], gap = window.filling._draws, range(1, 7)
    placed = [cell for cell, _ in first_edit(draw).pins if cell]
    assert len(placed) == 1 and placed[0] in gap
    assert all(frame.pinned[placed[0]] for frame in draw.frames)
    cards = window.filling.view.gaps
    assert cards.isVisible() and [card._name for card in cards._cards] == ["Gap 1 · 6 tokens with fox"]


def test_what_is_wrong_with_gaps_is_said(window, loop):
    root = window.session.recording
    window.filling.view.set_open(True)
    for text, words in (("no gap", "no gap"), ("[0]", "1 to 256"), ("___ " * 30, "room")):
        window.filling.view.set_text(text)
        loop.run_until_complete(window.filling.run(window.talking.question("a fox"), Settings()))
        assert words in window.status._sentence.text() and window.session.recording is root


def test_a_gap_is_made_of_selected_words(window, qtbot):
    drag(window, qtbot, 3, 4)
    window.hands.make_gap()
    assert window.filling.view.open and "[2]" in window.filling.view.text()


def test_the_rule_stands_where_the_charts_are_and_its_line_is_the_knob(window):
    root = window.session.recording
    window.ruling.toggle()
    assert window.ruling.view.isVisible() and not window.stage.charts.isVisible()
    window.player.seek(1)
    few = window.ruling.view._sight.would
    window.ruling.view.moved.emit(50.0)
    assert window.knobs.settings().entropy_bound == 50.0 and window.ruling.view._sight.would > few
    assert window.session.recording is root  # it only shows what would be
    window.ruling.toggle()
    assert window.stage.charts.isVisible()


def test_for_real_another_word_is_forced_at_an_earlier_step(loop, qtbot, no_threads_left):
    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.knobs.set_settings(Settings(steps=5))
    loop.run_until_complete(window.asking.load_and_run(None, "Tell me a story about a fox"))
    root = window.session.recording
    window.player.seek(1)
    window.canvas.choose(9)
    loop.run_until_complete(window.hands._type("Nora", False))
    child = over(window, loop, root)
    assert child.parent == (root.id, 2) and child.outcome == "finished"
    nora = window.session.model.spell(" Nora")
    assert [step.pinned[9] for step in child.frames[2:]] == [True] * (len(child.frames) - 2)
    assert child.frames[-1].guess[9] in (nora[0], window.session.model.spell("Nora")[0])
    window.close()
    loop.run_until_complete(window.finish())


def test_the_bar_goes_with_the_words_and_stays_beside_them(window, qapp, qtbot):
    drag(window, qtbot, 3, 4)
    bar, canvas = window.hands.bar, window.canvas
    beside = lambda: bar.y() - canvas.mapTo(window, canvas.rect_of_all([3, 4]).bottomLeft().toPoint()).y()  # noqa: E731
    gap = beside()
    window.filling.toggle()  # the canvas is lower now
    qapp.processEvents()
    assert bar.isVisible() and beside() == gap
    window.sweeping.toggle()
    assert not bar.isVisible(), "over a grid there are no words"
    window.stop()
    assert bar.isVisible() and canvas.selection == [3, 4]
    window.presenter.toggle()
    assert not bar.isVisible() and not canvas.selection
    window.presenter.toggle()

"""Turns in the window: Follow up goes on from the answer on screen, the transcript leads from turn to turn."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.values.files import dialogue
from engine.values.picture import Picture
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.turns import NOTHING, Conversation
from engine.values.words import calls
from engine.values.words.reply import Reply
from samples import LEXICON, MODEL, frame, until
from standin import writes
from widgets.cells import PILL, settled
from widgets.saying import Saying

CALL = calls.read('call:look{at:<|"|>the sea<|"|>}')


@pytest.fixture
def window(window, loop, monkeypatch):
    """A window whose model answers every prompt with the words of a frame of its own."""
    writes(monkeypatch, window, steps=3, cells=16, seed=lambda settings, step: time.monotonic_ns() % 2**31)
    window.room = 512

    def length(question, settings):
        return sum(len(turn.text.split()) for turn in question.before.asked(question.prompt).told)

    def spare(question, settings):
        before = question.before
        every = (before.without(left) for left in range(before.left, before.exchanges + 1))
        return next((b for b in every if length(replace(question, before=b), settings) <= window.room), None)

    for name, value in (
        ("count", length),
        ("spare", spare),
        ("fits", lambda count, settings: count <= window.room),
    ):
        monkeypatch.setattr(MODEL, name, value)
    loop.run_until_complete(window.past.begin())
    loop.run_until_complete(window.asking.load_and_run(None, "a fox"))
    window.prompt.set_text("a fox")
    return window


def over(window, prompt):
    session = window.session
    return lambda: session.recording.prompt == prompt and session.recording.outcome and not session.running


def do(window, loop, act, condition):
    """Something that a person does while the loop runs, and what comes of it, until nothing is under way."""

    async def done():
        act()
        await until(condition)
        await until(lambda: not window.tasks._tasks)

    loop.run_until_complete(done())


def follow(window, loop, qtbot, prompt):
    window.prompt.set_text(prompt)
    do(
        window,
        loop,
        lambda: qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier),
        over(window, prompt),
    )
    return window.session.recording


def click(qtbot, widget):
    return lambda: qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def asked(window):
    return [turn.text for turn in window.talking._whole.turns[::2]]


def sayings(window):
    return window.talking.view._sayings


def test_a_first_answer_has_no_transcript_and_a_second_has(window, loop, qtbot):
    first = window.session.recording
    assert first.before == NOTHING and not window.talking.view.isVisible()
    run = follow(window, loop, qtbot, "and then")
    assert run.before.turns[-1].run == first.id and run.before == first.conversation()
    assert window.talking.view.isVisible() and asked(window) == ["a fox", "and then"]
    assert [saying._now for saying in sayings(window)] == [False, True]
    assert run.text().strip()[:10] in sayings(window)[1].accessibleDescription()


def test_what_is_typed_next_takes_the_place_of_the_question(window, loop, qtbot):
    window.prompt.set_text("and then")
    do(window, loop, click(qtbot, window.prompt._follow), over(window, "and then"))
    editor = window.prompt._editor
    assert window.focusWidget() is editor and editor.textCursor().selectedText() == "and then"


def test_a_click_on_a_turn_shows_its_run_and_the_way_back_stays(window, loop, qtbot):
    first, run = window.session.recording, follow(window, loop, qtbot, "and then")
    do(window, loop, click(qtbot, sayings(window)[0]), lambda: window.session.recording is first)
    assert window.prompt.text() == "a fox" and asked(window) == ["a fox", "and then"]
    assert [saying._now for saying in sayings(window)] == [True, False]
    do(
        window,
        loop,
        lambda: qtbot.keyClick(sayings(window)[1], Qt.Key.Key_Return),
        lambda: window.session.recording is run,
    )


def test_another_prompt_for_an_earlier_turn_branches_the_conversation(window, loop, qtbot):
    first, second = window.session.recording, follow(window, loop, qtbot, "and then")
    follow(window, loop, qtbot, "and last")
    window.showing.bring_back(second)
    window.prompt.set_text("or else")
    do(window, loop, window.asking.run, over(window, "or else"))
    assert window.session.recording.before == first.conversation() and asked(window) == ["a fox", "or else"]


def test_what_is_run_again_goes_on_with_what_it_went_on_with(window, loop, qtbot):
    run = follow(window, loop, qtbot, "and then")
    do(
        window,
        loop,
        window.asking.run_again,
        lambda: window.session.recording is not run and over(window, "and then")(),
    )
    assert window.session.recording.before == run.before


def test_examples_and_a_new_conversation_begin_anew(window, loop, qtbot):
    follow(window, loop, qtbot, "and then")
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert not window.talking.view.isVisible() and window.talking.before == NOTHING
    do(window, loop, window.asking.run, lambda: over(window, "and then")() and not window.session.recording.before)
    follow(window, loop, qtbot, "and last")
    do(window, loop, lambda: window.prompt._example("a lantern"), over(window, "a lantern"))
    assert window.session.recording.before == NOTHING


def test_a_system_prompt_is_part_of_every_run_and_comes_back_with_it(window, loop, qtbot):
    manner = window.talking.manner
    assert not manner.isVisible()
    qtbot.mouseClick(manner.toggle, Qt.MouseButton.LeftButton)
    assert manner.isVisible()
    qtbot.keyClicks(manner._editor, "be kind")
    kind = follow(window, loop, qtbot, "and then")
    assert kind.before.system == "be kind"
    window.showing.bring_back(Recording("p", Settings(), "fake", "cpu", LEXICON))
    assert not manner.isVisible() and manner.text() == ""
    window.showing.bring_back(kind)
    assert manner.isVisible() and manner.text() == "be kind"


def test_what_has_no_room_is_said_first_and_left_out_next_time(window, loop, qtbot):
    second = follow(window, loop, qtbot, "and then")
    window.room = sum(len(turn.text.split()) for turn in second.conversation().turns[2:]) + 2
    window.prompt.set_text("one two")
    do(window, loop, window.asking.follow, lambda: "oldest 1 turn out" in window.status._sentence.text())
    assert window.session.recording is second, "nothing was run"
    do(window, loop, window.talking._count.start, lambda: "oldest 1 turn out" in window.talking.view._over.text())
    run = follow(window, loop, qtbot, "one two")
    assert run.before.left == 1 and run.before.exchanges == 2 and len(sayings(window)) == 3
    assert [saying._left for saying in sayings(window)] == [True, False, False]


def test_the_length_of_the_conversation_is_shown(window, loop, qtbot):
    run = follow(window, loop, qtbot, "and then")
    words = sum(len(turn.text.split()) for turn in run.conversation().turns) + 2
    loop.run_until_complete(until(lambda: window.talking.view._room.text() == f"{words} / 512"))


def test_follow_up_waits_for_an_answer(window, loop, monkeypatch):
    follows, heard = window.prompt._follow, []
    window.delay = 0.3
    monkeypatch.setattr(window.status, "say", lambda words, kind: heard.append(words))

    async def early():
        window.asking.run()
        await until(lambda: window.session.live is not None)
        assert not follows.isEnabled()
        await window.talking.follow("and then", window.knobs.settings())
        assert "There is no answer yet to go on from: run a prompt first." in heard
        await until(lambda: not window.session.running and not window.tasks._tasks)

    loop.run_until_complete(early())
    assert follows.isEnabled() and window.session.recording.prompt == "a fox"


def test_a_reopened_run_brings_its_conversation_and_the_words_of_what_was_not_kept(window, loop, qtbot, tmp_path):
    before = Conversation().answered("who", Reply("a fox", "hm", False), "gone")
    run = Recording("and", Settings(), "fake", "cpu", LEXICON, before=before)
    run.append(frame(cells=3, guess=np.array([2, 3, 1], np.int32), stop="stable"))
    run.outcome = "finished"
    run.save(tmp_path / "run.unnoise")
    window.showing.replay(Recording.load(tmp_path / "run.unnoise"))
    assert window.talking.view.isVisible() and asked(window) == ["who", "and"]
    do(window, loop, sayings(window)[0].click, lambda: window.prompt.text() == "who")
    shown = window.session.recording
    assert shown.reply() == Reply("a fox", "hm", False) and not shown.frames and asked(window) == ["who", "and"]
    assert window.canvas._message == "a fox" and "not its steps" in window.status._sentence.text()
    assert follow(window, loop, qtbot, "or").before.turns == shown.conversation().turns


def opened(window, loop, talk, path):
    """A conversation that a file had, on screen."""
    dialogue.save(talk, path)
    do(window, loop, lambda: window.files.open(str(path)), lambda: window.talking.view.isVisible())
    return window.session.recording


@pytest.mark.parametrize("name", ["talk.md", "talk.json"])
def test_a_conversation_is_opened_with_the_runs_that_are_here(window, loop, qtbot, tmp_path, name):
    window.talking.manner.set_text("Be short.")
    run = follow(window, loop, qtbot, "and then")
    talk = run.conversation()
    window.talking.start_anew()
    assert not window.talking.view.isVisible()
    assert opened(window, loop, talk, tmp_path / name) is run
    assert asked(window) == ["a fox", "and then"] and window.talking.manner.text() == "Be short."
    assert [saying._now for saying in sayings(window)] == [False, True]
    assert follow(window, loop, qtbot, "and last").before.same(talk)
    assert str(tmp_path / name) in window.prefs.recents


def test_a_conversation_that_people_changed_is_the_one_that_goes_on(window, loop, qtbot, tmp_path):
    run = follow(window, loop, qtbot, "and then")
    talk = run.conversation()
    other = replace(talk, turns=(*talk.turns[:-1], replace(talk.turns[-1], text="as I say")))
    shown = opened(window, loop, other, tmp_path / "talk.md")
    assert shown is not run and shown.reply().answer == "as I say" and not shown.frames
    assert follow(window, loop, qtbot, "so").before.same(other)


def test_a_question_may_be_asked_anew_where_nobody_has_the_steps_of_its_answer(window, loop, qtbot, tmp_path):
    talk = Conversation().answered("who", Reply("a fox", "", False)).answered("why", Reply("so", "", False))
    opened(window, loop, talk, tmp_path / "talk.json")
    assert window.prompt.text() == "why"
    window.prompt.set_text("when")
    do(window, loop, window.asking.run, over(window, "when"))
    assert window.session.recording.before.same(talk.before(1)) and window.session.recording.frames


def test_pictures_that_no_file_keeps_are_said_first_and_left_out_next_time(window, loop, qtbot, tmp_path):
    talk = Conversation().answered("what", Reply("a fox", "", False), "", [Picture(3, 2)])
    opened(window, loop, talk.answered("where", Reply("there", "", False)), tmp_path / "talk.md")
    view = window.talking.view
    do(window, loop, lambda: None, lambda: view._over.isVisible())
    assert "Earlier pictures were not kept" in view._over.text()
    run = follow(window, loop, qtbot, "so")
    assert not run.before.pictures and asked(window) == ["what", "where", "so"]


def test_a_conversation_without_turns_brings_its_system_prompt(window, loop, tmp_path):
    dialogue.save(Conversation(system="Be short."), tmp_path / "talk.md")
    window.files.open(str(tmp_path / "talk.md"))
    loop.run_until_complete(window.tasks.drain())
    assert window.talking.manner.text() == "Be short." and "no turns yet" in window.status._sentence.text()


# A turn.


def test_a_thought_and_a_call_unfold(qtbot):
    saying = Saying()
    qtbot.addWidget(saying)
    saying.resize(200, 300)
    saying.show_turn("why", "so", [("thought", "hm\nhm\nhm"), (CALL.line(), CALL.whole())], True, False, 1)
    saying.show()
    saying.grab()
    closed, heard = saying.heightForWidth(200), []
    saying.clicked.connect(lambda: heard.append("clicked"))
    qtbot.mouseClick(saying, Qt.MouseButton.LeftButton, pos=saying._heads[0].center().toPoint())
    assert saying.heightForWidth(200) > closed and not heard
    qtbot.keyClick(saying, Qt.Key.Key_Left)
    assert saying.heightForWidth(200) == closed
    qtbot.keyClick(saying, Qt.Key.Key_Right)
    assert saying._open == {0, 1}
    qtbot.mouseClick(saying, Qt.MouseButton.LeftButton, pos=QPoint(20, 14))
    assert heard == ["clicked"]


@pytest.mark.parametrize("hidden", [False, True])
def test_turns_that_come_again_have_their_height_and_the_one_on_screen_is_in_sight(window, loop, qtbot, hidden):
    talk, view = NOTHING, window.talking.view
    for at in range(30):
        talk = talk.answered(f"question {at}", Reply("word " * 40, "hm", False))

    def whole(now):
        saying, room = view._sayings[now], view._scrolled.viewport()
        box = saying.geometry().translated(view._column.pos())
        return saying.height() == saying.heightForWidth(saying.width()) and room.rect().intersects(box)

    for now in (29, 3, 20):
        view.show_talk(NOTHING, -1)
        view.setVisible(not hidden)
        qtbot.wait(1)
        view.show_talk(talk, now)
        view.show()
        qtbot.waitUntil(lambda now=now: whole(now))
        saying = view._sayings[now]
        assert saying.height() > 60 and view._scrolled.viewport().rect().contains(
            saying.geometry().translated(view._column.pos()).adjusted(0, 4, 0, -4)
        )


def test_a_long_turn_is_short(qtbot):
    saying = Saying()
    qtbot.addWidget(saying)
    saying.show_turn("why " * 200, "so " * 2000, (), False, True, 1)
    assert saying.heightForWidth(180) < 140
    saying.show_turn("", "", (), False, False, 1)
    assert saying.heightForWidth(180) > 0


def test_a_tool_call_folds_on_the_canvas():
    from test_turns import lexicon

    known, words = lexicon()
    told = ("So.", "<|tool_call>", "call:f{", "a:", '<|"|>', "b", '<|"|>', "}", "<tool_call|>", "<end>")
    cells = settled(known, np.array([words.index(word) for word in told], np.int32))
    assert cells.handles == {1: 'f(a: "b")'} and cells.thought == [False] + [True] * 8
    folded = cells.folded()
    assert (folded.looks[1], folded.texts[1]) == (PILL, 'f(a: "b")')

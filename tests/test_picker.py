"""Choosing a model: what the picker shows, what it wishes for, and how the window fills it."""

import asyncio
import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QLineEdit

import engine.model.gemma
from app import look
from app.keep.prefs import Prefs
from app.run.session import Session
from app.tasks import aside
from app.window.window import Window
from engine.model.choice import source
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.folder.checkpoint import LoadError
from engine.model.hub import published
from samples import MODEL, until
from widgets.choice import ASKING, FAILED, READY, Choice, Need, Option
from widgets.picker import Picker
from widgets.theme import DARK, LIGHT

CARD = Machine("cuda", "the Test Card", 24_700_000_000, 25_800_000_000, 10**11, 10**12)
SMALL = Choice("", "seedling", "comes with Unnoise", READY, "Fits", "Fits: 42 MB.", "", "Nothing to download",
               (Need("full", "Full", "42 MB", 0.1), Need("int4", "int4 experts", "39 MB", 0.1)),
               "full")  # fmt: skip
LARGE = Choice("o/large", "o/large", "on the hub", READY, "Fits with int4 experts", "Fits with int4.", "", "50 GB",
               (Need("full", "Full", "53 GB", 2.2, False), Need("int4", "int4 experts", "20 GB", 0.8)), "int4",
               "Download and load")  # fmt: skip
HUGE = Choice("o/huge", "o/huge", "on the hub", READY, "Does not fit", "Too large.", "", "99 GB",
              (Need("full", "Full", "99 GB", 4.0, False), Need("int4", "int4 experts", "26 GB", 1.1)))  # fmt: skip


@pytest.fixture
def picker(qapp, qtbot):
    look.apply(qapp, DARK)
    picker = Picker()
    qtbot.addWidget(picker)
    for choice in (SMALL, LARGE, HUGE):
        picker.set_choice(choice)
    picker.show()
    qtbot.waitExposed(picker)
    yield picker
    qapp.setStyleSheet("")


def wishes(picker):
    wished = []
    picker.load_wished.connect(lambda key, precision: wished.append((key, precision)))
    return wished


def test_the_recommended_precision_is_chosen_first(picker):
    assert picker.chosen() == SMALL and picker.precision() == "full"
    picker.choose("o/large")
    assert picker.precision() == "int4" and picker._sentence.text() == "Fits with int4."
    assert picker._load.text() == "Download and load"


def test_load_wishes_for_what_is_chosen_and_closes(picker, qtbot):
    wished = wishes(picker)
    picker.choose("o/large")
    qtbot.mouseClick(picker._load, Qt.MouseButton.LeftButton)
    assert wished == [("o/large", "int4")] and not picker.isVisible()


def test_a_precision_can_be_chosen_by_mouse_and_by_key(picker, qtbot):
    qtbot.mouseClick(picker._options[1], Qt.MouseButton.LeftButton)
    assert picker.precision() == "int4"
    picker._options[1].setFocus()
    qtbot.keyClick(picker._options[1], Qt.Key.Key_Up)
    assert picker.precision() == "full"


def test_what_cannot_be_loaded_cannot_be_wished_for(picker, qtbot):
    wished = wishes(picker)
    picker.choose("o/large")
    picker._options[0].setChecked(True)
    assert not picker._load.isEnabled()
    qtbot.mouseClick(picker._load, Qt.MouseButton.LeftButton)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert not wished


def test_what_may_be_too_large_can_be_tried(picker):
    picker.choose("o/huge")
    assert picker.precision() == "int4" and picker._load.isEnabled() and picker._load.text() == "Load anyway"


@pytest.mark.parametrize("state", [ASKING, FAILED])
def test_nothing_is_loaded_before_its_sizes_are_known(picker, state):
    picker.set_choice(Choice("o/new", "o/new", "", state, "Asking\u2026", "No answer."))
    picker.choose("o/new")
    assert not picker._load.isEnabled() and picker._busy.isVisible() == (state == ASKING)
    assert picker._sentence.text() == "No answer." and not picker._options
    picker.set_choice(Choice("o/new", "o/new", "on the hub", READY, "Fits", "Fits.", "", "", SMALL.needs, "full"))
    assert picker._load.isEnabled() and not picker._busy.isVisible() and len(picker._options) == 2


def test_news_of_another_model_change_nothing_that_is_chosen(picker):
    picker.choose("o/large")
    picker._options[0].setChecked(True)
    picker.set_choice(SMALL)
    assert picker.chosen() == LARGE and picker.precision() == "full"


def test_enter_in_the_field_looks_and_loads_nothing(picker, qtbot):
    wished, named = wishes(picker), []
    picker.named.connect(named.append)
    picker._name.setFocus()
    qtbot.keyClicks(picker._name, " someone/model ")
    qtbot.keyClick(picker._name, Qt.Key.Key_Return)
    assert named == ["someone/model"] and not wished and picker.isVisible() and not picker._name.text()
    qtbot.keyClick(picker._name, Qt.Key.Key_Return)
    assert named == ["someone/model"]


def test_escape_loads_nothing(picker, qtbot):
    wished = wishes(picker)
    qtbot.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible() and not wished


def test_the_buttons_stay_where_they_are(picker, qapp):
    places = set()
    for key in ("", "o/large", "o/huge"):
        picker.choose(key)
        qapp.processEvents()
        places.add(picker._load.mapTo(picker, QPoint(0, 0)).y())
    assert len(places) == 1
    assert picker.height() >= max(places) + picker._load.height()


def test_everything_can_be_reached_and_says_what_it_is(picker):
    controls = [c for kind in (QAbstractButton, QLineEdit) for c in picker.findChildren(kind)]
    assert len(controls) >= 9
    for control in controls:
        grouped = control.autoExclusive() if isinstance(control, QAbstractButton) else False
        if not grouped or control.isChecked():  # from which the arrow keys lead to its neighbours
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control.accessibleName() and control.toolTip()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_bar_shows_what_is_taken_and_what_is_too_much(qapp, qtbot, theme):
    look.apply(qapp, theme)
    images = {}
    for share in (0.25, 0.75, 2.0):
        option = Option(Need("full", "Full", "1 GB", share))
        qtbot.addWidget(option)
        option.resize(500, 36)
        images[share] = option.grab().toImage()
    qapp.setStyleSheet("")

    def reach(image, colour):
        y = image.height() // 2
        return sum(QColor(image.pixel(x, y)) == QColor(colour) for x in range(150, image.width() - 90))

    assert reach(images[0.25], theme.accent) < 0.4 * reach(images[0.75], theme.accent)
    assert reach(images[0.25], theme.line) > reach(images[0.75], theme.line) > 0
    whole = [image for share, image in images.items() if share < 1]
    assert all(not striped(image, theme) for image in whole) and striped(images[2.0], theme)


def striped(image, theme):
    return any(
        QColor(image.pixel(x, y)) == QColor(theme.withdrawn)
        for x in range(150, image.width() - 90)
        for y in range(10, 26)
    )


@pytest.fixture
def computer(monkeypatch):
    monkeypatch.setattr(machine, "look", lambda device="auto": CARD)
    monkeypatch.setattr(source.repository, "known", list)


@pytest.fixture
def window(computer, window, monkeypatch):
    """A window on a computer with a card of 24 GB, where the hub does not answer."""
    window.loads = []

    def load(source, device, **options):
        window.loads.append((source, options.get("precision")))
        return MODEL

    monkeypatch.setattr(engine.model.gemma, "load", load)
    return window


def ready(window, *keys):
    cards = window.models.picker._cards
    return lambda: all(key in cards and cards[key].choice.state == READY for key in keys)


def test_the_model_s_name_opens_the_picker_which_asks_off_the_screen_s_thread(window, loop, qtbot, monkeypatch):
    threads, survey = set(), source.survey
    monkeypatch.setattr(source, "survey", lambda name: threads.add(threading.current_thread()) or survey(name))
    qtbot.mouseClick(window.header._model, Qt.MouseButton.LeftButton)
    loop.run_until_complete(until(lambda: ready(window, "", *published.FILES)()))
    picker = window.models.picker
    assert threading.main_thread() not in threads and len(threads) == 3
    assert picker.isVisible() and "Test Card (24.7 of 25.8 GB free)" in picker._machine.text()
    picker.choose(published.HUB)
    assert picker.precision() == "int4" and "published configuration" in picker._note.text()
    assert "51.7 GB to download" in picker._facts.text() and "int4 keeps 17.7 GB more" in picker._facts.text()
    picker.choose(published.PACKED)
    assert picker.precision() == "int4" and picker.chosen().short.startswith("Recommended")
    assert "16.6 GB to download" in picker._facts.text() and "keeps" not in picker._facts.text()
    assert not window.loads


def test_what_is_chosen_is_loaded_once_in_that_precision(window, loop):
    window.models.open()
    loop.run_until_complete(until(lambda: ready(window, "", published.HUB)()))
    window.models.picker.choose(published.HUB)
    window.models.picker._wish()
    loop.run_until_complete(until(lambda: window.loads and not window.session.loading))
    assert window.loads == [(published.HUB, "int4")] and window.knobs.settings().precision == "int4"
    window.models.open()
    loop.run_until_complete(until(lambda: window.models.picker._cards[published.HUB].choice.origin == "loaded now"))
    window.models.picker.choose("")
    window.models.picker._wish()
    loop.run_until_complete(until(lambda: len(window.loads) == 2 and not window.session.loading))
    assert window.loads[1] == (None, "auto")  # it fits in full: the next model shall choose for itself


def test_a_load_that_fails_leaves_the_knob_as_it_was(window, loop, monkeypatch):
    def fail(*_, **__):
        raise LoadError("It is too large: choose another.")

    monkeypatch.setattr(engine.model.gemma, "load", fail)
    loop.run_until_complete(window.models.load_as(published.HUB, "int4"))
    assert window.knobs.settings().precision == "auto" and "too large" in window.status._sentence.text()


def test_what_the_hub_refuses_is_a_sentence_in_the_picker(window, loop, monkeypatch):
    def survey(name):
        raise LoadError("It is only for those who accepted its terms: accept them.")

    monkeypatch.setattr(source, "survey", survey)
    window.models.open()
    window.models.picker.named.emit("someone/gated")
    loop.run_until_complete(
        until(lambda: window.models.picker._cards["someone/gated"].choice.state == FAILED),
    )
    picker = window.models.picker
    assert picker.chosen().key == "someone/gated" and "accepted its terms" in picker._sentence.text()
    assert not picker._load.isEnabled()


def test_closing_waits_for_no_hub(loop, qtbot, monkeypatch):
    asked, answer = threading.Event(), threading.Event()

    def survey(name):
        asked.set()
        answer.wait(30)
        raise LoadError("too late")

    monkeypatch.setattr(source, "survey", survey)
    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    window.models.open()

    async def scenario():
        await until(asked.is_set)
        window.close()
        await asyncio.wait_for(window.finish(), 10)

    loop.run_until_complete(scenario())
    answer.set()


def test_aside_gives_back_what_work_returns_or_raises(loop):
    def fail():
        raise ValueError("no")

    assert loop.run_until_complete(aside(lambda a: a + 1, 1)) == 2
    with pytest.raises(ValueError, match="no"):
        loop.run_until_complete(aside(fail))

"""The bottom line: honest numbers, a sentence that can be copied, progress that can be cancelled."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton

from widgets.status import SPEEDS, Sign, Status
from widgets.theme import DARK, LIGHT, palette


@pytest.fixture
def status(qtbot):
    widget = Status()
    qtbot.addWidget(widget)
    widget.resize(1000, 30)
    widget.show()
    return widget


def words(status):
    return " | ".join(label.text() for label in status.findChildren(QLabel) if label.isVisible())


def test_the_model_and_where_it_runs(status):
    status.set_model("seedling", "cpu, float32")
    assert "seedling" in words(status) and "cpu, float32" in words(status)


def test_speeds_are_grouped_rounded_and_labelled(status):
    status.set_speeds(41.26, 83.0, 1234567.8)
    for part in SPEEDS:
        assert part in words(status)
    assert "41.3" in words(status) and "83.0" in words(status) and "1,234,568" in words(status)


def test_what_is_not_measured_is_a_dash(status):
    status.set_speeds(41.0, None, None)
    assert words(status).count("–") == 2
    status.set_speeds(0.0, 0.0, 0.0)
    assert "–" not in words(status)


def test_speeds_say_what_they_mean(status):
    tips = " ".join(label.toolTip() for label in status.findChildren(QLabel))
    assert "up to its end" in tips and "padding" in tips and "inside the steps" in tips


def test_numbers_do_not_move_their_neighbours(status, qapp):
    places = set()
    for value in (1.1, 88.8, 111.0, 1111.0, 88888.0):
        status.set_speeds(value, value, value)
        qapp.processEvents()
        places.add(tuple(label.x() for label in status.findChildren(QLabel) if "tok/s" in label.text()))
    assert len(places) == 1


def test_an_error_has_a_sign_and_can_be_copied_whole(status, qapp):
    sentence = "The model folder has no tokenizer.json: " + "download the whole folder again. " * 9
    status.say(sentence, "error")
    qapp.processEvents()
    sign, line = status.findChild(Sign), status.findChild(QLineEdit)
    assert sign.isVisible() and line.isReadOnly()
    assert line.geometry().right() < status.width()
    status.grab()  # elided
    line.selectAll()
    line.copy()
    assert QGuiApplication.clipboard().text() == sentence
    status.say("Running.")
    assert not sign.isVisible() and line.text() == "Running."


def test_progress_comes_goes_and_can_be_cancelled(status):
    bar, cancel = status.findChild(QProgressBar), status.findChild(QPushButton)
    asked = []
    status.cancel_wished.connect(lambda: asked.append(True))
    assert not bar.isVisible() and not cancel.isVisible()
    status.set_progress("Downloading", 0.25)
    assert bar.isVisible() and (bar.value() - bar.minimum()) / bar.maximum() == 0.25
    assert "Downloading" in words(status)
    cancel.click()
    assert asked == [True]
    status.set_progress("Loading", None)
    assert (bar.minimum(), bar.maximum()) == (0, 0)  # Qt's way of saying "busy"
    status.set_progress("Loading", 7.0)
    assert bar.value() == bar.maximum()
    status.set_progress("", None)
    assert not bar.isVisible() and not cancel.isVisible()


def test_numbers_follow_the_theme(status):
    status.set_speeds(1, 2, 3)
    for theme in (DARK, LIGHT):
        status.setPalette(palette(theme))
        assert words(status).count(theme.text) == 3

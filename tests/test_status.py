"""The bottom line: honest numbers, a sentence that can be copied, progress that can be cancelled."""

import pytest
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton

from widgets.status import Sign, Status
from widgets.theme import DARK, stylesheet


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


def test_a_long_error_is_whole_where_there_is_room(status, qapp):
    """The width is that of bold letters, which an error is set in."""
    status.setStyleSheet(stylesheet(DARK))
    sentence = "knight.unnoise is not an Unnoise recording, or it is damaged: open another one."
    for kind in ("info", "error"):
        status.say(sentence, kind)
        qapp.processEvents()
        line = status.findChild(QLineEdit)
        assert QFontMetrics(line.font()).horizontalAdvance(sentence) <= line.contentsRect().width() - 16


def test_the_end_of_long_work_leaves_the_focus_in_the_line(status, qtbot):
    status.set_progress("Exporting", 0.5)
    cancel = status.findChild(QPushButton)
    status.activateWindow()
    cancel.setFocus()
    qtbot.waitUntil(cancel.hasFocus)
    status.set_progress("", None)
    assert status.findChild(QLineEdit).hasFocus()

"""While a model is loaded one sees how far it is, and nothing flickers."""

import pytest
from PySide6.QtWidgets import QWidget

from app.keep.prefs import Prefs
from app.run.session import Session
from app.run.work import Progress
from app.window.window import Window
from engine.model.pace import Pace
from widgets.wait import Wait


def words(total, *steps):
    """What a pace says at the last of (seconds, bytes)."""
    now = 0.0
    pace = Pace(total, lambda: now)
    for now, done in steps:  # noqa: B007
        told = pace.words(done)
    return told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([(0.5, 10**8)], "0.1 of 51.6 GB"),
        ([(10, 10**9)], "1.0 of 51.6 GB, 100 MB/s, 8 min left"),
        ([(10, 51 * 10**9)], "51.0 of 51.6 GB, 5,100 MB/s, 1 s left"),
        ([(10, 10**7)], "0.0 of 51.6 GB, 1 MB/s, 14.3 h left"),
        ([(100, 10**9), (110, 10**9), (140, 10**9)], "1.0 of 51.6 GB"),  # nothing comes: nobody knows when
        ([(100, 10**9), (110, 10**10), (112, 2 * 10**10)], "20.0 of 51.6 GB, 1,583 MB/s, 20 s left"),
    ],
)
def test_the_rate_is_that_of_the_last_seconds(steps, told):
    assert words(51_600_000_000, *steps) == told


def test_short_work_is_not_shown_and_long_work_until_it_is_over(qtbot):
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(500, 300)
    over.show()
    wait = Wait(over)
    wait.show_progress("Starting torch", None)
    assert not wait.isVisible()
    wait._timer.timeout.emit()
    wait.show_progress("Downloading a/b: 1.0 of 2.0 GB", 0.5)
    assert wait.isVisible() and wait.size() == over.size() and wait._told() == "50%   1.0 of 2.0 GB"
    half = wait.grab().toImage()
    wait.show_progress("Downloading a/b: 1.0 of 2.0 GB", 0.9)
    assert wait.grab().toImage() != half
    over.resize(600, 320)
    assert wait.size() == over.size()
    wait.show_progress("", None)
    assert not wait.isVisible() and not wait._timer.isActive()


def test_the_title_tells_from_afar_how_far_it_is(loop, qtbot):
    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    width = window.minimumSizeHint().width()
    window.session.progressed.emit(Progress("Downloading a/b: 1.0 of 2.0 GB, 100 MB/s, 10 s left", 0.421))
    assert window.windowTitle() == "42% – Unnoise" and window.status._task.text() == "Downloading a/b"
    window.status.cancel_wished.emit()
    assert window.status._task.text() == "Cancelling"
    window.session.progressed.emit(None)
    assert window.windowTitle() == "Unnoise" and window.minimumSizeHint().width() == width
    window.close()
    loop.run_until_complete(window.finish())

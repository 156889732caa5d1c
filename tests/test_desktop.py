"""The desktop: from the arguments to a window that closes cleanly."""

import os
import signal
import sys

import pytest
from PySide6.QtCore import SIGNAL, QSize
from PySide6.QtWidgets import QApplication

from app import desktop
from app.keep.prefs import Prefs
from app.run.session import Session
from app.start import parser
from app.window.window import Window
from engine.commands.console.flags import InputError
from engine.values.settings import Settings
from samples import recording


@pytest.fixture
def window(loop, qtbot, qapp):
    qapp.setQuitOnLastWindowClosed(False)  # as the desktop has it: closing has work to do
    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    window.loop = loop
    return window


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_an_interrupt_closes_an_idle_window_and_saves(window):
    window.prefs.theme = "light"
    window.loop.call_later(0.3, os.kill, os.getpid(), signal.SIGINT)
    options = parser().parse_args([])
    assert window.loop.run_until_complete(desktop._live(window, options, recording(steps=3, cells=256))) == 0
    assert not window.isVisible()
    assert Prefs.load().theme == "light"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_logs_out_is_heard_while_the_window_is_there(window):
    """Qt alone can say that somebody logs out; what is kept then is what a signal keeps."""
    application, request = QApplication.instance(), SIGNAL("commitDataRequest(QSessionManager&)")
    before, heard = application.receivers(request), []
    window.loop.call_later(0.2, lambda: heard.append(application.receivers(request)))
    window.loop.call_later(0.3, window.close)
    options = parser().parse_args([])
    window.loop.run_until_complete(desktop._live(window, options, recording(steps=3, cells=256)))
    assert heard == [before + 1] and application.receivers(request) == before


def test_a_replay_starts_playing_without_a_model(window):
    window.loop.call_later(0.2, window.close)
    options = parser().parse_args([])
    window.loop.run_until_complete(desktop._live(window, options, recording(steps=3, cells=256)))
    assert window.session.model is None and window.player.index >= 0


def test_flags_win_over_preferences_and_pictures_ignore_them():
    Prefs(theme="light", view="grid", settings={"steps": 5, "seed": 3}, prompt="old").save()
    options = parser().parse_args(["--steps", "9", "--prompt", "new"])
    prefs = desktop._prefs(options, fresh=False)
    assert (prefs.settings["steps"], prefs.settings["seed"]) == (9, 3)
    assert (prefs.theme, prefs.view, prefs.prompt) == ("light", "grid", "new")
    prefs = desktop._prefs(options, fresh=True)
    assert (prefs.theme, prefs.view, prefs.settings) == ("dark", "auto", {"steps": 9})


def test_making_pictures_leaves_preferences_alone(window, tmp_path):
    Prefs(theme="light", settings={"steps": 5}).save()
    picture = tmp_path / "w.png"
    options = parser().parse_args(["--screenshot", str(picture)])
    window.knobs.set_settings(Settings(steps=9))
    work = desktop._make_pictures(window, options, recording(steps=3, cells=256))
    assert window.loop.run_until_complete(work) == 0 and picture.stat().st_size
    assert (Prefs.load().theme, Prefs.load().settings) == ("light", {"steps": 5})


def test_steps_are_counted_from_one():
    run = recording(steps=4)
    assert [desktop.recording_index(run, step) for step in (1, 4, None)] == [0, 3, 3]
    for step in (0, 5, -1):
        with pytest.raises(InputError, match="--step must be from 1 to 4"):
            desktop.recording_index(run, step)


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf"])
def test_absurd_speeds_are_refused(speed):
    with pytest.raises(InputError, match="--speed must be above 0"):
        desktop._prefs(parser().parse_args(["--speed", speed]), fresh=True)


@pytest.mark.parametrize("text", ["huge", "100x100", "1280", "9000x900", "1e3x800", "-1x5", ""])
def test_sizes_look_like_sizes(text):
    assert desktop._size("1280x800") == QSize(1280, 800)
    with pytest.raises(InputError, match="1280x800"):
        desktop._size(text)

"""Who went on to something else hears that long work is over; who looks on, or waited a moment, hears nothing."""

import pytest
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.window import notice
from app.window.notice import DONE, LONG, USUAL, Notice


class Fake(QObject):
    changed = Signal()
    running = loading = False

    def turn(self, **what):
        for name, on in what.items():
            setattr(self, name, on)
        self.changed.emit()


@pytest.fixture
def heard(monkeypatch):
    alerts = []
    monkeypatch.setattr(QApplication, "alert", lambda *_: alerts.append(1))
    return alerts


@pytest.mark.parametrize("work", ["running", "loading"])
@pytest.mark.parametrize(("seconds", "active", "told"), [(LONG + 1, False, 1), (LONG + 1, True, 0), (1, False, 0)])
def test_the_end_of_long_work_is_told_to_who_is_elsewhere(qtbot, monkeypatch, heard, work, seconds, active, told):
    window, session, now = QWidget(windowTitle=USUAL), Fake(), [0.0]
    qtbot.addWidget(window)
    monkeypatch.setattr(notice, "monotonic", lambda: now[0])
    monkeypatch.setattr(window, "isActiveWindow", lambda: active, raising=False)
    Notice(window, session)
    session.turn(**{work: True})
    now[0] = seconds / 2
    session.turn()  # it goes on
    now[0] = seconds
    session.turn(**{work: False})
    assert len(heard) == told and window.windowTitle() == (DONE if told else USUAL)
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert window.windowTitle() == USUAL

"""The transport shows a state without a signal, and sends every wish once."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSlider, QToolButton

from widgets.transport import SPEEDS, Transport, ViewSwitch

SIGNALS = ("played", "paused", "stepped", "sought", "speed_chosen", "live_chosen")


@pytest.fixture
def bar(qtbot):
    widget = Transport()
    qtbot.addWidget(widget)
    widget.resize(700, 40)
    widget.show()
    return widget


@pytest.fixture
def heard(bar):
    sent = []
    for name in SIGNALS:
        getattr(bar, name).connect(lambda *values, name=name: sent.append((name, *values)))
    return sent


def button(bar, start):
    (found,) = [b for b in bar.findChildren(QToolButton) if b.accessibleName().startswith(start)]
    return found


def test_a_state_is_shown_and_not_sent(bar, heard):
    bar.set_boundaries([0, 20])
    bar.set_state(16, 48, True, False)
    bar.set_speed(5)
    assert heard == []
    assert "17 / 48" in [label.text() for label in bar.findChildren(QLabel)]
    (slider,) = bar.findChildren(QSlider)
    assert (slider.value(), slider.maximum()) == (16, 47)
    assert bar.findChild(QComboBox).currentText() == "5 steps/s"


def test_every_button_sends_its_wish(bar, heard):
    bar.set_state(16, 48, False, True)
    for start in ("First", "One step back", "Play", "One step forward", "Last"):
        button(bar, start).click()
    assert heard == [("sought", 0), ("stepped", -1), ("played",), ("stepped", 1), ("sought", 47)]
    bar.set_state(16, 48, True, True)
    button(bar, "Pause").click()
    assert heard[-1] == ("paused",)


def test_the_ends_have_no_way_further(bar):
    bar.set_state(0, 48, False, False)
    assert not button(bar, "First").isEnabled() and not button(bar, "One step back").isEnabled()
    bar.set_state(47, 48, False, False)
    assert not button(bar, "Last").isEnabled() and button(bar, "First").isEnabled()
    bar.set_state(0, 0, False, True)
    assert not button(bar, "Play").isEnabled()
    assert "– / –" in [label.text() for label in bar.findChildren(QLabel)]


def test_scrubbing_seeks_and_the_hand_wins_over_the_state(bar, heard, qtbot):
    bar.set_state(0, 48, True, True)
    (slider,) = bar.findChildren(QSlider)
    spot = QPoint(round(slider.x(30)), slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=spot)
    assert heard == [("sought", 30)]
    bar.set_state(1, 49, True, True)
    assert slider.sliderPosition() == 30
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=spot)
    bar.set_state(2, 49, True, True)
    assert (slider.value(), slider.maximum()) == (2, 48)
    assert heard == [("sought", 30)]


def test_arrow_keys_on_the_scrub_bar_step(bar, heard, qtbot):
    bar.set_state(10, 48, False, False)
    (slider,) = bar.findChildren(QSlider)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert heard == [("sought", 11)]


@pytest.mark.parametrize(("text", "speed"), SPEEDS.items())
def test_every_speed_can_be_chosen(bar, heard, text, speed):
    bar.set_speed(2 if speed != 2 else 1)
    bar.findChild(QComboBox).setCurrentText(text)
    assert heard == [("speed_chosen", speed)]


@pytest.mark.parametrize(("asked", "shown"), [(0, 0), (1, 1), (3.4, 2), (7.9, 10), (900, 20), (0.2, 1)])
def test_a_speed_that_is_not_offered_shows_the_nearest(bar, asked, shown):
    bar.set_speed(asked)
    assert SPEEDS[bar.findChild(QComboBox).currentText()] == shown


def test_live_stays_lit_when_clicked_again(bar, heard, qtbot):
    (pill,) = [b for b in bar.findChildren(QPushButton) if b.text() == "Live"]
    bar.set_state(3, 48, False, False)
    assert not pill.isChecked()
    for _ in range(2):
        qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
        assert pill.isChecked()
    assert heard == [("live_chosen",)] * 2


def test_views_are_exclusive_and_set_without_a_signal(qtbot):
    switch = ViewSwitch()
    qtbot.addWidget(switch)
    chosen = []
    switch.chosen.connect(chosen.append)
    buttons = {b.text(): b for b in switch.findChildren(QPushButton)}
    switch.set_view("grid")
    assert buttons["Grid"].isChecked() and not buttons["Prose"].isChecked() and chosen == []
    buttons["Prose"].click()
    assert chosen == ["prose"] and not buttons["Grid"].isChecked()


def test_a_run_that_goes_on_says_how_far_it_may_go_and_cannot_be_scrubbed_beyond_what_came(bar, heard, qtbot):
    bar.set_state(8, 9, True, True, most=48)
    assert "9 of at most 48" in [label.text() for label in bar.findChildren(QLabel)]
    (slider,) = bar.findChildren(QSlider)
    assert (slider.value(), slider.maximum(), slider.spoken()) == (8, 47, "9 of at most 48")
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 3, 10))
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == 8
    bar.set_state(3, 9, True, False, most=48)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == 8


def test_live_is_not_lit_while_the_run_stands_still(bar):
    (pill,) = [b for b in bar.findChildren(QPushButton) if b.text() == "Live"]
    bar.set_state(3, 4, True, True, most=48)
    assert pill.isChecked()
    bar.set_state(3, 4, False, True, most=48)
    assert not pill.isChecked()

"""Every knob goes from settings to its controls and back; nothing that is typed or scrolled breaks it."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QScrollArea, QSlider, QToolButton

from engine.values.settings import SAMPLERS, Knob, Settings, default, knobs
from widgets.controls import Number, Switch
from widgets.knobs import Knobs
from widgets.row import LIVE, Scale
from widgets.theme import DARK, stylesheet

OTHER = Settings(
    steps=12, t_max=1.25, t_min=0.0, sampler=SAMPLERS[2], entropy_bound=3.2, accept_above=0.55, stability=0,
    confidence=0.0, canvases=16, seed=2**31 - 1, chat=False, thinking=True, raw=True, device="cpu",
    precision="int4", top_k=8,
)  # fmt: skip
SLID = [name for name, knob in knobs().items() if knob.maximum and name != "seed"]


@pytest.fixture
def panel(qtbot):
    widget = Knobs()
    qtbot.addWidget(widget)
    widget.resize(320, 600)
    widget.show()
    return widget


@pytest.fixture
def heard(panel):
    """Every Settings that the panel sends."""
    sent = []
    panel.changed.connect(sent.append)
    return sent


def control(panel, kind, name):
    """The control of a kind that carries the knob's name for screen readers."""
    label = knobs()[name].label
    (found,) = [c for c in panel.findChildren(kind) if c.accessibleName() == label]
    return found


def resets(panel):
    """The visible reset buttons by the name of their knob."""
    named = {f"Reset {knob.label} ": name for name, knob in knobs().items()}
    buttons = [b for b in panel.findChildren(QToolButton) if b.isVisible()]
    return {named[start]: b for b in buttons for start in named if b.accessibleName().startswith(start + "to ")}


def test_settings_come_back_as_they_went_in(panel, heard):
    odd = replace(OTHER, t_max=1.23456)  # finer than the editor shows
    panel.set_settings(odd)
    assert panel.settings() == odd
    assert heard == []


@pytest.mark.parametrize("name", SLID)
def test_controls_show_the_value(panel, name):
    panel.set_settings(OTHER)
    value = getattr(OTHER, name)
    assert control(panel, Number, name).value() == pytest.approx(value)
    slider = control(panel, QSlider, name)
    assert Scale(knobs()[name], isinstance(value, int)).value(slider.value()) == pytest.approx(value)


@pytest.mark.parametrize("name", SLID)
def test_every_slider_turns_its_knob(panel, heard, name):
    slider = control(panel, QSlider, name)
    slider.setValue(slider.maximum())
    assert getattr(panel.settings(), name) == knobs()[name].maximum
    slider.setValue(slider.minimum())
    assert getattr(panel.settings(), name) == knobs()[name].minimum
    assert heard[-1] == panel.settings()
    assert {n for n in knobs() if getattr(heard[-1], n) != default(n)} <= {name}


@pytest.mark.parametrize("name", [*SLID, "seed"])
@pytest.mark.parametrize("typed", ["1e99", "-1e99", "inf", "nan", "", "twelve", "0,5", "7", "99999999999999"])
def test_absurd_values_are_clamped(panel, qtbot, name, typed):
    editor, knob = control(panel, Number, name), knobs()[name]
    if knob.only:  # a grey one cannot be typed into
        panel.set_settings(replace(Settings(), **dict([knob.only])))
    editor.lineEdit().setText(typed)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    value = getattr(panel.settings(), name)
    assert knob.minimum <= value <= knob.maximum
    assert type(value) is type(default(name))
    assert float(editor.text()) == pytest.approx(value)  # what is shown is what holds
    if typed in ("nan", "", "twelve"):
        assert value == default(name)
    if typed == "1e99":
        assert value == knob.maximum


def test_choices_switches_and_dice(panel, heard, qtbot):
    control(panel, QComboBox, "sampler").setCurrentText("confidence")
    qtbot.mouseClick(control(panel, Switch, "thinking"), Qt.MouseButton.LeftButton)
    assert (panel.settings().sampler, panel.settings().thinking) == ("confidence", True)
    (dice,) = [b for b in panel.findChildren(QToolButton) if "random" in b.accessibleName()]
    seeds = set()
    for _ in range(3):
        dice.click()
        seeds.add(panel.settings().seed)
    assert len(seeds) > 1 and len(heard) >= 4


def test_reset_shows_where_a_value_differs(panel, heard):
    assert not resets(panel)
    panel.set_settings(OTHER)
    assert set(resets(panel)) == {n for n in knobs() if getattr(OTHER, n) != default(n)} == set(knobs())
    resets(panel)["t_max"].click()
    assert panel.settings() == replace(OTHER, t_max=default("t_max"))
    assert "t_max" not in resets(panel)
    assert len(heard) == 1


def test_reset_all(panel, heard):
    (button,) = [b for b in panel.findChildren(QPushButton) if b.text() == "Reset all"]
    assert not button.isEnabled()
    panel.set_settings(OTHER)
    button.click()
    assert panel.settings() == Settings() and heard == [Settings()]
    assert not resets(panel)


FROM_ZERO = Knob("x", "", "", minimum=0.0, maximum=1.0, step=0.001, log=True)


@pytest.mark.parametrize(
    ("knob", "whole"),
    [*((knobs()[name], isinstance(default(name), int)) for name in SLID), (FROM_ZERO, False)],
    ids=[*SLID, "log from zero"],
)
def test_scale_is_monotone_exact_at_the_ends_and_invertible(knob, whole):
    scale = Scale(knob, whole)
    values = [scale.value(position) for position in range(scale.last + 1)]
    assert values[0] == knob.minimum and values[-1] == pytest.approx(knob.maximum)
    assert all(a < b for a, b in pairwise(values))
    assert [scale.position(value) for value in values] == list(range(scale.last + 1))


def test_log_scale_gives_every_decade_the_same_room():
    knob = knobs()["entropy_bound"]
    scale = Scale(knob, whole=False)
    places = [scale.position(value) for value in (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)]
    assert len({b - a for a, b in pairwise(places)}) == 1


def test_the_defaults_of_another_model_move_what_nobody_moved(panel, heard):
    panel.set_settings(Settings(steps=12))
    panel.set_usual(Settings(entropy_bound=2.0, seed=3))
    assert panel.settings() == Settings(steps=12, entropy_bound=2.0, seed=3)
    assert heard == [] and resets(panel).keys() == {"steps"}
    panel.reset_all()
    assert panel.settings() == Settings(entropy_bound=2.0, seed=3)
    panel.set_usual(Settings())
    assert panel.settings() == Settings()


def wheel(widget):
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize(("kind", "name"), [(QSlider, "t_max"), (Number, "t_min"), (QComboBox, "device")])
def test_wheel_turns_only_what_has_the_focus(panel, heard, qtbot, kind, name):
    panel.set_settings(replace(Settings(), device="cpu"))
    widget = control(panel, kind, name)
    wheel(widget)
    assert heard == []
    with qtbot.waitExposed(panel):
        panel.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    wheel(widget)
    assert len(heard) == 1


def test_a_press_on_the_slider_jumps_there(panel, qtbot):
    slider = control(panel, QSlider, "steps")
    for value in (1, 60, 127):
        spot = QPoint(round(slider.x(value)), slider.height() // 2)
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=spot)
        assert abs(slider.value() - value) <= 1


def test_rerun_is_told_when_clicked_and_not_when_set(panel, qtbot):
    told = []
    panel.rerun_toggled.connect(told.append)
    panel.set_rerun(True)
    assert told == []
    (switch,) = [s for s in panel.findChildren(Switch) if s.text() == "Rerun on change"]
    assert switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert told == [False]


def test_devices_can_be_restricted(panel, heard):
    panel.set_settings(OTHER)
    panel.set_devices(["cuda"])
    combo = control(panel, QComboBox, "device")
    assert [combo.itemText(i) for i in range(combo.count())] == ["auto", "cuda"]
    assert panel.settings().device == "auto" and heard == []


def test_labels_help_groups_and_live_marks_come_from_the_knobs(panel):
    texts = [label.text() for label in panel.findChildren(QLabel)]
    assert {knob.label for knob in knobs().values()} | {"Sampling", "Stopping", "Run"} <= set(texts)
    marks = [label for label in panel.findChildren(QLabel) if LIVE in label.toolTip()]
    assert len(marks) == sum(knob.live for knob in knobs().values())
    assert "nats" in control(panel, Number, "entropy_bound").toolTip()


def test_tab_goes_down_the_column(panel):
    places, widget = [], control(panel, QSlider, "steps")
    first = widget
    while True:
        if isinstance(widget, QSlider | Switch | QComboBox):
            places.append(widget.mapTo(panel, QPoint(0, 0)).y())
        widget = widget.nextInFocusChain()
        if widget is first:
            break
    assert places == sorted(places) and len(places) > 10


def test_a_low_window_scrolls(panel):
    panel.setStyleSheet(stylesheet(DARK))  # sets the size of the type
    panel.resize(310, 260)
    QApplication.processEvents()
    (area,) = panel.findChildren(QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_knob_of_another_sampler_is_grey(panel, sampler):
    panel.set_settings(Settings(sampler=sampler))
    for name in ("entropy_bound", "accept_above"):
        on = knobs()[name].only == ("sampler", sampler)
        assert all(control.isEnabled() == on for control in panel._rows[name].controls)
    assert panel._rows["steps"].controls[0].isEnabled()


def test_thinking_gets_more_canvases_unless_somebody_moved_them(panel, heard):
    thinking, canvases = panel._rows["thinking"], panel._rows["canvases"]
    thinking.wish(True)
    assert heard[-1].canvases == 4 and not canvases.reset.isVisible()  # the default goes along
    canvases.wish(2)
    assert heard[-1].canvases == 2 and canvases.reset.isVisible()
    thinking.wish(False)
    assert heard[-1].canvases == 2  # moved: it stays
    canvases.reset.click()
    thinking.wish(True)
    thinking.wish(False)
    assert heard[-1] == Settings()

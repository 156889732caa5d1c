"""Every knob goes from settings to its controls and back; nothing that is typed or scrolled breaks it."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QScrollArea, QSlider, QToolButton

from engine.values.presets import PRESETS, Preset
from engine.values.settings import MAIN, SAMPLERS, Knob, Settings, default, knobs
from widgets.controls import Number, Switch
from widgets.fold import Head
from widgets.knobs import Knobs
from widgets.row import LIVE, Scale
from widgets.span import Span
from widgets.theme import DARK, stylesheet

OTHER = Settings(
    steps=12, t_max=1.25, t_min=0.0, sampler=SAMPLERS[2], entropy_bound=3.2, accept_above=0.55, stability=0,
    confidence=0.0, canvases=16, seed=2**31 - 1, chat=False, thinking=True, raw=True, device="cpu",
    precision="int4", top_k=8, proofread=2,
)  # fmt: skip
KNOBS = {name: knob for name, knob in knobs().items() if not knob.screen}  # that have a row here
RANGED = {name for first, knob in KNOBS.items() if knob.to for name in (first, knob.to)}
TYPED = [name for name, knob in KNOBS.items() if knob.maximum]
SLID = [name for name in TYPED if name not in {"seed", *RANGED}]
FOLDS = {knob.group for knob in KNOBS.values()} - {MAIN}


@pytest.fixture
def panel(qtbot):
    widget = Knobs()
    qtbot.addWidget(widget)
    widget.resize(320, 900)
    widget.set_open(FOLDS)
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
    label = KNOBS[name].label
    (found,) = [c for c in panel.findChildren(kind) if c.accessibleName() == label]
    return found


def resets(panel):
    """The visible reset buttons by the name of their knob."""
    named = {f"Reset {knob.label} ": name for name, knob in KNOBS.items()}
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
    assert Scale(KNOBS[name], isinstance(value, int)).value(slider.value()) == pytest.approx(value)


@pytest.mark.parametrize("name", SLID)
def test_every_slider_turns_its_knob(panel, heard, name):
    slider = control(panel, QSlider, name)
    slider.setValue(slider.maximum())
    assert getattr(panel.settings(), name) == KNOBS[name].maximum
    slider.setValue(slider.minimum())
    assert getattr(panel.settings(), name) == KNOBS[name].minimum
    assert heard[-1] == panel.settings()
    assert {n for n in KNOBS if getattr(heard[-1], n) != default(n)} <= {name}


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("typed", ["1e99", "-1e99", "inf", "nan", "", "twelve", "0,5", "7", "99999999999999"])
def test_absurd_values_are_clamped(panel, qtbot, name, typed):
    editor, knob = control(panel, Number, name), KNOBS[name]
    if knob.only:  # a grey one cannot be typed into
        panel.set_settings(replace(Settings(), **dict([knob.only[:2]])))
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
    assert set(resets(panel)) == {n for n in KNOBS if getattr(OTHER, n) != default(n)} == set(KNOBS)
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
    [*((KNOBS[name], isinstance(default(name), int)) for name in SLID), (FROM_ZERO, False)],
    ids=[*SLID, "log from zero"],
)
def test_scale_is_monotone_exact_at_the_ends_and_invertible(knob, whole):
    scale = Scale(knob, whole)
    values = [scale.value(position) for position in range(scale.last + 1)]
    assert values[0] == knob.minimum and values[-1] == pytest.approx(knob.maximum)
    assert all(a < b for a, b in pairwise(values))
    assert [scale.position(value) for value in values] == list(range(scale.last + 1))


def test_log_scale_gives_every_decade_the_same_room():
    knob = KNOBS["entropy_bound"]
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


@pytest.mark.parametrize(("kind", "name"), [(QSlider, "stability"), (Number, "t_min"), (QComboBox, "device")])
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
    (switch,) = [s for s in panel.findChildren(Switch) if s.accessibleName() == "Live"]
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
    heads = {head.text() for head in panel.findChildren(Head)}
    assert {knob.label for name, knob in KNOBS.items() if name not in RANGED} | {"temperature"} <= set(texts)
    assert heads == FOLDS
    marks = [label for label in panel.findChildren(QLabel) if LIVE in label.toolTip()]
    assert len(marks) == sum(knob.live for knob in KNOBS.values()) - sum(bool(knob.to) for knob in KNOBS.values())
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
        on = sampler in KNOBS[name].only[1:]
        assert all(control.isEnabled() == on for control in panel._rows[name].controls)
    assert panel._rows["steps"].controls[0].isEnabled()


# The temperature: two handles of one range.


@pytest.fixture
def span(panel):
    return panel.findChild(Span)


def test_both_ends_of_a_range_are_shown_and_told(panel, span, heard):
    panel.set_settings(Settings(t_max=1.5, t_min=0.25))
    assert span.spoken() == "1.5 at the first step, 0.25 at the last" and heard == []
    assert (control(panel, Number, "t_max").value(), control(panel, Number, "t_min").value()) == (1.5, 0.25)


def test_dragging_moves_the_nearer_handle(panel, span, heard, qtbot):
    panel.set_settings(Settings(t_max=1.5, t_min=0.5))
    middle = span.height() // 2
    places = {value: QPoint(round(span.x(round(value / 0.05))), middle) for value in (0.2, 0.5, 1.2, 1.5)}
    qtbot.mouseClick(span, Qt.MouseButton.LeftButton, pos=places[1.2])
    assert heard[-1] == Settings(t_max=1.2, t_min=0.5)
    qtbot.mousePress(span, Qt.MouseButton.LeftButton, pos=places[0.5])
    qtbot.mouseMove(span, places[0.2])
    qtbot.mouseRelease(span, Qt.MouseButton.LeftButton, pos=places[0.2])
    assert heard[-1].t_max == 1.2 and heard[-1].t_min == pytest.approx(0.2)


def test_handles_in_one_place_can_be_parted_both_ways(panel, span, heard, qtbot):
    for value, moved in ((0.2, "t_min"), (1.5, "t_max")):
        panel.set_settings(Settings(t_max=1.0, t_min=1.0))
        qtbot.mouseClick(span, Qt.MouseButton.LeftButton, pos=QPoint(round(span.x(round(value / 0.05))), 10))
        assert getattr(panel.settings(), moved) == pytest.approx(value)
        assert {getattr(panel.settings(), name) for name in RANGED} - {1.0} == {getattr(panel.settings(), moved)}


def test_arrows_move_both_ends_and_stop_at_the_limits(panel, span, heard, qtbot):
    panel.set_settings(Settings(t_max=2.0, t_min=0.0))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(span, key)
    assert heard == []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(span, key)
    assert heard[-1] == Settings(t_max=1.95, t_min=0.05)


# Folds, presets, and what is not of the run on screen.


def test_a_closed_group_says_what_of_it_is_not_as_usual(panel, qtbot):
    panel.set_open([])
    heads = {head.text(): head for head in panel.findChildren(Head)}
    assert not control(panel, Number, "seed").isVisible()
    panel.set_settings(Settings(seed=12, chat=False, stability=3))
    assert heads["Run"]._news == "seed 12, chat format off" and heads["Stopping"]._news == "stable steps 3"
    assert heads["Sampler"]._news == ""
    told = []
    panel.folded.connect(told.append)
    qtbot.mouseClick(heads["Run"], Qt.MouseButton.LeftButton)
    assert told == [["Run"]] and control(panel, Number, "seed").isVisible()


def test_knobs_that_are_not_of_the_run_on_screen_are_marked(panel):
    def marked():
        return {name for name, row in panel._rows.items() if row._label.property("fresh")}

    assert not marked() and not panel.fresh()
    panel.set_shown(Settings())
    panel.set_settings(Settings(steps=12, t_min=0.1, seed=9, top_k=2))
    assert panel.fresh() == {"steps", "t_min", "seed"}  # how many candidates are listed changes no text
    assert marked() == {"steps", "t_max", "t_min", "seed"}  # the range has one label
    panel.set_shown(panel.settings())
    assert not marked()


def test_a_preset_sets_its_knobs_and_lights_up(panel, heard, qtbot):
    panel.set_settings(Settings(seed=9))
    chips = {b.text(): b for b in panel.shelf.findChildren(QPushButton)}
    assert chips.keys() == {"Fast 8", "Balanced 24", "Careful 48"} and chips["Careful 48"].isChecked()
    qtbot.mouseClick(chips["Fast 8"], Qt.MouseButton.LeftButton)
    assert heard == [Settings(seed=9, steps=8)]
    assert [b.text() for b in chips.values() if b.isChecked()] == ["Fast 8"]
    panel.set_settings(Settings(steps=9))
    assert not any(b.isChecked() for b in chips.values())


def test_a_preset_of_ones_own_is_a_chip_and_in_the_menu(panel, heard):
    shelf = panel.shelf
    shelf.set_saved([Preset("R & D", {"steps": 5, "t_max": 1.0})])
    (chip,) = [b for b in shelf.findChildren(QPushButton) if b.accessibleName() == "Preset R & D"]
    chip.click()
    assert heard[-1] == Settings(steps=5, t_max=1.0) and chip.isChecked()
    deleted, shared = [], []
    shelf.delete_wished.connect(deleted.append)
    shelf.share_wished.connect(shared.append)
    shelf._fill()
    for part in shelf._menu.findChildren(type(shelf._menu)):
        part.actions()[0].trigger()
    assert deleted == ["R & D"] and shared == [Preset("R & D", {"steps": 5, "t_max": 1.0})]


def test_a_reset_leaves_the_focus_with_its_knob(panel, qtbot):
    panel.set_settings(OTHER)
    panel.activateWindow()
    for name in ("t_max", "stability", "sampler"):
        button = resets(panel).get(name)
        button.setFocus()
        button.click()
        row = panel._rows[name]
        qtbot.waitUntil(lambda row=row: QApplication.focusWidget() in row.controls)
    (button,) = [b for b in panel.findChildren(QPushButton) if b.text() == "Reset all"]
    button.setFocus()
    button.click()
    assert button.hasFocus()


def test_a_knob_without_effect_says_why(panel):
    panel.set_enabled("thinking", False, "No effect now: it cannot think.")
    assert "it cannot think" in control(panel, Switch, "thinking").toolTip()
    assert not panel._rows["thinking"]._label.isEnabled()
    panel.set_enabled("thinking", True)
    assert "it cannot think" not in control(panel, Switch, "thinking").toolTip()
    assert "only with the sampler" in control(panel, Number, "accept_above").toolTip()


def test_ours_are_steps_alone():
    assert [preset.of(Settings(seed=3)) for preset in PRESETS] == [Settings(seed=3, steps=n) for n in (8, 24, 48)]


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

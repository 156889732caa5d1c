"""The window as a person uses it: offscreen, with a fake engine behind the session."""

import asyncio
from dataclasses import replace
from operator import attrgetter
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QWidget,
)

import engine.model.gemma
import engine.steps.denoise
from app.keep.prefs import MOST_ZOOM, Prefs
from app.run.session import Session
from app.window.actions import ACTIONS
from app.window.looks import NOTCH
from app.window.window import Window
from app.words import running
from engine.model.folder.checkpoint import LoadError
from engine.model.text.tokens import PromptError
from engine.values.presets import Preset
from engine.values.recording import Recording, RecordingError
from engine.values.settings import Settings, knobs
from engine.values.words.examples import EXAMPLES
from samples import CHANNELS, MODEL, THINKING, frame, recording, until
from standin import writes


@pytest.fixture
def window(window, monkeypatch):
    """A window whose model writes `window.steps` random frames of 256 cells."""
    writes(monkeypatch, window)
    window.knobs.set_open(knob.group for knob in knobs().values())
    return window


def idle(window):
    return lambda: not window.session.running and not window.session.loading


def start(window, loop):
    loop.run_until_complete(window.asking.load_and_run(None, "a fox"))


def test_the_first_start_runs_an_example_and_says_how_it_ended(window, loop):
    start(window, loop)
    assert window.player.index == window.steps - 1
    assert window.canvas.text().strip() == window.session.recording.text().strip()
    assert window.status._sentence.text().startswith("Stable and confident: 6 steps")
    assert len(window.stage._meter.series()) == 6


def test_enter_runs_what_was_typed(window, loop, qtbot):
    start(window, loop)
    window.prompt.set_text("")
    window.prompt.focus()
    qtbot.keyClicks(window.prompt._editor, "a lantern")
    qtbot.keyClick(window.prompt._editor, Qt.Key.Key_Return)
    loop.run_until_complete(until(lambda: window.session.recording.prompt == "a lantern"))
    loop.run_until_complete(until(idle(window)))
    assert window.prefs.prompt == "a lantern"


def test_an_empty_prompt_is_a_hint_not_a_run(window, loop):
    start(window, loop)
    before = window.session.recording
    window.asking.run_prompt("  \n ")
    assert window.session.recording is before and not window.session.running


def test_escape_stops_and_the_window_stays_usable(window, loop, qtbot):
    start(window, loop)
    window.steps, window.delay = 10**6, 0.001

    async def scenario():
        window.asking.run()
        await until(lambda: window.session.recording.outcome == "" and window.player.index > 3)
        stop = next(action for action in window.actions() if action.shortcut() == QKeySequence("Esc"))
        stop.trigger()
        await until(idle(window))
        await until(lambda: window.session.recording.outcome == "stopped")

    loop.run_until_complete(scenario())
    window.steps = 3
    window.asking.run()
    loop.run_until_complete(until(lambda: window.session.recording.outcome == "finished"))


def test_pausing_and_stepping_a_run_from_the_transport(window, loop):
    start(window, loop)
    window.steps, window.delay = 10**6, 0.001

    async def scenario():
        window.asking.run()
        await until(lambda: window.player.live and window.player.index > 2)
        window.player.pause()
        await asyncio.sleep(0.05)
        count = len(window.session.recording.frames)
        await asyncio.sleep(0.05)
        assert len(window.session.recording.frames) == count
        window.player.forward()
        await until(lambda: len(window.session.recording.frames) == count + 1)
        await until(lambda: window.player.index == count)
        window.session.stop()
        await until(idle(window))

    loop.run_until_complete(scenario())


def test_a_live_knob_reaches_the_running_canvas(window, loop):
    start(window, loop)
    window.steps, window.delay = 10**6, 0.001

    async def scenario():
        window.asking.run()
        await until(lambda: window.player.index > 2 and window.session.running)
        window.knobs.changed.emit(Settings(t_max=1.5))
        await until(lambda: window.session.recording.frames[-1].settings.t_max == 1.5)
        window.session.stop()
        await until(idle(window))

    loop.run_until_complete(scenario())


def test_a_knob_that_is_dragged_runs_again_and_every_run_is_seen(window, loop):
    start(window, loop)
    window.steps, window.delay = 12, 0.004
    runs = []
    window.session.began.connect(lambda: runs.append(window.session.recording))

    async def scenario():
        for steps in range(20, 40):
            window.knobs.move_to(Settings(steps=steps))
            await asyncio.sleep(0.01)
        await until(lambda: runs and runs[-1].settings.steps == 39 and runs[-1].outcome == "finished")

    loop.run_until_complete(scenario())
    assert 2 < len(runs) < 20  # not one for every move, and not only one at the end
    assert all(len(run.frames) >= 3 for run in runs)
    assert window.knobs.fresh() == set() and window.prompt._button.text() == "Run"


def test_knobs_that_change_no_text_or_reach_the_run_that_goes_on_start_none(window, loop):
    start(window, loop)
    runs = []
    window.session.began.connect(lambda: runs.append(1))

    async def scenario():
        window.knobs.move_to(replace(window.knobs.settings(), top_k=3))
        await asyncio.sleep(0.05)
        assert runs == [] and window.canvas._candidates == 3
        window.steps, window.delay = 10**6, 0.005
        window.asking.run()
        await until(lambda: runs == [1] and window.player.live and window.player.index > 2)
        window.knobs.move_to(replace(window.knobs.settings(), t_max=1.5))
        await until(lambda: window.session.recording.frames[-1].settings.t_max == 1.5)
        window.player.pause()
        window.knobs.move_to(replace(window.knobs.settings(), steps=9))  # it is held to be looked at
        await asyncio.sleep(0.05)
        assert runs == [1] and window.knobs.fresh() == {"t_max", "steps"}
        window.stop()
        await until(idle(window))

    loop.run_until_complete(scenario())
    assert window.prompt._button.text() == "Run with changes"


def test_without_live_a_moved_knob_waits_for_run(window, loop, qtbot):
    start(window, loop)
    window.knobs._rerun.click()
    assert window.prefs.live is False
    before = window.session.recording
    window.knobs.move_to(replace(window.knobs.settings(), steps=9))
    loop.run_until_complete(asyncio.sleep(0.05))
    assert window.session.recording is before and window.prompt._button.text() == "Run with changes"
    window.asking.run()
    loop.run_until_complete(until(lambda: window.session.recording is not before))
    loop.run_until_complete(until(idle(window)))
    assert window.prompt._button.text() == "Run" and window.session.recording.settings.steps == 9


def test_changes_of_the_knobs_are_taken_back_by_key(window, loop, qtbot):
    start(window, loop)
    window.prefs.live = False
    usual = window.knobs.settings()
    window.knobs.move_to(replace(usual, steps=9))
    window.knobs.move_to(replace(usual, steps=9, seed=4))
    window.canvas.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    key(window, qtbot, Qt.Key.Key_Z, control)
    assert window.knobs.settings() == replace(usual, steps=9)
    key(window, qtbot, Qt.Key.Key_Z, control)
    assert window.knobs.settings() == usual
    key(window, qtbot, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert window.knobs.settings() == replace(usual, steps=9)
    window.prompt.focus()
    qtbot.keyClicks(window.prompt._editor, "typed")
    key(window, qtbot, Qt.Key.Key_Z, control)
    assert window.knobs.settings() == replace(usual, steps=9) and window.prompt.text() != "typed"


def test_presets_are_saved_kept_shared_and_deleted(window, loop, qtbot, tmp_path):
    start(window, loop)
    window.knobs.move_to(replace(window.knobs.settings(), steps=9, t_max=1.5))
    window.presets.save("wild")
    (preset,) = window.presets.saved()
    loop.run_until_complete(window.files._give_preset(str(tmp_path / "wild.json"), preset))
    window.presets.save("")
    assert "needs a name" in window.status._sentence.text()
    window.prefs.save()
    assert Prefs.load().presets == window.prefs.presets != {}
    window.presets.delete("wild")
    assert window.presets.saved() == []
    (tmp_path / "bad.json").write_text("{")
    loop.run_until_complete(window.files._take_preset(str(tmp_path / "bad.json")))
    assert "not a preset" in window.status._sentence.text()
    window.knobs.reset_all()
    loop.run_until_complete(window.files._take_preset(str(tmp_path / "wild.json")))
    assert window.knobs.settings().t_max == 1.5 and window.presets.saved() == [preset]
    window.presets.add(Preset("wild", preset.values | {"steps": 3}))  # a stranger's, of the same name
    assert [(each.name, each.values["steps"]) for each in window.presets.saved()] == [("wild", 9), ("wild (2)", 3)]


def test_what_was_chosen_is_remembered_before_the_end(window, loop):
    start(window, loop)
    noted = []
    window.noted.connect(lambda: noted.append((window.prefs.settings, window.prefs.prompt, window.prefs.presets)))
    window.knobs.move_to(replace(window.knobs.settings(), steps=9))
    window.prompt.set_text("a lantern")
    window.presets.save("mine")
    assert window._soon.isActive()
    window._soon.timeout.emit()
    ((settings, prompt, presets),) = noted
    assert settings == {"steps": 9} and prompt == "a lantern" and "mine" in presets


def test_a_failing_model_leaves_a_usable_window(window, loop, monkeypatch):
    start(window, loop)

    def fail(*args, **options):
        raise LoadError("The folder is empty: choose another.")

    monkeypatch.setattr(engine.model.gemma, "load", fail)
    loop.run_until_complete(window.asking.load_and_run("nowhere", "never"))
    assert window.session.sentence == "The folder is empty: choose another."
    window.asking.run()
    loop.run_until_complete(until(lambda: window.session.recording.outcome == "finished"))


def test_replay_needs_no_model_and_scrubs(window, loop, tmp_path):
    path = tmp_path / "run.unnoise"
    run = recording(steps=8, cells=256)
    run.settings = Settings(steps=8, seed=42)
    run.save(path)
    window.files.open(str(path))
    loop.run_until_complete(window.tasks.drain())
    assert window.knobs.settings() == run.settings
    assert window.session.model is None and window.prompt.text() == "a fox"
    window.player.seek(5)
    assert window.canvas.text() is not None and window.player.index == 5
    window.player.back()
    assert window.player.index == 4
    window.player.first()
    assert window.player.index == 0


def test_a_damaged_recording_is_a_sentence(window, loop, tmp_path):
    (tmp_path / "bad").write_text("no")
    window.files.open(str(tmp_path / "bad"))
    loop.run_until_complete(window.tasks.drain())
    assert "not an Unnoise recording" in window.status._sentence.text()


def test_everything_is_remembered(window, loop, qtbot):
    start(window, loop)
    window.knobs.set_settings(Settings(steps=12, seed=99))
    window.looks.set_view("grid")
    window.looks.toggle_theme()
    window.memory.set_speed(5.0)
    window.close()
    window.prefs.save()
    again = Window(Session(), Prefs.load())
    qtbot.addWidget(again)
    assert again.knobs.settings() == again.knobs.usual().updated({"steps": 12, "seed": 99})
    assert (again.prefs.view, again.player.speed) == ("grid", 5.0)
    assert again.prefs.theme == window.prefs.theme != "system"
    asyncio.get_event_loop().run_until_complete(again.session.close())


def test_a_larger_window_has_longer_sliders(window, qapp):
    widths = []
    for size in (1000, 800), (1280, 800):
        window.resize(*size)
        qapp.processEvents()
        assert window.knobs.width() == window.stage.token.width()
        widths.append(window.knobs.width())
    assert widths[0] < widths[1]


def test_a_screen_of_1080p_at_twice_the_size_shows_all_of_it(window, loop, qapp):
    start(window, loop)
    window.fit(QSize(960, 510))
    qapp.processEvents()
    assert window.height() <= 470 and not window.stage.charts.isVisible()
    assert window.canvas.height() >= 140 and window.canvas.type_size >= 10
    window.resize(960, 560)
    assert window.stage.charts.isVisible()


@pytest.mark.parametrize("size", [(900, 560), (1280, 800), (3840, 2160)])
def test_every_size_keeps_the_canvas_the_biggest_part(window, qapp, size):
    window.resize(*size)
    qapp.processEvents()
    assert (window.width(), window.height()) == size
    area = lambda widget: widget.width() * widget.height()  # noqa: E731
    assert area(window.canvas) > max(area(window.stage.charts), area(window.prompt))
    assert window.canvas.width() > 1.7 * window.knobs.width()
    inside = window.centralWidget().rect()
    for widget in (
        window.prompt,
        window.canvas,
        window.knobs,
        window.stage.charts,
        window.status,
        window.stage.token,
    ):
        corner = widget.mapTo(window.centralWidget(), widget.rect().bottomRight())
        assert inside.contains(corner), widget


@pytest.mark.parametrize("hide", ["panels.toggle", "presenter.toggle"])
def test_without_panels_the_canvas_has_their_room(window, qapp, hide):
    window.resize(1280, 800)
    attrgetter(hide)(window)()
    qapp.processEvents()
    below = window.strip if window.strip.isVisible() else window.stage.transport
    gap = window.status.y() - below.mapTo(window.centralWidget(), below.rect().bottomLeft()).y()
    assert gap < 16


def test_in_a_low_window_the_charts_yield_first(window, qapp):
    heights = {}
    for height in (740, 780):
        window.resize(1280, height)
        qapp.processEvents()
        heights[height] = window.stage.charts.height(), window.canvas.height()
    assert heights[740][0] == 96 < heights[780][0]
    assert heights[740][1] > heights[780][1]


def test_on_a_small_screen_the_status_line_is_still_seen(window):
    window.fit(QSize(1366, 768))
    assert window.width() == 1280 and 700 < window.height() < 768
    window.fit(QSize(2560, 1440))
    assert window.width() == 1280 and window.height() < 768  # what fits stays as it was


def test_themes_differ_and_both_paint(window, loop, qapp):
    start(window, loop)
    pictures = []
    for theme in ("dark", "light"):
        window.prefs.theme = theme
        window.looks.apply_theme()
        qapp.processEvents()
        pictures.append(window.grab().toImage().pixelColor(3, 3).lightness())
    assert pictures[0] < 60 < 200 < pictures[1]


def test_every_action_has_a_key_of_its_own_and_does_something(window):
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(set(keys)) == len(keys)
    for action in ACTIONS:
        assert callable(attrgetter(action.does)(window))
        assert all(QKeySequence(key).toString() != "" for key in action.keys)


def test_help_groups_the_keys_tells_of_the_picture_and_fits_a_small_window(window, qapp):
    window.resize(900, 560)
    window.looks.show_help()
    qapp.processEvents()
    box = window.findChild(QDialog)
    text = " ".join(label.text() for label in box.findChildren(QLabel))
    assert all(action.label in text for action in ACTIONS)
    assert all(f"<h3>{action.menu}</h3>" in text for action in ACTIONS)
    assert "Enter" in text and "Return" not in text and "Dashed" in text and "Arrows" in text
    assert box.height() < window.height()


def test_every_control_can_be_reached_and_says_what_it_is(window):
    kinds = (QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox)
    controls = [c for kind in kinds for c in window.findChildren(kind) if c.isVisibleTo(window)]
    controls = [c for c in controls if not c.objectName().startswith("qt_") and "Scroll" not in type(c).__name__]
    assert len(controls) > 25
    for control in controls:
        assert control.toolTip(), f"{control} {control.accessibleName()} has no tooltip"
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, f"{control.accessibleName()} cannot be reached"
        assert control.accessibleName() or getattr(control, "text", lambda: "")(), control


def test_a_screen_reader_is_told_names_values_and_words_without_tags(window, loop):
    start(window, loop)
    told = {}
    for widget in window.findChildren(QWidget):
        own = widget.isVisibleTo(window) and not widget.objectName().startswith("qt_")
        if own and (found := QAccessible.queryAccessibleInterface(widget)) is not None:
            kinds = QAccessible.Text.Name, QAccessible.Text.Value, QAccessible.Text.Description
            name, value, description = (found.text(kind) for kind in kinds)
            assert "<qt>" not in description, description
            assert name or not found.state().focusable, widget
            told[name] = value
    assert told["device"] == told["precision"] == "auto" and told["Playing speed"] == "real time"
    assert {f"Model: {MODEL.name}", "6 / 6"} <= set(told)


def test_copying_the_text(window, loop):
    start(window, loop)
    window.showing.copy_text()
    assert QGuiApplication.clipboard().text() == window.session.recording.text()


def test_presenting_hides_all_but_the_canvas(window, qapp):
    window.presenter.toggle()
    qapp.processEvents()
    assert not window.knobs.isVisible() and not window.stage.charts.isVisible() and window.canvas.isVisible()
    window.presenter.toggle()
    qapp.processEvents()
    assert window.knobs.isVisible()


def test_examples_have_short_labels():
    assert all(len(label) < 16 and prompt for label, prompt in EXAMPLES)


def test_another_device_or_precision_loads_the_model_again(window, loop, monkeypatch):
    start(window, loop)
    loads = []

    def load(source, device, precision, **options):
        loads.append((source, device, precision))
        return MODEL

    monkeypatch.setattr(engine.model.gemma, "load", load)
    for settings in (Settings(device="cpu"), Settings(device="cpu", precision="int4")):
        loads.clear()
        window.knobs._change(settings)
        loop.run_until_complete(until(lambda: loads and idle(window)()))
        assert loads == [(None, settings.device, settings.precision)]


def test_a_knob_without_effect_is_grey(window, loop):
    start(window, loop)
    assert not window.knobs._rows["thinking"].controls[0].isEnabled()


def test_tab_goes_round_through_prompt_canvas_and_knobs(window, loop, qtbot):
    start(window, loop)
    window.activateWindow()
    window.prompt.setFocus()
    met = set()
    for _ in range(200):
        window.focusNextChild()
        widget = window.focusWidget()
        met |= {widget, widget.parentWidget()}
    rows = window.knobs._rows.values()
    assert window.canvas in met and window.stage.transport in met and window.prompt._editor in met
    assert all(met & set(row.controls) for row in rows if row.controls[0].isEnabled())


def key(window, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    qtbot.waitUntil(lambda: window.focusWidget() is not None)
    qtbot.keyClick(window.focusWidget(), key, modifier)


def test_the_keys_that_step_work_from_the_prompt_box(window, loop, qtbot):
    start(window, loop)
    window.prompt.focus()
    control = Qt.KeyboardModifier.ControlModifier
    for pressed, index in ((Qt.Key.Key_Left, 4), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_End, 5)):
        key(window, qtbot, pressed, control)
        assert window.player.index == index


def test_space_plays_where_nobody_types(window, loop, qtbot):
    start(window, loop)
    window.canvas.setFocus()
    key(window, qtbot, Qt.Key.Key_Space)
    assert window.player.playing
    window.player.pause()
    window.prompt.focus()
    key(window, qtbot, Qt.Key.Key_Space)
    assert not window.player.playing and window.prompt.text() == " "


def test_a_run_that_is_paused_says_so_and_how_far_it_may_go(window, loop):
    start(window, loop)
    window.steps, window.delay = 10**6, 0.02

    async def scenario():
        window.asking.run()
        await until(lambda: window.player.live and window.player.index > 2)
        window.player.pause()
        await asyncio.sleep(0.05)
        assert window.status._sentence.text().startswith("Paused") and window.player.index < 40
        assert not window.stage.transport._live.isChecked()
        most = Settings().steps
        assert f"of at most {most}" in window.stage.transport._label.text()
        assert "paused" in window.stage.headline._facts.state
        window.player.play()
        assert window.status._sentence.text() == "Running." and window.stage.transport._live.isChecked()
        window.session.stop()
        await until(idle(window))

    loop.run_until_complete(scenario())
    loop.run_until_complete(until(lambda: window.stage.headline._facts.state.startswith("stopped by you")))


@pytest.mark.parametrize("bare", [False, True])
def test_what_is_exported_is_said_with_what_is_inside(window, loop, tmp_path, bare):
    start(window, loop)
    run = window.session.recording
    for give, name in ((window.files.export, "a.html"), (window.files.picture, "a.png")):
        give(str(tmp_path / name), bare)
        loop.run_until_complete(window.tasks.drain())
        told = window.status._sentence.text()
        assert told.startswith(f"Written to {tmp_path / name}") and ("prompt, knobs" in told) is not bare
        if bare:
            with pytest.raises(RecordingError):
                Recording.load(tmp_path / name)
        else:
            assert Recording.load(tmp_path / name).id == run.id
    window.files.export(str(tmp_path / "a.doc"))
    loop.run_until_complete(window.tasks.drain())
    assert "name the file so" in window.status._sentence.text()


def test_cancel_gives_up_the_export_and_not_the_model(window, loop, tmp_path):
    start(window, loop)

    async def scenario():
        window.files.export(str(tmp_path / "run.gif"))
        await until(lambda: window.status._bar.isVisible())
        window.status._cancel.click()
        await until(lambda: not window.status._bar.isVisible())

    loop.run_until_complete(scenario())
    assert not (tmp_path / "run.gif").exists()
    assert window.status._sentence.text() == "The export was cancelled; nothing was written."
    assert not window.session._cancelled.is_set()


def test_the_headline_is_of_the_step_on_screen(window, loop):
    start(window, loop)
    facts = window.stage.headline._facts
    assert facts.written == window.session.recording.text_tokens() and facts.state.startswith("stable")
    window.player.seek(1)
    earlier = window.stage.headline._facts
    assert earlier.seconds == window.session.recording.frames[1].seconds
    assert earlier.state == f"step 2 of at most {Settings().steps}" and earlier.prompt == "a fox"


def test_the_step_before_stays_dimmed_until_the_next_run_has_one(window, loop):
    start(window, loop)
    window.delay = 0.2

    async def scenario():
        window.asking.run()
        await until(lambda: window.session.running and window.session.recording.frames == [])
        assert all(veil.isVisible() for veil in window.stage._veils) and window.canvas.text()
        await until(lambda: window.player.index >= 0)
        assert not any(veil.isVisible() for veil in window.stage._veils)
        window.session.stop()
        await until(idle(window))

    loop.run_until_complete(scenario())


def test_the_screen_reader_is_told_what_people_read(window):
    for name, value, words in (("canvases", 1, "1"), ("steps", 48, "48"), ("confidence", 0.005, "0.005")):
        window.knobs.set_settings(replace(window.knobs.settings(), **{name: value}))
        for slider in window.knobs.findChildren(QAbstractSlider):
            if slider.accessibleName() == knobs()[name].label:
                spoken = QAccessible.queryAccessibleInterface(slider).text(QAccessible.Text.Value)
                assert spoken == words
                break
        else:
            raise AssertionError(name)


@pytest.mark.parametrize("name", ["sampler", "device", "precision"])
def test_a_list_of_choices_shows_all_of_them_at_once(window, qapp, qtbot, name):
    (combo,) = window.knobs._rows[name].controls
    combo.window().show()
    qtbot.mouseClick(combo, Qt.MouseButton.LeftButton)
    qapp.processEvents()
    view = combo.view()
    assert view.verticalScrollBar().maximum() == 0
    assert view.viewport().height() >= sum(view.sizeHintForRow(row) for row in range(combo.count()))
    combo.hidePopup()


# A thought, and the length of a prompt.


def thought(window, ids=THINKING):
    """Show a recording of a reply with a thought."""
    run = Recording("p", Settings(), "m", "cpu", CHANNELS)
    run.append(frame(cells=len(ids), ids=ids, guess=ids, held=np.ones(len(ids), bool), stop="steps"))
    run.outcome = "finished"
    window.showing.replay(run)
    return window.status._sentence.text()


def test_the_thought_folds_with_a_key_and_a_click_and_stays_so(window, loop, qtbot):
    thought(window)
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert window.prefs.folded and window.canvas.rect_of(5) == window.canvas.rect_of(0)
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=window.canvas.rect_of(0).center().toPoint())
    assert not window.prefs.folded and window.canvas.rect_of(5) != window.canvas.rect_of(0)


def test_what_is_copied_is_the_answer_or_it_is_said(window, loop):
    assert "thought" not in thought(window)
    window.showing.copy_text()
    assert QGuiApplication.clipboard().text() == "Hello there"
    assert "ends inside its thought" in thought(window, THINKING[:5])
    window.showing.copy_text()
    assert QGuiApplication.clipboard().text() == "user Hello"
    assert window.status._sentence.text().startswith("There is no answer")


def test_the_room_of_a_thought_is_told():
    thinks, simple = SimpleNamespace(thinks=True, length=256), SimpleNamespace(thinks=False)
    thinking = Settings().updated({"thinking": True})
    assert "room for 1,024 tokens" in running(thinking, thinks)
    assert running(Settings(), thinks) == running(thinking, simple) == "Running."


def test_the_length_of_the_prompt_is_shown_beside_it(window, loop, qtbot):
    count = window.prompt._editor._count
    assert not count.isVisible()
    start(window, loop)
    for words, role in ((3, "hint"), (101, "over"), (4, "hint")):
        window.prompt.set_text("a " * words)
        loop.run_until_complete(until(lambda shown=f"{words} / 512": count.text() == shown))
        assert count.isVisible() and count.property("role") == role
        assert window.prompt._editor.viewport().geometry().right() < count.geometry().left()


def test_a_prompt_that_does_not_fit_is_told_and_what_is_on_screen_stays(window, loop, monkeypatch):
    start(window, loop)
    before = window.session.recording

    def prompt(text, settings, *_):
        raise PromptError("The prompt has 10,009 tokens: shorten it.")

    monkeypatch.setattr(MODEL, "prompt", prompt)
    for racing in (False, True):
        window.status.say("")
        window.asking.run_prompt("too long", racing=racing)
        loop.run_until_complete(until(lambda: "10,009" in window.status._sentence.text()))
        loop.run_until_complete(until(idle(window)))
        assert window.session.recording is before and not window.race.shown


def test_space_at_the_end_of_a_prompt_reaches_the_model(window, loop, qtbot):
    start(window, loop)
    window.prompt.set_text("def f.\n    ")
    qtbot.keyClick(window.prompt._editor, Qt.Key.Key_Return)
    loop.run_until_complete(until(lambda: window.session.recording.prompt == "def f.\n    "))
    loop.run_until_complete(until(idle(window)))


def test_the_presenter_has_the_prompt_as_caption_and_keys_of_its_own(window, loop, qapp, qtbot):
    start(window, loop)
    window.player.seek(2)
    small = window.stage.headline.height()
    window.presenter.toggle()
    qapp.processEvents()
    headline = window.stage.headline
    assert headline._caption and headline.height() > small and headline._facts.prompt == "a fox"
    for chrome in (window.header, window.prompt, window.status, window.stage.transport):
        assert not chrome.isVisible()
    for pressed, index in ((Qt.Key.Key_Right, 3), (Qt.Key.Key_Left, 2)):
        qtbot.keyClick(window, pressed)
        assert window.player.index == index
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.player.playing
    qtbot.mouseMove(window.canvas, window.canvas.rect().center())
    window.presenter.eventFilter(window.canvas, QEvent(QEvent.Type.MouseMove))
    assert window.stage.transport.isVisible()
    window.stop()
    qapp.processEvents()
    assert not window.presenter.on and window.header.isVisible() and window.stage.transport.isVisible()
    assert not headline._caption


def test_a_prompt_can_be_typed_over_the_presenter(window, loop, qapp, qtbot):
    start(window, loop)
    window.presenter.toggle()
    qtbot.keyClick(window, Qt.Key.Key_T)
    ask = window.presenter.ask
    assert ask.isVisible() and ask.selectedText() == "a fox"
    qtbot.keyClick(ask, Qt.Key.Key_Escape)
    assert not ask.isVisible() and window.presenter.on
    qtbot.keyClick(window, Qt.Key.Key_T)
    qtbot.keyClicks(ask, "a lantern")
    qtbot.keyClick(ask, Qt.Key.Key_Return)
    loop.run_until_complete(until(lambda: window.session.recording.prompt == "a lantern"))
    loop.run_until_complete(until(idle(window)))
    assert not ask.isVisible()
    window.presenter.toggle()


def test_examples_are_played_one_after_the_other_until_the_presenter_is_left(window, loop):
    start(window, loop)
    prompts = []
    window.session.began.connect(lambda: prompts.append(window.session.recording.prompt))
    window.presenter._pause.setInterval(10)
    window.steps = 2
    window.memory.set_speed(2.0)
    window.presenter.loop()
    assert window.presenter.on and 3 < window.player.speed < 8  # about six seconds for a run of the usual length
    assert "real time" != window.stage.transport._speed.currentText() != "2 steps/s"  # and it says so
    loop.run_until_complete(until(lambda: len(prompts) == 3))
    assert prompts == [prompt for _, prompt in EXAMPLES[:3]]
    window.stop()
    loop.run_until_complete(until(idle(window)))
    assert not window.presenter.looping and not window.presenter._pause.isActive()
    assert window.player.speed == 2.0 and window.stage.transport._speed.currentText().startswith("2 ")  # as before


def test_a_loop_outlives_what_visitors_do(window, loop):
    start(window, loop)
    window.steps = 1
    presenter, prompts = window.presenter, []
    window.session.began.connect(lambda: prompts.append(window.session.recording.prompt))
    presenter.loop()
    presenter.ask.asked.emit("a lantern")
    loop.run_until_complete(until(lambda: prompts[-1:] == ["a lantern"] and idle(window)()))
    assert presenter._pause.isActive()
    window.session.loading = True  # or a race, or anything else that ends no run
    presenter._pause.stop()
    presenter._pause.timeout.emit()
    assert presenter._pause.isActive() and presenter.looping
    window.session.loading = False
    presenter._pause.timeout.emit()
    loop.run_until_complete(until(lambda: prompts[-1] == EXAMPLES[1][1] and idle(window)()))
    window.stop()


@pytest.mark.parametrize("by_hand", [True, False])
def test_what_a_visitor_asks_in_a_loop_is_kept_and_what_plays_by_itself_is_not(window, loop, by_hand):
    start(window, loop)
    window.presenter.loop()
    loop.run_until_complete(until(idle(window)))
    if by_hand:
        window.presenter.ask.asked.emit("a lantern")
        loop.run_until_complete(until(lambda: window.session.recording.prompt == "a lantern"))
    else:
        window.presenter._play_next()
    assert window.past.keeps() is by_hand
    window.stop()
    loop.run_until_complete(until(idle(window)))


def test_who_closes_in_the_presenter_starts_in_a_window(window, qapp, qtbot):
    window.presenter.toggle()
    window.close()
    again = Window(Session(), window.prefs)
    qtbot.addWidget(again)
    assert not again.isFullScreen()
    asyncio.get_event_loop().run_until_complete(again.finish())


def test_tab_goes_from_the_top_to_the_bottom(window, loop):
    start(window, loop)
    parts = (window.header, window.prompt, window.canvas, window.stage.transport, window.knobs, window.status)
    window.activateWindow()
    window.header._model.setFocus()
    met = []
    for _ in range(80):
        widget = window.focusWidget()
        part = next((at for at, part in enumerate(parts) if part is widget or part.isAncestorOf(widget)), None)
        if part is not None and (not met or met[-1] != part):
            met.append(part)
        window.focusNextChild()
        if window.focusWidget() is window.header._model:
            break
    assert met == [0, 1, 2, 3, 4, 5]


def test_larger_type_is_for_every_canvas_and_is_remembered(window, qapp):
    for key in ("zoom_in", "zoom_in", "zoom_out"):
        getattr(window.looks, key)()
    canvases = [window.canvas, *(lane.canvas for lane in window.race.view.lanes)]
    assert {canvas._spread.zoom for canvas in canvases} == {window.prefs.zoom} == {NOTCH}
    window.looks.zoom(100)
    assert window.prefs.zoom == MOST_ZOOM
    window.looks.zoom_off()
    assert {canvas._spread.zoom for canvas in canvases} == {window.prefs.zoom} == {1.0}


def test_for_a_room_what_went_wrong_is_seen_until_something_else_is_said(window, qapp):
    window.presenter.toggle()
    qapp.processEvents()
    assert not window.status.isVisible()
    window.session.said.emit("A race needs the weights here.", "error")
    qapp.processEvents()
    assert window.status.isVisible() and window.status._sentence.text() == "A race needs the weights here."
    window.status.say("Running.", "info")
    assert not window.status.isVisible()
    window.presenter.toggle()
    qapp.processEvents()
    assert window.status.isVisible()


def test_how_many_candidates_are_shown_runs_nothing_again(window, loop):
    start(window, loop)
    run = window.session.recording
    window.canvas.choose(3)
    window.stage.token.candidates_wished.emit(2)
    assert window.knobs.settings().top_k == 2 and len(window.canvas.details(3).candidates) == 2
    loop.run_until_complete(asyncio.sleep(0.3))
    assert window.session.recording is run and not window.prompt._changed
    window.tuning.undo()
    assert window.knobs.settings().top_k == 5 and window.stage.token.lanes._most == 5


def test_a_preset_gets_another_name_in_its_place(window):
    for name in ("one", "two"):
        window.presets.save(name)
    window.knobs.shelf.rename_wished.emit("one", " first ")
    assert [preset.name for preset in window.presets.saved()] == ["first", "two"]
    for wrong in ("two", "", "a" * 99):
        window.knobs.shelf.rename_wished.emit("first", wrong)
        assert window.status.fails
    assert [preset.name for preset in window.presets.saved()] == ["first", "two"]

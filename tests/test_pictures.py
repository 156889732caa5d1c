"""Pictures in the prompt box: dropped, pasted, chosen, taken away, run with, and kept only if somebody agrees."""

from __future__ import annotations

from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from test_drop import drag

import tiny
from app.keep.prefs import Prefs
from app.run.session import Session
from app.window.drop import WEB
from app.window.window import Window
from engine.model import gemma
from engine.model.choice.source import CancelError
from engine.model.folder.checkpoint import LoadError
from engine.values.files import image
from engine.values.picture import MOST, foreign
from engine.values.recording import Recording
from samples import MODEL, recording, until


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return str(tiny.checkpoint(tmp_path_factory.mktemp("seeing"), eyes=True, sharpness=0.5))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    where, dice = tmp_path_factory.mktemp("files"), np.random.default_rng(0)
    paths = [str(where / name) for name in ("fox.jpg", "moon.png", "sea.webp")]
    for path in paths:
        Image.fromarray(dice.integers(0, 256, (40, 60, 3), np.uint8)).save(path)
    return paths


@pytest.fixture(scope="module")
def seeing(folder):
    return gemma.load(folder, "cpu")


def refuse(*_):
    raise LoadError(BLIND)


BLIND = "seedling reads no pictures (it was taught words alone): choose a model that does."


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch, seeing):
    """Loading is tested elsewhere: here the folder's model is there, and the embedded one is a blind fake."""
    blind = SimpleNamespace(**vars(MODEL) | {"name": "seedling", "blind": BLIND, "prompt": refuse})
    monkeypatch.setattr(gemma, "load", lambda source, *_, **__: seeing if source else blind)


@pytest.fixture
def blind(loop, qtbot, no_threads_left):
    """A window without a model."""
    window = Window(Session(), Prefs(prompt="What is it?"))
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()
    loop.run_until_complete(window.finish())


@pytest.fixture
def window(blind, loop, folder):
    """A window whose model sees."""
    loop.run_until_complete(blind.asking.load_and_run(folder, None))
    blind.knobs.set_settings(blind.knobs.settings().updated({"steps": 4}))
    return blind


def settle(window, loop):
    loop.run_until_complete(window.tasks.drain())
    loop.run_until_complete(until(lambda: not window.session.running))


def crosses(window):
    return [thumb.cross for thumb in window.prompt.pictures.thumbs]


def test_pictures_are_dropped_pasted_and_chosen_and_run_with(window, loop, files, qtbot):
    row = window.prompt.pictures
    assert not row.isVisible() and row.button.isEnabled()
    assert drag(window.prompt._editor.viewport(), window.drop.target, files[0]) == "Drop to show the model fox.jpg"
    settle(window, loop)
    data = QMimeData()
    data.setImageData(QImage(files[1]))
    QGuiApplication.clipboard().setMimeData(data)
    window.prompt._editor.paste()
    settle(window, loop)
    window.pictures.add(files[2:])
    settle(window, loop)
    assert [picture.width for picture in window.pictures.all] == [60, 60, 60] and row.isVisible()
    assert [cross.accessibleName() for cross in crosses(window)] == [f"Remove Picture {n}" for n in (1, 2, 3)]
    assert np.array_equal(window.pictures.all[1].pixels, image.read(files[1]).pixels)
    window.asking.run()
    settle(window, loop)
    run = window.session.recording
    assert run.outcome == "finished" and run.pictures == window.pictures.all and not run.thumbnails
    assert len(window.stage.headline._pictures) == 3
    assert "with 3 pictures" in window.stage.headline.accessibleDescription()


def test_what_a_file_manager_copies_is_pasted_as_pictures_and_text_as_text(window, loop, files):
    editor, data = window.prompt._editor, QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in files])
    data.setText("\n".join(files))
    assert editor.canInsertFromMimeData(data)
    editor.insertFromMimeData(data)
    settle(window, loop)
    assert len(window.pictures.all) == 3 and window.prompt.text() == "What is it?"
    both = QMimeData()  # as an office program copies a word
    both.setText(" really")
    both.setImageData(QImage(files[0]))
    editor.insertFromMimeData(both)
    settle(window, loop)
    assert window.prompt.text() == "What is it? really" and len(window.pictures.all) == 3


def test_a_cross_takes_its_picture_away_by_mouse_and_keys(window, loop, files, qtbot):
    window.activateWindow()
    window.pictures.add(files)
    settle(window, loop)
    first, _, third = window.pictures.all
    qtbot.mouseClick(crosses(window)[1], Qt.MouseButton.LeftButton)
    loop.run_until_complete(until(lambda: window.pictures.all == (first, third)))
    crosses(window)[0].setFocus()
    qtbot.keyClick(crosses(window)[0], Qt.Key.Key_Delete)
    loop.run_until_complete(until(lambda: window.pictures.all == (third,)))
    assert crosses(window)[0].hasFocus()
    qtbot.keyClick(crosses(window)[0], Qt.Key.Key_Space)
    loop.run_until_complete(until(lambda: not window.pictures.all))
    assert not window.prompt.pictures.isVisible() and window.prompt.pictures.button.hasFocus()


def test_tab_goes_through_the_crosses_where_they_are_seen(window, loop, files, qtbot):
    window.activateWindow()
    window.pictures.add(files)
    settle(window, loop)
    window.prompt.setFocus()
    names = []
    for _ in range(8):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        names.append(window.focusWidget().accessibleName())
    row = [f"Remove Picture {n}" for n in (1, 2, 3)] + ["Keep small copies"]
    assert names[names.index(row[0]) :][:4] == row


def test_a_window_whose_model_is_blind_says_so_in_one_sentence(blind, loop, files, qtbot, monkeypatch):
    row = blind.prompt.pictures
    assert not row.button.isEnabled() and "No model is loaded" in row.button.toolTip()
    loop.run_until_complete(blind.asking.load_and_run(None, None))
    assert not row.button.isEnabled() and "taught words alone" in row.button.accessibleDescription()
    assert "seedling reads no pictures" in drag(blind, blind.drop.target, files[0])
    assert drag(blind, blind.drop.target, *files).startswith("seedling reads no pictures")
    blind.status.say("")
    drag(blind, blind.drop.target, files[1])
    settle(blind, loop)
    assert blind.status._sentence.text().startswith("moon.png carries no run. seedling reads no pictures")
    data = QMimeData()
    data.setImageData(QImage(files[0]))
    blind.status.say("")
    assert blind.pictures.take(data)
    settle(blind, loop)
    assert "seedling reads no pictures" in blind.status._sentence.text() and not blind.pictures.all


def test_pictures_that_stay_when_the_model_changes_stop_no_run_of_what_is_there(window, loop, files):
    window.pictures.add(files[:1])
    settle(window, loop)
    window.asking.run()
    settle(window, loop)
    before = window.session.recording
    loop.run_until_complete(window.asking.load_and_run(None, None))
    window.asking.run()
    settle(window, loop)
    assert "seedling reads no pictures" in window.status._sentence.text()
    assert window.session.recording is before and len(window.pictures.all) == 1


def test_too_many_and_bad_pictures_are_said_and_the_others_are_kept(window, loop, files, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    window.pictures.add([files[0], str(tmp_path / "bad.png"), str(tmp_path / "no.png"), files[1]])
    settle(window, loop)
    told = window.status._sentence.text()
    assert "bad.png is no PNG" in told and "1 other" in told and len(window.pictures.all) == 2
    window.pictures.add(files[:1] * (MOST + 2))
    settle(window, loop)
    told = window.status._sentence.text()
    assert f"at most {MOST} pictures: the last 4 were left out" in told and len(window.pictures.all) == MOST


def test_what_a_browser_copies_is_a_picture_and_what_it_drags_is_said(window, loop, files, tmp_path):
    data = QMimeData()
    data.setHtml('<meta charset="utf-8"><img src="https://example.org/fox.png">')
    data.setImageData(QImage(files[0]))
    window.prompt._editor.insertFromMimeData(data)
    settle(window, loop)
    assert len(window.pictures.all) == 1 and window.prompt.text() == "What is it?"
    assert window.drop.ask([]) == (False, WEB)
    for name in ("fox.HEIC", "fox.gif"):
        assert window.drop.ask([name]) == (False, foreign(name))
    (tmp_path / "fox.heic").write_bytes(b"any")
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "fox.heic"))])
    window.prompt._editor.insertFromMimeData(data)
    settle(window, loop)
    assert window.status._sentence.text() == foreign("fox.heic") and window.prompt.text() == "What is it?"


@pytest.mark.parametrize("size", [(900, 560), (1280, 900)])
def test_as_many_pictures_as_there_may_be_fit_into_any_window(window, loop, files, size):
    window.resize(*size)
    window.pictures.add(files * 2 + files[:2])
    settle(window, loop)
    thumbs, row = window.prompt.pictures.thumbs, window.prompt.pictures
    boxes = [thumb.geometry() for thumb in thumbs] + [row.keep.geometry()]
    assert len(thumbs) == MOST and all(row.rect().contains(box) for box in boxes)
    assert not any(a.intersects(b) for at, a in enumerate(boxes) for b in boxes[:at])
    assert all(thumb.rect().contains(thumb.cross.geometry()) for thumb in thumbs)
    assert window.width() == size[0] and window.prompt.width() <= window.prompt.parentWidget().width()


def test_a_run_comes_back_with_its_pictures_and_runs_again_with_them(window, loop, files, tmp_path):
    window.pictures.add(files[:2])
    settle(window, loop)
    window.asking.run()
    settle(window, loop)
    first = window.session.recording
    window.pictures.show(())
    window.asking.run()
    settle(window, loop)
    second = window.session.recording
    assert second.pictures == () and not window.prompt.pictures.isVisible()
    assert second.ids().tolist() != first.ids().tolist()
    window.showing.bring_back(first)
    assert window.pictures.all == first.pictures and len(crosses(window)) == 2
    window.asking.run_again()
    settle(window, loop)
    assert window.session.recording is not first and window.session.recording.ids().tolist() == first.ids().tolist()


@pytest.mark.parametrize("agreed", [False, True])
def test_a_recording_keeps_small_copies_only_if_somebody_agreed(window, loop, files, tmp_path, agreed, qtbot):
    window.pictures.add(files[:1])
    settle(window, loop)
    assert not window.prefs.thumbnails
    if agreed:
        qtbot.mouseClick(window.prompt.pictures.keep, Qt.MouseButton.LeftButton)
    assert window.prefs.thumbnails is agreed
    window.asking.run()
    settle(window, loop)
    window.files.save(str(tmp_path / "run.unnoise"))
    settle(window, loop)
    run = Recording.load(tmp_path / "run.unnoise")
    assert (run.pictures[0].small is not None) is agreed
    window.showing.replay(run)
    assert len(window.stage.headline._pictures) == 1
    assert "does not hold the pictures" in window.status._sentence.text()
    window.status.say("")
    window.asking.run_again()
    settle(window, loop)
    assert "does not hold the pictures" in window.status._sentence.text()
    assert window.session.recording is run, "what cannot be run again stays on screen"
    loop.run_until_complete(window.session.branch(run, 1, run.settings))
    assert window.session.recording is run and "does not hold" in window.status._sentence.text()


def test_a_question_that_goes_on_shows_no_picture_twice_and_the_transcript_tells_of_it(window, loop, files):
    window.pictures.add(files[:1])
    settle(window, loop)
    window.asking.run()
    settle(window, loop)
    first = window.session.recording
    window.prompt.set_text("And now?")
    window.asking.follow()
    settle(window, loop)
    second = window.session.recording
    assert second.before.pictures == first.pictures and second.pictures == () and second.outcome == "finished"
    shown = [saying._question for saying in window.talking.view._sayings]
    assert shown == ["What is it? (1 picture)", "And now?"]


def test_a_race_looks_at_the_pictures_too(window, loop, files):
    window.pictures.add(files[:1])
    settle(window, loop)
    window.asking.run_race()
    settle(window, loop)
    assert [lane.recording.pictures for lane in window.session.lanes] == [window.pictures.all] * 2
    assert all(lane.recording.outcome == "finished" for lane in window.session.lanes)


def test_the_count_of_the_prompt_has_the_pictures_in_it(window, loop, files):
    def shown():
        return int(window.prompt._editor._count.text().partition(" ")[0] or 0)

    loop.run_until_complete(until(lambda: shown() > 0))
    before = shown()
    window.pictures.add(files[:1])
    settle(window, loop)
    loop.run_until_complete(until(lambda: shown() > before + 50))


@pytest.mark.parametrize("how", ["cancel", "stop"])
def test_looking_tells_how_far_it_is_and_can_be_given_up(window, loop, tmp_path, monkeypatch, how):
    def slow(model, found, keys, place, dtype, progress, cancelled):
        progress("Loading", 0.5)
        while not cancelled():
            sleep(0.01)
        raise CancelError("no")

    told, new = [], str(tmp_path / "new.png")
    Image.new("RGB", (30, 30), (len(how), 0, 0)).save(new)
    monkeypatch.setattr("engine.model.eyes.eyes.straight.fill", slow)
    window.session.progressed.connect(told.append)
    window.session.progressed.connect(lambda progress: progress and getattr(window.session, how)())
    window.pictures.add([new])
    settle(window, loop)
    window.asking.run()
    settle(window, loop)
    assert told == [("Looking at the picture", 0.5), None] and window.session.recording is None
    assert "Looking was given up" in window.status._sentence.text()


def test_a_headline_says_of_pictures_that_nobody_kept_that_there_were_some(blind, qtbot):
    run = recording(steps=2)
    run.pictures = (image.Picture(30, 40), image.Picture(30, 40, small=np.zeros((40, 30, 3), np.uint8)))
    blind.session.show(run)
    assert [shown is None for shown in blind.stage.headline._pictures] == [True, False]
    assert not blind.stage.headline.grab().isNull()

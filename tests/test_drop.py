"""What is dragged onto the window, wherever in it: what can be opened is, and what cannot is said."""

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from app.keep import presets
from app.keep.export import Order, export
from engine.values.files import dialogue
from engine.values.presets import Preset
from engine.values.turns import Conversation
from engine.values.words.reply import Reply
from samples import recording


def drag(over, target, *paths):
    """Whether a drop there is taken; the sentence that is shown meanwhile."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    rest = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter, drop = QDragEnterEvent(over.rect().center(), *rest), QDropEvent(QPointF(over.rect().center()), *rest)
    assert target.eventFilter(over, enter)  # asked directly: Qt's own way wants a drag that is under way
    assert target.isVisible()
    told = target._sentence
    target.event(drop)
    assert not target.isVisible()
    return told


def drop(window, loop, path):
    """The sentence that is shown while a file is dragged; then it is dropped, and what comes of it is over."""
    told = drag(window, window.drop.target, path)
    loop.run_until_complete(window.tasks.drain())
    return told


def test_a_recording_is_opened_wherever_it_is_dropped(window, loop, tmp_path):
    target = window.drop.target
    for at, over in enumerate((window, window.prompt._editor.viewport(), window.strip._find)):
        run = recording(steps=3 + at, cells=256)
        run.save(tmp_path / "fox.unnoise")
        before = window.prompt.text()
        assert drag(over, target, tmp_path / "fox.unnoise") == "Drop to open the run fox.unnoise"
        assert window.prompt.text() == before
        loop.run_until_complete(window.tasks.drain())
        assert len(window.session.recording.frames) == 3 + at
    assert window.prefs.recents == [str(tmp_path / "fox.unnoise")]


def test_a_preset_is_taken_up(window, loop, tmp_path):
    presets.write(tmp_path / "hot.json", Preset("hot", {"t_max": 1.5}))
    drop(window, loop, tmp_path / "hot.json")
    assert window.knobs.settings().t_max == 1.5


@pytest.mark.parametrize("name", ["talk.md", "talk.json"])
def test_a_conversation_is_opened(window, loop, tmp_path, name):
    dialogue.save(Conversation().answered("who", Reply("a fox", "", False)), tmp_path / name)
    assert "the conversation" in drop(window, loop, tmp_path / name)
    assert window.prompt.text() == "who" and window.session.recording.text() == "a fox"


def test_what_is_no_conversation_is_said(window, loop, tmp_path):
    for name, text in (("readme.md", "# Hello"), ("data.json", "{}")):
        (tmp_path / name).write_text(text)
        drop(window, loop, tmp_path / name)
        assert f"{name} is no conversation that Unnoise has kept" in window.status._sentence.text()


def test_a_model_folder_is_looked_at_in_the_picker(window, loop, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    drag(window, window.drop.target, tmp_path)
    assert window.models.picker.isVisible() and window.models.picker.chosen().key == str(tmp_path)
    loop.run_until_complete(window.tasks.drain())
    assert window.models.picker.chosen().short == "No model in it"
    window.models.picker.reject()


def test_what_cannot_be_opened_is_said_and_not_taken(window, loop, tmp_path):
    (tmp_path / "cat.gif").write_bytes(b"")
    Image.new("RGB", (9, 9)).save(tmp_path / "cat.png")
    (tmp_path / "empty").mkdir()
    target = window.drop.target
    (tmp_path / "cat.txt").write_bytes(b"")
    assert "cat.gif is a picture of a kind that is not read" in drag(window, target, tmp_path / "cat.gif")
    assert "cat.txt is nothing that can be opened" in drag(window, target, tmp_path / "cat.txt")
    assert "holds no model" in drag(window, target, tmp_path / "empty")
    assert "One at a time" in drag(window, target, tmp_path / "a.unnoise", tmp_path / "b.unnoise")
    loop.run_until_complete(window.tasks.drain())
    assert window.session.recording is None and window.models.picker is None
    drag(window, target, tmp_path / "cat.png")
    loop.run_until_complete(window.tasks.drain())
    assert "cat.png carries no run" in window.status._sentence.text() and window.session.recording is None


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.html"])
def test_a_picture_that_replays_opens_the_run_where_it_is_dropped(window, loop, tmp_path, name):
    run = recording(steps=3, cells=256)
    loop.run_until_complete(export(run, tmp_path / name, Order(size=(300, 200), motion=False)))
    assert drag(window, window.drop.target, tmp_path / name) == f"Drop to open the run {name}"
    loop.run_until_complete(window.tasks.drain())
    assert window.session.recording.id == run.id and window.prompt.text() == run.prompt

"""A recording survives the disk unchanged, and says what is wrong with what is none."""

import dataclasses
import zipfile

import numpy as np
import pytest

from engine.values.frame import Frame
from engine.values.recording import Recording, RecordingError
from engine.values.settings import Settings
from samples import LEXICON, WORDS, frame, recording


def same(a, b):
    return all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(Frame))


def test_round_trip_keeps_every_value(tmp_path):
    original = recording(steps=4, canvases=2)
    edited = dataclasses.replace(Settings(), t_max=1.25, entropy_bound=0.7)
    original.append(frame(2, 0, settings=edited))
    original.append(frame(2, 1))
    original.outcome = "stopped"
    original.save(tmp_path / "run.unnoise")
    loaded = Recording.load(tmp_path / "run.unnoise")
    assert len(loaded.frames) == len(original.frames)
    assert all(same(a, b) for a, b in zip(loaded.frames, original.frames, strict=True))
    for name in ("prompt", "settings", "model", "device", "outcome"):
        assert getattr(loaded, name) == getattr(original, name)
    assert loaded.edits() == original.edits() == [(8, edited), (9, Settings())]
    assert loaded.text() == original.text()
    assert not list(tmp_path.glob("*.partial"))


def test_an_empty_recording_round_trips(tmp_path):
    Recording("hm", Settings(), "m", "cpu", LEXICON).save(tmp_path / "empty")
    loaded = Recording.load(tmp_path / "empty")
    assert loaded.frames == [] and loaded.text() == "" and loaded.boundaries() == []


def test_text_is_the_last_guess_of_every_canvas_up_to_its_end():
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    run.append(frame(0, 0, cells=3, guess=np.array([2, 3, 4], np.int32), stop="steps"))
    run.append(frame(1, 0, cells=3, guess=np.array([7, 1, 8], np.int32)))
    assert run.text() == "Once upon a fox"
    assert run.text_tokens() == 4
    assert [list(ids) for ids in run.finished(1)] == [[2, 3, 4]]
    assert run.previous(1) is None


def test_ask_replays_the_knobs_step_by_step():
    run = recording(steps=2)
    hot = dataclasses.replace(Settings(), t_max=2.0)
    run.append(frame(0, 2, settings=hot))
    ask = run.ask()
    assert ask(0, 0) == Settings() and ask(0, 2) == hot and ask(0, 3) is None


@pytest.mark.parametrize(
    "damage", ["missing", "empty", "text", "truncated", "flipped", "header", "folder", "pickle"]
)
def test_bad_files_are_one_sentence(tmp_path, damage):
    path = tmp_path / "bad.unnoise"
    recording(steps=3).save(path)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("hello")
    elif damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped":
        broken = bytearray(whole)
        broken[300:340] = bytes(40)
        path.write_bytes(bytes(broken))
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("header.json", '{"format": "unnoise recording 1"}')
            if damage == "pickle":
                archive.writestr("ids.npy", b"\x93NUMPY\x01\x00")
    with pytest.raises(RecordingError) as caught:
        Recording.load(path)
    assert str(path) in str(caught.value) and str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_saving_where_nothing_can_be_written_keeps_the_old_file(tmp_path):
    with pytest.raises(RecordingError, match="not saved"):
        recording().save(tmp_path / "no" / "folder.unnoise")


def test_only_the_used_pieces_travel(tmp_path):
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    only = np.full(4, 7, np.int32)
    run.append(frame(cells=4, ids=only, guess=only, top_ids=np.full((4, 8), 7, np.int32)))
    run.save(tmp_path / "run")
    pieces = Recording.load(tmp_path / "run").lexicon.pieces
    assert set(pieces) == {0, 1, 7} and pieces[7] == WORDS[7].encode()


def test_a_link_stays_one_and_what_it_leads_to_is_written(tmp_path):
    target, link = tmp_path / "run.unnoise", tmp_path / "link.unnoise"
    recording(steps=2).save(target)
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("links are not for everybody here")
    run = recording(steps=3)
    run.save(link)
    assert link.is_symlink() and len(Recording.load(target).frames) == 3 and not list(tmp_path.glob("*.partial"))

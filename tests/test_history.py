"""Every run is kept: whatever ends the program, whatever lies in the folder, and within the room that there is."""

import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from app.keep.history import BIN, History
from engine.values.files.entry import SIDE, Entry, board
from engine.values.picture import Picture
from engine.values.recording import Recording, RecordingError
from engine.values.turns import NOTHING
from engine.values.words.reply import Reply
from samples import frame, recording


@pytest.fixture
def history(tmp_path):
    return History(1000, tmp_path / "runs")


def ids(history):
    return [entry.id for entry in history.read()]


def test_what_is_put_is_found_again_the_newest_first(history):
    runs = [recording(steps=3, cells=256) for _ in range(3)]
    put = [history.put(run, at=float(at)) for at, run in enumerate(runs)]
    found = History(1000, history._place).read()
    assert found == put[::-1]
    again = history.load(runs[1].id)
    assert again.prompt == runs[1].prompt and again.settings == runs[1].settings and len(again.frames) == 3


def test_a_run_that_grows_is_one_entry_and_keeps_its_name(history):
    run = recording(steps=2, cells=256)
    run.outcome = ""
    entry = history.put(run, over=False)
    history.note(replace(entry, name="mine", kept=True))
    run.append(frame(0, 2, cells=256))
    run.outcome = "finished"
    history.put(run)
    (entry,) = history.read()
    assert (entry.name, entry.kept, entry.open, entry.frames) == ("mine", True, False, 3)


def test_a_run_that_was_cut_off_was_stopped_there(history):
    run = recording(steps=2, cells=256)
    run.outcome = ""
    history.put(run, over=False)
    assert history.read()[0].open and history.load(run.id).outcome == "stopped" and run.outcome == ""


LOOP = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from app.keep.history import History
from samples import recording
history = History(1000, Path({place!r}))
while True:
    print(history.put(recording(steps=12, cells=256)).id, flush=True)
"""


def test_nothing_is_lost_when_the_program_is_killed_in_the_middle_of_a_save(history):
    root = Path(__file__).parent
    code = LOOP.format(paths=[str(root.parent), str(root)], place=str(history._place))
    for count in (1, 3, 4):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
            told = [child.stdout.readline().strip() for _ in range(count)]
            child.kill()
            told += child.stdout.read().split()
        found = History(1000, history._place).read()
        assert set(told) <= {entry.id for entry in found}
        assert all(len(history.load(entry.id).frames) == 12 for entry in found)


@pytest.mark.parametrize("damage", [b"", b"{}", b"[" * 10**5, b'{"id": 3}', b"\xff" * 50])
def test_what_is_known_of_a_run_is_found_out_again_where_it_is_damaged(history, damage):
    entry = history.put(recording(steps=2, cells=256), at=5.0)
    (history._place / f"{entry.id}.json").write_bytes(damage)
    (found,) = history.read()
    assert replace(found, at=5.0) == entry


def test_damaged_recordings_are_left_alone_and_the_others_found(history):
    entry = history.put(recording(steps=2, cells=256))
    (history._place / "bad.unnoise").write_bytes(b"no zip")
    (history._place / "other.unnoise").write_bytes((history._place / f"{entry.id}.unnoise").read_bytes())
    assert ids(history) == [entry.id] and (history._place / "bad.unnoise").exists()


@pytest.mark.parametrize("name", ["a mouse, a ring", "mouse-ring-s7", "..x"])
def test_a_file_that_people_put_there_under_another_name_costs_nothing(history, name):
    entry = history.put(recording(steps=2, cells=256))
    theirs = history._place / f"{name}.unnoise"
    recording(steps=2, cells=256).save(theirs)
    history.room = 0
    assert history.read() == [entry] and history.trim() == [entry.id] and theirs.exists()


def test_the_room_is_kept_by_deleting_the_oldest_but_none_with_a_star(history):
    entries = [history.put(recording(steps=2, cells=256), at=float(at)) for at in range(6)]
    history.note(replace(entries[0], kept=True))
    size = entries[0].size
    history.room = 3.5 * size / 1e6
    gone = history.trim(entries[-1].id)
    assert gone == [entry.id for entry in entries[1:4]]
    assert ids(history) == [entries[at].id for at in (5, 4, 0)]
    assert sum(path.stat().st_size for path in history._place.glob("*.unnoise")) <= 3.5 * size
    history.room = 0
    assert history.trim(entries[-1].id) == [
        entries[4].id
    ]  # the newest and those with a star stay whatever the room is
    assert ids(history) == [entries[5].id, entries[0].id]


def test_what_is_deleted_can_be_taken_back_until_the_next_start(history):
    one, two = (history.put(recording(steps=2, cells=256)) for _ in range(2))
    history.note(replace(one, name="mine"))
    for entry in (one, two):
        history.delete(entry.id)
    assert not list(history._place.glob("*.unnoise"))
    history.restore(one.id)
    assert [entry.name for entry in history.read()] == ["mine"]
    assert not list((history._place / BIN).glob("*"))
    with pytest.raises(RecordingError):
        history.restore(two.id)


def test_the_bin_gives_way_before_any_run_does(history):
    one, two = (history.put(recording(steps=2, cells=256)) for _ in range(2))
    history.delete(one.id)
    history.room = 1.5 * one.size / 1e6
    assert history.trim() == [] and ids(history) == [two.id]


def test_a_name_from_a_stranger_leads_nowhere_else(history):
    run = replace(recording(steps=2, cells=256), id="../../evil")
    with pytest.raises(RecordingError):
        history.put(run)
    with pytest.raises(RecordingError):
        history.load("..\\evil")
    file = BytesIO()
    run.write(file)
    again = Recording.read(file, "run")  # and what a file brings along gets a name of its own
    assert again.id != run.id and history.put(again).id == again.id


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match=r"^The run is not kept .*\(.+\).* Ctrl\+S\.$"):
        History(10, tmp_path / "file" / "runs").put(recording(steps=2, cells=256))
    assert History(10, tmp_path / "file" / "runs").read() == []


def test_an_entry_says_what_it_is_of():
    run = recording(steps=4, cells=256)
    branch = replace(run.branch(2), outcome="stopped")
    entry = Entry.of(branch, 3.0)
    assert (entry.turn, entry.pictures) == (1, 0)
    later = replace(run, before=NOTHING.answered("a", Reply("b", "", False)), pictures=(Picture(2, 3),))
    assert (Entry.of(later, 1.0).turn, Entry.of(later, 1.0).pictures) == (2, 1)
    assert (entry.parent, entry.frames, entry.seed) == (run.id, 2, run.settings.seed)
    assert Entry.from_dict(entry.to_dict()) == entry
    assert entry.fits("FOX a") and entry.fits(entry.id[:5]) and not entry.fits("fox zebra")


@pytest.mark.parametrize(
    "change", [{"at": 1e300}, {"at": "x"}, {"board": "AAAA"}, {"kept": 1}, {"name": "x" * 10**4}, {"seconds": None}]
)
def test_an_entry_of_a_stranger_is_checked(change):
    told = Entry.of(recording(steps=2, cells=256), 1.0).to_dict() | change
    with pytest.raises((ValueError, TypeError)):
        Entry.from_dict(told)


def test_the_board_shows_how_unsure_every_cell_was():
    run = Recording("p", recording().settings, "m", "cpu", recording().lexicon)
    for step, nats in enumerate((5.0, 0.0)):
        entropy = np.full(256, nats, np.float32)
        entropy[0] = np.nan
        run.append(frame(0, step, cells=256, entropy=entropy))
    found = np.frombuffer(board(run), np.uint8)
    assert len(found) == SIDE * SIDE and found[0] == 0 and set(found[1:]) == {128}
    assert len(board(replace(run, frames=[]))) == SIDE * SIDE

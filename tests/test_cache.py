"""Packed models on disk: a file is read whole, from the same origin and undamaged, or not at all."""

import shutil

import pytest
import torch

from engine.model.computer import machine
from engine.model.experts import cache
from engine.model.experts.cache import Store
from engine.model.folder.checkpoint import LoadError

TENSORS = {
    "a.packed": torch.arange(64, dtype=torch.uint8).view(4, 16),
    "a.scale": torch.randn(4, 2).bfloat16(),
    "b": torch.tensor(0.5),
}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setattr(machine, "packed", lambda: tmp_path / "int4")
    store = Store("someone/a model: 26B")
    store.open(["one", "two"], 0)
    store.write("one", "origin", TENSORS)
    return store


def test_what_is_written_is_read(store):
    read = store.read("one", "origin")
    assert read.keys() == TENSORS.keys()
    assert all(read[key].dtype == TENSORS[key].dtype and torch.equal(read[key], TENSORS[key]) for key in read)


def test_what_is_not_there_or_of_another_origin_is_not_read(store):
    assert store.read("two", "origin") is None and store.read("one", "another") is None


def test_every_damage_is_noticed(store):
    file = store.folder / "one"
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        assert store.read("one", "origin") is None, length
    for at in range(0, len(whole), 3):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        read = store.read("one", "origin")
        # A space in the header may become something that means the same.
        assert read is None or all(map(torch.equal, read.values(), TENSORS.values())), at


def test_opening_clears_away_what_is_half_or_not_wanted(store):
    for name in ("one.half", "three"):
        (store.folder / name).write_bytes(b"x")
    store.open(["one", "two"], 0)
    assert [file.name for file in store.folder.iterdir()] == ["one"]


def test_models_do_not_share_a_folder():
    folders = {Store(name).folder for name in ("/a/model", "/b/model", "a/model", "a/model bfloat16", "..")}
    assert len(folders) == 5 and all(folder.parent == machine.packed() for folder in folders)


def test_too_little_room_is_told_before_any_work(store, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10**12, 0, 5 * 10**9))
    with pytest.raises(LoadError, match=r"needs 19.0 GB more .* has 5.0 GB: make room"):
        store.open(["one"], 19 * 10**9)
    held = (store.folder / "one").stat().st_size
    store.open(["one"], 5 * 10**9 + held)  # what is there already needs no more room


def test_a_write_that_fails_leaves_nothing_and_says_so(store, monkeypatch):
    def full(tensors, file, metadata):
        file.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "save_file", full)
    with pytest.raises(LoadError, match=r"\(No space left on device\): make room"):
        store.write("two", "origin", TENSORS)
    assert [file.name for file in store.folder.iterdir()] == ["one"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(machine, "packed", lambda: tmp_path / "file")
    with pytest.raises(LoadError, match="cannot be stored in"):
        Store("m").open(["one"], 0)

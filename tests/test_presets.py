"""A preset is a name and some knobs; a file of one is what a stranger wrote."""

import json
import os

import pytest

from app.keep.presets import PresetError, read, write
from engine.values.presets import LONGEST, Preset, named, taken
from engine.values.settings import Settings, knobs


def test_what_is_taken_is_what_is_set_and_nothing_of_where_it_runs():
    settings = Settings(steps=9, t_max=1.5, sampler="confidence", seed=4, device="cpu", canvases=3)
    preset = taken(" mine ", settings)
    assert preset.name == "mine" and preset.fits(settings)
    assert preset.of(Settings(seed=8)) == Settings(steps=9, t_max=1.5, sampler="confidence", seed=8)
    assert named() < knobs().keys() and not named() & {"seed", "device", "precision", "canvases", "top_k"}


@pytest.mark.parametrize(
    ("name", "values"),
    [("", {"steps": 8}), ("x" * (LONGEST + 1), {"steps": 8}), ("a", {}), ("a", {"seed": 3}), ("a", {"steps": 0}),
     ("a", {"steps": "8"}), ("a", {"steps": None}), (7, {"steps": 8}), ("a", [8]), ("a", {"t_max": float("nan")})],
)  # fmt: skip
def test_what_is_no_preset_is_a_sentence(name, values):
    with pytest.raises(ValueError, match=r"^[A-Zst].*\.$"):
        Preset(name, values)


def test_knobs_of_another_version_are_left_alone():
    assert Preset("a", {"steps": 8, "flux": 3}).of(Settings()) == Settings(steps=8)


def test_a_file_comes_back_as_it_went(tmp_path):
    preset = taken("mine", Settings(steps=9))
    write(tmp_path / "a.json", preset)
    assert read(tmp_path / "a.json") == preset
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


GOOD = {"format": "unnoise preset 1", "name": "a", "knobs": {"steps": 8}}
BAD = [
    b"", b"{}", b"[]", b"\xff\xfe", b"[" * 50000, b"x" * 100_000, *(json.dumps(bad).encode() for bad in (
        GOOD | {"format": 7}, GOOD | {"name": None}, GOOD | {"knobs": []}, GOOD | {"knobs": {"steps": 10**9}},
        GOOD | {"knobs": {"steps": {"a": 1}}}, GOOD | {"name": "x" * 9999}, {"format": "unnoise preset 1"},
    )),
]  # fmt: skip


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_any_other_file_is_one_sentence(tmp_path, data):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(PresetError) as caught:
        read(tmp_path / "a.json")
    assert len(str(caught.value)) < 200 and str(caught.value).endswith((".", ")."))


def test_a_file_that_is_not_there_or_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(PresetError, match="cannot be read"):
        read(tmp_path / "none.json")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")  # is not waited for
        with pytest.raises(PresetError, match="not a preset"):
            read(tmp_path / "pipe.json")
    with pytest.raises(PresetError, match="not written"):
        write(tmp_path / "no" / "a.json", taken("a", Settings()))

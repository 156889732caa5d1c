"""Preferences survive a restart; damage means defaults, never a crash."""

import pytest

from app.keep.prefs import Prefs, folder


def test_round_trip():
    prefs = Prefs(settings={"steps": 12}, prompt="a fox", theme="light", speed=5.0, live=False)
    prefs.set_geometry(b"\x00\x01geometry")
    prefs.save()
    assert Prefs.load() == prefs
    assert Prefs.load().geometry_bytes() == b"\x00\x01geometry"


@pytest.mark.parametrize("content", ["", "[]", "null", "{", '{"theme": 3, "settings": []}', "\x00\xff"])
def test_damage_means_defaults(content):
    folder().mkdir(parents=True)
    (folder() / "preferences.json").write_text(content, "latin-1")
    loaded = Prefs.load()
    assert loaded.theme == "system" and loaded.settings == {}


def test_absurd_settings_fall_back_one_by_one():
    Prefs(settings={"steps": 10**9, "seed": 3, "gone": 1}).save()
    assert Prefs.load().settings == {"seed": 3}


def test_a_folder_that_cannot_be_written_is_no_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    Prefs().save()
    assert Prefs.load() == Prefs()


def test_bad_geometry_is_no_geometry():
    assert Prefs(geometry="*not base64*").geometry_bytes() == b""

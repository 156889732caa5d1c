"""Pictures from the command line: to a model here, to a server, and what a recording says of them."""

from __future__ import annotations

import json
import zipfile
from base64 import b64decode
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

import tiny
from engine.__main__ import main
from engine.model import gemma
from engine.steps.context import Memory
from engine.steps.denoise import denoise
from engine.values.files import dialogue, image
from engine.values.picture import MOST, Picture
from engine.values.question import Question
from engine.values.recording import Recording, RecordingError
from engine.values.settings import Settings
from engine.values.turns import NOTHING
from engine.values.words.reply import Reply
from person import piped, refused, typed
from played import STORY
from samples import recording


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return str(tiny.checkpoint(tmp_path_factory.mktemp("seeing"), eyes=True, sharpness=0.5))


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch):
    monkeypatch.setattr(gemma, "load", load)


@cache
def load(source, *_, **__):
    """Loading is tested elsewhere: here every command gets the model that is there."""
    return LOAD(source, "cpu")


LOAD = gemma.load


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two pictures that a stranger might have, one of them larger than its small copy."""
    where, dice = tmp_path_factory.mktemp("files"), np.random.default_rng(0)
    for name, sides in (("fox.png", (60, 90)), ("moon.jpg", (300, 200))):
        Image.fromarray(dice.integers(0, 256, (*sides, 3), np.uint8)).save(where / name)
    return [str(where / "fox.png"), str(where / "moon.jpg")]


def told(capsys, *arguments):
    """The JSON line of a command."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_picture_is_looked_at_and_told(capsys, folder, files, tmp_path):
    asked = ["run", "What is it?", "--model", folder, "--steps", "4"]
    blind, fox = told(capsys, *asked), told(capsys, *asked, "--image", files[0])
    both = told(capsys, *asked, "--image", files[0], "--image", files[1])
    assert [found["pictures"] for found in (blind, fox, both)] == [[], [[90, 60]], [[90, 60], [200, 300]]]
    assert len({found["text"] for found in (blind, fox, both)}) == 3
    assert told(capsys, *asked, "--image", files[0])["text"] == fox["text"]


def test_a_recording_says_that_there_was_a_picture_and_shows_it_only_if_asked_to(capsys, folder, files, tmp_path):
    asked = ["run", "What is it?", "--model", folder, "--steps", "3", "--image", files[1], "--record"]
    plain, shown = tmp_path / "plain.unnoise", tmp_path / "shown.unnoise"
    assert main([*asked, str(plain)]) == main([*asked, str(shown), "--thumbnails"]) == 0
    without, with_ = Recording.load(plain), Recording.load(shown)
    for found in (without, with_):
        assert [(picture.width, picture.height, picture.pixels) for picture in found.pictures] == [(200, 300, None)]
    assert without.pictures[0].small is None and with_.pictures[0].small.shape == (160, 107, 3)
    again = tmp_path / "again.unnoise"
    with_.save(again)
    assert Recording.load(again).pictures[0].small.shape == (160, 107, 3)
    with zipfile.ZipFile(plain) as archive:
        assert json.loads(archive.read("header.json"))["pictures"] == [[200, 300, None]]


def test_a_run_with_a_picture_goes_on_with_the_same_picture_only(capsys, folder, files, tmp_path):
    file = str(tmp_path / "run.unnoise")
    asked = ["--model", folder, "--steps", "6", "--confidence", "0"]
    whole = told(capsys, "run", "What is it?", *asked, "--image", files[0], "--record", file)
    on = ["run", "--from", file, "--step", "3", "--model", folder]
    assert told(capsys, *on, "--image", files[0])["text"] == whole["text"]
    assert "had a picture" in refused(capsys, *on)
    assert main([*on, "--image", files[1]]) == 1 and "come out differently" in capsys.readouterr().err
    recording(steps=3).save(tmp_path / "blind.unnoise")
    none = ["run", "--from", str(tmp_path / "blind.unnoise"), "--image", files[0], "--model", folder]
    assert "had no pictures" in refused(capsys, *none)


def test_the_best_of_some_and_both_lanes_of_a_race_look_at_it(capsys, folder, files, tmp_path):
    asked = ["--model", folder, "--steps", "3", "--image", files[0]]
    file = tmp_path / "best.unnoise"
    best = told(capsys, "run", "What?", *asked, "--best", "2", "--record", str(file), "--thumbnails")
    assert best["pictures"] == [[90, 60]] and len(best["best_of"]) == 2
    assert Recording.load(file).pictures[0].small is not None
    race = ["race", "What?", *asked[:4], "--ar-temperature", "2"]
    with_, without = (told(capsys, *race, *more) for more in (asked[4:], []))
    texts = [[lane["text"] for lane in found["lanes"]] for found in (with_, without)]
    assert all(one != other for one, other in zip(*texts, strict=True))


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--image", "/no/such.png"], "no picture at"),
        (["--image", "BAD"], "no PNG, JPEG or WebP"),
        (["--image", "FOX"] * (MOST + 1), f"at most {MOST} pictures"),
    ],
)
def test_pictures_that_cannot_be_are_one_line_before_a_model_is_loaded(capsys, files, tmp_path, arguments, part):
    (tmp_path / "bad.png").write_text("no picture")
    names = {"BAD": str(tmp_path / "bad.png"), "FOX": files[0]}
    given = [names.get(word, word) for word in arguments]
    for command in ("run", "race", "sweep"):
        assert part in refused(capsys, command, "p", "--model", "/nowhere", *given)


def test_a_model_without_eyes_is_one_line_before_anything_runs(capsys, files):
    line = refused(capsys, "run", "p", "--image", files[0])
    assert "seedling reads no pictures" in line and "choose a model that does" in line


def test_a_server_is_sent_every_pixel_in_the_form_that_it_takes(capsys, stub, files):
    found = told(
        capsys, "run", "What is it?", "--server", stub.address, *(w for f in files for w in ("--image", f))
    )
    (message,) = stub.asked[0]["messages"]
    assert [part["type"] for part in message["content"]] == ["image_url", "image_url", "text"]
    assert message["content"][-1]["text"] == "What is it?" and found["text"]
    for file, part in zip(files, message["content"], strict=False):
        head, data = part["image_url"]["url"].split(",")
        assert head == "data:image/png;base64"
        assert np.array_equal(image.decode(b64decode(data), "it").pixels, image.read(file).pixels)


def test_a_server_without_eyes_says_so_itself(capsys, stub, files):
    stub.status, stub.body = 400, b'{"error": {"message": "At most 0 image(s) may be provided"}}'
    assert main(["run", "p", "--server", stub.address, "--image", files[0]]) == 1
    assert "At most 0 image(s)" in capsys.readouterr().err


def test_what_a_server_wrote_of_a_picture_is_recorded(capsys, stub, files, tmp_path):
    stub.story, file = STORY, str(tmp_path / "sent.unnoise")
    assert main(["run", "p", "--server", stub.address, "--image", files[0], "--record", file, "--thumbnails"]) == 0
    assert Recording.load(file).pictures[0].small.shape == (60, 90, 3)


def test_a_conversation_has_pictures_of_its_own_in_every_turn(capsys, monkeypatch, folder, files, tmp_path):
    save = f"/save {tmp_path / 'talk.md'}"
    lines = (
        f"/image {files[0]}",
        "What is it?",
        "And now?",
        "/image no.png",
        f"/image {files[1]}",
        "And this?",
        save,
    )
    typed(monkeypatch, *lines, "/quit")
    assert main(["chat", "--model", folder, "--json", "--steps", "3"]) == 0
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in out.splitlines()]
    assert [turn["pictures"] for turn in told] == [[[90, 60]], [], [[200, 300]]]
    assert "The next question has 1 picture." in err and "no picture at no.png" in err
    tokens, read = zip(*((turn["context"]["tokens"], turn["context"]["read"]) for turn in told), strict=True)
    assert read[0] == tokens[0] and read[1] < 60 < read[2] == tokens[2] - tokens[1], "a picture is read once"
    kept = dialogue.load(tmp_path / "talk.md")
    assert [(shown.width, shown.height) for shown in kept.pictures] == [(90, 60), (200, 300)]


def test_what_a_turn_reads_behind_a_picture_is_what_a_whole_reading_gives(folder, files):
    model, knobs = gemma.load(folder, "cpu"), Settings(steps=4, confidence=0.0)
    shown, memory = image.read(files[0]), Memory()
    before = NOTHING.answered("What is it?", Reply("A fox.", "", False), "", [shown])
    first = model.prompt(Question("What is it?", (shown,)), knobs)
    for ids in (first, model.prompt(Question("And now?", before=before), knobs)):
        known = memory.known(ids)
        seen = [frame.guess for frame in denoise(memory.of(model, ids), ids, lambda canvas, step: knobs)]
        whole = [frame.guess for frame in denoise(model, ids, lambda canvas, step: knobs)]
        assert np.array_equal(seen, whole)
    assert known > 60


def test_a_server_is_told_a_conversation_with_its_pictures(capsys, monkeypatch, stub, files):
    piped(monkeypatch, "What is it?", "And now?")
    assert main(["chat", "--server", stub.address, "--image", files[0]]) == 0
    first, second = (asked["messages"] for asked in stub.asked)
    assert [part["type"] for part in first[0]["content"]] == ["image_url", "text"]
    assert second[0] == first[0] and second[1]["role"] == "assistant" and second[2]["content"] == "And now?"


def test_a_conversation_with_a_model_without_eyes_says_so(capsys, monkeypatch, files):
    typed(monkeypatch, f"/image {files[0]}", "/quit")
    assert main(["chat"]) == 0 and "seedling reads no pictures" in capsys.readouterr().err
    piped(monkeypatch, "What is it?")
    assert "seedling reads no pictures" in refused(capsys, "chat", "--image", files[0])


def header(file, change):
    """A recording with another list of pictures, as a stranger may write it."""
    parts = {}
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(parts["header.json"])
    told["pictures"] = change
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (parts | {"header.json": json.dumps(told).encode()}).items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    "pictures",
    [
        None, {}, [1], [[1, 2]], [[0, 5, None]], [[5, 5, "!"]], [[5, 5, "aGVsbG8="]], [[5.5, 5, None]],
        [["5", 5, None]],
        [[5, 5, 7]], [[5, 2**40, None]], [[5, 5, None]] * 5000, [[5, 5, "A" * 10**6]],
    ],
)  # fmt: skip
def test_strange_pictures_in_a_recording_are_refused(tmp_path, pictures):
    file = tmp_path / "strange.unnoise"
    recording(steps=2).save(file)
    header(file, [[5, 5, None]])
    assert Recording.load(file).pictures[0].width == 5
    header(file, pictures)
    with pytest.raises(RecordingError, match="is not an Unnoise recording"):
        Recording.load(file)


def test_a_small_copy_in_a_recording_is_bounded(tmp_path):
    run, file = recording(steps=2), tmp_path / "large.unnoise"
    run.pictures, run.thumbnails = (Picture(400, 400, small=np.zeros((400, 400, 3), np.uint8)),), True
    run.save(file)
    with pytest.raises(RecordingError):
        Recording.load(file)

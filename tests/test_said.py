"""What was said before a prompt, by flags: every command takes it, and says what of it the model is not told."""

import json

import pytest
import torch
from PIL import Image

import tiny
from app import start
from app.__main__ import main
from engine.values.files import dialogue
from engine.values.turns import NOTHING
from engine.values.words.reply import Reply
from samples import recording

FAST = ("--steps", "2")
TALK = NOTHING.answered("a fox", Reply("it ran", "", False)).answered("and", Reply("it sat", "", False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return str(tiny.checkpoint(tmp_path_factory.mktemp("model")))


@pytest.fixture
def talk(tmp_path):
    dialogue.save(TALK, tmp_path / "talk.md")
    return str(tmp_path / "talk.md")


def done(capsys, folder, *arguments, code=0):
    assert main([*arguments, "--model", folder, *FAST]) == code
    return capsys.readouterr()


def test_a_run_goes_on_from_a_file_and_becomes_one(folder, talk, tmp_path, capsys):
    done(capsys, folder, "run", "so", "--after", talk, "--system", "be kind", "--record", str(tmp_path / "a.json"))
    first = dialogue.load(tmp_path / "a.json")
    assert first.before(2).same(TALK) and first.system == "be kind" and first.exchanges == 3
    run = str(tmp_path / "b.unnoise")
    done(capsys, folder, "run", "well", "--after", str(tmp_path / "a.json"), "--record", run)
    done(capsys, folder, "run", "end", "--after", run, "--record", str(tmp_path / "c.md"))
    assert [turn.text for turn in dialogue.load(tmp_path / "c.md").turns[::2]] == [
        "a fox",
        "and",
        "so",
        "well",
        "end",
    ]


def test_other_texts_come_of_what_was_said(folder, talk, capsys):
    for command in (["race", "so", "--ar-tokens", "4"], ["fill", "so [4]"]):
        first, more = [*command, "--json"], ["--after", talk]
        alone, after = (json.loads(done(capsys, folder, *first, *how).out) for how in ([], more))
        (one, *_), (other, *_) = (told.get("lanes", told.get("draws")) for told in (alone, after))
        assert one["text"] != other["text"], command


def test_what_has_no_room_is_said_and_left_out_if_that_is_wished(folder, tmp_path, capsys):
    long = NOTHING
    for at in range(9):
        long = long.answered(f"question {at}", Reply("word " * 10, "", False))
    dialogue.save(long, tmp_path / "long.json")
    asked = ["run", "why", "--after", str(tmp_path / "long.json")]
    refused = done(capsys, folder, *asked, code=2)
    assert "--forget goes on without the oldest" in refused.err and not refused.out
    assert "turns are left out" in done(capsys, folder, *asked, "--forget").err


def test_pictures_that_a_file_does_not_hold_are_said(folder, tmp_path, capsys):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    eyes = str(tiny.checkpoint(tmp_path / "eyes", eyes=True))
    record = ["--record", str(tmp_path / "a.md")]
    done(capsys, eyes, "run", "what", "--image", str(tmp_path / "a.png"), *record)
    told = done(capsys, eyes, "run", "and", "--after", str(tmp_path / "a.md"), "--record", str(tmp_path / "b.json"))
    assert "does not hold a picture" in told.err and dialogue.load(tmp_path / "b.json").exchanges == 2


def test_what_cannot_be_gone_on_from_is_one_sentence(folder, talk, tmp_path, capsys):
    cut = recording(steps=3)
    cut.outcome = "stopped"
    cut.save(tmp_path / "cut.unnoise")
    assert "check the path" in done(capsys, folder, "run", "a", "--after", str(tmp_path / "no.md"), code=2).err
    assert "check the path" in done(capsys, folder, "race", "a", "--after", str(tmp_path / "no.webp"), code=2).err
    told = done(capsys, folder, "chat", "--keep", talk, "--after", talk, code=2).err
    assert "holds a conversation already" in told
    assert "leave --after" in done(capsys, folder, "run", "--from", talk, "--after", talk, code=2).err
    assert (
        "was not finished" in done(capsys, folder, "run", "a", "--after", str(tmp_path / "cut.unnoise"), code=2).err
    )


def test_the_window_takes_what_a_run_takes(talk, tmp_path, capsys):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    told = ["--image", str(tmp_path / "a.png"), "--after", talk, "--system", "be kind", "--thumbnails"]
    options = start.parser().parse_args([*told, "--prompt", "so", "--server", "http://here"])
    assert (options.after, options.system, options.thumbnails, options.server) == (
        talk,
        "be kind",
        True,
        "http://here",
    )
    for bad in (["--image", "no.png"], ["--after", "no.md"], ["--server", "a", "--model", "b"]):
        assert main(bad) == 2 and capsys.readouterr().err.count("\n") == 1

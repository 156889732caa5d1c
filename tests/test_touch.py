"""`unnoise run --from`: going on from a recording, in the terminal."""

from dataclasses import replace

import pytest

from engine.__main__ import main
from engine.values.edit import Edit
from engine.values.recording import Recording


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    path = tmp_path_factory.mktemp("touch") / "parent.unnoise"
    assert (
        main(["run", "Write a poem about the rain", "--steps", "5", "--confidence", "0", "--record", str(path)])
        == 0
    )
    return path


def test_a_run_goes_on_from_a_step_with_cells_that_are_held(parent, tmp_path, capsys):
    child = tmp_path / "child.unnoise"
    assert (
        main(
            [
                "run",
                "--from",
                str(parent),
                "--step",
                "2",
                "--pin",
                "4= moon",
                "--melt",
                "9-11,20",
                "--record",
                str(child),
            ]
        )
        == 0
    )
    old, new = Recording.load(parent), Recording.load(child)
    assert new.parent == (old.id, 2) and new.prompt == old.prompt and len(new.frames) == 5
    for one, other in zip(old.frames[:2], new.frames[:2], strict=True):
        assert (one.ids == other.ids).all() and not other.pinned.any()
    assert all(frame.pinned[4] and new.lexicon.piece(frame.ids[4]) == " moon" for frame in new.frames[2:])
    assert new.frames[2].edits[0].melt == (9, 10, 11, 20)
    assert "moon" in capsys.readouterr().out


def test_words_are_held_somewhere_and_at_a_place_before_a_run(tmp_path):
    path = tmp_path / "run.unnoise"
    hands = ["--near", "20-60=lantern", "--pin", "0=Once", "--record", str(path)]
    assert main(["run", "Write a story", "--steps", "3", "--confidence", "0", *hands]) == 0
    run = Recording.load(path)
    last = run.frames[-1].guess
    assert run.lexicon.piece(last[0]) == "Once" and " lantern" in run.lexicon.text(last[20:61])
    assert " lantern" in run.text()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--from", "{parent}", "--step", "5"], "from 0 to 4"),
        (["--from", "{parent}", "a prompt"], "one of both"),
        ([], "one of both"),
        (["a prompt", "--melt", "1"], "--from"),
        (["a prompt", "--pin", "1=x", "--best", "2"], "one run on this computer"),
        (["a prompt", "--near", "1=x", "--server", "http://localhost:1"], "one run on this computer"),
        (["a prompt", "--near", "lantern"], "0-80=lantern"),
        (["a prompt", "--near", "9-3=lantern"], "do not fit"),
        (["a prompt", "--near", "3-300=lantern"], "cell 300"),
        (["--from", "{parent}", "--melt", "3-x"], "3-9,12"),
        (["--from", "{parent}", "--melt", "300"], "cell 300"),
        (["--from", "{parent}", "--melt", ",".join(["0-9999"] * 2000)], "cell 9999"),
        (["--from", "{parent}", "--pin", "9" * 5000 + "=x"], "12=Nora"),
        (["--from", "{parent}", "--pin", "\u0663=x"], "12=Nora"),
        (["--from", "{parent}", "--pin", "moon"], "12=Nora"),
        (["--from", "nowhere.unnoise"], "no recording"),
        (["--from", "{parent}", "--seed", "8"], "--seed cannot change"),
        (["--from", "{parent}", "--server", "http://localhost:1"], "server"),
    ],
)
def test_what_cannot_be_gone_on_with_is_one_line(parent, flags, words, capsys):
    assert main(["run", *(flag.format(parent=parent) for flag in flags)]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_a_pin_in_another_alphabet_is_its_letters(parent, tmp_path):
    child = tmp_path / "child.unnoise"
    flags = ["--step", "4", "--pin", "3=caf\udce9", "--record", str(child)]
    assert main(["run", "--from", str(parent), *flags]) == 0
    assert "café" in Recording.load(child).text()


def test_hands_that_another_model_took_are_told(parent, tmp_path, capsys):
    theirs = Recording.load(parent)
    theirs.frames[1] = replace(theirs.frames[1], edits=(Edit(0, 1, pins=((3, 5_000_000),)),))
    theirs.save(tmp_path / "theirs.unnoise")
    assert main(["run", "--from", str(tmp_path / "theirs.unnoise"), "--step", "3"]) == 1
    error = capsys.readouterr().err
    assert "names token 5000000" in error and "unexpected" not in error and error.count("\n") == 1

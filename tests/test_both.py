"""Two runs side by side as a film and as a page: held together as in the window, from it and from a terminal."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from browser import PROGRAM, Browser
from PIL import Image
from PySide6.QtCore import QSize

from app import press
from app.keep.export import FORMATS, ExportError, Order, export_both
from app.keep.formats import pictures
from app.run.timeline import LINES
from engine.commands.console.flags import InputError
from engine.values.quality import Quality
from samples import frame, recording
from widgets.theme import DARK

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = 520, 320


def pair(long=5, short=3):
    """The second is slower, and has fewer steps."""
    runs = []
    for count, took in ((long, 0.1), (short, 0.3)):
        run = replace(recording(steps=0), prompt="a fox", outcome="finished")
        for step in range(count):
            stop = "stable" if step == count - 1 else ""
            run.append(frame(0, step, cells=24, seed=count + step, seconds=took * (step + 1), stop=stop))
        runs.append(run)
    return runs


def written(folder, name, lock="step", **options):
    path = folder / name
    asyncio.run(export_both(LINES[lock](pair()), path, Order(**{"size": SIZE, "motion": False} | options)))
    return path


@pytest.mark.parametrize("lock", LINES)
def test_a_film_shows_every_moment_of_both_for_as_long_as_it_takes(lock):
    line = LINES[lock](pair())
    taken = pictures.both(line, motion=False)
    assert [line.at(shot.index) for shot in taken][-1] == [4, 2]
    stays = sum(shot.stays for shot in taken[:-1]) / 1000
    begins = 0 if lock == "clock" else line.frames[0].seconds
    assert stays == pytest.approx(0.9 - begins, abs=0.06) and taken[-1].stays == pictures.HOLD_MS
    moved = pictures.both(line)
    assert sum(shot.stays for shot in moved) == sum(shot.stays for shot in taken) and len(moved) > len(taken)


def test_what_is_drawn_is_both_and_their_order(tmp_path):
    line, size = LINES["step"](pair()), QSize(*SIZE)
    ends = [pictures.Shot(len(line.frames) - 1, 0, 10)]
    drawn = [
        next(
            image
            for image in pictures.facing(line, DARK, "prose", size, ends, motion=False, swapped=swapped)
            if image
        )
        for swapped in (False, True)
    ]
    left, right = (image.copy(0, 60, SIZE[0] // 2, 200) for image in drawn)
    assert left != right and drawn[0].size() == size


def test_words_of_both_have_the_colour_of_their_surprise_at_the_end():
    runs = [replace(run, quality=Quality(np.full(24, 5.0, np.float32))) for run in pair()]
    line = LINES["step"](runs)
    looks = DARK, "prose", QSize(*SIZE), pictures.both(line, motion=False)
    plain, coloured = (
        [image for image in pictures.facing(line, *looks, motion=False, surprise=on) if image]
        for on in (False, True)
    )
    assert [one == other for one, other in zip(plain, coloured, strict=True)] == [True] * 2 + [False] * 3


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_an_animation_of_both_is_written(tmp_path, ending):
    with Image.open(written(tmp_path, f"a{ending}")) as picture:
        assert picture.size == SIZE and picture.n_frames == 5
    assert [path.name for path in tmp_path.iterdir()] == [f"a{ending}"]


def test_what_cannot_hold_two_runs_is_a_sentence(tmp_path):
    with pytest.raises(ExportError, match=r"Two runs can be written as .*\.html"):
        written(tmp_path, "a.txt")
    assert not list(tmp_path.iterdir())
    assert {format.module for format in FORMATS if format.pairs} == {"pictures", "page"}


def test_a_terminal_writes_both(tmp_path, capsys):
    files = []
    for at, run in enumerate(pair()):
        files.append(str(tmp_path / f"{at}.unnoise"))
        run.save(files[-1])
    out = tmp_path / "both.html"
    assert press.main([files[0], str(out), "--against", files[1], "--together", "share"]) == 0
    assert "inside" not in capsys.readouterr().err and b"Two runs of" in out.read_bytes()
    with pytest.raises(InputError, match="no recording at"):
        press.main([files[0], str(out), "--against", str(tmp_path / "none.unnoise")])


@pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")
def test_a_page_plays_both_in_a_browser(tmp_path):
    path = written(tmp_path, "a.html", "clock")
    browser = Browser(tmp_path / "profile")
    try:
        browser.prefer(prefers_reduced_motion="reduce")
        browser.open(path)
        browser.until("!document.getElementById('player').hidden")
        told = "document.getElementById('scrub').getAttribute('aria-valuetext')"
        assert browser.run("document.getElementById('lock').value") == "clock"
        browser.press("ArrowRight")
        assert browser.run(told) == "A: step 1 of 5, B: step 0 of 3"
        browser.press("h", "h")
        browser.press("h", "h")
        assert browser.run("document.getElementById('lock').value") == "step"
        browser.press("ArrowRight")
        assert browser.run(told) == "A: step 2 of 5, B: step 2 of 3"
        browser.press("End")
        assert browser.run(told) == "A: step 5 of 5, B: step 3 of 3"
        assert "words" in browser.run("document.getElementById('note').textContent")
        assert browser.run("document.querySelectorAll('#two .d').length") > 0
        browser.press("x", "x")
        assert browser.run("document.getElementById('two').firstElementChild.id") == "side-b"
        browser.press(" ", " ")
        browser.until("document.getElementById('play').textContent === 'Play'")
        assert not browser.wrong and browser.asked == [path.as_uri()]
    finally:
        browser.close()

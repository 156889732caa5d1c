"""Pictures show what was measured, for as long as it took, and bad paths are one sentence."""

import asyncio
import csv
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSize

from app.keep.formats import pictures, still, table
from app.keep.formats.film import Film
from app.keep.formats.order import ExportError, Order
from engine.values.quality import Quality
from engine.values.recording import Recording
from engine.values.settings import Settings
from samples import LEXICON, recording
from widgets.theme import DARK, LIGHT

SIZE = QSize(500, 300)


pytestmark = pytest.mark.usefixtures("qapp")


def animate(run, path, **options):
    options = {"view": "prose", "size": (500, 300), "bare": True} | options
    asyncio.run(pictures.write(run, path, Order(**options)))


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_an_animation_has_every_step_for_as_long_as_it_took(tmp_path, ending):
    run = recording(steps=4, cells=256)
    path = tmp_path / f"a{ending}"
    animate(run, path, motion=False)
    with Image.open(path) as picture:
        assert picture.n_frames == 4 and picture.size == (500, 300)
        times = []
        for index in range(4):
            picture.seek(index)
            picture.load()  # only then does WebP tell the time
            times.append(picture.info["duration"])
    assert times[:3] == pytest.approx([100, 100, 100], abs=10) and times[3] >= 2000


@pytest.mark.parametrize("speed", [0.0, 2.0, 60.0])
def test_with_motion_every_step_stays_as_long_as_without(speed):
    run = recording(steps=5, cells=256)
    taken = pictures.shots(run, speed)
    assert len(taken) > 5 or speed == 60.0
    whole = [sum(shot.stays for shot in taken if shot.index == index) for index in range(5)]
    assert whole == pictures.durations(run, speed)
    assert min(shot.stays for shot in taken) >= pictures.SHORTEST_MS
    assert pictures.shots(run, speed, motion=False) == [
        pictures.Shot(index, 0, stays) for index, stays in enumerate(pictures.durations(run, speed))
    ]


def test_what_moves_in_an_animation_comes_to_rest_as_the_picture_without_motion():
    run = recording(steps=3, cells=256)
    for view in ("prose", "auto"):
        taken = pictures.shots(run, 1.0)
        moving = list(pictures.frames(run, DARK, view, SIZE, taken))
        still = list(pictures.frames(run, DARK, view, SIZE, pictures.shots(run, 1.0, motion=False)))
        last = {shot.index: image for shot, image in zip(taken, moving, strict=True)}
        assert [last[index] == still[index] for index in range(3)] == [True] * 3
        assert moving[2] != still[1]  # on its way


def test_words_have_the_colour_of_their_surprise_at_the_end_once_they_have_come_to_rest():
    run = recording(steps=3, cells=256)
    taken = pictures.shots(run, 1.0)
    assert list(pictures.frames(run, DARK, "auto", SIZE, taken, surprise=True)) == list(
        pictures.frames(run, DARK, "auto", SIZE, taken)
    ), "nobody has read it"
    run.quality = Quality(np.full(256, 5.0, np.float32))
    plain, coloured = (list(pictures.frames(run, DARK, "auto", SIZE, taken, surprise=on)) for on in (False, True))
    assert [one == other for one, other in zip(plain, coloured, strict=True)] == [True] * (len(taken) - 1) + [False]


def test_a_picture_of_a_step_has_these_colours_too(tmp_path):
    run, files = replace(recording(steps=2, cells=64), quality=Quality(np.full(64, 5.0, np.float32))), []
    for on in (False, True):
        files.append(tmp_path / f"{on}.png")
        asyncio.run(still.write(run, files[-1], Order(size=(500, 300), bare=True, surprise=on)))
    assert files[0].read_bytes() != files[1].read_bytes()


def test_a_chosen_speed_replaces_the_measured_times():
    assert pictures.durations(recording(steps=3), speed=2.0)[:2] == [500, 500]


def test_no_frame_is_shorter_than_viewers_can_show():
    run = recording(steps=5)
    fast = Recording("p", Settings(), "m", "cpu", LEXICON)
    for frame in run.frames:
        object.__setattr__(frame, "seconds", frame.seconds / 1000)
        fast.append(frame)
    assert min(pictures.durations(fast)) >= pictures.SHORTEST_MS


def test_frames_follow_theme_view_and_scale():
    run = recording(steps=2, cells=256)
    taken = pictures.shots(run)
    dark, light = (next(pictures.frames(run, theme, "prose", SIZE, taken)) for theme in (DARK, LIGHT))
    assert dark.pixelColor(2, 150).lightness() < 80 < 180 < light.pixelColor(2, 150).lightness()
    big = next(pictures.frames(run, DARK, "grid", SIZE, taken, scale=2.0))
    assert (big.width(), big.height()) == (1000, 600)


def test_progress_reaches_the_end_and_the_loop_gets_its_turns(tmp_path):
    seen, beats = [], []

    async def scenario():
        async def beat():
            while True:
                beats.append(len(seen))
                await asyncio.sleep(0)

        other = asyncio.ensure_future(beat())
        order = Order(view="grid", size=(500, 300), motion=False, progress=seen.append)
        await pictures.write(recording(steps=4, cells=256), tmp_path / "a.gif", order)
        other.cancel()

    asyncio.run(scenario())
    assert seen == [0.25, 0.5, 0.75, 1.0] and {1, 2, 3} <= set(beats)


@pytest.mark.parametrize(
    ("run", "name", "part"),
    [
        (recording(cells=256), "a.mov", ".gif"),
        (recording(cells=256), "no/folder/a.gif", "not written"),
        (recording(cells=256), "file/a.gif", "not written"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(tmp_path, run, name, part):
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=part) as caught:
        animate(run, tmp_path / name)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_a_step_of_an_hour_is_shown_for_a_minute(tmp_path, ending):
    run = recording(steps=2)
    run.frames[1] = replace(run.frames[1], seconds=3600.0)
    animate(run, tmp_path / f"a{ending}", motion=False)
    with Image.open(tmp_path / f"a{ending}") as picture:
        assert picture.n_frames == 2
    assert pictures.durations(run)[0] == pictures.LONGEST_MS


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_what_is_read_again_is_what_was_drawn(tmp_path, ending):
    """Only what changes is written: all of it has to come together again, and lie where it was."""
    run = recording(steps=4, cells=256)
    drawn = list(pictures.frames(run, DARK, "grid", SIZE, pictures.shots(run, motion=False)))
    animate(run, tmp_path / f"a{ending}", view="grid", motion=False)
    with Image.open(tmp_path / f"a{ending}") as picture:
        for index, image in enumerate(drawn):
            picture.seek(index)
            seen = np.asarray(picture.convert("RGB"), int)
            far = np.abs(seen - np.asarray(pictures.to_pillow(image), int))
            assert far.max() == 0 if ending == ".png" else far.mean() < 10


def test_times_in_a_gif_carry_what_is_rounded_off(tmp_path):
    film, times = Film(tmp_path / "a.gif"), [66, 67, 25, 25, 25, 25, 33]
    for at, stays in enumerate(times):
        film.add(Image.new("RGB", (20, 10), (at * 9, 0, 0)), stays)
    film.close()
    with Image.open(tmp_path / "a.gif") as picture:
        told = []
        for index in range(picture.n_frames):
            picture.seek(index)
            told.append(picture.info["duration"])
    assert np.abs(np.cumsum(told) - np.cumsum(times)).max() <= 5


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_pictures_in_which_nothing_changes_are_one_that_stays_longer(tmp_path, ending):
    path, rng = tmp_path / f"a{ending}", np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 256, (51, 33, 3), np.uint8)) for _ in range(3)]
    film = Film(path)
    for picture in (noise[0], noise[0], noise[1], noise[2], noise[2]):
        film.add(picture, 100)
    film.close()
    with Image.open(path) as picture:
        assert picture.n_frames == 3 and picture.size == (33, 51)
        told = []
        for index in range(3):
            picture.seek(index)
            picture.load()
            told.append(picture.info["duration"])
        assert told == [200, 100, 200]


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_a_film_takes_the_same_memory_however_long_it_is(tmp_path, ending):
    def most(count):
        film = Film(tmp_path / f"a{ending}")
        tracemalloc.start()
        for at in range(count):
            film.add(Image.new("RGB", (200, 100), (at % 250, at // 250, 0)), 40)
        film.close()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    most(2)
    assert most(120) < 1.5 * most(12) + 2**16


@pytest.mark.parametrize("after", [0, 3])
def test_a_cancelled_export_leaves_no_file(tmp_path, after):
    path = tmp_path / "a.gif"
    path.write_bytes(b"an older one")
    drawn = []

    async def scenario():
        run, reached = recording(steps=40, cells=256), asyncio.Event()
        progress = lambda part: (drawn.append(part), len(drawn) > after and reached.set())  # noqa: E731
        work = asyncio.ensure_future(
            pictures.write(run, path, Order(view="grid", size=(500, 300), progress=progress))
        )
        await reached.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(scenario())
    assert [file.name for file in tmp_path.iterdir()] == ["a.gif"] and path.read_bytes() == b"an older one"
    assert len(drawn) <= after + 2


def test_scale_means_pixels(tmp_path):
    animate(recording(steps=2, cells=256), tmp_path / "a.png", motion=False, scale=2.0)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1000, 600)


def test_a_table_has_what_was_measured_of_every_step(tmp_path):
    run = recording(steps=3, cells=256)
    asyncio.run(table.write(run, tmp_path / "a.csv", Order()))
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert [float(row["forward_ms"]) for row in rows] == pytest.approx([60, 60, 60])
    assert rows[0]["gpu_busy"] == ""  # nobody measured it

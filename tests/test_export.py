"""Pictures show what was measured, for as long as it took, and bad paths are one sentence."""

import asyncio
from dataclasses import replace

import pytest
from PIL import Image
from PySide6.QtCore import QSize

from app.keep import export
from engine.values.recording import Recording
from engine.values.settings import Settings
from samples import LEXICON, recording
from widgets.theme import DARK, LIGHT

SIZE = QSize(500, 300)


pytestmark = pytest.mark.usefixtures("qapp")


def animate(run, path, **options):
    asyncio.run(
        export.animate(run, path, options.pop("theme", DARK), options.pop("view", "prose"), SIZE, **options)
    )


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_an_animation_has_every_step_for_as_long_as_it_took(tmp_path, ending):
    run = recording(steps=4, cells=256)
    path = tmp_path / f"a{ending}"
    animate(run, path)
    with Image.open(path) as picture:
        assert picture.n_frames == 4 and picture.size == (500, 300)
        times = []
        for index in range(4):
            picture.seek(index)
            picture.load()  # only then does WebP tell the time
            times.append(picture.info["duration"])
    assert times[:3] == pytest.approx([100, 100, 100], abs=10) and times[3] >= 2000


def test_a_chosen_speed_replaces_the_measured_times():
    assert export.durations(recording(steps=3), speed=2.0)[:2] == [500, 500]


def test_no_frame_is_shorter_than_viewers_can_show():
    run = recording(steps=5)
    fast = Recording("p", Settings(), "m", "cpu", LEXICON)
    for frame in run.frames:
        object.__setattr__(frame, "seconds", frame.seconds / 1000)
        fast.append(frame)
    assert min(export.durations(fast)) >= export.SHORTEST_MS


def test_frames_follow_theme_view_and_scale():
    run = recording(steps=2, cells=256)
    dark, light = (next(export.frames(run, theme, "prose", SIZE)) for theme in (DARK, LIGHT))
    assert dark.pixelColor(2, 150).lightness() < 80 < 180 < light.pixelColor(2, 150).lightness()
    big = next(export.frames(run, DARK, "grid", SIZE, scale=2.0))
    assert (big.width(), big.height()) == (1000, 600)


def test_progress_reaches_the_end_and_the_loop_gets_its_turns(tmp_path):
    seen, beats = [], []

    async def scenario():
        async def beat():
            while True:
                beats.append(len(seen))
                await asyncio.sleep(0)

        other = asyncio.ensure_future(beat())
        await export.animate(
            recording(steps=4, cells=256), tmp_path / "a.gif", DARK, "grid", SIZE, 0.0, seen.append
        )
        other.cancel()

    asyncio.run(scenario())
    assert seen == [0.25, 0.5, 0.75, 1.0] and {1, 2, 3} <= set(beats)


@pytest.mark.parametrize(
    ("run", "name", "part"),
    [
        (recording(cells=256), "a.mov", ".gif"),
        (recording(cells=256), "no/folder/a.gif", "not written"),
        (Recording("p", Settings(), "m", "cpu", LEXICON), "a.gif", "nothing to export"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(tmp_path, run, name, part):
    with pytest.raises(export.ExportError, match=part) as caught:
        animate(run, tmp_path / name)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_a_step_of_an_hour_is_shown_for_a_minute(tmp_path, ending):
    run = recording(steps=2)
    run.frames[1] = replace(run.frames[1], seconds=3600.0)
    animate(run, tmp_path / f"a{ending}")
    with Image.open(tmp_path / f"a{ending}") as picture:
        assert picture.n_frames == 2
    assert export.durations(run)[0] == export.LONGEST_MS

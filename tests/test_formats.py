"""Every ending in the table is a format, whole or not at all; what is inside is told and can be left out."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from app import press
from app.__main__ import main
from app.keep.export import FORMATS, WINDOW, ExportError, Order, contents, export, format_of, offers
from app.keep.formats import movie, order
from engine.values.files import dialogue
from engine.values.metrics import series
from engine.values.picture import Picture
from engine.values.recording import SUFFIX, Recording, RecordingError
from engine.values.settings import Settings
from engine.values.turns import Conversation
from engine.values.words.reply import Reply
from samples import CHANNELS, LEXICON, THINKING, frame, recording

pytestmark = pytest.mark.usefixtures("qapp")
ENDINGS = [ending for format in FORMATS for ending in format.endings]
CARRIERS = [ending for format in FORMATS for ending in format.endings if format.carries]
FFMPEG = shutil.which("ffmpeg")
SMALL = Order(size=(300, 200), motion=False)
RUN = recording(steps=3, cells=64)


def write(run, path, order=SMALL, **options):
    asyncio.run(export(run, path, replace(order, **options)))
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_is_written_and_nothing_else(tmp_path, ending):
    if ending in movie.CODECS and not FFMPEG:
        pytest.skip("there is no ffmpeg here")
    seen = []
    path = write(RUN, tmp_path / f"a{ending}", progress=seen.append)
    assert [file.name for file in tmp_path.iterdir()] == [f"a{ending}"] and path.stat().st_size > 10
    assert seen[-1] == 1.0 and seen == sorted(seen)


@pytest.mark.parametrize("ending", [*CARRIERS, SUFFIX])
def test_what_went_inside_comes_out_again(tmp_path, ending):
    folder = tmp_path / "Grüße & mehr"
    folder.mkdir()
    (folder / f"ein Lauf{ending}").write_bytes(b"what was there before")
    run = Recording.load(write(RUN, folder / f"ein Lauf{ending}"))
    assert [path.name for path in folder.iterdir()] == [f"ein Lauf{ending}"]
    assert (run.id, run.prompt, run.settings, run.outcome) == (RUN.id, RUN.prompt, RUN.settings, RUN.outcome)
    assert len(run.frames) == 3
    for one, other in zip(run.frames, RUN.frames, strict=True):
        for name in ("ids", "guess", "held", "entropy", "top_ids", "top_probs"):
            assert np.array_equal(getattr(one, name), getattr(other, name))
        assert one.seconds == other.seconds and one.stop == other.stop
    again = Recording.load(write(run, tmp_path / f"again{SUFFIX}"))
    assert again.id == RUN.id


@contextmanager
def full_after(size):
    """A disk that has room for files of so many bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_disk_that_is_full_keeps_what_was_there(tmp_path, ending):
    if ending in movie.CODECS and not FFMPEG:
        pytest.skip("there is no ffmpeg here")
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"what was there before")
    with full_after(40), pytest.raises(ExportError, match=r"\.$"):
        write(RUN, path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"what was there before"


@pytest.mark.parametrize("ending", CARRIERS)
def test_what_is_left_out_is_not_there(tmp_path, ending):
    run = replace(RUN, prompt="zebrafish " * 20)
    full, bare = write(run, tmp_path / f"a{ending}"), write(run, tmp_path / f"b{ending}", bare=True)
    assert Recording.load(full).prompt == run.prompt
    with pytest.raises(RecordingError, match="carries no run"):
        Recording.load(bare)
    assert bare.stat().st_size < full.stat().st_size and b"zebrafish" not in bare.read_bytes()


@pytest.mark.parametrize("ending", [".png", ".webp", ".apng"])
def test_a_picture_looks_the_same_with_a_run_inside(tmp_path, ending):
    pictures = []
    for name, bare in (("a", False), ("b", True)):
        with Image.open(write(RUN, tmp_path / f"{name}{ending}", bare=bare)) as picture:
            frames = getattr(picture, "n_frames", 1)
            picture.seek(frames - 1)
            pictures.append((frames, picture.convert("RGB").tobytes()))
    assert pictures[0] == pictures[1] and pictures[0][0] == (1 if ending == ".png" else 3)


def test_a_single_picture_is_of_the_step_that_is_asked_for(tmp_path):
    first, last, same = (write(RUN, tmp_path / f"{step}.png", step=step) for step in (0, 2, None))
    assert first.read_bytes() != last.read_bytes()
    with Image.open(last) as one, Image.open(same) as other:
        assert one.tobytes() == other.tobytes() and one.size == (300, 200)


def test_lines_are_json_with_every_step(tmp_path):
    run = recording(steps=2, canvases=2, cells=16)
    run.frames[0] = replace(run.frames[0], forward=float("nan"), readout=float("nan"), temperature=float("nan"))
    lines = [json.loads(line) for line in write(run, tmp_path / "a.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert [(line["canvas"], line["step"]) for line in lines] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert lines[0]["forward_s"] is None and lines[1]["forward_s"] == 0.06
    assert lines[0]["run"]["prompt"] == run.prompt and "run" not in lines[1]
    for line, each in zip(lines, run.frames, strict=True):
        assert line["ids"] == each.ids.tolist() and line["nats"] == pytest.approx(each.entropy, abs=1e-4)
        assert len(line["tokens"]) == len(line["marks"]) == 16
    assert [line["text_tokens"] for line in lines] == series(run).written.tolist()
    assert "".join(lines[1]["tokens"]).startswith(run.lexicon.text(run.frames[1].guess))
    assert "run" not in json.loads(write(run, tmp_path / "b.jsonl", bare=True).read_text("utf-8").split("\n")[0])


def test_the_text_is_the_answer_or_else_the_thought(tmp_path):
    assert write(RUN, tmp_path / "a.txt").read_text("utf-8") == RUN.text() + "\n"
    run = Recording("p", Settings(), "m", "cpu", CHANNELS)
    ids = THINKING[:5]
    run.append(frame(cells=5, ids=ids, guess=ids, stop="stable"))
    assert "user Hello" in write(run, tmp_path / "b.txt").read_text("utf-8")


@pytest.mark.skipif(not FFMPEG, reason="there is no ffmpeg here")
@pytest.mark.parametrize("ending", movie.CODECS)
def test_a_film_lasts_as_long_as_the_run(tmp_path, ending):
    film = movie.Movie(tmp_path / f"a{ending}")
    for at, stays in enumerate((330, 30, 640)):
        film.add(Image.new("RGB", (33, 21), (90 * at, 0, 0)), stays)
    film.close()
    asked = "ffmpeg -hide_banner -i FILE -map 0:v -f null -".replace("FILE", str(film._path)).split()
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stderr
    assert "frame=   50" in told and "34x22" in told


def test_without_ffmpeg_a_film_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(movie.shutil, "which", lambda name: None)
    with pytest.raises(ExportError, match="install ffmpeg") as caught:
        write(RUN, tmp_path / "a.mp4")
    assert str(caught.value).count(".mp4") == 1 and not list(tmp_path.iterdir())


def test_an_encoder_that_fails_is_a_sentence_and_leaves_no_file(tmp_path, monkeypatch):
    false = shutil.which("false")
    monkeypatch.setattr(movie.shutil, "which", lambda name: false)
    with pytest.raises(ExportError, match="not written"):
        write(RUN, tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".md", ".json"])
def test_a_conversation_is_read_back_from_what_a_run_is_exported_as(tmp_path, ending):
    run = replace(RUN, before=Conversation(system="be kind").answered("who", Reply("a fox", "hm", False), "ab"))
    assert dialogue.load(write(run, tmp_path / f"a{ending}")) == run.conversation()


@pytest.mark.parametrize("ending", [".html", ".jsonl", ".png", ".webp"])
def test_a_cancelled_export_leaves_what_was_there(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"an older one")

    async def scenario():
        began = asyncio.Event()
        asked = replace(SMALL, progress=lambda share: began.set())
        work = asyncio.ensure_future(export(recording(steps=40, cells=256), path, asked))
        if ending == ".png":
            await asyncio.sleep(0)
        else:
            await began.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(scenario())
    assert [file.name for file in tmp_path.iterdir()] == [path.name] and path.read_bytes() == b"an older one"


@pytest.mark.parametrize("name", ["no/folder/a", "a"])
@pytest.mark.parametrize("ending", [".txt", ".html", ".png", ".csv", ".unnoise", ".jsonl"])
def test_what_cannot_be_written_is_one_sentence(tmp_path, name, ending):
    path = tmp_path / f"{name}{ending}"
    if name == "a":
        path.mkdir()
    with pytest.raises(ExportError) as caught:
        write(RUN, path)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_nothing_to_export_and_unknown_endings_are_sentences(tmp_path):
    with pytest.raises(ExportError, match="nothing to export"):
        write(Recording("p", Settings(), "m", "cpu", LEXICON), tmp_path / "a.txt")
    with pytest.raises(ExportError, match="name the file so"):
        write(RUN, tmp_path / "a.doc")


def test_a_recording_cannot_be_without_its_prompt(tmp_path):
    with pytest.raises(ExportError, match="choose another format"):
        write(RUN, tmp_path / "a.unnoise", bare=True)


@pytest.mark.skipif(not FFMPEG, reason="there is no ffmpeg here")
def test_a_film_that_is_stopped_leaves_no_file_and_no_process(tmp_path):
    film = movie.Movie(tmp_path / "a.mp4")
    film.add(Image.new("RGB", (640, 400)), 20)
    writer = Thread(target=film.add, args=(Image.new("RGB", (640, 400)), 600_000))
    writer.start()
    film.stop()
    writer.join(20)
    assert not writer.is_alive()
    film.drop()
    assert film._process.returncode and not list(tmp_path.iterdir())


def test_a_run_that_is_too_long_is_not_put_inside(tmp_path, monkeypatch):
    monkeypatch.setattr(order, "CARRIED", 100)
    with pytest.raises(ExportError, match="leave it out, or save the recording"):
        write(RUN, tmp_path / "a.webp")
    assert not list(tmp_path.iterdir())
    write(RUN, tmp_path / "a.webp", bare=True)


def test_a_dialog_tells_what_is_inside_of_each_kind():
    labels = [offer.label for offer in offers(RUN)]
    assert len(set(labels)) == len(labels) == len(FORMATS) + sum(format.carries for format in FORMATS)
    for offer in offers(RUN, [*FORMATS, WINDOW]):
        assert ("prompt, knobs and steps inside" in offer.label) == (offer.format.carries and not offer.bare)
        assert all(f"*{ending}" in offer.label for ending in offer.format.endings)


def test_a_conversation_and_small_pictures_are_told_too():
    run = replace(RUN, before=Conversation(system="be kind"), pictures=(Picture(9, 9),), thumbnails=True)
    assert contents(RUN) == "prompt, knobs and steps"
    assert contents(run) == "prompt, conversation, small pictures, knobs and steps"
    assert contents(replace(run, thumbnails=False)) == "prompt, conversation, knobs and steps"


def test_the_table_names_modules_that_write():
    for format in FORMATS:
        assert callable(import_module(f"app.keep.formats.{format.module}").write)
        assert format_of(f"A{format.endings[0].upper()}") == format


# The command


def test_the_command_writes_and_says_what_is_inside(tmp_path, capsys):
    source = tmp_path / "run.unnoise"
    RUN.save(source)
    assert main(["export", str(source), str(tmp_path / "a.png"), "--size", "300x200", "--step", "2"]) == 0
    told = capsys.readouterr().err
    assert "prompt, knobs and steps are inside" in told and "--bare" in told
    assert Recording.load(tmp_path / "a.png").id == RUN.id
    assert main(["export", str(tmp_path / "a.png"), str(tmp_path / "b.txt")]) == 0
    assert "inside" not in capsys.readouterr().err and (tmp_path / "b.txt").read_text() == RUN.text() + "\n"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["RUN"], "FILE"),
        (["RUN", "a.doc"], "name the file so"),
        (["nowhere.unnoise", "a.txt"], "nowhere.unnoise"),
        (["RUN", "a.png", "--step", "9"], "--step must be from 1 to 3"),
        (["RUN", "a.png", "--size", "huge"], "--size"),
        (["RUN", "a.png", "--speed", "-1"], "--speed"),
        (["RUN", "a.png", "--scale", "nan"], "--scale"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(tmp_path, monkeypatch, capsys, arguments, part):
    monkeypatch.chdir(tmp_path)
    RUN.save("RUN")
    try:
        code = main(["export", *arguments])
    except SystemExit as error:
        code = error.code
    err = capsys.readouterr().err
    assert code == 2 and err.count("\n") == 1 and part in err
    assert [file.name for file in tmp_path.iterdir()] == ["RUN"]


def test_the_command_needs_no_display_no_torch_and_for_text_no_qt(tmp_path):
    RUN.save(tmp_path / "run.unnoise")
    probe = """
import sys
from app import press
from app.__main__ import main
for file, heavy in (("a.txt", {"torch", "PySide6"}), ("a.jsonl", {"torch", "PySide6"}), ("a.html", {"torch"})):
    assert main(["export", "run.unnoise", file]) == 0
    assert not heavy & set(sys.modules), (file, heavy & set(sys.modules))
"""
    clean = {name: value for name, value in os.environ.items() if "DISPLAY" not in name and "QT_" not in name}
    clean["PYTHONPATH"] = str(Path(__file__).parent.parent)
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_run_is_recorded_as_a_picture_and_is_never_lost(tmp_path, capsys, monkeypatch):
    press.keep(RUN, str(tmp_path / "a.png"))
    assert Recording.load(tmp_path / "a.png").id == RUN.id
    press.keep(RUN, str(tmp_path / "a.thing"))
    assert Recording.load(tmp_path / "a.thing").id == RUN.id
    monkeypatch.setattr(movie.shutil, "which", lambda name: None)
    with pytest.raises(RecordingError, match=r"install ffmpeg.*The recording was saved to .*b\.unnoise"):
        press.keep(RUN, str(tmp_path / "b.mp4"))
    assert Recording.load(tmp_path / "b.unnoise").id == RUN.id

"""A recording inside a picture or a page is found again as it was; whatever strangers make of it is a sentence."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from strangers import survive

from engine.values.files import carrier
from engine.values.recording import Recording, RecordingError
from samples import recording

RUN = recording(steps=3, canvases=2, cells=8)


def packed(run=RUN):
    file = io.BytesIO()
    run.write(file)
    return file.getvalue()


def png(more=b"", width=3):
    file = io.BytesIO()
    Image.new("RGB", (width, 2), (9, 99, 199)).save(file, "PNG")
    data = file.getvalue()
    return data[:-12] + more + data[-12:]


def webp(more=b""):
    """In the extended form, as films have it."""
    file = io.BytesIO()
    images = [Image.new("RGB", (6, 4), (at * 90, 0, 0)) for at in range(2)]
    images[0].save(file, "WEBP", save_all=True, append_images=images[1:], duration=50)
    data = file.getvalue() + more
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:20] + bytes([data[20] | 4]) + data[21:]


def page(more=""):
    return f"<!doctype html><html><head>{carrier.GENERATOR}</head><body>hello{more}</body></html>".encode()


DATA = packed()
CARRIERS = {
    "png": png(carrier.in_png(DATA)),
    "webp": webp(carrier.in_webp(DATA)),
    "html": page(carrier.in_page(DATA)),
}


def told(data):
    """The sentence with which a file is refused."""
    with pytest.raises(RecordingError) as caught:
        Recording.read(io.BytesIO(data), "their.png")
    text = str(caught.value)
    assert text.startswith("their.png ") and text.endswith(".") and "\n" not in text
    return text


@pytest.mark.parametrize("kind", CARRIERS)
def test_what_is_carried_is_the_recording_as_it_was(kind, tmp_path):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(CARRIERS[kind])
    for run in (Recording.load(path), Recording.read(io.BytesIO(CARRIERS[kind]), "a")):
        assert run.id == RUN.id and run.prompt == RUN.prompt and run.settings == RUN.settings
        assert len(run.frames) == len(RUN.frames)
        for one, other in zip(run.frames, RUN.frames, strict=True):
            assert np.array_equal(one.ids, other.ids) and np.array_equal(one.top_probs, other.top_probs)
            assert one.seconds == other.seconds
    assert carrier.inner(io.BytesIO(CARRIERS[kind])).read() == DATA


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_picture_with_a_run_is_a_picture_for_everybody(kind):
    with Image.open(io.BytesIO(CARRIERS[kind])) as picture:
        picture.load()
        assert picture.size == ((3, 2) if kind == "png" else (6, 4))


def test_a_picture_without_a_run_is_told_from_one_that_lost_it():
    for data in (png(), webp(), page().replace(carrier.GENERATOR.encode(), b""), b"GIF89a" + bytes(40)):
        assert "carries no run" in told(data)
    marks = carrier.in_png(b"")[: -len(carrier.chunk(b"unRc", b""))], carrier.in_webp(b"")[:-8]
    for data in (png(marks[0]), webp(marks[1]), page()):
        assert "removed on the way" in told(data)


def test_a_picture_that_another_program_wrote_again_has_lost_its_run(tmp_path):
    with Image.open(io.BytesIO(CARRIERS["png"])) as picture:
        picture.save(tmp_path / "again.png")
    assert "run" in told((tmp_path / "again.png").read_bytes())


@pytest.mark.parametrize("kind", CARRIERS)
def test_half_a_file_is_a_sentence(kind):
    whole = CARRIERS[kind]
    for at in range(16, len(whole) - 20, len(whole) // 40):
        told(whole[:at])


def test_sizes_that_lie_cost_nothing():
    huge = struct.pack(">I", 2**31 - 1) + b"unRc"
    lies = [
        png()[:33] + huge + b"x" * 100,
        png()[:33] + struct.pack(">I", 2**32 - 1) + b"tEXt",
        webp()[:-8] + b"UNRC" + struct.pack("<I", 2**32 - 1),
        b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WEBPVP8X",
        png(b"".join(carrier.chunk(b"abCd", b"") for _ in range(5000))),
        webp(b"abcd\0\0\0\0" * 5000),
        page("<script" * 20_000),
    ]
    tracemalloc.start()
    for data in lies:
        told(data)
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()


def test_more_than_a_run_can_be_is_not_read(monkeypatch):
    monkeypatch.setattr(carrier, "CARRIED", 1000)
    assert "more than a run can be" in told(CARRIERS["png"]) and "more than a run can be" in told(CARRIERS["webp"])
    assert "more than a run can be" in told(CARRIERS["html"])


def test_a_run_whose_bytes_were_changed_is_found_out():
    at = CARRIERS["png"].index(b"unRc") + 50
    changed = bytearray(CARRIERS["png"])
    changed[at] ^= 1
    assert "not whole" in told(bytes(changed))


def test_what_is_carried_is_no_carrier_again():
    assert "not an Unnoise recording" in told(png(carrier.in_png(CARRIERS["png"])))


@pytest.mark.parametrize("kind", CARRIERS)
@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(changes=st.lists(st.tuples(st.integers(0, 2**16), st.binary(max_size=8)), min_size=1, max_size=4))
def test_a_carrier_with_other_bytes_in_it_is_refused_or_works(kind, changes):
    data = bytearray(CARRIERS[kind])
    for at, new in changes:
        at %= len(data)
        data[at : at + len(new)] = new
    if kind == "png" and (begin := data.find(b"unRc")) >= 4:  # what a checksum would find out is looked into, too
        (length,) = struct.unpack(">I", data[begin - 4 : begin])
        end = begin + 4 + length
        data[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(data[begin:end])))
    survive(bytes(data))


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.sampled_from([carrier.PNG_HEAD, b"RIFF\x40\0\0\0WEBP", b"<!doctype html>"]), st.binary(max_size=80))
def test_what_begins_like_a_carrier_and_goes_on_as_anything_is_refused(head, rest):
    told(head + rest)


def test_the_picture_of_the_readme_replays():
    assets = Path(__file__).parent.parent / "assets"
    run, sample = (Recording.load(assets / name) for name in ("pictures/emerging.webp", "sample.unnoise"))
    assert run.prompt == sample.prompt and len(run.frames) == len(sample.frames) and run.text() == sample.text()

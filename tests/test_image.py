"""Pictures from strangers: what is taken is what a person sees, and all else is refused in one sentence."""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO
from random import Random

import numpy as np
import pytest
from PIL import Image

from engine.values.files import image
from engine.values.picture import Picture, PictureError

RED, BLUE = (200, 30, 20), (10, 40, 210)


def drawn(width=12, height=8, mode="RGB"):
    """Red above, blue below: what is up can be told."""
    whole = Image.new("RGB", (width, height), BLUE)
    whole.paste(RED, (0, 0, width, height // 2))
    return whole.convert(mode)


def saved(picture, kind="PNG", **options):
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def near(pixel, colour, apart=12):
    return all(abs(int(a) - b) <= apart for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {"quality": 95}), ("WEBP", {"quality": 95}), ("WEBP", {"lossless": True})],
)
def test_the_three_kinds_are_read(kind, options, tmp_path):
    file = tmp_path / f"a.{kind.lower()}"
    file.write_bytes(saved(drawn(64, 48), kind, **options))
    found = image.read(file)
    assert (found.width, found.height) == (64, 48) and found.pixels.shape == (48, 64, 3)
    assert near(found.pixels[4, 4], RED) and near(found.pixels[-4, -4], BLUE)
    assert found.small.shape == (48, 64, 3) and not found.pixels.flags.writeable


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_as_its_camera_was_held(turn, kind):
    """As Pillow's own function turns it, which is what the stock pipeline is given by others."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[image.ORIENTATION] = turn
    data = saved(drawn(64, 32), kind, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB"))
    found = image.decode(data, "it")
    assert np.array_equal(found.pixels, expected)
    assert (found.width, found.height) == ((32, 64) if turn > 4 else (64, 32))


def test_nothing_but_pixels_is_kept_and_sent():
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    found = image.decode(saved(drawn(64, 48), "JPEG", exif=exif, comment=b"SECRET WORDS"), "it")
    for data in (image.little(found.small), image.sendable(found)[1], *map(bytes, (found.pixels, found.small))):
        assert b"SECRET" not in data and b"Exif" not in data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr"])
def test_other_colours_become_red_green_and_blue(mode):
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    source = drawn(64, 48, mode)
    found = image.decode(saved(source, kind), "it")
    expected = np.asarray(source.convert("RGBA").convert("RGB")).astype(int)
    assert np.abs(found.pixels.astype(int) - expected)[4:20].mean() < 12


def test_sixteen_bits_of_grey_keep_their_shades():
    levels = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    found = image.decode(saved(Image.fromarray(levels)), "it")
    assert np.array_equal(found.pixels[..., 0], levels >> 8)


def test_what_is_transparent_is_white_whatever_it_hides():
    hidden = np.zeros((8, 8, 4), np.uint8)
    hidden[:, 4:] = (0, 0, 255, 255)
    for data in (saved(Image.fromarray(hidden)), saved(Image.fromarray(hidden), "WEBP", lossless=True)):
        found = image.decode(data, "it")
        assert (found.pixels[:, :4] == 255).all() and near(found.pixels[0, -1], (0, 0, 255))
    named = drawn(8, 8, "P")
    named.info["transparency"] = named.getpixel((0, 0))
    assert (image.decode(saved(named, transparency=named.getpixel((0, 0))), "it").pixels[0, 0] == 255).all()
    assert np.array_equal(image.of(hidden).pixels, image.decode(saved(Image.fromarray(hidden)), "it").pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_animated_is_refused(kind):
    data = saved(drawn(), kind, save_all=True, append_images=[drawn(mode="L").convert("RGB")])
    with pytest.raises(PictureError, match="a cat is animated"):
        image.decode(data, "a cat")


def test_a_telephones_second_picture_is_passed_over():
    data = saved(drawn(64, 48), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    assert near(image.decode(data, "it").pixels[4, 4], RED)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, body=b""):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(9000, 9000), (20_000, 20_000), (2**31 - 1, 2**31 - 1), (2**20, 1)])
def test_a_small_file_of_a_vast_picture_is_not_decoded(width, height):
    with pytest.raises(PictureError, match=r"million pixels|damaged"):
        image.decode(png(width, height, bytes(1000)), "it")


def test_a_large_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(image, "BYTES", 100)
    (tmp_path / "big.png").write_bytes(saved(drawn(200, 200)))
    with pytest.raises(PictureError, match="larger than"):
        image.read(tmp_path / "big.png")


def test_what_is_kept_is_no_larger_than_any_model_reads(monkeypatch):
    monkeypatch.setattr(image, "KEPT", 1000)
    found = image.decode(saved(drawn(200, 100)), "it")
    assert found.width * found.height <= 1000 and found.pixels.shape == (found.height, found.width, 3)


def test_a_jpeg_with_more_scans_than_any_is_refused():
    data = saved(drawn(64, 48), "JPEG", progressive=True)
    start = data.index(b"\xff\xda")
    scan = data[start : data.index(b"\xff", start + 20)]
    with pytest.raises(PictureError, match="damaged"):
        image.decode(data[:start] + scan * 300 + data[start:], "it")


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.png", "no picture at"), (".", "is no file"), ("pipe.png", "is no file"), ("a\0b", "cannot")],
)
def test_what_is_no_file_is_said(tmp_path, name, words):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError, match=words):
        image.read(tmp_path / name)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"GIF89a" + bytes(99), "kind that is not"),
        (b"\0\0\0\x18ftypheic", "kind that is not"),
    ],
)
def test_what_is_no_such_picture_is_said(data, words):
    with pytest.raises(PictureError, match=rf"^it {words}|^it is a picture of a {words}"):
        image.decode(data, "it")


@pytest.mark.parametrize("data", [b"hello", b"%PDF-1.4", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_other_files_are_refused(data):
    with pytest.raises(PictureError, match=r"^it is no PNG, JPEG or WebP, or it is damaged: .*\.$"):
        image.decode(data, "it")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_damaged_files_are_refused_or_read_and_raise_nothing_else(kind):
    dice, noise = Random(kind), np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    exif = Image.Exif()
    exif[image.ORIENTATION] = 6
    whole = saved(Image.fromarray(noise), kind, exif=exif)
    for cut in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        with pytest.raises(PictureError):
            image.decode(whole[:cut], "it")
    taken = 0
    for _ in range(250):
        data = bytearray(whole)
        for _ in range(dice.choice([1, 1, 2, 8])):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            found = image.decode(bytes(data), "it")
        except PictureError as error:
            sentence = str(error)
            assert sentence.startswith("it ") and sentence.endswith(".") and "\n" not in sentence
        else:
            taken += 1
            assert found.pixels.shape == (found.height, found.width, 3) and max(found.small.shape) <= image.SMALL
    assert taken or kind == "PNG"


def test_a_small_copy_comes_back_and_no_other_file_does():
    found = image.decode(saved(drawn(640, 480)), "it")
    back = image.recall(image.little(found.small))
    assert back.shape == found.small.shape == (120, 160, 3)
    for data in (saved(drawn(161, 10)), bytes(image.LITTLE + 1), b"no"):
        with pytest.raises(ValueError, match=r"."):
            image.recall(data)


def test_what_is_sent_is_every_pixel_or_a_picture_that_is_not_too_large(monkeypatch):
    found = image.decode(saved(drawn(64, 48)), "it")
    kind, data = image.sendable(found)
    assert kind == "image/png" and np.array_equal(image.decode(data, "it").pixels, found.pixels)
    monkeypatch.setattr(image, "SENT", 10)
    kind, data = image.sendable(found)
    assert kind == "image/jpeg" and near(image.decode(data, "it").pixels[4, 4], RED)


def test_pictures_are_told_apart_by_what_is_seen():
    one, same, other = (image.decode(saved(drawn(*size)), "it") for size in ((8, 4), (8, 4), (4, 8)))
    assert one.digest == same.digest != other.digest
    with pytest.raises(ValueError, match="does not hold"):
        assert Picture(1, 1).digest

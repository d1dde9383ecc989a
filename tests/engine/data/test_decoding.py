"""Pictures of every depth, colour and turn come out as the pixels a person would expect."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.data.pictures import write_picture
from workbench.engine.data.decoding import Broken, Form, Look, decode, endings, look, quiet

GREY, COLOUR = Form(1, 2, 2, "stretch"), Form(3, 2, 2, "stretch")
RED = np.zeros((2, 2, 3), np.uint8) + np.array([255, 0, 0], np.uint8)


def test_a_picture_of_the_wanted_size_keeps_every_pixel(tmp_path):
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    path = write_picture(tmp_path / "a.png", pixels)
    assert np.array_equal(decode(str(path), COLOUR), pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("ending", ["png", "bmp", "gif", "tiff", "webp", "ppm"])
def test_red_is_red_in_every_format(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    path = write_picture(tmp_path / f"a.{ending}", RED, **options)
    assert decode(str(path), COLOUR)[:, 0, 0].tolist() == [255, 0, 0]
    assert f".{ending}" in endings()


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path):
    path = write_picture(tmp_path / "a.png", np.array([[0, 257], [32896, 65535]], np.uint16))
    assert decode(str(path), GREY)[0].tolist() == [[0, 1], [128, 255]]


def test_floats_from_0_to_1_become_bytes_and_others_are_refused(tmp_path):
    path = write_picture(tmp_path / "a.tiff", np.array([[0, 0.5], [1, 0.2]], np.float32))
    assert decode(str(path), GREY)[0].tolist() == [[0, 128], [255, 51]]
    odd = decode(str(write_picture(tmp_path / "b.tiff", np.array([[0, 1e6]], np.float32))), GREY)
    assert isinstance(odd, Broken)
    assert "1e+06" in odd.reason


def test_grey_becomes_colour_and_colour_grey_as_asked(tmp_path):
    grey = write_picture(tmp_path / "g.png", np.full((2, 2), 90, np.uint8))
    assert decode(str(grey), COLOUR)[:, 1, 1].tolist() == [90, 90, 90]
    assert decode(str(write_picture(tmp_path / "r.png", RED)), GREY)[0, 0, 0] == 76


def test_what_is_transparent_lies_over_black(tmp_path):
    pixels = np.zeros((2, 2, 4), np.uint8) + np.array([200, 100, 50, 0], np.uint8)
    pixels[0, 0, 3] = 255
    decoded = decode(str(write_picture(tmp_path / "a.png", pixels)), COLOUR)
    assert decoded[:, 0, 0].tolist() == [200, 100, 50]
    assert decoded[:, 1, 1].tolist() == [0, 0, 0]


def test_palettes_and_print_colours_are_read(tmp_path):
    palette = write_picture(tmp_path / "p.png", Image.fromarray(RED).convert("P", palette=Image.Palette.ADAPTIVE))
    assert decode(str(palette), COLOUR)[:, 0, 0].tolist() == [255, 0, 0]
    printed = write_picture(tmp_path / "c.tiff", Image.fromarray(RED).convert("CMYK"))
    assert decode(str(printed), COLOUR)[0, 0, 0] > 240


def test_a_picture_is_turned_as_its_camera_says(tmp_path):
    pixels = np.zeros((2, 4, 3), np.uint8)
    pixels[0, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    path = write_picture(tmp_path / "a.png", pixels, exif=exif)
    assert look(str(path)) == Look(4, 2, is_grey=False)
    turned = decode(str(path), Form(3, 4, 2, "stretch"))
    assert np.argwhere(turned[0] == 255).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("fit", "expected"), [("crop", [50, 50]), ("stretch", [16, 84]), ("pad", [0, 0])], ids=["crop", "stretch", "pad"]
)
def test_another_aspect_is_made_to_fit_as_the_recipe_says(tmp_path, fit, expected):
    pixels = np.zeros((4, 8), np.uint8) + 50
    pixels[:, :2], pixels[:, 6:] = 10, 90
    decoded = decode(str(write_picture(tmp_path / "a.png", pixels)), Form(1, 4, 4, fit))[0]
    assert [int(decoded[0, 0]), int(decoded[0, -1])] == expected
    assert decoded.shape == (4, 4)


def test_of_an_animation_the_first_picture_is_read(tmp_path):
    frames = [Image.fromarray(np.full((2, 2), value, np.uint8)) for value in (10, 200)]
    path = write_picture(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert decode(str(path), GREY)[0, 0, 0] == 10


def test_a_large_photograph_is_decoded_at_a_size_above_the_wanted_one(tmp_path):
    path = write_picture(tmp_path / "a.jpg", np.full((1024, 768, 3), 120, np.uint8))
    assert abs(int(decode(str(path), Form(3, 32, 24, "crop")).mean()) - 120) <= 2


def test_an_absurd_size_is_refused_before_anything_is_decoded(tmp_path):
    path = write_picture(tmp_path / "a.png", RED)
    content = bytearray(path.read_bytes())
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)
    quiet()
    found = decode(str(path), COLOUR)
    assert isinstance(found, Broken)
    assert "3,600,000,000 pixels" in found.reason


def test_a_picture_inside_an_icon_is_refused_by_its_own_size(tmp_path):
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    inner = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header
    inner += struct.pack(">I", zlib.crc32(b"IHDR" + header)) + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", 0)
    entry = struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inner), 22)
    path = tmp_path / "a.ico"
    path.write_bytes(entry + inner)
    quiet()
    found = decode(str(path), COLOUR)
    assert isinstance(found, Broken)
    assert "3,600,000,000 pixels" in found.reason


@pytest.mark.parametrize("keep", [0, 3, 20, 50, 60])
def test_a_file_that_breaks_off_is_broken_in_words(tmp_path, keep):
    path = write_picture(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:keep])
    assert isinstance(decode(str(path), COLOUR), Broken)


def test_what_would_start_another_program_is_no_picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    assert decode(str(path), COLOUR) == Broken("it is not a picture that can be read")
    assert ".eps" not in endings()

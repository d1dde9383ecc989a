"""Pictures as models want them: MNIST's way with ink, any format that Pillow reads, and refusals in words."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from workbench.errors import WorkbenchError
from workbench.session.picture_fitting import fit, fit_digit, open_picture


def seven(side: int = 280, at: tuple[int, int] = (60, 30), scale: float = 1.0) -> np.ndarray:
    """A seven in white on black."""
    image = Image.new("L", (side, side), 0)
    points = [(at[0] + scale * x, at[1] + scale * y) for x, y in ((0, 0), (120, 0), (50, 200))]
    ImageDraw.Draw(image).line(points, 255, round(20 * scale), joint="curve")
    return np.array(image)


def centre_of(picture: np.ndarray) -> tuple[float, float]:
    mass = picture.astype(float)
    rows, columns = np.indices(picture.shape)
    return float((mass * rows).sum() / mass.sum()), float((mass * columns).sum() / mass.sum())


def test_a_digit_is_twenty_pixels_long_and_centred_by_mass() -> None:
    fitted = fit_digit(seven())
    inked = np.flatnonzero((fitted > 0).any(1))
    assert fitted.shape == (28, 28)
    assert fitted.dtype == np.uint8
    assert fitted.max() == 255
    assert np.ptp(inked) + 1 == 20
    assert centre_of(fitted) == pytest.approx((14, 14), abs=0.6)


def test_where_a_digit_is_written_makes_no_difference() -> None:
    assert np.array_equal(fit_digit(seven()), fit_digit(seven(at=(130, 55))))


def test_how_large_a_digit_is_written_makes_hardly_a_difference() -> None:
    large = np.kron(seven(), np.ones((2, 2), np.uint8))
    assert np.abs(fit_digit(seven()).astype(int) - fit_digit(large).astype(int)).mean() < 1


def test_dark_ink_on_grey_paper_gives_the_same_digit_as_white_on_black() -> None:
    paper = (220 - 0.8 * seven()).astype(np.uint8)
    assert np.abs(fit_digit(paper).astype(int) - fit_digit(seven()).astype(int)).mean() < 2


def test_no_ink_is_an_empty_frame() -> None:
    assert fit_digit(np.full((50, 60), 200, np.uint8)).sum() == 0


def test_a_thin_stroke_keeps_the_ratio_of_its_sides() -> None:
    ink = np.zeros((100, 100), np.uint8)
    ink[10:90, 48:52] = 255
    fitted = fit_digit(ink)
    assert ((fitted > 0).any(1).sum(), (fitted > 0).any(0).sum()) == (20, 1)


def test_a_picture_of_the_right_size_is_left_as_it_is() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    assert np.array_equal(fit(picture, (1, 28, 28), like_mnist=True)[0], picture)


def test_without_mnists_way_the_middle_of_the_picture_is_scaled() -> None:
    picture = np.zeros((40, 80), np.uint8)
    picture[:, 20:60] = 200
    assert (fit(picture, (1, 28, 28), like_mnist=False) == 200).all()


@pytest.mark.parametrize(("channels", "expected"), [(1, [76]), (3, [255, 0, 0]), (4, [255, 0, 0, 255])])
def test_colours_are_given_as_a_model_takes_them(channels: int, expected: list[int]) -> None:
    red = np.zeros((20, 20, 3), np.uint8)
    red[..., 0] = 255
    fitted = fit(red, (channels, 8, 8), like_mnist=True)
    assert fitted.shape == (channels, 8, 8)
    assert fitted[:, 0, 0].tolist() == expected


@pytest.mark.parametrize("name", ["picture.png", "picture.jpg", "picture.webp", "picture.gif", "picture.tiff", "p.pgm"])
def test_any_format_of_pillow_is_read(tmp_path: Path, name: str) -> None:
    Image.fromarray(seven()).save(tmp_path / name)
    read = open_picture(tmp_path / name)
    grey = read if read.ndim == 2 else read.mean(axis=2)
    assert np.abs(grey - seven().astype(float)).mean() < 3


def test_a_transparent_picture_lies_on_paper(tmp_path: Path) -> None:
    pixels = np.zeros((30, 30, 4), np.uint8)
    pixels[10:20, 14:16, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "ink.png")
    read = open_picture(tmp_path / "ink.png")
    assert read.shape == (30, 30)
    assert (read[0, 0], read[15, 15]) == (255, 0)


def test_bright_ink_without_paper_lies_on_black(tmp_path: Path) -> None:
    pixels = np.full((30, 30, 4), 255, np.uint8)
    pixels[..., 3] = 0
    pixels[10:20, 14:16, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "ink.png")
    read = open_picture(tmp_path / "ink.png")
    assert (read[0, 0], read[15, 15]) == (0, 255)


def test_sixteen_bits_a_pixel_become_eight(tmp_path: Path) -> None:
    values = np.linspace(0, 60_000, 100 * 100).reshape(100, 100).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    read = open_picture(tmp_path / "deep.png")
    assert (int(read.min()), int(read.max())) == (0, 255)


def test_a_large_photograph_is_made_smaller(tmp_path: Path) -> None:
    Image.new("RGB", (3000, 1500), (10, 200, 30)).save(tmp_path / "large.png")
    assert open_picture(tmp_path / "large.png").shape == (512, 1024, 3)


def broken_png(path: Path) -> None:
    Image.fromarray(seven()).save(path)
    path.write_bytes(path.read_bytes()[:200])


def text(path: Path) -> None:
    path.write_text("no picture at all")


def enormous(path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [(broken_png, "broken"), (text, "not a picture"), (enormous, "too large"), (None, "cannot be read")],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, make: object, words: str) -> None:
    path = tmp_path / "picture.png"
    if callable(make):
        make(path)
    with pytest.raises(WorkbenchError) as refused:
        open_picture(path)
    assert "picture.png" in refused.value.title
    assert words in str(refused.value) or "whole" in refused.value.hint

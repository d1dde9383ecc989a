"""The icons that lie in the repository are what the script draws, and are there in all that systems ask for."""

import numpy as np
import pytest
from PIL import Image
from script_loading import load

identity = load("identity")
icons = load("make_icons")

# Another release of Qt may smooth an edge otherwise; another drawing would differ by far more.
_SMOOTHING = 2.0


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh") / "icons"
    icons.make(folder)
    return folder


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def difference(one, other):
    pixels = [np.asarray(picture.convert("RGBA"), dtype=np.float64) for picture in (one, other)]
    return np.abs(pixels[0] - pixels[1]).mean()


def test_nothing_is_missing_and_nothing_is_left_from_earlier(fresh):
    assert names(icons.FOLDER) == names(fresh)


def test_every_picture_of_the_theme_shows_the_drawing_in_the_size_of_its_folder(fresh):
    for name in names(fresh):
        if not name.endswith(".png"):
            continue
        size = int(name.split("/")[1].split("x")[0])
        with Image.open(icons.FOLDER / name) as kept, Image.open(fresh / name) as drawn:
            assert kept.size == (size, size)
            assert difference(kept, drawn) < _SMOOTHING, name


def test_the_theme_holds_the_drawings_themselves():
    for drawn, context, themed, *_ in icons.ICONS:
        scalable = icons.FOLDER / "hicolor" / "scalable" / context / f"{themed}.svg"
        assert scalable.read_bytes() == (icons.DRAWN / drawn).read_bytes()


@pytest.mark.parametrize("name", ["app", "recipe"])
def test_windows_finds_every_size_that_it_shows(fresh, name):
    with Image.open(icons.FOLDER / f"{name}.ico") as kept, Image.open(fresh / f"{name}.ico") as drawn:
        assert kept.info["sizes"] == {(size, size) for size in icons.WINDOWS_SIZES}
        for size in sorted(kept.info["sizes"]):
            assert difference(kept.ico.getimage(size), drawn.ico.getimage(size)) < _SMOOTHING


@pytest.mark.parametrize("name", ["app", "recipe"])
def test_macos_finds_pictures_up_to_1024_pixels(fresh, name):
    with Image.open(icons.FOLDER / f"{name}.icns") as kept, Image.open(fresh / f"{name}.icns") as drawn:
        assert {width * scale for width, _, scale in kept.info["sizes"]} >= set(icons.MAC_SIZES) - {16, 64}
        assert kept.size == (1024, 1024)
        assert difference(kept, drawn) < _SMOOTHING


def test_an_icon_on_macos_keeps_the_margin_of_its_grid_and_one_of_a_theme_has_none():
    drawing = icons.DRAWN / "distillation-workbench.svg"
    assert icons.render(drawing, 1024, icons.MAC_GROUND).getbbox() == (100, 100, 924, 924)
    assert icons.render(drawing, 64).getbbox() == (0, 0, 64, 64)


def test_even_the_smallest_icon_shows_glass_teacher_and_student():
    picture = np.asarray(icons.render(icons.DRAWN / "distillation-workbench.svg", 16).convert("RGB"), dtype=int)
    colours = {"glass": (245, 247, 253), "teacher": (236, 168, 20), "student": (110, 190, 240)}
    for name, colour in colours.items():
        assert (np.abs(picture - colour).sum(axis=2) < 90).any(), name

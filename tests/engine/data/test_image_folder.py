"""Folders of pictures: classes, split, size and colours, broken files, and a store that is never trusted blindly."""

import os
import subprocess
import sys
import time

import numpy as np
import polars
import pytest
import torch

from engine.data.pictures import write_classes, write_picture
from workbench.engine.data import picture_run
from workbench.engine.data.image_folder import image_folder
from workbench.engine.data.wishes import Wishes
from workbench.engine.mapped import is_mapped
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.recipe.data import ImageFolder

HALF = {"validation_fraction": 0.5}


def _read(folder, cache=None, shape=(), pulse=lambda _: None, **settings):
    section = ImageFolder(folder=str(folder), **(HALF | settings))
    return image_folder(section, folder.parent, Wishes(input_shape=shape, cache_folder=cache, pulse=pulse))


@pytest.fixture
def folder(tmp_path):
    return write_classes(tmp_path / "data", {"class 10": 4, "class 9": 4, "class 2": 4})


def test_classes_are_folders_in_the_order_people_count(folder):
    dataset = _read(folder)
    assert dataset.training.classes == ("class 2", "class 9", "class 10")
    assert dataset.training.inputs_NX.shape == (6, 3, 6, 6)
    assert sorted(dataset.validation.labels_N.tolist()) == [0, 0, 1, 1, 2, 2]


def test_every_picture_is_on_one_side_with_its_own_label(folder):
    dataset = _read(folder)
    found = {}
    for part in (dataset.training, dataset.validation):
        for pixels, label in zip(part.inputs_NX, part.labels_N.tolist(), strict=True):
            found[pixels.numpy().tobytes()] = part.classes[label]
    from PIL import Image

    expected = {
        np.asarray(Image.open(path)).transpose(2, 0, 1).tobytes(): path.parent.name for path in folder.rglob("*.png")
    }
    assert found == expected


def test_classes_in_the_recipe_give_the_order_and_unknown_ones_are_named(folder):
    order = ("class 10", "class 2", "class 9", "another")
    assert _read(folder, classes=order).training.classes == order
    with pytest.raises(WorkbenchError, match="class 9"):
        _read(folder, classes=("class 10", "class 2"))


def test_pictures_beside_the_folders_have_no_label(folder):
    write_picture(folder / "loose.png", np.zeros((6, 6, 3), np.uint8))
    dataset = _read(folder)
    assert (dataset.training.labels_N == UNLABELLED).sum() == 1
    assert any("1 of 13 pictures have no label" in note.title for note in dataset.training.notes)


def test_what_is_no_picture_is_passed_over_and_counted(folder):
    (folder / "class 2" / "readme.txt").write_text("hello")
    (folder / "class 2" / ".hidden.png").write_text("hello")
    titles = " ".join(note.title for note in _read(folder).training.notes)
    assert "1 hidden" in titles
    assert "1 named .txt" in titles


def test_a_list_names_files_and_labels(folder, tmp_path):
    rows = {"File": ["class 2/0.png", "class 9/1.png", "class 10/2.png"] * 2, "Label": ["b", "a", ""] * 2}
    polars.DataFrame(rows).write_csv(tmp_path / "list.csv")
    dataset = _read(folder, listing=str(tmp_path / "list.csv"))
    assert dataset.training.classes == ("a", "b")
    assert sorted(torch.cat([part.labels_N for part in (dataset.training, dataset.validation)]).tolist()) == [
        -100,
        -100,
        0,
        0,
        1,
        1,
    ]


@pytest.mark.parametrize("name", ["../outside.png", "/etc/hostname"])
def test_a_list_cannot_lead_out_of_its_folder(folder, tmp_path, name):
    write_picture(tmp_path / "outside.png", np.zeros((6, 6, 3), np.uint8))
    (tmp_path / "list.csv").write_text(f"file,label\n{name},a\n")
    with pytest.raises(WorkbenchError, match="leads out of the folder"):
        _read(folder, listing=str(tmp_path / "list.csv"))


def test_size_and_colours_are_the_model_s_where_the_recipe_is_silent(folder):
    assert _read(folder, shape=(1, 8, 10)).training.inputs_NX.shape[1:] == (1, 8, 10)
    assert _read(folder, shape=(1, 8, 10), size=(4, 4), colour="rgb").training.inputs_NX.shape[1:] == (3, 4, 4)


def test_grey_pictures_stay_grey_where_nobody_asks_otherwise(tmp_path):
    for name in "ab":
        for number in range(4):
            write_picture(tmp_path / "data" / name / f"{number}.png", np.full((5, 5), number, np.uint8))
    assert _read(tmp_path / "data").training.inputs_NX.shape[1:] == (1, 5, 5)


def test_different_sizes_need_one_to_be_named(folder):
    write_picture(folder / "class 2" / "large.png", np.zeros((9, 7, 3), np.uint8))
    with pytest.raises(WorkbenchError, match="2 different sizes") as caught:
        _read(folder)
    assert "data.size = [6, 6]" in caught.value.hint
    assert _read(folder, size=(5, 5)).training.inputs_NX.shape[2:] == (5, 5)


def test_broken_files_are_named_and_left_out_only_where_the_recipe_says_so(folder, tmp_path):
    (folder / "class 9" / "odd\nname.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(WorkbenchError, match=r"1 of 13 pictures cannot be used") as caught:
        _read(folder, cache=tmp_path / "cache")
    assert "odd" in caught.value.details
    dataset = _read(folder, skip_broken=True)
    assert len(dataset.training) + len(dataset.validation) == 12
    assert any("1 of 13" in note.title and "left out" in note.title for note in dataset.training.notes)


def test_held_out_pictures_may_have_a_folder_of_their_own(folder, tmp_path):
    write_classes(tmp_path / "judge", {"class 2": 2, "class 9": 1}, seed=9)
    dataset = _read(folder, validation_folder=str(tmp_path / "judge"))
    assert (len(dataset.training), len(dataset.validation)) == (12, 3)
    assert dataset.validation.classes == dataset.training.classes
    assert sorted(dataset.validation.labels_N.tolist()) == [0, 0, 1]


@pytest.fixture
def decodings(monkeypatch):
    """How often a picture was decoded."""
    counted = []
    decode = picture_run.decode
    monkeypatch.setattr(picture_run, "decode", lambda path, form: counted.append(path) or decode(path, form))
    return counted


def test_pictures_are_decoded_once_and_again_when_one_of_them_changed(folder, tmp_path, decodings):
    first = _read(folder, cache=tmp_path / "cache")
    assert len(decodings) == 12
    second = _read(folder, cache=tmp_path / "cache")
    assert len(decodings) == 12
    assert torch.equal(first.training.inputs_NX, second.training.inputs_NX)
    assert first.training.digest == second.training.digest
    changed = folder / "class 2" / "0.png"
    write_picture(changed, np.zeros((6, 6, 3), np.uint8))
    os.utime(changed, ns=(1, 1))
    third = _read(folder, cache=tmp_path / "cache")
    assert len(decodings) == 24
    assert third.training.digest != first.training.digest


def test_what_is_larger_than_the_memory_for_it_stays_on_disk_with_the_same_pixels(folder, tmp_path):
    there = _read(folder, cache=tmp_path / "cache").training.inputs_NX
    mapped = _read(folder, cache=tmp_path / "cache", memory=0).training.inputs_NX
    assert is_mapped(mapped)
    assert not is_mapped(there)
    assert torch.equal(mapped, there)


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "index"])
def test_a_damaged_store_is_made_again(folder, tmp_path, decodings, damage):
    whole = _read(folder, cache=tmp_path / "cache").training.inputs_NX
    pixels, index = (next((tmp_path / "cache").rglob(f"*.{ending}")) for ending in ("pixels", "json"))
    if damage == "cut":
        pixels.write_bytes(pixels.read_bytes()[:-5])
    elif damage == "changed":
        pixels.write_bytes(b"\x00" + pixels.read_bytes()[1:-1] + b"\x01")
    elif damage == "gone":
        pixels.unlink()
    else:
        index.write_text("{")
    assert torch.equal(_read(folder, cache=tmp_path / "cache").training.inputs_NX, whole)
    assert len(decodings) == 24


def test_decoding_can_be_ended_and_leaves_nothing_behind(folder, tmp_path):
    class StopAskedError(Exception):
        pass

    def pulse(words):
        if words.startswith("Decoding"):
            raise StopAskedError

    with pytest.raises(StopAskedError):
        _read(folder, cache=tmp_path / "cache", pulse=pulse)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_links_in_a_circle_are_not_followed(folder):
    (folder / "class 2" / "round").symlink_to(folder, target_is_directory=True)
    dataset = _read(folder)
    assert len(dataset.training) == 6
    assert "1 links to folders" in dataset.training.notes[0].title


def test_there_is_nothing_to_say_of_plain_folders(folder):
    assert _read(folder).training.notes == ()


@pytest.mark.parametrize("place", ["nowhere", "empty", "file"])
def test_a_folder_without_pictures_is_refused_by_name(tmp_path, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkbenchError, match=place):
        _read(tmp_path / place)


_KILLED = """
import os, signal, sys
from pathlib import Path
from workbench.engine.data.image_folder import image_folder
from workbench.engine.data.wishes import Wishes
from workbench.recipe.data import ImageFolder

def pulse(words):
    if words.startswith("Decoding") and " 0 of" not in words:
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

folder, cache = map(Path, sys.argv[1:])
image_folder(ImageFolder(folder=str(folder)), folder, Wishes(cache_folder=cache, pulse=pulse))
"""


def test_a_process_that_dies_while_decoding_leaves_nothing_that_counts(folder, tmp_path, decodings):
    write_classes(folder, {"class 11": 40})
    cache = tmp_path / "cache"
    died = subprocess.run([sys.executable, "-c", _KILLED, str(folder), str(cache)], check=False, timeout=120)
    assert died.returncode != 0
    left = [path.name for path in cache.rglob("*") if path.is_file()]
    assert len(left) == 1
    assert left[0].startswith(".new-")
    dataset = _read(folder, cache=cache)
    assert len(dataset.training) + len(dataset.validation) == 52
    assert len(decodings) == 52
    day_ago = time.time() - 2 * 24 * 3600
    os.utime(cache / "pictures" / left[0], (day_ago, day_ago))
    _read(folder, cache=cache, seed=1)
    assert sorted(path.suffix for path in cache.rglob("*") if path.is_file()) == [".json", ".pixels"]

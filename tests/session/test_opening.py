"""What was dropped is told by its content, and what cannot be opened is refused in words."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.language.text_workshop import tiny_language_model
from PIL import Image

from workbench.engine.language.folder import write_weights
from workbench.errors import WorkbenchError
from workbench.session.opening import Found, look_at
from workbench.session.run_folder import RunFolder

_PICTURES = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")


@pytest.mark.parametrize("name", ["Mine.TOML", "mine.distil", "Mine.DISTIL"])
def test_a_recipe_is_told_by_its_ending_since_it_may_be_wrong_inside(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("this is not even TOML")
    assert look_at(path) == Found(path, "recipe")


def test_a_run_is_told_from_its_folder_and_from_the_files_in_it(make_run: Callable[..., RunFolder]) -> None:
    folder = make_run()
    for path in (folder.path, folder.recipe_file, folder.database_file):
        assert look_at(path) == Found(folder.path, "run")


def test_a_student_that_lies_in_a_run_is_a_checkpoint_and_not_the_run(
    make_run: Callable[..., RunFolder], recipe_file: Path
) -> None:
    student = make_run().path / "student.safetensors"
    student.write_bytes((recipe_file.parent / "teacher.safetensors").read_bytes())
    assert look_at(student) == Found(student, "checkpoint")


@pytest.mark.parametrize("kind", _PICTURES)
def test_a_picture_is_told_by_its_first_bytes_whatever_it_is_called(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "drawing.dat"
    Image.new("RGB", (5, 7), "red").save(path, kind)
    assert look_at(path) == Found(path, "picture")


def test_a_checkpoint_is_told_by_its_content_whatever_it_is_called(recipe_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes((recipe_file.parent / "teacher.safetensors").read_bytes())
    assert look_at(path) == Found(path, "checkpoint")


def test_weights_whose_header_is_as_long_as_bm_spells_are_no_picture(recipe_file: Path, tmp_path: Path) -> None:
    content = (recipe_file.parent / "teacher.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    wanted = int.from_bytes(b"BM", "little")
    header = content[8 : 8 + length].ljust(wanted)
    path = tmp_path / "unlucky.safetensors"
    path.write_bytes(wanted.to_bytes(8, "little") + header + content[8 + length :])
    assert path.read_bytes().startswith(b"BM")
    assert look_at(path).kind == "checkpoint"


def test_sound_is_no_picture_though_it_begins_as_one(tmp_path: Path) -> None:
    path = tmp_path / "voice.webp"
    path.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    with pytest.raises(WorkbenchError, match=r"voice\.webp is one sound"):
        look_at(path)


def test_what_is_nothing_is_refused_with_its_name_and_a_way_on(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    for name in ("empty", "notes.txt"):
        with pytest.raises(WorkbenchError) as refused:
            look_at(tmp_path / name)
        assert refused.value.title.startswith(f"{name} is neither a recipe, a run, a checkpoint, data nor a picture")
        assert "Data section" in refused.value.hint


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("hollow.safetensors", b"", r"hollow\.safetensors is empty \(0 bytes\)"),
        ("student.toml", b"", r"student\.toml is empty \(0 bytes\)"),
        ("model.pt", bytes(5000), r"model\.pt holds only zero bytes at its beginning, of 5,000 bytes"),
        ("saved.sqlite", b"SQLite format 3\0ab", "looks like a SQLite database that was cut off after 18 bytes"),
        ("copy.db", b"hello there", "is not a SQLite database: its 11 bytes begin with b'hello there'"),
        ("notes.md", b"hello", "notes.md is neither .* opens: its 5 bytes begin with b'hello'"),
    ],
)
def test_a_torn_file_is_refused_with_what_is_seen_of_it(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WorkbenchError, match=words) as refused:
        look_at(tmp_path / name)
    assert refused.value.hint


def test_a_run_whose_database_is_damaged_is_still_a_run(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("")
    (tmp_path / "run.sqlite").write_bytes(b"")
    assert look_at(tmp_path).kind == "run"


def test_data_is_told_by_its_content_and_comes_with_the_section_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "irises"
    path.write_text("petal,sepal,species\n1.5,2.0,setosa\n1.0,3.5,virginica\n")
    found = look_at(path)
    assert (found.path, found.kind) == (path, "data")
    assert found.data is not None
    assert (found.data["kind"], found.data["file"]) == ("table", str(path))


def test_code_is_not_opened_and_the_refusal_says_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import os, sys\nfrom a import b, c\n")
    with pytest.raises(WorkbenchError, match=r"model\.py is code, which is not run") as refused:
        look_at(tmp_path / "model.py")
    assert "Python class" in refused.value.hint


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"There is nothing at .*gone\.toml"):
        look_at(tmp_path / "gone.toml")


def test_only_a_checkpoint_loads_torch(tmp_path: Path, make_run: Callable[..., RunFolder]) -> None:
    Image.new("L", (2, 2)).save(tmp_path / "picture.png")
    (tmp_path / "recipe.toml").touch()
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    paths = [make_run().path, *(tmp_path / name for name in ("picture.png", "recipe.toml", "data.csv"))]
    code = (
        "import sys; from pathlib import Path; from workbench.session.opening import look_at\n"
        "print(*[look_at(Path(path)).kind for path in sys.argv[1:]], 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, paths)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["run", "picture", "recipe", "data", "False"]


def test_a_language_model_says_that_it_writes_text(tmp_path: Path) -> None:
    write_weights(tiny_language_model(1), tmp_path / "writer")
    (tmp_path / "model.bin").write_bytes(b"GGUF" + bytes(60))
    assert look_at(tmp_path / "writer") == Found(tmp_path / "writer", "checkpoint", writes_text=True)
    assert look_at(tmp_path / "model.bin").writes_text

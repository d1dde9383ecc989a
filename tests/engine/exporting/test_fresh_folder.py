"""Files appear together or not at all, and cost nobody else's."""

import os
from pathlib import Path

import pytest

from workbench.engine.exporting.fresh_folder import fresh_folder
from workbench.errors import WorkbenchError
from workbench.writing import unfinished_prefix

OWN = ("a.txt", "b.txt", "c.txt")


def write(folder: Path, **files: str) -> None:
    with fresh_folder(folder, OWN) as staging:
        for name, text in files.items():
            (staging / f"{name}.txt").write_text(text)


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_new_folder_holds_what_was_written_and_nothing_is_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "export"
    write(folder, a="1", b="2")
    assert texts(folder) == {"a.txt": "1", "b.txt": "2"}
    assert list(folder.parent.iterdir()) == [folder]


def test_nothing_can_be_seen_before_the_block_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    with fresh_folder(folder, OWN) as staging:
        (staging / "a.txt").write_text("1")
        assert not folder.exists()
    assert texts(folder) == {"a.txt": "1"}


def test_old_files_give_way_and_strange_ones_stay(tmp_path: Path) -> None:
    write(tmp_path / "export", a="1", b="2")
    (tmp_path / "export" / "notes.txt").write_text("mine")
    write(tmp_path / "export", a="3", c="4")
    assert texts(tmp_path / "export") == {"a.txt": "3", "c.txt": "4", "notes.txt": "mine"}


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "export", a="1")

    def write_half() -> None:
        with fresh_folder(tmp_path / "export", OWN) as staging:
            (staging / "a.txt").write_text("2")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        write_half()
    assert texts(tmp_path / "export") == {"a.txt": "1"}


@pytest.mark.parametrize("failing", ["a.txt", "b.txt", "c.txt"])
def test_a_move_that_fails_half_way_is_undone(failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "export"
    write(folder, a="1", b="2")
    rename = Path.rename

    def rename_most(self: Path, target: Path) -> Path:
        if self.name == failing and target.parent == folder:
            raise PermissionError(13, "Another program has it open")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_most)
    with pytest.raises(WorkbenchError, match=r"cannot be written to .*: Another program has it open"):
        write(folder, a="3", b="4", c="5")
    assert texts(folder) == {"a.txt": "1", "b.txt": "2"}


def test_a_file_in_the_folders_place_is_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / "export").write_text("a file")
    with pytest.raises(WorkbenchError, match="export cannot be written"):
        write(tmp_path / "export", a="1")
    assert texts(tmp_path) == {"export": "a file"}


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    with (
        pytest.raises(WorkbenchError, match="No space left on device") as error,
        fresh_folder(tmp_path / "export", OWN),
    ):
        raise OSError(28, "No space left on device")
    assert error.value.hint
    assert list(tmp_path.iterdir()) == []


def write_inner(folder: Path, text: str) -> None:
    with fresh_folder(folder, ("inner",)) as staging:
        (staging / "inner").mkdir()
        (staging / "inner" / "a.txt").write_text(text)


def test_a_folder_inside_takes_the_place_of_the_old_one_as_a_whole(tmp_path: Path) -> None:
    write_inner(tmp_path / "export", "1")
    (tmp_path / "export" / "inner" / "left.txt").write_text("old")
    write_inner(tmp_path / "export", "2")
    assert texts(tmp_path / "export" / "inner") == {"a.txt": "2"}


def test_a_folder_inside_is_put_back_when_a_later_move_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "export"
    write_inner(folder, "1")
    rename = Path.rename

    def fail_at_last(path: Path, target: Path) -> Path:
        if path.name == "z.txt":
            raise OSError("no room")
        return rename(path, target)

    def write_both() -> None:
        with fresh_folder(folder, ("inner", "z.txt")) as staging:
            (staging / "inner").mkdir()
            (staging / "z.txt").write_text("2")

    monkeypatch.setattr(Path, "rename", fail_at_last)
    with pytest.raises(WorkbenchError):
        write_both()
    assert texts(folder / "inner") == {"a.txt": "1"}
    assert [path.name for path in folder.iterdir()] == ["inner"]


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_an_export_that_was_killed_while_its_files_were_moved_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    folder = tmp_path / "export"
    write(folder, a="1", b="1")
    left = folder / f"{unfinished_prefix('export')}0123abcd"
    (left / "old").mkdir(parents=True)
    for name in ("a.txt", "b.txt"):
        (left / name).write_text("2")
    for name in ("a.txt", "b.txt")[:moved]:
        (folder / name).rename(left / "old" / name)
        (left / name).rename(folder / name)
    monkeypatch.setattr("psutil.pid_exists", lambda pid: False)
    with pytest.raises(ValueError, match="refused"), fresh_folder(folder, OWN):
        raise ValueError("refused")
    assert texts(folder) == {"a.txt": "2", "b.txt": "2"}


def test_an_export_that_is_going_on_beside_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    with fresh_folder(folder, OWN) as one:
        (one / "a.txt").write_text("1")
        write(tmp_path / "other", a="2")
        assert one.is_dir()
    assert texts(folder) == {"a.txt": "1"}


def test_a_folder_of_somebody_else_is_never_taken_for_a_leftover(tmp_path: Path) -> None:
    strange = [".new-project", ".export-settings", ".new-abcdefgh", ".export-0123abcd"]
    for name in strange:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    write(tmp_path / "export", a="1")
    assert all((tmp_path / name).is_dir() for name in strange)

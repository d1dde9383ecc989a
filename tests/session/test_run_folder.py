"""Run folders: there as a whole or not at all, held by one process, found again after a crash."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.session.run_folder import RunFolder, new_run_path
from workbench.writing import unfinished_prefix


def test_a_new_folder_holds_the_recipe_with_its_comments(make_run: Callable[..., RunFolder], recipe_file: Path) -> None:
    recipe_file.write_text("# mine\n" + recipe_file.read_text())
    folder = make_run(changes=("student.seed=5",))
    text = folder.recipe_file.read_text()
    assert text.startswith("# mine\n")
    assert folder.recipe.student.seed == 5
    assert str(recipe_file.parent / "data.npz") in text


def test_a_folder_without_a_run_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="There is no run in"):
        RunFolder(tmp_path)


def test_a_failed_creation_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.writing.os.fsync", broken)
    with pytest.raises(WorkbenchError, match="disk is full"):
        RunFolder.create(tmp_path / "run", "")
    assert not (tmp_path / "run").exists()


def test_a_companion_that_is_just_being_made_is_none_yet(make_run: Callable[..., RunFolder]) -> None:
    folder = make_run()
    (folder.path / "trials" / ".new-half").mkdir(parents=True)
    (folder.path / "trials" / "baseline-seed-1").mkdir()
    assert folder.companions() == [folder.path / "trials" / "baseline-seed-1"]


def test_a_second_process_cannot_hold_a_run(make_run: Callable[..., RunFolder]) -> None:
    folder = make_run()
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert folder.is_running
    with pytest.raises(WorkbenchError, match=f"right now, by process {holder.pid}"), folder.claimed():
        pass
    holder.communicate("\n")
    assert not folder.is_running
    with folder.claimed():
        assert folder.is_running


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_processes_that_claim_a_run_at_the_same_time_exactly_one_gets_it(make_run: Callable[..., RunFolder]) -> None:
    folder = make_run()
    for _ in range(25):
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", _RACE, str(folder.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = {process.pid: process.stdout.readline() for process in processes if process.stdout is not None}
        for process in processes:
            process.communicate("end\n")
        (holder,) = [pid for pid, line in said.items() if line == "held\n"]
        (other,) = [line for pid, line in said.items() if pid != holder]
        assert f"is being run right now, by process {holder}." in other


def test_where_the_file_system_has_no_locks_the_holder_is_found_by_its_file(
    make_run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", unsupported)
    folder = make_run()
    with folder.claimed():
        assert folder.is_running
        with pytest.raises(WorkbenchError, match=f"by process {os.getpid()}"), folder.claimed():
            pass
    assert not folder.is_running


def test_a_reader_takes_no_lock(make_run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run()
    monkeypatch.setattr("filelock.FileLock.acquire", lambda *_, **__: pytest.fail("a list took the lock"))
    assert not folder.is_running


def test_a_claim_removes_what_dead_processes_left_and_nothing_that_is_in_use(
    make_run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    used = [f"{unfinished_prefix(kind)}abcdefgh" for kind in ("new", "export")]
    left = [name.replace(f"-{os.getpid()}-", f"-{gone.pid}-") for name in used]
    for place in (folder.path, folder.path / "trials"):
        for name in (*used, *left):
            (place / name).mkdir(parents=True)
            (place / name / "half").write_text("half")
    monkeypatch.setattr("psutil.pid_exists", lambda pid: pid == os.getpid())
    with folder.claimed():
        for place in (folder.path, folder.path / "trials"):
            assert sorted(path.name for path in place.glob(".*")) == sorted(used)


def test_what_a_dead_process_left_behind_is_taken_over(make_run: Callable[..., RunFolder]) -> None:
    folder = make_run()
    # A living process with that number, but another birthday: the number was used again.
    (folder.path / "running.json").write_text(json.dumps({"pid": os.getpid(), "started": 1.0}))
    assert not folder.is_running
    with folder.claimed():
        assert folder.is_running


def test_names_of_runs_are_made_from_the_recipe_and_never_collide(tmp_path: Path) -> None:
    first = new_run_path(tmp_path, "Hinton's MNIST / ü")
    first.mkdir()
    assert first.name.endswith("_hinton-s-mnist-ü")
    assert new_run_path(tmp_path, "Hinton's MNIST / ü") != first


_RACE = """
import sys
from pathlib import Path
from workbench.errors import WorkbenchError
from workbench.session.run_folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    with folder.claimed():
        print("held", flush=True)
        sys.stdin.readline()
except WorkbenchError as error:
    print(error.title, flush=True)
"""

_HOLD = """
import sys
from pathlib import Path
from workbench.session.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).claimed():
    print("held", flush=True)
    sys.stdin.readline()
"""

"""What a built program settles before anything else."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.frozen import bundle_folder, clean, is_frozen, settle

BUNDLE = Path("/usr/lib/distillation-workbench/_internal")


def test_children_of_a_built_program_get_the_environment_it_was_started_with() -> None:
    environ = {
        "LD_LIBRARY_PATH": f"{BUNDLE}:/opt/mine",
        "LD_LIBRARY_PATH_ORIG": "/opt/mine",
        "QT_PLUGIN_PATH": f"{BUNDLE}/PySide6/Qt/plugins",
        "QML2_IMPORT_PATH": f"{BUNDLE}/PySide6/Qt/qml",
        "PATH": os.pathsep.join([str(BUNDLE), "/usr/bin", "/bin"]),
        "_PYI_ARCHIVE_FILE": "/usr/lib/distillation-workbench/distillation-workbench",
        "_PYI_PARENT_PROCESS_LEVEL": "1",
        "_": "/usr/bin/distillation-workbench",
        "EMPTY": "",
        "HOME": "/home/ada",
    }
    clean(environ, BUNDLE)
    assert environ == {
        "LD_LIBRARY_PATH": "/opt/mine",
        "PATH": os.pathsep.join(["/usr/bin", "/bin"]),
        "_": "/usr/bin/distillation-workbench",
        "EMPTY": "",
        "HOME": "/home/ada",
    }


def test_a_library_path_that_nobody_had_set_is_gone() -> None:
    environ = {"LD_LIBRARY_PATH": str(BUNDLE)}
    clean(environ, BUNDLE)
    assert environ == {}


def test_the_environment_of_a_program_that_python_runs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/mine")
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/opt/other")
    before = dict(os.environ)
    settle()
    assert dict(os.environ) == before
    assert not is_frozen()
    assert bundle_folder() is None


def test_a_built_program_cleans_its_own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/mine")
    settle()
    assert is_frozen()
    assert bundle_folder() == tmp_path
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/mine"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_what_a_program_without_a_console_says_is_kept_beside_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    settle()
    print("α is said")  # noqa: T201 - what libraries do
    sys.stderr.write("and an error\n")
    stream = sys.stdout
    monkeypatch.undo()
    stream.close()
    assert (tmp_path / "logs" / "output.log").read_text(encoding="utf-8") == "α is said\nand an error\n"


def test_that_file_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path))
    file = tmp_path / "logs" / "output.log"
    file.parent.mkdir()
    file.write_bytes(b"x" * 1_000_001)
    monkeypatch.setattr(sys, "stdout", None)
    settle()
    sys.stdout.close()
    assert file.read_bytes() == b""


def test_where_no_log_can_be_written_words_go_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(blocked))
    monkeypatch.setattr(sys, "stdout", None)
    settle()
    print("into nothing")  # noqa: T201 - what libraries do
    sys.stdout.close()


def test_open_streams_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    settle()
    assert sys.stdout is stream


_WITHOUT_STREAMS = """
import sys
sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
sys.argv = ["distillation-workbench", *sys.argv[1:]]
from workbench.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [(["--version"], 0, "distillation-workbench 0."), (["runs"], 0, "runs"), (["nonsense"], 2, "nonsense")],
)
def test_commands_do_their_work_without_any_stream(words: list[str], code: int, told: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_STREAMS, *words],
        env={**os.environ, "DISTILLATION_WORKBENCH_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])},
        timeout=120,
        check=False,
    )
    assert done.returncode == code
    assert told in (tmp_path / "logs" / "output.log").read_text(encoding="utf-8")

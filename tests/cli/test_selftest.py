"""The self-test tries one part after the other, in a home of its own, and says in one JSON object how it went."""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench import __version__
from workbench.cli.commands import app
from workbench.cli.selftest import PARTS, command
from workbench.cli.selftest.examination import examine
from workbench.cli.selftest.part import demand
from workbench.errors import WorkbenchError

HOME = "DISTILLATION_WORKBENCH_HOME"


class Tried:
    """A part that does what a test wants."""

    def __init__(self, name: str, act: Callable[[Path], Any]) -> None:
        self.NAME, self.check = name, act


def nothing(_: Path) -> dict[str, Any]:
    return {}


def refuse(_: Path) -> dict[str, Any]:
    raise WorkbenchError("The library is not there.", "Install the program again.")


def end(_: Path) -> dict[str, Any]:
    sys.exit("a library gives up")


def test_parts_are_tried_in_order_and_their_facts_are_told():
    report = examine((Tried("one", lambda _: {"answer": 42}), Tried("two", nothing)))
    assert [part["name"] for part in report["parts"]] == ["one", "two"]
    assert report["parts"][0]["facts"] == {"answer": 42}
    assert (report["ok"], report["version"], report["frozen"]) == (True, __version__, False)
    assert all(part["seconds"] >= 0 for part in report["parts"])


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (refuse, "The library is not there.\nInstall the program again."),
        (end, "SystemExit: a library gives up"),
        (lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_part_that_fails_is_named_with_its_words_and_the_others_have_their_turn(act, words):
    report = examine((Tried("broken", act), Tried("sound", nothing)))
    broken, sound = report["parts"]
    assert not report["ok"]
    assert (broken["name"], broken["ok"], broken["error"]) == ("broken", False, words)
    assert "Traceback" in broken["details"]
    assert sound["ok"]


def test_pytorch_that_failed_half_way_is_not_imported_again_by_later_parts():
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from types import SimpleNamespace as Part\n"
        "from workbench.cli.selftest.examination import examine\n"
        # As where a file that PyTorch reads late is lacking.
        "sys.modules['torch.testing'] = None\n"
        "def load(_): import torch\n"
        "report = examine([Part(NAME=name, check=load) for name in 'ab'])\n"
        "print(*(part['error'] for part in report['parts']), sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "torch.testing" in first or "testing" in first
    assert "import of torch halted" in second


def test_ctrl_c_ends_the_whole_test():
    def interrupted(_: Path) -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine((Tried("slow", interrupted),))


def test_warnings_are_facts():
    def warn(_: Path) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
        warnings.resetwarnings()
        warnings.warn("old wood", FutureWarning, stacklevel=1)
        warnings.warn("old wood", FutureWarning, stacklevel=1)
        return {"answer": 42}

    (part,) = examine((Tried("creaking", warn),))["parts"]
    assert part["facts"] == {"answer": 42, "warnings": ["FutureWarning: old wood"]}


def test_the_home_is_a_folder_of_its_own_that_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv(HOME, str(tmp_path / "own"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    before, seen = dict(os.environ), {}

    def look(folder: Path) -> dict[str, Any]:
        from workbench.session.places import runs_folder

        seen.update(os.environ, folder=folder, runs=runs_folder())
        (folder / "left behind").write_text("x")
        return {}

    examine((Tried("looking", look), Tried("broken", refuse)))
    assert seen["runs"] == seen["folder"] / "runs"
    assert seen["HF_HUB_OFFLINE"] == "1"
    for name in (HOME, "HF_HOME", "TORCHINDUCTOR_CACHE_DIR", "XDG_DATA_HOME"):
        assert Path(seen[name]).is_relative_to(tmp_path / "temporary")
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (tmp_path / "own").exists()
    assert dict(os.environ) == before


def test_the_persons_own_folders_are_told_but_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "own"))
    folders = examine(())["folders"]
    assert folders["logs"] == str(tmp_path / "own" / "logs")
    assert set(folders) == {"data", "cache", "logs", "preferences"}
    assert not (tmp_path / "own").exists()


def test_what_libraries_and_children_print_does_not_come_between_report_and_reader(monkeypatch, capfd):
    def chatter(_: Path) -> dict[str, Any]:
        sys.stdout.write("a library talks\n")
        sys.stdout.flush()
        os.write(1, b"C talks\n")
        subprocess.run([sys.executable, "-c", "print('a child talks')"], check=True)
        return {}

    monkeypatch.setattr(command, "PARTS", (Tried("talking", chatter),))
    assert command.selftest()
    told = capfd.readouterr()
    assert [part["name"] for part in json.loads(told.out)["parts"]] == ["talking"]
    assert all(words in told.err for words in ("a library talks", "C talks", "a child talks", "talking: passed"))


def test_a_program_without_streams_says_it_in_a_file(tmp_path, monkeypatch):
    def talk(_: Path) -> dict[str, Any]:
        print("to nobody")  # noqa: T201
        return {}

    monkeypatch.setattr(command, "PARTS", (Tried("printing", talk), Tried("broken", refuse)))
    for name in ("stdout", "stderr", "__stderr__"):
        monkeypatch.setattr(sys, name, None)
    assert not command.selftest(report=tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [part["ok"] for part in report["parts"]] == [True, False]


def test_a_report_that_cannot_be_kept_is_still_printed_and_the_status_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "PARTS", (Tried("only", nothing),))
    done = CliRunner().invoke(app, ["--selftest", "--selftest-out", str(tmp_path / "nowhere" / "report.json")])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["ok"]
    assert f"could not be kept in {tmp_path}" in done.stderr


def test_where_nothing_can_be_written_the_report_says_that(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    found = examine((Tried("never tried", nothing),))
    assert not found["ok"]
    (part,) = found["parts"]
    assert part["name"] == "home"
    assert "not there" in part["error"]


@pytest.mark.parametrize(("act", "status"), [(nothing, 0), (refuse, 1)])
def test_the_exit_status_tells_whether_all_is_well(act, status, monkeypatch):
    monkeypatch.setattr(command, "PARTS", (Tried("only", act),))
    done = CliRunner().invoke(app, ["--selftest"])
    assert done.exit_code == status
    assert json.loads(done.stdout)["ok"] is (status == 0)


def test_options_of_the_self_test_alone_are_refused():
    done = CliRunner().invoke(app, ["--window"])
    assert done.exit_code == 2
    assert "belong to --selftest" in done.stderr


def test_the_parts_have_names_of_their_own_and_training_comes_before_what_needs_it():
    names = [part.NAME for part in PARTS]
    assert names == ["surroundings", "imports", "training", "safetensors", "onnx", "language", "gguf"]


def test_a_demand_that_is_met_says_nothing_and_another_its_words():
    demand(True, "never said")
    with pytest.raises(WorkbenchError, match=r"^2 of 3 are there\.\nLook for the third\.$"):
        demand(False, "2 of 3 are there.", "Look for the third.")


def test_beginning_loads_nothing_heavy():
    code = "import sys, workbench.cli.selftest.command, workbench.cli.selftest.window; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"torch", "numpy", "PySide6", "onnx", "onnxruntime", "transformers", "polars", "pydantic"}

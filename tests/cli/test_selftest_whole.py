"""The whole self-test as an installer's test starts it, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def selftest(home: Path, *options: object, **environment: str) -> tuple[int, dict[str, Any]]:
    """Its exit status and its report; nothing else is on standard output, and nothing is left in the person's home."""
    home.mkdir()
    places = {"HOME": str(home), "USERPROFILE": str(home), "OMP_WAIT_POLICY": "PASSIVE"}
    words = [sys.executable, "-m", "workbench", "--selftest", *map(str, options)]
    done = subprocess.run(
        words, capture_output=True, encoding="utf-8", timeout=540, check=False, env=os.environ | places | environment
    )
    report = json.loads(done.stdout)
    assert report["ok"] is (done.returncode == 0), done.stderr
    left = [path for path in home.rglob("*") if path.is_file() and "fontconfig" not in path.parts]
    assert left == []
    return done.returncode, report


def test_everything_but_the_window_passes_in_a_minute_and_a_half(tmp_path):
    status, report = selftest(tmp_path / "home", "--selftest-out", tmp_path / "report.json")
    assert status == 0, json.dumps(report, indent=1)
    names = [part["name"] for part in report["parts"]]
    assert names == ["surroundings", "imports", "training", "safetensors", "onnx", "language", "gguf"]
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == report
    language = report["parts"][5]["facts"]
    assert language["onnx"]["same"]["model.onnx"]
    assert language["right"] >= 12
    # On two processors that have nothing else to do it takes about 30 s.
    assert report["seconds"] < 90 or os.getloadavg()[0] > 2, report["seconds"]


def test_the_window_is_opened_trained_in_pictured_and_closed(tmp_path):
    picture = tmp_path / "window.png"
    options = ("--window", "--screenshot", picture)
    status, report = selftest(tmp_path / "home", *options, QT_QPA_PLATFORM="offscreen")
    assert status == 0, json.dumps(report, indent=1)
    first = report["parts"][0]
    assert first["name"] == "window"
    facts = first["facts"]
    seconds = facts["seconds_from_start"]
    assert 0 < seconds["built"] <= seconds["painted"] <= seconds["furnished"] <= seconds["ready"] <= seconds["left"]
    assert facts["platform"] == "offscreen"
    assert facts["curves"]["series"]["total"] == 20
    assert facts["commonest_colour"] < 0.9
    assert facts["log"] == []
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_goes_wrong_in_the_window_ends_its_part_in_words_and_the_others_go_on(tmp_path):
    picture = tmp_path / "window.png"
    code = (
        "import sys\n"
        "from workbench.cli.selftest import command, surroundings, training\n"
        "from workbench.gui.workspace import Workspace\n"
        "command.PARTS = (surroundings,)\n"
        "def train(self, **_): raise RuntimeError('the button is loose')\n"
        "Workspace.train = train\n"
        f"sys.exit(not command.selftest(window=True, screenshot=__import__('pathlib').Path({str(picture)!r})))\n"
    )
    places = {"HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env=os.environ | places,
    )
    assert done.returncode == 1, done.stderr
    window, surroundings = json.loads(done.stdout)["parts"]
    assert "the button is loose" in window["error"]
    assert surroundings["ok"]
    assert not picture.exists()

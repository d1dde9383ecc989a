"""The window's door, each time in a process of its own: what loads when, what is opened, and what is left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run

_ROOT = Path(__file__).parents[2]
# Begins as the program does, with a watcher beside it that looks twenty times a second.
_CHILD = """
import json, os, sys, threading
import workbench.app as app

make, told = app.build, {}
hooks = sys.excepthook, threading.excepthook, sys.unraisablehook

def loaded(*names):
    return [name for name in names if name in sys.modules]

def build(application, **wishes):
    from PySide6.QtCore import QTimer
    window = make(application, **wishes)
    watcher = QTimer(window)
    watcher.setInterval(50)
    watcher.timeout.connect(lambda: look(window))
    watcher.start()
    begun(window)
    return window

def tell(**facts):
    told.update(facts)

app.build = build
"""
_END = """
code = app.main(sys.argv[1:])
ended()
print(json.dumps(told))
sys.exit(code)
"""

Child = Callable[..., dict[str, Any]]


@pytest.fixture
def child(home: Path) -> Child:
    """Runs the program with some lines of its own in it; gives what they told. Nothing may be said on stderr."""

    def run(lines: str, *arguments: object, folder: Path = _ROOT) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD + lines + _END, *map(str, arguments)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)},
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        said = [line for line in done.stderr.splitlines() if "This plugin does not support" not in line]
        assert done.returncode == 0, done.stderr
        assert said == []
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    return run


_PAINT = """
HEAVY = "torch", "onnx", "onnxruntime", "pyqtgraph", "PIL", "workbench.engine.distilling", "workbench.gui.habits"

def begun(window):
    window.painted.connect(lambda: tell(painted=loaded(*HEAVY), visible=window.isVisible()))
    window.ready.connect(lambda: tell(ready=loaded("torch")) or window.leave())

def look(window):
    pass

def ended():
    tell(built=True)
"""


def test_the_window_is_painted_before_anything_heavy_loads_and_torch_is_there_when_it_is_ready(child: Child) -> None:
    assert child(_PAINT) == {"visible": True, "painted": [], "ready": ["torch"], "built": True}


_GOODBYE = """
def begun(window):
    from PySide6.QtWidgets import QApplication
    tell(listens=sys.excepthook is not hooks[0], name=QApplication.applicationName())
    window.ready.connect(window.close)

def look(window):
    pass

def ended():
    names = [thread.name for thread in threading.enumerate()]
    tell(
        hooks=hooks == (sys.excepthook, threading.excepthook, sys.unraisablehook),
        threads=[name for name in names if name.startswith(("job ", "run "))],
    )
"""


def test_closing_the_window_ends_the_program_and_leaves_nothing_behind(child: Child, home: Path) -> None:
    told = child(_GOODBYE)
    assert told == {"listens": True, "name": "distillation-workbench", "hooks": True, "threads": []}
    log = (home / "logs" / "window.log").read_text()
    assert log.count("The window opens.") == log.count("The window closes.") == 1
    assert "ERROR" not in log
    # The next start would tell of a crash that is written here.
    assert (home / "logs" / "crash.log").read_text() == ""
    assert (home / "window.ini").is_file()
    assert not [path for path in home.rglob("*") if path.name.startswith(".new-")]


_OPENED = """
def begun(window):
    window.workspace.settings.tour_seen = True

def look(window):
    from PySide6.QtWidgets import QMessageBox
    workspace, panel = window.workspace, window.docks.panels.get("playground")
    box = window.findChild(QMessageBox)
    if box is not None and workspace.document.path is not None:
        next(button for button in box.buttons() if button.text() == "Teacher").click()
        tell(teachers=[teacher["checkpoint"] for teacher in workspace.document.value(("teachers",))])
    picture = panel is not None and panel.view.pad.picture is not None
    if len(told) == 1 and workspace.watched is not None and picture and workspace.jobs.is_idle:
        tell(recipe=str(workspace.document.path), run=str(workspace.watched.path), docks=window.shows_docks)
        tell(recent=[str(path) for path in workspace.settings.recent()])
        window.leave()

def ended():
    pass
"""


def test_what_is_named_on_the_command_line_is_opened_wherever_it_was_named_from(
    child: Child, recipe_file: Path, tmp_path: Path
) -> None:
    run: RunFolder = new_run(recipe_file, tmp_path / "runs")
    Image.new("L", (28, 28)).save(tmp_path / "digit.png")
    told = child(
        _OPENED, "recipe.toml", Path("runs", run.path.name), "teacher.safetensors", "digit.png", folder=tmp_path
    )
    teacher = str(tmp_path / "teacher.safetensors")
    assert told == {
        "recipe": str(recipe_file),
        "recent": [str(recipe_file)],
        "run": str(run.path),
        "teachers": ["teacher.safetensors", teacher],
        "docks": True,
    }


_REFUSED = """
def begun(window):
    window.workspace.settings.tour_seen = True

def look(window):
    from workbench.gui.widgets.error_card import ErrorCard
    card = window.findChild(ErrorCard)
    if card is not None and not told:
        tell(title=card.error.title, visible=card.isVisible())
        window.leave()

def ended():
    pass
"""


def test_a_file_that_is_not_there_is_an_error_card_and_no_traceback(child: Child, tmp_path: Path, home: Path) -> None:
    told = child(_REFUSED, "gone.toml", folder=tmp_path)
    assert told == {"title": f"There is nothing at {tmp_path / 'gone.toml'}.", "visible": True}
    assert "There is nothing at" in (home / "logs" / "window.log").read_text()


_FIRST_START = """
def begun(window):
    from PySide6.QtCore import QElapsedTimer
    window.since = QElapsedTimer()

def look(window):
    from workbench.gui.tour import Tour
    is_settled = window.docks.panels and window.workspace.jobs.is_idle
    if is_settled and (window.workspace.document.path is not None or len(sys.argv) == 1) and not window.since.isValid():
        window.since.start()
    has_tour = window.findChild(Tour) is not None
    # The tour comes 0.6 s after the panels, and later on a busy machine: without a file it is waited for.
    is_due = window.since.isValid() and window.since.elapsed() > 1_500 and len(sys.argv) > 1
    if (has_tour or is_due) and not told:
        tell(tour=has_tour, docks=window.shows_docks)
        window.leave()

def ended():
    pass
"""


def test_the_first_start_begins_with_the_tour_unless_a_file_was_to_be_seen(child: Child, recipe_file: Path) -> None:
    # The order matters: who has seen the tour is not shown it again.
    assert child(_FIRST_START, recipe_file) == {"tour": False, "docks": True}
    assert child(_FIRST_START) == {"tour": True, "docks": False}

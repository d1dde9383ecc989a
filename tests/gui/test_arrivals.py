"""What systems know the program by, and files that they ask it to open."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import workbench
from gui.dialogs import the_file_dialog
from workbench.gui.arrivals import Arrivals, introduce
from workbench.gui.main_window import MainWindow
from workbench.gui.recipe_files import RecipeFiles

_ROOT = Path(__file__).parents[2]
# macOS asks before the window is there, and later.
_ASKED_BY_MACOS = """
import json, sys
import workbench.app as app
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QFileOpenEvent

make, told = app.build, []

def build(application, **wishes):
    window = make(application, **wishes)
    window.workspace.settings.tour_seen = True

    def dropped(paths):
        told.extend(str(path) for path in paths)
        if len(told) == 1:
            QCoreApplication.sendEvent(application, QFileOpenEvent("/later/b.distil"))
        else:
            QTimer.singleShot(0, window, window.leave)

    window.dropped.connect(dropped)
    QTimer.singleShot(0, window, lambda: QCoreApplication.sendEvent(application, QFileOpenEvent("/early/ä.distil")))
    return window

app.build = build
code = app.main([])
print(json.dumps(told))
sys.exit(code)
"""


def test_files_that_macos_asks_for_go_the_way_of_dropped_ones_early_and_late(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASKED_BY_MACOS],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["/early/ä.distil", "/later/b.distil"]


def test_a_minimised_window_comes_back_with_what_was_handed_over_and_leaves_no_token_to_children(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    arrivals, found = Arrivals(window), tmp_path / "gone.distil"
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)
    with qtbot.waitSignal(window.dropped) as dropped:
        arrivals.take_over([found], {"XDG_ACTIVATION_TOKEN": "of a click"})
    assert dropped.args == [[found]]
    qtbot.waitUntil(lambda: window.isActiveWindow() and not window.isMinimized())
    assert "XDG_ACTIVATION_TOKEN" not in os.environ


def test_what_arrives_while_something_is_asked_waits_for_the_answer(
    window: MainWindow, qtbot: QtBot, qt_dialogs: None, tmp_path: Path
) -> None:
    arrivals, dropped = Arrivals(window), []
    window.dropped.connect(dropped.append)
    files = RecipeFiles(window.workspace, window)
    files.save_as()
    arrivals.take_over([tmp_path / "a.distil"], {})
    arrivals.open_one(tmp_path / "b.distil")
    qtbot.wait(500)
    assert dropped == []
    the_file_dialog(window).reject()
    qtbot.waitUntil(lambda: bool(dropped))
    assert dropped == [[tmp_path / "a.distil", tmp_path / "b.distil"]]


def test_desktops_find_menu_entry_and_icon_by_the_name_the_packages_give_them(qapp: QApplication) -> None:
    spec = importlib.util.spec_from_file_location("identity", _ROOT / "packaging" / "identity.py")
    assert spec is not None
    assert spec.loader is not None
    identity = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(identity)
    introduce(qapp)
    assert workbench.APP_ID == identity.APP_ID == qapp.desktopFileName()
    assert qapp.applicationName() == identity.PACKAGE
    assert qapp.applicationDisplayName() == identity.NAME
    assert qapp.applicationVersion() == identity.version() == workbench.__version__

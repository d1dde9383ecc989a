"""What the window promises of a run: the same bytes as without it, no growth, and never a wait on its thread."""

import gc
import threading
from pathlib import Path

import psutil
import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.events import ControlChanged
from workbench.gui.deeds import Deeds
from workbench.gui.habits import Habits
from workbench.gui.main_window import MainWindow
from workbench.gui.settings import Settings
from workbench.gui.theme import Theme
from workbench.gui.workspace import Workspace
from workbench.session.driving import drive
from workbench.session.reins import Reins
from workbench.session.run import RunStatus
from workbench.session.trials import journal_of, new_run

_CYCLES, _WARM_CYCLES = 50, 10


def test_a_run_paused_twice_and_turned_at_step_100_gives_the_bytes_of_its_headless_replay(
    window: MainWindow, recipe_file: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    workspace = window.workspace
    workspace.document.open_file(recipe_file)
    workspace.document.set(("stages", 0, "optimisation", "steps"), 12_000)
    workspace.document.set(("monitoring", "evaluate_every"), 100.0)
    window.show_docks("curves")
    text = workspace.document.to_absolute_toml()
    workspace.train(journal=((100, "temperature", 7.0),))
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=60_000)
    for _ in range(2):
        # The window learns on its next beat that the run goes; only then the button can be pressed.
        qtbot.waitUntil(window.run_bar.pause.isEnabled, timeout=30_000)
        qtbot.mouseClick(window.run_bar.pause, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.run_bar.pause.text() == "Resume", timeout=30_000)
        assert workspace.status is RunStatus.PAUSED
        qtbot.mouseClick(window.run_bar.pause, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.run_bar.pause.text() == "Pause", timeout=30_000)
    # And once by hand, at whatever step that meets.
    workspace.turn(alpha=0.25)
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=120_000)
    run = workspace.watched
    assert run is not None
    changes = [(change.step, change.name) for change in run.own.all(ControlChanged)]
    assert (100, "temperature") in changes
    assert "alpha" in [name for _, name in changes]

    again = tmp_path / "again.toml"
    again.write_text(text)
    folder = new_run(again, tmp_path / "headless", journal=journal_of(run.path))
    assert len([*drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))]) > 12_000
    assert folder.student_file.read_bytes() == run.folder.student_file.read_bytes()


@pytest.mark.slow
def test_fifty_times_open_train_and_close_leave_nothing_behind(
    qtbot: QtBot, theme: Theme, recipe_file: Path, qapp: QApplication
) -> None:
    counts = []
    for cycle in range(_CYCLES):
        _open_train_close(qtbot, theme, recipe_file)
        gc.collect()
        if cycle >= _WARM_CYCLES - 1:
            counts.append(
                (threading.active_count(), len(qapp.topLevelWidgets()), len(qapp.findChildren(QTimer)), _memory())
            )
    first, last = counts[0], counts[-1]
    assert last[:3] == first[:3]
    assert last[3] <= 1.05 * first[3], f"memory grew from {first[3] / 2**20:.0f} to {last[3] / 2**20:.0f} MiB"


def test_no_part_of_the_window_waits_in_a_dialog_of_its_own() -> None:
    source = Path(__file__).parents[2] / "workbench" / "gui"
    blocking = (".exec(", "processEvents", "getOpenFileName", "getSaveFileName", "getExistingDirectory", "QThread")
    for file in source.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not [word for word in blocking if word in text], file


def _open_train_close(qtbot: QtBot, theme: Theme, recipe_file: Path) -> None:
    workspace = Workspace(Settings(), theme)
    window = MainWindow(workspace)
    Habits(window, Deeds(window))
    workspace.pump.start()
    with qtbot.waitSignal(window.ready, timeout=60_000):
        window.show()
    workspace.document.open_file(recipe_file)
    window.show_docks("curves")
    workspace.train()
    qtbot.waitUntil(lambda: workspace.watched is not None and not workspace.is_training, timeout=60_000)
    qtbot.waitUntil(lambda: workspace.jobs.is_idle, timeout=60_000)
    window.leave()
    window.deleteLater()
    workspace.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window) and not shiboken6.isValid(workspace), timeout=10_000)


def _memory() -> int:
    return int(psutil.Process().memory_info().rss)

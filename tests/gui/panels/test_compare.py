"""Runs side by side."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from gui.shelf import VERDICT, put_run
from workbench.gui.panels.compare import ComparePanel
from workbench.gui.workspace import Workspace

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> ComparePanel:
    panel = ComparePanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(900, 600)
    panel.show()
    return panel


@pytest.fixture
def put_two(workspace: Workspace, recipe_file: Path, qtbot: QtBot, panel: ComparePanel) -> Callable[[], list[Path]]:
    """One run on the screen and another behind it, with T = 2 and T = 8."""

    def put() -> list[Path]:
        runs = workspace.runs_folder
        slow = put_run(recipe_file, runs, "slow", seconds=90.0, verdict=VERDICT)
        changes = ("stages.0.objective.temperature=8", 'name="hot"')
        quick = put_run(recipe_file, runs, "quick", changes=changes, seconds=30.0)
        with qtbot.waitSignal(workspace.watched_changed):
            workspace.watch(slow)
        workspace.overlay(quick)
        qtbot.waitUntil(lambda: panel.table.columnCount() == 3)
        return [slow, quick]

    return put


def _rows(branch: QTreeWidgetItem) -> dict[str, QTreeWidgetItem]:
    children = [branch.child(place) for place in range(branch.childCount())]
    return {child.text(0): child for child in children if child is not None}


def _texts(item: QTreeWidgetItem) -> tuple[str, ...]:
    return tuple(item.text(column) for column in range(1, item.columnCount()))


def test_without_runs_the_panel_says_how_to_choose_some(
    panel: ComparePanel, workspace: Workspace, qtbot: QtBot
) -> None:
    assert panel.stack.currentIndex() == 0
    with qtbot.waitSignal(workspace.panel_wanted) as wanted:
        qtbot.mouseClick(panel.choose_first, _LEFT)
    assert wanted.args == ["runs"]


def test_results_stand_side_by_side_and_the_best_has_a_shape(
    panel: ComparePanel, put_two: Callable[[], list[Path]]
) -> None:
    put_two()
    results = _rows(panel.table._results)
    time = results["Training time"]
    assert _texts(time) == ("1 min 30 s", "30 s")
    assert _texts(results["Verdict"]) == ("Beats", "–")
    said = [time.data(column, Qt.ItemDataRole.AccessibleTextRole) for column in (1, 2)]
    assert said == ["1 min 30 s", "30 s, best of these"]
    assert time.icon(1).cacheKey() == panel.table._blank.cacheKey()
    assert time.icon(2).cacheKey() != panel.table._blank.cacheKey()
    assert panel.table.headerItem().text(1).startswith("tiny\n")
    assert panel.table.headerItem().text(2).startswith("hot\n")


def test_only_the_settings_that_differ_are_shown_until_all_are_asked_for(
    panel: ComparePanel, put_two: Callable[[], list[Path]], qtbot: QtBot
) -> None:
    put_two()
    settings = _rows(panel.table._settings)
    assert panel.table._settings.text(0) == "Recipes: 2 settings differ"
    assert list(settings) == ["Name", "Stage 1 · objective · temperature"]
    assert _texts(settings["Stage 1 · objective · temperature"]) == ("2", "8")
    panel.all_settings.setFocus()
    qtbot.keyClick(panel.all_settings, Qt.Key.Key_Space)
    settings = _rows(panel.table._settings)
    assert _texts(settings["Stage 1 · objective · alpha"]) == ("0.5", "0.5")
    assert "≠ Stage 1 · objective · temperature" in settings


def test_clear_leaves_the_run_on_the_screen_alone(
    panel: ComparePanel, put_two: Callable[[], list[Path]], qtbot: QtBot
) -> None:
    put_two()
    qtbot.mouseClick(panel.clear, _LEFT)
    qtbot.waitUntil(lambda: panel.table.columnCount() == 2)
    assert "Choose another run" in panel.hint.text()
    assert not panel.clear.isEnabled()


def test_the_table_is_copied_for_a_spreadsheet(
    panel: ComparePanel, put_two: Callable[[], list[Path]], qtbot: QtBot
) -> None:
    put_two()
    qtbot.mouseClick(panel.copy, _LEFT)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "\tslow\tquick"
    assert "Training time\t1 min 30 s\t30 s" in lines


def test_an_overlay_is_taken_away_at_its_header(
    panel: ComparePanel, put_two: Callable[[], list[Path]], workspace: Workspace, qtbot: QtBot
) -> None:
    slow, quick = put_two()
    assert panel.table.path_at(1) == slow
    assert panel.table.path_at(2) == quick
    workspace.hide_overlay(quick)
    qtbot.waitUntil(lambda: panel.table.columnCount() == 2)


def test_a_run_that_is_going_on_is_compared_with_its_newest_score(
    panel: ComparePanel, workspace: Workspace, train_tiny: Callable[..., object], qtbot: QtBot
) -> None:
    train_tiny()
    assert workspace.watched is not None
    score = workspace.watched.student_score
    assert score is not None
    words = f"{score.cross_entropy:.4f} nats"
    qtbot.waitUntil(lambda: panel.stack.currentIndex() == 1)
    qtbot.waitUntil(lambda: _texts(_rows(panel.table._results)["Cross-entropy"]) == (words,))

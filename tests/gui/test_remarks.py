"""Remarks: what a person wrote last is on the disk, whatever happens meanwhile."""

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.shelf import put_run
from workbench.gui.panels.runs import RunsPanel
from workbench.gui.remarks import Remarks
from workbench.gui.workspace import Workspace
from workbench.session import library
from workbench.session.library import list_runs, summary_of
from workbench.session.run_folder import RunFolder


def test_notes_that_wait_for_a_slow_disk_are_kept_though_everything_is_cancelled(
    workspace: Workspace, recipe_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [put_run(recipe_file, workspace.runs_folder, name) for name in ("one", "two")]
    go_on = threading.Event()

    def slowly(path: Path, *, tags: tuple[str, ...], notes: str) -> None:
        assert go_on.wait(10)
        library.annotate(path, tags=tags, notes=notes)

    monkeypatch.setattr("workbench.gui.remarks.annotate", slowly)
    remarks = Remarks(workspace)
    remarks.keep(paths[0], ("tag",), "first")
    # As the window does when it closes, before its panels hand over what they still have.
    workspace.jobs.cancel_all()
    remarks.keep(paths[1], (), "second")
    go_on.set()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    kept = [summary_of(RunFolder(path)) for path in paths]
    assert [(run.tags, run.notes) for run in kept] == [(("tag",), "first"), ((), "second")]


def test_a_list_that_was_read_before_notes_were_kept_does_not_bring_the_old_ones_back(
    workspace: Workspace, recipe_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(recipe_file, workspace.runs_folder, "one", notes="old")
    panel = RunsPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(1300, 700)
    panel.show()
    qtbot.waitUntil(lambda: panel.details.notes.toPlainText() == "old")
    was_read, go_on = threading.Event(), threading.Event()

    def late(folder: Path) -> list[library.RunSummary]:
        runs = list_runs(folder)
        was_read.set()
        assert go_on.wait(10)
        return runs

    with monkeypatch.context() as patch:
        patch.setattr("workbench.gui.panels.runs.list_runs", late)
        workspace.runs_changed.emit()
        qtbot.waitUntil(was_read.is_set)
    # While a run trains, half a second may pass before the panel asks for another list.
    monkeypatch.setattr(panel, "refresh", lambda: None)
    shown: list[str] = []
    panel.model.dataChanged.connect(lambda *_: shown.append(panel.details.notes.toPlainText()))
    with qtbot.waitSignal(panel.remarks.kept):
        qtbot.keyClicks(panel.details.notes, "new and ")
    go_on.set()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    assert set(shown) == {"new and old"}

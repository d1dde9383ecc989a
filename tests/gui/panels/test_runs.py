"""The library panel: found, opened, compared, cloned, resumed, judged, noted, deleted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from gui.shelf import VERDICT, put_run
from workbench.errors import WorkbenchError
from workbench.events import Judged
from workbench.gui.document import RecipeDocument
from workbench.gui.models.runs_model import COLUMNS, STARTED, STATUS, STUDENT, TAGS
from workbench.gui.panels.runs import RunsPanel
from workbench.gui.workspace import Workspace
from workbench.session import library
from workbench.session.library import summary_of
from workbench.session.run import RunStatus
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shelf(workspace: Workspace, recipe_file: Path) -> Callable[..., Path]:
    """Puts a run on the disk; keyword arguments as for `put_run`."""
    return lambda name, **facts: put_run(recipe_file, workspace.runs_folder, name, **facts)


@pytest.fixture
def open_panel(workspace: Workspace, qtbot: QtBot) -> Callable[[], RunsPanel]:
    """Shows the panel and waits for its list."""

    def show() -> RunsPanel:
        panel = RunsPanel(workspace)
        qtbot.addWidget(panel)
        panel.resize(1300, 700)
        panel.show()
        qtbot.waitUntil(lambda: panel.count.text() != "")
        return panel

    return show


def _click(panel: RunsPanel, row: int, modifier: Qt.KeyboardModifier, qtbot: QtBot) -> None:
    place = panel.table.visualRect(panel.order.index(row, 0)).center()
    qtbot.mouseClick(panel.table.viewport(), _LEFT, modifier, place)


def _choose(panel: RunsPanel, name: str, qtbot: QtBot, *, also: bool = False) -> None:
    row = next(row for row in range(panel.order.rowCount()) if panel.order.run(row).path.name == name)
    modifier = Qt.KeyboardModifier.ControlModifier if also else Qt.KeyboardModifier.NoModifier
    _click(panel, row, modifier, qtbot)


def _press(panel: RunsPanel, name: str, qtbot: QtBot) -> None:
    button = next(
        button for button in panel.actions_row._buttons if button.defaultAction() is panel.actions_row.named(name)
    )
    qtbot.mouseClick(button, _LEFT)


def _names(panel: RunsPanel) -> list[str]:
    return [panel.order.run(row).path.name for row in range(panel.order.rowCount())]


def test_an_empty_library_says_in_words_what_will_be_here(open_panel: Callable[[], RunsPanel]) -> None:
    panel = open_panel()
    assert panel.message.isVisible()
    assert "Train a recipe" in panel.message.text()
    assert not any(panel.actions_row.named(name).isEnabled() for name in ("open", "compare", "clone", "delete"))


def test_runs_are_listed_newest_first_and_sorted_by_a_click_on_a_header(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    shelf("old", created="2026-01-01T10:00:00+00:00", student_errors=10)
    shelf("new", created="2026-02-01T10:00:00+00:00", student_errors=30)
    panel = open_panel()
    assert _names(panel) == ["new", "old"]
    header = panel.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(STUDENT) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), _LEFT, pos=place)
    qtbot.waitUntil(lambda: _names(panel) == ["old", "new"])
    qtbot.mouseClick(header.viewport(), _LEFT, pos=place)
    qtbot.waitUntil(lambda: _names(panel) == ["new", "old"])


def test_typing_into_the_search_leaves_the_runs_that_have_the_words(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    shelf("mnist", tags=["sweep"])
    shelf("cifar")
    panel = open_panel()
    qtbot.keyClicks(panel.search, "sweep")
    assert _names(panel) == ["mnist"]
    assert panel.count.text() == "1 of 2 runs"
    qtbot.keyClicks(panel.search, "xyz")
    assert panel.message.isVisible()
    panel.search.clear()
    assert panel.count.text() == "2 runs"


def test_the_details_show_scores_and_verdict_of_the_chosen_run(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    shelf("judged", verdict=VERDICT, notes="T = 4 is enough", tags=["best"])
    shelf("plain")
    panel = open_panel()
    _choose(panel, "judged", qtbot)
    assert panel.details._facts["Student errors"].text() == "47 of 2,000 (2.35 %)"
    assert panel.details._facts["On hard labels"].text() == "97"
    assert panel.details.verdict._word.text() == "BEATS"
    assert panel.details.notes.toPlainText() == "T = 4 is enough"
    assert panel.details.tags.text() == "best"
    _choose(panel, "plain", qtbot)
    assert panel.details.verdict._word.text() == "No verdict yet"
    assert panel.details.notes.toPlainText() == ""


def test_enter_puts_the_chosen_run_on_the_screen_and_marks_it(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    path = shelf("one")
    shelf("two")
    panel = open_panel()
    _choose(panel, "one", qtbot)
    panel.table.setFocus()
    with qtbot.waitSignal(workspace.panel_wanted) as wanted:
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert wanted.args == ["curves"]
    assert workspace.watched is not None
    assert workspace.watched.path == path
    assert panel.model._marks == {path: "eye"}


def test_compare_draws_other_runs_behind_the_one_on_the_screen_and_again_takes_them_away(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    paths = {name: shelf(name) for name in ("one", "two", "three")}
    panel = open_panel()
    _choose(panel, "one", qtbot)
    assert panel.actions_row.named("compare").isEnabled()
    with qtbot.waitSignal(workspace.panel_wanted):
        _press(panel, "open", qtbot)
    assert not panel.actions_row.named("compare").isEnabled()
    _choose(panel, "two", qtbot)
    _choose(panel, "three", qtbot, also=True)
    with qtbot.waitSignal(workspace.panel_wanted) as asked:
        _press(panel, "compare", qtbot)
    assert asked.args == ["compare"]
    wanted = {paths["two"], paths["three"]}
    qtbot.waitUntil(lambda: {history.path for history in workspace.overlays} == wanted)
    assert panel.actions_row.named("compare").isChecked()
    _press(panel, "compare", qtbot)
    assert workspace.overlays == []
    assert not panel.actions_row.named("compare").isChecked()


def test_clone_asks_for_the_recipe_of_the_chosen_run(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    path = shelf("one")
    panel = open_panel()
    with qtbot.waitSignal(workspace.clone_wanted) as wanted:
        _press(panel, "clone", qtbot)
    assert wanted.args == [path]


def test_reveal_opens_the_folder_of_the_run(
    shelf: Callable[..., Path],
    open_panel: Callable[[], RunsPanel],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = shelf("one")
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile()))
    panel = open_panel()
    _press(panel, "reveal", qtbot)
    assert opened == [str(path)]


def test_resume_is_offered_only_where_something_is_left_to_train_and_trains_it(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    shelf("done")
    path = shelf("half", status="stopped", step=0)
    panel = open_panel()
    _choose(panel, "done", qtbot)
    assert not panel.actions_row.named("resume").isEnabled()
    assert "nothing left to train" in panel.actions_row.named("resume").toolTip()
    _choose(panel, "half", qtbot)
    _press(panel, "resume", qtbot)
    qtbot.waitUntil(lambda: workspace.is_training)
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    assert summary_of(RunFolder(path)).status == "complete"
    row = panel.model.row_of(path)
    qtbot.waitUntil(lambda: panel.model.run(row).status == "complete")


def test_the_baseline_of_a_finished_run_is_trained_from_its_card_and_the_verdict_appears(
    train_tiny: Callable[..., RunFolder], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    folder = train_tiny()
    panel = open_panel()
    button = panel.details.verdict.findChild(QPushButton, "train-baseline-too")
    assert button is not None
    assert button.isVisible()
    qtbot.mouseClick(button, _LEFT)
    qtbot.waitUntil(lambda: workspace.is_training)
    assert not button.isEnabled()
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    assert workspace.watched is not None
    judged = workspace.watched.verdict
    assert isinstance(judged, Judged)
    row = panel.model.row_of(folder.path)
    qtbot.waitUntil(lambda: panel.model.run(row).verdict == judged.word)
    qtbot.waitUntil(lambda: panel.details.verdict._word.text() == judged.word)
    assert not button.isVisible()


def test_notes_and_tags_are_kept_after_a_rest_and_found_by_the_search(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    path = shelf("one")
    shelf("two")
    panel = open_panel()
    _choose(panel, "one", qtbot)
    with qtbot.waitSignal(panel.remarks.kept):
        qtbot.keyClicks(panel.details.notes, "Try T = 20 next.")
    with qtbot.waitSignal(panel.remarks.kept):
        qtbot.keyClicks(panel.details.tags, "best,  T sweep, best")
    kept = summary_of(RunFolder(path))
    assert (kept.notes, kept.tags) == ("Try T = 20 next.", ("best", "T sweep"))
    qtbot.keyClicks(panel.search, "sweep")
    assert _names(panel) == ["one"]


def test_what_is_written_is_kept_when_another_run_is_chosen_at_once(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    path, other = shelf("one"), shelf("two")
    panel = open_panel()
    _choose(panel, "one", qtbot)
    qtbot.keyClicks(panel.details.notes, "mine")
    with qtbot.waitSignal(panel.remarks.kept):
        _choose(panel, "two", qtbot)
    assert panel.details.notes.toPlainText() == ""
    assert (summary_of(RunFolder(path)).notes, summary_of(RunFolder(other)).notes) == ("mine", "")


def test_a_new_listing_does_not_overwrite_what_is_being_written(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    path = shelf("one", notes="old")
    panel = open_panel()
    qtbot.waitUntil(lambda: panel.details.notes.toPlainText() == "old")
    qtbot.keyClicks(panel.details.notes, "new and ")
    shelf("two")
    workspace.runs_changed.emit()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert panel.details.notes.toPlainText() == "new and old"
    qtbot.waitUntil(lambda: summary_of(RunFolder(path)).notes == "new and old")


def test_notes_the_disk_refuses_are_told_and_stay_on_the_screen(
    shelf: Callable[..., Path],
    open_panel: Callable[[], RunsPanel],
    workspace: Workspace,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf("one")
    panel = open_panel()

    def refuse(*_: object, **__: object) -> None:
        raise library.WorkbenchError("The disk is full.")

    monkeypatch.setattr("workbench.gui.remarks.annotate", refuse)
    with qtbot.waitSignal(workspace.failed):
        qtbot.keyClicks(panel.details.notes, "precious")
    shelf("two")
    workspace.runs_changed.emit()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert panel.details.notes.toPlainText() == "precious"


def test_selection_and_order_survive_a_new_listing(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], workspace: Workspace, qtbot: QtBot
) -> None:
    for number in range(5):
        shelf(f"run {number}", created=f"2026-01-0{number + 1}T10:00:00+00:00")
    panel = open_panel()
    _choose(panel, "run 3", qtbot)
    _choose(panel, "run 1", qtbot, also=True)
    shelf("newest", created="2026-02-01T10:00:00+00:00")
    workspace.runs_changed.emit()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 6)
    assert [run.path.name for run in panel.chosen] == ["run 3", "run 1"]
    assert _names(panel)[0] == "newest"


def test_f5_finds_runs_that_another_program_made(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    shelf("one")
    panel = open_panel()
    shelf("from the terminal")
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)


def _answer(panel: RunsPanel, text: str, qtbot: QtBot) -> None:
    box = panel.findChild(QMessageBox, "delete-runs")
    assert box is not None
    button = next(button for button in box.buttons() if button.text().replace("&", "") == text)
    qtbot.mouseClick(button, _LEFT)


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the next deleted run goes, instead of the system's trash."""
    place = tmp_path / "trash"
    monkeypatch.setattr(library, "send2trash", lambda path: Path(path).rename(place))
    return place


def test_deleting_asks_first_and_moves_the_run_to_the_trash(
    shelf: Callable[..., Path],
    open_panel: Callable[[], RunsPanel],
    workspace: Workspace,
    qtbot: QtBot,
    trash: Path,
) -> None:
    path = shelf("one")
    shelf("two")
    panel = open_panel()
    _choose(panel, "one", qtbot)
    with qtbot.waitSignal(workspace.panel_wanted):
        _press(panel, "open", qtbot)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    _answer(panel, "Cancel", qtbot)
    assert path.exists()
    _press(panel, "delete", qtbot)
    with qtbot.waitSignal(workspace.noticed):
        _answer(panel, "Move to trash", qtbot)
    assert not path.exists()
    assert trash.exists()
    assert workspace.watched is None
    qtbot.waitUntil(lambda: _names(panel) == ["two"])


def test_the_row_of_the_run_that_trains_follows_it_and_it_cannot_be_deleted(
    open_panel: Callable[[], RunsPanel], workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    panel = open_panel()
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1, timeout=30_000)
    qtbot.waitUntil(lambda: panel.model.run(0).status == "running", timeout=30_000)
    assert panel.order.index(0, STATUS).data() == "Training"
    before = panel.model.run(0).step
    qtbot.waitUntil(lambda: panel.model.run(0).step > before)
    assert len(panel.model.run(0).sparkline) > 1
    assert panel.model.run(0).seed == 1
    assert not panel.actions_row.named("delete").isEnabled()
    workspace.pause()
    qtbot.waitUntil(lambda: panel.order.index(0, STATUS).data() == "Paused")
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=30_000)
    qtbot.waitUntil(lambda: panel.order.index(0, STATUS).data() == "Stopped")
    assert panel.actions_row.named("delete").isEnabled()
    assert panel.actions_row.named("resume").isEnabled()


def test_columns_go_where_there_is_no_room_and_come_back(
    shelf: Callable[..., Path], open_panel: Callable[[], RunsPanel], qtbot: QtBot
) -> None:
    shelf("one")
    panel = open_panel()
    panel.resize(1900, 700)
    qtbot.waitUntil(lambda: not any(panel.table.isColumnHidden(column) for column in range(len(COLUMNS))))
    panel.resize(440, 260)
    qtbot.waitUntil(lambda: panel.table.isColumnHidden(TAGS) and panel.table.isColumnHidden(STARTED))
    assert panel.width() == 440
    qtbot.waitUntil(lambda: not panel.table.isColumnHidden(STUDENT))
    assert not panel.details.isVisible()
    assert not panel.table.horizontalScrollBar().isVisible()
    qtbot.mouseClick(panel.show_details, _LEFT)
    assert panel.details.isVisible()
    assert not panel.table.isVisible()


def _damage(path: Path) -> None:
    with RunDatabase(path / "run.sqlite") as database:
        database._connection.execute("INSERT OR REPLACE INTO facts VALUES ('step', 'torn')")
        database._connection.commit()


def test_a_damaged_run_is_marked_with_a_word_an_icon_and_the_reason(
    open_panel: Callable[[], RunsPanel], shelf: Callable[..., Path], qtbot: QtBot
) -> None:
    shelf("whole")
    _damage(shelf("hurt", created="2001-01-01T00:00:00+00:00"))
    panel = open_panel()
    _choose(panel, "hurt", qtbot)
    cell = panel.table.currentIndex().siblingAtColumn(STATUS)
    assert cell.data() == "Damaged"
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()
    reason = "run.sqlite is damaged. The fact “step” is not JSON: 'torn'."
    assert reason in cell.data(Qt.ItemDataRole.ToolTipRole)
    assert reason in panel.details._failure.text()
    for name in ("resume", "baseline"):
        action = panel.actions_row.named(name)
        assert not action.isEnabled()
        assert reason in action.toolTip()
    assert all(panel.actions_row.named(name).isEnabled() for name in ("open", "clone", "reveal", "delete"))
    assert not panel.details.notes.isEnabled()
    _choose(panel, "whole", qtbot)
    assert panel.details.notes.isEnabled()


def test_a_run_without_a_readable_recipe_cannot_be_cloned_and_its_tip_says_why(
    open_panel: Callable[[], RunsPanel], shelf: Callable[..., Path], qtbot: QtBot
) -> None:
    (shelf("hurt") / "recipe.toml").unlink()
    panel = open_panel()
    _choose(panel, "hurt", qtbot)
    clone = panel.actions_row.named("clone")
    assert not clone.isEnabled()
    assert "recipe.toml is missing" in clone.toolTip()


@pytest.mark.parametrize("name", ["recipe.toml", "run.sqlite"])
def test_what_can_be_read_of_a_damaged_run_is_put_on_the_screen_and_the_rest_is_named(
    name: str, workspace: Workspace, shelf: Callable[..., Path], qtbot: QtBot
) -> None:
    path = shelf("hurt")
    (path / name).unlink()
    errors: list[WorkbenchError] = []
    workspace.failed.connect(errors.append)
    workspace.watch(path)
    qtbot.waitUntil(lambda: workspace.watched is not None)
    assert workspace.watched is not None
    assert (workspace.watched.recipe is None) is (name == "recipe.toml")
    assert len(workspace.watched.own.log) == (20 if name == "recipe.toml" else 0)
    assert name in errors[0].title
    assert "Restore the file" in errors[0].hint


def test_steps_that_take_long_to_read_come_in_while_the_run_is_on_the_screen(
    workspace: Workspace, shelf: Callable[..., Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.gui.workspace._READ_SECONDS", 0.0)
    path = shelf("long")
    with RunDatabase(path / "run.sqlite") as database:
        database.add_metrics([(step, 0, 0.0, 1.0, 0.5, 0.5, 0.1, step) for step in range(21, 9001)])
    seen: list[int] = []
    workspace.watched_changed.connect(lambda: seen.append(workspace.watched.rows if workspace.watched else 0))
    workspace.watch(path)
    qtbot.waitUntil(lambda: workspace.watched is not None and workspace.watched.own.is_whole)
    assert seen[0] < 9000
    assert workspace.watched is not None
    assert workspace.watched.rows == 9000
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)

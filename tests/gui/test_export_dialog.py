"""The export dialog: what is wished for is written, compared, told in words, cancelled without a trace."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot
from strokes import finished_run, stopped_run, write_strokes

from workbench.gui.export_dialog import ExportDialog
from workbench.gui.workspace import Workspace
from workbench.recipe.export import Export
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="module")
def exported_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of pen strokes that left its export."""
    return finished_run(tmp_path_factory.mktemp("strokes"), onnx=True)


@pytest.fixture
def bare_run(exported_run: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of it without the export, free to be changed."""
    folder = RunFolder(Path(shutil.copytree(exported_run.path, tmp_path / "run")))
    shutil.rmtree(folder.path / "export")
    return folder


@pytest.fixture
def open_dialog(workspace: Workspace, qtbot: QtBot) -> Iterator[Callable[[RunFolder], ExportDialog]]:
    """Opens dialogs, and closes what a test left open."""
    made: list[ExportDialog] = []

    def make(folder: RunFolder) -> ExportDialog:
        dialog = ExportDialog(workspace, folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(dialog)
        made.append(dialog)
        dialog.open()
        qtbot.waitUntil(lambda: workspace.jobs.is_idle, timeout=20_000)
        return dialog

    yield make
    for dialog in made:
        dialog.close()


def words_of(dialog: ExportDialog) -> str:
    """All that the report says."""
    return "\n".join(label.text().replace("\u200b", "") for label in dialog.report.findChildren(QLabel))


def finish(dialog: ExportDialog, qtbot: QtBot) -> list[str]:
    """Wait for the end of an export; what it said meanwhile."""
    said = [dialog.words.text()]

    def is_over() -> bool:
        if dialog.words.text() != said[-1]:
            said.append(dialog.words.text())
        return not dialog.is_exporting

    qtbot.waitUntil(is_over, timeout=60_000)
    return said


def test_a_run_that_was_exported_shows_its_report_at_once(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog]
) -> None:
    before = (exported_run.path / "export" / "student.onnx").stat().st_mtime_ns
    dialog = open_dialog(exported_run)
    (card,) = dialog.report.cards
    assert card.verdict.text() == "PASS"
    rows = dict(card.rows)
    parity = json.loads((exported_run.path / "export" / "parity.json").read_text())["files"][0]
    assert rows["Same answer"] == "30 of 30 (100 %)"
    assert rows["Errors"] == f"{parity['errors_pytorch']} in PyTorch, {parity['errors_onnx']} in ONNX, of 30"
    assert "is allowed" in rows["Largest difference"]
    assert f"{parity['bytes'] / 1000:.1f} kB" in rows["Size"]
    assert "as fast" in rows["One at a time"]
    assert "README.md" in words_of(dialog)
    assert (exported_run.path / "export" / "student.onnx").stat().st_mtime_ns == before


@pytest.mark.slow
def test_what_is_wished_for_is_written_and_the_snippet_runs_as_it_is(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog(bare_run)
    assert "The report stands here" in words_of(dialog)
    settings, target = dialog.settings, tmp_path / "elsewhere" / "student"
    settings.folder.setText(str(target))
    settings.input.button("uint8").click()
    settings.softmax.setChecked(True)
    settings.int8.setChecked(True)
    settings.checkpoint.setChecked(True)
    settings.half.setChecked(True)
    dialog.export.click()
    assert not dialog.export.isEnabled()
    said = finish(dialog, qtbot)
    assert any("Writing student.onnx" in words for words in said)
    assert said[-1] == "Exported."
    written = {file.name for file in target.iterdir()}
    assert {"student.onnx", "student.half.safetensors", "parity.json", "README.md"} <= written
    assert "bytes (uint8) from 0 to 255" in words_of(dialog)
    assert "a probability" in dict(dialog.report.cards[0].rows)["Largest difference"]
    # What stands in the box is a program: it runs beside the file with nothing but numpy and an ONNX runtime.
    dialog.report.usage.copy.click()
    program = QGuiApplication.clipboard().text()
    assert "uint8" in program
    assert "torch" not in program
    done = subprocess.run([sys.executable, "-c", program], cwd=target, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] in ("dash", "bar", "ring")
    dialog.report.usage.languages.button("javascript").click()
    javascript = dialog.report.usage.code.toPlainText()
    assert 'new ort.Tensor("uint8", values, [1, 1, 28, 28])' in javascript
    assert '["dash", "bar", "ring"]' in javascript


@pytest.mark.slow
def test_the_newest_export_is_found_again_wherever_it_lies(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog(bare_run)
    dialog.settings.folder.setText(str(tmp_path / "there"))
    dialog.settings.int8.setChecked(False)
    dialog.export.click()
    finish(dialog, qtbot)
    dialog.close()
    again = open_dialog(bare_run)
    assert str(tmp_path / "there") in words_of(again)
    assert len(again.report.cards) == 1


def test_a_cancelled_export_leaves_the_folder_as_it_was(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot
) -> None:
    dialog = open_dialog(exported_run)
    target = exported_run.path / "export"
    before = {file.name: file.read_bytes() for file in target.iterdir()}
    dialog.export.click()
    qtbot.waitUntil(lambda: "Writing student.onnx" in dialog.words.text(), timeout=20_000)
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    finish(dialog, qtbot)
    assert "as it was" in dialog.words.text()
    assert {file.name: file.read_bytes() for file in target.iterdir()} == before
    assert dialog.export.isEnabled()


def test_closing_the_dialog_cancels_the_export(
    bare_run: RunFolder,
    workspace: Workspace,
    open_dialog: Callable[[RunFolder], ExportDialog],
    qtbot: QtBot,
) -> None:
    dialog = open_dialog(bare_run)
    dialog.export.click()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: workspace.jobs.is_idle, timeout=20_000)
    assert not dialog.isVisible()
    assert not (bare_run.path / "export").exists()


def test_a_folder_that_cannot_be_written_ends_in_words(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    dialog = open_dialog(bare_run)
    dialog.settings.folder.setText(str(tmp_path / "file" / "export"))
    dialog.settings.int8.setChecked(False)
    dialog.export.click()
    finish(dialog, qtbot)
    assert "cannot be written" in dialog.problem.text()
    assert dialog.problem.isVisible()
    assert dialog.export.isEnabled()


def test_lost_data_ends_in_words(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot
) -> None:
    text = bare_run.recipe_file.read_text()
    bare_run.recipe_file.write_text(text.replace("strokes.npz", "lost.npz"))
    dialog = open_dialog(bare_run)
    dialog.export.click()
    finish(dialog, qtbot)
    assert "lost.npz" in dialog.problem.text().replace("\u200b", "")


def test_without_a_folder_the_dialog_says_what_is_missing(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot
) -> None:
    dialog = open_dialog(bare_run)
    dialog.settings.folder.clear()
    assert not dialog.export.isEnabled()
    assert "Name a folder" in dialog.words.text()
    dialog.settings.folder.setText("relative/folder")
    assert "whole path" in dialog.words.text()


def test_a_run_stopped_early_exports_its_newest_checkpoint_and_says_so(
    open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = stopped_run(tmp_path)
    step = int(folder.checkpoints()[-1].stem.partition("-")[2])
    dialog = open_dialog(folder)
    assert f"after step {step}" in dialog.note.text()
    dialog.settings.int8.setChecked(False)
    dialog.export.click()
    finish(dialog, qtbot)
    assert dialog.report.cards[0].verdict.text() == "PASS"
    assert (folder.path / "export" / "student.onnx").exists()


def test_a_run_without_any_student_is_refused_in_words(
    open_dialog: Callable[[RunFolder], ExportDialog], tmp_path: Path
) -> None:
    folder = stopped_run(tmp_path)
    shutil.rmtree(folder.path / "checkpoints")
    dialog = open_dialog(folder)
    assert not dialog.export.isEnabled()
    assert "no student yet" in dialog.words.text()


def test_while_a_run_trains_the_dialog_waits_and_says_why(
    bare_run: RunFolder,
    workspace: Workspace,
    open_dialog: Callable[[RunFolder], ExportDialog],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    workspace.document.open_file(write_strokes(tmp_path / "other"))
    workspace.document.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    dialog = open_dialog(bare_run)
    assert dialog.export.isEnabled()
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=30_000)
    qtbot.waitUntil(lambda: "A run is training" in dialog.words.text())
    assert not dialog.export.isEnabled()
    workspace.pause()
    qtbot.waitUntil(dialog.export.isEnabled, timeout=30_000)
    assert workspace.status is RunStatus.PAUSED


def test_a_student_of_numbers_takes_no_bytes(
    train_tiny: Callable[..., RunFolder], open_dialog: Callable[[RunFolder], ExportDialog]
) -> None:
    dialog = open_dialog(train_tiny())
    assert not dialog.settings.input.button("uint8").isEnabled()
    assert "numbers, not pictures" in dialog.settings.input.button("uint8").toolTip()


def test_a_broken_report_is_told_and_can_be_made_again(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], tmp_path: Path
) -> None:
    folder = RunFolder(Path(shutil.copytree(exported_run.path, tmp_path / "run")))
    (folder.path / "export" / "parity.json").write_text("{")
    dialog = open_dialog(folder)
    assert "parity.json is broken" in words_of(dialog)
    assert dialog.export.isEnabled()


def test_the_form_begins_with_what_the_recipe_says_and_with_its_words(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog]
) -> None:
    dialog = open_dialog(bare_run)
    assert not dialog.settings.int8.isChecked()
    assert dialog.settings.folder.text() == str(bare_run.path / "export")
    told = [label.text().replace("\u200b", "") for label in dialog.settings.findChildren(QLabel)]
    for name in ("int8", "input", "softmax"):
        assert Export.model_fields[name].description in told


def test_the_folder_is_chosen_in_a_dialog_that_blocks_nothing(
    bare_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], tmp_path: Path
) -> None:
    dialog = open_dialog(bare_run)
    dialog.settings.browse.click()
    chooser = dialog.findChild(QFileDialog)
    assert chooser.fileMode() is QFileDialog.FileMode.Directory
    chooser.fileSelected.emit(str(tmp_path))
    chooser.close()
    assert dialog.settings.folder.text() == str(tmp_path)

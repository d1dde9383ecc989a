"""Preferences: every change counts at once, is kept without waiting, and says what it means."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.document import RecipeDocument
from workbench.gui.preferences_dialog import PreferencesDialog
from workbench.gui.settings import Settings
from workbench.gui.workspace import Workspace
from workbench.session.places import runs_folder
from workbench.session.preferences import Preferences, keep_preferences, read_preferences
from workbench.session.runtime import runtime_facts
from workbench.session.runtime_advice import Circumstances

BESIDE_A_GPU = Circumstances(True, "Linux", "cpu", "NVIDIA RTX 4090", True, "2.13.0+cpu", "", 2)

Open = Callable[[], PreferencesDialog]


@pytest.fixture
def open_dialog(workspace: Workspace, qtbot: QtBot) -> Open:
    """Opens the dialog and waits until everything it looks up is there."""

    def open_it() -> PreferencesDialog:
        dialog = PreferencesDialog(workspace)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        qtbot.waitUntil(lambda: workspace.jobs.is_idle, timeout=30_000)
        return dialog

    return open_it


def kept(qtbot: QtBot, workspace: Workspace) -> Preferences:
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    return read_preferences()


def type_folder(qtbot: QtBot, dialog: PreferencesDialog, text: str) -> None:
    dialog.folder_field.setFocus()
    dialog.folder_field.selectAll()
    qtbot.keyClicks(dialog.folder_field, text)
    qtbot.keyClick(dialog.folder_field, Qt.Key.Key_Return)


def test_a_theme_is_put_on_at_once_and_remembered(open_dialog: Open, workspace: Workspace, qtbot: QtBot) -> None:
    dialog = open_dialog()
    assert dialog.theme_field.value == "light"
    qtbot.mouseClick(dialog.theme_field.button("dark"), Qt.MouseButton.LeftButton)
    assert workspace.theme.is_dark
    workspace.settings.sync()
    assert Settings().theme == "dark"


def test_a_theme_chosen_elsewhere_is_shown(open_dialog: Open, workspace: Workspace) -> None:
    dialog = open_dialog()
    workspace.theme.mode = "dark"
    assert dialog.theme_field.value == "dark"


def test_what_was_kept_is_shown(open_dialog: Open, tmp_path: Path) -> None:
    keep_preferences(Preferences(runs_folder=str(tmp_path), threads=3))
    dialog = open_dialog()
    assert dialog.folder_field.text() == str(tmp_path)
    assert dialog.threads_field.value() == 3


def test_a_typed_runs_folder_is_kept_and_the_old_one_is_named(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog()
    before = runs_folder()
    with qtbot.waitSignal(workspace.runs_changed):
        type_folder(qtbot, dialog, str(tmp_path / "elsewhere"))
    assert runs_folder() == tmp_path / "elsewhere"
    words = dialog.folder_words.text().replace("\u200b", "")
    assert f"new runs go to {tmp_path / 'elsewhere'}" in words
    assert f"Earlier runs stay in {before}" in words
    assert dialog.isVisible()


@pytest.mark.parametrize("text", ["runs", "{file}", "{file}/deeper"])
def test_a_folder_that_cannot_be_one_is_refused_where_it_was_typed_and_not_kept(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "a-file"
    file.write_text("")
    dialog = open_dialog()
    type_folder(qtbot, dialog, text.format(file=file))
    qtbot.waitUntil(lambda: dialog.folder_words.property("role") == "bad")
    assert dialog.folder_field.property("invalid") is True
    assert kept(qtbot, workspace).runs_folder == ""
    type_folder(qtbot, dialog, str(tmp_path))
    qtbot.waitUntil(lambda: dialog.folder_words.property("role") == "muted")
    assert dialog.folder_field.property("invalid") is False


def test_a_folder_is_browsed_for_without_blocking(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog()
    qtbot.mouseClick(dialog.browse_button, Qt.MouseButton.LeftButton)
    [chooser] = dialog.findChildren(QFileDialog)
    assert chooser.fileMode() is QFileDialog.FileMode.Directory
    chooser.fileSelected.emit(str(tmp_path))
    chooser.close()
    assert dialog.folder_field.text() == str(tmp_path)
    assert kept(qtbot, workspace).runs_folder == str(tmp_path)


def test_default_goes_back_to_the_default_folder(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot, tmp_path: Path, home: Path
) -> None:
    keep_preferences(Preferences(runs_folder=str(tmp_path)))
    dialog = open_dialog()
    qtbot.mouseClick(dialog.default_button, Qt.MouseButton.LeftButton)
    assert kept(qtbot, workspace).runs_folder == ""
    assert runs_folder() == home / "runs"
    assert dialog.folder_field.placeholderText() == str(home / "runs")


def test_the_range_of_threads_is_the_field_s_own(open_dialog: Open) -> None:
    dialog = open_dialog()
    assert (dialog.threads_field.minimum(), dialog.threads_field.maximum()) == (0, 1024)
    assert dialog.threads_field.text() == "PyTorch chooses"


def test_more_threads_than_processors_are_warned_of_and_kept(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    dialog.threads_field.setFocus()
    dialog.threads_field.selectAll()
    qtbot.keyClicks(dialog.threads_field, "1000")
    qtbot.keyClick(dialog.threads_field, Qt.Key.Key_Return)
    assert "slower" in dialog.threads_words.text()
    assert kept(qtbot, workspace).threads == 1000
    qtbot.keyClick(dialog.threads_field, Qt.Key.Key_Home)
    dialog.threads_field.setValue(0)
    assert "slower" not in dialog.threads_words.text()
    assert kept(qtbot, workspace).threads == 0


def test_of_quick_changes_the_last_one_of_each_field_is_kept(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog()
    type_folder(qtbot, dialog, str(tmp_path))
    for count in range(1, 21):
        dialog.threads_field.setValue(count)
    assert kept(qtbot, workspace) == Preferences(runs_folder=str(tmp_path), threads=20)


def test_threads_that_cannot_be_kept_end_in_an_error_card(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot, home: Path
) -> None:
    dialog = open_dialog()
    (home / "preferences.json").mkdir()
    with qtbot.waitSignal(workspace.failed) as heard:
        dialog.threads_field.setValue(1)
    assert isinstance(heard.args[0], WorkbenchError)


def test_a_run_trains_with_the_preferred_threads(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[int] = []
    whole = torch.set_num_threads

    def note(count: int) -> None:
        asked_for.append(count)
        whole(count)

    monkeypatch.setattr(torch, "set_num_threads", note)
    before = torch.get_num_threads()
    keep_preferences(Preferences(threads=1))
    workspace.train()
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    assert asked_for == [1, before]


def test_what_the_program_runs_on_is_shown_once_it_has_been_looked_up(
    workspace: Workspace, qtbot: QtBot, open_dialog: Open
) -> None:
    first = PreferencesDialog(workspace)
    assert first.runtime.facts["PyTorch"].text() == "Looking…"
    assert "GiB" in first.runtime.facts["Memory"].text()
    first.close()
    dialog = open_dialog()
    assert dialog.runtime.facts["PyTorch"].text() == torch.__version__
    assert dialog.runtime.facts["Devices"].text()
    assert "ExecutionProvider" in dialog.runtime.facts["ONNX Runtime"].text()


def test_a_pytorch_that_does_not_load_is_told_and_the_rest_can_be_used(
    open_dialog: Open, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise ImportError("libtorch_cpu.so: cannot open shared object file")

    monkeypatch.setattr("workbench.gui.runtime_section.runtime_facts", refuse)
    errors: list[WorkbenchError] = []
    workspace.failed.connect(errors.append)
    dialog = open_dialog()
    assert "libtorch_cpu.so" in errors[0].title
    assert dialog.runtime.facts["PyTorch"].text() == "not known"
    assert dialog.threads_field.isEnabled()


def test_what_training_runs_on_is_told_without_a_command_where_nothing_is_to_be_done(
    open_dialog: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(runtime_facts(), circumstances=replace(BESIDE_A_GPU, gpu="", has_driver=False))
    monkeypatch.setattr("workbench.gui.runtime_section.runtime_facts", lambda: found)
    dialog = open_dialog()
    assert dialog.runtime.facts["Training"].text().startswith("Training runs on the processor")
    assert not dialog.runtime.command.isVisible()


def test_beside_a_gpu_a_package_shows_the_command_that_uses_it_and_copies_it(
    open_dialog: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(runtime_facts(), circumstances=BESIDE_A_GPU)
    monkeypatch.setattr("workbench.gui.runtime_section.runtime_facts", lambda: found)
    dialog = open_dialog()
    assert "NVIDIA RTX 4090" in dialog.runtime.facts["Training"].text()
    assert dialog.runtime.command.text() == "pip install distillation-workbench"
    dialog.show_runtime()
    assert not dialog.runtime.facts["Training"].visibleRegion().isEmpty()
    qtbot.mouseClick(dialog.runtime.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "pip install distillation-workbench"
    assert dialog.runtime.copy_button.text() == "Copied"


def test_looking_for_updates_is_off_until_it_is_ticked_and_then_kept(
    open_dialog: Open, workspace: Workspace, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    assert dialog.updates.box.isEnabled()
    assert not dialog.updates.box.isChecked()
    qtbot.keyClick(dialog.updates.box, Qt.Key.Key_Space)
    assert kept(qtbot, workspace) == Preferences(looks_for_updates=True)
    dialog.close()
    again = open_dialog()
    assert again.updates.box.isChecked()
    qtbot.keyClick(again.updates.box, Qt.Key.Key_Space)
    assert kept(qtbot, workspace) == Preferences()


def test_another_number_of_threads_is_passed_on(open_dialog: Open, workspace: Workspace, qtbot: QtBot) -> None:
    dialog = open_dialog()
    with qtbot.waitSignal(dialog.threads_kept) as heard:
        dialog.threads_field.setValue(1)
    assert heard.args == [1]
    assert kept(qtbot, workspace).threads == 1


def test_closing_before_the_answers_come_leaves_nothing_behind(workspace: Workspace, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(workspace)
    dialog.show()
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    qtbot.waitUntil(lambda: workspace.jobs.is_idle, timeout=30_000)


def test_the_arrangement_is_reset_and_the_log_folder_opened_by_their_buttons(
    open_dialog: Open, qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile()))
    dialog = open_dialog()
    with qtbot.waitSignal(dialog.arrangement_reset):
        qtbot.mouseClick(dialog.reset_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.runtime.log_button, Qt.MouseButton.LeftButton)
    assert opened == [str(home / "logs")]


def test_every_field_is_reached_by_tab_and_has_a_name(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    reached: list[QWidget] = []
    while (widget := QApplication.focusWidget()) not in reached:
        assert widget is not None
        reached.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    for widget in (dialog.folder_field, dialog.browse_button, dialog.threads_field, dialog.runtime.log_button):
        assert widget in reached
    for widget in reached:
        assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()), widget


def test_esc_closes(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    with qtbot.waitSignal(dialog.finished) as heard:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert heard.args == [QDialog.DialogCode.Rejected.value]

"""The export dialog of a language model: its own settings, its folder, and answers side by side."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chatter import finished_language_run
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.gui.export_dialog import ExportDialog
from workbench.gui.theme import Theme
from workbench.gui.widgets.export_report_view import ExportReportView
from workbench.gui.workspace import Workspace
from workbench.recipe.export import Export
from workbench.session.export_report import read_report
from workbench.session.exporting_again import export_run
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="module")
def exported_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of a language model that left its export."""
    run = finished_language_run(tmp_path_factory.mktemp("letters"))
    list(export_run(run, Export(int8=True), run.path / "export"))
    return run


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


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> ExportReportView:
    """A report view on the screen."""
    view = ExportReportView(theme)
    qtbot.addWidget(view)
    view.resize(640, 500)
    view.show()
    return view


def words_of(widget: ExportDialog | ExportReportView) -> str:
    """All that is said and seen."""
    labels = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return "\n".join(label.text().replace("\u200b", "") for label in labels)


def test_only_what_a_language_model_has_is_asked_for(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog]
) -> None:
    settings = open_dialog(exported_run).settings
    assert settings.four_bit.isVisible()
    assert not settings.four_bit.isChecked()
    assert "model_quantized.onnx" in settings.int8.text()
    assert not any(part.isVisible() for part in (settings.input, settings.softmax, settings.checkpoint, settings.half))
    told = [label.text().replace("\u200b", "") for label in settings.findChildren(QLabel) if label.isVisible()]
    assert Export.model_fields["four_bit"].description in told
    assert Export.model_fields["softmax"].description not in told
    assert any("onnx/model.onnx" in text for text in told)


def test_the_last_report_is_shown_with_numbers_and_answers_and_programs(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog]
) -> None:
    dialog = open_dialog(exported_run)
    report = dialog.report
    assert len(report.cards) == 2
    assert report.cards[0].verdict.text() == "PASS"
    said = json.loads((exported_run.path / "export" / "parity.json").read_text())["files"]
    rows = dict(report.cards[0].rows)
    assert f"{said[0]['tokens']:,} held-out tokens" in rows["Largest difference"]
    assert rows["Same likeliest token"] == "100 %"
    assert "of the teacher’s" in rows["Size"]
    words = words_of(dialog)
    assert said[0]["samples"][0]["pytorch"] in words
    assert "the same, word for word" in words
    report.usage.languages.button("transformers.js").click()
    report.usage.copy.click()
    assert "@huggingface/transformers" in QGuiApplication.clipboard().text()


def test_a_file_that_babbles_is_marked_where_its_answers_stand(
    exported_run: RunFolder, view: ExportReportView, theme: Theme, tmp_path: Path
) -> None:
    target = Path(shutil.copytree(exported_run.path / "export", tmp_path / "export"))
    report = json.loads((target / "parity.json").read_text())
    answers = [sample | {"onnx": "cli cli cli cli"} for sample in report["files"][1]["samples"]]
    report["files"][1] |= {"kept": False, "babbles": True, "kl": None, "samples": answers}
    report["files"].append(report["files"][1] | {"file": "model_q4.onnx", "babbles": False})
    report["warnings"] = ["model_quantized.onnx was not kept: it babbles."]
    (target / "parity.json").write_text(json.dumps(report))
    view.show_report(read_report(exported_run, target))
    assert [card.verdict.text() for card in view.cards] == ["PASS", "BABBLES, NOT KEPT", "NOT KEPT"]
    assert view.cards[1].verdict.property("role") == "bad"
    assert dict(view.cards[1].rows)["KL(PyTorch ‖ ONNX)"] == "not finite"
    assert {name: mark.text() for name, mark in view.answers.marks.items()} == {
        "model_quantized.onnx": "babbles",
        "model_q4.onnx": "not kept",
    }
    words = words_of(view)
    assert "cli cli cli cli" in words
    assert "2 variants were not kept" in words
    before = view.answers.grab().toImage()
    theme.mode = "dark"
    assert view.answers.grab().toImage() != before


@pytest.mark.slow
def test_four_bits_are_written_where_they_are_wished_for(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog(exported_run)
    dialog.settings.folder.setText(str(tmp_path / "out"))
    dialog.settings.int8.setChecked(False)
    qtbot.mouseClick(
        dialog.settings.four_bit, Qt.MouseButton.LeftButton, pos=dialog.settings.four_bit.rect().center() / 4
    )
    dialog.export.click()
    said: list[str] = []

    def is_over() -> bool:
        said.append(dialog.words.text())
        return not dialog.is_exporting

    qtbot.waitUntil(is_over, timeout=120_000)
    assert any("Writing model.onnx" in words for words in said)
    assert dialog.words.text() == "Exported."
    assert [card.rows[0][0] for card in dialog.report.cards] == ["Size", "Size"]
    assert (tmp_path / "out" / "model.safetensors").is_file()
    assert "model_q4.onnx" in words_of(dialog)


def test_the_folder_of_another_model_is_refused_in_words(
    exported_run: RunFolder, open_dialog: Callable[[RunFolder], ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"precious")
    dialog = open_dialog(exported_run)
    dialog.settings.folder.setText(str(tmp_path))
    dialog.export.click()
    qtbot.waitUntil(lambda: not dialog.is_exporting, timeout=60_000)
    assert "no export wrote" in dialog.problem.text().replace("\u200b", "")
    assert dialog.problem.isVisible()

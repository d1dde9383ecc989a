"""The report of an export as a person reads it: what passed, what was not kept and why, how to use the rest."""

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from strokes import finished_run

from workbench.gui.theme import Theme
from workbench.gui.widgets.export_report_view import ExportReportView
from workbench.session.export_report import read_report
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="module")
def exported_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of pen strokes that left its export."""
    return finished_run(tmp_path_factory.mktemp("strokes"), onnx=True)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> ExportReportView:
    """A report view on the screen."""
    view = ExportReportView(theme)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    return view


def words_of(view: ExportReportView) -> str:
    return "\n".join(label.text().replace("\u200b", "") for label in view.findChildren(QLabel))


def test_a_variant_that_was_not_kept_is_told_with_the_reason(
    exported_run: RunFolder, view: ExportReportView, tmp_path: Path
) -> None:
    target = Path(shutil.copytree(exported_run.path / "export", tmp_path / "export"))
    report = json.loads((target / "parity.json").read_text())
    lost = {**report["files"][0], "file": "student.int8.onnx", "kept": False, "kl": None, "disagreements": 5}
    report["files"].append(lost)
    report["warnings"] = ["The int8 variant was not kept: it answers otherwise too often."]
    (target / "parity.json").write_text(json.dumps(report))
    view.show_report(read_report(exported_run, target))
    assert [card.verdict.text() for card in view.cards] == ["PASS", "NOT KEPT"]
    assert [card.verdict.property("role") for card in view.cards] == ["good", "bad"]
    rows = dict(view.cards[1].rows)
    assert rows["KL(PyTorch ‖ ONNX)"] == "not finite"
    assert rows["Same answer"] == "25 of 30 (83.33 %)"
    assert "answers otherwise too often" in words_of(view)
    assert "1 variant was not kept" in words_of(view)


def test_open_folder_shows_the_folder_of_the_report(
    exported_run: RunFolder, view: ExportReportView, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url))
    view.show_report(read_report(exported_run, exported_run.path / "export"))
    view.open_folder.click()
    assert [url.toLocalFile() for url in opened] == [str(exported_run.path / "export")]


def test_copy_takes_the_program_that_is_shown_and_another_language_can_be_copied_again(
    exported_run: RunFolder, view: ExportReportView
) -> None:
    view.show_report(read_report(exported_run, exported_run.path / "export"))
    view.usage.copy.click()
    assert QGuiApplication.clipboard().text().startswith("import json")
    assert view.usage.copy.text() == "Copied"
    view.usage.languages.button("javascript").click()
    assert view.usage.copy.text() == "Copy"
    view.usage.copy.click()
    assert "onnxruntime-node" in QGuiApplication.clipboard().text()


def test_another_theme_paints_a_report_that_is_shown_and_none_that_is_gone(
    exported_run: RunFolder, view: ExportReportView, theme: Theme
) -> None:
    view.show_report(read_report(exported_run, exported_run.path / "export"))
    before = view.cards[0].grab().toImage()
    theme.mode = "dark"
    assert view.cards[0].grab().toImage() != before
    view.show_words("Nothing yet.")
    theme.mode = "light"
    assert "Nothing yet." in words_of(view)

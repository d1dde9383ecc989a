"""What speaks against training is found out while nothing trains, and stops Train with its sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from workbench.errors import CodeConsentNeededError
from workbench.events import Finding
from workbench.gui import looking_ahead
from workbench.gui.actions import Actions
from workbench.gui.document import RecipeDocument
from workbench.gui.panels.recipe import RecipePanel
from workbench.gui.widgets.finding_list import FindingList
from workbench.gui.widgets.run_bar import RunBar
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.preflight import Preflight, look_ahead
from workbench.session.run_folder import RunFolder

_GOOD = Finding(level="ok", title="Data: 45 to train on.")
_BAD = Finding(level="refusal", title="The teacher tells 3 classes apart, but the data has 5.", fix="Use other data.")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What looking ahead finds, and how often it looked."""
    found: dict[str, Any] = {"answer": Preflight((_GOOD,)), "times": 0}

    def look(job: Job[Any], recipe: Any, folder: Path) -> Preflight:
        found["times"] += 1
        answer: Preflight = found["answer"]
        return answer

    monkeypatch.setattr(looking_ahead, "look_ahead", look)
    return found


@pytest.fixture
def listed(workspace: Workspace, qtbot: QtBot) -> FindingList:
    listed = FindingList(workspace.ahead, workspace.theme)
    qtbot.addWidget(listed)
    listed.resize(300, 200)
    return listed


def look(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.ahead.look()
    qtbot.waitUntil(lambda: workspace.ahead.known is not None)


def test_the_tiny_recipe_fits(open_tiny: RecipeDocument) -> None:
    assert open_tiny.recipe is not None
    known = look_ahead(Job("a test", lambda _: None), open_tiny.recipe, open_tiny.folder)
    assert known.refusal == ""
    assert {finding.level for finding in known.findings} == {"ok"}
    assert "45 to train on" in known.findings[0].title


def test_a_recipe_whose_files_are_missing_is_refused_in_words(open_tiny: RecipeDocument) -> None:
    open_tiny.set(("data", "file"), "nowhere.npz")
    assert open_tiny.recipe is not None
    known = look_ahead(Job("a test", lambda _: None), open_tiny.recipe, open_tiny.folder)
    assert "nowhere.npz" in known.refusal


def test_a_refusal_stops_train_with_its_sentence_until_the_recipe_changes(
    workspace: Workspace, open_tiny: RecipeDocument, found: dict[str, Any], qtbot: QtBot
) -> None:
    found["answer"] = Preflight((_GOOD, _BAD))
    assert workspace.why_not_train() == ""
    look(workspace, qtbot)
    assert workspace.why_not_train() == _BAD.title
    open_tiny.set(("student", "seed"), 7)
    assert workspace.why_not_train() == ""


def test_a_new_name_and_another_temperature_need_no_new_look(
    workspace: Workspace, open_tiny: RecipeDocument, found: dict[str, Any], qtbot: QtBot
) -> None:
    look(workspace, qtbot)
    open_tiny.set(("name",), "another")
    open_tiny.set(("stages", 0, "objective", "temperature"), 7.0)
    workspace.ahead.look_soon()
    assert workspace.ahead.known is not None
    assert found["times"] == 1


def test_the_recipe_panel_has_it_looked_at_once_typing_has_ended(
    workspace: Workspace, open_tiny: RecipeDocument, found: dict[str, Any], qtbot: QtBot
) -> None:
    panel = RecipePanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    panel.show()
    for seed in range(1, 6):
        open_tiny.set(("student", "seed"), seed)
    qtbot.waitUntil(lambda: workspace.ahead.known is not None)
    assert found["times"] == 1
    assert panel.findings.isVisible()
    assert panel.findings.summary.text() == "Checked: all of it fits"
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)


def test_nothing_is_looked_at_while_a_run_trains(
    workspace: Workspace,
    found: dict[str, Any],
    train_tiny: Callable[..., RunFolder],
    open_tiny: RecipeDocument,
    qtbot: QtBot,
) -> None:
    workspace.train()
    workspace.ahead.look()
    assert not workspace.ahead.is_looking
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert found["times"] == 0


def test_findings_are_listed_the_refusal_first_and_a_click_looks_again(
    workspace: Workspace, open_tiny: RecipeDocument, found: dict[str, Any], listed: FindingList, qtbot: QtBot
) -> None:
    assert listed.isHidden()
    found["answer"] = Preflight((_GOOD, _BAD))
    look(workspace, qtbot)
    listed.show()
    assert listed.summary.text() == "This cannot be trained yet"
    assert listed.notes.texts()[0] == f"Refused: {_BAD.title} {_BAD.fix}"
    found["answer"] = Preflight((_GOOD,))
    qtbot.mouseClick(listed.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: listed.summary.text() == "Checked: all of it fits")
    assert not listed.notes.isVisible(), "good news is one line"
    qtbot.mouseClick(listed.summary, Qt.MouseButton.LeftButton)
    assert listed.notes.isVisible()


def test_where_only_consent_is_missing_a_button_leads_to_the_question(
    workspace: Workspace,
    open_tiny: RecipeDocument,
    found: dict[str, Any],
    listed: FindingList,
    qtbot: QtBot,
) -> None:
    asked: list[Path] = []
    workspace.consenting.ask = lambda path, reasons, parent: asked.append(path)  # type: ignore[method-assign]
    found["answer"] = Preflight((_BAD,), CodeConsentNeededError("/x/net.py", "sha256:0", "It can run code."))
    look(workspace, qtbot)
    listed.show()
    qtbot.mouseClick(listed.look, Qt.MouseButton.LeftButton)
    assert asked == [Path("/x/net.py")]
    found["answer"] = Preflight((_GOOD,))
    workspace.consenting.agreed.emit("sha256:0")
    qtbot.waitUntil(lambda: workspace.ahead.known == Preflight((_GOOD,)))


def test_the_run_bar_cannot_train_what_was_refused_and_says_why(
    workspace: Workspace, open_tiny: RecipeDocument, found: dict[str, Any], qtbot: QtBot
) -> None:
    owner = QMainWindow()
    qtbot.addWidget(owner)
    bar = RunBar(workspace, Actions(owner, workspace.theme))
    owner.setCentralWidget(bar)
    owner.show()
    assert bar.train.isEnabled()
    found["answer"] = Preflight((_BAD,))
    look(workspace, qtbot)
    assert not bar.train.isEnabled()
    assert bar.train.toolTip() == _BAD.title

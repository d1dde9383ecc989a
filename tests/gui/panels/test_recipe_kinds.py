"""What the recipe panel offers follows the recipe's data: what cannot go with them cannot be chosen."""

from typing import Any

import pytest
from PySide6.QtGui import QStandardItem
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from workbench.gui.panels.recipe import RecipePanel
from workbench.gui.widgets.kind_form import KindForm
from workbench.gui.widgets.optional_form import OptionalForm
from workbench.gui.workspace import Workspace
from workbench.recipe.data import Conversations
from workbench.recipe.drafts import fresh

_ARCHITECTURE, _INPUTS, _LORA = ("student", "architecture"), ("stages", 0, "inputs"), ("student", "lora")


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> RecipePanel:
    panel = RecipePanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(350, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def combo(panel: RecipePanel, location: tuple[Any, ...]) -> QComboBox:
    return next(part.combo for part in panel.findChildren(KindForm) if part.location == location)


def items(panel: RecipePanel, location: tuple[Any, ...]) -> dict[str, QStandardItem]:
    model: Any = combo(panel, location).model()
    return {model.item(row).text(): model.item(row) for row in range(model.rowCount())}


def lora(panel: RecipePanel) -> OptionalForm:
    return next(part for part in panel.findChildren(OptionalForm) if part.location == _LORA)


def use_conversations(workspace: Workspace) -> None:
    workspace.document.set(("data",), {**fresh(Conversations), "file": "talks.jsonl"})


def test_for_pictures_no_language_model_can_be_chosen_and_the_tooltip_says_why(panel: RecipePanel) -> None:
    offered = items(panel, _ARCHITECTURE)
    assert offered["MLP"].isEnabled()
    assert not offered["Causal language model"].isEnabled()
    assert "data of the kind conversations" in offered["Causal language model"].toolTip()
    assert [name for name, item in items(panel, _INPUTS).items() if item.isEnabled()] == ["Transfer set"]
    assert not lora(panel).box.isEnabled()
    assert "conversations" in lora(panel).box.toolTip()


def test_for_conversations_no_classifier_can_be_chosen_and_the_form_shows_what_followed(
    panel: RecipePanel, workspace: Workspace
) -> None:
    use_conversations(workspace)
    offered = items(panel, _ARCHITECTURE)
    assert not offered["MLP"].isEnabled()
    assert "no text" in offered["MLP"].toolTip()
    assert offered["Causal language model"].isEnabled()
    assert combo(panel, _ARCHITECTURE).currentText() == "Teacher layers"
    assert all(item.isEnabled() for item in items(panel, _INPUTS).values())
    assert combo(panel, _INPUTS).currentText() == "Teacher written"
    assert lora(panel).box.isEnabled()


def test_adapters_that_are_there_can_always_be_taken_away(panel: RecipePanel, workspace: Workspace) -> None:
    use_conversations(workspace)
    lora(panel).box.click()
    assert workspace.document.value(_LORA) is not None
    lora(panel).box.click()
    assert workspace.document.value(_LORA) is None
    workspace.document.undo_stack.setIndex(0)
    assert not lora(panel).box.isEnabled()


def test_undo_offers_again_what_went_with_the_data_before(panel: RecipePanel, workspace: Workspace) -> None:
    use_conversations(workspace)
    workspace.document.undo_stack.undo()
    assert items(panel, _ARCHITECTURE)["MLP"].isEnabled()
    assert combo(panel, _ARCHITECTURE).currentText() == "MLP"

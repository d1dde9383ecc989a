"""The list of found commands, checked by Qt's own tester for models."""

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from workbench.gui.commands import Command, Found
from workbench.gui.models.found_commands import FOUND, FoundCommands


def test_it_is_a_sound_model_and_gives_every_view_what_it_asks_for(qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    model = FoundCommands()
    curves = Command("Curves", lambda: None, path="View", shortcut="Ctrl+1", tip="Show them.", is_on=False)
    model.show([Found(Command("Train", lambda: None, why_not="The recipe is not whole.")), Found(curves)])
    qtmodeltester.check(model)
    train, second = model.index(0), model.index(1)
    assert train.data(FOUND).command.text == train.data() == "Train"
    assert train.data(Qt.ItemDataRole.ToolTipRole) == "The recipe is not whole."
    assert second.data(Qt.ItemDataRole.ToolTipRole) == "Show them."
    assert second.data(Qt.ItemDataRole.AccessibleTextRole) == "Curves, off, View, Ctrl+1"
    model.show([])
    assert model.rowCount() == 0

"""Keys are stored and deleted in a dialog that says where they lie and never shows one again."""

from collections.abc import Callable, Iterator

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from session.test_endpoint_keys import NAME, Drawer

from workbench.engine.language.keys import SERVICE
from workbench.gui.keys_dialog import KeysDialog
from workbench.gui.preferences_dialog import PreferencesDialog
from workbench.gui.workspace import Workspace

Open = Callable[[], KeysDialog]


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawer]:
    """Takes the place of the system's keyring."""
    drawer, before = Drawer(), keyring.get_keyring()
    keyring.set_keyring(drawer)
    monkeypatch.delenv(NAME, raising=False)
    yield drawer
    keyring.set_keyring(before)


@pytest.fixture
def open_dialog(workspace: Workspace, qtbot: QtBot) -> Open:
    def open_it() -> KeysDialog:
        dialog = KeysDialog(workspace)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        qtbot.waitUntil(lambda: workspace.jobs.is_idle)
        return dialog

    return open_it


def words(dialog: KeysDialog) -> str:
    return dialog.words.text().replace("\u200b", "")


def name_key(qtbot: QtBot, dialog: KeysDialog, name: str) -> None:
    dialog.name_field.setFocus()
    qtbot.keyClicks(dialog.name_field, name)
    qtbot.keyClick(dialog.name_field, Qt.Key.Key_Tab)


def test_a_key_is_stored_told_of_and_deleted(open_dialog: Open, drawer: Drawer, qtbot: QtBot) -> None:
    dialog = open_dialog()
    assert not dialog.store_button.isEnabled()
    name_key(qtbot, dialog, NAME)
    qtbot.waitUntil(lambda: f"There is no {NAME} yet" in words(dialog))
    qtbot.keyClicks(dialog.key_field, "sesame")
    qtbot.mouseClick(dialog.store_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: words(dialog) == f"{NAME} is stored in Drawer.")
    assert drawer.secrets == {(SERVICE, NAME): "sesame"}
    assert dialog.key_field.text() == ""
    assert not dialog.store_button.isEnabled()
    qtbot.mouseClick(dialog.delete_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: f"There is no {NAME} yet" in words(dialog))
    assert drawer.secrets == {}
    assert not dialog.delete_button.isEnabled()


def test_a_key_cannot_be_read_while_it_is_typed(open_dialog: Open, drawer: Drawer) -> None:
    assert open_dialog().key_field.echoMode() is QLineEdit.EchoMode.Password


def test_a_key_in_the_environment_is_said_to_count_first(
    open_dialog: Open, drawer: Drawer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, "open")
    dialog = open_dialog()
    name_key(qtbot, dialog, NAME)
    qtbot.waitUntil(lambda: f"{NAME} is set in the environment." in words(dialog))


def test_without_a_keyring_nothing_can_be_stored_and_the_other_way_is_named(
    open_dialog: Open, drawer: Drawer, qtbot: QtBot
) -> None:
    keyring.set_keyring(NoKeyring())
    dialog = open_dialog()
    assert "no keyring" in words(dialog)
    name_key(qtbot, dialog, NAME)
    qtbot.keyClicks(dialog.key_field, "sesame")
    qtbot.waitUntil(lambda: f"Set the environment variable {NAME}" in words(dialog))
    assert not dialog.store_button.isEnabled()


def test_a_locked_keyring_refuses_in_words_and_the_key_is_not_in_them(
    open_dialog: Open, drawer: Drawer, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    name_key(qtbot, dialog, NAME)
    qtbot.keyClicks(dialog.key_field, "sesame")
    drawer.is_locked = True
    qtbot.mouseClick(dialog.store_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "it is locked" in words(dialog))
    assert "sesame" not in words(dialog)


def test_preferences_lead_to_the_keys(workspace: Workspace, drawer: Drawer, qtbot: QtBot) -> None:
    preferences = PreferencesDialog(workspace)
    qtbot.addWidget(preferences)
    preferences.show()
    qtbot.mouseClick(preferences.keys_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(preferences.findChildren(KeysDialog)))
    preferences.findChildren(KeysDialog)[0].close()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)

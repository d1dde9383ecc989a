"""Commands: read from actions, ranked by what was typed, used lately and possible now."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from workbench.gui.commands import Command, commands_of, find, plain_text
from workbench.gui.theme import Theme


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QMainWindow:
    """Menus with a submenu, a separator, and things that are off, hidden and disabled."""
    window = QMainWindow()
    qtbot.addWidget(window)
    file = window.menuBar().addMenu("&File")
    save = file.addAction("&Save && close…")
    save.setShortcut("Ctrl+S")
    save.setStatusTip("Write the recipe to its file.")
    save.setObjectName("save")
    file.addSeparator()
    recent = file.addMenu("Open re&cent")
    recent.addAction("student.toml")
    view = window.menuBar().addMenu("&View")
    curves = view.addAction("&Curves")
    curves.setCheckable(True)
    curves.setChecked(True)
    view.addAction("Hidden").setVisible(False)
    stop = view.addAction("Stop")
    stop.setEnabled(False)
    stop.setStatusTip("Nothing trains.")
    view.addAction("Silent").setEnabled(False)
    return window


def actions(window: QMainWindow) -> list[QAction]:
    return window.findChildren(QAction)


def by_text(window: QMainWindow) -> dict[str, Command]:
    return {command.text: command for command in commands_of(actions(window))}


def texts(query: str, commands: list[Command], used: list[str] | None = None) -> list[str]:
    return [found.command.text for found in find(query, commands, used or [])]


def command(text: str, **more: object) -> Command:
    return Command(text, lambda: None, **more)  # type: ignore[arg-type]


def test_what_a_person_can_see_becomes_a_command_once(window: QMainWindow) -> None:
    found = [one.text for one in commands_of([*actions(window), *actions(window)])]
    assert sorted(found) == ["Curves", "Save & close…", "Silent", "Stop", "student.toml"]


def test_a_command_says_where_it_is_and_how_it_is_reached(window: QMainWindow) -> None:
    commands = by_text(window)
    save = commands["Save & close…"]
    assert (save.path, save.shortcut, save.tip) == ("File", "Ctrl+S", "Write the recipe to its file.")
    assert (save.name, save.why_not, save.is_on) == ("save", "", None)
    assert commands["student.toml"].path == "File › Open recent"
    assert commands["Curves"].is_on is True


def test_what_cannot_be_done_now_says_why(window: QMainWindow) -> None:
    commands = by_text(window)
    assert commands["Stop"].why_not == "Nothing trains."
    assert commands["Silent"].why_not == "This is not possible now."


def test_running_a_command_triggers_its_action(window: QMainWindow) -> None:
    curves = next(action for action in actions(window) if action.text() == "&Curves")
    by_text(window)["Curves"].run()
    assert not curves.isChecked()


def test_without_a_query_the_last_used_come_first_and_what_cannot_be_done_last() -> None:
    commands = [command("one"), command("two", why_not="no"), command("three"), command("four", key="4")]
    assert texts("", commands, ["4", "three"]) == ["four", "three", "one", "two"]


def test_with_a_query_the_better_fit_comes_first_and_equal_ones_by_use() -> None:
    commands = [command("Open recipe"), command("Open run"), command("Reopen")]
    assert texts("open", commands) == ["Open run", "Open recipe", "Reopen"]
    assert texts("open", commands, ["Open recipe"]) == ["Open recipe", "Open run", "Reopen"]


def test_what_cannot_be_done_now_stands_below_what_fits_alike() -> None:
    commands = [command("Stop", why_not="Nothing trains."), command("Step")]
    assert texts("st", commands) == ["Step", "Stop"]
    assert texts("sto", commands) == ["Stop"]


def test_the_menu_s_name_may_be_typed_too() -> None:
    assert texts("run pau", [command("Pause", path="Run"), command("Pane", path="View")]) == ["Pause"]


def test_marks_for_the_keyboard_are_left_out() -> None:
    assert plain_text("Save &as && close") == "Save as & close"

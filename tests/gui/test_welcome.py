"""The first page: examples, what was left unfinished, recent recipes and runs; all read beside the window's thread."""

import io
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.shelf import put_run
from workbench.gui.actions import Actions
from workbench.gui.welcome import ExampleCard, WelcomePage
from workbench.gui.workspace import Workspace
from workbench.session.examples import list_examples
from workbench.session.places import runs_folder


@pytest.fixture
def page(workspace: Workspace, qtbot: QtBot) -> Iterator[WelcomePage]:
    """Not shown yet."""
    owner = QMainWindow()
    qtbot.addWidget(owner)
    page = WelcomePage(workspace, Actions(owner, workspace.theme))
    owner.setCentralWidget(page)
    owner.resize(1280, 800)
    yield page
    owner.close()


@pytest.fixture
def show(page: WelcomePage, workspace: Workspace, qtbot: QtBot) -> Callable[[], None]:
    """Shows the page and waits until it has read what there is."""

    def show() -> None:
        page.window().show()
        qtbot.waitUntil(lambda: workspace.jobs.is_idle)
        # Qt shows the new rows of a layout a moment after they were put there.
        for rows in (page._runs._rows, page._recipes._rows):
            qtbot.waitUntil(lambda rows=rows: bool(rows) and all(row.isVisible() for row in rows))

    return show


def _buttons(parent: QWidget, verb: str) -> list[QPushButton]:
    return [button for button in parent.findChildren(QPushButton) if button.text() == verb and button.isVisible()]


def _listed(page: WelcomePage, verb: str) -> list[str]:
    """The rows with this button, as a screen reader says them."""
    return [button.accessibleName().removeprefix(f"{verb}: ") for button in _buttons(page, verb)]


def _click(qtbot: QtBot, page: WelcomePage, verb: str, place: int = 0) -> None:
    qtbot.mouseClick(_buttons(page, verb)[place], Qt.MouseButton.LeftButton)


def _words(page: WelcomePage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_every_example_is_a_card_whose_buttons_open_it_and_train_it(
    page: WelcomePage, show: Callable[[], None], qtbot: QtBot
) -> None:
    show()
    cards, examples = page.findChildren(ExampleCard), list_examples()
    assert page.first_card is cards[0]
    assert len(cards) == len(examples)
    for card, example in zip(cards, examples, strict=True):
        assert example.description in [label.text() for label in card.findChildren(QLabel)]
        train, look = card.findChildren(QPushButton)
        for button, trains in ((train, True), (look, False)):
            with qtbot.waitSignal(page.example_wanted) as heard:
                qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
            assert heard.args == [example.path, trains]
    with qtbot.waitSignal(page.example_wanted) as heard:
        qtbot.mouseDClick(cards[1], Qt.MouseButton.LeftButton)
    assert heard.args == [examples[1].path, False]


def test_the_first_time_it_says_what_will_be_listed_and_offers_nothing_to_resume(
    page: WelcomePage, show: Callable[[], None]
) -> None:
    show()
    assert "Every run you train is kept and listed here." in _words(page)
    assert "Recipes you open or save are listed here." in _words(page)
    assert "Unfinished runs" not in _words(page)


def test_runs_on_the_disk_are_listed_by_what_can_be_done_with_them(
    page: WelcomePage, show: Callable[[], None], recipe_file: Path, qtbot: QtBot
) -> None:
    done = put_run(recipe_file, runs_folder(), "whole")
    stopped = put_run(recipe_file, runs_folder(), "half", status="stopped", step=1000, total_steps=2500)
    put_run(recipe_file, runs_folder(), "unborn", status="stopped", step=0)
    show()
    assert _listed(page, "Resume") == ["half, stopped at step 1,000 of 2,500"]
    assert sorted(_listed(page, "Show")) == [
        "unborn, stopped · 47 errors of 2,000",
        "whole, complete · 47 errors of 2,000",
    ]
    with qtbot.waitSignal(page.resume_wanted) as heard:
        _click(qtbot, page, "Resume")
    assert heard.args == [stopped]
    place = next(place for place, words in enumerate(_listed(page, "Show")) if words.startswith("whole"))
    with qtbot.waitSignal(page.run_wanted) as heard:
        _click(qtbot, page, "Show", place)
    assert heard.args == [done]


def test_the_lists_follow_what_happens_while_the_page_is_shown_and_when_it_is_shown_again(
    page: WelcomePage, show: Callable[[], None], workspace: Workspace, recipe_file: Path, qtbot: QtBot
) -> None:
    show()
    put_run(recipe_file, runs_folder(), "first")
    workspace.runs_changed.emit()
    qtbot.waitUntil(lambda: len(_listed(page, "Show")) == 1)
    page.window().hide()
    put_run(recipe_file, runs_folder(), "second")
    workspace.settings.add_recent(recipe_file)
    workspace.runs_changed.emit()
    # Nobody looks: nothing is read.
    assert workspace.jobs.is_idle
    show()
    assert len(_listed(page, "Show")) == 2
    assert _listed(page, "Open")[-1] == f"recipe, {recipe_file.parent}"


def test_a_row_that_stays_the_same_is_not_made_anew(
    page: WelcomePage, show: Callable[[], None], workspace: Workspace, recipe_file: Path, qtbot: QtBot
) -> None:
    put_run(recipe_file, runs_folder(), "first")
    show()
    button = _buttons(page, "Show")[0]
    button.setFocus()
    workspace.runs_changed.emit()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    assert _buttons(page, "Show") == [button]


def test_only_so_many_are_listed_newest_first(page: WelcomePage, show: Callable[[], None], recipe_file: Path) -> None:
    for place in range(7):
        put_run(recipe_file, runs_folder(), f"run {place}", created=f"2026-01-0{place + 1}T12:00:00+00:00")
    show()
    assert [words.split(",")[0] for words in _listed(page, "Show")] == [f"run {place}" for place in (6, 5, 4, 3, 2)]


def test_recent_recipes_are_offered_as_long_as_they_are_there(
    page: WelcomePage, show: Callable[[], None], workspace: Workspace, recipe_file: Path, qtbot: QtBot
) -> None:
    folder = recipe_file.parent
    for path in (folder / "gone.toml", recipe_file, folder):
        workspace.settings.add_recent(path)
    show()
    # The examples have buttons of this name too.
    names = _listed(page, "Open")[len(list_examples()) :]
    assert names == [f"recipe, {recipe_file.parent}"]
    with qtbot.waitSignal(page.recipe_wanted) as heard:
        _click(qtbot, page, "Open", len(list_examples()))
    assert heard.args == [recipe_file]


def test_showing_and_painting_it_reads_no_disk_on_the_window_s_thread(
    page: WelcomePage,
    show: Callable[[], None],
    workspace: Workspace,
    recipe_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_run(recipe_file, runs_folder(), "first")
    workspace.settings.add_recent(recipe_file)
    seen: dict[bool, list[str]] = {True: [], False: []}

    def watch(module: Any, name: str) -> None:
        own = getattr(module, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            seen[threading.current_thread() is threading.main_thread()].append(f"{name} {arguments[:1]}")
            return own(*arguments, **options)

        monkeypatch.setattr(module, name, noted)

    for module, name in ((io, "open"), (os, "stat"), (os, "scandir"), (sqlite3, "connect")):
        watch(module, name)
    show()
    page.grab()
    monkeypatch.undo()
    assert _listed(page, "Show")
    assert seen[True] == []
    assert seen[False]

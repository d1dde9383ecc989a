"""A teacher behind an endpoint, trained from in the window: its troubles are seen there, and nothing is asked twice."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine.language.test_endpoint import Server, garbage, half_a_stream, status
from engine.language.text_workshop import SAYINGS, write_endpoint_recipe
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from workbench.events import Failed, Finished
from workbench.gui.actions import Actions
from workbench.gui.widgets.run_bar import RunBar
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def open_recipe(server: Server, workspace: Workspace, tmp_path: Path) -> Callable[..., None]:
    """Opens a recipe whose teacher is the server; keyword arguments as for `Endpoint`."""

    def opened(**settings: Any) -> None:
        workspace.document.open_file(write_endpoint_recipe(tmp_path, server.url, **settings))

    return opened


@pytest.fixture
def bar(qtbot: QtBot, workspace: Workspace) -> Iterator[RunBar]:
    owner = QMainWindow()
    bar = RunBar(workspace, Actions(owner, workspace.theme))
    owner.setCentralWidget(bar)
    qtbot.addWidget(owner)
    owner.show()
    yield bar  # noqa: PT022 - not returned: whoever owns it must live as long


def test_a_busy_endpoint_is_waited_for_in_words_and_every_prompt_is_answered_once(
    open_recipe: Callable[..., None], server: Server, workspace: Workspace, bar: RunBar, qtbot: QtBot
) -> None:
    server.moods = {
        "say 3": [status(429, Retry_After="2")],
        "say 4": [half_a_stream],
        "say 5": [garbage],
        "say 6": [status(503, Retry_After="0")],
    }
    open_recipe()
    workspace.train()
    qtbot.waitUntil(lambda: "of 8 answers (The endpoint: it says 429; try 2 of 6 in" in bar.numbers.text())
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    assert workspace.watched is not None
    assert workspace.watched.own.latest(Finished) is not None
    assert {saying: server.heard.count(saying) for saying in SAYINGS} == {
        saying: 1 + (saying in ("say 3", "say 4", "say 5", "say 6")) for saying in SAYINGS
    }


def test_an_endpoint_that_goes_down_ends_the_run_in_words_and_the_run_goes_on_from_there(
    open_recipe: Callable[..., None], server: Server, workspace: Workspace, qtbot: QtBot
) -> None:
    asked = SAYINGS[5]
    server.moods = {asked: [status(500)] * 2}
    open_recipe(tries=2)
    workspace.train()
    qtbot.waitUntil(lambda: not workspace.is_training and workspace.watched is not None, timeout=60_000)
    assert workspace.watched is not None
    failed = workspace.watched.own.latest(Failed)
    assert failed is not None
    assert "did not answer in 2 tries; the last time: it says 500" in failed.title
    assert "What was written so far is kept" in failed.hint
    before = set(server.heard) - {asked}
    server.heard.clear()
    workspace.resume_run(workspace.watched.path)
    qtbot.waitUntil(lambda: workspace.is_training)
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    assert workspace.watched.own.latest(Finished) is not None
    assert before.isdisjoint(server.heard)
    assert set(server.heard) | before == set(SAYINGS)


def test_a_stop_while_the_endpoint_is_waited_for_comes_at_once_and_the_run_can_go_on(
    open_recipe: Callable[..., None], server: Server, workspace: Workspace, bar: RunBar, qtbot: QtBot
) -> None:
    server.moods = {saying: [status(429, Retry_After="60")] for saying in SAYINGS}
    open_recipe()
    workspace.train()
    qtbot.waitUntil(lambda: "it says 429" in bar.numbers.text())
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=15_000)
    server.moods = {}
    assert workspace.watched is not None
    workspace.resume_run(workspace.watched.path)
    qtbot.waitUntil(lambda: workspace.is_training)
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    assert workspace.watched.own.latest(Finished).reason == "complete"

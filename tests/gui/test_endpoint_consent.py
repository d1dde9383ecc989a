"""The window asks before anything goes to an endpoint; after a yes what was refused goes on, and a no sends nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chatter import new_language_run
from engine.language.test_endpoint import Server
from engine.language.text_workshop import write_endpoint_recipe
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from session.test_writing_answers import with_endpoint

from workbench import consents
from workbench.events import Finished
from workbench.gui.consent_dialog import ConsentDialog
from workbench.gui.deeds import Deeds
from workbench.gui.habits import Habits
from workbench.gui.main_window import MainWindow
from workbench.gui.text_conversation import TextConversation
from workbench.gui.widgets.finding_list import FindingList
from workbench.gui.workspace import Workspace
from workbench.session.text_writers import Manner

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp-hidden-1")
    server = Server()
    yield server
    server.close()


def question(parent: QWidget, qtbot: QtBot) -> ConsentDialog:
    qtbot.waitUntil(lambda: bool(parent.findChildren(ConsentDialog)))
    return parent.findChildren(ConsentDialog)[0]


def answer(dialog: ConsentDialog, parent: QWidget, qtbot: QtBot, *, yes: bool) -> None:
    qtbot.mouseClick(dialog.trust if yes else dialog.refuse, LEFT)
    qtbot.waitUntil(lambda: not parent.findChildren(ConsentDialog))


def test_a_run_asks_sends_nothing_after_a_no_and_goes_on_after_a_yes(
    window: MainWindow, server: Server, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace = window.workspace
    deeds = window.findChild(Deeds)
    assert deeds is not None
    habits = Habits(window, deeds)
    workspace.document.open_file(write_endpoint_recipe(tmp_path, server.url, key="GITHUB_TOKEN"))
    workspace.train()
    answer(question(window, qtbot), window, qtbot, yes=False)
    qtbot.waitUntil(lambda: not workspace.is_training and workspace.jobs.is_idle)
    assert server.heard == []
    assert consents.consents() == {}
    assert workspace.watched is not None
    refused = workspace.watched.path
    workspace.resume_run(refused)
    dialog = question(window, qtbot)
    assert server.heard == []
    qtbot.waitUntil(lambda: not workspace.is_training)
    answer(dialog, window, qtbot, yes=True)
    qtbot.waitUntil(lambda: workspace.watched.own.latest(Finished) is not None, timeout=60_000)
    assert workspace.watched.path == refused
    assert server.keys == {"Bearer ghp-hidden-1"}
    qtbot.waitUntil(lambda: not workspace.is_training and workspace.jobs.is_idle)
    assert not habits.errors.cards


def test_preflight_lists_what_is_sent_and_leads_to_a_question_that_shows_it_with_address_key_and_reason(
    workspace: Workspace, server: Server, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace.document.open_file(write_endpoint_recipe(tmp_path, "http://models.example/v1", key="GITHUB_TOKEN"))
    listed = FindingList(workspace.ahead, workspace.theme)
    qtbot.addWidget(listed)
    listed.show()
    workspace.ahead.look()
    qtbot.waitUntil(lambda: workspace.ahead.known is not None)
    assert any("Endpoint http://models.example (nobody here has agreed to it)" in text for text in listed.notes.texts())
    assert "The recipe wants to send the key GITHUB_TOKEN" in workspace.why_not_train()
    qtbot.mouseClick(listed.look, LEFT)
    dialog = question(listed, qtbot)
    shown = " ".join(
        [label.accessibleName() or getattr(label, "text", str)() for label in dialog.findChildren(QWidget)]
        + [box.toPlainText() for box in dialog.findChildren(QPlainTextEdit)]
    )
    for words in (
        "Address: http://models.example",
        "Key: GITHUB_TOKEN",
        "model: 'big'",
        "at most 8 prompts of 'prompts.jsonl'",
        "nobody here has agreed to that yet",
        "travels unencrypted",
    ):
        assert words in shown
    assert "ghp-hidden-1" not in shown
    assert not dialog.trust.isDefault()
    answer(dialog, listed, qtbot, yes=True)
    qtbot.waitUntil(lambda: workspace.ahead.known is not None and not workspace.ahead.refusal)
    assert not listed.look.isVisible()
    assert any("(agreed to on this computer)" in text for text in listed.notes.texts())


def test_return_and_escape_send_nothing(workspace: Workspace, tmp_path: Path, qtbot: QtBot) -> None:
    workspace.document.open_file(write_endpoint_recipe(tmp_path, "https://models.example/v1"))
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    workspace.ahead.look()
    qtbot.waitUntil(lambda: workspace.ahead.known is not None)
    assert workspace.ahead.known is not None
    assert workspace.ahead.known.consent is not None
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        workspace.ahead.ask_consent(workspace.ahead.known.consent, owner)
        qtbot.keyClick(question(owner, qtbot), key)
        qtbot.waitUntil(lambda: not owner.findChildren(ConsentDialog))
    assert consents.consents() == {}


def test_the_playground_asks_too_and_then_the_same_words_are_answered(
    workspace: Workspace, server: Server, tmp_path: Path, qtbot: QtBot
) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    workspace.failed.connect(lambda error: workspace.consenting.ask_for(error, owner))
    workspace.watch(with_endpoint(new_language_run(tmp_path), server.url, "GITHUB_TOKEN").path)
    qtbot.waitUntil(lambda: workspace.watched is not None)
    talk = TextConversation(workspace, owner)
    talk.open()
    qtbot.waitUntil(lambda: talk.briefing.is_ready)
    talk.ask("say 4", ["endpoint"], Manner(new_tokens=9))
    dialog = question(owner, qtbot)
    assert server.heard == []
    answer(dialog, owner, qtbot, yes=True)
    qtbot.waitUntil(lambda: talk.rounds[0].answers["endpoint"].text == "here is 4!")
    assert len(talk.rounds) == 1
    assert server.keys == {"Bearer ghp-hidden-1"}
    talk.close()

"""The playground of language models: a person asks, all models answer side by side, and it can be stopped."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from chatter import finished_language_run, new_language_run, write_recipe
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from strokes import finished_run

from workbench.gui.chat_playground import ChatPlayground
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder

Key = Qt.Key
INSTRUCTION, FOR_TEACHER = "be brief", "think first"


@pytest.fixture(scope="session")
def language_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run with its export, and instructions for student and teacher."""
    folder = tmp_path_factory.mktemp("letters")
    return finished_language_run(folder, onnx=True, system=INSTRUCTION, teacher_system=FOR_TEACHER)


@pytest.fixture
def chat(playground: PlaygroundPanel, workspace: Workspace, language_run: RunFolder, qtbot: QtBot) -> ChatPlayground:
    """The chat with that run on the screen."""
    show(playground, workspace, language_run, qtbot)
    return playground.chat


def show(playground: PlaygroundPanel, workspace: Workspace, folder: RunFolder, qtbot: QtBot) -> None:
    workspace.watch(folder.path)
    chat = playground.chat
    qtbot.waitUntil(lambda: bool(chat.view.columns) and chat.view.prompt.starters_button.isEnabled())


def type_and_ask(chat: ChatPlayground, words: str) -> None:
    QTest.keyClicks(chat.view.prompt.field, words)
    QTest.keyClick(chat.view.prompt.field, Key.Key_Return)


def texts(chat: ChatPlayground) -> dict[str, str]:
    return {column.seat.title: column.transcript.toPlainText() for column in chat.view.columns.values()}


def all_done(chat: ChatPlayground) -> Callable[[], bool]:
    """Whether everybody has answered, and it can be read."""
    return lambda: bool(chat.talk.rounds) and not chat.talk.is_writing and chat.view.prompt.ask_button.isVisible()


def status(chat: ChatPlayground, title: str) -> str:
    return next(column.status.text() for column in chat.view.columns.values() if column.seat.title == title)


def leave_only(chat: ChatPlayground, *titles: str) -> None:
    for action in chat.view.models_menu.actions():
        if (action.text() in titles) is not action.isChecked():
            action.trigger()


def test_a_language_run_opens_the_chat_and_a_classifier_the_pad(
    playground: PlaygroundPanel, workspace: Workspace, language_run: RunFolder, tmp_path: Path, qtbot: QtBot
) -> None:
    show(playground, workspace, language_run, qtbot)
    assert playground.chat.isVisible()
    assert not playground.view.isVisible()
    workspace.watch(finished_run(tmp_path).path)
    qtbot.waitUntil(lambda: playground.talk.briefing.is_ready)
    assert playground.view.isVisible()
    assert not playground.chat.talk.is_open


def test_all_models_answer_side_by_side_with_their_speed_and_why_they_ended(chat: ChatPlayground, qtbot: QtBot) -> None:
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(all_done(chat))
    said = texts(chat)
    assert list(said) == ["Teacher", "Before training", "Student", "ONNX"]
    assert all(text.startswith("3+3?\n") and len(text) > 6 for text in said.values())
    assert said["Student"] == said["ONNX"] != said["Before training"]
    for title in said:
        assert "tokens/s" in status(chat, title)
        assert "cut at 24" in status(chat, title) or "ended after" in status(chat, title)
    assert chat.view.prompt.field.toPlainText() == ""


def test_a_second_question_keeps_what_was_said_and_each_model_reads_its_own_answer(
    chat: ChatPlayground, qtbot: QtBot
) -> None:
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(all_done(chat))
    first = {who: said.text for who, said in chat.talk.rounds[0].answers.items()}
    type_and_ask(chat, "Why?")
    qtbot.waitUntil(lambda: len(chat.talk.rounds) == 2 and all_done(chat)())
    for title, text in texts(chat).items():
        assert text.startswith("3+3?\n"), title
        assert "Why?" in text, title
    asked = chat.talk._conversation("student", "And now?")
    assert [message["role"] for message in asked] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert asked[2]["content"] == first["student"] != first["teacher"]


def test_student_and_teacher_are_told_what_the_recipe_says_until_a_person_says_otherwise(chat: ChatPlayground) -> None:
    assert chat.view.settings.instruction == INSTRUCTION
    assert chat.talk._conversation("student", "?")[0]["content"] == INSTRUCTION
    assert chat.talk._conversation("teacher", "?")[0]["content"] == FOR_TEACHER
    chat.view.settings.system.setPlainText("be long")
    type_and_ask(chat, "3+3?")
    assert {chat.talk._conversation(who, "?")[0]["content"] for who in ("student", "teacher")} == {"be long"}
    chat.talk.stop()


@pytest.mark.parametrize("by_key", [True, False])
def test_stop_ends_the_writing_and_keeps_what_is_there(chat: ChatPlayground, qtbot: QtBot, by_key: bool) -> None:
    chat.view.settings.temperature.setValue(1.0)
    chat.view.settings.tokens.setValue(1900)
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(lambda: chat.view.prompt.stop_button.isVisible() and "tokens/s" in status(chat, "Teacher"))
    if by_key:
        QTest.keyClick(chat.view.prompt.field, Key.Key_Escape)
    else:
        chat.view.prompt.stop_button.click()
    qtbot.waitUntil(all_done(chat))
    assert "stopped at" in status(chat, "Teacher")
    assert status(chat, "ONNX") == "Stopped"
    assert len(texts(chat)["Teacher"]) > 6


def test_text_comes_while_it_is_written_and_what_stood_there_is_not_written_anew(
    chat: ChatPlayground, qtbot: QtBot
) -> None:
    leave_only(chat, "Teacher")
    chat.view.settings.temperature.setValue(1.0)
    chat.view.settings.tokens.setValue(1900)
    (column,) = chat.view.columns.values()
    lengths: list[int] = []
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(lambda: len(column.transcript.toPlainText()) > 6)
    column.transcript.document().contentsChange.connect(lambda _place, removed, _added: lengths.append(removed))
    before = column.transcript.toPlainText()
    qtbot.waitUntil(lambda: len(column.transcript.toPlainText()) > len(before) + 3)
    assert column.transcript.toPlainText().startswith(before)
    assert max(lengths) <= 1
    chat.talk.stop()


def test_sampling_is_chosen_under_its_button_and_said_on_it(chat: ChatPlayground, qtbot: QtBot) -> None:
    view = chat.view
    assert view.settings_button.text() == "Greedy · 24 tokens"
    view.settings_button.click()
    assert view.settings.isVisible()
    view.settings.temperature.setValue(0.7)
    view.settings.top_p.setValue(0.9)
    assert view.settings_button.text() == "Sampling at 0.7, top-p 0.9 · 24 tokens"
    view.settings.hide()
    leave_only(chat, "Student")
    answers = []
    for seed in (1, 1, 2):
        view.settings.seed.setValue(seed)
        view.new_button.click()
        type_and_ask(chat, "3+3?")
        qtbot.waitUntil(all_done(chat))
        answers.append(texts(chat)["Student"])
    assert answers[0] == answers[1] != answers[2]


def test_models_that_are_left_out_have_no_column_and_are_not_asked(chat: ChatPlayground, qtbot: QtBot) -> None:
    leave_only(chat, "Student")
    assert list(texts(chat)) == ["Student"]
    assert chat.view.models_button.text() == "1 of 4 models"
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(all_done(chat))
    assert list(chat.talk.rounds[0].answers) == ["student"]
    leave_only(chat)
    qtbot.waitUntil(lambda: "Nobody is chosen" in chat.view.hint.text() and chat.view.hint.isVisible())
    assert not chat.view.prompt.ask_button.isEnabled()


def test_a_prompt_of_the_data_begins_a_new_conversation_with_its_known_answer(
    chat: ChatPlayground, qtbot: QtBot
) -> None:
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(all_done(chat))
    prompt = chat.view.prompt
    prompt.menu.actions()[0].trigger()
    assert chat.talk.rounds == []
    starter = chat.talk.starters[0]
    assert prompt.field.toPlainText() == starter.question
    assert prompt.known.text() == f"In the data: {starter.known}"
    qtbot.waitUntil(lambda: set(texts(chat).values()) == {""})


def test_an_answer_is_copied_without_its_question(chat: ChatPlayground, workspace: Workspace, qtbot: QtBot) -> None:
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(all_done(chat))
    column = chat.view.columns["student"]
    with qtbot.waitSignal(workspace.noticed):
        column.copy_button.click()
    assert QGuiApplication.clipboard().text() == chat.talk.rounds[0].answers["student"].text


def test_a_model_that_cannot_be_read_says_why_in_its_column(
    playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = finished_language_run(tmp_path)
    (folder.student_folder / "model.safetensors").write_bytes(b"no weights at all")
    show(playground, workspace, folder, qtbot)
    type_and_ask(playground.chat, "3+3?")
    qtbot.waitUntil(all_done(playground.chat))
    assert "model.safetensors" in texts(playground.chat)["Student"].replace("\u200b", "")
    assert status(playground.chat, "Student") == "Failed"
    assert "tokens/s" in status(playground.chat, "Teacher")


def test_a_run_without_prompts_says_so_and_can_still_be_asked(
    playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = new_language_run(tmp_path)
    (tmp_path / "prompts.jsonl").unlink()
    workspace.watch(folder.path)
    chat = playground.chat
    qtbot.waitUntil(lambda: bool(chat.view.columns) and "prompts.jsonl" in chat.view.prompt.starters_button.toolTip())
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(all_done(chat))
    assert "tokens/s" in status(chat, "Before training")


def test_thoughts_are_muted_and_the_answer_after_them_is_not(chat: ChatPlayground, workspace: Workspace) -> None:
    from workbench.gui.widgets.chat_transcript import ChatTranscript, Exchange

    transcript = ChatTranscript(workspace.theme, "Student")
    transcript.show_exchanges((), [Exchange("2+2?", "<think>two ")])
    transcript.show_exchanges((), [Exchange("2+2?", "<think>two and two</think> 4")])
    colours = {}
    block = transcript.document().lastBlock()
    part = block.begin()
    while not part.atEnd():
        colours[part.fragment().text()] = part.fragment().charFormat().foreground().color().name()
        part += 1
    assert "".join(colours) == "<think>two and two</think> 4"
    muted, text = (workspace.theme.colour(name).name() for name in ("muted", "text"))
    assert colours[" 4"] == text
    assert {colour for piece, colour in colours.items() if piece != " 4"} == {muted}
    transcript.deleteLater()


def test_the_student_takes_its_seat_when_the_training_on_the_screen_is_done(
    playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace.document.open_file(write_recipe(tmp_path))
    qtbot.waitUntil(lambda: not workspace.why_not_train())
    workspace.train()
    qtbot.waitUntil(lambda: list(texts(playground.chat))[:2] == ["Teacher", "Before training"], timeout=60_000)
    qtbot.waitUntil(lambda: "Student" in texts(playground.chat), timeout=60_000)
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
    leave_only(playground.chat, "Before training", "Student")
    type_and_ask(playground.chat, "3+3?")
    qtbot.waitUntil(all_done(playground.chat))
    qtbot.waitUntil(lambda: playground.chat.view.columns["student"].note.text() == "finished")
    before, after = (playground.chat.talk.rounds[0].answers[who] for who in ("base", "student"))
    assert before.ending in ("stop", "length")
    assert after.ending in ("stop", "length")


def test_another_run_on_the_screen_begins_with_an_empty_chat_and_lets_the_models_go(
    playground: PlaygroundPanel, workspace: Workspace, language_run: RunFolder, tmp_path: Path, qtbot: QtBot
) -> None:
    show(playground, workspace, language_run, qtbot)
    chat = playground.chat
    chat.view.settings.tokens.setValue(1900)
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(lambda: any(said.tokens for said in chat.talk.rounds[0].answers.values()))
    other = new_language_run(tmp_path)
    workspace.watch(other.path)
    qtbot.waitUntil(lambda: list(texts(chat)) == ["Teacher", "Before training"] and not any(texts(chat).values()))
    assert chat.view.settings.tokens.value() == 24
    qtbot.waitUntil(lambda: not any(language_run.path.name in thread.name for thread in threading.enumerate()))


def test_the_last_words_stay_in_sight_while_they_come(chat: ChatPlayground, qtbot: QtBot) -> None:
    leave_only(chat, "Teacher")
    chat.view.settings.temperature.setValue(1.0)
    chat.view.settings.tokens.setValue(1500)
    (column,) = chat.view.columns.values()
    bar = column.transcript.verticalScrollBar()
    type_and_ask(chat, "3+3?")
    qtbot.waitUntil(lambda: bar.maximum() > 60 or not chat.talk.is_writing)
    assert bar.value() == bar.maximum()
    # Who has scrolled back is not torn away.
    bar.setValue(0)
    qtbot.waitUntil(lambda: bar.maximum() > 90 or not chat.talk.is_writing)
    assert bar.value() == 0
    chat.talk.stop()


def test_everything_in_the_chat_that_takes_the_keyboard_has_a_name(chat: ChatPlayground) -> None:
    parts = [part for part in chat.findChildren(object) if getattr(part, "focusPolicy", None)]
    nameless = [
        part
        for part in parts
        if part.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not part.accessibleName()
        and not part.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_a_picture_is_not_asked_of_models_that_read_text(
    chat: ChatPlayground, playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(workspace.noticed, check_params_cb=lambda _, words: "read text" in words):
        playground.open_file(tmp_path / "cat.png")


def test_what_was_said_before_in_the_data_is_read_by_the_models(
    playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = new_language_run(tmp_path)
    talk = [
        {"role": "system", "content": "count"},
        {"role": "user", "content": "1+1?"},
        {"role": "assistant", "content": "2"},
        {"role": "user", "content": "and again?"},
        {"role": "assistant", "content": "4"},
    ]
    rows = [{"messages": [*talk[:1], {"role": "user", "content": f"{n}+1?"}, *talk[2:]]} for n in range(20)]
    (tmp_path / "prompts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    show(playground, workspace, folder, qtbot)
    chat = playground.chat
    chat.view.prompt.menu.actions()[0].trigger()
    assert chat.view.prompt.field.toPlainText() == "and again?"
    leave_only(chat, "Before training")
    QTest.keyClick(chat.view.prompt.field, Key.Key_Return)
    qtbot.waitUntil(all_done(chat))
    assert "+1?\n2\nand again?" in texts(chat)["Before training"]
    asked = chat.talk._conversation("base", "?")
    assert [message["content"] for message in asked[:1] + asked[2:4]] == ["count", "2", "and again?"]

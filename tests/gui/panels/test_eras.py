"""The two eras, walked through as a person does."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.text_runs import go_live, make_folder
from workbench.events import Probed, TextProbed, TokenSeen
from workbench.gui.document import RecipeDocument
from workbench.gui.era_texts import CHAPTERS, CLASSIC_SAYS, DEEPSEEK, HINTON, MODERN_SAYS, QWEN
from workbench.gui.panels.eras import ErasPanel
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> ErasPanel:
    panel = ErasPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(1100, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def read(*tokens: tuple[str, bool, float], step: int = 40) -> TextProbed:
    seen = tuple(
        TokenSeen(text=text, is_scored=is_scored, probability=p, kl=None, teacher=(), student=((text, p),))
        for text, is_scored, p in tokens
    )
    return TextProbed(step=step, tokens=seen, continued=())


def type_temperature(panel: ErasPanel, text: str, qtbot: QtBot) -> None:
    panel.temperature.field.selectAll()
    qtbot.keyClicks(panel.temperature.field, text)
    qtbot.keyClick(panel.temperature.field, Qt.Key.Key_Return)


def test_at_first_everything_is_shown_and_nothing_moves(panel: ErasPanel) -> None:
    assert not panel.player.play.isChecked()
    assert panel.player.words.text().startswith("The loss")
    said = panel.terms.accessibleDescription()
    assert "BMW: target 99.7 %" in said
    assert "garbage truck: target 0.292 %" in said
    assert "carrot: target 0.007 %" in said
    assert "sofa: target 0.003 %" in said
    assert "<b>L = 17.17 / 42 = 0.409 nats a token</b>" in panel.modern.numbers.text()
    assert "42 tokens scored, perplexity 1.51" in panel.count.text()


def test_another_temperature_changes_the_target_and_the_loss(panel: ErasPanel, qtbot: QtBot) -> None:
    assert "L = 6² ×" in panel.classic.numbers.text()
    type_temperature(panel, "20", qtbot)
    assert "L = 20² ×" in panel.classic.numbers.text()
    assert "BMW: target 99.7 %" not in panel.terms.accessibleDescription()


def test_the_loss_of_one_position_is_t_squared_times_its_divergence(panel: ErasPanel) -> None:
    # Average 0.7506, entropy 0.0210: what the numbers of the design give.
    assert "Average −log p = 0.751; less H = 0.021, KL = 0.730" in panel.classic.numbers.text()
    assert "<b>L = 6² × 0.730 = 26.3 nats</b>" in panel.classic.numbers.text()


def test_home_shows_the_input_alone_and_the_arrow_lets_the_teacher_answer(panel: ErasPanel, qtbot: QtBot) -> None:
    panel.tokens.setFocus()
    qtbot.keyClick(panel.tokens, Qt.Key.Key_Home)
    assert panel.classic.says.text().replace("\u200b", "") == CLASSIC_SAYS[0]
    assert panel.tokens.accessibleDescription() == "Nothing is written yet."
    assert "target" not in panel.terms.accessibleDescription()
    assert panel.classic.numbers.text() == panel.modern.numbers.text() == "L = –"
    qtbot.keyClick(panel.tokens, Qt.Key.Key_Right)
    assert panel.modern.says.text().replace("\u200b", "") == MODERN_SAYS[1]
    assert "target 99.7 %" in panel.terms.accessibleDescription()
    assert "student" not in panel.terms.accessibleDescription()


def test_each_step_on_scores_one_token_more(panel: ErasPanel, qtbot: QtBot) -> None:
    panel.player.go_to(1)
    qtbot.mouseClick(panel.player.on, Qt.MouseButton.LeftButton)
    assert (panel.tokens.scored, panel.tokens.current) == (1, 0)
    assert "“&lt;think&gt;”: p = 0.97, −log p = 0.030" in panel.modern.numbers.text()
    qtbot.mouseClick(panel.player.on, Qt.MouseButton.LeftButton)
    assert (panel.tokens.scored, panel.tokens.current) == (2, 1)
    assert "“Suppose”: p = 0.41, −log p = 0.892" in panel.modern.numbers.text()
    assert "L = 0.92 / 2 = 0.461 nats a token so far" in panel.modern.numbers.text()
    qtbot.mouseClick(panel.player.back, Qt.MouseButton.LeftButton)
    assert panel.tokens.scored == 1


def test_page_keys_go_from_part_to_part_also_on_a_button_and_the_slider(panel: ErasPanel, qtbot: QtBot) -> None:
    player = panel.player
    qtbot.keyClick(player.back, Qt.Key.Key_Home)
    heard = [CHAPTERS[player.chapter]]
    for _ in range(3):
        qtbot.keyClick(player.slider, Qt.Key.Key_PageDown)
        heard.append(CHAPTERS[player.chapter])
    assert heard == list(CHAPTERS)
    qtbot.keyClick(player.slider, Qt.Key.Key_PageUp)
    assert player.step == 2
    qtbot.keyClick(player.on, Qt.Key.Key_Left)
    assert player.step == 1


def test_a_token_that_is_pressed_is_the_one_that_is_scored(panel: ErasPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.tokens, Qt.MouseButton.LeftButton, pos=panel.tokens.place_of(18).center())
    assert panel.tokens.current == 18
    assert "“:”: p = 0.19, −log p = 1.661" in panel.modern.numbers.text()


def test_play_walks_from_the_input_to_the_loss_and_stops_there(
    panel: ErasPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.gui.widgets.era_player._CHAPTER_SECONDS", 0.01)
    monkeypatch.setattr("workbench.gui.widgets.era_player._TOKEN_SECONDS", 0.001)
    steps: list[int] = []
    panel.player.changed.connect(lambda: steps.append(panel.player.step))
    qtbot.keyClick(panel.tokens, Qt.Key.Key_Space)
    assert panel.player.step == 0
    qtbot.waitUntil(lambda: not panel.player.play.isChecked())
    assert steps == list(range(panel.player.last + 1))


def test_a_step_by_hand_stops_the_walk(panel: ErasPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.player.play, Qt.MouseButton.LeftButton)
    assert panel.player.play.isChecked()
    qtbot.keyClick(panel.player.slider, Qt.Key.Key_Right)
    assert not panel.player.play.isChecked()
    assert panel.player.step == 1


def test_the_recipe_on_the_screen_is_marked_on_the_map(
    panel: ErasPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: panel.map.cells[1, 0].stage.text() == "This recipe")
    open_tiny.set(("stages", 0, "objective"), {"kind": "hard_labels"})
    qtbot.waitUntil(lambda: panel.map.cells[0, 0].stage.text() == "This recipe")
    assert panel.map.cells[1, 0].stage.text() == ""


def test_a_language_run_shows_its_own_text_and_the_known_one_can_be_taken_again(
    panel: ErasPanel, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "spoken"))
    run.say(read(("2+2=", False, 0.1), (" four", True, 0.5), (".", True, 0.25)))
    qtbot.waitUntil(lambda: panel.modern.source.currentIndex() == 1)
    assert "2+2= four ." in panel.tokens.accessibleDescription()
    assert "L = 2.08 / 2 = 1.040 nats a token" in panel.modern.numbers.text()
    assert "at step 40" in panel.modern.about.text()
    assert panel.player.words.text().endswith("5 of 5")
    panel.modern.source.setCurrentIndex(0)
    assert "/ 42 =" in panel.modern.numbers.text()
    assert "illustrative" in panel.modern.about.text()


def test_a_newer_look_changes_the_numbers_and_leaves_the_step_and_the_choice(
    panel: ErasPanel, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "spoken"))
    run.say(read(("a", False, 0.1), ("b", True, 0.5), ("c", True, 0.25)))
    qtbot.waitUntil(lambda: panel.modern.source.currentIndex() == 1)
    panel.player.go_to(2)
    run.say(read(("a", False, 0.1), ("b", True, 1.0), ("c", True, 0.5), step=80))
    qtbot.waitUntil(lambda: "at step 80" in panel.modern.about.text())
    assert panel.player.step == 2
    assert "“b”: p = 1, −log p = 0.000" in panel.modern.numbers.text()
    panel.modern.source.setCurrentIndex(0)
    run.say(read(("a", False, 0.1), ("b", True, 1.0), ("c", True, 0.9), step=120))
    qtbot.waitUntil(lambda: panel._text is not None and panel._text.step == 120)
    assert panel.modern.source.currentIndex() == 0


def test_a_text_of_which_nothing_is_scored_has_no_loss(
    panel: ErasPanel, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "spoken"))
    run.say(read(("only", False, 0.5), (" read", False, 0.5)))
    qtbot.waitUntil(lambda: panel.modern.source.currentIndex() == 1)
    assert panel.modern.numbers.text() == "L = –"
    assert panel.count.text() == "No token is scored"
    for _ in range(4):
        qtbot.keyClick(panel.tokens, Qt.Key.Key_Left)
    assert panel.player.step == 0


def test_a_watched_example_of_a_classifier_can_be_the_classic_side(
    panel: ErasPanel, workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: panel.classic.source.count() == 4)
    assert panel.classic.source.currentIndex() == 0
    panel.classic.source.setCurrentIndex(2)
    assert workspace.watched is not None
    probed = workspace.watched.own.latest(Probed)
    assert probed is not None
    type_temperature(panel, f"{probed.temperature:g}", qtbot)
    score = panel.terms._score
    assert score is not None
    assert score.target_C == pytest.approx(probed.teacher_at_t[1], abs=1e-6)
    assert score.student_C == pytest.approx(probed.student_at_t[1], abs=1e-6)
    assert "Held-out example" in panel.classic.about.text()


def test_every_link_opens_its_paper(panel: ErasPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toString()))
    labels = [label for label in panel.findChildren(QLabel) if "<a href" in label.text()]
    for label in labels:
        label.setFocus()
        qtbot.keyClick(label, Qt.Key.Key_Tab)
        qtbot.keyClick(label, Qt.Key.Key_Return)
    assert len(labels) == 7
    assert set(opened) == {HINTON, DEEPSEEK, QWEN}


def test_it_says_what_is_illustrative_and_what_is_not_known(panel: ErasPanel) -> None:
    assert "illustrative" in panel.classic.about.text()
    assert "illustrative" in panel.modern.about.text()
    words = " ".join(label.text() for label in panel.findChildren(QLabel))
    assert "No public source says that Qwen3.5-0.8B was distilled" in words


def test_where_there_is_little_room_the_eras_stand_below_each_other_and_the_step_is_kept_in_sight(
    panel: ErasPanel, qtbot: QtBot
) -> None:
    panel.resize(440, 260)
    qtbot.waitUntil(lambda: panel.modern.y() > panel.classic.geometry().bottom())
    panel.player.go_to_token(40)
    inside = panel.area.widget()
    place = panel.tokens.mapTo(panel.area.viewport(), panel.tokens.place_of(40).center())
    assert panel.area.viewport().rect().contains(place)
    assert inside.width() <= panel.area.viewport().width()


def test_the_first_step_of_a_walk_brings_the_example_into_sight(panel: ErasPanel, qtbot: QtBot) -> None:
    panel.resize(920, 300)
    qtbot.waitUntil(lambda: panel.area.verticalScrollBar().maximum() > 0)
    qtbot.keyClick(panel.player.slider, Qt.Key.Key_Home)
    viewport = panel.area.viewport()
    for widget in (panel.tokens, panel.modern.says):
        assert viewport.rect().contains(widget.mapTo(viewport, widget.rect().topLeft()))


def test_words_of_other_steps_move_nothing_below_them(panel: ErasPanel, qtbot: QtBot) -> None:
    places = set()
    for step in (0, 1, 2, panel.player.last):
        panel.player.go_to(step)
        qtbot.waitUntil(lambda: panel.classic.height() > 0)
        places.add((panel.terms.y(), panel.tokens.height(), panel.classic.height(), panel.modern.height()))
    assert len(places) == 1


def test_links_take_the_colour_of_another_theme(panel: ErasPanel, workspace: Workspace) -> None:
    before = panel.modern.about.grab().toImage()
    workspace.theme.mode = "dark"
    after = panel.modern.about.grab().toImage()
    link = workspace.theme.colour("accent").rgb()
    assert before != after
    assert any(after.pixel(x, y) == link for x in range(after.width()) for y in range(after.height()))
    workspace.theme.mode = "light"


def test_every_control_can_be_reached_and_has_a_name(panel: ErasPanel) -> None:
    player, temperature = panel.player, panel.temperature
    for widget in (
        panel.classic.source,
        panel.modern.source,
        panel.terms,
        panel.tokens,
        player.back,
        player.play,
        player.on,
        player.slider,
        temperature.slider,
        temperature.field,
    ):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_beside_each_other_both_eras_begin_their_results_at_the_same_height(panel: ErasPanel, qtbot: QtBot) -> None:
    first, second = (card.results[0].parentWidget() for card in (panel.classic, panel.modern))
    qtbot.waitUntil(lambda: first.y() == second.y() > 0)


def test_tab_goes_through_the_eras_and_then_to_the_steps(panel: ErasPanel) -> None:
    chain, widget = [], panel.classic.source
    for _ in range(200):
        chain.append(widget)
        widget = widget.nextInFocusChain()
    places = [chain.index(each) for each in (panel.terms, panel.modern.source, panel.tokens, panel.player.play)]
    assert places == sorted(places)

"""The verdict in a word, a sentence and a drawing; or how to get one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.shelf import VERDICT, put_run
from workbench.gui.document import RecipeDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.saved_errors import SavedErrors
from workbench.gui.widgets.verdict_card import VerdictCard
from workbench.gui.workspace import Workspace
from workbench.session.library import summary_of
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


@pytest.fixture
def card(workspace: Workspace, qtbot: QtBot) -> VerdictCard:
    card = VerdictCard(workspace)
    qtbot.addWidget(card)
    card.show()
    return card


def test_without_a_run_the_card_says_what_it_is_for(card: VerdictCard) -> None:
    card.show_run(None)
    assert "Train a recipe" in card._sentence.text()
    assert not card._button.isVisible()
    assert not card._drawing.isVisible()


def test_a_verdict_is_told_with_its_numbers_by_seed(card: VerdictCard, recipe_file: Path, tmp_path: Path) -> None:
    seeds = {**VERDICT, "baseline_errors": [97, 103], "distilled_errors": [47, 1051]}
    path = put_run(recipe_file, tmp_path, "judged", verdict=seeds)
    card.show_summary(summary_of(RunFolder(path)))
    assert card._word.text() == "BEATS"
    assert card._word.property("role") == "good"
    assert card._sentence.text() == VERDICT["sentence"]
    assert [label.text() for label in card._errors._numbers] == ["41", "97, 103", "47, 1,051"]
    assert card._drawing.accessibleName() == "50.0 errors saved, 95 % interval 35.0 to 66.0"
    assert not card._button.isVisible()


def test_a_run_on_hard_labels_is_its_own_baseline(
    card: VerdictCard, workspace: Workspace, open_tiny: RecipeDocument, train_tiny: Callable[..., RunFolder]
) -> None:
    open_tiny.set(("stages", 0, "objective"), {"kind": "hard_labels"})
    train_tiny()
    card.show_run(workspace.watched)
    assert "own baseline" in card._sentence.text()
    assert not card._button.isVisible()


def test_the_card_follows_the_run_on_the_screen_from_its_start_to_the_verdict(
    card: VerdictCard, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    workspace.watched_changed.connect(lambda: card.show_run(workspace.watched))
    workspace.train()
    qtbot.waitUntil(lambda: workspace.watched is not None)
    assert "when the run and its baseline are done" in card._sentence.text()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=60_000)
    assert "Train the same student without a teacher" in card._sentence.text()
    assert card._button.isEnabled()
    card._button.click()
    qtbot.waitUntil(lambda: workspace.is_training)
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=60_000)
    assert workspace.watched is not None
    assert workspace.watched.verdict is not None
    assert card._word.text() == workspace.watched.verdict.word
    assert card._drawing.isVisible()


@pytest.mark.parametrize(
    ("saved", "interval"), [(50.0, (35.0, 66.0)), (-8.0, (-12.0, -3.0)), (0.0, (0.0, 0.0)), (2.0, (-9.0, 14.0))]
)
def test_zero_the_interval_and_the_dot_lie_inside_the_drawing(
    theme: Theme, qtbot: QtBot, saved: float, interval: tuple[float, float]
) -> None:
    drawing = SavedErrors(theme)
    qtbot.addWidget(drawing)
    drawing.resize(180, drawing.sizeHint().height())
    drawing.show_record({**VERDICT, "saved": saved, "interval": interval})
    across = drawing.rect().toRectF().adjusted(10, 0, -10, 0)
    places = [drawing._x(value, across) for value in (0.0, saved, *interval)]
    assert all(across.left() <= place <= across.right() for place in places)
    assert not drawing.grab().isNull()

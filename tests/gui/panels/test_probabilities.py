"""The lens, driven as a person does, over runs that train and runs that are over."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.text_runs import make_folder, whole_story
from workbench.events import Probed, Surveyed
from workbench.gui.document import RecipeDocument
from workbench.gui.panels.probabilities import ProbabilitiesPanel
from workbench.gui.telling import percent
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> ProbabilitiesPanel:
    panel = ProbabilitiesPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(980, 300)
    panel.show()
    return panel


def latest(workspace: Workspace) -> Probed:
    assert workspace.watched is not None
    probed = workspace.watched.own.latest(Probed)
    assert probed is not None
    return probed


def surveyed(workspace: Workspace) -> Surveyed:
    assert workspace.watched is not None
    found = workspace.watched.own.latest(Surveyed)
    assert found is not None
    return found


def choose(panel: ProbabilitiesPanel, text: str) -> None:
    """Pick an entry of the box by its text, as a person does."""
    row = panel.picks.findText(text)
    assert panel.picks.model().flags(panel.picks.model().index(row, 0)) & Qt.ItemFlag.ItemIsEnabled, text
    panel.picks.setCurrentIndex(row)
    panel.picks.activated.emit(row)


def train_on(workspace: Workspace, document: RecipeDocument) -> None:
    """Train for as long as the test lasts, looking at the watched examples many times a second."""
    document.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    document.set(("monitoring", "probe_every"), 100)
    document.set(("monitoring", "evaluate_every"), 10_000.0)
    workspace.train()


def ready(panel: ProbabilitiesPanel) -> bool:
    return panel.lens.current is not None and panel.watching.examples is not None and panel.picks.count() > 3


def test_without_a_run_it_says_how_to_get_one(panel: ProbabilitiesPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not panel._lens_knobs.isEnabled())
    assert panel._empty.isVisible()
    assert "Train a recipe" in panel._empty.text()


def test_the_bars_tell_the_numbers_of_the_newest_look(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: ready(panel))
    probed = latest(workspace)
    seen = panel.lens.current
    assert seen is not None
    assert seen.example == probed.examples[0]
    said = panel.lens.bars.accessibleDescription()
    assert f"True class {probed.labels[0]}" in said
    for row in (probed.teacher_at_t[0], probed.student_at_t[0]):
        assert ", ".join(f"{place} {percent(share)}" for place, share in enumerate(row)) in said
    assert "entropy" in said
    assert "KL" in said
    assert "At T = 2" in panel.lens.words.text()


def test_at_1_the_bars_are_those_at_1(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: ready(panel))
    assert panel.temperatures.button("soft").text() == "T = 2"
    qtbot.mouseClick(panel.temperatures.button("plain"), Qt.MouseButton.LeftButton)
    said = panel.lens.bars.accessibleDescription()
    row = latest(workspace).teacher_at_1[0]
    assert ", ".join(f"{place} {percent(share)}" for place, share in enumerate(row)) in said
    assert "At T = 2" not in panel.lens.words.text()


def test_another_example_is_chosen_with_the_keyboard(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: ready(panel))
    panel.lens.strip.setFocus()
    qtbot.keyClick(panel.lens.strip, Qt.Key.Key_Right)
    seen = panel.lens.current
    assert seen is not None
    assert seen.example == latest(workspace).examples[1]
    assert f"True class {latest(workspace).labels[1]}" in panel.lens.bars.accessibleDescription()


def test_the_baseline_stands_beside_the_others_and_can_be_left_out(
    panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny(baseline=True)
    qtbot.waitUntil(lambda: ready(panel) and panel.baseline.isVisible())
    qtbot.waitUntil(lambda: "Baseline: " in panel.lens.bars.accessibleDescription())
    qtbot.mouseClick(panel.baseline, Qt.MouseButton.LeftButton)
    assert "Baseline: " not in panel.lens.bars.accessibleDescription()


def test_a_run_that_is_over_is_asked_about_the_largest_disagreements_and_about_a_class(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: ready(panel))
    expected = surveyed(workspace).disagreements[:24]
    choose(panel, "Disagreements")
    qtbot.waitUntil(lambda: tuple(each.example for each in panel.watching.seen()) == expected)
    divergences = [each.divergence("student", soft=False) for each in panel.watching.seen()]
    assert divergences == sorted(divergences, key=lambda value: -(value or 0.0))
    choose(panel, "Label 1")
    qtbot.waitUntil(lambda: {each.label for each in panel.watching.seen()} == {1})
    choose(panel, "One per class")
    qtbot.waitUntil(lambda: tuple(e.example for e in panel.watching.seen()) == latest(workspace).examples)


def test_mistakes_are_marked_by_a_cross_and_not_by_colour_alone(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: ready(panel))
    expected = surveyed(workspace).mistakes[:24]
    assert expected, "the tiny student is trained for a moment only"
    choose(panel, "Mistakes")
    qtbot.waitUntil(lambda: tuple(each.example for each in panel.watching.seen()) == expected)
    qtbot.waitUntil(lambda: panel.lens.strip.count() == len(expected))
    for row in range(panel.lens.strip.count()):
        item = panel.lens.strip.item(row)
        assert item.data(Qt.ItemDataRole.UserRole) == "✗"
        assert "student wrong" in item.data(Qt.ItemDataRole.AccessibleTextRole)


def test_picking_while_a_run_trains_is_a_change_that_the_run_makes(
    workspace: Workspace, panel: ProbabilitiesPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    train_on(workspace, open_tiny)
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING and ready(panel), timeout=30_000)
    assert panel.watching.examples is not None
    expected = panel.watching.examples.of_class(2, 24)
    choose(panel, "Label 2")
    qtbot.waitUntil(lambda: latest(workspace).examples == expected, timeout=30_000)
    qtbot.waitUntil(lambda: tuple(each.example for each in panel.watching.seen()) == expected)
    assert panel.watching.waiting == ""


def test_picking_while_a_run_pauses_says_when_it_will_be_seen(
    workspace: Workspace, panel: ProbabilitiesPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    train_on(workspace, open_tiny)
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING and ready(panel), timeout=30_000)
    workspace.pause()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.PAUSED)
    choose(panel, "Label 2")
    qtbot.waitUntil(lambda: "goes on" in panel._note.text())
    workspace.resume()
    qtbot.waitUntil(lambda: panel._note.text() == "" and {e.label for e in panel.watching.seen()} == {2})


def test_pictures_that_are_gone_leave_the_numbers(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    panel.hide()
    folder = train_tiny()
    (folder.recipe_file.parent / folder.recipe.data.file).unlink()  # type: ignore[union-attr]
    panel.show()
    qtbot.waitUntil(lambda: "data.npz" in panel._note.text())
    assert panel.lens.current is not None
    assert panel.lens.bars.accessibleDescription()


def test_the_map_tells_the_cell_that_is_pointed_at(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.mouseClick(panel.views.button("dark"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.dark.isVisible() and bool(panel.dark.maps.maps))
    assert not panel.picks.isVisible()
    found = surveyed(workspace)
    maps = panel.dark.maps
    maps.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(maps, key)
    assert maps.cell == (1, 1)
    qtbot.keyClick(maps, Qt.Key.Key_Right)
    teacher, student = found.teacher[1][2], found.student[1][2]
    assert panel.dark.words.text() == (
        f"A true “1” gets {percent(teacher)} of “2” from the teacher and {percent(student)} from the student, "
        "on average."
    )
    qtbot.keyClick(maps, Qt.Key.Key_Escape)
    assert "strongest second thought" in panel.dark.words.text()


def test_the_difference_and_the_right_answers_are_shown_when_asked_for(
    workspace: Workspace, panel: ProbabilitiesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.mouseClick(panel.views.button("dark"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.dark.maps.maps) == 2)
    found = surveyed(workspace)
    off_diagonal = np.stack([np.array(found.teacher), np.array(found.student)])[:, ~np.eye(3, dtype=bool)]
    assert panel.dark.maps.scale.top == pytest.approx(off_diagonal.max())
    qtbot.mouseClick(panel.diagonal, Qt.MouseButton.LeftButton)
    assert panel.dark.maps.scale.top == pytest.approx(max(np.array(found.teacher).max(), np.array(found.student).max()))
    qtbot.mouseClick(panel.difference, Qt.MouseButton.LeftButton)
    assert len(panel.dark.maps.maps) == 3
    difference = panel.dark.maps.maps[2].values_RR
    assert difference == pytest.approx(np.array(found.teacher) - np.array(found.student))


def test_every_control_can_be_reached_and_has_a_name(panel: ProbabilitiesPanel) -> None:
    for widget in (panel.picks, panel.log, panel.baseline, panel.log_map, panel.diagonal, panel.difference):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    for widget in (panel.lens.bars, panel.dark.maps, panel.lens.strip):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_it_becomes_small_without_cutting_its_controls(panel: ProbabilitiesPanel, qtbot: QtBot) -> None:
    panel.resize(440, 260)
    qtbot.waitUntil(lambda: panel.width() == 440)
    for view in ("examples", "dark"):
        panel.views.value = view
        qtbot.waitUntil(lambda: all(_is_inside(panel, child) for child in (panel.views, panel.log, panel.difference)))


def _is_inside(panel: ProbabilitiesPanel, child: object) -> bool:
    assert hasattr(child, "isVisible")
    if not child.isVisible():
        return True
    corner = child.mapTo(panel, child.rect().bottomRight())
    return bool(panel.rect().contains(corner)) and child.width() >= child.minimumSizeHint().width()


def test_a_run_that_writes_text_is_told_of_in_words_and_its_texts_are_not_read_as_examples(
    workspace: Workspace, panel: ProbabilitiesPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace.watch(make_folder(tmp_path, "spoken", *whole_story()).path)
    qtbot.waitUntil(lambda: "see the Text panel" in panel._empty.text())
    assert panel._empty.isVisible()
    assert not panel.views.isVisible()
    assert workspace.jobs.is_idle
    assert panel.watching.trouble == ""

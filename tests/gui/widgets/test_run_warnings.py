"""The warnings of the run on the screen: told when they come, and there on a click as long as the run is looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from workbench.gui.document import RecipeDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.one_line import OneLine
from workbench.gui.widgets.run_warnings import RunWarnings, warnings_of
from workbench.gui.workspace import Workspace


@pytest.fixture
def button(workspace: Workspace, qtbot: QtBot) -> Iterator[RunWarnings]:
    button = RunWarnings(workspace)
    qtbot.addWidget(button)
    yield button
    button.close()


def zero_teacher(path: Path) -> None:
    """Make the logits of a teacher 0."""
    from workbench.engine import checkpoints

    teacher = checkpoints.load(path)
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter.zero_()
    path.write_bytes(checkpoints.to_bytes(teacher))


def test_warnings_are_told_when_they_come_and_stay_with_the_run(
    button: RunWarnings, workspace: Workspace, open_tiny: RecipeDocument, tmp_path: Path, qtbot: QtBot
) -> None:
    assert button.isHidden()
    zero_teacher(tmp_path / "teacher.safetensors")
    told: list[tuple[str, str]] = []
    workspace.noticed.connect(lambda level, text: told.append((level, text)))
    workspace.train()
    qtbot.waitUntil(lambda: workspace.watched is not None and workspace.watched.is_finished)
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert [level for level, _ in told] == ["warning"]
    assert told[0][1].startswith("The teacher is no better than chance")
    assert button.text() == "2 warnings"
    assert not button.isHidden()
    lines = button.notes.texts()
    assert any("the same logit at each of 15 held-out positions" in line for line in lines)
    assert any("no better than chance" in line for line in lines)
    assert workspace.watched is not None
    path, before = workspace.watched.path, warnings_of(workspace.watched)
    workspace.forget(path)
    assert button.isHidden()
    # From the disk it is the same.
    workspace.watch(path)
    qtbot.waitUntil(lambda: workspace.watched is not None)
    assert workspace.watched is not None
    assert warnings_of(workspace.watched) == before
    assert button.text() == "2 warnings"


def test_a_name_with_line_breaks_is_still_one_line(theme: Theme, qtbot: QtBot) -> None:
    label = OneLine("a\nb\u202e")
    qtbot.addWidget(label)
    assert label.text() == "a\\nb\\u202e"
    label.say("x\u2028y")
    assert (label.text(), label.toolTip()) == ("x\\u2028y", "x\u2028y")

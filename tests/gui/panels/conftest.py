"""The playground on the screen, with models of pen strokes to play with."""

import pytest
from pytestqt.qtbot import QtBot
from strokes import finished_run

from gui.panels.playing import watch
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="session")
def strokes_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of pen strokes with its export and its baseline."""
    return finished_run(tmp_path_factory.mktemp("strokes"), baseline=True, onnx=True)


@pytest.fixture
def playground(workspace: Workspace, qtbot: QtBot) -> PlaygroundPanel:
    """The panel, shown, with no run yet."""
    playground = PlaygroundPanel(workspace)
    qtbot.addWidget(playground)
    playground.resize(900, 320)
    playground.show()
    qtbot.waitExposed(playground)
    return playground


@pytest.fixture
def ready(playground: PlaygroundPanel, workspace: Workspace, strokes_run: RunFolder, qtbot: QtBot) -> PlaygroundPanel:
    """The panel with the strokes' models loaded."""
    watch(playground, workspace, strokes_run, qtbot)
    return playground

"""A workspace of its own for every test; Qt's log lines and leftovers fail the test that caused them."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui.deeds import Deeds
from workbench.gui.document import RecipeDocument
from workbench.gui.main_window import MainWindow
from workbench.gui.settings import Settings
from workbench.gui.theme import Theme, load_fonts
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder

# Said by the offscreen platform about itself.
_HARMLESS = ("This plugin does not support", "propagateSizeHints")


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["distillation-workbench"]


class PatientBot(QtBot):
    """Waits for a state as long as a busy machine may take, and not the five seconds of pytest-qt."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 30_000) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """As pytest-qt's own, with more patience."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs, caches and settings lie in the test's own folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def quiet(qapp: QApplication) -> Iterator[None]:
    """Fails a test on a Qt log line, and on a thread or a window that it left behind."""
    lines: list[str] = []

    def note(_kind: object, _context: object, message: str) -> None:
        if not any(words in message for words in _HARMLESS):
            lines.append(message)

    before = {thread.ident for thread in threading.enumerate()}
    # Qt hands the handler back; a test that installs its own sees to itself.
    previous = qInstallMessageHandler(note)
    yield
    qInstallMessageHandler(previous)
    assert not lines, "Qt said: " + "\n".join(lines)
    deadline = time.monotonic() + 10
    while left := [t.name for t in threading.enumerate() if t.ident not in before and t.name.startswith(_OURS)]:
        assert time.monotonic() < deadline, f"threads left running: {left}"
        time.sleep(0.01)


# Names of the session's threads; torch and Qt keep some of their own.
_OURS = ("run ", "job ")


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme, put on."""
    load_fonts()
    theme = Theme("light")
    theme.apply()
    return theme


@pytest.fixture
def workspace(qtbot: QtBot, theme: Theme, home: Path) -> Iterator[Workspace]:
    """A workspace whose pump beats; what it started is stopped at the end."""
    workspace = Workspace(Settings(), theme)
    workspace.pump.start()
    yield workspace
    workspace.jobs.cancel_all()
    workspace.stop()
    # A window that was closed has stopped it.
    workspace.pump.start()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE and workspace.jobs.is_idle, timeout=30_000)
    workspace.pump.stop()
    workspace.deleteLater()


@pytest.fixture
def open_tiny(workspace: Workspace, recipe_file: Path) -> RecipeDocument:
    """The workspace's document with the tiny recipe (20 steps, 3 classes, teacher) open in it."""
    workspace.document.open_file(recipe_file)
    return workspace.document


@pytest.fixture
def train_tiny(workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot) -> Callable[..., RunFolder]:
    """Trains the tiny recipe in the workspace to its end; keyword arguments as for `Workspace.train`."""

    def train(**options: object) -> RunFolder:
        workspace.train(**options)  # type: ignore[arg-type]
        qtbot.waitUntil(lambda: not workspace.is_training, timeout=60_000)
        assert workspace.watched is not None
        return workspace.watched.folder

    return train


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace) -> Iterator[MainWindow]:
    """The whole window with every panel made, torch loaded, on the screen at 1280 × 800."""
    window = MainWindow(workspace)
    Deeds(window)
    with qtbot.waitSignal(window.ready, timeout=60_000):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=30_000)
    window.leave()
    window.deleteLater()


@pytest.fixture
def qt_dialogs(qapp: QApplication) -> Iterator[None]:
    """File dialogs are Qt's own, so that a test can type into them on every system."""
    attribute = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
    before = qapp.testAttribute(attribute)
    qapp.setAttribute(attribute, True)
    yield
    qapp.setAttribute(attribute, before)

"""What a person does in the playground, for tests."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder


def watch(panel: PlaygroundPanel, workspace: Workspace, folder: RunFolder, qtbot: QtBot) -> None:
    workspace.watch(folder.path)
    qtbot.waitUntil(lambda: panel.talk.briefing.is_ready and panel.view.samples.count() > 0, timeout=20_000)


def drag(panel: PlaygroundPanel, *shares: tuple[float, float]) -> None:
    """Draw through points given as shares of the pad's side."""
    pad = panel.view.pad
    side = min(pad.width(), pad.height())
    left = (pad.width() - side) / 2
    points = [QPoint(round(left + x * side), round(y * side)) for x, y in shares]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points[0])
    for point in points[1:]:
        QTest.mouseMove(pad, point)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points[-1])


def bar(panel: PlaygroundPanel) -> None:
    drag(panel, (0.5, 0.15), (0.5, 0.85))


def dash(panel: PlaygroundPanel) -> None:
    drag(panel, (0.15, 0.5), (0.85, 0.5))


def says(panel: PlaygroundPanel, name: str) -> Callable[[], bool]:
    """Whether teacher and student both name a class, in the words on the screen."""

    def named() -> bool:
        text = panel.view.answers.sentence.text()
        return f"say {name}" in text or (f"Teacher says {name}" in text and f"student says {name}" in text)

    return named

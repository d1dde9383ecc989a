"""The window's door: builds the program from its parts, and nothing else."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workbench.gui.main_window import MainWindow


def main(arguments: list[str] | None = None) -> int:
    """Open the window, with files to open named as arguments; returns the exit code.

    `--screenshot DIR [WIDTHxHEIGHT]` renders every main view with the example into a folder instead, and ends.
    """
    # Waiting OpenMP threads would spin and starve the window; must be set before torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    words = sys.argv[1:] if arguments is None else arguments
    from PySide6.QtWidgets import QApplication

    application = QApplication(["distillation-workbench"])
    window = build(application)
    if words[:1] == ["--screenshot"]:
        from PySide6.QtCore import QSize

        from workbench.gui.photographer import Photographer

        folder = Path(words[1] if len(words) > 1 else "screenshots")
        size = QSize(*map(int, words[2].split("x"))) if len(words) > 2 else None
        Photographer(window, folder, size).start()
    window.show()
    if words and words[0] != "--screenshot":
        # Named from here, wherever a recipe lies later; and shown in panels that are not there yet.
        paths = [Path(word).absolute() for word in words]
        window.docks.furnished.connect(lambda: window.dropped.emit(paths))
    return application.exec()


def build(application: "QApplication") -> "MainWindow":
    """Everything put together, not shown yet; what is not needed for the first paint follows it."""
    from workbench.gui.collector import Collector
    from workbench.gui.deeds import Deeds
    from workbench.gui.main_window import MainWindow
    from workbench.gui.reporting import Reporter
    from workbench.gui.settings import Settings
    from workbench.gui.theme import Theme, load_fonts
    from workbench.gui.workspace import Workspace

    application.setApplicationName("distillation-workbench")
    application.setApplicationDisplayName("Distillation Workbench")
    application.setDesktopFileName("distillation-workbench")
    reporter = Reporter(application)
    reporter.install()
    load_fonts()
    settings = Settings()
    theme = Theme(settings.theme, application)
    theme.apply()
    Collector(application)
    workspace = Workspace(settings, theme, application)
    window = MainWindow(workspace)
    deeds = Deeds(window)

    def settle_in() -> None:
        from workbench.gui.habits import Habits

        Habits(window, deeds, reporter).offer_tour()

    window.docks.furnished.connect(settle_in)
    # The last window is gone before the last note is on the disk.
    application.setQuitOnLastWindowClosed(False)
    window.left.connect(reporter.uninstall)
    window.left.connect(application.quit)
    workspace.pump.start()
    return window


if __name__ == "__main__":
    sys.exit(main())

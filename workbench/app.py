"""The window's door: builds the program from its parts, and nothing else."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.frozen import settle
from workbench.own_home import cache_root

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workbench.gui.main_window import MainWindow

NEW_WINDOW = "--new-window"
_UNANSWERED = "Another window of this program is open and does not answer; this one opens beside it."


def main(arguments: list[str] | None = None) -> int:
    """Open the window, with files to open named as arguments; returns the exit code.

    Where a window of this person is open, it takes the files, and this ends; `--new-window` opens one of its own.
    `--screenshot DIR [WIDTHxHEIGHT]` renders every main view with the example into a folder instead, and ends.
    """
    settle()
    # Waiting OpenMP threads would spin and starve the window; must be set before torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # PyTorch makes this folder when its exporter is imported, else one in the folder for temporary files.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_root() / "compiled"))
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--screenshot"]:
        return _photograph(words[1:])
    # Named from here, wherever a recipe lies later, and whichever process opens it.
    paths = [Path(word).absolute() for word in words if word != NEW_WINDOW]
    return _open(paths, is_separate=NEW_WINDOW in words)


def _open(paths: list[Path], *, is_separate: bool) -> int:
    from workbench.gui.single_instance import SingleInstance, Standing

    instance = SingleInstance()
    standing = Standing.ALONE if is_separate else instance.seek(paths)
    if standing is Standing.HANDED_OVER:
        return 0
    from workbench.gui.arrivals import Application, Arrivals

    application = Application()
    if standing is Standing.FIRST:
        # Before the window is built: others may be waiting already.
        instance.listen()
    # Whoever opens a file wants to see that first; the tour comes with the next start.
    window = build(application, offers_tour=not paths)
    arrivals = Arrivals(window)
    arrivals.open(paths)
    application.file_asked_for.connect(arrivals.open_one)
    instance.handed_over.connect(arrivals.take_over)
    application.lastWindowClosed.connect(instance.end)
    if standing is Standing.UNANSWERED:
        sys.stderr.write(f"{_UNANSWERED}\n")
        window.docks.furnished.connect(lambda: window.workspace.noticed.emit("warning", _UNANSWERED))
    window.show()
    code = application.exec()
    instance.end()
    return code


def _photograph(words: list[str]) -> int:
    from PySide6.QtCore import QSize

    from workbench.gui.arrivals import Application
    from workbench.gui.photographer import Photographer

    application = Application()
    window = build(application)
    folder = Path(words[0] if words else "screenshots")
    size = QSize(*map(int, words[1].split("x"))) if len(words) > 1 else None
    Photographer(window, folder, size).start()
    window.show()
    return application.exec()


def build(application: "QApplication", *, offers_tour: bool = True) -> "MainWindow":
    """Everything put together, not shown yet; what is not needed for the first paint follows it.

    Args:
        application: Qt's.
        offers_tour: Whether the tour begins by itself where it was never seen.
    """
    from workbench.gui.arrivals import introduce
    from workbench.gui.collector import Collector
    from workbench.gui.deeds import Deeds
    from workbench.gui.main_window import MainWindow
    from workbench.gui.reporting import Reporter
    from workbench.gui.settings import Settings
    from workbench.gui.theme import Theme, load_fonts
    from workbench.gui.workspace import Workspace

    introduce(application)
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

        habits = Habits(window, deeds, reporter)
        if offers_tour:
            habits.offer_tour()

    window.docks.furnished.connect(settle_in)
    # The last window is gone before the last note is on the disk.
    application.setQuitOnLastWindowClosed(False)
    window.left.connect(reporter.uninstall)
    window.left.connect(application.quit)
    workspace.pump.start()
    return window


if __name__ == "__main__":
    sys.exit(main())

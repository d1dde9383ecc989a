"""A visit to the real window, as a person would pay it: by the clock, with a run in it and a picture at the end."""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QLibraryInfo, QTimer, qVersion
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from workbench.app import build
from workbench.cli.selftest import training
from workbench.cli.selftest.part import Facts, demand
from workbench.errors import WorkbenchError
from workbench.gui.collector import Collector
from workbench.gui.reporting import Reporter

if TYPE_CHECKING:
    from workbench.gui.curve_plots import CurvePlots
    from workbench.gui.main_window import MainWindow
    from workbench.gui.photographer import Condition, Photographer

_PATIENCE_S = 240
_LARGEST_SHARE = 0.97
_FEWEST_COLOURS = 50
_FEWEST_PIXELS = 20
_NEAR = 12


class Visit:
    """Everything from opening the window to closing it.

    Attributes:
        picture: File of the picture that is taken before the window is closed; of PNG.
    """

    def __init__(self, picture: Path) -> None:
        self.picture = picture
        self._facts: Facts = {}
        self._seconds: dict[str, float] = {}
        self._failures: list[WorkbenchError] = []
        self._warnings = _Warnings()
        self._halt = "loading PyTorch"

    def take(self) -> Facts:
        """Open, train, look, close. Raises WorkbenchError for whatever went wrong."""
        application = QApplication.instance() or QApplication(["distillation-workbench"])
        assert isinstance(application, QApplication), "nothing else makes one"
        logging.getLogger().addHandler(self._warnings)
        try:
            window = build(application)
            self._watch(window, application)
            window.show()
            application.exec()
        finally:
            if (collector := application.findChild(Collector)) is not None:
                collector.stop()
            logging.getLogger().removeHandler(self._warnings)
        if self._failures:
            raise self._failures[0]
        return {
            "seconds_from_start": self._seconds,
            "platform": application.platformName(),
            "qt": qVersion(),
            "plugins": QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath),
            "scale": window.devicePixelRatioF(),
            **self._facts,
            **_looked_at(self.picture),
            "log": self._warnings.lines,
        }

    def _watch(self, window: "MainWindow", application: QApplication) -> None:
        self._window, self._workspace = window, window.workspace
        # Neither tour nor question may stand in the picture.
        window.workspace.settings.tour_seen = True
        window.workspace.failed.connect(self._fail)
        # What nobody expected is told by the reporter alone.
        if (reporter := application.findChild(Reporter)) is not None:
            reporter.reported.connect(self._fail)
            # Without panels nobody else asks it.
            window.workspace.pump.ticked.connect(reporter.deliver)
        self._note_time("built")
        window.painted.connect(lambda: self._note_time("painted"))
        window.docks.furnished.connect(lambda: self._note_time("furnished"))
        window.docks.furnished.connect(self._send_photographer)
        window.ready.connect(lambda: self._note_time("ready"))
        window.left.connect(lambda: self._note_time("left"))
        QTimer.singleShot(1000 * _PATIENCE_S, window, self._lose_patience)

    def _send_photographer(self) -> None:
        # Its way through the window is another one.
        from workbench.gui.photographer import Photographer

        photographer = Photographer(self._window, self.picture.parent)
        photographer.walk = self._guarded(self._walk(photographer))
        photographer.start()

    def _guarded(self, walk: "Iterator[Condition]") -> "Iterator[Condition]":
        """What goes wrong on the way ends it, and is told; at its end the photographer closes the window."""
        try:
            yield from walk
        except Exception as error:
            told = error if isinstance(error, WorkbenchError) else WorkbenchError(f"{type(error).__name__}: {error}")
            self._failures.append(told)

    def _walk(self, photographer: "Photographer") -> "Iterator[Condition]":
        window, workspace = self._window, self._workspace
        recipe = self.picture.with_name("twenty steps.toml")
        recipe.write_text(training.short_recipe("export.onnx=false"), encoding="utf-8")
        # As from the command line, or dropped.
        self._halt = "opening a recipe that can be trained"
        window.dropped.emit([recipe])
        yield lambda: not workspace.jobs.jobs and workspace.document.path == recipe and not workspace.why_not_train()
        self._halt = "training it"
        window.actions_by_name.named("train").trigger()
        yield lambda: not workspace.is_training and workspace.watched is not None and workspace.watched.is_finished
        run = workspace.watched
        assert run is not None, "waited for"
        demand(run.rows == training.STEPS, f"The window trained {run.rows} steps, not {training.STEPS}.")
        self._halt = "opening its run"
        window.dropped.emit([run.path])
        yield lambda: workspace.watched is not None and workspace.watched is not run
        window.show_docks("curves")
        yield lambda: not workspace.jobs.jobs
        self._halt = "closing the window"
        self._facts["curves"] = self._curves()
        photographer.take(self.picture.stem)

    def _curves(self) -> Facts:
        """What the plot of the loss shows, and how much of it can be seen."""
        from workbench.gui.panels.curves import CurvesPanel

        panel = self._window.docks.panels["curves"]
        assert isinstance(panel, CurvesPanel), "named so"
        plots: CurvePlots = panel.body.plots
        shown = {name: len(series.trace) for name, series in plots.loss.state.series.items() if not series.is_empty}
        demand(
            shown.get("total") == training.STEPS,
            f"The plot of the loss does not show {training.STEPS} steps, but {shown}.",
        )
        pixels = _near(_colours(plots.loss.grab().toImage()), self._workspace.theme.colour("student"))
        demand(pixels >= _FEWEST_PIXELS, f"Of the curve of the loss {pixels} pixels can be seen.")
        return {"series": shown, "pixels_of_the_loss": pixels}

    def _note_time(self, what: str) -> None:
        self._seconds[what] = round(time.time() - psutil.Process().create_time(), 2)

    def _lose_patience(self) -> None:
        self._fail(WorkbenchError(f"The window did not get further in {_PATIENCE_S} s than to {self._halt}."))

    def _fail(self, error: WorkbenchError, _: int = 1) -> None:
        """End the visit; what is told later follows from it."""
        self._failures.append(error)
        if len(self._failures) == 1:
            self._workspace.stop()
            self._window.leave()


class _Warnings(logging.Handler):
    """What Qt, Python and libraries complain of while the window is open."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname}: {record.getMessage()}")


def _looked_at(picture: Path) -> Facts:
    """A picture that is one colour all over shows nothing. Raises WorkbenchError."""
    image = QImage(str(picture))
    demand(not image.isNull(), f"No picture of the window could be taken: {picture} is not there.")
    counts = _colours(image)
    share = max(counts.values()) / counts.total()
    demand(share <= _LARGEST_SHARE, f"{share:.0%} of the picture of the window is one colour.")
    demand(len(counts) >= _FEWEST_COLOURS, f"The picture of the window has {len(counts)} colours only.")
    return {
        "picture": [image.width(), image.height()],
        "picture_bytes": picture.stat().st_size,
        "commonest_colour": round(share, 3),
        "colours": len(counts),
    }


def _colours(image: QImage) -> Counter[int]:
    """How often each colour is there, seen at every fourth pixel."""
    rows, columns = range(0, image.height(), 2), range(0, image.width(), 2)
    return Counter(image.pixel(column, row) for row in rows for column in columns)


def _near(counts: Counter[int], wanted: QColor) -> int:
    """How many pixels have about this colour."""
    parts = wanted.red(), wanted.green(), wanted.blue()

    def is_near(colour: int) -> bool:
        given = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
        return all(abs(one - other) <= _NEAR for one, other in zip(given, parts, strict=True))

    return sum(count for colour, count in counts.items() if is_near(colour))

"""Loss, error, agreement, learning rate and throughput of the run on the screen, as they grow."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from workbench.events import Event, Probed, RolledOut, TextProbed
from workbench.gui.asking import choose
from workbench.gui.curve_files import as_csv, numbered
from workbench.gui.panel import Panel, Place
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.curve_tools import CurveTools
from workbench.gui.workspace import Workspace
from workbench.recipe import Recipe
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.writing import write_atomically

_EMPTY = "Train a recipe, or open a run, to see its curves here."
# With less room the table takes the place of the plots.
_BESIDE = 760


class CurvesPanel(Panel):
    """Plots with tools above them, and the same numbers as a table on request."""

    name, title, place = "curves", "Curves", Place.MAIN

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._pages = QStackedLayout(self)
        self._empty = QLabel(_EMPTY)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._pages.addWidget(self._empty)
        self._body: CurvesBody | None = None
        workspace.watched_changed.connect(self.mark_stale)
        workspace.overlays_changed.connect(self.mark_stale)
        workspace.status_changed.connect(self.mark_stale)
        workspace.grew.connect(self.mark_stale)
        workspace.heard.connect(self._hear)

    def warm_up(self) -> None:
        """Plots take a quarter of a second to load: not when the first run begins."""
        _ = self.body

    @property
    def body(self) -> "CurvesBody":
        """Plots and tools; made when first needed."""
        if self._body is None:
            self._body = CurvesBody(self.workspace)
            self._pages.addWidget(self._body)
        return self._body

    def refresh(self) -> None:
        """Draw what there is to see."""
        if self.workspace.watched is not None:
            self.body.refresh()
            self._pages.setCurrentWidget(self.body)
        elif self._body is not None:
            self._pages.setCurrentWidget(self._empty)

    def _hear(self, _: History, event: Event) -> None:
        if not isinstance(event, (Probed, TextProbed, RolledOut)):
            self.mark_stale()


class CurvesBody(QWidget):
    """What is shown once there is a run.

    Args:
        workspace: Whose run is drawn.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        # Imported here: pyqtgraph takes a quarter of a second, and the window paints before any run is watched.
        from workbench.gui.curve_plots import CurvePlots
        from workbench.gui.widgets.plot_card import PlotCard
        from workbench.gui.widgets.plot_table import PlotTable
        from workbench.gui.widgets.plot_wall import PlotWall

        self._workspace = workspace
        self.plots = CurvePlots(workspace.theme, self)
        self.cards = {plot.state.title: PlotCard(plot) for plot in self.plots.all}
        self.tools = CurveTools(workspace.theme)
        self.wall = PlotWall(workspace.theme, list(self.cards.values()))
        self.table = PlotTable()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.wall)
        self._split.addWidget(self.table)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self.table.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.tools)
        column.addWidget(self._split, 1)
        self._connect()
        self._smooth(self.tools.smoothing)
        self._show_view("loss")

    def refresh(self) -> None:
        """Draw what grew."""
        workspace = self._workspace
        if workspace.watched is None:
            return
        self._fit_views(workspace.watched)
        shown = [card.plot for card in self.wall.shown]
        self.plots.fill(workspace.watched, workspace.overlays, shown)
        self.actions_by_name["clear"].setVisible(bool(workspace.overlays))
        if self.actions_by_name["epochs"].isChecked():
            self._count()
        if self.table.isVisible():
            self.table.show_numbers([plot.state for plot in shown])

    @property
    def actions_by_name(self) -> dict[str, QAction]:
        """What can be done here."""
        return self.tools.actions_by_name

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other, or the table alone."""
        super().resizeEvent(event)
        self._show_table()

    def _connect(self) -> None:
        actions = self.actions_by_name
        actions["spikes"].setChecked(True)
        actions["fit"].triggered.connect(self._fit)
        actions["log"].toggled.connect(self._set_log)
        actions["spikes"].toggled.connect(self._set_spikes)
        actions["epochs"].toggled.connect(self._count)
        actions["table"].toggled.connect(self._show_table)
        actions["copy"].triggered.connect(self._copy)
        actions["png"].triggered.connect(self._ask_png)
        actions["svg"].triggered.connect(self._ask_svg)
        actions["csv"].triggered.connect(self._ask_csv)
        actions["clear"].triggered.connect(self._workspace.clear_overlays)
        self.tools.view_chosen.connect(self._show_view)
        self.tools.smoothed.connect(self._smooth)
        self.plots.span.follows_changed.connect(self._show_follows)
        for plot in self.plots.all:
            plot.cut_changed.connect(self._show_spikes)
            plot.height_held.connect(self._show_follows)
            plot.menu_wanted.connect(self.tools.menu.popup)

    # -- how it is shown

    def _show_view(self, key: str) -> None:
        self._hang(key)
        self.refresh()

    def _hang(self, key: str) -> None:
        plots = self.plots
        chosen = {
            "loss": (plots.loss,),
            "error": plots.held_out,
            "rate": (plots.rate,),
            "pace": (plots.pace,),
            "all": plots.fitting,
        }[key]
        self.wall.show_cards([self.cards[plot.state.title] for plot in chosen])

    def _fit_views(self, run: WatchedRun) -> None:
        """A language model is asked for more on held-out data than a classifier."""
        writes = run.writes_text
        if writes is not self.plots.writes_text:
            self.plots.writes_text = writes
            self.tools.name_held_out(of_text=writes)
            self._hang(self.tools.views.value)

    def _set_log(self, is_log: bool) -> None:
        self.plots.loss.log_y = is_log
        self.plots.error.log_y = is_log
        self.plots.perplexity.log_y = self.plots.divergence.log_y = is_log
        self.plots.rate.log_y = is_log

    def _set_spikes(self, leaves_out: bool) -> None:
        for plot in self.plots.all:
            if plot.leaves_out_spikes != leaves_out:
                plot.leaves_out_spikes = leaves_out

    def _show_spikes(self) -> None:
        self.actions_by_name["spikes"].setChecked(all(plot.leaves_out_spikes for plot in self.plots.all))

    def _smooth(self, over: int) -> None:
        for plot in self.plots.all:
            plot.smoothing = over

    def _fit(self) -> None:
        for plot in self.plots.all:
            plot.state.let_height_go()
        self.plots.span.fit()
        self._show_follows()
        self.refresh()

    def _show_follows(self) -> None:
        held = any(plot.state.holds_height for plot in self.plots.all)
        self.tools.show_follows(follows=self.plots.span.follows and not held)

    def _count(self) -> None:
        run = self._workspace.watched
        prepared = run.prepared if run is not None else None
        label, scale = "step", 1.0
        if run is not None and prepared is not None and self.actions_by_name["epochs"].isChecked():
            label, scale = (
                ("epoch" if run.recipe is None or _counts_alike(run.recipe) else "epoch of stage 1"),
                prepared.steps_per_epoch,
            )
        for plot in self.plots.all:
            plot.set_x_axis(label, scale)

    def _show_table(self) -> None:
        wanted = self.actions_by_name["table"].isChecked()
        if wanted and not self.table.isVisible():
            self._split.setSizes([3 * self.width() // 5, 2 * self.width() // 5])
        self.table.setVisible(wanted)
        self.wall.setVisible(not wanted or self.width() >= _BESIDE)
        if wanted:
            self.refresh()

    # -- what leaves the window

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.wall.image())
        self._workspace.noticed.emit("ok", "The picture is on the clipboard.")

    def _ask_png(self) -> None:
        image = self.wall.image()
        self._ask("png", "Pictures (*.png)", lambda _: _png_of(image))

    def _ask_svg(self) -> None:
        content = self.wall.svg()
        self._ask("svg", "Drawings (*.svg)", lambda _: content)

    def _ask_csv(self) -> None:
        if not all(one.history.is_whole for one in self.plots.trainings):
            self._workspace.noticed.emit("warning", "Steps are still being read; save the table when they all are.")
            return
        trainings = [numbered(one.label, one.history) for one in self.plots.trainings]
        self._ask("csv", "Tables (*.csv)", lambda job: as_csv(trainings, job))

    def _ask(self, suffix: str, filters: str, content: Callable[[Job[Path]], bytes]) -> None:
        run, workspace = self._workspace.watched, self._workspace
        if run is None:
            return

        def save(path: Path) -> None:
            def work(job: Job[Path]) -> Path:
                write_atomically(path, content(job))
                return path

            def saved(path: Path) -> None:
                workspace.noticed.emit("ok", f"Saved {path}.")

            workspace.jobs.start(f"Saving {path.name}", work, saved, must_end=True)

        start = Path.home() / f"{run.path.name}.{suffix}"
        choose(
            self.window(),
            "Save curves",
            save,
            start=start,
            filters=filters,
            mode=QFileDialog.FileMode.AnyFile,
            suffix=suffix,
        )


def _counts_alike(recipe: Recipe) -> bool:
    """Whether an epoch has as many steps in every stage."""
    first = recipe.stages[0]
    return all(
        stage.inputs == first.inputs and stage.optimisation.accumulate == first.optimisation.accumulate
        for stage in recipe.stages
    )


def _png_of(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())

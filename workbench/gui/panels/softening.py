"""The softening explorer: drag T, watch a teacher's answer soften, and see why its gradient needs a factor T²."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.distributions import Row, entropy, softmax
from workbench.gui.lens import STUDENT, TEACHER, Seen
from workbench.gui.panel import Panel, Place
from workbench.gui.telling import nats, plain, softening_says
from workbench.gui.watching import Watching
from workbench.gui.widgets.gradient_chart import GradientChart
from workbench.gui.widgets.picture_view import thumbnail
from workbench.gui.widgets.probability_bars import Column, ProbabilityBars
from workbench.gui.widgets.scrolled import scrolled
from workbench.gui.widgets.temperature_control import TemperatureControl
from workbench.session.run import RunStatus

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_CLASSES = ("BMW", "garbage truck", "carrot", "sofa")
_LOGITS = (60.0, 25.0, 3.0, -3.0)
_SOURCE = (
    "BMW, garbage truck and carrot: Hinton, Vinyals & Dean, arXiv:1503.02531, §1. Sofa and logits (60, 25, 3, −3): our "
    "own illustration. The student here knows nothing yet and finds all classes alike."
)
_PAPER = "BMW or garbage truck?"
_LEAST, _NARROW, _ICON = QSize(360, 200), 680, 22


class SofteningPanel(Panel):
    """One distribution under a temperature that a person turns."""

    name = "softening"
    title = "Softening"
    place = Place.LOWER

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self.watching = Watching(workspace, self.name, self)
        self.source = QComboBox()
        self.temperature = TemperatureControl(workspace.theme, workspace.pump)
        self.log = QToolButton()
        self.use = QPushButton("Use this T")
        self.bars = ProbabilityBars(workspace.theme)
        self.chart = GradientChart(workspace.theme)
        self.words, self.pull, self.origin = QLabel(), QLabel(), QLabel()
        self._offered: tuple[object, ...] = ()
        self._drawn: Seen | None = None
        self._lay_out()
        self.watching.changed.connect(self.mark_stale)
        workspace.document.edited.connect(self.mark_stale)
        workspace.theme.changed.connect(self._dress)
        self.source.currentIndexChanged.connect(self._change_source)
        self.temperature.changed.connect(self._change_temperature)
        self.chart.temperature_picked.connect(self._pick_temperature)
        self.log.toggled.connect(self._change_scale)
        self.use.clicked.connect(self._use)
        self._draw_all()

    def refresh(self) -> None:
        """Draw for the newest numbers of the chosen example."""
        self.watching.prepare()
        self._offer()
        if self.seen is not self._drawn:
            self._draw_all()
        self.temperature.set_can_play(can=self.workspace.status is not RunStatus.RUNNING)
        why_not, what = self._use_of()
        self.use.setEnabled(not why_not)
        self.use.setToolTip(why_not or what)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two rows of knobs, and the chart below the bars, where the panel is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        for box in (self._knobs, self._body):
            box.setDirection(direction)

    # -- making it

    def _lay_out(self) -> None:
        self.source.setAccessibleName("Whose answer is softened")
        self.source.setToolTip("A watched example of the run on the screen, or an example anyone knows")
        self.source.setIconSize(QSize(_ICON, _ICON))
        self.source.setMinimumWidth(200)
        self.source.addItem(_PAPER)
        self.log.setText("Log")
        self.log.setCheckable(True)
        self.log.setAccessibleName("Log")
        self.log.setToolTip("Logarithmic scale: 0.3 % can be seen beside 99.7 %")
        self.log.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._knobs = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._knobs.setSpacing(8)
        self._knobs.addLayout(_row(self.source, self.log), 2)
        self._knobs.addLayout(_row(self.temperature, self.use), 5)
        self.setMinimumSize(_LEAST)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addLayout(self._knobs)
        column.addWidget(scrolled(self._pictures()), 1)

    def _pictures(self) -> QWidget:
        """Bars and chart, each with its words below."""
        holder = QWidget()
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight, holder)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(24)
        self.origin.setProperty("role", "muted")
        self.words.setAccessibleName("What T does, in words")
        self.pull.setAccessibleName("What the factor T² does, in words")
        for place, label in ((self.bars, (self.words, self.origin)), (self.chart, (self.pull,))):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(place, 1)
            for each in label:
                each.setWordWrap(True)
                # Numbers change as T is dragged; the bars must not jump with every wrapped line.
                each.setMinimumHeight(2 * each.fontMetrics().lineSpacing())
                each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(each)
            self._body.addLayout(column, 1)
        return holder

    def _dress(self) -> None:
        # The small pictures have colours of the theme.
        self._offered = ()
        self.mark_stale()

    # -- what is shown

    @property
    def seen(self) -> Seen | None:
        """The watched example that is softened; None for the one anyone knows."""
        example = self.source.currentData()
        return next((each for each in self.watching.seen() if each.example == example), None)

    def _offer(self) -> None:
        """Offer the watched examples that a teacher has answered to."""
        seen = [each for each in self.watching.seen() if TEACHER in each.at_1] if self._has_teacher() else []
        offered = (tuple(each.example for each in seen), self.watching.names, self.watching.examples)
        if offered == self._offered:
            return
        self._offered = offered
        chosen = self.source.currentData()
        colours = (self.workspace.theme.colour("raised"), self.workspace.theme.colour("muted"))
        self.source.blockSignals(True)
        self.source.clear()
        self.source.addItem(_PAPER)
        for each in seen:
            picture = thumbnail(self.watching.examples, each.example, _ICON, colours, self.devicePixelRatioF())
            text = f"Label {self.watching.names[each.label]}, example {each.example:,}"
            self.source.addItem(QIcon(picture), text, each.example)
        self.source.setCurrentIndex(max(self.source.findData(chosen), 0) if chosen is not None else 0)
        self.source.blockSignals(False)

    def _has_teacher(self) -> bool:
        seen = self.watching.seen()
        return bool(seen) and TEACHER in seen[0].at_1

    def _draw_all(self) -> None:
        seen = self._drawn = self.seen
        if seen is None:
            self.chart.show_logits(np.array(_LOGITS), np.zeros(len(_LOGITS)), 0)
        else:
            self.chart.show_logits(seen.logits(TEACHER), seen.logits(STUDENT), seen.label)
        self.origin.setVisible(seen is None)
        self.origin.setText(_SOURCE if seen is None else "")
        self._draw()

    def _draw(self) -> None:
        """Draw for another T; what does not depend on it stays."""
        seen, temperature = self.seen, self.temperature.temperature
        names: tuple[str, ...]
        shown: tuple[int, ...] | None
        self.chart.set_temperature(temperature)
        if seen is None:
            columns = [_column("Teacher", TEACHER, np.array(_LOGITS), temperature)]
            names, shown, label = _CLASSES, None, 0
        else:
            columns = [_column(who.capitalize(), who, seen.logits(who), temperature) for who in (TEACHER, STUDENT)]
            names, shown, label = self.watching.names, seen.classes_shown(), seen.label
        self.bars.show_columns(columns, names, shown=shown, label=label)
        ghost = columns[0].ghost
        assert ghost is not None, "every column has one"
        self.words.setText(softening_says(columns[0].probabilities, ghost, names, temperature))
        self.pull.setText(self._of_pull())

    def _of_pull(self) -> str:
        if self.chart.is_still:
            return "Teacher and student give the same answer, so the soft term does not pull."
        without, squared = self.chart.here
        return (
            f"Gradient at T = {self.temperature.temperature:g}: {plain(without)} without T², {plain(squared)} with it. "
            f"At high T the first fades as 1/T², the second tends to (z_S\u00a0−\u00a0z_T)/N of length "
            f"{plain(self.chart.limit)} (dashed; logits of mean zero). The hard label’s is {plain(self.chart.hard)}."
        )

    # -- what a person does

    def _change_source(self, _row: int) -> None:
        self._draw_all()

    def _change_temperature(self, _temperature: float) -> None:
        self._draw()

    def _pick_temperature(self, temperature: float) -> None:
        self.temperature.temperature = temperature

    def _change_scale(self, log: bool) -> None:
        self.bars.set_log(log=log)

    def _use(self) -> None:
        temperature = self.temperature.temperature
        if self.workspace.is_training:
            self.workspace.turn(temperature=temperature)
            self.workspace.noticed.emit("ok", f"T = {temperature:g} from the next step on.")
            return
        for stage in self._stages_with_t():
            self.workspace.document.set(("stages", stage, "objective", "temperature"), temperature)
        self.workspace.noticed.emit("ok", f"The recipe distils at T = {temperature:g} now.")

    def _use_of(self) -> tuple[str, str]:
        """Why this T cannot be used now, empty when it can; and what using it does."""
        active = self.workspace.active
        if self.workspace.is_training:
            stage = active.stage.stage if active and active.stage else 0
            if active is None or active.recipe is None or not active.is_learning:
                return "The student has learned; what trains now knows no T.", ""
            if not hasattr(active.recipe.stages[stage].objective, "temperature"):
                return "The stage that trains now knows no T.", ""
            return "", "Train at this T from the next step on"
        if not self._stages_with_t():
            return "The recipe’s objective knows no T: choose one with soft targets.", ""
        return "", "Put this T into the recipe"

    def _stages_with_t(self) -> list[int]:
        stages: list[dict[str, Any]] = self.workspace.document.draft["stages"]
        return [number for number, stage in enumerate(stages) if "temperature" in stage["objective"]]


def _row(wide: QWidget, narrow: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(wide, 1)
    row.addWidget(narrow)
    return row


def _column(title: str, who: str, logits_C: Row, temperature: float) -> Column:
    """A distribution at T, with what it was at T = 1 behind it."""
    row_C = softmax(logits_C, temperature)
    undecided, most = nats(entropy(row_C)), nats(float(np.log(len(row_C))))
    notes = (f"entropy {undecided} of {most} nats", f"entropy {undecided} nats", f"H {undecided}")
    return Column(f"{title} at T = {temperature:g}", who, row_C, notes, ghost=softmax(logits_C))

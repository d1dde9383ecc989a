"""The bar under the menus: Train, Pause, Stop, how far the run is, what it uses, and the knobs."""

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
)

from workbench.events import Finished, Prepared
from workbench.gui.actions import Actions
from workbench.gui.models.run_wording import duration_words, errors_of, verdict_look
from workbench.gui.theme import mark, small, strong, tabular
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.knobs import Knobs
from workbench.gui.widgets.one_line import OneLine
from workbench.gui.widgets.run_warnings import RunWarnings
from workbench.gui.workspace import Workspace
from workbench.session.metering import read_meter
from workbench.session.run import RunStatus
from workbench.wording import counted

_WORDS = {
    RunStatus.IDLE: "Ready",
    RunStatus.PREPARING: "Preparing…",
    RunStatus.RUNNING: "Training",
    RunStatus.PAUSED: "Paused",
    RunStatus.STOPPING: "Stopping…",
    RunStatus.ENDED: "Ready",
}
# The speed is measured over so many seconds, so that time left follows a change and does not jump.
_SPEED_SECONDS = 4.0


class RunBar(QFrame):
    """Controls of the run that trains; always in the same place, never moving."""

    def __init__(self, workspace: Workspace, actions: Actions) -> None:
        super().__init__()
        self._workspace, self._actions = workspace, actions
        self._speed = Speed()
        self.setProperty("panel", "true")
        self.setObjectName("run-bar")
        self.train = _button(actions, "train", primary=True)
        self.pause = _button(actions, "pause")
        self.stop = _button(actions, "stop")
        self.state, self.numbers, self.meter = QLabel(), OneLine(), QLabel()
        self.progress = QProgressBar()
        self.back, self.judge = QToolButton(), QToolButton()
        self.warnings = RunWarnings(workspace)
        self.knobs = Knobs(workspace)
        self._dress()
        self._lay_out()
        self.back.clicked.connect(workspace.watch_active)
        self.judge.clicked.connect(actions.named("baseline_too").trigger)
        actions.named("baseline_too").changed.connect(self._offer_baseline)
        workspace.status_changed.connect(self._show_status)
        workspace.document.edited.connect(self._show_status)
        workspace.ahead.changed.connect(self._show_status)
        workspace.watched_changed.connect(self._show_status)
        workspace.pump.ticked.connect(self._count)
        self._slow = QTimer(self)
        self._slow.setInterval(1000)
        self._slow.timeout.connect(self._read_meter)
        self._slow.start()
        workspace.theme.changed.connect(self._paint)
        self._paint()
        self._show_status()
        self._read_meter()

    def _dress(self) -> None:
        self.state.setFont(strong(self.state.font()))
        self.numbers.setFont(tabular(self.numbers.font()))
        self.numbers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.numbers.setProperty("role", "muted")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setProperty("slim", "true")
        self.progress.setAccessibleName("Progress of the run")
        self.meter.setFont(small(tabular(self.meter.font())))
        self.meter.setProperty("role", "muted")
        self.meter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back.setText("Show the run that trains")
        self.judge.setText("Train baseline too")
        self.judge.setToolTip("Train the same student without the teacher, and see what the teacher was worth.")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.train, self.pause, self.stop):
            button.ensurePolished()
            buttons.addWidget(button)
        # Neither another word nor another line moves what stands beside it.
        width_of = self.pause.fontMetrics().horizontalAdvance
        longer = width_of("Resume") - width_of("Pause")
        self.pause.setMinimumWidth(self.pause.sizeHint().width() + longer)
        self.meter.setMinimumHeight(2 * self.meter.fontMetrics().lineSpacing())
        words = QHBoxLayout()
        words.setSpacing(10)
        words.addStrut(self.warnings.sizeHint().height())
        words.addWidget(self.state)
        words.addWidget(self.numbers, 1)
        words.addWidget(self.warnings)
        words.addWidget(self.judge)
        words.addWidget(self.back)
        middle = QVBoxLayout()
        middle.setSpacing(5)
        middle.addLayout(words)
        middle.addWidget(self.progress)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(8)
        grid.addLayout(buttons, 0, 0)
        grid.addLayout(middle, 0, 1)
        grid.addWidget(self.meter, 0, 2)
        grid.addWidget(self.knobs, 1, 0, 1, 3)
        grid.setColumnStretch(1, 1)

    def _paint(self) -> None:
        theme = self._workspace.theme
        self.train.setIcon(theme.icon("train", "on_accent" if self.train.isEnabled() else "muted"))
        self.stop.setIcon(theme.icon("stop"))
        self.judge.setIcon(theme.icon("baseline", "baseline"))
        self._show_status()

    def _show_status(self, _: object = None) -> None:
        status, workspace = self._workspace.status, self._workspace
        why_not = workspace.why_not_train()
        focused = next((one for one in (self.train, self.pause) if one.hasFocus()), None)
        for name in ("train", "train_both"):
            self._actions.allow(name, why_not)
        self.train.setToolTip(why_not or self._actions.named("train").toolTip())
        self.train.setEnabled(not why_not)
        self.train.setIcon(workspace.theme.icon("train", "muted" if why_not else "on_accent"))
        paused = status is RunStatus.PAUSED
        pause = self._actions.named("pause")
        pause.setText("&Resume" if paused else "&Pause")
        pause.setEnabled(status in (RunStatus.RUNNING, RunStatus.PAUSED))
        self.pause.setText("Resume" if paused else "Pause")
        self.pause.setIcon(workspace.theme.icon("resume" if paused else "pause"))
        self.pause.setEnabled(pause.isEnabled())
        going = status in (RunStatus.PREPARING, RunStatus.RUNNING, RunStatus.PAUSED)
        stoppable = going and workspace.active is not None
        self._actions.named("stop").setEnabled(stoppable)
        self.stop.setEnabled(stoppable)
        if focused is not None:
            self._keep_focus(focused)
        refused = bool(why_not) and not workspace.is_training
        word = "Not ready" if refused else _WORDS[status]
        if self.state.text() != word:
            self.state.setText(word)
            self._speed.forget()
        mark(self.state, "role", "warning" if refused else "")
        self.back.setVisible(workspace.active is not None and workspace.watched is not workspace.active)
        self._count()
        if refused:
            self.numbers.setText(why_not)
            self.numbers.setToolTip(why_not)

    def _keep_focus(self, button: QPushButton) -> None:
        """A button that goes off hands the keyboard to the one that has come on, not to whatever comes next."""
        if not button.isEnabled():
            other = self.pause if button is self.train else self.train
            # The bar itself where nothing can be pressed yet: it asks for no key and draws no ring.
            (other if other.isEnabled() else self).setFocus()

    def _offer_baseline(self) -> None:
        self.judge.setVisible(self._actions.named("baseline_too").isEnabled())

    def _count(self) -> None:
        """How far it is: the steps of the training that goes on."""
        status, active = self._workspace.status, self._workspace.active
        if status is RunStatus.PREPARING:
            self.progress.setRange(0, 0)
            words = active.run.preparing if active is not None and active.run is not None else ""
        elif active is None:
            # Nothing goes on: a full bar would say that something had just been done, whatever became of it.
            self.progress.setRange(0, 1)
            self.progress.setValue(0)
            words = _summary(self._workspace.watched)
        else:
            words = self._moving(active, status)
        if self._workspace.is_training or not self._workspace.why_not_train():
            self.numbers.setToolTip("")
        elif active is None:
            return
        if words != self.numbers.text():
            self.numbers.setText(words)

    def _moving(self, active: WatchedRun, status: RunStatus) -> str:
        history = active.current
        prepared = history.latest(Prepared)
        if prepared is None:
            return ""
        step = int(history.log.column("step")[-1]) if len(history.log) else prepared.step
        self.progress.setRange(0, max(prepared.total_steps, 1))
        self.progress.setValue(step)
        epoch = history.log.column("epoch")[-1] if len(history.log) else 0.0
        words = f"{history.name}  ·  step {step:,} of {prepared.total_steps:,}  ·  epoch {epoch:.1f}"
        stages = len(active.recipe.stages) if active.recipe is not None else 1
        if stages > 1 and len(history.log):
            # Epochs are counted anew in each.
            words += f" of stage {history.log.column('stage')[-1] + 1:.0f} of {stages}"
        if status is not RunStatus.RUNNING:
            return words
        speed = self._speed.at(step)
        if speed:
            left = duration_words((prepared.total_steps - step) / speed)
            words += f"  ·  {speed:,.0f} steps/s  ·  {left} left"
        return words

    def _read_meter(self) -> None:
        meter = read_meter()
        words = f"memory {meter.used / 2**30:.1f} of {meter.total / 2**30:.0f} GiB"
        if meter.card_used is not None and meter.card_total is not None:
            words += f"\ngraphics {meter.card_used / 2**30:.1f} of {meter.card_total / 2**30:.0f} GiB"
        watched = self._workspace.active or self._workspace.watched
        device = watched.prepared.device if watched is not None and watched.prepared is not None else ""
        text = f"{device}\n{words}" if device else words
        if text != self.meter.text():
            self.meter.setText(text)


class Speed:
    """Steps a second over the last few seconds."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def forget(self) -> None:
        """A pause or another training began: what was measured is over."""
        self._seen.clear()

    def at(self, step: int) -> float:
        """Steps a second, given the step that was just reached; 0 where it is not known yet."""
        now = time.monotonic()
        if self._seen and step < self._seen[-1][1]:
            # Another training, whose preparing was too short to be seen.
            self.forget()
        self._seen.append((now, step))
        while now - self._seen[0][0] > _SPEED_SECONDS:
            self._seen.pop(0)
        (then, first), seconds = self._seen[0], now - self._seen[0][0]
        return (step - first) / (now - then) if seconds > 0.5 else 0.0


def _button(actions: Actions, name: str, *, primary: bool = False) -> QPushButton:
    action = actions.named(name)
    button = QPushButton(action.text().replace("&", ""))
    button.setToolTip(action.toolTip())
    button.setProperty("primary", "true" if primary else "false")
    button.clicked.connect(action.trigger)
    button.setObjectName(f"button-{name}")
    return button


def _summary(run: WatchedRun | None) -> str:
    """What came out of the run on the screen."""
    if run is None:
        return ""
    score, teacher = run.student_score, run.teacher_score
    if score is None:
        return run.path.name
    name = run.path.name if run.recipe is None else run.recipe.name
    finished = run.own.latest(Finished)
    held = len(finished.warnings) if finished is not None else 0
    words = f"{counted(held, 'warning')} at the end  ·  " if held else ""
    words += f"{name}  ·  student {errors_of(score.errors, score.examples, score.counted)}"
    baseline = run.baseline_score
    if baseline is not None:
        words += f", without the teacher {baseline.errors:,}"
    if teacher is not None:
        words += f"  ·  teacher {teacher.errors:,}"
    return words if run.verdict is None else f"{words}  ·  {verdict_look(run.verdict.word).sentence}"

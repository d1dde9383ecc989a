"""Whether the teacher helped: the verdict in a word, a sentence and a small drawing; or how to find out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.events import Finished
from workbench.gui.models.run_wording import verdict_look
from workbench.gui.theme import Theme, strong, tabular
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.saved_errors import SavedErrors
from workbench.gui.workspace import Workspace
from workbench.session.library import RunSummary
from workbench.session.run_folder import FINISHED

_ASK = "Train the same student without a teacher to see whether the teacher helped."
_NOTHING = "Train a recipe, or open a run, to see here whether its teacher helped."
_OWN_BASELINE = "This run learns from hard labels only: it is its own baseline."
_GOING = "The verdict comes when the run and its baseline are done."
_UNFINISHED = "The verdict needs a finished run: resume it first."
_DAMAGED = "A part of this run cannot be read, so that it cannot be judged."
_BEGUN = "The baseline is not finished yet: resume the run to train it and judge."
_ICON = 18


@dataclass(frozen=True)
class _State:
    """What the card shows; `record` is every number behind a verdict, `asks` offers the button."""

    path: Path | None
    words: str
    record: dict[str, Any] | None = None
    asks: bool = False


class VerdictCard(QFrame):
    """A card with the verdict of one run; its height follows what it shows."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._watched: WatchedRun | None = None
        self._state = _State(None, _NOTHING)
        self.setProperty("card", "true")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self._word = QLabel()
        self._word.setFont(strong(self._word.font(), 1.1))
        self._word.setObjectName("verdict-word")
        self._sentence = QLabel()
        self._sentence.setObjectName("verdict-sentence")
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._drawing = SavedErrors(workspace.theme)
        self._errors = _ErrorRows(workspace.theme)
        self._button = QPushButton("Train baseline too")
        self._button.setObjectName("train-baseline-too")
        self._button.clicked.connect(self._train_baseline)
        self._lay_out()
        workspace.theme.changed.connect(self._paint)
        workspace.status_changed.connect(self._hear_status)
        self._draw()

    def show_run(self, run: WatchedRun | None) -> None:
        """Show the verdict of the run on the screen, also the one that is still to come."""
        self._watched = run
        self._show(_State(None, _NOTHING) if run is None else _state_of_watched(run))

    def show_summary(self, run: RunSummary | None) -> None:
        """Show the verdict of a run in a list."""
        self._watched = None
        self._show(_State(None, _NOTHING) if run is None else _state_of_summary(run))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._word, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._sentence)
        column.addWidget(self._drawing)
        column.addWidget(self._errors)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)

    def _show(self, state: _State) -> None:
        if state != self._state:
            self._state = state
            self._draw()

    def _draw(self) -> None:
        state = self._state
        judged = state.record is not None
        self._word.setText(state.record["word"] if state.record else "No verdict yet")
        self._sentence.setText(state.words)
        self._drawing.setVisible(judged)
        self._errors.setVisible(judged)
        self._button.setVisible(state.asks)
        if state.record is not None:
            self._drawing.show_record(state.record)
            self._errors.show_record(state.record)
        self._paint()
        self._allow()

    def _paint(self) -> None:
        """Icons do not follow the theme by themselves."""
        theme, record = self._workspace.theme, self._state.record
        name, colour = "verdict", "muted"
        if record is not None:
            look = verdict_look(record["word"])
            name, colour = look.icon, look.colour
        self._icon.setPixmap(theme.icon(name, colour).pixmap(_ICON, _ICON))
        role = colour if record is not None else ""
        if self._word.property("role") != role:
            self._word.setProperty("role", role)
            self._word.style().unpolish(self._word)
            self._word.style().polish(self._word)
        self._button.setIcon(theme.icon("baseline"))

    def _hear_status(self, _: object) -> None:
        """A run began or ended: there may be a verdict now."""
        if self._watched is not None:
            self._show(_state_of_watched(self._watched))
        self._allow()

    def _allow(self) -> None:
        busy = self._workspace.is_training
        self._button.setEnabled(not busy)
        self._button.setToolTip(
            "A run is going on; stop it first."
            if busy
            else "Train the same student, seed and budget on hard labels only, and compare the errors."
        )

    def _train_baseline(self) -> None:
        if self._state.path is not None:
            self._workspace.train_baseline(self._state.path)


class _ErrorRows(QWidget):
    """Errors of teacher, baseline and student, one number a seed, each with the shape and colour it has on plots."""

    _ROWS = (
        ("teacher", "teacher", "Teacher"),
        ("baseline", "baseline", "Student on hard labels"),
        ("student", "student", "Distilled student"),
    )

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: list[QLabel] = []
        self._numbers: list[QLabel] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(2, 1)
        for row, (_, _, words) in enumerate(self._ROWS):
            icon, number = QLabel(), QLabel()
            number.setFont(strong(tabular(number.font())))
            number.setWordWrap(True)
            self._icons.append(icon)
            self._numbers.append(number)
            grid.addWidget(icon, row, 0)
            grid.addWidget(QLabel(words), row, 1)
            grid.addWidget(number, row, 2, Qt.AlignmentFlag.AlignRight)
        theme.changed.connect(self._paint)
        self._paint()

    def show_record(self, record: dict[str, Any]) -> None:
        """Show a verdict's errors."""
        teacher = record["teacher_errors"]
        errors = ((() if teacher is None else (teacher,)), record["baseline_errors"], record["distilled_errors"])
        for label, counts in zip(self._numbers, errors, strict=True):
            label.setText(", ".join(f"{count:,}" for count in counts) or "–")

    def _paint(self) -> None:
        for label, (name, colour, _) in zip(self._icons, self._ROWS, strict=True):
            label.setPixmap(self._theme.icon(name, colour).pixmap(16, 16))


def _state_of_watched(run: WatchedRun) -> _State:
    verdict = run.verdict
    if verdict is not None:
        return _State(run.path, verdict.sentence, verdict.record)
    if run.recipe is None:
        return _State(run.path, _DAMAGED)
    if not run.recipe.has_baseline:
        return _State(run.path, _OWN_BASELINE)
    if run.run is not None:
        return _State(run.path, _GOING)
    ended = run.own.latest(Finished)
    if ended is None or ended.reason not in FINISHED:
        return _State(run.path, _UNFINISHED)
    return _State(run.path, _ASK if run.baseline is None else _BEGUN, asks=True)


def _state_of_summary(run: RunSummary) -> _State:
    if run.judged is not None:
        return _State(run.path, str(run.judged["sentence"]), run.judged)
    if run.damage:
        return _State(run.path, _DAMAGED)
    if run.can_train_baseline:
        return _State(run.path, _ASK, asks=True)
    if run.status in FINISHED:
        return _State(run.path, _OWN_BASELINE)
    return _State(run.path, _UNFINISHED if run.can_resume else _GOING)

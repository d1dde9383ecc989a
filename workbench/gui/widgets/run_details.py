"""One run of the list in full: its scores, its verdict, and what a person notes about it."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.models.run_wording import NONE, duration_words, share_words, started_words, status_look
from workbench.gui.theme import strong, tabular
from workbench.gui.widgets.verdict_card import VerdictCard
from workbench.gui.workspace import Workspace
from workbench.session.library import RunSummary
from workbench.wording import visible

_NOTHING = "Choose a run to see its scores, its verdict and your notes."
# After the last key: long enough not to write every letter, short enough to lose nothing.
_SAVE_AFTER_MS = 600
_FACTS = ("Student errors", "Teacher errors", "On hard labels", "Steps", "Time", "Seed", "Device")


class RunDetails(QScrollArea):
    """The pane beside the list.

    Signals:
        remarked: (path, tags, notes): a person changed tags or notes of a run and rested.
    """

    remarked = Signal(object, object, str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunSummary | None = None
        self._edited: Path | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_SAVE_AFTER_MS)
        self._rest.timeout.connect(self.flush)
        self._title = _wrapped(QLabel())
        self._title.setFont(strong(self._title.font(), 1.15))
        self._under = _wrapped(QLabel())
        self._under.setProperty("role", "muted")
        self._failure = _wrapped(QLabel())
        self._failure.setProperty("role", "bad")
        self._facts = {name: _wrapped(QLabel()) for name in _FACTS}
        self.verdict = VerdictCard(workspace)
        self.tags = QLineEdit()
        self.tags.setPlaceholderText("Separated by commas")
        self.tags.textEdited.connect(self._edit)
        self.tags.editingFinished.connect(self.flush)
        self.notes = QPlainTextEdit()
        self.notes.setPlaceholderText("What you tried, what you saw")
        self.notes.setTabChangesFocus(True)
        self.notes.setMinimumHeight(72)
        self.notes.textChanged.connect(self._edit)
        self._empty = _wrapped(QLabel(_NOTHING))
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._content = QWidget()
        self._lay_out()
        self.show_run(None)

    def show_run(self, run: RunSummary | None) -> None:
        """Show a run, or that none is chosen; what is being written is never overwritten."""
        before = self._run
        if before is not None and (run is None or run.path != before.path):
            self.flush()
        self._run = run
        self._content.setVisible(run is not None)
        self._empty.setVisible(run is None)
        if run is None:
            return
        self._title.setText(visible(run.recipe or run.path.name))
        when, status = started_words(run.created, datetime.now().astimezone()), status_look(run.status).word
        self._under.setText(f"{status} · started {when}\n{visible(run.path.name)}")
        problem = "\n".join(run.damage) or run.failure
        self._failure.setText(problem)
        self._failure.setVisible(bool(problem))
        self._show_facts(run)
        self.verdict.show_summary(run)
        for field in (self.tags, self.notes):
            # They would be written into what is damaged.
            field.setEnabled(not run.damage)
            field.setToolTip("The run is damaged: nothing more is written into it." if run.damage else "")
        if self._edited is None:
            self._show_remarks(run)

    def flush(self) -> None:
        """Hand over what was written and not yet kept."""
        self._rest.stop()
        if self._edited is not None:
            path, self._edited = self._edited, None
            self.remarked.emit(path, tags_in(self.tags.text()), self.notes.toPlainText())

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not seen any more is kept at once."""
        self.flush()
        super().hideEvent(event)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._facts.items()):
            label = QLabel(name)
            label.setProperty("role", "muted")
            value.setFont(tabular(value.font()))
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._under)
        column.addWidget(self._failure)
        column.addLayout(grid)
        column.addSpacing(2)
        column.addWidget(self.verdict)
        column.addSpacing(2)
        for name, field in (("&Tags", self.tags), ("&Notes", self.notes)):
            label = QLabel(name)
            label.setBuddy(field)
            field.setAccessibleName(f"{name.replace('&', '')} of the run")
            column.addWidget(label)
            column.addWidget(field, 1 if field is self.notes else 0)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(14, 10, 14, 12)
        whole.addWidget(self._content, 1)
        whole.addWidget(self._empty)
        self.setWidget(page)
        self.setWidgetResizable(True)
        # A scroll area fills what it shows with the colour of a window.
        page.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("panel", "true")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(240)

    def _show_facts(self, run: RunSummary) -> None:
        baseline = ", ".join(f"{count:,}" for count in run.baseline_errors)
        words = (
            share_words(run.student_errors, run.examples, run.counted),
            share_words(run.teacher_errors, run.examples, run.counted),
            baseline,
            f"{run.step:,} of {run.total_steps:,}" if run.total_steps else "",
            duration_words(run.seconds),
            "" if run.seed is None else str(run.seed),
            run.device,
        )
        for label, text in zip(self._facts.values(), words, strict=True):
            label.setText(text or NONE)

    def _show_remarks(self, run: RunSummary) -> None:
        tags = ", ".join(run.tags)
        if tags_in(self.tags.text()) != run.tags:
            self.tags.setText(tags)
        if self.notes.toPlainText() != run.notes:
            self.notes.blockSignals(True)
            self.notes.setPlainText(run.notes)
            self.notes.blockSignals(False)

    def _edit(self, _: object = None) -> None:
        if self._run is not None:
            self._edited = self._run.path
            self._rest.start()


def tags_in(text: str) -> tuple[str, ...]:
    """The tags in what a person typed, each once: "best,  T sweep, best" holds two."""
    words = (" ".join(word.split()) for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _wrapped(label: QLabel) -> QLabel:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    # A long name without spaces must not widen the pane.
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label

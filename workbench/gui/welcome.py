"""The first page: examples one click from training, what was left unfinished, recent recipes and runs."""

from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.actions import Actions
from workbench.gui.models.run_wording import errors_of
from workbench.gui.theme import application_icon, small, strong
from workbench.gui.widgets.one_line import OneLine
from workbench.gui.workspace import Workspace
from workbench.session.examples import Example, list_examples
from workbench.session.jobs import Job
from workbench.session.library import RunSummary, list_runs
from workbench.session.places import runs_folder
from workbench.wording import visible

_SHOWN = 5
_WIDTH = 1080
# All runs, and those recent recipes that are still there.
_Found: TypeAlias = tuple[list[RunSummary], list[Path]]


class WelcomePage(QScrollArea):
    """What a person sees first, and can come back to.

    Signals:
        example_wanted: (path, whether to train at once).
        recipe_wanted: The path of a recent recipe.
        run_wanted: The folder of a run to be shown.
        resume_wanted: The folder of a run to go on with.
    """

    example_wanted = Signal(object, bool)
    recipe_wanted = Signal(object)
    run_wanted = Signal(object)
    resume_wanted = Signal(object)

    def __init__(self, workspace: Workspace, actions: Actions) -> None:
        super().__init__()
        self._workspace = workspace
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Welcome")
        page = QWidget()
        self.setWidget(page)
        outer = QHBoxLayout(page)
        outer.setContentsMargins(24, 20, 24, 20)
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        outer.addStretch(1)
        outer.addWidget(column, 100)
        outer.addStretch(1)
        layout = QVBoxLayout(column)
        layout.setSpacing(14)
        layout.addLayout(_hero())
        layout.addWidget(_heading("See why it works"))
        layout.addLayout(self._examples())
        self._unfinished = _Rows("Unfinished runs")
        self._recipes = _Rows("Recent recipes")
        self._runs = _Rows("Recent runs")
        layout.addWidget(self._unfinished)
        pair = QHBoxLayout()
        pair.setSpacing(14)
        pair.addWidget(self._recipes, 1, Qt.AlignmentFlag.AlignTop)
        pair.addWidget(self._runs, 1, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(pair)
        layout.addWidget(_heading("Bring your own"))
        layout.addLayout(_doors(actions))
        layout.addStretch(1)
        self._unfinished.hide()
        workspace.runs_changed.connect(self.look_again)
        workspace.status_changed.connect(self.look_again)

    def showEvent(self, event: QShowEvent) -> None:
        """Runs may have come and gone."""
        super().showEvent(event)
        self.look_again()

    def look_again(self, _: object = None) -> None:
        """Read the list of runs, in the background."""
        if not self.isVisible():
            return
        recent = self._workspace.settings.recent()

        def work(_: Job[_Found]) -> _Found:
            return list_runs(runs_folder()), [path for path in recent if path.is_file()]

        self._workspace.jobs.start("Looking for runs", work, self._show_found, topic="welcome")

    def _examples(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(14)
        examples = list_examples()
        self.first_card: QWidget | None = None
        for place, example in enumerate(examples):
            card = ExampleCard(example, is_first=place == 0)
            card.wanted.connect(self.example_wanted)
            self.first_card = self.first_card or card
            grid.addWidget(card, place // 2, place % 2)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        return grid

    def _show_found(self, found: _Found) -> None:
        runs, recent = found
        active = self._workspace.active
        own = [active.path] if active is not None else []
        unfinished = [run for run in runs if run.can_resume and run.step > 0 and run.path not in own][:_SHOWN]
        self._unfinished.fill(
            [
                (run.path, visible(run.recipe), f"{run.status} at step {run.step:,} of {run.total_steps:,}")
                for run in unfinished
            ],
            "Resume",
            self.resume_wanted.emit,
        )
        self._unfinished.setVisible(bool(unfinished))
        self._runs.fill(
            [(run.path, visible(run.recipe), _outcome(run)) for run in runs if run not in unfinished][:_SHOWN],
            "Show",
            self.run_wanted.emit,
            empty="Every run you train is kept and listed here.",
        )
        self._recipes.fill(
            [(path, path.stem, str(path.parent)) for path in recent[:_SHOWN]],
            "Open",
            self.recipe_wanted.emit,
            empty="Recipes you open or save are listed here.",
        )


class ExampleCard(QFrame):
    """One example: what it shows, and two buttons.

    Signals:
        wanted: (path, whether to train at once).
    """

    wanted = Signal(object, bool)

    def __init__(self, example: Example, *, is_first: bool) -> None:
        super().__init__()
        self._path = example.path
        self.setProperty("card", "true")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        title = QLabel(example.title)
        title.setFont(strong(title.font(), 1.12))
        title.setWordWrap(True)
        text = QLabel(example.description)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setProperty("role", "muted")
        train = QPushButton("Train now")
        train.setProperty("primary", "true" if is_first else "false")
        train.setAccessibleName(f"Train now: {example.title}")
        look = QPushButton("Open")
        look.setAccessibleName(f"Open: {example.title}")
        train.clicked.connect(self._train)
        look.clicked.connect(self._open)
        buttons = QHBoxLayout()
        buttons.addWidget(train)
        buttons.addWidget(look)
        buttons.addStretch(1)
        layout.addWidget(title)
        layout.addWidget(text, 1)
        layout.addSpacing(6)
        layout.addLayout(buttons)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As Open."""
        super().mouseDoubleClickEvent(event)
        self._open()

    def _train(self) -> None:
        self.wanted.emit(self._path, True)

    def _open(self) -> None:
        self.wanted.emit(self._path, False)


class _Rows(QFrame):
    """A card with one line an item: name, a few words, a button."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 12, 12, 12)
        self._layout.setSpacing(4)
        label = QLabel(title)
        label.setFont(strong(label.font()))
        self._layout.addWidget(label)
        self._shown: object = None
        self._rows: list[QWidget] = []

    def fill(self, items: list[tuple[Path, str, str]], verb: str, act: object, empty: str = "") -> None:
        """Show these items, if they are others than before."""
        if items == self._shown:
            return
        self._shown = items
        for row in self._rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self._rows = [_Row(path, name, words, verb, act) for path, name, words in items]
        if not items and empty:
            label = QLabel(empty)
            label.setProperty("role", "muted")
            label.setWordWrap(True)
            self._rows = [label]
        for row in self._rows:
            self._layout.addWidget(row)


class _Row(QWidget):
    def __init__(self, path: Path, name: str, words: str, verb: str, act: object) -> None:
        super().__init__()
        self._path, self._act = path, act
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        text = QVBoxLayout()
        text.setSpacing(0)
        title, details = (OneLine(text, elide=Qt.TextElideMode.ElideMiddle) for text in (name, words))
        details.setFont(small(details.font()))
        details.setProperty("role", "muted")
        text.addWidget(title)
        text.addWidget(details)
        button = QPushButton(verb)
        button.setAccessibleName(f"{verb}: {name}, {words}")
        button.clicked.connect(self._clicked)
        self.setToolTip(str(path))
        row.addLayout(text, 1)
        row.addWidget(button)

    def _clicked(self) -> None:
        assert callable(self._act), "a row acts"
        self._act(self._path)


def _hero() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(16)
    picture = QLabel()
    picture.setPixmap(application_icon().pixmap(64, 64))
    name = QLabel("Distillation Workbench")
    name.setFont(strong(name.font(), 1.9))
    words = QLabel("Distil a big model into a small one on your own machine, and see why it works.")
    words.setProperty("role", "muted")
    words.setWordWrap(True)
    text = QVBoxLayout()
    text.setSpacing(2)
    text.addWidget(name)
    text.addWidget(words)
    row.addWidget(picture)
    row.addLayout(text, 1)
    return row


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(strong(label.font(), 1.15))
    return label


def _doors(actions: Actions) -> QHBoxLayout:
    row = QHBoxLayout()
    for name in ("new", "open", "open_run", "open_checkpoint"):
        action = actions.named(name)
        button = QPushButton(action.text().replace("&", ""))
        button.setIcon(action.icon())
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        action.changed.connect(lambda button=button, action=action: button.setIcon(action.icon()))
        row.addWidget(button)
    hint = QLabel("… or drop a recipe, a run, a checkpoint or data anywhere.")
    hint.setProperty("role", "muted")
    hint.setWordWrap(True)
    row.addWidget(hint, 1)
    return row


def _outcome(run: RunSummary) -> str:
    if run.student_errors is None or run.examples is None:
        return run.status
    words = f"{run.status} · {errors_of(run.student_errors, run.examples, run.counted)}"
    return f"{words} · {run.verdict}" if run.verdict else words

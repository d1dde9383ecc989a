"""What can be done with the chosen runs: one set of actions for buttons, context menu and keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from workbench.gui.theme import Theme
from workbench.session.library import RunSummary

_GOING = ("preparing", "running", "baseline", "paused", "stopping")
_ICON, _BUTTON = 18, 28
_BUSY = "A run is going on; stop it first."


@dataclass(frozen=True)
class Choice:
    """What is chosen, and what it depends on.

    Attributes:
        runs: The chosen runs.
        watched: The run on the screen.
        overlays: The runs that are compared with it.
        is_training: Whether a run is going on.
    """

    runs: Sequence[RunSummary]
    watched: Path | None
    overlays: frozenset[Path]
    is_training: bool

    @property
    def others(self) -> list[RunSummary]:
        """The chosen runs that are not on the screen by themselves."""
        return [run for run in self.runs if run.path != self.watched]


def _one(choice: Choice) -> str:
    return "" if len(choice.runs) == 1 else "Choose one run."


def _one_whole(choice: Choice) -> str:
    """For what writes into the run, or needs its recipe."""
    if _one(choice):
        return _one(choice)
    return f"It is damaged. {choice.runs[0].damage[0]}" if choice.runs[0].damage else ""


def _why_not_compare(choice: Choice) -> str:
    if not choice.runs:
        return "Choose one run or more."
    return "" if choice.others else "It is on the screen already; choose another to compare it with."


def _why_not_clone(choice: Choice) -> str:
    if _one(choice):
        return _one(choice)
    return next((problem for problem in choice.runs[0].damage if "recipe.toml" in problem), "")


def _why_not_resume(choice: Choice) -> str:
    if _one_whole(choice):
        return _one_whole(choice)
    if choice.runs[0].status in _GOING:
        return "It is going on already."
    if not choice.runs[0].can_resume:
        return "It is complete; there is nothing left to train."
    return _BUSY if choice.is_training else ""


def _why_not_baseline(choice: Choice) -> str:
    if _one_whole(choice):
        return _one_whole(choice)
    run = choice.runs[0]
    if run.verdict:
        return "Its baseline is trained, and the verdict is there."
    if run.can_resume or run.status in _GOING:
        return "It is not finished yet."
    if not run.can_train_baseline:
        return "It learns from hard labels only: it is its own baseline."
    return _BUSY if choice.is_training else ""


def _why_not_delete(choice: Choice) -> str:
    if not choice.runs:
        return "Choose one run or more."
    return "Stop it first." if any(run.status in _GOING for run in choice.runs) else ""


@dataclass(frozen=True)
class _Spec:
    name: str
    text: str
    icon: str
    keys: tuple[str, ...]
    tip: str
    why_not: Callable[[Choice], str]


_SPECS = (
    _Spec("open", "Open", "open", ("Return", "Enter"), "Show its curves, probabilities and verdict.", _one),
    _Spec(
        "compare",
        "Compare",
        "overlay",
        ("Ctrl+D",),
        "Draw it behind the run on the screen, or no longer, and set the results and recipes side by side.",
        _why_not_compare,
    ),
    _Spec("clone", "Clone", "clone", ("Ctrl+Shift+D",), "Begin a new recipe as a copy of this run's.", _why_not_clone),
    _Spec("resume", "Resume", "resume", ("Ctrl+R",), "Go on from the last checkpoint.", _why_not_resume),
    _Spec(
        "baseline",
        "Train baseline too",
        "baseline",
        ("Ctrl+B",),
        "Train the same student without a teacher, and judge whether the teacher helped.",
        _why_not_baseline,
    ),
    _Spec("reveal", "Reveal", "reveal", ("Ctrl+Shift+R",), "Show its folder in the file manager.", _one),
    _Spec("delete", "Delete", "delete", ("Del",), "Move it to the trash.", _why_not_delete),
)


class RunActions(QWidget):
    """A row of buttons; `owner` has the same actions in its context menu and on its keys."""

    def __init__(self, theme: Theme, owner: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._actions: dict[str, QAction] = {}
        self._buttons: list[QToolButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for spec in _SPECS:
            action = QAction(spec.text, owner)
            action.setObjectName(f"run-{spec.name}")
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            # Delete and Return mean something else in the fields beside the list.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            owner.addAction(action)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(_ICON, _ICON))
            button.setAccessibleName(spec.text)
            row.addWidget(button)
            self._actions[spec.name] = action
            self._buttons.append(button)
        self.named("compare").setCheckable(True)
        theme.changed.connect(self._paint)
        self._paint()

    def named(self, name: str) -> QAction:
        """One of them by its name."""
        return self._actions[name]

    def allow(self, choice: Choice) -> None:
        """Enable what is possible; the tip of the rest says why it is not."""
        for spec in _SPECS:
            why_not = spec.why_not(choice)
            action = self._actions[spec.name]
            action.setEnabled(not why_not)
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{spec.text} ({key})\n{why_not or spec.tip}")
        others = choice.others
        self.named("compare").setChecked(bool(others) and all(run.path in choice.overlays for run in others))

    def set_words(self, shown: bool) -> None:
        """Buttons with their words, or with icons only."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if shown else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._buttons:
            button.setToolButtonStyle(style)

    def minimumSizeHint(self) -> QSize:
        """As narrow as icons alone, so that the words never hold the panel wide."""
        height = super().minimumSizeHint().height()
        return QSize(len(self._buttons) * _BUTTON, height)

    def width_with_words(self) -> int:
        """How wide the row is with words."""
        return sum(self.fontMetrics().horizontalAdvance(spec.text) + 44 for spec in _SPECS)

    def _paint(self) -> None:
        for spec in _SPECS:
            self._actions[spec.name].setIcon(self._theme.icon(spec.icon))

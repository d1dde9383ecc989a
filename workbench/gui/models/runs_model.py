"""All runs as a table: sorted by any column, searched by any word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QIcon, QPixmap

from workbench.gui.models.run_wording import (
    NONE,
    duration_words,
    errors_sentence,
    errors_words,
    progress_share,
    started_words,
    status_look,
    verdict_look,
)
from workbench.gui.theme import Theme
from workbench.session.library import RunSummary
from workbench.wording import visible

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
# The whole RunSummary, for whoever paints or acts.
RUN_ROLE = _ROLE.UserRole + 1
_ICON = 16
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _percent(run: RunSummary) -> str:
    return f"{100 * progress_share(run):.0f} %" if run.total_steps else NONE


def _curve_words(run: RunSummary) -> str:
    if not run.sparkline:
        return "No loss yet"
    return f"Loss from {run.sparkline[0]:.3g} to {run.sparkline[-1]:.3g}"


@dataclass(frozen=True)
class RunColumn:
    """One column.

    Attributes:
        title: Above it.
        text: What stands in a cell.
        key: What it is sorted by; None stands last, whichever way.
        tip: More of it, in a sentence.
        is_number: Whether it is read as a number and stands to the right.
    """

    title: str
    text: Callable[[RunSummary], str]
    key: Callable[[RunSummary], Any]
    tip: Callable[[RunSummary], str] = lambda _: ""
    is_number: bool = False


COLUMNS = (
    RunColumn(
        "Run",
        lambda run: visible(run.recipe or run.path.name),
        lambda run: run.recipe.casefold(),
        lambda run: str(run.path),
    ),
    RunColumn(
        "Started",
        lambda run: started_words(run.created, datetime.now().astimezone()),
        lambda run: run.created,
        lambda run: run.created.replace("T", " "),
    ),
    RunColumn(
        "Status",
        lambda run: status_look(run.status).word,
        lambda run: status_look(run.status).word,
        lambda run: "\n".join(run.damage) or run.failure,
    ),
    RunColumn(
        "Progress",
        _percent,
        lambda run: progress_share(run) if run.total_steps else None,
        lambda run: f"Step {run.step:,} of {run.total_steps:,}",
        is_number=True,
    ),
    RunColumn("Loss", lambda _: "", lambda run: run.sparkline[-1] if run.sparkline else None, _curve_words),
    RunColumn(
        "Student errors",
        lambda run: errors_words(run.student_errors, run.examples),
        lambda run: run.student_errors,
        lambda run: errors_sentence(run.student_errors, run.examples, run.counted),
        is_number=True,
    ),
    RunColumn(
        "Teacher errors",
        lambda run: errors_words(run.teacher_errors, run.examples),
        lambda run: run.teacher_errors,
        lambda run: errors_sentence(run.teacher_errors, run.examples, run.counted),
        is_number=True,
    ),
    RunColumn("Time", lambda run: duration_words(run.seconds), lambda run: run.seconds or None, is_number=True),
    RunColumn(
        "Verdict",
        lambda run: verdict_look(run.verdict).word if run.verdict else NONE,
        lambda run: run.verdict,
        lambda run: str(run.judged["sentence"]) if run.judged else "",
    ),
    RunColumn("Tags", lambda run: ", ".join(run.tags), lambda run: ", ".join(run.tags).casefold() or None),
)
RUN, STARTED, STATUS, PROGRESS, LOSS, STUDENT, TEACHER, TIME, VERDICT, TAGS = range(len(COLUMNS))


class RunsModel(QAbstractTableModel):
    """The runs in the order they were first seen; other lists are merged in, so that a selection survives them."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs: list[RunSummary] = []
        self._icons: dict[tuple[str, str], QIcon] = {}
        # Marks of the runs that are on the screen, by path: names of icons.
        self._marks: dict[Path, str] = {}
        # So that the names stay in line.
        empty = QPixmap(_ICON, _ICON)
        empty.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(empty)
        theme.changed.connect(self._forget_icons)

    @property
    def runs(self) -> list[RunSummary]:
        """Every run."""
        return self._runs

    def run(self, row: int) -> RunSummary:
        """The run of a row."""
        return self._runs[row]

    def row_of(self, path: Path) -> int:
        """The row of a run, -1 where it is not listed."""
        return next((row for row, run in enumerate(self._runs) if run.path == path), -1)

    def merge(self, runs: Iterable[RunSummary]) -> None:
        """Show these runs and no others."""
        wanted = {run.path: run for run in runs}
        for row in reversed(range(len(self._runs))):
            if self._runs[row].path not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._runs[row]
                self.endRemoveRows()
        for row in range(len(self._runs)):
            self._put(row, wanted.pop(self._runs[row].path))
        if wanted:
            first = len(self._runs)
            self.beginInsertRows(QModelIndex(), first, first + len(wanted) - 1)
            self._runs.extend(wanted.values())
            self.endInsertRows()

    def update(self, run: RunSummary) -> None:
        """Show other facts about a run that is listed."""
        row = self.row_of(run.path)
        if row >= 0:
            self._put(row, run)

    def mark(self, marks: dict[Path, str]) -> None:
        """Mark runs that are on the screen with one of our icons each."""
        changed = {path for path in marks.keys() | self._marks.keys() if marks.get(path) != self._marks.get(path)}
        self._marks = dict(marks)
        for path in changed:
            row = self.row_of(path)
            if row >= 0:
                index = self.index(row, RUN)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many runs."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        """Titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return COLUMNS[section].title
        if role == _ROLE.TextAlignmentRole:
            return _NUMBER if COLUMNS[section].is_number else _WORDS
        return None

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        """What a cell says, and how."""
        run, column = self._runs[index.row()], COLUMNS[index.column()]
        if role == _ROLE.DisplayRole:
            return column.text(run)
        if role == _ROLE.DecorationRole:
            return self._icon(run, index.column())
        if role == _ROLE.TextAlignmentRole:
            return _NUMBER if column.is_number else _WORDS
        if role == _ROLE.ToolTipRole:
            return column.tip(run)
        if role == _ROLE.AccessibleTextRole:
            return f"{column.title}: {column.text(run) or column.tip(run)}"
        return run if role == RUN_ROLE else None

    def _put(self, row: int, run: RunSummary) -> None:
        if self._runs[row] != run:
            self._runs[row] = run
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def _icon(self, run: RunSummary, column: int) -> QIcon | None:
        if column == RUN:
            return self._themed(self._marks[run.path], "accent") if run.path in self._marks else self._blank
        if column == STATUS:
            look = status_look(run.status)
            return self._themed(look.icon, look.colour)
        if column == VERDICT and run.verdict:
            look = verdict_look(run.verdict)
            return self._themed(look.icon, look.colour)
        return None

    def _themed(self, name: str, colour: str) -> QIcon:
        if (name, colour) not in self._icons:
            icon = self._theme.icon(name, colour)
            icon.addPixmap(self._theme.icon(name, "on_accent").pixmap(_ICON, _ICON), QIcon.Mode.Selected)
            self._icons[name, colour] = icon
        return self._icons[name, colour]

    def _forget_icons(self) -> None:
        self._icons.clear()
        if self._runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._runs) - 1, len(COLUMNS) - 1))


class RunsOrder(QSortFilterProxyModel):
    """The runs that have every word a person searches for, in the order of a column."""

    def __init__(self, model: RunsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: tuple[str, ...] = ()
        self.setSourceModel(model)
        self.setDynamicSortFilter(True)

    def search(self, text: str) -> None:
        """Keep the runs that have all words of a text in their recipe, folder, tags, notes, status or verdict."""
        self._words = tuple(text.casefold().split())
        # Makes Qt ask for every row again; what it would find by itself is not used.
        self.setFilterFixedString(text)

    def run(self, row: int) -> RunSummary:
        """The run that is shown in a row."""
        return self._model.run(self.mapToSource(self.index(row, 0)).row())

    def filterAcceptsRow(self, source_row: int, _: _Index) -> bool:
        """Whether a run has all the words."""
        if not self._words:
            return True
        run = self._model.run(source_row)
        verdict = verdict_look(run.verdict).word if run.verdict else ""
        said = (run.recipe, run.path.name, *run.tags, run.notes, status_look(run.status).word, verdict)
        text = "\n".join(said).casefold()
        return all(word in text for word in self._words)

    def lessThan(self, left: _Index, right: _Index) -> bool:
        """By what the column is sorted by; equal ones by their time."""
        column = COLUMNS[left.column()]
        one, other = self._model.run(left.row()), self._model.run(right.row())
        key, other_key = column.key(one), column.key(other)
        if (key is None) is not (other_key is None):
            # What is not known stands last, whichever way the column is sorted.
            return (key is None) is (self.sortOrder() is Qt.SortOrder.DescendingOrder)
        return one.created < other.created if key == other_key else bool(key < other_key)

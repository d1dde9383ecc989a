"""Runs side by side: a column a run, their results above, their recipes below."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from workbench.gui.models.measures import Measure, best_of, measures_for
from workbench.gui.models.run_wording import started_words
from workbench.gui.theme import Theme, strong, tabular
from workbench.session.comparing import ComparedRun, SettingRow

_Index = QModelIndex | QPersistentModelIndex

_ICON, _ROW, _INSET = 14, 26, 5
_LEAST_WIDTH, _MOST_WIDTH = 150, 300
_BEST = "Best of these"
_DIFFERENT = "≠"


class CompareTable(QTreeWidget):
    """A tree of two branches, so that results and recipes share their columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs: Sequence[ComparedRun] = ()
        self._measures: Sequence[Measure] = ()
        self._watched: Path | None = None
        # So that all words of a column stay in line, with a mark before them or not.
        empty = QPixmap(_ICON, _ICON)
        empty.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(empty)
        self.setFont(tabular(self.font()))
        self.setAccessibleName("Runs side by side")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setItemDelegate(_CellDelegate(self))
        self.setAlternatingRowColors(True)
        self.header().setSectionsMovable(False)
        self.header().setIconSize(QSize(_ICON, _ICON))
        self.header().setStretchLastSection(True)
        self.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._results = self._branch("Results")
        self._settings = self._branch("Recipe")
        theme.changed.connect(self._mark_watched)
        theme.changed.connect(self._mark_best)

    def show_runs(
        self,
        runs: Sequence[ComparedRun],
        settings: Sequence[SettingRow],
        *,
        watched: Path | None,
        all_settings: bool,
    ) -> None:
        """Show runs.

        Args:
            runs: A column each.
            settings: Of their recipes, all of them.
            watched: The run on the screen, whose column is marked.
            all_settings: Whether to show those on which the recipes agree too.
        """
        self._watched = watched
        anew = [run.path for run in runs] != [run.path for run in self._runs]
        self._runs, self._measures = runs, measures_for(runs)
        self.setColumnCount(len(runs) + 1)
        rows = [(measure.name, measure.help, [measure.words(run) for run in runs]) for measure in self._measures]
        self._fill(self._results, rows)
        shown = [row for row in settings if row.differs or all_settings]
        mark = all_settings and len(runs) > 1
        words = [(f"{_DIFFERENT} {row.words}" if mark and row.differs else row.words) for row in shown]
        rows = [(text, row.help, [*row.values]) for text, row in zip(words, shown, strict=True)]
        self._fill(self._settings, rows)
        self._settings.setText(0, _headline(settings, len(runs)))
        self._mark_best()
        if anew:
            self._fit()
        self._show_header(datetime.now().astimezone())

    def as_text(self) -> str:
        """The same with tabs and line ends, for other programs."""
        names = ["", *(run.path.name for run in self._runs)]
        lines = ["\t".join(names)]
        for branch in (self._results, self._settings):
            for row in _rows(branch):
                lines.append("\t".join(row.text(column) for column in range(self.columnCount())))
        return "\n".join(lines) + "\n"

    def path_at(self, column: int) -> Path | None:
        """The run of a column, None for the first."""
        return self._runs[column - 1].path if 0 < column <= len(self._runs) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room among the runs."""
        super().resizeEvent(event)
        self._fit()
        self._show_header(datetime.now().astimezone())

    def _branch(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, [title])
        item.setFont(0, strong(self.font()))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setFirstColumnSpanned(True)
        item.setExpanded(True)
        return item

    def _fill(self, branch: QTreeWidgetItem, rows: Sequence[tuple[str, str, list[str]]]) -> None:
        """Change a branch in place, so that scrolling and selection stay where they were."""
        while branch.childCount() > len(rows):
            branch.takeChild(branch.childCount() - 1)
        while branch.childCount() < len(rows):
            branch.addChild(QTreeWidgetItem())
        for item, (name, help_text, values) in zip(_rows(branch), rows, strict=True):
            item.setText(0, name)
            item.setToolTip(0, help_text)
            for column, text in enumerate(values, start=1):
                item.setText(column, text)
                item.setToolTip(column, text)
                item.setIcon(column, self._blank)

    def _show_header(self, now: datetime) -> None:
        self.headerItem().setText(0, "")
        for column, run in enumerate(self._runs, start=1):
            # A header with two lines does not elide by itself.
            room = self.columnWidth(column) - _ICON - 24
            name = self.fontMetrics().elidedText(run.recipe.name, Qt.TextElideMode.ElideMiddle, room)
            self.headerItem().setText(column, f"{name}\n{started_words(run.summary.created, now)}")
            self.headerItem().setToolTip(column, str(run.path))
        self._mark_watched()

    def _mark_watched(self) -> None:
        eye, overlay = self._theme.icon("eye", "accent"), self._theme.icon("overlay", "muted")
        for column, run in enumerate(self._runs, start=1):
            self.headerItem().setIcon(column, eye if run.path == self._watched else overlay)

    def _mark_best(self) -> None:
        icon = self._theme.icon("ok", "good")
        for row, measure in zip(_rows(self._results), self._measures, strict=True):
            best = best_of(measure, self._runs)
            for place in range(len(self._runs)):
                is_best = place in best
                row.setIcon(place + 1, icon if is_best else self._blank)
                row.setFont(place + 1, strong(self.font()) if is_best else self.font())
                row.setToolTip(place + 1, _BEST if is_best else row.text(place + 1))
                said = f"{row.text(place + 1)}, {_BEST.lower()}" if is_best else row.text(place + 1)
                row.setData(place + 1, Qt.ItemDataRole.AccessibleTextRole, said)

    def _fit(self) -> None:
        header, count = self.header(), max(len(self._runs), 1)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.resizeColumnToContents(0)
        first = min(self.columnWidth(0) + 8, max(self.viewport().width() // 2, _LEAST_WIDTH))
        self.setColumnWidth(0, first)
        share = (self.viewport().width() - first) // count
        for column in range(1, count + 1):
            self.setColumnWidth(column, max(_LEAST_WIDTH, min(share, _MOST_WIDTH)))


class _CellDelegate(QStyledItemDelegate):
    """Rows with room to breathe, their words in line with those of the header."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw."""
        tree = option.widget
        tree.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, tree)
        inner = QStyleOptionViewItem(option)
        inner.rect = option.rect.adjusted(_INSET if index.column() else 0, 0, -_INSET, 0)
        super().paint(painter, inner, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As tall as a row of the list of runs, nearly."""
        return QSize(super().sizeHint(option, index).width(), _ROW)


def _headline(settings: Sequence[SettingRow], runs: int) -> str:
    if runs < 2:
        return "Recipe"
    count = sum(row.differs for row in settings)
    if not count:
        return "Recipes: no setting differs"
    return f"Recipes: {count} setting{'s' if count > 1 else ''} differ{'' if count > 1 else 's'}"


def _rows(branch: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    for place in range(branch.childCount()):
        child = branch.child(place)
        assert child is not None, "counted just now"
        yield child

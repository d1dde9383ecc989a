"""The map of all recipes: target by inputs, the two eras on it, and where the stages of a recipe lie."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.era_texts import CELLS, COLUMNS, COLUMNS_ARE, ERAS_IN_MAP, ROWS, ROWS_ARE
from workbench.gui.theme import mark, small, strong
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.recipe.inputs import Rollouts, TeacherWritten
from workbench.recipe.recipe import Stage

Cell = tuple[int, int]


def cells_of(stage: Stage) -> frozenset[Cell]:
    """Where a stage lies: (row, column) of the map; rollouts that alternate with other text lie in two."""
    row = int(stage.objective.uses_teacher and getattr(stage.objective, "alpha", 1.0) > 0)
    inputs = stage.inputs
    if not isinstance(inputs, Rollouts):
        return frozenset({(row, int(isinstance(inputs, TeacherWritten)))})
    columns = {2} if inputs.lmbda > 0 else set()
    if inputs.lmbda < 1:
        columns.add(int(isinstance(inputs.otherwise, TeacherWritten)))
    return frozenset((row, column) for column in columns)


class EraMap(QWidget):
    """Two rows of three cells; those of the recipe on the screen are framed and say which stage lies there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Map of all recipes: target by inputs")
        self.cells: dict[Cell, MapCell] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.addWidget(_heading(f"{COLUMNS_ARE} →\n{ROWS_ARE} ↓", "muted"), 0, 0)
        for column, name in enumerate(COLUMNS):
            grid.addWidget(_heading(name), 0, column + 1)
            grid.setColumnStretch(column + 1, 4)
        grid.setColumnStretch(0, 2)
        for row, name in enumerate(ROWS):
            grid.addWidget(_heading(name, upright=True), row + 1, 0)
            for column, (title, who) in enumerate(CELLS[row]):
                cell = MapCell(title, who, ERAS_IN_MAP.get((row, column), ""))
                cell.setAccessibleName(f"{title} {who}: target {name}, inputs {COLUMNS[column]}")
                self.cells[row, column] = cell
                grid.addWidget(cell, row + 1, column + 1)

    def show_stages(self, stages: Sequence[Stage | None]) -> None:
        """Mark where the stages of a recipe lie; one that is not whole yet lies nowhere."""
        placed = [cells_of(stage) if stage is not None else frozenset() for stage in stages]
        for place, cell in self.cells.items():
            cell.show_stages([number for number, cells in enumerate(placed, 1) if place in cells], len(stages))


class MapCell(QFrame):
    """One way to distil."""

    def __init__(self, title: str, who: str, era: str) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._title, self._who = wrapped_label(title), wrapped_label(who)
        self._title.setFont(strong(small(self.font(), 0.95)))
        self._who.setFont(small(self.font(), 0.85))
        self._who.setProperty("role", "muted")
        self._who.setVisible(bool(who))
        self.stage, self._era = QLabel(), QLabel(era)
        for label in (self.stage, self._era):
            label.setFont(strong(small(self.font(), 0.82)))
        self._era.setProperty("role", "muted")
        # There from the start: marking a stage moves nothing.
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.stage)
        foot.addStretch(1)
        foot.addWidget(self._era)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 6, 9, 5)
        column.setSpacing(1)
        for label in (self._title, self._who):
            column.addWidget(label)
        column.addStretch(1)
        column.addLayout(foot)

    def show_stages(self, numbers: Iterable[int], count: int) -> None:
        """Say which stages of so many lie here."""
        listed = ", ".join(map(str, numbers))
        words = "" if not listed else "This recipe" if count == 1 else f"Stage {listed}"
        if words != self.stage.text():
            self.stage.setText(words)
            self.setAccessibleDescription(words)
        mark(self, "card", "accent" if words else "true")


def _heading(text: str, role: str = "", *, upright: bool = False) -> QLabel:
    label = wrapped_label(text)
    label.setFont(small(label.font(), 0.85) if role else strong(small(label.font(), 0.88)))
    label.setProperty("role", role)
    label.setAlignment(
        Qt.AlignmentFlag.AlignLeft | (Qt.AlignmentFlag.AlignVCenter if upright else Qt.AlignmentFlag.AlignBottom)
    )
    return label

"""What teacher and student say of whole classes: the wrong answers that no label holds, as maps.

R rows and columns.
"""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.events import Surveyed
from workbench.gui.telling import percent, quoted
from workbench.gui.theme import Theme
from workbench.gui.widgets.class_map import FLOOR, ClassMap, Map
from workbench.gui.widgets.heat_map import HeatMaps
from workbench.gui.widgets.scrolled import scrolled


class DarkKnowledgeView(QWidget):
    """The maps, and a sentence about the cell that is pointed at."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surveyed: Surveyed | None = None
        self._with_difference = False
        self.maps = HeatMaps(theme)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().height() + 2)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.words.setAccessibleName("In words")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(scrolled(self.maps), 1)
        column.addWidget(self.words)
        self.maps.cell_changed.connect(self._tell)

    def show_survey(self, surveyed: Surveyed, classes: tuple[str, ...]) -> None:
        """Show another survey; `classes` are the names of all classes."""
        self._surveyed = surveyed
        self._names = tuple(classes[label] for label in surveyed.classes)
        self._draw()

    def set_difference(self, *, shown: bool) -> None:
        """Show where teacher and student differ as a third map."""
        self._with_difference = shown
        self._draw()

    def _draw(self) -> None:
        surveyed = self._surveyed
        if surveyed is None:
            return
        at = f"mean at T = {surveyed.temperature:g}"
        student = np.array(surveyed.student)
        maps = [ClassMap(f"Student, {at}", "student", student)]
        if surveyed.teacher:
            teacher = np.array(surveyed.teacher)
            maps.insert(0, ClassMap(f"Teacher, {at}", "teacher", teacher))
            if self._with_difference:
                maps.append(ClassMap("Teacher − student, in points", "teacher", teacher - student, below="student"))
        self.maps.show_maps(maps, self._names)
        self.maps.setAccessibleDescription(self._strongest())
        self._tell(self.maps.cell)

    def _tell(self, cell: object) -> None:
        text = self._of_cell(*cell) if isinstance(cell, tuple) else self._strongest()
        if text != self.words.text():
            self.words.setText(text)

    def _of_cell(self, row: int, column: int) -> str:
        surveyed = self._surveyed
        assert surveyed is not None, "there is a cell, so there is a map"
        student = np.array(surveyed.student)
        true, said = quoted(self._names[row]), quoted(self._names[column])
        if not student[row].any():
            return f"No held-out example is a {true}."
        if not surveyed.teacher:
            return f"A true {true} gets {_share(student[row, column])} of {said} from the student, on average."
        teacher = np.array(surveyed.teacher)
        return (
            f"A true {true} gets {_share(teacher[row, column])} of {said} from the teacher "
            f"and {_share(student[row, column])} from the student, on average."
        )

    def _strongest(self) -> str:
        """What stands out, as long as nothing is pointed at."""
        surveyed = self._surveyed
        if surveyed is None:
            return ""
        leader: Map = np.array(surveyed.teacher or surveyed.student)
        wrong = leader - 2 * np.eye(len(leader))
        row, column = divmod(int(wrong.argmax()), len(leader))
        who = "teacher" if surveyed.teacher else "student"
        opening = "Rows are true classes, columns what is said of them."
        if len(leader) < 2 or leader[row, column] < FLOOR:
            return opening
        return f"{opening} The {who}’s strongest second thought: {_lower(self._of_cell(row, column))}"


def _share(share: float) -> str:
    return "less than 0.01 %" if share < FLOOR else percent(float(share))


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]

"""A card for one exported file: did it pass, and by what numbers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from workbench.gui.parity_words import rows_of, verdict_of
from workbench.gui.theme import Theme, pixmap, small, strong, tabular
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.session.export_report import ExportReport, FileReport
from workbench.session.text_export_report import TextFileReport

_ICON = 18


class ParityCard(QFrame):
    """Icon, word and colour say the verdict; a grid of rows the rest."""

    def __init__(self, theme: Theme, file: FileReport | TextFileReport, report: ExportReport) -> None:
        super().__init__()
        self._theme, self._kept = theme, file.kept
        self.setProperty("card", "true")
        self._icon = QLabel()
        self.verdict = QLabel(verdict_of(file))
        self.verdict.setProperty("role", "good" if file.kept else "bad")
        self.verdict.setFont(strong(self.verdict.font()))
        name = QLabel(file.name)
        name.setFont(strong(name.font()))
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(8)
        for part in (self._icon, self.verdict, name):
            head.addWidget(part)
        head.addStretch(1)
        gate = wrapped_label(f"Asked for: {file.gate}.")
        gate.setFont(small(gate.font()))
        gate.setProperty("role", "muted")
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.rows = rows_of(file, report)
        for row, (question, answer) in enumerate(self.rows):
            asked, told = QLabel(question), wrapped_label(answer)
            asked.setProperty("role", "muted")
            told.setFont(tabular(told.font()))
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(asked, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(gate)
        column.addLayout(grid)
        words = "; ".join(f"{question}: {answer}" for question, answer in self.rows)
        self.setAccessibleName(f"{file.name}: {self.verdict.text()}. {words}")
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        name, colour = ("ok", "good") if self._kept else ("error", "bad")
        self._icon.setPixmap(pixmap(name, self._theme.colour(colour), _ICON))

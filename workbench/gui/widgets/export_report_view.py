"""The report of an export: verdicts, numbers, what was not kept, and how to use what was."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.opening_outside import open_outside
from workbench.gui.parity_words import summary
from workbench.gui.theme import Theme, pixmap, strong
from workbench.gui.widgets.parity_card import ParityCard
from workbench.gui.widgets.sample_answers import SampleAnswers
from workbench.gui.widgets.usage_box import UsageBox
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.session.export_report import PARITY_FILE, README_FILE, ExportReport

_ICON = 16


class ExportReportView(QScrollArea):
    """Cards under each other; words where there is no report."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._report: ExportReport | None = None
        self.cards: list[ParityCard] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Report of the export")
        self.usage: UsageBox | None = None
        self.answers: SampleAnswers | None = None
        self.open_folder: QPushButton | None = None
        self._warning_icons: list[QLabel] = []
        theme.changed.connect(self._paint_icons)
        self.show_words("")

    def show_words(self, words: str) -> None:
        """Words in place of a report."""
        self._report, self.cards, self.usage, self.answers, self.open_folder = None, [], None, None, None
        self._warning_icons = []
        label = wrapped_label(words)
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setContentsMargins(32, 32, 32, 32)
        self.setWidget(label)

    def show_report(self, report: ExportReport) -> None:
        """Show a report."""
        self._report, self._warning_icons = report, []
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addLayout(self._head(report))
        self.cards = [ParityCard(self._theme, file, report) for file in report.files]
        for card in self.cards:
            column.addWidget(card)
        for warning in report.warnings:
            column.addWidget(self._warning(warning))
        self.answers = SampleAnswers(self._theme, report.text_files) if report.text_files else None
        if self.answers is not None:
            column.addWidget(self.answers)
        self.usage = UsageBox(self._theme, report.programs)
        column.addWidget(self.usage)
        column.addStretch(1)
        self.setWidget(body)
        self._paint_icons()

    def _paint_icons(self) -> None:
        if self.open_folder is not None:
            self.open_folder.setIcon(self._theme.icon("folder"))
        for icon in self._warning_icons:
            icon.setPixmap(pixmap("warning", self._theme.colour("warning"), _ICON))

    def _head(self, report: ExportReport) -> QVBoxLayout:
        title = wrapped_label(summary(report))
        title.setFont(strong(title.font(), 1.08))
        self.open_folder = QPushButton("Open folder")
        self.open_folder.setToolTip("Show the files in the file manager.")
        self.open_folder.clicked.connect(self._open)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(title, 1)
        row.addWidget(self.open_folder, 0, Qt.AlignmentFlag.AlignTop)
        where = wrapped_label(
            f"In {report.folder}, with {README_FILE} for whoever gets the files and every number in {PARITY_FILE}. "
            f"Input: {report.feed}"
        )
        where.setProperty("role", "muted")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(where)
        return column

    def _warning(self, text: str) -> QWidget:
        widget = QWidget()
        icon, words = QLabel(), wrapped_label(text)
        self._warning_icons.append(icon)
        words.setProperty("role", "warning")
        row = QHBoxLayout(widget)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(8)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        return widget

    def _open(self) -> None:
        if self._report is not None:
            open_outside(self._report.folder)

"""About: the program's version, the versions and licences of everything it is made of, and the paper behind it."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

import workbench
from workbench.gui.theme import application_icon, small, strong
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.runtime import Component, components, versions_text

PAPER = "https://arxiv.org/abs/1503.02531"
_SENTENCE = "Distil a big model into a small one on your own machine, and see why it works."
_PAPER_WORDS = "Hinton, Vinyals & Dean: Distilling the Knowledge in a Neural Network (2015)"
_TOPIC = "about"
_COLUMNS = ("Name", "Version", "Licence")


class AboutDialog(QDialog):
    """A window beside the main one.

    Attributes:
        table: What the program is made of; filled once it has been read.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Distillation Workbench")
        self.paper_button = QPushButton("Read the paper")
        self.paper_button.setToolTip(PAPER)
        self.copy_button = QPushButton("Copy versions")
        self.copy_button.setToolTip("Copy program, system and library versions, for a report")
        self.table = _table()
        self._lay_out()
        self.paper_button.clicked.connect(_open_paper)
        self.copy_button.clicked.connect(self.copy)
        self.finished.connect(self._forget_job)
        self.setMinimumSize(480, 400)
        room = self.screen().availableSize()
        self.resize(min(620, room.width() - 40), min(560, room.height() - 80))
        workspace.jobs.start("Reading licences", _read, self._fill, topic=_TOPIC)

    def copy(self) -> None:
        """Put all versions on the clipboard."""
        lines = [versions_text()]
        for row in range(self.table.rowCount()):
            cells = [self.table.item(row, column) for column in range(len(_COLUMNS))]
            lines.append("  ".join(cell.text() for cell in cells if cell is not None and cell.text()))
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
        self.copy_button.setText("Copied")

    def _lay_out(self) -> None:
        name = QLabel("Distillation Workbench")
        name.setFont(strong(name.font(), 1.5))
        version = QLabel(f"Version {workbench.__version__}")
        version.setProperty("role", "muted")
        version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        paper = wrapped_label(_PAPER_WORDS)
        paper.setProperty("role", "muted")
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(72, 72))
        picture.setAccessibleName("Icon of Distillation Workbench")
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (name, version, wrapped_label(_SENTENCE)):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(18)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        science = QHBoxLayout()
        science.addWidget(paper, 1)
        science.addWidget(self.paper_button)
        made_of = QLabel("Made of")
        made_of.setFont(strong(made_of.font()))
        made_of.setBuddy(self.table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 14)
        column.setSpacing(12)
        column.addLayout(top)
        column.addLayout(science)
        column.addWidget(made_of)
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)

    def _fill(self, found: tuple[Component, ...]) -> None:
        self.table.setRowCount(len(found))
        for row, component in enumerate(found):
            for column, text in enumerate((component.name, component.version, component.licence)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                self.table.setItem(row, column, cell)
        self.table.resizeColumnToContents(0)
        self.table.resizeColumnToContents(1)

    def _forget_job(self) -> None:
        self._workspace.jobs.cancel(_TOPIC)


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setHorizontalHeaderLabels(list(_COLUMNS))
    table.setAccessibleName("What the program is made of: names, versions, licences")
    table.setFont(small(table.font(), 0.95))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 10)
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    table.setWordWrap(False)
    # Tab leaves the table; the arrow keys move in it.
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return table


def _read(_: Job[tuple[Component, ...]]) -> tuple[Component, ...]:
    return components()


def _open_paper() -> None:
    QDesktopServices.openUrl(QUrl(PAPER))

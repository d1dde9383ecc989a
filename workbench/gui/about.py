"""About: the program's version, whose work it is made of under which licences, and the paper behind it."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

import workbench
from workbench.gui.opening_outside import open_outside
from workbench.gui.theme import application_icon, small, strong
from workbench.gui.widgets.era_words import LinkedLabel
from workbench.gui.widgets.licence_view import LicenceView
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.licences import Component, components, licence_text, package_folder
from workbench.session.runtime import versions_text

PAPER = "https://arxiv.org/abs/1503.02531"
_SENTENCE = "Distil a big model into a small one on your own machine, and see why it works."
_PAPER_WORDS = "Hinton, Vinyals & Dean: Distilling the Knowledge in a Neural Network (2015)"
_REPLACEABLE = (
    "Qt and PySide6 are used under the LGPL version 3, libsndfile and soxr under the LGPL version 2.1. Their libraries "
    "lie as separate files in {folder} and may be replaced there by other builds of them. Their source: "
    "<a href='https://download.qt.io/official_releases/qt/'>Qt</a>, "
    "<a href='https://code.qt.io/cgit/pyside/pyside-setup.git/'>PySide6</a>, "
    "<a href='https://github.com/libsndfile/libsndfile'>libsndfile</a>, "
    "<a href='https://github.com/dofuuz/python-soxr'>soxr</a>."
)
_TOPIC, _TEXT_TOPIC = "about", "about text"
_COLUMNS = ("Name", "Version", "Licence")
_WIDEST = (170, 96)
_TABLE_WIDTH = 300
_WIDTH, _HEIGHT = 960, 680


class AboutDialog(QDialog):
    """A window beside the main one.

    Attributes:
        table: What the program is made of; filled once it has been read.
        view: The licence of the row that is chosen.
        replaceable: What may be replaced, where it lies, and where its source can be had.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._components: tuple[Component, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Distillation Workbench")
        self.paper_button = QPushButton("Read the paper")
        self.paper_button.setToolTip(PAPER)
        self.copy_button = QPushButton("Copy versions")
        self.copy_button.setToolTip("Copy program, system and library versions, for a report")
        self.table = _table()
        self.view = LicenceView(workspace.theme)
        self.replaceable = LinkedLabel(_REPLACEABLE.format(folder=escape(breakable(str(package_folder())))))
        self.replaceable.setAccessibleName("Libraries under the LGPL, and where their source can be had")
        self._lay_out()
        self.paper_button.clicked.connect(_open_paper)
        self.copy_button.clicked.connect(self.copy)
        self.table.setFocus()
        self.table.itemSelectionChanged.connect(self._read_text)
        self.finished.connect(self._forget_jobs)
        self.setMinimumSize(680, 440)
        room = self.screen().availableSize()
        self.resize(min(_WIDTH, room.width() - 40), min(_HEIGHT, room.height() - 80))
        workspace.jobs.start("Reading licences", _read, self._fill, topic=_TOPIC)

    def copy(self) -> None:
        """Put all versions on the clipboard."""
        lines = [versions_text()]
        for component in self._components:
            words = (component.name, component.version, component.licence)
            lines.append("  ".join(word for word in words if word))
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
        self.copy_button.setText("Copied")

    # -- building

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(16)
        parts.addWidget(self._made_of())
        parts.addWidget(self.view)
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 3)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 14)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addWidget(parts, 1)
        column.addWidget(self.replaceable)
        column.addWidget(buttons)
        # Return in the search field leads on; it closes nothing.
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)

    def _head(self) -> QHBoxLayout:
        name = QLabel("Distillation Workbench")
        name.setFont(strong(name.font(), 1.5))
        version = QLabel(f"Version {workbench.__version__}, free software under the MIT licence")
        version.setProperty("role", "muted")
        version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        paper = wrapped_label(_PAPER_WORDS)
        paper.setProperty("role", "muted")
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(72, 72))
        picture.setAccessibleName("Icon of Distillation Workbench")
        science = QHBoxLayout()
        science.addWidget(paper, 1)
        science.addWidget(self.paper_button)
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (name, version, wrapped_label(_SENTENCE)):
            words.addWidget(label)
        words.addLayout(science)
        head = QHBoxLayout()
        head.setSpacing(18)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def _made_of(self) -> QWidget:
        holder, label = QWidget(), QLabel("&Made of")
        label.setFont(strong(label.font()))
        label.setBuddy(self.table)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label)
        column.addWidget(self.table, 1)
        return holder

    # -- what it is made of

    def _fill(self, found: tuple[Component, ...]) -> None:
        self._components = found
        self.table.setRowCount(len(found))
        for row, component in enumerate(found):
            for column, text in enumerate((component.name, component.version, component.licence)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                self.table.setItem(row, column, cell)
        for column, widest in enumerate(_WIDEST):
            self.table.resizeColumnToContents(column)
            self.table.setColumnWidth(column, min(self.table.columnWidth(column), widest))
        self.table.selectRow(0)

    def _read_text(self) -> None:
        row = self.table.currentRow()
        if not 0 <= row < len(self._components):
            return
        component = self._components[row]
        self.view.begin(f"{component.name} {component.version}".strip(), component.licence)

        def work(_: Job[str]) -> str:
            return licence_text(component)

        # Whoever walks through the rows wants the last one's.
        self._workspace.jobs.start("Reading a licence", work, self.view.show_text, topic=_TEXT_TOPIC)

    def _forget_jobs(self) -> None:
        for topic in (_TOPIC, _TEXT_TOPIC):
            self._workspace.jobs.cancel(topic)


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
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    table.setWordWrap(False)
    table.setMinimumWidth(_TABLE_WIDTH)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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
    open_outside(PAPER)

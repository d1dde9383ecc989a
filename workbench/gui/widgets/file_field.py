"""The name of a file: typed, chosen in a dialog that blocks nothing, or dropped."""

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QToolButton

from workbench.gui.widgets.field import LineField
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.naming import as_tooltip, in_words
from workbench.recipe.drafts import Location


class FileField(LineField):
    """A file name, kept relative to the document's folder where the file lies inside it."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        self._name = in_words(str(location[-1]))
        self.line.names_file = True
        # The line would take a dropped file as its address; the field takes it as a file.
        self.line.setAcceptDrops(False)
        self.setAcceptDrops(True)
        self.line.setPlaceholderText("choose a file")
        self.browse = QToolButton()
        self.browse.setToolTip("Choose a file")
        self.browse.setAccessibleName(f"Choose a file: {self._name}")
        self.browse.clicked.connect(self._browse)
        self.row.addWidget(self.browse)
        context.theme.changed.connect(self._colour)
        self._colour()

    def display(self, value: Any) -> None:
        """As `Field.display`; the whole name is in the tooltip, since there is seldom room for it."""
        super().display(value)
        self.line.setToolTip(as_tooltip(str(value), self.info.description or ""))

    def choose(self, name: str) -> None:
        """A person chose this file."""
        path, folder = Path(name), self.context.document.folder
        inside = path.is_relative_to(folder)
        self.write(path.relative_to(folder).as_posix() if inside else str(path))
        self.settle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file, and nothing else."""
        if _file_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Name the file that was dropped."""
        name = _file_in(event.mimeData())
        if name:
            event.acceptProposedAction()
            self.choose(name)

    def _browse(self) -> None:
        folder = self.context.document.folder
        dialog = QFileDialog(self, f"Choose a file: {self._name}", str((folder / self.line.text()).parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def _colour(self) -> None:
        self.browse.setIcon(self.context.theme.icon("folder", "muted"))


def _file_in(data: QMimeData) -> str:
    """The first file in what is dragged, empty where there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")

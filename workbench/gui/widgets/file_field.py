"""The name of a file or folder: typed, chosen in a dialog that blocks nothing, or dropped."""

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton

from workbench.gui.widgets.field import LineField
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.naming import as_tooltip, in_words
from workbench.recipe.drafts import Location

# Models and tokenizers come as one file or as a folder of several, and no dialog lets both be chosen.
_EITHER = ("checkpoint", "config", "tokenizer")
_FILE, _FOLDER = "file", "folder"


class FileField(LineField):
    """A file name, kept relative to the document's folder where the file lies inside it."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        self._name = in_words(str(location[-1]))
        self.line.names_file = True
        # The line would take a dropped file as its address; the field takes it as a file.
        self.line.setAcceptDrops(False)
        self.setAcceptDrops(True)
        last = str(location[-1])
        self._kinds = (_FILE, _FOLDER) if last in _EITHER else (_FOLDER,) if _FOLDER in last else (_FILE,)
        words = f"choose a {' or '.join(self._kinds)}"
        self.line.setPlaceholderText(words)
        self.browse = QToolButton()
        self.browse.setToolTip(words.capitalize())
        self.browse.setAccessibleName(f"{words.capitalize()}: {self._name}")
        self.menu = self._menu() if len(self._kinds) > 1 else None
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

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for kind in self._kinds:
            action = QAction(f"Choose a {kind}…", menu)
            action.setData(kind)
            action.triggered.connect(self._chosen_kind)
            menu.addAction(action)
        return menu

    def _browse(self) -> None:
        if self.menu is not None:
            self.menu.popup(self.browse.mapToGlobal(self.browse.rect().bottomLeft()))
        else:
            self._ask(self._kinds[0])

    def _chosen_kind(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction), "only the menu tells"
        self._ask(str(action.data()))

    def _ask(self, kind: str) -> None:
        folder = self.context.document.folder
        dialog = QFileDialog(self, f"Choose a {kind}: {self._name}", str((folder / self.line.text()).parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_file = kind == _FILE
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile if is_file else QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def _colour(self) -> None:
        self.browse.setIcon(self.context.theme.icon("folder", "muted"))


def _file_in(data: QMimeData) -> str:
    """The first file in what is dragged, empty where there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")

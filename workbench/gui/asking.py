"""Questions that block nothing: a box over the window, and what happens when it is answered."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget


def ask(
    parent: QWidget, title: str, text: str, answers: tuple[tuple[str, Callable[[], None] | None], ...]
) -> QMessageBox:
    """Ask, and go on; the last answer is what Esc means.

    Args:
        parent: The window the question belongs to.
        title: What it is about.
        text: The question, with what follows from each answer.
        answers: Words of each button and what it does; None does nothing.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(text)
    box.setIcon(QMessageBox.Icon.Question)
    acts: dict[QPushButton, Callable[[], None] | None] = {}
    for place, (words, act) in enumerate(answers):
        role = QMessageBox.ButtonRole.RejectRole if place == len(answers) - 1 else QMessageBox.ButtonRole.AcceptRole
        button = box.addButton(words, role)
        acts[button] = act
        if place == 0:
            box.setDefaultButton(button)
        if place == len(answers) - 1:
            box.setEscapeButton(button)

    def answered(clicked: object) -> None:
        act = next((act for button, act in acts.items() if button is clicked), None)
        if act is not None:
            act()

    box.buttonClicked.connect(answered)
    box.open()
    return box


def choose(
    parent: QWidget,
    title: str,
    then: Callable[[Path], None],
    *,
    start: Path,
    filters: str = "",
    mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile,
    suffix: str = "",
) -> QFileDialog:
    """Let a person choose a file or a folder, and go on.

    Args:
        parent: The window it belongs to.
        title: What is chosen, and for what.
        then: Gets the path; not called when nothing was chosen.
        start: The folder, or the file name, to begin with.
        filters: Such as "Recipes (*.toml);;All files (*)".
        mode: AnyFile saves.
        suffix: Added to a name without one.
    """
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    if mode is QFileDialog.FileMode.AnyFile:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if filters:
        dialog.setNameFilter(filters)
    if suffix:
        dialog.setDefaultSuffix(suffix)
    if start.is_dir():
        dialog.setDirectory(str(start))
    else:
        dialog.setDirectory(str(start.parent))
        dialog.selectFile(start.name)

    def chosen(name: str) -> None:
        then(Path(name))

    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog

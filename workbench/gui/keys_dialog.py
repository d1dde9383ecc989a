"""Keys of endpoints: stored in the system's keyring or deleted from it; a stored key is never shown again."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.errors import WorkbenchError
from workbench.gui.theme import mark, small
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.gui.workspace import Workspace
from workbench.session.endpoint_keys import KeyPlace, forget_key, keep_key, look_for_key
from workbench.session.jobs import Job
from workbench.session.text_seats import endpoint_of

_WIDTH, _TOPIC = 520, "endpoint keys"
_ABOUT = (
    "A recipe names the key of an endpoint, and never holds it. The program looks for an environment variable of that "
    "name first, then in the system's keyring. A key goes only to an address that you have agreed to send it to."
)
_NO_KEYRING = "This system offers no keyring to this program, so nothing can be stored here."
_NO_NAME = "Write the name that the recipe gives to the key."


class KeysDialog(QDialog):
    """A window beside the main one; nothing waits for it, and the keyring is asked on a thread of its own."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._place: KeyPlace | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys of endpoints")
        self.name_field = QLineEdit(_name_in(workspace))
        self.name_field.setPlaceholderText("OPENAI_API_KEY")
        self.name_field.setAccessibleName("Name of the key")
        self.key_field = QLineEdit()
        self.key_field.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_field.setAccessibleName("The key")
        self.key_field.setToolTip("It goes to the keyring and is forgotten here.")
        self.store_button = QPushButton("Store in the keyring")
        self.store_button.setProperty("primary", "true")
        self.delete_button = QPushButton("Delete from the keyring")
        self.words = wrapped_label()
        self._lay_out()
        self.name_field.textChanged.connect(self._offer)
        # Not at every letter: a locked keyring may ask a person each time.
        self.name_field.editingFinished.connect(self._look)
        self.key_field.textChanged.connect(self._offer)
        self.store_button.clicked.connect(self._store)
        self.delete_button.clicked.connect(self._delete)
        self.finished.connect(lambda: workspace.jobs.cancel(_TOPIC))
        self._look()

    @property
    def _name(self) -> str:
        return self.name_field.text().strip()

    def _lay_out(self) -> None:
        sheet = Sheet()
        sheet.add_heading("Keys of endpoints")
        sheet.add_row("", _muted(_ABOUT))
        sheet.add_row("&Name", self.name_field)
        sheet.add_row("&Key", self.key_field)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        actions.addWidget(self.store_button)
        actions.addWidget(self.delete_button)
        actions.addStretch(1)
        sheet.add_row("", actions)
        sheet.add_row("", self.words)
        sheet.end()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.setContentsMargins(24, 0, 24, 14)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(sheet, 1)
        column.addWidget(buttons)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        # Room for the longest answer, so that nothing moves.
        self.resize(_WIDTH, sheet.size_for(_WIDTH).height() + buttons.sizeHint().height() + 60)

    # -- what is known

    def _look(self) -> None:
        name = self._name
        if self._place is not None and self._place.name == name:
            return

        def work(_: Job[KeyPlace]) -> KeyPlace:
            return look_for_key(name)

        self._workspace.jobs.start("Looking for a key", work, self._show, self._show_trouble, topic=_TOPIC)

    def _show(self, place: KeyPlace) -> None:
        self._place = place
        self._say(_in_words(place), "warning" if place.trouble or not place.keyring else "muted")
        self._offer()

    def _show_trouble(self, error: WorkbenchError) -> None:
        self._say(f"{error.title} {error.hint}".strip(), "bad")
        self._offer()

    def _say(self, words: str, role: str) -> None:
        self.words.setText(breakable(words))
        mark(self.words, "role", role)

    def _offer(self) -> None:
        place = self._place
        has_keyring = place is not None and bool(place.keyring)
        self.store_button.setEnabled(has_keyring and bool(self._name and self.key_field.text()))
        self.delete_button.setEnabled(place is not None and place.in_keyring and place.name == self._name)

    # -- what a person does

    def _store(self) -> None:
        name, key = self._name, self.key_field.text().strip()
        self.key_field.clear()

        def work(_: Job[KeyPlace]) -> KeyPlace:
            keep_key(name, key)
            return look_for_key(name)

        self._change(f"Storing {name}", work)

    def _delete(self) -> None:
        name = self._name

        def work(_: Job[KeyPlace]) -> KeyPlace:
            forget_key(name)
            return look_for_key(name)

        self._change(f"Deleting {name}", work)

    def _change(self, words: str, work: Callable[[Job[KeyPlace]], KeyPlace]) -> None:
        def done(place: KeyPlace) -> None:
            if shiboken6.isValid(self):
                self._show(place)

        def failed(error: WorkbenchError) -> None:
            if shiboken6.isValid(self):
                self._show_trouble(error)
            else:
                self._workspace.failed.emit(error)

        self._workspace.jobs.cancel(_TOPIC)
        self._workspace.jobs.start(words, work, done, failed, must_end=True)


def _name_in(workspace: Workspace) -> str:
    """The name that the open recipe gives to its key."""
    recipe = workspace.document.recipe
    endpoint = None if recipe is None else endpoint_of(recipe)
    return "" if endpoint is None else endpoint.key


def _in_words(place: KeyPlace) -> str:
    if place.trouble:
        return f"{place.keyring} cannot be looked into: {place.trouble}."
    name = place.name
    if not name:
        return _NO_NAME if place.keyring else _NO_KEYRING
    if place.in_environment:
        also = " The keyring has one too, which is not used." if place.in_keyring else ""
        return f"{name} is set in the environment.{also}"
    if place.in_keyring:
        return f"{name} is stored in {place.keyring}."
    if not place.keyring:
        return f"{_NO_KEYRING} Set the environment variable {name} before the program starts."
    return f"There is no {name} yet, neither in the environment nor in {place.keyring}."


def _muted(text: str) -> QLabel:
    label = wrapped_label(text)
    label.setFont(small(label.font()))
    label.setProperty("role", "muted")
    return label

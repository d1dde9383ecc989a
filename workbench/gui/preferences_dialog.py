"""Preferences: theme, runs folder, threads, updates, the runtime; every change counts at once."""

from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.errors import WorkbenchError
from workbench.gui.asking import choose
from workbench.gui.keys_dialog import KeysDialog
from workbench.gui.runtime_section import RuntimeSection
from workbench.gui.theme import mark, small
from workbench.gui.updates_section import UpdatesSection
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.sheet import Sheet, at_left
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.gui.workspace import Workspace
from workbench.recipe.section import bounds_of
from workbench.session.jobs import Job
from workbench.session.places import default_runs_folder
from workbench.session.preferences import Preferences, change_preferences, read_preferences
from workbench.session.runtime import processors

_WIDTH, _SMALLEST = 620, 500
_TOPIC = "preferences read"
_THREADS = Preferences.model_fields["threads"]
_STAY = (
    "New runs go there. Runs made earlier stay in their folder, unharmed; they are listed again when you go back to it."
)
_BITS = (
    f"{_THREADS.description} Counts from the next run on. The last bits of a student may depend on the number: "
    "compare runs bit for bit at the same one."
)


class PreferencesDialog(QDialog):
    """A window beside the main one; nothing waits for it.

    Signals:
        arrangement_reset: All panels are to go back to their places.
        threads_kept: How many threads are preferred from now on.

    Attributes:
        runtime: What the program runs on, and what to do about it.
        updates: Whether to look for new versions.
    """

    arrangement_reset = Signal()
    threads_kept = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._kept = Preferences()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Preferences")
        self.theme_field = Segments("Theme", {"system": "System", "light": "Light", "dark": "Dark"})
        self.reset_button = QPushButton("Reset arrangement")
        self.reset_button.setToolTip("Put all panels back in their places.")
        self.folder_field = QLineEdit()
        self.browse_button = QPushButton("Browse…")
        self.default_button = QPushButton("Default")
        self.threads_field = QSpinBox()
        self.folder_words, self.threads_words = _words(_STAY), _words(_BITS)
        self.keys_button = QPushButton("Keys of endpoints…")
        self.updates = UpdatesSection(workspace, self._keep_quietly, self)
        self.runtime = RuntimeSection(workspace, self)
        self._prepare_folder()
        self._prepare_threads()
        self._lay_out()
        self._connect()
        self._show_theme()
        self.theme_field.button(self.theme_field.value).setFocus()
        workspace.jobs.start("Reading preferences", _read, self._show_kept, topic=_TOPIC)

    def show_runtime(self) -> None:
        """Scroll to what the program runs on."""
        self._sheet.ensureWidgetVisible(self.runtime.log_button)
        self._sheet.ensureWidgetVisible(self.runtime.facts["Training"])

    # -- building

    def _prepare_folder(self) -> None:
        default = str(default_runs_folder())
        self.folder_field.setPlaceholderText(default)
        self.folder_field.setAccessibleName("Folder of all runs")
        self.folder_field.setToolTip("Empty means the default, shown in grey.")
        self.browse_button.setAccessibleName("Browse for the folder of all runs")
        self.default_button.setAccessibleName("Use the default folder for runs")
        self.default_button.setToolTip(f"Use {default}")
        self.folder_field.setEnabled(False)

    def _prepare_threads(self) -> None:
        bounds = bounds_of(_THREADS)
        self.threads_field.setRange(int(bounds["ge"]), int(bounds["le"]))
        self.threads_field.setSpecialValueText("PyTorch chooses")
        # A number is kept once it is whole, not at every digit.
        self.threads_field.setKeyboardTracking(False)
        self.threads_field.setMinimumWidth(150)
        self.threads_field.lineEdit().setTextMargins(5, 0, 0, 0)
        self.threads_field.setAccessibleName("Threads for training")
        self.threads_field.setToolTip(_THREADS.description or "")
        self.threads_field.setEnabled(False)

    def _lay_out(self) -> None:
        self._sheet = sheet = Sheet()
        sheet.add_heading("Appearance")
        sheet.add_row("&Theme", at_left(self.theme_field), self.theme_field.button("system"))
        sheet.add_row("Panels", at_left(self.reset_button))
        sheet.add_heading("Runs")
        folder = QHBoxLayout()
        folder.setSpacing(8)
        for widget in (self.folder_field, self.browse_button, self.default_button):
            folder.addWidget(widget)
        sheet.add_row("&Folder", folder, self.folder_field)
        sheet.add_row("", self.folder_words)
        sheet.add_heading("Training")
        sheet.add_row("T&hreads", at_left(self.threads_field), self.threads_field)
        sheet.add_row("", self.threads_words)
        sheet.add_row("Keys", at_left(self.keys_button))
        self.updates.add_to(sheet)
        self.runtime.add_to(sheet)
        sheet.end()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.setContentsMargins(24, 0, 24, 14)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(sheet, 1)
        column.addWidget(buttons)
        # Return ends the typing of a folder; it presses nothing.
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.setMinimumWidth(_SMALLEST)
        room = self.screen().availableSize()
        needed = sheet.size_for(_WIDTH).height() + buttons.sizeHint().height() + 24
        self.resize(min(_WIDTH, room.width() - 40), min(needed, room.height() - 80))

    def _connect(self) -> None:
        self.theme_field.chosen.connect(self._take_theme)
        self._workspace.theme.changed.connect(self._show_theme)
        self.reset_button.clicked.connect(self.arrangement_reset)
        self.folder_field.editingFinished.connect(self._keep_folder)
        self.browse_button.clicked.connect(self.browse)
        self.default_button.clicked.connect(self._take_default)
        self.threads_field.valueChanged.connect(self._keep_threads)
        self.keys_button.clicked.connect(lambda: KeysDialog(self._workspace, self).open())
        for forget in (self._forget_job, self.updates.forget, self.runtime.forget):
            self.finished.connect(forget)

    # -- theme

    def _take_theme(self, mode: str) -> None:
        theme = self._workspace.theme
        if mode != theme.mode:
            theme.mode = mode
            self._workspace.settings.theme = mode

    def _show_theme(self) -> None:
        # It can be chosen in the View menu too.
        self.theme_field.value = self._workspace.theme.mode

    # -- what is kept

    def browse(self) -> None:
        """Choose the folder of all runs."""
        start = Path(self.folder_field.text() or default_runs_folder())
        choose(self, "Folder of all runs", self._take_folder, start=start, mode=QFileDialog.FileMode.Directory)

    def _take_folder(self, path: Path) -> None:
        self.folder_field.setText(str(path))
        self._keep_folder()

    def _take_default(self) -> None:
        self.folder_field.clear()
        self._keep_folder()

    def _show_kept(self, kept: Preferences) -> None:
        self._kept = kept
        self.folder_field.setText(kept.runs_folder)
        self.threads_field.blockSignals(True)
        self.threads_field.setValue(kept.threads)
        self.threads_field.blockSignals(False)
        self.folder_field.setEnabled(True)
        self.threads_field.setEnabled(True)
        self._say_of_threads()
        self.updates.show_kept(kept)

    def _keep_folder(self) -> None:
        text = self.folder_field.text().strip()
        if text == self._kept.runs_folder:
            self._say_of_folder(_STAY)
            return
        before = self._kept.runs_folder or str(default_runs_folder())

        def done(kept: Preferences) -> None:
            self._workspace.runs_changed.emit()
            if shiboken6.isValid(self):
                self._kept = kept
                now = kept.runs_folder or str(default_runs_folder())
                self._say_of_folder(f"Kept: new runs go to {now}. Earlier runs stay in {before}, unharmed.")

        def failed(error: WorkbenchError) -> None:
            if shiboken6.isValid(self):
                self._say_of_folder(f"{error.title} {error.hint}", is_bad=True)
            else:
                self._workspace.failed.emit(error)

        self._keep("runs_folder", text, done, failed)

    def _keep_threads(self, count: int) -> None:
        self._say_of_threads()
        self._keep_quietly("threads", count)
        self.threads_kept.emit(count)

    def _keep_quietly(self, name: str, value: object) -> None:
        """Nothing is said where it is kept, as a tick or a number says it already."""

        def done(kept: Preferences) -> None:
            if shiboken6.isValid(self):
                self._kept = kept

        self._keep(name, value, done, self._workspace.failed.emit)

    def _keep(
        self,
        name: str,
        value: object,
        done: Callable[[Preferences], None],
        failed: Callable[[WorkbenchError], None],
    ) -> None:
        def work(job: Job[Preferences]) -> Preferences:
            return change_preferences({name: value}, lambda: job.say(""))

        # Of several values of one field only the newest is kept.
        start = self._workspace.jobs.start
        start("Keeping preferences", work, done, failed, topic=f"preferences {name}", must_end=True)

    def _say_of_folder(self, words: str, *, is_bad: bool = False) -> None:
        self.folder_words.setText(breakable(words))
        mark(self.folder_words, "role", "bad" if is_bad else "muted")
        mark(self.folder_field, "invalid", is_bad)

    def _say_of_threads(self) -> None:
        count, there = self.threads_field.value(), processors()
        slow = f"This computer has {there}; more threads than that make it slower.\n" if count > there else ""
        self.threads_words.setText(f"{slow}{_BITS}")
        mark(self.threads_words, "role", "warning" if slow else "muted")

    def _forget_job(self) -> None:
        self._workspace.jobs.cancel(_TOPIC)


def _read(_: Job[Preferences]) -> Preferences:
    return read_preferences()


def _words(text: str) -> QLabel:
    label = wrapped_label(text)
    label.setFont(small(label.font()))
    label.setProperty("role", "muted")
    return label

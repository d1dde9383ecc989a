"""The data panel: what the recipe's data holds, read as its models read it, before anything is trained on it."""

import json
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.gui.panel import Panel, Place
from workbench.gui.widgets.conversation_view import ConversationView
from workbench.gui.widgets.data_facts import reader_in
from workbench.gui.widgets.data_view import DataView
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.recipe.data import Data
from workbench.recipe.drafts import checked_section
from workbench.session.conversation_card import ConversationCard
from workbench.session.data_card import DataCard, data_card
from workbench.session.jobs import Job

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_TOPIC = "data card"
_PATIENCE_MS = 400
_EMPTY = "Choose data in the recipe, or drop a folder or a file on the window, to see here what is in it."
_MOST_WIDTH = 460


class DataPanel(Panel):
    """Reads only while it can be seen, and only what has changed."""

    name: ClassVar[str] = "data"
    title: ClassVar[str] = "Data"
    place: ClassVar[Place] = Place.MAIN

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._asked: Any = None
        self._job: Job[DataCard | ConversationCard] | None = None
        self._consent: ConsentNeededError | None = None
        self.view, self.conversations = DataView(workspace.theme), ConversationView(workspace.theme)
        self.words, self.bar = wrapped_label(_EMPTY), QProgressBar()
        self.button = QPushButton()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._waiting_page())
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.conversations)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(self._pages)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._read)
        self.button.clicked.connect(self._pressed)
        workspace.document.edited.connect(self.mark_stale)
        workspace.consenting.agreed.connect(self._read_again)
        workspace.jobs.changed.connect(self._tell_progress)
        self._say(_EMPTY)

    def refresh(self) -> None:
        """Read what the recipe names now, unless it is what was read."""
        asked = self._request()
        if asked == self._asked:
            return
        self._asked = asked
        self._stop()
        if asked is None:
            self._say(_EMPTY)
        else:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees is not waited for."""
        super().hideEvent(event)
        if self._job is not None or self._timer.isActive():
            self._stop()
            self._asked = None

    # -- reading

    def _request(self) -> Any:
        document = self.workspace.document
        data = checked_section(Data, document.value(("data",)))
        if data is None:
            return None
        reader = reader_in(document) if data.follows_models else None
        told = reader.model_dump_json() if reader is not None else ""
        return json.dumps(data.model_dump(mode="json")), told, document.folder

    def _read(self) -> None:
        document = self.workspace.document
        data, reader, folder = checked_section(Data, document.value(("data",))), reader_in(document), document.folder
        if data is None:
            return
        self._say("Reading the data…", button="Cancel", is_busy=True)
        self._job = self.workspace.jobs.start(
            "Looking at the data", lambda job: data_card(data, folder, reader, job), self._take, self._refuse,
            topic=_TOPIC,
        )  # fmt: skip

    def _read_again(self) -> None:
        self._asked = None
        self.mark_stale()

    def _take(self, card: DataCard | ConversationCard) -> None:
        self._job = None
        # Words that nobody sees now must not keep the panel wide.
        self.words.setMinimumWidth(1)
        if isinstance(card, ConversationCard):
            self.conversations.show_card(card)
            self._pages.setCurrentWidget(self.conversations)
        else:
            self.view.show_card(card)
            self._pages.setCurrentWidget(self.view)

    def _refuse(self, error: WorkbenchError) -> None:
        self._job = None
        self._consent = error if isinstance(error, ConsentNeededError) else None
        words = "\n\n".join(part for part in (error.title, error.hint) if part)
        self._say(words, button="Look at it…" if self._consent else "Try again")

    def _stop(self) -> None:
        self._timer.stop()
        self._job = None
        self.workspace.jobs.cancel(_TOPIC)

    def _pressed(self) -> None:
        if self._job is not None:
            self._stop()
            self._say("The data was not read to its end.", button="Read it")
        elif self._consent is not None:
            error = self._consent
            self.workspace.consenting.ask_for(error, self)
        else:
            self._read()

    # -- what is said meanwhile

    def _waiting_page(self) -> QWidget:
        page = QWidget()
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setProperty("role", "muted")
        self.words.setMaximumWidth(_MOST_WIDTH)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar.setProperty("slim", "true")
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(240, 6)
        self.bar.setAccessibleName("How much of the data is read")
        column = QVBoxLayout(page)
        column.setSpacing(12)
        column.addStretch(1)
        for widget in (self.words, self.bar, self.button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _say(self, words: str, *, button: str = "", is_busy: bool = False) -> None:
        if not is_busy and button != "Look at it…":
            self._consent = None
        self.words.setMinimumWidth(min(_MOST_WIDTH, max(self.width() - 40, 200)))
        self.words.setText(breakable(words))
        # In the middle of a page it is not asked how high it must be for its width.
        self.words.setMinimumHeight(self.words.heightForWidth(self.words.minimumWidth()))
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.bar.setVisible(is_busy)
        self.bar.setRange(0, 0)
        self._pages.setCurrentIndex(0)

    def _tell_progress(self) -> None:
        if self._job is None or self._job.is_cancelled:
            return
        progress = self._job.progress
        if progress.words and progress.words != self.words.text():
            self.words.setText(progress.words)
        if progress.share is not None:
            self.bar.setRange(0, 100)
            self.bar.setValue(round(100 * progress.share))

"""The playground of language models: all models of a run answer the same words side by side."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.text_conversation import TextConversation
from workbench.gui.widgets.chat_view import ChatView
from workbench.recipe.data import Conversations
from workbench.session.starters import Starter

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_LOOKING = "Looking for the models…"
_NOBODY = "Nobody is chosen to answer: choose a model above."


class ChatPlayground(QWidget):
    """Columns of models over a field to write in.

    Signals:
        changed: There is something new to draw.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.talk = TextConversation(workspace, self)
        self.view = ChatView(workspace.theme)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.view)
        self.talk.changed.connect(self.changed)
        self.view.chosen.connect(self.changed)
        self.view.renewed.connect(self._renew)
        self.view.copied.connect(self._tell_copied)
        self.view.prompt.asked.connect(self.ask)
        self.view.prompt.stopped.connect(self.talk.stop)
        self.view.prompt.picked.connect(self._pick)

    def refresh(self) -> None:
        """Show the newest words; whoever can be asked is looked for when the chat is first seen."""
        if not self.talk.is_open:
            self._open()
        talk, view = self.talk, self.view
        view.show_seats(talk.briefing.seats)
        view.prompt.show_starters(talk.starters, talk.trouble)
        view.prompt.show_state(may_ask=bool(view.asked), is_writing=talk.is_writing)
        view.new_button.setEnabled(bool(talk.rounds or talk.opening))
        if not talk.briefing.is_ready:
            view.show_hint(_LOOKING)
        elif not view.asked:
            view.show_hint(talk.briefing.trouble or _NOBODY)
        else:
            view.show_rounds(talk.opening, talk.rounds)

    def ask(self) -> None:
        """Ask what is written in the field."""
        self.talk.system = self.view.settings.instruction
        self.talk.ask(self.view.prompt.words, self.view.asked, self.view.settings.manner)
        self.view.prompt.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends the writing."""
        if event.key() == Qt.Key.Key_Escape and self.talk.is_writing:
            self.talk.stop()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.talk.open()
        watched = self.workspace.watched
        assert watched is not None, "it is seen with a run only"
        data = watched.recipe.data if watched.recipe is not None else None
        assert isinstance(data, Conversations), "its models write"
        self.view.settings.system.setPlainText(self.talk.system)
        self.view.settings.tokens.setValue(data.new_tokens)
        self.view.prompt.clear()
        self.view.prompt.show_known("")

    def _renew(self) -> None:
        self.talk.begin()
        self.view.prompt.show_known("")

    def _pick(self, starter: Starter) -> None:
        if starter.system and not self.view.settings.instruction:
            self.view.settings.system.setPlainText(starter.system)
        self.talk.begin(starter.opening)

    def _tell_copied(self, title: str) -> None:
        self.workspace.noticed.emit("ok", f"The answer of {title} is in the clipboard.")

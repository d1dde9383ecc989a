"""The playground: whoever a run is about answers what a person draws, drops, chooses or writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout

from workbench.gui.chat_playground import ChatPlayground
from workbench.gui.classifier_playground import ClassifierPlayground
from workbench.gui.panel import Panel, Place

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace


class PlaygroundPanel(Panel):
    """One part for classifiers and one for language models; the run on the screen decides.

    Attributes:
        classes: The part for classifiers.
        chat: The part for language models.
        view, talk: What is seen of the first, and who answers there.
    """

    name = "playground"
    title = "Playground"
    place = Place.LOWER

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self.classes = ClassifierPlayground(workspace)
        self.view, self.talk = self.classes.view, self.classes.talk
        self.chat = ChatPlayground(workspace)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        for part in (self.classes, self.chat):
            whole.addWidget(part)
            part.changed.connect(self.mark_stale)
        self.chat.hide()

    def refresh(self) -> None:
        """Draw the part of the run on the screen; its models are loaded when it is first seen, or asked."""
        watched = self.workspace.watched
        writes_text = watched is not None and watched.writes_text
        part, other = (self.chat, self.classes) if writes_text else (self.classes, self.chat)
        # The hidden one takes no room: neither needs as much as both.
        other.hide()
        part.show()
        part.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The models are let go; they come back when the panel does."""
        self.talk.close()
        self.chat.talk.close()
        super().closeEvent(event)

    def open_file(self, path: Path) -> None:
        """Ask about a picture file; one that cannot be read ends in words, and so does one that no model takes."""
        if self.chat.isVisible():
            words = f"The models of this run read text, so {path.name} is not asked about."
            self.workspace.noticed.emit("warning", words)
            return
        self.classes.open_file(path)

"""What a checkpoint still needs before it can be used, as a box in its card: a person's consent, or an architecture."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout

from workbench.gui.theme import Theme, pixmap, small, strong
from workbench.gui.widgets.naming import as_tooltip, first_sentence, in_words
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.recipe.models import ARCHITECTURES, CausalLm, TeacherLayers

_ICON = 16
_SHOWN_DIGITS = 12


class NeedsBox(QFrame):
    """A heading, a few words, and what can be done.

    Signals:
        look_wanted: A person wants to look at the file that can run code.
        architecture_chosen: The kind of architecture to pour the weights into.
        trial_wanted: A person wants every known architecture that fits to be tried.

    Attributes:
        look: The button that leads to the question of consent.
        choose: The button with the menu of architectures.
        attempt: The button that tries what fits.
    """

    look_wanted = Signal()
    architecture_chosen = Signal(str)
    trial_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("card", "accent")
        self._picture, self._title = QLabel(), QLabel()
        self._title.setFont(strong(self.font()))
        self._title.setWordWrap(True)
        self._words = wrapped_label()
        self._words.setFont(small(self.font()))
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.look = QPushButton("Look at it…")
        self.look.setToolTip("See what it is and what stands in it, then decide whether you trust it")
        self.choose, self.attempt = QPushButton("Name it"), QPushButton("Try what fits")
        self.attempt.setToolTip(
            "Compare the shapes with those of known architectures, and try those that fit on the data"
        )
        self._dress_choice()
        self._lay_out()
        self.look.clicked.connect(self.look_wanted)
        self.attempt.clicked.connect(self.trial_wanted)
        theme.changed.connect(self._paint)
        self._paint()
        self.hide()

    def ask_consent(self, name: str, digest: str, reasons: str) -> None:
        """Say that a file can run code, and why."""
        digits = digest.partition(":")[2]
        lines = [f"{name} is not opened until you trust it.", reasons]
        if digits:
            lines.append(f"SHA-256 {digits[:_SHOWN_DIGITS]}…")
        self._tell("This file can run code", "\n".join(line for line in lines if line))
        self._offer(self.look)
        self.look.setAccessibleName(f"Look at {name}")

    def ask_architecture(self, words: str) -> None:
        """Say that it is not known what the weights belong to."""
        self._tell("What are these weights of?", words)
        self._offer(self.choose, self.attempt)

    def _tell(self, title: str, words: str) -> None:
        self._title.setText(title)
        self._words.setText(breakable(words))
        self._words.setVisible(bool(words))
        self.setAccessibleName(f"{title}. {words}")
        self.show()

    def _offer(self, *buttons: QPushButton) -> None:
        for button in (self.look, self.choose, self.attempt):
            button.setVisible(button in buttons)

    def _dress_choice(self) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for kind in ARCHITECTURES:
            if kind in (TeacherLayers, CausalLm):
                continue
            word = str(kind.model_fields["kind"].default)
            action = QAction(in_words(word), menu)
            action.setData(word)
            action.setToolTip(as_tooltip(first_sentence(kind.__doc__)))
            action.triggered.connect(self._chosen)
            menu.addAction(action)
        self.choose.setAccessibleName("Name the architecture")
        self.choose.setToolTip("Say which architecture the weights belong to")
        self.choose.setMenu(menu)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.look, self.choose, self.attempt):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._words)
        layout.addLayout(row)

    def _chosen(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction), "only the menu tells"
        self.architecture_chosen.emit(str(action.data()))

    def _paint(self) -> None:
        self._picture.setPixmap(pixmap("warning", self._theme.colour("warning"), _ICON))
        self._picture.setFixedSize(QSize(_ICON, _ICON + 2))

"""Conversations on one page: how many, what is odd about them, how long they are, and a few to read."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.theme import Theme, strong
from workbench.gui.widgets.data_about import DataAbout
from workbench.gui.widgets.data_facts import share_in_words
from workbench.gui.widgets.fitted_area import FittedArea
from workbench.gui.widgets.form_part import put_visible
from workbench.gui.widgets.length_chart import LengthChart
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.spoken_samples import SpokenSamples
from workbench.session.conversation_card import ConversationCard
from workbench.wording import counted

_WIDE = 720
_MOST_ABOUT = 320
_ABOUT, _LENGTHS, _SAMPLES = "about", "lengths", "samples"
_WORDS = {_ABOUT: "About", _LENGTHS: "Lengths", _SAMPLES: "Samples"}
_FACTS = ("training", "held out", "responses", "known answers", "messages", "length", "repeated", "overlap")
_TIPS = {
    "responses": "Examples with something to be learnt as it stands; the others wait for what a teacher says",
    "known answers": "Examples whose right answer is known, so that what is written can be judged",
    "length": "All that is said in one example; how many tokens that are, the model's tokenizer decides",
    "repeated": "Training examples that only repeat an earlier one, word for word",
    "overlap": "Held-out prompts that are in the training data too: what is learnt by heart is judged by them",
}


class ConversationView(QWidget):
    """Side by side where there is room; else one part at a time.

    Attributes:
        title: What the data is.
        parts: Which part is shown.
        about: Facts, and what a person should know.
        lengths: Of prompts and responses.
        samples: A few to read.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._is_wide = False
        self.title = QLabel()
        self.title.setFont(strong(self.font()))
        self.title.setWordWrap(True)
        self.parts = Segments("Shown", _WORDS)
        self.parts.chosen.connect(self._show_parts)
        self.about, self.lengths = DataAbout(theme, _FACTS, _TIPS), LengthChart(theme)
        self.samples = SpokenSamples(theme)
        self._about = FittedArea(self.about, _MOST_ABOUT)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(10)
        left.addWidget(self._about)
        left.addWidget(self.lengths, 1)
        # What takes the room left where the lengths are not shown.
        left.addStretch(0)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title, 1)
        head.addWidget(self.parts, 0, Qt.AlignmentFlag.AlignTop)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._left, 2)
        body.addWidget(self.samples, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(body, 1)
        self._show_parts()

    def show_card(self, card: ConversationCard) -> None:
        """Show other conversations."""
        self.title.setText(card.title)
        total = card.training + card.held_out
        longest = f"half of them up to {card.median:,} characters, the longest {card.longest:,}"
        words = {
            "training": f"{counted(card.training, 'example')}",
            "held out": f"{counted(card.held_out, 'example')}",
            "responses": "running text, all of it is learnt"
            if card.are_passages
            else share_in_words(card.responses, total),
            "known answers": share_in_words(card.answers, total),
            "messages": "–" if card.are_passages else f"at most {card.turns:,} in one example",
            "length": longest,
            "repeated": f"{card.repeated:,}" if card.repeated else "none",
            "overlap": f"{card.overlap:,} of {card.held_out:,}" if card.overlap else "none",
        }
        self.about.tell(words, card.notes)
        self.lengths.show_lengths(card.lengths, are_passages=card.are_passages)
        self.samples.show_samples(card.samples)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side or one by one."""
        super().resizeEvent(event)
        is_wide = self.width() >= _WIDE
        if is_wide is not self._is_wide:
            self._is_wide = is_wide
            self._show_parts()

    def _show_parts(self, _: str = "") -> None:
        chosen, is_wide = self.parts.value, self._is_wide
        put_visible(self.parts, not is_wide)
        put_visible(self._left, is_wide or chosen != _SAMPLES)
        put_visible(self._about, is_wide or chosen == _ABOUT)
        put_visible(self.lengths, is_wide or chosen == _LENGTHS)
        put_visible(self.samples, is_wide or chosen == _SAMPLES)

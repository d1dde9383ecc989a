"""What teacher, student and baseline answer, side by side, with the time each takes; or words on why they do not."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.telling import percent
from workbench.gui.theme import Theme, small, strong
from workbench.gui.widgets.answer_bars import AnswerBars, AnswerColumn
from workbench.gui.widgets.one_line import OneLine
from workbench.session.answering import Answer, Briefing, Saying

_TITLES = {"teacher": "Teacher", "student": "Student", "baseline": "Baseline"}


class AnswersView(QWidget):
    """A sentence, the bars, and what must be known of the models."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = OneLine()
        self.sentence.setFont(strong(self.sentence.font()))
        self.sentence.setAccessibleName("Answers in words")
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bars = AnswerBars(theme)
        self.note = OneLine()
        self.note.setFont(small(self.note.font()))
        self.note.setProperty("role", "muted")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hint)
        self._stack.addWidget(self.bars)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._stack, 1)
        column.addWidget(self.note)

    def show_hint(self, words: str) -> None:
        """Words in place of answers."""
        self.sentence.say("")
        if self.hint.text() != words:
            self.hint.setText(words)
        self._stack.setCurrentWidget(self.hint)

    def show_answer(self, answer: Answer, briefing: Briefing, label: int | None) -> None:
        """Show other answers.

        Args:
            answer: What was said.
            briefing: Of the models that said it.
            label: The true class, where it is known.
        """
        self.bars.show_columns([_column(saying) for saying in answer.sayings], briefing.classes, label)
        self.sentence.say(in_words(answer, briefing.classes))
        self._stack.setCurrentWidget(self.bars)

    def show_notes(self, briefing: Briefing, trouble: str) -> None:
        """What must be known of the models and the data: what went wrong first."""
        notes = [note for _, _, note in briefing.models if note]
        self.note.say(" ".join([*briefing.problems, trouble, *notes]).strip())
        self.note.setVisible(bool(self.note.text()))


def in_words(answer: Answer, classes: Sequence[str]) -> str:
    """Who answers what: "All say 7." or "Teacher 7 (99.2 %), student 1 (63.0 %)"."""
    tops = [(saying.who, max(range(len(classes)), key=saying.probabilities.__getitem__)) for saying in answer.sayings]
    answers = {top for _, top in tops}
    if len(answers) == 1 and len(tops) > 1:
        return f"{'Both' if len(tops) == 2 else 'All three'} say {classes[tops[0][1]]}."
    parts = []
    for saying, (who, top) in zip(answer.sayings, tops, strict=True):
        parts.append(f"{_TITLES[who]} says {classes[top]} ({percent(saying.probabilities[top])})")
    return ", ".join(parts[:1] + [part[0].lower() + part[1:] for part in parts[1:]]) + "."


def _column(saying: Saying) -> AnswerColumn:
    note = f"{saying.milliseconds:.2f} ms · {saying.through}"
    return AnswerColumn(_TITLES[saying.who], note, saying.who, saying.probabilities)

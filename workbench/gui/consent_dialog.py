"""Asks a person for a consent: what it is about, why it is needed, and two answers of which No comes first."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.errors import EndpointConsentNeededError
from workbench.gui.theme import Theme, pixmap, small, strong
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.session.trusting import CodeFile
from workbench.wording import counted

_WIDTH, _LEAST_WIDTH = 620, 420
_SOURCE_HEIGHT, _REASONS_HEIGHT = 260, 110
_DIGEST = "SHA-256"


@dataclass(frozen=True)
class ConsentQuestion:
    """What the dialog shows.

    Attributes:
        title: Of the window.
        heading: In one line.
        warning: What may come of it.
        facts: What it is about, by name.
        reasons: A title, and lines that are wrapped; the lines may be empty.
        source: A title, and lines that are not; the lines may be empty.
        advice: What to consider.
        yes, no: The words on the buttons.
        tip: What Yes does.
    """

    title: str
    heading: str
    warning: str
    facts: Mapping[str, str]
    advice: str
    yes: str
    no: str
    tip: str
    reasons: tuple[str, str] = ("", "")
    source: tuple[str, str] = ("", "")


def code_question(file: CodeFile) -> ConsentQuestion:
    """May this file run code?"""
    algorithm, _, digits = file.digest.partition(":")
    return ConsentQuestion(
        title="This file can run code",
        heading=f"{file.path.name} can run code",
        warning=(
            "Code in this file can do whatever you can do: read, change and delete your files, and send them "
            "elsewhere. This program cannot tell whether it is harmless."
        ),
        facts={
            "File": str(file.path),
            "Size": counted(file.bytes, "byte"),
            # In groups, as one compares them by eye.
            _DIGEST if algorithm == "sha256" else algorithm: " ".join(
                digits[start : start + 8] for start in range(0, len(digits), 8)
            ),
        },
        reasons=("Why it can", file.reasons),
        source=("What stands in it, its beginning" if file.is_cut else "What stands in it", file.source),
        advice=(
            "Trust it only if you know where it comes from, or have read it. Your answer holds for exactly this "
            "content: should the file change, you are asked again."
        ),
        yes="I trust this file",
        no="Do not use it",
        tip="Remember this content as one that may run code on this computer",
    )


def endpoint_question(error: EndpointConsentNeededError) -> ConsentQuestion:
    """May prompts, and a key, be sent to this endpoint?"""
    what = "a key and prompts" if error.key else "prompts"
    return ConsentQuestion(
        title="This recipe sends data to an endpoint",
        heading=f"Send {what} to {error.address}?",
        warning=error.title,
        facts={"Address": error.address, "Key": error.key or "none"},
        reasons=("What is sent", error.details),
        advice=(
            "Whoever runs the endpoint can read and keep all of it"
            + (", and use the key for whatever it opens. " if error.key else ". ")
            + "Your answer holds for this address and this name of a key, in every recipe: for another one you are "
            "asked again. No recipe can give it."
        ),
        yes="Send it",
        no="Send nothing",
        tip="Remember that this may be sent to this address from this computer",
    )


class ConsentDialog(QDialog):
    """One question.

    Signals:
        agreed: A person says yes.

    Attributes:
        trust: The button that agrees; never the one that Return presses.
        refuse: The other.
    """

    agreed = Signal()

    def __init__(self, question: ConsentQuestion, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(question.title)
        self.setMinimumWidth(_LEAST_WIDTH)
        self.trust, self.refuse = QPushButton(question.yes), QPushButton(question.no)
        picture = QLabel()
        picture.setPixmap(pixmap("warning", theme.colour("warning"), 28))
        heading = wrapped_label(question.heading)
        heading.setFont(strong(self.font(), 1.2))
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(heading, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(wrapped_label(question.warning))
        layout.addLayout(self._facts())
        if question.reasons[1]:
            layout.addLayout(self._text(*question.reasons, _REASONS_HEIGHT, is_wrapped=True))
        if question.source[1]:
            layout.addLayout(self._text(*question.source, _SOURCE_HEIGHT, is_wrapped=False), 1)
        layout.addWidget(wrapped_label(question.advice))
        layout.addLayout(self._buttons())
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
        self.refuse.setFocus()

    def _facts(self) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        for name, words in self._question.facts.items():
            title, fact = QLabel(name), wrapped_label(words)
            title.setProperty("role", "muted")
            fact.setAccessibleName(f"{name}: {words}")
            fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if name == _DIGEST:
                fact.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), 0.95))
            form.addRow(title, fact)
        return form

    def _text(self, title: str, text: str, height: int, *, is_wrapped: bool) -> QVBoxLayout:
        label, box = QLabel(title), QPlainTextEdit(text)
        label.setProperty("role", "muted")
        label.setBuddy(box)
        box.setReadOnly(True)
        box.setTabChangesFocus(True)
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        box.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)))
        box.setAccessibleName(title)
        if is_wrapped:
            box.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
            text += "\n"
        needed = (text.count("\n") + 1) * box.fontMetrics().lineSpacing() + 20
        box.setMinimumHeight(min(height, needed))
        box.setMaximumHeight(max(needed, box.minimumHeight()))
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(label)
        column.addWidget(box, 1)
        return column

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        for button, act in ((self.trust, self._agree), (self.refuse, self.reject)):
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)
        self.refuse.setDefault(True)
        self.refuse.setProperty("primary", "true")
        self.trust.setToolTip(self._question.tip)
        return row

    def _agree(self) -> None:
        self.agreed.emit()
        self.accept()

"""May this file run code? What it is, why it can, what stands in it, and two answers of which No comes first."""

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

from workbench.gui.theme import Theme, pixmap, small, strong
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.session.trusting import CodeFile
from workbench.wording import counted

_WIDTH, _LEAST_WIDTH = 620, 420
_SOURCE_HEIGHT, _REASONS_HEIGHT = 260, 110
_WARNING = (
    "Code in this file can do whatever you can do: read, change and delete your files, and send them elsewhere. "
    "This program cannot tell whether it is harmless."
)
_ADVICE = (
    "Trust it only if you know where it comes from, or have read it. Your answer holds for exactly this content: "
    "should the file change, you are asked again."
)


class ConsentDialog(QDialog):
    """One file.

    Signals:
        agreed: A person trusts the file: its CodeFile.

    Attributes:
        trust: The button that agrees; never the one that Return presses.
        refuse: The other.
    """

    agreed = Signal(object)

    def __init__(self, file: CodeFile, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("This file can run code")
        self.setMinimumWidth(_LEAST_WIDTH)
        self.trust, self.refuse = QPushButton("I trust this file"), QPushButton("Do not use it")
        picture = QLabel()
        picture.setPixmap(pixmap("warning", theme.colour("warning"), 28))
        heading = wrapped_label(f"{file.path.name} can run code")
        heading.setFont(strong(self.font(), 1.2))
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(heading, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(wrapped_label(_WARNING))
        layout.addLayout(self._facts())
        if file.reasons:
            layout.addLayout(self._text("Why it can", file.reasons, _REASONS_HEIGHT))
        if file.source:
            words = "What stands in it, its beginning" if file.is_cut else "What stands in it"
            layout.addLayout(self._text(words, file.source, _SOURCE_HEIGHT), 1)
        layout.addWidget(wrapped_label(_ADVICE))
        layout.addLayout(self._buttons())
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
        self.refuse.setFocus()

    def _facts(self) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        algorithm, _, digits = self._file.digest.partition(":")
        shown = {
            "File": str(self._file.path),
            "Size": f"{counted(self._file.bytes, 'byte')}",
            # In groups, as one compares them by eye.
            "SHA-256" if algorithm == "sha256" else algorithm: " ".join(
                digits[start : start + 8] for start in range(0, len(digits), 8)
            ),
        }
        for name, words in shown.items():
            title, fact = QLabel(name), wrapped_label(words)
            title.setProperty("role", "muted")
            fact.setAccessibleName(f"{name}: {words}")
            fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if name == "SHA-256":
                fact.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), 0.95))
            form.addRow(title, fact)
        return form

    def _text(self, title: str, text: str, height: int) -> QVBoxLayout:
        label, box = QLabel(title), QPlainTextEdit(text)
        label.setProperty("role", "muted")
        label.setBuddy(box)
        box.setReadOnly(True)
        box.setTabChangesFocus(True)
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        box.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)))
        box.setAccessibleName(title)
        if text == self._file.reasons:
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
        self.trust.setToolTip("Remember this content as one that may run code on this computer")
        return row

    def _agree(self) -> None:
        self.agreed.emit(self._file)
        self.accept()

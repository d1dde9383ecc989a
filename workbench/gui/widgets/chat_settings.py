"""How answers are written: sampling temperature, top-p, longest answer, seed, and the instruction before it all."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QGridLayout, QLabel, QPlainTextEdit, QSpinBox, QWidget

from workbench.session.text_writers import Manner
from workbench.wording import counted

_MOST_TOKENS = 65_536
_NUMBER_WIDTH, _SYSTEM_LINES = 110, 3
_TIPS = {
    "temperature": "Of the sampling, not of the distillation: 0 always takes the likeliest token.",
    "top_p": "Only the likeliest tokens that together have this mass are drawn; 1 takes all.",
    "tokens": "Longest answer, in tokens.",
    "seed": "The same seed draws the same tokens from the same model.",
    "system": "Instruction put before the conversation, for all models; at first the recipe's.",
}


class ChatSettings(QFrame):
    """A card that opens over the chat; what is changed counts from the next question on.

    Signals:
        changed: A person chose something else.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", "true")
        self.setAccessibleName("How answers are written")
        self.temperature = QDoubleSpinBox()
        self.temperature.setRange(0.0, 10.0)
        self.temperature.setSingleStep(0.1)
        self.temperature.setSpecialValueText("0, greedy")
        self.top_p = QDoubleSpinBox()
        self.top_p.setRange(0.01, 1.0)
        self.top_p.setSingleStep(0.05)
        self.top_p.setValue(1.0)
        self.tokens = QSpinBox()
        self.tokens.setRange(1, _MOST_TOKENS)
        self.tokens.setSingleStep(32)
        self.tokens.setGroupSeparatorShown(True)
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.system = QPlainTextEdit()
        self.system.setPlaceholderText("None")
        self.system.setTabChangesFocus(True)
        self.system.setFixedHeight(_SYSTEM_LINES * self.fontMetrics().lineSpacing() + 16)
        for box in (self.temperature, self.top_p, self.tokens, self.seed):
            box.lineEdit().setTextMargins(5, 0, 0, 0)
            box.setMinimumWidth(_NUMBER_WIDTH)
            box.valueChanged.connect(self.changed)
        self.system.textChanged.connect(self.changed)
        self._lay_out()

    @property
    def manner(self) -> Manner:
        """As it is set."""
        return Manner(self.temperature.value(), self.top_p.value(), self.tokens.value(), self.seed.value())

    @property
    def instruction(self) -> str:
        """What is put before the conversation; empty for nothing."""
        return self.system.toPlainText().strip()

    @property
    def in_words(self) -> str:
        """The numbers in a few words."""
        manner = self.manner
        if manner.temperature == 0:
            return f"Greedy · {counted(manner.new_tokens, 'token')}"
        drawn = f"Sampling at {manner.temperature:g}"
        drawn += f", top-p {manner.top_p:g}" if manner.top_p < 1 else ""
        return f"{drawn} · {counted(manner.new_tokens, 'token')}"

    def open_under(self, button: QWidget) -> None:
        """Show it below a button, or above it where the screen ends; a click elsewhere or Esc closes it."""
        self.adjustSize()
        room, place = button.screen().availableGeometry(), button.mapToGlobal(QPoint(0, button.height() + 2))
        if place.y() + self.height() > room.bottom():
            place = button.mapToGlobal(QPoint(0, -self.height() - 2))
        self.move(max(min(place.x(), room.right() - self.width()), room.left()), place.y())
        self.show()
        self.temperature.setFocus()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 12, 14, 12)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.addWidget(_label("Sampling &temperature", self.temperature, _TIPS["temperature"]), 0, 0)
        grid.addWidget(self.temperature, 0, 1)
        grid.addWidget(_label("Top-&p", self.top_p, _TIPS["top_p"]), 0, 2)
        grid.addWidget(self.top_p, 0, 3)
        grid.addWidget(_label("&Longest answer", self.tokens, _TIPS["tokens"]), 1, 0)
        grid.addWidget(self.tokens, 1, 1)
        grid.addWidget(_label("S&eed", self.seed, _TIPS["seed"]), 1, 2)
        grid.addWidget(self.seed, 1, 3)
        grid.addWidget(_label("S&ystem", self.system, _TIPS["system"]), 2, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.system, 2, 1, 1, 3)


def _label(name: str, field: QWidget, tip: str) -> QLabel:
    label = QLabel(name)
    label.setBuddy(field)
    for part in (label, field):
        part.setToolTip(tip)
    field.setAccessibleName(name.replace("&", ""))
    return label

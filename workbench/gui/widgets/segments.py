"""A few choices side by side, one of them on: quicker to see and to press than a menu."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Segments(QWidget):
    """Buttons of which exactly one is on; the arrow keys move between them.

    Signals:
        chosen: A person, or `value`, turned another one on: its key.
    """

    chosen = Signal(str)

    def __init__(self, name: str, choices: dict[str, str], parent: QWidget | None = None) -> None:
        """Begin with the first choice on.

        Args:
            name: What is chosen, for a screen reader.
            choices: The text of each button by its key.
            parent: As for any widget.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for key, text in choices.items():
            button = QToolButton(self)
            button.setText(text)
            button.setAccessibleName(f"{name}: {text}")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button)
            self._buttons[key] = button
            row.addWidget(button)
        next(iter(self._buttons.values())).setChecked(True)
        self._group.buttonToggled.connect(self._tell)

    @property
    def value(self) -> str:
        """The key of the button that is on."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    @value.setter
    def value(self, key: str) -> None:
        self._buttons[key].setChecked(True)

    def button(self, key: str) -> QToolButton:
        """One of the buttons."""
        return self._buttons[key]

    def set_text(self, key: str, text: str) -> None:
        """Call a choice something else."""
        button = self._buttons[key]
        if button.text() != text:
            button.setText(text)
            button.setAccessibleName(f"{self.accessibleName()}: {text}")

    def set_icon(self, key: str, icon: QIcon) -> None:
        """Give a choice an icon, which stands alone where there is no room for words."""
        button = self._buttons[key]
        button.setIcon(icon)
        button.setToolTip(button.toolTip() or button.text())

    def set_compact(self, *, compact: bool) -> None:
        """Show icons without words, or words without icons."""
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if compact else Qt.ToolButtonStyle.ToolButtonTextOnly
        for button in self._buttons.values():
            if button.toolButtonStyle() is not style:
                button.setToolButtonStyle(style)

    def _tell(self, button: QToolButton, is_on: bool) -> None:
        if is_on:
            self.chosen.emit(next(key for key, other in self._buttons.items() if other is button))

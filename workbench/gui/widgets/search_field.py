"""A field to search with: a glass before it, a cross to clear it."""

from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.gui.theme import Theme


class SearchField(QLineEdit):
    """One line.

    Args:
        theme: Colours.
        placeholder: What is searched, in a word or two.
        name: The same in a sentence, for who cannot see it.
        parent: Its owner.
    """

    def __init__(self, theme: Theme, placeholder: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self._glass = self.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        theme.changed.connect(self._paint)

    def _paint(self) -> None:
        self._glass.setIcon(self._theme.icon("search", "muted"))

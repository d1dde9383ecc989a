"""The full text of a licence, with a field that finds words in it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.gui.theme import Theme, mark, small, strong
from workbench.gui.widgets.announcing import announce
from workbench.gui.widgets.search_field import SearchField
from workbench.gui.widgets.wrapping import breakable, wrapped_label

_FIELD_WIDTH = 150


class LicenceView(QWidget):
    """What is shown of one component.

    Attributes:
        heading: The component, with its version.
        licence: The name of its licence, however long it is.
        search: Finds words in the text while they are typed; Return leads to the next place.
        box: The text; it can be selected and copied.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.heading = wrapped_label()
        self.heading.setFont(strong(self.heading.font()))
        self.licence = wrapped_label()
        self.licence.setProperty("role", "muted")
        self.licence.setFont(small(self.licence.font()))
        self.licence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.search = SearchField(theme, "Find in the text", "Find words in the text of the licence")
        self.search.setToolTip("Return leads to the next place, Shift+Return to the one before.")
        self.search.setFixedWidth(_FIELD_WIDTH)
        self.box = QPlainTextEdit()
        self.box.setReadOnly(True)
        self.box.setTabChangesFocus(True)
        self.box.setAccessibleName("Text of the licence")
        self.box.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), 0.92))
        # Found places are seen while the field has the keyboard.
        self.box.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.heading, 1)
        head.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.licence)
        column.addWidget(self.box, 1)
        self.search.textChanged.connect(self._find_typed)
        self.search.returnPressed.connect(self.find_next)
        back = QShortcut(QKeySequence("Shift+Return"), self.search)
        back.setContext(Qt.ShortcutContext.WidgetShortcut)
        back.activated.connect(self.find_previous)

    def begin(self, heading: str, licence: str) -> None:
        """Name the component whose text is being read."""
        self.heading.setText(breakable(heading))
        self.licence.setText(breakable(licence))
        self.box.setPlainText("Reading…")

    def show_text(self, text: str) -> None:
        """Show what has been read, from its beginning."""
        self.box.setPlainText(text)
        self._find_typed()

    def find_next(self) -> None:
        """Go to the next place; after the last one comes the first."""
        self._find(QTextDocument.FindFlag(0))

    def find_previous(self) -> None:
        """Go to the place before; before the first one comes the last."""
        self._find(QTextDocument.FindFlag.FindBackward)

    def _find_typed(self) -> None:
        """Where the words begin to be typed anew, the first place is looked for."""
        self.box.moveCursor(QTextCursor.MoveOperation.Start)
        self._find(QTextDocument.FindFlag(0))

    def _find(self, way: QTextDocument.FindFlag) -> None:
        words = self.search.text()
        found = not words or self.box.find(words, way)
        if not found:
            is_back = way is QTextDocument.FindFlag.FindBackward
            before = self.box.textCursor()
            self.box.moveCursor(QTextCursor.MoveOperation.End if is_back else QTextCursor.MoveOperation.Start)
            found = self.box.find(words, way)
            if not found:
                self.box.setTextCursor(before)
                announce(self.search, "Not found")
        mark(self.search, "invalid", not found)

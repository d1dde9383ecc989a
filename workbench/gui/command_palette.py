"""The command palette: a few letters and Return instead of a walk through the menus."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from workbench.gui.commands import Command, commands_of, find
from workbench.gui.models.found_commands import FoundCommands
from workbench.gui.settings import Settings
from workbench.gui.theme import Theme, mark, small
from workbench.gui.widgets.announcing import announce
from workbench.gui.widgets.command_painter import ROW_HEIGHT, CommandPainter

_WIDTH = 640
_MOST_ROWS = 11
_TOP = 52
_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _MOST_ROWS - 1,
    Qt.Key.Key_PageUp: 1 - _MOST_ROWS,
}


class CommandPalette(QWidget):
    """Lies over the window while it is open; a click beside it closes it.

    Attributes:
        field: What is typed.
        list: What fits.
        words: What the chosen line does, or why it cannot be done now.
    """

    def __init__(
        self,
        window: QWidget,
        actions: Callable[[], list[QAction]],
        theme: Theme,
        settings: Settings,
        extras: Callable[[], list[Command]] = list,
    ) -> None:
        """Closed at first; `open` is for the window's own action and shortcut.

        Args:
            window: Where it lies on top.
            actions: The window's actions, asked for each time it opens.
            theme: For icons and lines.
            settings: Remember what was used last.
            extras: More commands, such as recent files; asked for each time it opens.
        """
        super().__init__(window)
        self._window, self._actions, self._extras = window, actions, extras
        self._theme, self._settings = theme, settings
        self._commands: list[Command] = []
        self._came_from: QWidget | None = None
        self.setAccessibleName("Command palette")
        self.box = QFrame(self)
        self.box.setProperty("card", "accent")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type a few letters of what you want to do")
        self.field.setAccessibleName("Find an action")
        self.field.setMinimumHeight(36)
        self._magnifier = QAction(self)
        self.field.addAction(self._magnifier, QLineEdit.ActionPosition.LeadingPosition)
        self.model = FoundCommands(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(CommandPainter(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Actions that fit")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The focus stays where one types; the arrow keys are passed on from there.
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setProperty("raised", "true")
        self.words = QLabel()
        self.words.setFont(small(self.words.font()))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setContentsMargins(8, 2, 8, 2)
        self._column = QVBoxLayout(self.box)
        self._column.setContentsMargins(8, 8, 8, 6)
        self._column.setSpacing(6)
        for widget in (self.field, self.list, self.words):
            self._column.addWidget(widget)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        self.list.selectionModel().currentChanged.connect(self._tell)
        theme.changed.connect(self._paint_icons)
        window.installEventFilter(self)
        self._paint_icons()
        self.hide()

    @property
    def current(self) -> Command | None:
        """The command of the chosen line."""
        row = self.list.currentIndex().row()
        return self.model.found[row].command if 0 <= row < len(self.model.found) else None

    def open(self) -> None:
        """Open with an empty field and the last used first; close it where it is open."""
        if self.isVisible():
            self.dismiss()
            return
        self._came_from = QApplication.focusWidget()
        self._commands = [*commands_of(self._actions()), *self._extras()]
        self.field.clear()
        self._search("")
        self._lie()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close; the focus goes back to where it was."""
        self.hide()
        if self._came_from is not None and shiboken6.isValid(self._came_from):
            self._came_from.setFocus(Qt.FocusReason.PopupFocusReason)
        self._commands = []
        self.model.show([])

    def run_current(self) -> None:
        """Do what the chosen line says, where it can be done."""
        command = self.current
        if command is None:
            return
        if command.why_not:
            announce(self.field, self.words.text(), urgent=True)
            return
        self._settings.add_used_command(command.name)
        self.dismiss()
        command.run()

    # -- keys, mouse, window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that choose, while the focus stays in the field."""
        if watched is self._window:
            if event.type() is QEvent.Type.Resize and self.isVisible():
                self._lie()
        elif isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride and _is_ours(event):
                # Else a shortcut of the window would take the key.
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and self._press(event):
                return True
        elif event.type() is QEvent.Type.FocusOut and self.isVisible():
            self._focus_left()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside it closes it."""
        if not self.box.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def _press(self, event: QKeyEvent) -> bool:
        if not _is_ours(event):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in _MOVES:
            self._move(_MOVES[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run_current()
        return True

    def _move(self, rows: int) -> None:
        count = self.model.rowCount()
        if count:
            row = self.list.currentIndex().row() + rows
            # Single steps go round; pages end at the ends.
            self._choose(row % count if abs(rows) == 1 else min(max(row, 0), count - 1))

    def _focus_left(self) -> None:
        focused = QApplication.focusWidget()
        # None while another program is in front, or a menu of the field is open.
        if focused is not None and not self.isAncestorOf(focused):
            self._came_from = None
            self.dismiss()

    def _clicked(self, _: QModelIndex) -> None:
        self.run_current()

    # -- what is shown

    def _search(self, query: str) -> None:
        self.model.show(find(query, self._commands, self._settings.used_commands()))
        if self.model.found:
            self._choose(0)
        else:
            mark(self.words, "role", "muted")
            self.words.setText(f"Nothing is called “{query.strip()}”; try fewer letters.")
        self._lie()

    def _choose(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row))

    def _tell(self, current: QModelIndex) -> None:
        command = self.current
        if command is None:
            return
        mark(self.words, "role", "warning" if command.why_not else "muted")
        words = f"Not now: {command.why_not}" if command.why_not else command.tip or "Return does it; Esc closes."
        room = self.words.width() - 20 if self.isVisible() else _WIDTH - 40
        self.words.setText(self.words.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
        if self.isVisible():
            announce(self.field, str(current.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _lie(self) -> None:
        window = self._window.rect()
        self.setGeometry(window)
        width = min(_WIDTH, window.width() - 32)
        top = min(_TOP, window.height() // 12)
        margins, gap = self._column.contentsMargins(), self._column.spacing()
        fields = max(self.field.minimumHeight(), self.field.sizeHint().height()) + self.words.sizeHint().height()
        around = fields + margins.top() + margins.bottom() + 2 * gap + 2
        rows = min(len(self.model.found), _MOST_ROWS, max((window.height() - top - around - 16) // ROW_HEIGHT, 1))
        self.list.setVisible(rows > 0)
        self.list.setFixedHeight(rows * ROW_HEIGHT)
        height = around + rows * ROW_HEIGHT - (0 if rows else gap)
        self.box.setGeometry(QRect((window.width() - width) // 2, top, width, height))

    def _paint_icons(self) -> None:
        self._magnifier.setIcon(self._theme.icon("search", "muted"))


def _is_ours(event: QKeyEvent) -> bool:
    keys = (*_MOVES, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return event.key() in keys and held == Qt.KeyboardModifier.NoModifier

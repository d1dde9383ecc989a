"""A row of held-out examples to choose from, a few of every class, with the mouse or the arrow keys."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from workbench.gui.theme import Theme, small
from workbench.gui.widgets.picture_view import thumbnail, with_text
from workbench.session.looking import HeldOutExamples

_SIDE = 30
_CELL = QSize(42, 48)
_WIDEST, _MARGIN = 84, 10
_MOST = 10
_PLACE = Qt.ItemDataRole.UserRole
# What the panel does with these, the list shall not take for a search.
_NOT_MINE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)


class SampleStrip(QListWidget):
    """One row of examples.

    Signals:
        picked: A person chose one: its held-out place.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._examples: HeldOutExamples | None = None
        self.setAccessibleName("Held-out examples")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setGridSize(_CELL)
        self.setFont(small(self.font()))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(_CELL.height() + 10)
        # Not the current item: coming here with Tab makes one current, and must not replace a drawing.
        self.itemSelectionChanged.connect(self._tell)
        theme.changed.connect(self._paint_pictures)

    def show_examples(self, examples: HeldOutExamples | None) -> None:
        """Show a few examples of every class; none while they are unknown."""
        if examples is self._examples:
            return
        self._examples = examples
        self.blockSignals(True)
        self.clear()
        cell = self._cell(examples.classes if examples is not None else ())
        self.setGridSize(cell)
        for place in places_of_each_class(examples) if examples is not None else ():
            name = examples.classes[int(examples.labels[place])] if examples is not None else ""
            item = QListWidgetItem(name)
            item.setData(_PLACE, place)
            item.setSizeHint(cell)
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            words = f"Held-out example {place:,}, label {name}"
            item.setToolTip(with_text(words, examples, place))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            self.addItem(item)
        self._paint_pictures()
        self.blockSignals(False)

    def choose_none(self) -> None:
        """What is asked about is none of them any more."""
        self.blockSignals(True)
        self.setCurrentRow(-1)
        self.clearSelection()
        self.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose; clearing and undoing are the panel's."""
        if event.key() in _NOT_MINE:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _cell(self, classes: tuple[str, ...]) -> QSize:
        """Wide enough for the names where they are of middling length; longer ones are cut."""
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in classes[:_MOST]), default=0)
        return QSize(min(max(widest + _MARGIN, _CELL.width()), _WIDEST), _CELL.height())

    def _tell(self) -> None:
        for item in self.selectedItems():
            self.picked.emit(int(item.data(_PLACE)))

    def _paint_pictures(self) -> None:
        colours = (self._theme.colour("raised"), self._theme.colour("muted"))
        for row in range(self.count()):
            item = self.item(row)
            picture = thumbnail(self._examples, item.data(_PLACE), _SIDE, colours, self.devicePixelRatioF())
            item.setData(Qt.ItemDataRole.DecorationRole, picture)


def places_of_each_class(examples: HeldOutExamples) -> list[int]:
    """The first examples of each class, the classes in turn, so that the beginning shows them all."""
    classes = min(len(examples.classes), _MOST)
    firsts = [examples.of_class(label, max(_MOST // max(classes, 1), 1)) for label in range(classes)]
    turns = max(map(len, firsts), default=0)
    return [found[turn] for turn in range(turns) for found in firsts if turn < len(found)]

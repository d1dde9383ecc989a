"""The row above the curves: which are shown, and how."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.theme import Theme, tabular
from workbench.gui.widgets.segments import Segments

# Key, words, words where there is little room.
VIEWS = (
    ("loss", "Loss", "Loss"),
    ("error", "Error && agreement", "Error"),
    ("rate", "Learning rate", "Rate"),
    ("pace", "Throughput", "Speed"),
    ("all", "All", "All"),
)
# The same for a run of a language model.
_OF_TEXT = ("error", "Perplexity, KL && error", "Held-out")
SMOOTHINGS = (1, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_ROOMY, _SOMEWHAT_ROOMY, _NARROW = 680, 540, 360
# Name, words, icon, whether it is on or off, what it does.
_ACTIONS = (
    ("fit", "Follow", "fit", False, "Show everything and follow the newest numbers (F, or a double click)."),
    ("log", "Log scale", "log-scale", True, "Make the y axis logarithmic."),
    ("spikes", "Leave out spikes", "", True, "Do not let a few high values press all others down."),
    ("epochs", "Count in epochs", "", True, "Write epochs instead of steps on the x axis."),
    ("table", "Table", "table", True, "Show the numbers as a table."),
    ("copy", "Copy picture", "copy", False, "Put the plots on the clipboard."),
    ("png", "Save picture as PNG…", "picture", False, "Save the plots as an image."),
    ("svg", "Save picture as SVG…", "", False, "Save the plots as a drawing that stays sharp at any size."),
    ("csv", "Save numbers as CSV…", "export", False, "Save every logged step and evaluation as a table."),
    ("clear", "Remove overlays", "overlay", False, "Draw no earlier runs any more."),
)
_BUTTONS = ("log", "table")
_MENU = ("fit", "log", "spikes", "epochs", "", "copy", "png", "svg", "csv", "", "clear")


class CurveTools(QWidget):
    """Choices and buttons, with short words where there is little room.

    Signals:
        view_chosen: The key of another view.
        smoothed: Average over so many values.

    Attributes:
        actions_by_name: All actions, for menus.
    """

    view_chosen = Signal(str)
    smoothed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._views: tuple[tuple[str, str, str], ...] = VIEWS
        self.actions_by_name = {spec[0]: self._action(*spec) for spec in _ACTIONS}
        self.views = Segments("Curves", {key: words for key, words, _ in VIEWS}, self)
        self.views.chosen.connect(self.view_chosen)
        self.follow = QPushButton("Follow", self)
        self.follow.setProperty("primary", "true")
        self.follow.setAccessibleName("Follow the newest numbers")
        self.follow.setToolTip(self.actions_by_name["fit"].toolTip())
        self.follow.clicked.connect(self.actions_by_name["fit"].trigger)
        self.smooth = QToolButton(self)
        self.smooth.setCheckable(True)
        self.smooth.setToolTip("Draw a moving average.")
        self.smooth.clicked.connect(self._ask_smoothing)
        self.more = QToolButton(self)
        self.more.setToolTip("More: pictures, numbers, axes.")
        self.more.setAccessibleName("More")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setStyleSheet("QToolButton::menu-indicator { image: none; width: 0; }")
        self.menu = QMenu(self)
        self.fill_menu(self.menu)
        self.more.setMenu(self.menu)
        self.slider = _Smoothing(self)
        self.slider.slider.valueChanged.connect(self._smooth)
        self._lay_out()
        # Narrower than its long words: they become short ones then.
        self.setMinimumWidth(_NARROW)
        self.slider.slider.setValue(SMOOTHINGS.index(10))
        self._dress()
        self.show_follows(follows=True)
        theme.changed.connect(self._dress)

    def fill_menu(self, menu: QMenu) -> None:
        """Add everything that can be done."""
        for name in _MENU:
            if name:
                menu.addAction(self.actions_by_name[name])
            else:
                menu.addSeparator()

    def show_follows(self, *, follows: bool) -> None:
        """The follow button appears when the newest numbers are not followed."""
        self.follow.setVisible(not follows)

    @property
    def smoothing(self) -> int:
        """Values averaged over; 1 is none."""
        return SMOOTHINGS[self.slider.slider.value()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorter words in less room."""
        super().resizeEvent(event)
        self.follow.setText("Follow" if self.width() >= _SOMEWHAT_ROOMY else "")
        self._name_views()

    def name_held_out(self, *, of_text: bool) -> None:
        """Call what held-out data says by what there is of a language model, or of a classifier."""
        self._views = tuple(_OF_TEXT if of_text and view[0] == "error" else view for view in VIEWS)
        self._name_views()

    def _name_views(self) -> None:
        is_roomy = self.width() >= _ROOMY
        for key, words, short in self._views:
            self.views.set_text(key, words if is_roomy else short)
            self.views.button(key).setToolTip(words.replace("&&", "&"))

    def _action(self, name: str, words: str, icon: str, is_checkable: bool, tip: str) -> QAction:
        action = QAction(words, self)
        action.setObjectName(name)
        action.setCheckable(is_checkable)
        action.setToolTip(tip)
        action.setProperty("icon_name", icon)
        return action

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 2)
        row.setSpacing(2)
        row.addWidget(self.views)
        row.addStretch(1)
        row.addWidget(self.follow)
        row.addWidget(self.smooth)
        for name in _BUTTONS:
            button = QToolButton(self)
            button.setDefaultAction(self.actions_by_name[name])
            row.addWidget(button)
        row.addWidget(self.more)
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(button.accessibleName() or button.text())

    def _ask_smoothing(self) -> None:
        self.smooth.setChecked(self.smoothing > 1)
        self.slider.adjustSize()
        corner = self.smooth.mapToGlobal(QPoint(self.smooth.width(), self.smooth.height() + 2))
        self.slider.move(corner - QPoint(self.slider.width(), 0))
        self.slider.show()
        self.slider.slider.setFocus()

    def _smooth(self, _: int) -> None:
        over = self.smoothing
        self.smooth.setChecked(over > 1)
        self.smooth.setAccessibleName("Smoothing: off" if over == 1 else f"Smoothing: over {over:,} values")
        self.smoothed.emit(over)

    def _dress(self) -> None:
        for action in self.actions_by_name.values():
            if action.property("icon_name"):
                action.setIcon(self._theme.icon(action.property("icon_name")))
        self.smooth.setIcon(self._theme.icon("smooth"))
        self.smooth.setAccessibleName(self.smooth.accessibleName() or "Smoothing: off")
        self.more.setIcon(self._theme.icon("more"))
        self.follow.setIcon(self._theme.icon("fit", "on_accent"))


class _Smoothing(QFrame):
    """A slider that appears below its button."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", "true")
        self._words = QLabel()
        self._words.setFont(tabular(self.font()))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(SMOOTHINGS) - 1)
        self.slider.setPageStep(2)
        self.slider.setMinimumWidth(200)
        self.slider.setAccessibleName("Smoothing")
        self.slider.valueChanged.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.addWidget(self._words)
        column.addWidget(self.slider)
        self._tell(0)

    def _tell(self, place: int) -> None:
        over = SMOOTHINGS[place]
        words = "No smoothing" if over == 1 else f"Moving average over {over:,} values"
        self._words.setText(words)
        self.slider.setAccessibleDescription(words)

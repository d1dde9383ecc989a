"""The tools beside a drawing pad: pen, eraser, thickness, undo, clear, a picture from a file or the clipboard."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSlider, QToolButton, QVBoxLayout, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.drawing_pad import THICKEST, THINNEST, DrawingPad

_ICON, _BUTTON = QSize(16, 16), QSize(26, 26)
_MNIST_TIP = (
    "Fit like MNIST: find the ink, scale its longer side to 20 pixels and centre it by mass in 28 × 28, "
    "as the training digits were made."
)


class PadTools(QWidget):
    """A column of buttons that work on a pad.

    Signals:
        file_wanted: A person wants to choose a picture's file.
        paste_wanted: A person wants the picture in the clipboard.
        fitting_changed: Whether drawings are fitted like MNIST's digits has changed.
    """

    file_wanted = Signal()
    paste_wanted = Signal()
    fitting_changed = Signal()

    def __init__(self, theme: Theme, pad: DrawingPad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._pad = theme, pad
        self._icons: dict[QToolButton, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self.pen = self._button("pen", "Pen", "Draw with white ink.", checkable=True)
        self.eraser = self._button("eraser", "Eraser", "Take ink away; a pen's other end does so too.", checkable=True)
        group = QButtonGroup(self)
        for button in (self.pen, self.eraser):
            group.addButton(button)
        self.pen.setChecked(True)
        self.eraser.toggled.connect(self._erase)
        self.thickness = QSlider(Qt.Orientation.Vertical)
        self.thickness.setRange(THINNEST, THICKEST)
        self.thickness.setValue(round(pad.pen_width))
        self.thickness.setAccessibleName("Thickness of the pen")
        self.thickness.setToolTip("How thick the pen is.")
        self.thickness.setMinimumHeight(36)
        self.thickness.setMaximumHeight(90)
        self.thickness.valueChanged.connect(self._set_thickness)
        column.addWidget(self.thickness, 1, Qt.AlignmentFlag.AlignHCenter)
        self.undo = self._button("undo", "Undo the stroke", "Take the last stroke back (Ctrl+Z).")
        self.clear = self._button("delete", "Clear", "Empty the pad (Delete or Esc).")
        self.open = self._button(
            "picture", "Open a picture", "Ask about a picture from a file; one can be dropped too."
        )
        self.paste = self._button("copy", "Paste a picture", "Ask about the picture in the clipboard (Ctrl+V).")
        self.like_mnist = self._button("fit", "Fit like MNIST", _MNIST_TIP, checkable=True)
        self.like_mnist.setChecked(True)
        column.addStretch(1)
        self.undo.clicked.connect(pad.undo)
        self.clear.clicked.connect(pad.clear)
        self.open.clicked.connect(self.file_wanted)
        self.paste.clicked.connect(self.paste_wanted)
        self.like_mnist.toggled.connect(self._tell_fitting)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def _button(self, icon: str, name: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setIconSize(_ICON)
        button.setFixedSize(_BUTTON)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._icons[button] = icon
        layout = self.layout()
        assert layout is not None, "made first"
        layout.addWidget(button)
        return button

    def _erase(self, erase: bool) -> None:
        self._pad.is_erasing = erase

    def _tell_fitting(self, _: bool) -> None:
        self.fitting_changed.emit()

    def _set_thickness(self, width: int) -> None:
        self._pad.pen_width = float(width)

    def _paint_icons(self) -> None:
        for button, icon in self._icons.items():
            button.setIcon(self._theme.icon(icon))

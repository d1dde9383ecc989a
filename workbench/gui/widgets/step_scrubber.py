"""A slider through the looks a run took on its way, from the first to the newest."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from workbench.gui.theme import small, tabular


class StepScrubber(QWidget):
    """The step that is shown, a slider over all of them, and the way back to the newest.

    Signals:
        moved: A person went to the look at this place, counted from the oldest.
    """

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setFont(tabular(small(self.font())))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step that is shown")
        self.slider.setToolTip("Go back to earlier looks at the same text")
        self.slider.setMinimumWidth(60)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.newest = QPushButton("Newest")
        self.newest.setToolTip("Show the newest look, and each newer one")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.words)
        row.addWidget(self.slider, 1)
        row.addWidget(self.newest)
        self.slider.valueChanged.connect(self.moved)
        self.newest.clicked.connect(self._go_to_newest)

    def show_steps(self, steps: list[int], place: int, shown: int) -> None:
        """Show where we are.

        Args:
            steps: After which steps there are looks, oldest first.
            place: The one that is asked for; -1 where there are none.
            shown: The step of the look that is on the screen, which may still be the one before.
        """
        last = max(len(steps) - 1, 0)
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setPageStep(max(last // 10, 1))
        # While it is dragged the handle is the hand's.
        if not self.slider.isSliderDown():
            self.slider.setValue(max(place, 0))
        self.slider.blockSignals(False)
        self.slider.setEnabled(last > 0)
        self.newest.setEnabled(place < last)
        words = f"Step {shown:,}"
        if self.words.text() != words:
            self.words.setText(words)
            self.slider.setAccessibleDescription(words)
        # Numbers that grow must not push the slider about.
        widest = self.words.fontMetrics().horizontalAdvance(f"Step {max([shown, *steps[-1:]]):,}") + 2
        if self.words.minimumWidth() < widest:
            self.words.setMinimumWidth(widest)

    def _go_to_newest(self) -> None:
        self.moved.emit(self.slider.maximum())

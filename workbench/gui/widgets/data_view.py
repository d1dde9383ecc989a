"""A data set on one page: what it is, what is odd about it, its classes, and samples as the model sees them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.theme import Theme, strong
from workbench.gui.widgets.data_about import DataAbout
from workbench.gui.widgets.data_class_table import DataClassTable
from workbench.gui.widgets.data_columns import DataColumns
from workbench.gui.widgets.data_samples import DataSamples
from workbench.gui.widgets.fitted_area import FittedArea
from workbench.gui.widgets.form_part import put_visible
from workbench.gui.widgets.segments import Segments
from workbench.session.data_card import DataCard
from workbench.wording import counted

_WIDE = 720
_MOST_ABOUT = 320
_ABOUT, _CLASSES, _SAMPLES, _COLUMNS = "about", "classes", "samples", "columns"
_WORDS = {_ABOUT: "About", _CLASSES: "Classes", _SAMPLES: "Samples", _COLUMNS: "Columns"}
_FACTS = ("training", "held out", "one input", "imbalance", "repeated", "overlap")
_TIPS = {
    "imbalance": "How many times as many examples the most frequent class has as the rarest",
    "repeated": "Training examples that only repeat an earlier one",
    "overlap": "Held-out examples that are in the training data too: what is learnt by heart is judged by them",
}


class DataView(QWidget):
    """Side by side where there is room; else one part at a time.

    Attributes:
        parts: Which part is shown.
        classes: The table of classes.
        samples: The examples.
        columns: Of a table.
        about: Facts, and what a person should know.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._is_wide = False
        self.title = QLabel()
        self.title.setFont(strong(self.font()))
        self.title.setWordWrap(True)
        self.parts = Segments("Shown", _WORDS)
        self.parts.chosen.connect(self._show_parts)
        self.classes, self.samples = DataClassTable(theme), DataSamples(theme)
        self.columns, self.about = DataColumns(), DataAbout(theme, _FACTS, _TIPS)
        self._about = FittedArea(self.about, _MOST_ABOUT)
        self._right = QStackedWidget()
        self._right.addWidget(self.samples)
        self._right.addWidget(self.columns)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(10)
        left.addWidget(self._about)
        left.addWidget(self.classes, 1)
        # What takes the room left where the classes are not shown.
        left.addStretch(0)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title, 1)
        head.addWidget(self.parts, 0, Qt.AlignmentFlag.AlignTop)
        self._body = QHBoxLayout()
        self._body.setSpacing(16)
        self._body.addWidget(self._left, 2)
        self._body.addWidget(self._right, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(self._body, 1)
        self._has_columns = False
        self._show_parts()

    def show_card(self, card: DataCard) -> None:
        """Show another data set."""
        self.title.setText(card.title)
        unlabelled = f", {card.unlabelled:,} without a label" if card.unlabelled else ""
        balance = "one class has no example" if card.imbalance is None else f"{card.imbalance:,.1f} : 1"
        if card.imbalance == 1:
            balance = "none, all classes alike"
        words = {
            "training": f"{counted(card.training, 'example')}{unlabelled}",
            "held out": f"{counted(card.held_out, 'example')}",
            "one input": card.input,
            "imbalance": balance,
            "repeated": f"{card.repeated:,}" if card.repeated else "none",
            "overlap": f"{card.overlap:,} of {card.held_out:,}" if card.overlap else "none",
        }
        self.about.tell(words, card.notes)
        self.classes.show_classes(card.classes)
        self.samples.show_samples(card.samples)
        self.columns.show_columns(card.columns)
        self._has_columns = bool(card.columns)
        self._show_parts()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side or one by one."""
        super().resizeEvent(event)
        is_wide = self.width() >= _WIDE
        if is_wide is not self._is_wide:
            self._is_wide = is_wide
            self._show_parts()

    def _show_parts(self, _: str = "") -> None:
        offered = {
            _ABOUT: not self._is_wide,
            _CLASSES: not self._is_wide,
            _SAMPLES: not self._is_wide or self._has_columns,
            _COLUMNS: self._has_columns,
        }
        for part, is_offered in offered.items():
            put_visible(self.parts.button(part), is_offered)
        put_visible(self.parts, sum(offered.values()) > 1)
        chosen = self.parts.value
        if not offered[chosen] and any(offered.values()):
            # Comes back here by the signal.
            self.parts.value = next(part for part, is_offered in offered.items() if is_offered)
            return
        put_visible(self._left, self._is_wide or chosen in (_ABOUT, _CLASSES))
        put_visible(self._about, self._is_wide or chosen == _ABOUT)
        put_visible(self.classes, self._is_wide or chosen == _CLASSES)
        put_visible(self._right, self._is_wide or chosen in (_SAMPLES, _COLUMNS))
        self._right.setCurrentWidget(self.columns if chosen == _COLUMNS and self._has_columns else self.samples)

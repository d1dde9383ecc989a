"""A word out of a few, and yes or no."""

from typing import Any

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from workbench.gui.widgets.field import Field
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.naming import in_words
from workbench.recipe.drafts import Location
from workbench.recipe.section import words_of


class CalmCombo(QComboBox):
    """A combo box that takes the wheel only while it has the focus, so that a form can be scrolled over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the form unless a person is in this box."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceField(Field):
    """One of the words of a `Literal`."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        self.combo = CalmCombo()
        for word in words_of(info):
            self.combo.addItem(in_words(word), word)
        self.combo.activated.connect(self._chosen)
        _fill(self, self.combo)

    def display(self, value: Any) -> None:
        """As `Field.display`."""
        place = self.combo.findData(value)
        if place != self.combo.currentIndex():
            self.combo.setCurrentIndex(place)

    def _chosen(self, place: int) -> None:
        self.write(self.combo.itemData(place))
        self.settle()


class SwitchField(Field):
    """Yes or no."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        self.box = QCheckBox()
        self.box.clicked.connect(self._clicked)
        _fill(self, self.box)

    def display(self, value: Any) -> None:
        """As `Field.display`."""
        self.box.setChecked(value is True)

    def _clicked(self, is_on: bool) -> None:
        self.write(is_on)
        self.settle()


def _fill(field: Field, entry: QWidget) -> None:
    layout = QHBoxLayout(field)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(entry)
    field.entry = entry
    field.setFocusProxy(entry)

"""What every kind of field is: a widget for one value of a draft, whatever its type."""

from typing import Any

from pydantic.fields import FieldInfo
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.gui.widgets.form_line import FormLine
from workbench.gui.widgets.form_part import FormContext
from workbench.recipe.drafts import Location
from workbench.recipe.section import unit_of


class Field(QWidget):
    """Shows one value and writes it back as a person changes it.

    Signals:
        settled: A person is done typing, so that a refusal may be spelt out.

    Attributes:
        entry: The widget that takes the focus and the label's shortcut.
        is_typing: Whether a person is in the middle of typing; refusals are not spelt out meanwhile.
    """

    settled = Signal()

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__()
        self.context, self.location, self.info = context, location, info
        self.entry: QWidget = self
        self.is_typing = False

    def display(self, value: Any) -> None:
        """Show a value; what already means the same stays as it was typed."""
        raise NotImplementedError

    def mark(self, is_invalid: bool) -> None:
        """Show by a red frame that the value is refused."""

    def write(self, value: Any) -> None:
        """A person gave this value."""
        self.context.document.set(self.location, value)

    def settle(self) -> None:
        """The visit is over."""
        self.is_typing = False
        self.context.document.settle()
        self.settled.emit()


class LineField(Field):
    """A field that is one line of text; what does not parse goes into the draft as it stands and is refused there."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        self.line = FormLine(unit_of(info))
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self.settle)
        self.entry = self.line
        self.setFocusProxy(self.line)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.row.addWidget(self.line, 1)

    def parse(self, text: str) -> Any:
        """The value that a text means; the text itself where it means none."""
        return text

    def text_of(self, value: Any) -> str:
        """How a value is written."""
        return str(value)

    def display(self, value: Any) -> None:
        """As `Field.display`."""
        if self.parse(self.line.text()) != value:
            self.line.show_text(self.text_of(value))

    def mark(self, is_invalid: bool) -> None:
        """As `Field.mark`."""
        self.line.mark_invalid(is_invalid)

    def _typed(self, text: str) -> None:
        self.is_typing = True
        self.write(self.parse(text))


class TextField(LineField):
    """A text without a meaning to the program."""

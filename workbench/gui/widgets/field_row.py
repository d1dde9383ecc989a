"""One field of a section in a form: its name, the widget for its value, and the refusal below where there is one."""

from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from workbench.gui.theme import small
from workbench.gui.widgets.choice_field import ChoiceField, SwitchField
from workbench.gui.widgets.field import Field, TextField
from workbench.gui.widgets.file_field import FileField
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, label_width, put_visible
from workbench.gui.widgets.list_field import ListField
from workbench.gui.widgets.naming import as_tooltip, in_words
from workbench.gui.widgets.number_field import NumberField
from workbench.recipe.drafts import Location
from workbench.recipe.section import is_file, range_of, unit_of, words_of

# Values that leave things as they are: nothing, off, one at a time, the program's own choice, no conversion.
_NEUTRAL: tuple[Any, ...] = (0, 0.0, 1, 1.0, "", "auto", "logits", None)

# Of a line of text, so that a row with a mere box to tick is as high as the others.
_PADDING = 10


class Row(FormPart):
    """A label beside a widget, the labels of all rows equally wide, and a refusal below the widget."""

    def __init__(self, context: FormContext, location: Location, label: str, entry: QWidget) -> None:
        super().__init__(context, location)
        self.label = QLabel(label)
        self.label.setProperty("role", "muted")
        self.label.setWordWrap(True)
        self.label.setFixedWidth(label_width(self.font()))
        height = max(entry.sizeHint().height(), self.fontMetrics().height() + _PADDING)
        self.label.setMinimumHeight(height)
        entry.setMinimumHeight(height)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.refusal = refusal_label()
        right = QWidget()
        below = column(right, 2)
        below.addWidget(entry)
        below.addWidget(self.refusal)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(right, 1)


class FieldRow(Row):
    """A row for a field of a section, all of whose words come from the field itself.

    A setting that is off waits behind "more settings": one whose default leaves things as they are (0, 1, false,
    empty, "auto") and that still has it. Once it has been on, or has been looked for, it stays in view until another
    recipe is opened. Files, and what has no default, are always in view.
    """

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        field = field_for(context, location, info)
        name = in_words(str(location[-1]))
        super().__init__(context, location, name, field)
        self.field = field
        entry = field.entry
        self.label.setBuddy(entry)
        allowed = range_of(info)
        unit = "" if allowed else unit_of(info)
        told = (info.description or "", allowed[:1].upper() + allowed[1:], unit)
        for widget in (self.label, *self.field.findChildren(QWidget)):
            if not widget.toolTip():
                widget.setToolTip(as_tooltip(*told))
        entry.setAccessibleName(name)
        entry.setAccessibleDescription(" ".join(words for words in told if words))
        slider = getattr(self.field, "slider", None)
        if slider is not None:
            slider.setAccessibleName(f"{name}, slider")
        self.field.settled.connect(self._spell_out)
        self._default = _neutral_default(info)
        self._is_off = False
        self._stays = not self._default or is_file(info)
        self._keeps = self._stays
        self._sentence = ""

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        value = self.context.document.value(self.location)
        self.field.display(value)
        self._sentence = "\n".join(dict.fromkeys(problems.values()))
        self.field.mark(bool(self._sentence))
        self._is_off = bool(self._default) and value == self._default[0] and not self._sentence
        self._stays = self._stays or not self._is_off
        # Spelling a refusal out moves all that is below it: not while a person is typing.
        if not (self.field.is_typing and self._sentence):
            self._spell_out()

    def fold(self, is_open: bool) -> int:
        """As `FormPart.fold`."""
        put_visible(self, is_open or self._stays)
        return int(not self._stays)

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`."""
        self._stays = True
        put_visible(self, True)
        return self.field.entry

    def forget(self) -> None:
        """As `FormPart.forget`."""
        self._stays = self._keeps

    def _spell_out(self) -> None:
        show_refusal(self.refusal, self._sentence)


def field_for(context: FormContext, location: Location, info: FieldInfo) -> Field:
    """The widget for a field that is no section, by its type."""
    kind: type[Field]
    if words_of(info):
        kind = ChoiceField
    elif info.annotation is bool:
        kind = SwitchField
    elif get_origin(info.annotation) is tuple:
        kind = ListField
    elif is_file(info):
        kind = FileField
    else:
        kind = TextField if str in _types_in(info.annotation) else NumberField
    return kind(context, location, info)


def refusal_label() -> QLabel:
    """Where a refusal is spelt out; hidden while there is none."""
    label = QLabel()
    label.setProperty("role", "bad")
    label.setFont(small(label.font()))
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.hide()
    return label


def show_refusal(label: QLabel, sentence: str) -> None:
    """Spell a refusal out, or take it away."""
    if label.text() != sentence:
        label.setText(sentence)
    put_visible(label, bool(sentence))


def _types_in(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", None) or (annotation,)


def _neutral_default(info: FieldInfo) -> tuple[Any, ...]:
    """The default where it leaves things as they are, as a tuple of one; empty where it does not, or there is none."""
    if info.is_required():
        return ()
    default = to_jsonable_python(info.get_default(call_default_factory=True))
    if isinstance(default, bool):
        return () if default else (False,)
    return (default,) if default == [] or default in _NEUTRAL else ()

"""The student: a new one from an architecture, or one that goes on from a checkpoint."""

from typing import Any

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from workbench.gui.widgets.field_row import FieldRow, refusal_label, show_refusal
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, owned, put_visible
from workbench.gui.widgets.settings_form import SettingsForm, section_form
from workbench.recipe.drafts import Location, fresh
from workbench.recipe.models import ARCHITECTURES, Student

_ARCHITECTURE, _CHECKPOINT = "architecture", "checkpoint"


class StudentForm(FormPart):
    """Changing the origin keeps what was typed in the other, and is one undo step."""

    def __init__(self, context: FormContext, location: Location) -> None:
        super().__init__(context, location)
        fields = Student.model_fields
        self._kept: dict[str, Any] = {}
        self.new = QRadioButton("New from an architecture")
        self.old = QRadioButton("From a checkpoint")
        group = QButtonGroup(self)
        self._refusal = refusal_label()
        self._architecture = section_form(
            context, (*location, _ARCHITECTURE), fields[_ARCHITECTURE], label="Architecture"
        )
        self._checkpoint = FieldRow(context, (*location, _CHECKPOINT), fields[_CHECKPOINT])
        rest = [name for name in fields if name not in (_ARCHITECTURE, _CHECKPOINT)]
        self._rest = SettingsForm(context, Student, location, rest)
        layout = column(self)
        for button, name in ((self.new, _ARCHITECTURE), (self.old, _CHECKPOINT)):
            button.setAccessibleName(f"Student: {button.text()}")
            button.setToolTip(fields[name].description or "")
            button.clicked.connect(self._chosen)
            group.addButton(button)
            layout.addWidget(button)
        for widget in (self._refusal, self._architecture, self._checkpoint, self._rest):
            layout.addWidget(widget)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        is_new = self.context.document.value(self.location)[_ARCHITECTURE] is not None
        self.new.setChecked(is_new)
        self.old.setChecked(not is_new)
        put_visible(self._architecture, is_new)
        put_visible(self._checkpoint, not is_new)
        self.parts = [self._architecture if is_new else self._checkpoint, self._rest]
        # The section's own refusal stands beside the choice that mends it.
        show_refusal(self._refusal, problems.get(self.location, ""))
        for part in self.parts:
            part.sync({place: words for place, words in owned(part, problems).items() if place != self.location})

    def fold(self, is_open: bool) -> int:
        """As `FormPart.fold`; which origin is shown is no matter of folding."""
        return sum(part.fold(is_open) for part in self.parts if part is not self._checkpoint)

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`."""
        if location == self.location:
            return self.new if self.new.isChecked() else self._checkpoint.field.entry
        return super().reveal(location)

    def forget(self) -> None:
        """As `FormPart.forget`."""
        self._kept.clear()
        for part in (self._architecture, self._checkpoint, self._rest):
            part.forget()

    def _chosen(self) -> None:
        value = self.context.document.value(self.location)
        was_new, is_new = value[_ARCHITECTURE] is not None, self.new.isChecked()
        if was_new == is_new:
            return
        self._kept[_ARCHITECTURE if was_new else _CHECKPOINT] = value[_ARCHITECTURE if was_new else _CHECKPOINT]
        if is_new:
            origin = {_CHECKPOINT: "", _ARCHITECTURE: self._kept.get(_ARCHITECTURE) or fresh(ARCHITECTURES[0])}
        else:
            origin = {_CHECKPOINT: self._kept.get(_CHECKPOINT, ""), _ARCHITECTURE: None}
        self.change(self.location, {**value, **origin}, "student's origin")

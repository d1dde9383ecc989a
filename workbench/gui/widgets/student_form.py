"""The student: a new one from an architecture, or one that goes on from a checkpoint."""

from typing import Any

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from workbench.gui.widgets.field_row import FieldRow, refusal_label, show_refusal
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, owned, put_visible
from workbench.gui.widgets.settings_form import SettingsForm, part_for, section_form
from workbench.recipe.drafts import Location, fresh
from workbench.recipe.models import ARCHITECTURES, Student

_ARCHITECTURE, _CHECKPOINT = "architecture", "checkpoint"


class StudentForm(FormPart):
    """Changing the origin keeps what was typed in the other, and is one undo step."""

    def __init__(self, context: FormContext, location: Location) -> None:
        super().__init__(context, location)
        fields = Student.model_fields
        self._kept: dict[str, dict[str, Any]] = {}
        self.new = QRadioButton("New from an architecture")
        self.old = QRadioButton("From a checkpoint")
        group = QButtonGroup(self)
        self._refusal = refusal_label()
        self._architecture = section_form(
            context, (*location, _ARCHITECTURE), fields[_ARCHITECTURE], label="Architecture"
        )
        self._checkpoint = FieldRow(context, (*location, _CHECKPOINT), fields[_CHECKPOINT])
        # What the weights of a checkpoint are poured into, where it does not say.
        self._holder = part_for(context, (*location, _ARCHITECTURE), fields[_ARCHITECTURE])
        self._problems: Problems = {}
        rest = [name for name in fields if name not in (_ARCHITECTURE, _CHECKPOINT)]
        self._rest = SettingsForm(context, Student, location, rest)
        layout = column(self)
        for button, name in ((self.new, _ARCHITECTURE), (self.old, _CHECKPOINT)):
            button.setAccessibleName(f"Student: {button.text()}")
            button.setToolTip(fields[name].description or "")
            button.clicked.connect(self._chosen)
            group.addButton(button)
            layout.addWidget(button)
        for widget in (self._refusal, self._architecture, self._checkpoint, self._holder, self._rest):
            layout.addWidget(widget)
        self._checkpoint.field.settled.connect(self._settled)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        self._problems = problems
        value = self.context.document.value(self.location)
        is_new = value[_ARCHITECTURE] is not None and not value[_CHECKPOINT]
        # Whoever empties the field to type another name still means a checkpoint.
        is_new = is_new and not self._checkpoint.field.is_typing
        self.new.setChecked(is_new)
        self.old.setChecked(not is_new)
        put_visible(self._architecture, is_new)
        put_visible(self._checkpoint, not is_new)
        has_holder = not is_new and bool(value[_CHECKPOINT])
        if not has_holder:
            put_visible(self._holder, False)
        of_checkpoint = [self._checkpoint, self._holder] if has_holder else [self._checkpoint]
        self.parts = [*([self._architecture] if is_new else of_checkpoint), self._rest]
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
        for part in (self._architecture, self._checkpoint, self._holder, self._rest):
            part.forget()

    def _settled(self) -> None:
        self.sync(self._problems)

    def _chosen(self) -> None:
        value = self.context.document.value(self.location)
        was_new, is_new = value[_ARCHITECTURE] is not None and not value[_CHECKPOINT], self.new.isChecked()
        if was_new == is_new:
            return
        left = (_ARCHITECTURE,) if was_new else (_CHECKPOINT, _ARCHITECTURE)
        self._kept["new" if was_new else "old"] = {name: value[name] for name in left}
        if is_new:
            kept = self._kept.get("new", {_ARCHITECTURE: fresh(ARCHITECTURES[0])})
            origin = {_CHECKPOINT: "", **kept}
        else:
            origin = {_CHECKPOINT: "", _ARCHITECTURE: None, **self._kept.get("old", {})}
        self.change(self.location, {**value, **origin}, "student's origin")

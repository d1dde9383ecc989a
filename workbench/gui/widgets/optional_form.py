"""A section that may be left out: a box to tick, and the section's form while it is there."""

from pydantic.fields import FieldInfo
from PySide6.QtWidgets import QCheckBox, QWidget

from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, put_visible
from workbench.gui.widgets.naming import as_tooltip, in_words
from workbench.recipe.companions import why_not
from workbench.recipe.drafts import Location, fresh
from workbench.recipe.section import sections_in


class OptionalForm(FormPart):
    """Unticking keeps what was typed, for ticking again; never ticked, it waits behind "more settings".

    A section that does not go with the recipe's data cannot be ticked; its tooltip says why.
    """

    def __init__(self, context: FormContext, location: Location, info: FieldInfo, form: FormPart) -> None:
        super().__init__(context, location)
        self._sections = sections_in(info.annotation)
        self._fresh = fresh(self._sections[0])
        self._kept = self._fresh
        self._stays = False
        name = in_words(str(location[-1]))
        self.box = QCheckBox(name)
        self.box.setAccessibleName(name)
        self._about = info.description or ""
        self.box.setToolTip(as_tooltip(self._about))
        self.box.clicked.connect(self._clicked)
        self._form = form
        layout = column(self)
        layout.addWidget(self.box)
        layout.addWidget(form)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        value = self.context.document.value(self.location)
        self.box.setChecked(value is not None)
        self._offer(is_there=value is not None)
        put_visible(self._form, value is not None)
        self.parts = [self._form] if value is not None else []
        self._stays = self._stays or value is not None or bool(problems)
        super().sync(problems)

    def fold(self, is_open: bool) -> int:
        """As `FormPart.fold`."""
        put_visible(self, is_open or self._stays)
        return super().fold(is_open) + int(not self._stays)

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`."""
        self._stays = True
        put_visible(self, True)
        return super().reveal(location) if location != self.location else self.box

    def forget(self) -> None:
        """As `FormPart.forget`."""
        self._kept, self._stays = self._fresh, False
        self._form.forget()

    def _offer(self, *, is_there: bool) -> None:
        draft = self.context.document.value(())
        refused = [why_not(section, draft) for section in self._sections]
        reason = refused[0] if all(refused) else ""
        # What is there can be taken away.
        self.box.setEnabled(is_there or not reason)
        self.box.setToolTip(as_tooltip(self._about, reason))

    def _clicked(self, is_on: bool) -> None:
        if not is_on:
            self._kept = self.context.document.value(self.location)
        self.change(self.location, self._kept if is_on else None, self.box.text().lower())

"""A section that comes in several kinds: a choice of kinds, and the form of the one that is chosen."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from workbench.gui.widgets.choice_field import CalmCombo
from workbench.gui.widgets.field_row import Row
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, put_visible
from workbench.gui.widgets.naming import as_tooltip, first_sentence, in_words
from workbench.recipe.companions import why_not
from workbench.recipe.drafts import Location, fresh
from workbench.recipe.section import Section

SectionForm: TypeAlias = Callable[[type[Section], Location], FormPart]


class KindForm(FormPart):
    """Changing the kind keeps every value that both kinds have, and is one undo step.

    A kind that does not go with the recipe's data cannot be chosen; its tooltip says why.
    """

    def __init__(
        self,
        context: FormContext,
        location: Location,
        kinds: Sequence[type[Section]],
        make: SectionForm,
        *,
        label: str = "Kind",
        about: str = "",
    ) -> None:
        super().__init__(context, location)
        self._kinds = {str(kind.model_fields["kind"].default): kind for kind in kinds}
        self._make = make
        self._forms: dict[str, FormPart] = {}
        self._shown: FormPart | None = None
        # What was typed into a kind before another one was chosen.
        self._kept: dict[str, dict[str, Any]] = {}
        self._about = about
        self.combo = CalmCombo()
        self.combo.setAccessibleName(label)
        for name in self._kinds:
            self.combo.addItem(in_words(name), name)
        self._refused: list[str] | None = None
        self.combo.activated.connect(self._chosen)
        self._row = Row(context, (*location, "kind"), label, self.combo)
        self._row.label.setBuddy(self.combo)
        self._column = column(self)
        self._column.addWidget(self._row)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        kind = str(self.context.document.value(self.location)["kind"])
        place = self.combo.findData(kind)
        if place != self.combo.currentIndex():
            self.combo.setCurrentIndex(place)
            self.combo.setToolTip(as_tooltip(first_sentence(self._kinds[kind].__doc__), self._about))
        self._offer()
        shown = self._form(kind)
        if shown is not self._shown:
            if self._shown is not None:
                put_visible(self._shown, False)
            put_visible(shown, True)
            self._shown, self.parts = shown, [shown]
        shown.sync(problems)

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`."""
        return super().reveal(location) if location != self.location else self.combo

    def forget(self) -> None:
        """As `FormPart.forget`."""
        self._kept.clear()
        for form in self._forms.values():
            form.forget()

    def _offer(self) -> None:
        """Only what goes with the recipe's data can be chosen."""
        draft = self.context.document.value(())
        refused = [why_not(kind, draft) for kind in self._kinds.values()]
        if refused == self._refused:
            return
        self._refused = refused
        model = self.combo.model()
        assert isinstance(model, QStandardItemModel), "a combo box makes one by itself"
        for place, (kind, reason) in enumerate(zip(self._kinds.values(), refused, strict=True)):
            item = model.item(place)
            item.setEnabled(not reason)
            item.setToolTip(as_tooltip(first_sentence(kind.__doc__), reason))

    def _form(self, kind: str) -> FormPart:
        if kind not in self._forms:
            self._forms[kind] = self._make(self._kinds[kind], self.location)
            self._column.addWidget(self._forms[kind])
        return self._forms[kind]

    def _chosen(self, place: int) -> None:
        old = dict(self.context.document.value(self.location))
        kind = str(self.combo.itemData(place))
        if kind == old["kind"]:
            return
        self._kept[old["kind"]] = old
        new = {**fresh(self._kinds[kind]), **self._kept.get(kind, {})}
        new.update({name: value for name, value in old.items() if name in new and name != "kind"})
        self.change(self.location, new, self._row.label.text().lower())

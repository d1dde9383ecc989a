"""A form for any section of a recipe, made from its fields alone: name, type, range, unit and help.

A field or a kind of section that is added to the recipe appears here without a word of code. What a person sees first
follows one rule, told at `FieldRow`: a setting that is off waits behind "more settings".
"""

from collections.abc import Sequence
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtWidgets import QLabel

from workbench.gui.theme import strong
from workbench.gui.widgets.field_row import FieldRow, refusal_label, show_refusal
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, owned, put_visible
from workbench.gui.widgets.kind_form import KindForm
from workbench.gui.widgets.naming import as_tooltip, in_words
from workbench.gui.widgets.optional_form import OptionalForm
from workbench.gui.widgets.section_list import SectionList
from workbench.recipe.drafts import Location
from workbench.recipe.section import Section, is_file, sections_in, words_of


class SettingsForm(FormPart):
    """The fields of a section below each other, sections inside it under headings of their own.

    Args:
        context: The document and the theme.
        section: Whose fields; what it is now is read from the document.
        location: Where the section stands in the document.
        names: The fields to show, in this order; None for all.
        heading: Stands above; empty for none.
    """

    def __init__(
        self,
        context: FormContext,
        section: type[Section],
        location: Location,
        names: Sequence[str] | None = None,
        heading: str = "",
    ) -> None:
        super().__init__(context, location)
        chosen = section.model_fields if names is None else {name: section.model_fields[name] for name in names}
        asked = sorted(chosen.items(), key=_rank) if names is None else chosen.items()
        shown = {name: info for name, info in asked if len(words_of(info)) != 1}
        self._names = frozenset(shown)
        self._heading = QLabel(heading)
        self._heading.setToolTip(as_tooltip(section.__doc__ or ""))
        self._heading.setFont(strong(self.font(), 0.92))
        self._heading.setContentsMargins(0, 6, 0, 0)
        self._refusal = refusal_label()
        layout = self.stack(())
        layout.addWidget(self._heading)
        layout.addWidget(self._refusal)
        self._heading.setVisible(bool(heading))
        for name, info in shown.items():
            self.take_in(part_for(context, (*location, name), info), layout)

    def owns(self, location: Location) -> bool:
        """As `FormPart.owns`: the section itself, and the fields that are shown."""
        depth = len(self.location)
        return location[:depth] == self.location and (len(location) == depth or location[depth] in self._names)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        show_refusal(self._refusal, problems.get(self.location, ""))
        for part in self.parts:
            part.sync(owned(part, problems))

    def fold(self, is_open: bool) -> int:
        """As `FormPart.fold`; a section all of whose settings are off hides its heading too."""
        count = super().fold(is_open)
        if self._heading.text():
            put_visible(self, any(not part.isHidden() for part in self.parts))
        return count


def _rank(field: tuple[str, FieldInfo]) -> bool:
    """What must be given, and files, come before what has a default; the order is the section's otherwise."""
    return not (field[1].is_required() or is_file(field[1]))


def part_for(context: FormContext, location: Location, info: FieldInfo) -> FormPart:
    """What shows a field: a row, or a form of its own where the field is a section or several."""
    sections = sections_in(info.annotation)
    if not sections:
        return FieldRow(context, location, info)
    if get_origin(info.annotation) is tuple:
        return SectionList(context, location, info, lambda place: section_form(context, place, info))
    form = section_form(context, location, info, heading=in_words(str(location[-1])))
    return OptionalForm(context, location, info, form) if _may_be_none(info.annotation) else form


def section_form(
    context: FormContext, location: Location, info: FieldInfo, *, heading: str = "", label: str = ""
) -> FormPart:
    """The form of a field's section; where it comes in kinds, with their choice.

    Args:
        context: The document and the theme.
        location: Where the section stands.
        info: The field that holds it.
        heading: Stands above the fields of a section that comes in one kind only.
        label: Stands beside the choice of kinds; the heading, or "Kind", where it is empty.
    """
    sections = sections_in(info.annotation)
    if len(sections) == 1:
        return SettingsForm(context, sections[0], location, heading=heading)

    def form_of(section: type[Section], place: Location) -> FormPart:
        return SettingsForm(context, section, place)

    return KindForm(
        context, location, sections, form_of, label=label or heading or "Kind", about=info.description or ""
    )


def _may_be_none(annotation: Any) -> bool:
    return NoneType in get_args(annotation)

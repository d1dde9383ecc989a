"""A form is made from the fields of a section: what the section gains appears without a word of code."""

from typing import Annotated, Literal

import pytest
from pydantic import Field
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from gui.widgets.plain_document import PlainDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.choice_field import ChoiceField, SwitchField
from workbench.gui.widgets.field import TextField
from workbench.gui.widgets.field_row import FieldRow
from workbench.gui.widgets.file_field import FileField
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.kind_form import KindForm
from workbench.gui.widgets.list_field import ListField
from workbench.gui.widgets.number_field import NumberField
from workbench.gui.widgets.optional_form import OptionalForm
from workbench.gui.widgets.section_list import SectionList
from workbench.gui.widgets.settings_form import SettingsForm
from workbench.recipe.section import Section, setting


class Apple(Section):
    """Grows on a tree."""

    kind: Literal["apple"] = "apple"
    sweetness: float = setting(3.0, help="How sweet it is.", gt=0, le=9)
    pips: int = setting(5, help="What is inside.", ge=0, le=99)


class Plum(Section):
    """Falls from a tree."""

    kind: Literal["plum"] = "plum"
    sweetness: float = setting(4.0, help="How sweet it is.", gt=0, le=9)


class Leaf(Section):
    """Hangs on a tree."""

    length: float = setting(2.5, help="From end to end.", unit="cm", gt=0, le=50)


class Tree(Section):
    """A section that no form has ever seen."""

    age: int = setting(7, help="Since it was planted.", unit="years", ge=0, le=5000)
    height: float = setting(0.0, help="Above the ground; 0 is unknown.", unit="m", ge=0, le=200)
    share: float = setting(0.5, help="Of light it gets.", ge=0, le=1)
    photo: str = setting("", help="A picture of it.", is_file=True)
    name: str = setting(..., help="What it is called.")
    is_old: bool = setting(True, help="Whether it is old.")
    bark: Literal["smooth", "very_rough"] = setting("smooth", help="How it feels.")
    rings: tuple[int, ...] = setting((3, 4), help="Width of each ring.")
    seed: int | None = setting(None, help="Where it came from.", ge=0, le=9)
    fruit: Annotated[Apple | Plum, Field(discriminator="kind")] = Field(default=Apple(), description="What it bears.")
    leaf: Leaf | None = Field(default=None, description="What it wears.")
    branches: tuple[Leaf, ...] = Field(default=(), description="What it stretches out.")


@pytest.fixture
def document() -> PlainDocument:
    return PlainDocument(Tree)


@pytest.fixture
def form(qtbot: QtBot, theme: Theme, document: PlainDocument) -> SettingsForm:
    form = SettingsForm(FormContext(document, theme), Tree, ())
    document.form = form
    qtbot.addWidget(form)
    form.sync({})
    form.fold(True)
    form.show()
    return form


def row(form: SettingsForm, name: str) -> FieldRow:
    found = next(part for part in form.parts if part.location == (name,))
    assert isinstance(found, FieldRow)
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("age", NumberField),
        ("height", NumberField),
        ("seed", NumberField),
        ("photo", FileField),
        ("name", TextField),
        ("is_old", SwitchField),
        ("bark", ChoiceField),
        ("rings", ListField),
    ],
)
def test_every_type_of_field_has_its_own_widget(form: SettingsForm, name: str, kind: type) -> None:
    assert type(row(form, name).field) is kind


def test_sections_inside_get_forms_of_their_own(form: SettingsForm) -> None:
    kinds = {part.location[0]: type(part) for part in form.parts if type(part) is not FieldRow}
    assert kinds == {"fruit": KindForm, "leaf": OptionalForm, "branches": SectionList}


def test_a_field_tells_its_name_unit_help_and_range(form: SettingsForm) -> None:
    age = row(form, "age")
    assert age.label.text() == "Age"
    assert "Since it was planted." in age.label.toolTip()
    assert "At least 0, at most 5000" in age.field.entry.toolTip()
    assert age.field.entry.accessibleName() == "Age"
    assert "years" in [label.text() for label in age.field.entry.findChildren(QLabel)]


def test_what_must_be_given_and_files_come_first(form: SettingsForm) -> None:
    assert [part.location[0] for part in form.parts][:3] == ["photo", "name", "age"]


def test_words_are_shown_as_people_write_them_and_stored_as_the_recipe_does(
    form: SettingsForm, document: PlainDocument
) -> None:
    combo = row(form, "bark").field.findChild(QComboBox)
    assert [combo.itemText(place) for place in range(combo.count())] == ["Smooth", "Very rough"]
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert document.value(("bark",)) == "very_rough"


def test_a_click_on_a_box_turns_a_setting_off(form: SettingsForm, document: PlainDocument, qtbot: QtBot) -> None:
    box = row(form, "is_old").field.findChild(QCheckBox)
    assert box.isChecked()
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert document.value(("is_old",)) is False


def test_settings_that_are_off_wait_until_they_are_asked_for(form: SettingsForm) -> None:
    assert form.fold(False) == 3
    hidden = {part.location[0] for part in form.parts if part.isHidden()}
    assert hidden == {"height", "seed", "leaf"}
    form.fold(True)
    assert not any(part.isHidden() for part in form.parts)


def test_a_setting_that_was_turned_on_stays_in_view_when_it_is_turned_off_again(
    form: SettingsForm, document: PlainDocument
) -> None:
    document.set(("height",), 12.0)
    document.set(("height",), 0.0)
    form.fold(False)
    assert not row(form, "height").isHidden()
    form.forget()
    form.fold(False)
    assert row(form, "height").isHidden()


def test_a_refusal_stands_at_its_field_and_one_of_the_section_above_all(form: SettingsForm) -> None:
    form.sync({("age",): "Age = -1 is out of range.", (): "A tree needs roots."})
    assert row(form, "age").refusal.text() == "Age = -1 is out of range."
    assert row(form, "age").field.entry.property("invalid") is True
    assert not row(form, "name").field.entry.property("invalid")
    assert "A tree needs roots." in [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    form.sync({})
    assert row(form, "age").refusal.isHidden()
    assert row(form, "age").field.entry.property("invalid") is False


def test_a_refused_item_of_a_list_is_marked_at_the_list(form: SettingsForm) -> None:
    form.sync({("rings", 1): "Item 2 of rings = “x” must be a whole number."})
    assert row(form, "rings").refusal.text() == "Item 2 of rings = “x” must be a whole number."


def test_a_refusal_is_not_spelt_out_before_a_person_has_finished_typing(
    form: SettingsForm, document: PlainDocument, qtbot: QtBot
) -> None:
    age = row(form, "age")
    document.problems = {("age",): "Age must be a whole number."}
    age.field.entry.setFocus()
    qtbot.keyClicks(age.field.entry, "x")
    assert age.field.entry.property("invalid") is True
    assert age.refusal.isHidden()
    qtbot.keyClick(age.field.entry, Qt.Key.Key_Return)
    assert age.refusal.text() == "Age must be a whole number."
    assert not age.refusal.isHidden()


def test_another_kind_keeps_the_values_that_both_have_and_the_first_comes_back_as_it_was(
    form: SettingsForm, document: PlainDocument
) -> None:
    document.set(("fruit", "sweetness"), 8.0)
    document.set(("fruit", "pips"), 11)
    part = next(part for part in form.parts if isinstance(part, KindForm))
    assert [part.combo.itemText(place) for place in range(part.combo.count())] == ["Apple", "Plum"]
    before = document.visits
    part.combo.activated.emit(1)
    assert document.value(("fruit",)) == {"kind": "plum", "sweetness": 8.0}
    assert document.visits > before
    document.set(("fruit", "sweetness"), 2.0)
    part.combo.activated.emit(0)
    assert document.value(("fruit",)) == {"kind": "apple", "sweetness": 2.0, "pips": 11}


def test_choosing_the_kind_that_is_there_changes_nothing(form: SettingsForm, document: PlainDocument) -> None:
    part = next(part for part in form.parts if isinstance(part, KindForm))
    before = document.draft
    part.combo.activated.emit(0)
    assert document.draft is before


def test_an_optional_section_is_ticked_on_and_off_and_keeps_what_was_typed(
    form: SettingsForm, document: PlainDocument
) -> None:
    part = next(part for part in form.parts if isinstance(part, OptionalForm))
    part.box.click()
    assert document.value(("leaf",)) == {"length": 2.5}
    document.set(("leaf", "length"), 9.0)
    part.box.click()
    assert document.value(("leaf",)) is None
    part.box.click()
    assert document.value(("leaf",)) == {"length": 9.0}


def test_reveal_finds_the_field_of_a_place_and_opens_what_hides_it(form: SettingsForm) -> None:
    form.fold(False)
    found = form.reveal(("height",))
    assert found is row(form, "height").field.entry
    assert not row(form, "height").isHidden()
    assert form.reveal(("fruit", "sweetness")) is not None

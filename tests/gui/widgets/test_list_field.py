"""A list is typed with commas; names with commas stand in quotes."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from gui.widgets.plain_document import PlainDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.list_field import ListField
from workbench.recipe.data import Idx
from workbench.recipe.models import Mlp
from workbench.recipe.section import Section


def field_of(qtbot: QtBot, theme: Theme, section: type[Section], name: str) -> ListField:
    field = ListField(FormContext(PlainDocument(section), theme), (name,), section.model_fields[name])
    qtbot.addWidget(field)
    field.show()
    return field


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("800, 800", [800, 800]), ("30", [30]), ("30,", [30]), ("", []), ("30, x", [30, "x"]), ("1.5", ["1.5"])],
)
def test_numbers_are_told_apart_by_commas_and_what_is_no_number_stays_a_text(
    qtbot: QtBot, theme: Theme, typed: str, meant: list[Any]
) -> None:
    field = field_of(qtbot, theme, Mlp, "hidden")
    qtbot.keyClicks(field.line, typed)
    if typed:
        assert field.context.document.value(("hidden",)) == meant
    assert field.parse(typed) == meant


@pytest.mark.parametrize("names", [["cat", "dog"], ["cat, big", "dog"], ['a "b"', "c"], []])
def test_names_read_back_as_they_were_written(qtbot: QtBot, theme: Theme, names: list[str]) -> None:
    field = field_of(qtbot, theme, Idx, "classes")
    field.display(names)
    assert field.parse(field.line.text()) == names


def test_typing_is_not_rewritten_under_the_cursor(qtbot: QtBot, theme: Theme) -> None:
    field = field_of(qtbot, theme, Mlp, "hidden")
    field.line.setText("30,30")
    field.display([30, 30])
    assert field.line.text() == "30,30"
    field.display([30, 40])
    assert field.line.text() == "30, 40"

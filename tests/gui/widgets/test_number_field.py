"""A number is typed freely, stepped on its own scale and never clamped."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic.fields import FieldInfo
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.plain_document import PlainDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.form_part import FormContext, FormPart
from workbench.gui.widgets.number_field import NumberField
from workbench.recipe.inputs import TransferSet
from workbench.recipe.objectives import JensenShannon, SoftTargets
from workbench.recipe.optimisation import Optimisation
from workbench.recipe.section import Section


@pytest.fixture
def field_of(qtbot: QtBot, theme: Theme) -> Callable[[type[Section], str], NumberField]:
    def make(section: type[Section], name: str) -> NumberField:
        document = PlainDocument(section)
        info: FieldInfo = section.model_fields[name]
        field = NumberField(FormContext(document, theme), (name,), info)

        class Whole(FormPart):
            def sync(self, problems: Any) -> None:
                field.display(document.value((name,)))

        document.form = Whole(field.context, ())
        qtbot.addWidget(document.form)
        qtbot.addWidget(field)
        field.display(document.value((name,)))
        field.show()
        return field

    return make


def value(field: NumberField) -> Any:
    return field.context.document.value(field.location)


def type_over(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.line.setFocus()
    field.line.selectAll()
    qtbot.keyClicks(field.line, text)


def wheel_over(widget: QWidget, notches: int) -> QWheelEvent:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("0.003", 0.003), ("1e-2", 0.01), (" 5 ", 5.0), ("-1", -1.0), ("5000", 5000.0), ("fast", "fast"), ("nan", "nan")],
)
def test_what_is_typed_goes_into_the_draft_as_it_is_meant_and_stays_as_it_was_typed(
    qtbot: QtBot, field_of: Callable[..., NumberField], typed: str, meant: Any
) -> None:
    field = field_of(Optimisation, "learning_rate")
    type_over(qtbot, field, typed)
    assert value(field) == meant
    assert field.line.text() == typed


def test_a_whole_number_with_a_fraction_is_kept_for_the_recipe_to_refuse(
    qtbot: QtBot, field_of: Callable[..., NumberField]
) -> None:
    field = field_of(Optimisation, "epochs")
    type_over(qtbot, field, "2.5")
    assert value(field) == 2.5


@pytest.mark.parametrize(
    ("number", "text"), [(4.0, "4"), (0.05, "0.05"), (1e-05, "1e-5"), (1.5e-07, "1.5e-7"), (15, "15"), (1e6, "1000000")]
)
def test_a_number_is_written_with_every_digit_that_matters_and_none_more(
    field_of: Callable[..., NumberField], number: float, text: str
) -> None:
    field = field_of(Optimisation, "learning_rate")
    field.display(number)
    assert field.line.text() == text


@pytest.mark.parametrize(
    ("section", "name", "start", "steps"),
    [
        (Optimisation, "learning_rate", 0.05, (0.1, 0.02)),
        (Optimisation, "learning_rate", 0.03, (0.05, 0.02)),
        (Optimisation, "momentum", 0.9, (0.95, 0.85)),
        (Optimisation, "weight_decay", 0.0, (0.0001, 0.0)),
        (Optimisation, "epochs", 15, (16, 14)),
        (Optimisation, "epochs", 1, (2, 1)),
        (TransferSet, "batch_size", 1280, (1380, 1180)),
        (SoftTargets, "alpha", 1.0, (1.0, 0.95)),
        (SoftTargets, "temperature", 1000.0, (1000.0, 500.0)),
    ],
)
def test_the_arrow_keys_step_on_the_scale_of_the_number_and_stay_in_its_range(
    field_of: Callable[..., NumberField], section: type[Section], name: str, start: float, steps: tuple[float, float]
) -> None:
    field = field_of(section, name)
    for key, expected in zip((Qt.Key.Key_Up, Qt.Key.Key_Down), steps, strict=True):
        field.context.document.set(field.location, start)
        QTest.keyClick(field.line, key)
        assert value(field) == pytest.approx(expected)
        assert type(value(field)) is type(start)


def test_the_wheel_scrolls_the_form_and_not_a_number_nobody_is_in(field_of: Callable[..., NumberField]) -> None:
    field = field_of(Optimisation, "epochs")
    event = wheel_over(field.line, 1)
    assert value(field) == 15
    assert not event.isAccepted()


def test_the_wheel_steps_the_number_that_has_the_focus(qtbot: QtBot, field_of: Callable[..., NumberField]) -> None:
    field = field_of(Optimisation, "epochs")
    field.activateWindow()
    field.line.setFocus()
    qtbot.waitUntil(field.line.hasFocus)
    wheel_over(field.line, -1)
    assert value(field) == 14


def test_temperature_and_alpha_slide_and_a_learning_rate_does_not(field_of: Callable[..., NumberField]) -> None:
    assert field_of(SoftTargets, "temperature").slider is not None
    assert field_of(SoftTargets, "alpha").slider is not None
    assert field_of(JensenShannon, "beta").slider is not None
    assert field_of(Optimisation, "learning_rate").slider is None


def test_the_temperature_slides_by_factors_over_its_usual_range_only(field_of: Callable[..., NumberField]) -> None:
    field = field_of(SoftTargets, "temperature")
    assert field.slider is not None
    field.slider.setValue(field.slider.maximum() // 2)
    assert value(field) == pytest.approx(5.0)
    field.slider.setValue(0)
    assert value(field) == 0.5
    field.slider.setValue(field.slider.maximum())
    assert value(field) == 50.0


def test_a_number_beyond_the_slider_leaves_the_handle_at_its_end_and_stays_as_typed(
    qtbot: QtBot, field_of: Callable[..., NumberField]
) -> None:
    field = field_of(SoftTargets, "temperature")
    assert field.slider is not None
    type_over(qtbot, field, "400")
    assert field.slider.value() == field.slider.maximum()
    assert value(field) == 400.0


def test_the_slider_follows_what_is_typed(qtbot: QtBot, field_of: Callable[..., NumberField]) -> None:
    field = field_of(SoftTargets, "alpha")
    assert field.slider is not None
    type_over(qtbot, field, "0.25")
    assert field.slider.value() == 25


def test_leaving_a_field_ends_the_visit(qtbot: QtBot, field_of: Callable[..., NumberField]) -> None:
    field = field_of(Optimisation, "epochs")
    type_over(qtbot, field, "20")
    document = field.context.document
    assert isinstance(document, PlainDocument)
    before = document.visits
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert document.visits == before + 1

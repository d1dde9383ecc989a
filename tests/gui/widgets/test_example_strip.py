"""Watched examples as small pictures."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.events import Probed
from workbench.gui.lens import Seen, seen_of
from workbench.gui.theme import Theme
from workbench.gui.widgets.example_strip import ExampleStrip
from workbench.session.looking import HeldOutExamples

PICTURES = HeldOutExamples(
    np.stack([np.full((1, 8, 8), 30 * place, np.uint8) for place in range(8)]), np.arange(8) % 2, ("cat", "dog")
)


def seen(examples: tuple[int, ...], answers: tuple[int, ...]) -> list[Seen]:
    """Examples whose true class is 0 for even places, with these answers of the student."""
    rows = tuple((0.9, 0.1) if answer == 0 else (0.1, 0.9) for answer in answers)
    labels = tuple(place % 2 for place in examples)
    return seen_of(
        Probed(
            step=1,
            examples=examples,
            labels=labels,
            temperature=1.0,
            teacher_at_1=(),
            student_at_1=rows,
            teacher_at_t=(),
            student_at_t=rows,
        )
    )


@pytest.fixture
def strip(theme: Theme, qtbot: QtBot) -> ExampleStrip:
    strip = ExampleStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(400, 80)
    strip.show()
    return strip


def test_each_example_has_its_label_and_a_mark(strip: ExampleStrip) -> None:
    strip.show_seen(seen((2, 3), (0, 0)), ("cat", "dog"), PICTURES)
    assert [strip.item(row).text() for row in range(2)] == ["cat", "dog"]
    assert [strip.item(row).data(Qt.ItemDataRole.UserRole) for row in range(2)] == ["✓", "✗"]
    assert strip.item(1).toolTip() == "Example 3, label dog, student wrong"


def test_newer_answers_change_the_marks_and_nothing_else(strip: ExampleStrip, qtbot: QtBot) -> None:
    strip.show_seen(seen((2, 3), (0, 0)), ("cat", "dog"), PICTURES)
    strip.setCurrentRow(1)
    item = strip.item(1)
    with qtbot.assertNotEmitted(strip.picked):
        strip.show_seen(seen((2, 3), (1, 1)), ("cat", "dog"), PICTURES)
    assert strip.item(1) is item
    assert [strip.item(row).data(Qt.ItemDataRole.UserRole) for row in range(2)] == ["✗", "✓"]
    assert strip.currentRow() == 1


def test_the_chosen_example_stays_chosen_where_others_come_around_it(strip: ExampleStrip) -> None:
    strip.show_seen(seen((2, 3), (0, 0)), ("cat", "dog"), PICTURES)
    strip.setCurrentRow(1)
    strip.show_seen(seen((6, 7, 3), (0, 0, 0)), ("cat", "dog"), PICTURES)
    assert strip.currentRow() == 2
    strip.show_seen(seen((6, 7), (0, 0)), ("cat", "dog"), PICTURES)
    assert strip.currentRow() == 0


def test_a_click_picks(strip: ExampleStrip, qtbot: QtBot) -> None:
    strip.show_seen(seen((2, 3), (0, 0)), ("cat", "dog"), PICTURES)
    with qtbot.waitSignal(strip.picked) as heard:
        place = strip.visualItemRect(strip.item(1)).center()
        qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard.args == [1]


def test_pictures_are_those_of_the_examples(strip: ExampleStrip) -> None:
    strip.show_seen(seen((2, 6), (0, 0)), ("cat", "dog"), PICTURES)
    for row, place in enumerate((2, 6)):
        image = strip.item(row).data(Qt.ItemDataRole.DecorationRole).toImage()
        assert image.pixelColor(image.width() // 2, image.height() // 2).red() == 30 * place


def test_long_names_make_wide_cells(strip: ExampleStrip) -> None:
    narrow = strip.gridSize().width()
    strip.show_seen(seen((2, 3), (0, 0)), ("garbage truck", "carrot"), None)
    assert strip.gridSize().width() > narrow

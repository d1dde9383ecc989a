"""Maps side by side: pointing at cells, and what is painted in them."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.class_map import ClassMap
from workbench.gui.widgets.heat_map import HeatMaps
from workbench.gui.widgets.heat_map_painting import MapPlaces

TEACHER = np.array([[0.8, 0.15, 0.05], [0.0, 0.9, 0.1], [0.3, 0.1, 0.6]])
STUDENT = np.array([[0.7, 0.2, 0.1], [0.05, 0.85, 0.1], [0.2, 0.2, 0.6]])


@pytest.fixture
def maps(theme: Theme, qtbot: QtBot) -> HeatMaps:
    maps = HeatMaps(theme)
    qtbot.addWidget(maps)
    maps.resize(700, 260)
    maps.set_log(log=False)
    maps.show_maps((ClassMap("Teacher", "teacher", TEACHER), ClassMap("Student", "student", STUDENT)), ("a", "b", "c"))
    maps.show()
    return maps


def colour_at(maps: HeatMaps, number: int, row: int, column: int) -> QColor:
    """The colour near the upper left corner of a cell, where no number stands."""
    cell = MapPlaces(maps).cell(number, row, column)
    return maps.grab().toImage().pixelColor(cell.left() + 3, cell.top() + 3)


def test_the_largest_share_shown_has_the_models_own_colour_and_none_has_no_colour(maps: HeatMaps, theme: Theme) -> None:
    assert colour_at(maps, 0, 2, 0) == theme.colour("teacher")
    assert colour_at(maps, 0, 1, 0) == theme.colour("raised")
    assert colour_at(maps, 0, 0, 0) == theme.colour("window")


def test_with_the_right_answers_the_scale_is_theirs(maps: HeatMaps, theme: Theme) -> None:
    maps.set_diagonal(hidden=False)
    assert colour_at(maps, 0, 1, 1) == theme.colour("teacher")
    assert colour_at(maps, 0, 2, 0) != theme.colour("teacher")


def test_equal_shares_of_two_models_are_equally_far_along_their_colours(maps: HeatMaps) -> None:
    cells = [colour_at(maps, number, 1, 2) for number in (0, 1)]
    whites = [255 - max(cell.red(), cell.green(), cell.blue()) for cell in cells]
    assert all(white < 60 for white in whites)
    assert cells[0] != cells[1]


def test_differences_have_the_colour_of_who_says_more(maps: HeatMaps, theme: Theme) -> None:
    maps.show_maps((ClassMap("Difference", "teacher", TEACHER - STUDENT, below="student"),), ("a", "b", "c"))
    assert colour_at(maps, 0, 2, 0) == theme.colour("teacher")
    assert colour_at(maps, 0, 2, 1) == theme.colour("student")
    assert colour_at(maps, 0, 1, 2) == theme.colour("raised")


def test_the_mouse_points_at_the_same_cell_in_either_map_and_at_nothing_outside(maps: HeatMaps, qtbot: QtBot) -> None:
    places = MapPlaces(maps)
    for number in (0, 1):
        qtbot.mouseMove(maps, places.cell(number, 2, 1).center())
        qtbot.waitUntil(lambda: maps.cell == (2, 1))
        qtbot.mouseMove(maps, maps.rect().bottomRight())
        qtbot.waitUntil(lambda: maps.cell is None)


def test_arrow_keys_stay_inside(maps: HeatMaps, qtbot: QtBot) -> None:
    maps.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(maps, key)
    assert maps.cell == (0, 0)
    for _ in range(5):
        qtbot.keyClick(maps, Qt.Key.Key_Right)
    assert maps.cell == (0, 2)


def test_a_cell_that_is_gone_is_not_pointed_at_any_more(maps: HeatMaps, qtbot: QtBot) -> None:
    maps.setFocus()
    qtbot.keyClick(maps, Qt.Key.Key_Right)
    for _ in range(2):
        qtbot.keyClick(maps, Qt.Key.Key_Down)
    assert maps.cell == (2, 0)
    with qtbot.waitSignal(maps.cell_changed):
        maps.show_maps((ClassMap("Teacher", "teacher", TEACHER[:2, :2]),), ("a", "b"))
    assert maps.cell is None


@pytest.mark.parametrize("count", [2, 10, 40])
@pytest.mark.parametrize("width", [300, 1400])
def test_maps_of_any_size_fit_into_their_least_height(theme: Theme, qtbot: QtBot, count: int, width: int) -> None:
    maps = HeatMaps(theme)
    qtbot.addWidget(maps)
    names = tuple(f"a long name {number}" for number in range(count))
    maps.show_maps((ClassMap("Teacher", "teacher", np.eye(count)),), names)
    maps.resize(max(width, maps.minimumSizeHint().width()), maps.minimumSizeHint().height())
    last = MapPlaces(maps).cell(0, count - 1, count - 1)
    assert maps.rect().contains(last)
    assert not maps.grab().isNull()


def test_another_theme_repaints_the_maps(maps: HeatMaps, theme: Theme) -> None:
    before = colour_at(maps, 0, 2, 0)
    theme.mode = "dark"
    assert colour_at(maps, 0, 2, 0) == theme.colour("teacher") != before

"""Ticks, numbers in words, and the height of what is seen."""

import numpy as np
import pytest

from workbench.gui.widgets.plot_axes import Height, linear_ticks, log_ticks, number, per_second, percent, place, rate


def test_ticks_are_round_numbers_with_as_many_digits_as_they_need() -> None:
    assert linear_ticks(0, 1, 5).texts == ("0", "0.2", "0.4", "0.6", "0.8", "1.0")
    assert linear_ticks(0, 12_000, 3).texts == ("0", "5,000", "10,000")


def test_ticks_in_another_unit_stand_where_that_unit_is_round() -> None:
    ticks = linear_ticks(0, 620, 5, scale=62)
    assert ticks.texts == ("0", "2", "4", "6", "8", "10")
    assert ticks.places == (0, 124, 248, 372, 496, 620)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-2, 1, ("0.01", "0.1", "1", "10")),
        (-7, -5, ("10⁻⁷", "10⁻⁶", "10⁻⁵")),
        (0, 0.3, ("1.0", "1.2", "1.4", "1.6", "1.8")),
    ],
)
def test_logarithmic_ticks_are_powers_of_ten_or_round_numbers_where_there_are_none(
    low: float, high: float, texts: tuple[str, ...]
) -> None:
    assert log_ticks(low, high, 5).texts == texts


def test_numbers_are_written_for_people() -> None:
    assert [number(value) for value in (2.302585, 0.0231, 0.00001, 123456.7, 0, float("nan"))] == [
        "2.303",
        "0.02310",
        "1.00e-05",
        "123,457",
        "0",
        "–",
    ]
    assert percent(3.2) == "3.20 %"
    assert rate(0.05) == "0.05"
    assert per_second(1234.56) == "1,234.6"
    assert [place(value) for value in (1234.0, 2.5)] == ["1,234", "2.50"]


def test_a_few_huge_values_do_not_press_the_others_down_and_are_told() -> None:
    height = Height()
    height.fit(np.concatenate(([500.0, 80.0], np.linspace(1, 0.5, 200))), cut=True, log=False)
    assert height.high < 3
    assert height.above == 500.0


def test_nothing_is_cut_where_values_are_spread_or_where_a_person_wants_all() -> None:
    height = Height()
    height.fit(np.linspace(0, 10, 100), cut=True, log=False)
    assert height.above is None
    height.forget()
    height.fit(np.concatenate(([500.0], np.linspace(1, 0.5, 200))), cut=False, log=False)
    assert height.high >= 500


def test_the_edges_hold_still_while_the_data_stays_inside() -> None:
    height = Height()
    height.fit(np.array([0.0, 1.0]), cut=False, log=False)
    edges = height.low, height.high
    height.fit(np.array([0.02, 0.95]), cut=False, log=False)
    assert (height.low, height.high) == edges
    height.fit(np.array([0.0, 2.0]), cut=False, log=False)
    assert height.high > 2


def test_equal_values_get_room_above_and_below() -> None:
    height = Height()
    height.fit(np.full(5, 3.0), cut=True, log=False)
    assert height.low < 3 < height.high

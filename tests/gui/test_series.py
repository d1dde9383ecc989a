"""Outlines, averages and speeds against the plain way of computing them."""

import numpy as np
import pytest

from workbench.gui.series import Pace, Smoothed, Trace, within


def _noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(count)


@pytest.mark.parametrize("count", [5_000, 65_536, 200_003])
def test_an_outline_keeps_every_extreme_and_takes_few_points(count: int) -> None:
    trace, x, y = Trace(), np.arange(1.0, count + 1), _noise(count)
    trace.set(x, y)
    outline_x, outline_y = trace.outline(0, count, 300)
    assert outline_y.max() == y.max()
    assert outline_y.min() == y.min()
    assert len(outline_x) <= 2 * 300 + 4
    assert (np.diff(outline_x) >= 0).all()


def test_an_outline_that_grew_bit_by_bit_is_the_one_of_the_whole() -> None:
    x, y = np.arange(40_000.0), _noise(40_000)
    grown, whole = Trace(), Trace()
    for end in (1, 17, 256, 5_000, 5_001, 40_000):
        grown.set(x[:end], y[:end])
    whole.set(x, y)
    for edges in ((0.0, 40_000.0), (123.0, 7_777.0), (39_000.0, 39_020.0)):
        for mine, its in zip(grown.outline(*edges, 200), whole.outline(*edges, 200), strict=True):
            assert np.array_equal(mine, its)


def test_an_outline_of_a_small_part_is_the_values_themselves_with_one_neighbour_on_each_side() -> None:
    trace, x, y = Trace(), np.arange(10_000.0), _noise(10_000)
    trace.set(x, y)
    outline_x, outline_y = trace.outline(500.5, 503.5, 400)
    assert outline_x.tolist() == [500.0, 501.0, 502.0, 503.0, 504.0]
    assert outline_y.tolist() == y[500:505].tolist()


def test_what_is_not_a_number_is_left_out_of_extremes() -> None:
    y = _noise(50_000)
    y[1_000:1_200] = np.nan
    trace = Trace()
    trace.set(np.arange(50_000.0), y)
    _, outline = trace.outline(0, 50_000, 100)
    assert np.nanmax(outline) == np.nanmax(y)
    assert np.nanmin(outline) == np.nanmin(y)


def test_other_values_under_the_same_name_replace_the_old_ones() -> None:
    trace = Trace()
    trace.set(np.arange(30_000.0), _noise(30_000, 1) + 100)
    trace.set(np.arange(40_000.0), _noise(40_000, 2))
    _, outline = trace.outline(0, 40_000, 100)
    assert outline.max() < 50


@pytest.mark.parametrize("over", [3, 50, 2_000])
def test_an_average_is_the_recursion_it_is_named_after(over: int) -> None:
    y = _noise(3_000) + 5
    y[700:720] = np.nan
    smoothed = Smoothed(over)
    for end in (1, 2, 900, 901, 3_000):
        smoothed.grow(y[:end])
    keep, total, weight, expected = 1 - 1 / over, 0.0, 0.0, []
    for value in y:
        counts = bool(np.isfinite(value))
        total = keep * total + (1 - keep) * (value if counts else 0.0)
        weight = keep * weight + (1 - keep) * counts
        expected.append(total / weight if counts else np.nan)
    np.testing.assert_allclose(smoothed.view, expected, rtol=1e-9)


def test_the_nearest_value_is_found_at_between_and_beyond_the_values() -> None:
    trace = Trace()
    trace.set(np.array([10.0, 20.0, 40.0]), np.zeros(3))
    assert [trace.nearest(x) for x in (-5, 10, 14.9, 15.1, 29, 31, 99)] == [0, 0, 0, 1, 1, 2, 2]


def test_speed_is_steps_over_the_last_second_and_unknown_at_the_first_step() -> None:
    steps = np.arange(1.0, 401)
    seconds = np.concatenate((np.arange(200) * 0.01, 2 + np.arange(200) * 0.02))
    pace = Pace()
    pace.grow(steps[:150], seconds[:150])
    rates = pace.grow(steps, seconds)
    assert np.isnan(rates[0])
    assert rates[150] == pytest.approx(100)
    assert rates[-1] == pytest.approx(50)


def test_a_line_cut_at_two_heights_ends_where_it_crosses_them() -> None:
    x, y = within(np.array([0.0, 1.0, 2.0]), np.array([0.0, 10.0, 0.0]), 2.0, 5.0)
    seen = np.isfinite(y)
    assert x[seen].tolist() == [0.2, 0.5, 1.5, 1.8]
    assert y[seen].tolist() == [2.0, 5.0, 5.0, 2.0]

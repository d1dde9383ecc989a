"""Shares into colours: one scale for every map."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from workbench.gui.widgets.class_map import ClassMap, MapScale, scale_of, shown_of
from workbench.gui.widgets.colour_ramp import STEPS, lightness, ramp

VALUES = np.array([[0.9, 0.02, 0.08], [0.001, 0.95, 0.049], [0.03, 0.07, 0.9]])


def maps(*values: np.ndarray) -> tuple[ClassMap, ...]:
    return tuple(ClassMap("", "teacher", each) for each in values)


def test_the_scale_serves_what_is_shown_by_all_maps() -> None:
    both = maps(VALUES, VALUES / 2)
    assert scale_of(both, log=False, hides_diagonal=True) == MapScale(0.08, 0.0, is_log=False)
    assert scale_of(both, log=False, hides_diagonal=False).top == 0.95
    assert scale_of(both, log=True, hides_diagonal=True).low == pytest.approx(0.0005)


def test_a_difference_does_not_stretch_the_scale_of_the_shares() -> None:
    difference = ClassMap("", "teacher", VALUES * 3, below="student")
    assert scale_of((*maps(VALUES), difference), log=False, hides_diagonal=True).top == 0.08


def test_on_a_log_scale_equal_ratios_are_equally_far_apart() -> None:
    scale = MapScale(0.1, 0.001, is_log=True)
    assert scale.along(np.array([0.0, 0.001, 0.01, 0.1, 0.5])) == pytest.approx([0, 0, 0.5, 1, 1])
    assert MapScale(0.1, 0.0, is_log=False).along(np.array([0.0, 0.025, 0.1])) == pytest.approx([0, 0.25, 1])


def test_empty_maps_still_have_a_scale() -> None:
    scale = scale_of(maps(np.zeros((2, 2))), log=True, hides_diagonal=True)
    assert np.isfinite(scale.along(np.zeros((2, 2)))).all()
    assert shown_of(np.ones((1, 1)), hides_diagonal=True).tolist() == [1.0]


def test_a_ramp_goes_from_one_colour_to_the_other_in_steps_that_look_alike() -> None:
    start, end = QColor("#ffffff"), QColor("#b25e00")
    colours = ramp(start, end)
    assert (int(colours[0]), int(colours[-1])) == (start.rgb(), end.rgb())
    steps = np.diff([lightness(int(colour)) for colour in colours[:: STEPS // 8]])
    assert (steps < 0).all()
    assert steps.min() == pytest.approx(steps.max(), rel=0.15)

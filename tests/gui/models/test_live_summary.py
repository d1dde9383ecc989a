"""The row of the run that trains."""

import numpy as np

from workbench.gui.models.live_summary import thinned


def test_a_short_curve_is_kept_as_it_is() -> None:
    assert thinned(np.array([3.0, 2.0, 1.0])) == (3.0, 2.0, 1.0)


def test_a_long_curve_becomes_means_of_neighbours_that_weigh_the_same() -> None:
    values = np.arange(6000.0)
    thin = thinned(values, 60)
    assert len(thin) == 60
    assert thin[0] == values[:100].mean()
    assert np.mean(thin) == values.mean()


def test_what_is_not_finite_leaves_no_trace() -> None:
    assert thinned(np.array([1.0, np.nan, np.inf, 2.0])) == (1.0, 2.0)

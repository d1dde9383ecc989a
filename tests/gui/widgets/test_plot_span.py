"""What part of the x axis is seen: it follows the data until a person looks closer."""

from workbench.gui.widgets.plot_span import PlotSpan


def test_it_shows_all_data_of_all_plots() -> None:
    span = PlotSpan()
    span.cover(1, (1, 100))
    span.cover(2, (50, 400))
    assert span.low < 1
    assert 400 < span.high < 420


def test_while_data_grows_the_edge_moves_now_and_then_and_not_with_every_step() -> None:
    span = PlotSpan()
    span.grows, span.end = True, 1000.0
    edges = set()
    for step in range(1, 1001):
        span.cover(1, (1, step))
        assert span.high >= step
        edges.add(span.high)
    assert len(edges) < 25
    assert span.high < 1020


def test_when_all_data_has_come_no_room_is_left_for_more() -> None:
    span = PlotSpan()
    span.grows = True
    span.cover(1, (1, 100))
    assert span.high > 120
    span.grows = False
    assert span.high < 103


def test_what_a_person_zoomed_to_stays_while_data_grows_until_it_is_to_be_followed_again() -> None:
    span = PlotSpan()
    span.cover(1, (1, 100))
    span.zoom(2.0, 50.0)
    seen = span.low, span.high
    span.cover(1, (1, 5000))
    assert (span.low, span.high) == seen
    assert not span.follows
    span.fit()
    assert span.follows
    assert span.high > 5000


def test_zooming_keeps_the_place_under_the_pointer_where_it_is() -> None:
    span = PlotSpan()
    span.cover(1, (0, 100))
    before = (30 - span.low) / (span.high - span.low)
    span.zoom(3.0, 30.0)
    assert abs((30 - span.low) / (span.high - span.low) - before) < 1e-9


def test_nobody_can_zoom_out_into_nothing_nor_in_beyond_what_numbers_can_tell() -> None:
    span = PlotSpan()
    span.cover(1, (0, 100))
    for _ in range(100):
        span.zoom(0.5, 50.0)
    assert span.high - span.low <= 201
    for _ in range(300):
        span.zoom(2.0, 50.0)
    assert span.high > span.low


def test_a_smaller_run_in_the_place_of_a_larger_one_is_shown_whole() -> None:
    span = PlotSpan()
    span.cover(1, (1, 5000))
    span.cover(1, None)
    span.cover(1, (1, 40))
    assert span.high < 45

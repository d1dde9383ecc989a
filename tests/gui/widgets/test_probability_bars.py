"""Bars as long as their shares, on either axis."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.probability_bars import Column, ProbabilityBars

ROW = np.array([0.5, 0.01, 0.49, 0.0])
NAMES = ("a", "b", "c", "d")


@pytest.fixture
def bars(theme: Theme, qtbot: QtBot) -> ProbabilityBars:
    bars = ProbabilityBars(theme)
    qtbot.addWidget(bars)
    bars.resize(600, 200)
    bars.show()
    return bars


def lengths(bars: ProbabilityBars, colour: QColor) -> list[int]:
    """How many pixels of a colour lie in each band of rows that has any, from top to bottom, titles left out."""
    image: QImage = bars.grab().toImage()
    found: list[int] = []
    before = 0
    for y in range(24, image.height()):
        count = sum(image.pixelColor(x, y) == colour for x in range(image.width()))
        if count > 2 and before <= 2:
            found.append(count)
        before = count
    return found


def test_bars_are_as_long_as_their_shares(bars: ProbabilityBars, theme: Theme) -> None:
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES)
    first, small, third = lengths(bars, theme.colour("teacher"))
    assert third / first == pytest.approx(0.98, abs=0.01)
    assert small / first == pytest.approx(0.02, abs=0.01)


def test_on_a_log_axis_a_hundredth_is_three_quarters_of_the_way(bars: ProbabilityBars, theme: Theme) -> None:
    bars.set_log(log=True)
    bars.show_columns([Column("Teacher", "teacher", np.array([1.0, 0.01, 1e-9]))], NAMES[:3])
    whole, hundredth = lengths(bars, theme.colour("teacher"))
    assert hundredth / whole == pytest.approx(0.75, abs=0.01)


def test_only_the_chosen_classes_are_drawn_in_their_order(bars: ProbabilityBars, theme: Theme) -> None:
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES, shown=(2, 1))
    first, second = lengths(bars, theme.colour("teacher"))
    assert first > second
    assert bars.accessibleDescription() == "Teacher: c 49.0 %, b 1.00 %"


def test_the_true_class_is_framed_as_far_as_the_hard_label_goes(bars: ProbabilityBars, theme: Theme) -> None:
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES)
    assert not lengths(bars, theme.colour("hard"))
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES, label=1)
    assert lengths(bars, theme.colour("hard"))
    assert bars.accessibleDescription().startswith("True class b. ")


def test_what_it_was_before_stands_paler_behind(bars: ProbabilityBars, theme: Theme) -> None:
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES)
    plain = bars.grab().toImage()
    bars.show_columns([Column("Teacher", "teacher", ROW, ghost=np.array([0.9, 0.1, 0.0, 0.0]))], NAMES)
    assert bars.grab().toImage() != plain
    first, *_ = lengths(bars, theme.colour("teacher"))
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES)
    assert lengths(bars, theme.colour("teacher"))[0] == first


def test_numbers_notes_and_every_column_are_said(bars: ProbabilityBars) -> None:
    bars.show_columns(
        [
            Column("Teacher", "teacher", ROW, ("entropy 0.7 nats", "H 0.7")),
            Column("Student", "student", ROW[::-1].copy()),
        ],
        NAMES,
    )
    assert bars.accessibleDescription() == (
        "Teacher: a 50.0 %, b 1.00 %, c 49.0 %, d 0 %; entropy 0.7 nats. Student: a 0 %, b 49.0 %, c 1.00 %, d 50.0 %"
    )


def test_more_classes_need_more_height(bars: ProbabilityBars) -> None:
    bars.show_columns([Column("Teacher", "teacher", ROW)], NAMES)
    few = bars.minimumSizeHint().height()
    bars.show_columns([Column("Teacher", "teacher", np.full(12, 1 / 12))], tuple(map(str, range(12))))
    assert bars.minimumSizeHint().height() >= few + 8 * 12


def test_a_remark_that_does_not_fit_is_told_in_fewer_words(bars: ProbabilityBars) -> None:
    bars.resize(160, 200)

    def below_the_title(*notes: str) -> QImage:
        bars.show_columns([Column("Teacher", "teacher", ROW, notes)], NAMES)
        return bars.grab(bars.rect().adjusted(0, 24, 0, 0)).toImage()

    long = "far too many words for such a place"
    assert below_the_title(long, "H 0.7") != below_the_title(long, "")

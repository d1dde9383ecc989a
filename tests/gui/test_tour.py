"""The tour: shows what is there, passes over what is not, follows the window, and comes by itself only once."""

from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.settings import Settings
from workbench.gui.theme import Theme
from workbench.gui.tour import Tour, TourStep, steps_for
from workbench.gui.tour_texts import TEXTS
from workbench.gui.widgets.tour_card import card_place


class Window(QWidget):
    """Three buttons in a row, and room below."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[str] = []
        self.buttons = [QPushButton(name) for name in ("one", "two", "three")]
        row = QHBoxLayout()
        for button in self.buttons:
            button.clicked.connect(self._note)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addStretch()
        self.resize(900, 560)

    def _note(self) -> None:
        button = self.sender()
        assert isinstance(button, QPushButton)
        self.pressed.append(button.text())


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.buttons[2].setFocus()
    qtbot.waitUntil(window.buttons[2].hasFocus)
    return window


@pytest.fixture
def tour(window: Window, theme: Theme) -> Tour:
    """Begun."""
    tour = Tour(window, [step(button) for button in window.buttons], theme, Settings())
    tour.start()
    return tour


def step(target: QWidget | None, title: str = "") -> TourStep:
    name = title or (target.text() if isinstance(target, QPushButton) else "nothing")
    return TourStep(lambda: target, name, f"This is {name}. It does something.")


def press(qtbot: QtBot, key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key)


def is_light(tour: Tour, widget: QWidget) -> bool:
    """Whether the mouse reaches the middle of the widget through the dark."""
    return not tour.mask().contains(widget.mapTo(tour.parentWidget(), widget.rect().center()))


def test_it_walks_over_its_halts_by_mouse_and_is_not_shown_again(tour: Tour, window: Window, qtbot: QtBot) -> None:
    assert (tour.card.title.text(), tour.card.count.text()) == ("one", "1 of 3")
    assert is_light(tour, window.buttons[0])
    assert not is_light(tour, window.buttons[1])
    qtbot.mouseClick(tour.card.next_button, Qt.MouseButton.LeftButton)
    assert (tour.card.title.text(), tour.card.count.text()) == ("two", "2 of 3")
    assert is_light(tour, window.buttons[1])
    qtbot.mouseClick(tour.card.back_button, Qt.MouseButton.LeftButton)
    assert tour.card.title.text() == "one"
    assert not tour.card.back_button.isEnabled()
    for _ in range(2):
        qtbot.mouseClick(tour.card.next_button, Qt.MouseButton.LeftButton)
    assert tour.card.next_button.text() == "Done"
    assert not Settings().tour_seen
    with qtbot.waitSignal(tour.finished):
        qtbot.mouseClick(tour.card.next_button, Qt.MouseButton.LeftButton)
    assert Settings().tour_seen
    assert window.buttons[2].hasFocus()


def test_it_walks_by_arrow_keys_and_return(tour: Tour, qtbot: QtBot) -> None:
    press(qtbot, Qt.Key.Key_Right)
    assert tour.card.title.text() == "two"
    press(qtbot, Qt.Key.Key_Return)
    assert tour.card.title.text() == "three"
    press(qtbot, Qt.Key.Key_Left)
    press(qtbot, Qt.Key.Key_Left)
    press(qtbot, Qt.Key.Key_Left)
    assert tour.card.title.text() == "one"


@pytest.mark.parametrize("how", ["esc", "skip"])
def test_skipping_ends_it_for_good(tour: Tour, qtbot: QtBot, how: str) -> None:
    with qtbot.waitSignal(tour.finished):
        if how == "esc":
            press(qtbot, Qt.Key.Key_Escape)
        else:
            qtbot.mouseClick(tour.card.skip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not shiboken6.isValid(tour))
    assert Settings().tour_seen


def test_tab_stays_on_the_card(tour: Tour, qtbot: QtBot) -> None:
    press(qtbot, Qt.Key.Key_Right)
    visited = []
    for _ in range(4):
        focused = QApplication.focusWidget()
        assert isinstance(focused, QPushButton)
        visited.append(focused.text())
        press(qtbot, Qt.Key.Key_Tab)
    assert visited == ["Next", "Skip", "Back", "Next"]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    assert tour.card.next_button.hasFocus()


def test_the_widget_in_the_light_can_be_used_and_those_in_the_dark_cannot(
    tour: Tour, window: Window, qtbot: QtBot
) -> None:
    for button in window.buttons[:2]:
        place = button.mapTo(window, button.rect().center())
        # As the system does: whoever lies on top at that place gets the click.
        hit = window.childAt(place)
        assert hit is not None
        qtbot.mouseClick(hit, Qt.MouseButton.LeftButton, pos=hit.mapFrom(window, place))
    assert window.pressed == ["one"]
    assert tour.isVisible()


def test_missing_and_hidden_targets_are_passed_over_and_not_counted(window: Window, theme: Theme, qtbot: QtBot) -> None:
    window.buttons[0].hide()
    elsewhere = QLabel("in a window of its own")
    qtbot.addWidget(elsewhere)
    elsewhere.show()
    steps = [step(window.buttons[0]), step(None), step(window.buttons[1]), step(elsewhere), step(window.buttons[2])]
    tour = Tour(window, steps, theme, Settings())
    tour.start()
    assert tour.card.title.text() == "two"
    tour.go_on()
    assert (tour.card.title.text(), tour.card.count.text()) == ("three", "2 of 2")
    tour.go_back()
    assert (tour.card.title.text(), tour.card.count.text()) == ("two", "1 of 2")
    tour.go_back()
    assert tour.card.title.text() == "two"


def test_without_any_target_nothing_is_shown_and_nothing_is_remembered(
    window: Window, theme: Theme, qtbot: QtBot
) -> None:
    tour = Tour(window, [step(None)], theme, Settings())
    tour.start()
    assert not tour.isVisible()
    qtbot.waitUntil(lambda: not shiboken6.isValid(tour))
    assert not Settings().tour_seen


def test_a_target_may_bring_itself_to_the_front(window: Window, theme: Theme) -> None:
    def bring() -> QWidget:
        window.buttons[1].show()
        return window.buttons[1]

    window.buttons[1].hide()
    tour = Tour(window, [TourStep(bring, "two", "It was hidden.")], theme, Settings())
    tour.start()
    assert tour.isVisible()
    assert is_light(tour, window.buttons[1])


def test_it_follows_the_window_and_a_target_that_moves_or_goes(tour: Tour, window: Window, qtbot: QtBot) -> None:
    press(qtbot, Qt.Key.Key_Right)
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: tour.size() == QSize(1400, 800) and is_light(tour, window.buttons[1]))
    layout = window.layout()
    assert layout is not None
    layout.setContentsMargins(200, 300, 0, 0)
    qtbot.waitUntil(lambda: window.buttons[1].y() >= 300 and is_light(tour, window.buttons[1]))
    assert not tour.card.geometry().intersects(window.buttons[1].geometry())
    window.buttons[1].hide()
    qtbot.waitUntil(lambda: tour.mask().boundingRect() == tour.rect() and tour.mask().rectCount() == 1)
    assert tour.card.isVisible()


def test_a_target_further_down_is_scrolled_to(window: Window, theme: Theme, qtbot: QtBot) -> None:
    scroll = QScrollArea(window)
    scroll.setGeometry(0, 100, 300, 200)
    body = QWidget()
    body.resize(280, 3000)
    far = QPushButton("far", body)
    far.move(10, 2500)
    scroll.setWidget(body)
    scroll.show()
    tour = Tour(window, [step(far)], theme, Settings())
    tour.start()
    assert scroll.geometry().contains(QRect(far.mapTo(window, QPoint(0, 0)), far.size()))
    assert is_light(tour, far)


@pytest.mark.parametrize("size", [QSize(400, 300), QSize(900, 560), QSize(1920, 1080)])
def test_every_text_of_ours_fits_on_its_card(window: Window, theme: Theme, qtbot: QtBot, size: QSize) -> None:
    window.resize(size)
    targets: dict[str, Callable[[], QWidget | None]] = {name: lambda: window.buttons[0] for name in TEXTS}
    tour = Tour(window, steps_for(targets), theme, Settings())
    tour.start()
    for number in range(1, len(TEXTS) + 1):
        QApplication.sendPostedEvents()
        assert tour.card.count.text() == f"{number} of {len(TEXTS)}"
        assert tour.rect().contains(tour.card.geometry())
        assert tour.card.text.height() >= tour.card.text.heightForWidth(tour.card.text.width())
        tour.go_on()


def test_halts_are_in_our_order_whatever_the_window_s_is() -> None:
    steps = steps_for({"palette": lambda: None, "welcome": lambda: None})
    assert [halt.title for halt in steps] == [TEXTS["welcome"][0], TEXTS["palette"][0]]


@pytest.mark.parametrize(
    "hole", [QRect(), QRect(0, 0, 100, 40), QRect(700, 20, 90, 500), QRect(5, 5, 790, 300), QRect(0, 0, 800, 600)]
)
def test_the_card_lies_inside_and_beside_the_target_where_there_is_room(hole: QRect) -> None:
    room = QRect(0, 0, 800, 600)
    lying = card_place(room, hole, QRect(0, 0, 350, 160))
    assert room.contains(lying)
    assert hole == room or not lying.intersects(hole)


def test_what_a_screen_reader_reads_is_the_halt(tour: Tour) -> None:
    assert tour.card.accessibleName() == "one, 1 of 3"
    assert tour.card.accessibleDescription() == "This is one. It does something."

"""The first time ever: the tour begins by itself, and only then."""

from collections.abc import Callable

from PySide6.QtCore import QTimer

from gui.on_screen.screen import Screen
from workbench.gui.habits import _TOUR_AFTER_MS
from workbench.gui.main_window import MainWindow
from workbench.gui.tour import Tour
from workbench.gui.tour_texts import TEXTS


def test_the_tour_begins_at_the_first_start_is_walked_with_the_arrow_key_and_does_not_come_again(
    start: Callable[..., MainWindow], screen: Screen
) -> None:
    window = start(as_left=True)
    tour = _tour(window, screen)
    seen = [tour.card.title.text()]
    while tour.card.next_button.text() == "Next":
        screen.press("Right")
        screen.until(lambda: tour.card.title.text() != seen[-1], "the arrow does not go on")
        seen.append(tour.card.title.text())
    assert seen == [title for title, _ in TEXTS.values()]
    screen.press("Escape")
    screen.until(lambda: not window.findChildren(Tour), "Esc does not end the tour")
    assert window.workspace.settings.tour_seen

    screen.ask_to_close(window)
    screen.until(lambda: not window.isVisible(), "the window does not close")
    again = start(as_left=True)
    # Begun after that of a tour, so it rings after it.
    clock = QTimer(again)
    clock.setSingleShot(True)
    clock.start(_TOUR_AFTER_MS)
    screen.until(lambda: not clock.isActive())
    assert not again.findChildren(Tour)


def _tour(window: MainWindow, screen: Screen) -> Tour:
    """The tour, once it lies over the window and has the keyboard."""

    def shown() -> list[Tour]:
        return [tour for tour in window.findChildren(Tour) if tour.card.next_button.hasFocus()]

    screen.until(shown, "the tour does not begin by itself")
    (tour,) = shown()
    return tour

"""A short walk through the window: one widget after the other in the light, with two sentences beside it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QWidget

from workbench.gui.settings import Settings
from workbench.gui.theme import Theme
from workbench.gui.tour_texts import TEXTS
from workbench.gui.widgets.announcing import announce
from workbench.gui.widgets.tour_card import MARGIN, TourCard, card_place

_CARD_WIDTH = 350
_AROUND = 5
_FOLLOW_MS = 100
_DIM = {False: QColor(16, 24, 36, 120), True: QColor(0, 0, 0, 140)}


@dataclass(frozen=True)
class TourStep:
    """One halt.

    Attributes:
        target: Finds the widget, and may bring its panel to the front first; None where there is none now.
        title: A few words.
        text: Two sentences.
    """

    target: Callable[[], QWidget | None]
    title: str
    text: str


def steps_for(targets: Mapping[str, Callable[[], QWidget | None]]) -> list[TourStep]:
    """The tour's own texts for these targets, in the tour's order; names as in `TEXTS`."""
    assert targets.keys() <= TEXTS.keys(), targets.keys() - TEXTS.keys()
    return [TourStep(targets[name], *words) for name, words in TEXTS.items() if name in targets]


class Tour(QWidget):
    """Lies over the window; the widget in the light can be used, and what trains goes on.

    Signals:
        finished: It was walked to the end or skipped; it deletes itself.

    Attributes:
        card: The card with the words.
    """

    finished = Signal()

    def __init__(self, window: QWidget, steps: Sequence[TourStep], theme: Theme, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._steps, self._theme, self._settings = window, list(steps), theme, settings
        self._place = -1
        # Halts whose target was not there: they are not counted.
        self._missing: set[int] = set()
        self._target: QWidget | None = None
        self._hole = QRect()
        self._came_from: QWidget | None = None
        self.card = TourCard()
        self.card.setParent(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Tour of the window")
        self.card.next_button.clicked.connect(self.go_on)
        self.card.back_button.clicked.connect(self.go_back)
        self.card.skip_button.clicked.connect(self.end)
        for watched in (window, *self.card.buttons):
            watched.installEventFilter(self)
        # A dock that moves or a panel that scrolls tells its own child nothing.
        self._timer = QTimer(self)
        self._timer.setInterval(_FOLLOW_MS)
        self._timer.timeout.connect(self._follow)
        theme.changed.connect(self.update)
        self.hide()

    def start(self) -> None:
        """Begin at the first halt that is there; without any, nothing happens."""
        self._came_from = QApplication.focusWidget()
        if not self._show_first_of(range(len(self._steps))):
            self.deleteLater()
            return
        self._timer.start()
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self._lie()
        self.card.next_button.setFocus()

    def go_on(self) -> None:
        """To the next halt, or to the end."""
        if not self._show_first_of(range(self._place + 1, len(self._steps))):
            self.end()

    def go_back(self) -> None:
        """To the halt before."""
        self._show_first_of(range(self._place - 1, -1, -1))

    def end(self) -> None:
        """Finished or skipped: it does not come again by itself."""
        self._settings.tour_seen = True
        self._timer.stop()
        self.hide()
        if self._came_from is not None and shiboken6.isValid(self._came_from):
            self._came_from.setFocus()
        self.finished.emit()
        self.deleteLater()

    # -- halts

    def _show_first_of(self, places: Iterable[int]) -> bool:
        """Show the first of these halts whose target is there."""
        for place in places:
            target = self._steps[place].target()
            if target is not None and target.isVisible() and target.window() is self._window.window():
                self._missing.discard(place)
                self._place, self._target = place, target
                _scroll_to(target)
                self._say(self._steps[place])
                self._lie()
                return True
            self._missing.add(place)
        return False

    def _say(self, step: TourStep) -> None:
        before = sum(place < self._place for place in self._missing)
        self.card.say(step.title, step.text, self._place + 1 - before, len(self._steps) - len(self._missing))
        self.card.next_button.setFocus()
        announce(self.card, f"{step.title}. {step.text}")

    # -- where it lies

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window; keys of the walk also where a button has the focus."""
        if watched is self._window:
            if event.type() is QEvent.Type.Resize and not self.isHidden():
                self.setGeometry(self._window.rect())
                self._lie()
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._walk(event.key(), watched):
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk, Esc skips."""
        if not self._walk(event.key(), self.card.next_button):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays on the card: what lies in the dark is not to be typed into."""
        buttons = [button for button in self.card.buttons if button.isEnabled()]
        focused = QApplication.focusWidget()
        place = next((place for place, button in enumerate(buttons) if button is focused), -1)
        buttons[(place + (1 if forward else -1)) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click into the dark does nothing."""
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything dim but the target."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRect(self.rect())
        path.addRoundedRect(self._hole, 8, 8)
        painter.fillPath(path, _DIM[self._theme.is_dark])
        if not self._hole.isEmpty():
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(self._hole, 8, 8)

    def _walk(self, key: int, button: QObject) -> bool:
        if key == Qt.Key.Key_Right:
            self.go_on()
        elif key == Qt.Key.Key_Left:
            self.go_back()
        elif key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QPushButton):
            button.click()
        else:
            return False
        return True

    def _follow(self) -> None:
        if self._seen_part() != self._hole:
            self._lie()

    def _lie(self) -> None:
        self._hole = self._seen_part()
        size = self.card.sizeHint()
        size.setWidth(min(_CARD_WIDTH, self.width() - 2 * MARGIN))
        size.setHeight(self.card.heightForWidth(size.width()))
        self.card.setGeometry(card_place(self.rect(), self._hole, QRect(QPoint(0, 0), size)))
        # Outside the mask nothing is dim, and the mouse reaches what lies below.
        light = QRegion(self._hole.adjusted(2, 2, -2, -2)) - QRegion(self.card.geometry())
        self.setMask(QRegion(self.rect()) - light)
        self.raise_()
        self.update()

    def _seen_part(self) -> QRect:
        """What can be seen of the target, in our coordinates, with a little room around it."""
        target = self._target
        if target is None or not shiboken6.isValid(target) or not target.isVisible():
            return QRect()
        seen = target.rect()
        widget = target
        while widget is not self._window and (parent := widget.parentWidget()) is not None:
            seen = seen.translated(widget.pos()) & parent.rect()
            widget = parent
        return seen.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND) & self._window.rect().adjusted(1, 1, -1, -1)


def _scroll_to(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea) and (inner := parent.widget()) is not None and inner.isAncestorOf(widget):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()

"""A person at an X server: mouse and keyboard through its XTEST extension, never through Qt; and who manages windows.

A second connection to the server sends what hands would do, at places that the widgets name. It also plays the window
manager, of which Xvfb has none: whatever opens gets the keyboard, and gives it back when it closes.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, QPoint, QPointF, QSocketNotifier
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QScrollArea, QTabBar, QWidget
from pytestqt.exceptions import TimeoutError
from pytestqt.qtbot import QtBot
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.protocol import event as messages
from Xlib.xobject.drawable import Window

_LEFT, _WHEEL_UP, _WHEEL_DOWN = 1, 4, 5
# A finger is never faster, and Qt takes two presses at the same millisecond for no double click.
_FINGER_MS = 10
_MOTIONS = 8
# However slow a machine: what takes longer has gone wrong.
_PATIENCE_MS = 20_000


class Screen(QObject):
    """Hands, eyes and window manager of one test."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self._qtbot = qtbot
        self._display = Display()
        # A window may have gone before it gets the keyboard; nobody is to be told.
        self._display.set_error_handler(lambda *_: None)
        self._root = self._display.screen().root
        self._windows: list[Window] = []
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._notifier = QSocketNotifier(self._display.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._manage)
        self._done()

    def leave(self) -> None:
        """Hands off."""
        self._notifier.setEnabled(False)
        self._display.close()

    # -- the mouse

    def point(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Move to a place in a widget, its middle unless told, and wait until Qt knows; scroll where it is not seen."""

        def is_there() -> bool:
            # Asked again and again: what is around it may still find its place.
            spot = widget.mapToGlobal(widget.rect().center() if at is None else at)
            if not (widget.isVisible() and _shows(widget, spot)):
                self._scroll_towards(widget)
                return False
            if QCursor.pos() != spot:
                self._move(spot)
                return False
            return widget.underMouse() and widget.isEnabled()

        self.until(is_there, f"the mouse does not reach {_name(widget)}")

    def click(self, widget: QWidget, at: QPoint | None = None, *, times: int = 1) -> None:
        """Point and click; twice is a double click."""
        self.point(widget, at)
        for _ in range(times):
            self._press()
            self._release()
        self._done()

    def click_button(self, owner: QWidget, words: str) -> None:
        """Click the button that says so, or that a screen reader calls so, as soon as there is one."""
        self.until(lambda: _buttons(owner, words), f"no button of {_name(owner)} says {words}")
        (button,) = _buttons(owner, words)
        self.until(button.isEnabled, f"the button {words} cannot be used")
        self.click(button)

    def drag(self, widget: QWidget, path: Sequence[QPoint]) -> None:
        """Draw a line through places in a widget with the button down."""
        self.point(widget, path[0])
        self._press()
        try:
            for start, end in pairwise(path):
                for step in range(1, _MOTIONS + 1):
                    spot = QPointF(start) + (QPointF(end) - QPointF(start)) * step / _MOTIONS
                    self._move(widget.mapToGlobal(spot.toPoint()))
                    # A hand is slow enough for every motion to arrive; Qt would make one of several that wait.
                    QApplication.processEvents()
        finally:
            self._release()
            self._done()

    def click_tab(self, owner: QWidget, words: str) -> None:
        """Bring a tab to the front."""
        bar, place = next(
            (bar, place)
            for bar in owner.findChildren(QTabBar)
            if bar.isVisible()
            for place in range(bar.count())
            if bar.tabText(place).replace("&", "") == words
        )
        self.click(bar, bar.tabRect(place).center())
        self.until(lambda: bar.currentIndex() == place, f"the tab {words} does not come to the front")

    # -- the keyboard

    def press(self, keys: str) -> None:
        """Press keys together, such as "Control_L+k" or "Return"; names as X has them."""
        self._has_keyboard()
        codes = [self._code(name)[0] for name in keys.split("+")]
        for code in codes:
            xtest.fake_input(self._display, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self._display, X.KeyRelease, code)
        self._done()

    def type(self, text: str) -> None:
        """Type a text into whatever has the focus."""
        self._has_keyboard()
        shift = self._code("Shift_L")[0]
        for sign in text:
            code, is_shifted = self._code(sign)
            if is_shifted:
                xtest.fake_input(self._display, X.KeyPress, shift)
            xtest.fake_input(self._display, X.KeyPress, code)
            xtest.fake_input(self._display, X.KeyRelease, code)
            if is_shifted:
                xtest.fake_input(self._display, X.KeyRelease, shift)
        self._done()

    def enter(self, line: QLineEdit, text: str) -> None:
        """Click into a line of text and replace what stands there."""
        self.click(line)
        self.until(line.hasFocus, f"a click does not put the cursor into {_name(line)}")
        self.press("Control_L+a")
        self.type(text)
        self.until(lambda: line.text() == text, f"“{text}” does not arrive in {_name(line)}")

    # -- the window manager

    def ask_to_close(self, window: QWidget) -> None:
        """What the cross in a title bar does."""
        atom = self._display.intern_atom
        data = (32, [atom("WM_DELETE_WINDOW"), X.CurrentTime, 0, 0, 0])
        target = self._display.create_resource_object("window", int(window.winId()))
        target.send_event(messages.ClientMessage(window=target, client_type=atom("WM_PROTOCOLS"), data=data))
        self._done()

    # -- waiting

    def until(self, condition: Callable[[], object], otherwise: str = "", timeout: int = _PATIENCE_MS) -> None:
        """Let the program go on until something is so."""
        try:
            self._qtbot.waitUntil(lambda: bool(condition()), timeout=timeout)
        except TimeoutError:
            raise AssertionError(otherwise or f"what was waited for did not come in {timeout} ms") from None

    def _has_keyboard(self) -> None:
        self.until(lambda: QGuiApplication.focusWindow() is not None, "no window has the keyboard")

    def _manage(self, _: object = None) -> None:
        """Windows that opened get the keyboard; after one that closed it goes to the one before."""
        while self._display.pending_events():
            message = self._display.next_event()
            if isinstance(message, messages.MapNotify) and not message.override:
                self._windows = [*self._without(message.window), message.window]
            elif isinstance(message, (messages.UnmapNotify, messages.DestroyNotify)):
                self._windows = self._without(message.window)
            else:
                continue
            if self._windows:
                self._windows[-1].set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.flush()

    def _without(self, gone: Window) -> list[Window]:
        return [window for window in self._windows if window.id != gone.id]

    # -- the server

    def _scroll_towards(self, widget: QWidget) -> None:
        """Turn the wheel once over the area that a widget lies in, if it is above or below what is seen of it."""
        area = _area_of(widget)
        if area is None:
            return
        view = area.viewport()
        top = widget.mapTo(view, QPoint(0, 0)).y()
        if top >= 0 and top + widget.height() <= view.height():
            return
        # At its edge, where no field of the form takes the wheel.
        self._move(view.mapToGlobal(QPoint(3, view.height() // 2)))
        button = _WHEEL_UP if top < 0 else _WHEEL_DOWN
        self._press(button)
        self._release(button)
        self._done()

    def _move(self, spot: QPoint) -> None:
        screen = QGuiApplication.primaryScreen()
        place = QPointF(spot) * screen.devicePixelRatio()
        xtest.fake_input(self._display, X.MotionNotify, x=round(place.x()), y=round(place.y()))
        self._done()

    def _press(self, button: int = _LEFT) -> None:
        xtest.fake_input(self._display, X.ButtonPress, button, time=_FINGER_MS)

    def _release(self, button: int = _LEFT) -> None:
        xtest.fake_input(self._display, X.ButtonRelease, button, time=_FINGER_MS)

    def _code(self, name: str) -> tuple[int, bool]:
        """The key for a name or a sign, and whether Shift must be held for it."""
        symbol = ord(name) if len(name) == 1 else XK.string_to_keysym(name)
        found = sorted(self._display.keysym_to_keycodes(symbol), key=lambda key: key[1])
        assert found, f"no key of this keyboard is {name}"
        code, column = found[0]
        return code, column == 1

    def _done(self) -> None:
        """The server has taken everything; Qt has not yet."""
        self._display.sync()
        # Waiting for the server reads its messages too, and the notifier would not hear of them.
        self._manage()


def _buttons(owner: QWidget, words: str) -> list[QAbstractButton]:
    return [
        button
        for button in owner.findChildren(QAbstractButton)
        if button.isVisible() and words in (button.text().replace("&", ""), button.accessibleName())
    ]


def _shows(widget: QWidget, spot: QPoint) -> bool:
    """Whether nothing else lies over the widget there."""
    found = QApplication.widgetAt(spot)
    return found is not None and (found is widget or widget.isAncestorOf(found))


def _area_of(widget: QWidget) -> QScrollArea | None:
    parent = widget.parentWidget()
    while parent is not None and not (isinstance(parent, QScrollArea) and parent.isVisible()):
        parent = parent.parentWidget()
    return parent


def _name(widget: QWidget) -> str:
    words = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {words}".rstrip()

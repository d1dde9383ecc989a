"""Walks through an example step by step: back, play, on, and a slider; by mouse or by keys."""

import time

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.gui.era_texts import CHAPTERS
from workbench.gui.pump import Pump
from workbench.gui.theme import Theme, tabular

_CHAPTER_SECONDS = 1.8
_TOKEN_SECONDS = 0.35
# Long texts are walked through faster.
_LONGEST_WALK_SECONDS = 20.0
_NARROW = 560


class EraPlayer(QWidget):
    """Steps: the input, the teacher's answer, one for each scored token, the loss.

    Signals:
        changed: Another step is shown.

    Attributes:
        step: The step that is shown, from 0.
    """

    changed = Signal()

    def __init__(self, theme: Theme, pump: Pump, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tokens = 1
        self._next_at: float | None = None
        self.step = self.last
        self.back = _button("Back", "One step back (←)")
        self.play = _button("Play", "Walk through all steps (Space)")
        self.play.setCheckable(True)
        self.on = _button("On", "One step on (→)")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step")
        self.slider.setToolTip("← → step by step, Page Up and Page Down by parts, Home and End")
        self.slider.setMinimumWidth(60)
        self.words = QLabel()
        self.words.setFont(tabular(self.words.font()))
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.back, self.play, self.on, self.slider, self.words):
            row.addWidget(widget)
        row.setStretch(3, 1)
        row.setSpacing(6)
        for widget in (self.back, self.play, self.on, self.slider):
            widget.installEventFilter(self)
        self.back.clicked.connect(self.go_back)
        self.on.clicked.connect(self.go_on)
        self.play.toggled.connect(self._play)
        self.slider.valueChanged.connect(self.go_to)
        pump.ticked.connect(self._beat)
        theme.changed.connect(self._dress)
        self._dress()
        self._follow()

    @property
    def last(self) -> int:
        """The step that shows the loss, and with it everything."""
        return self._tokens + 2

    @property
    def chapter(self) -> int:
        """Which part of the story the step belongs to, as in `CHAPTERS`."""
        return self.step if self.step < 2 else 3 if self.step == self.last else 2

    @property
    def scored(self) -> int:
        """How many tokens have been scored at this step."""
        return min(max(self.step - 1, 0), self._tokens)

    def set_tokens(self, tokens: int) -> None:
        """Walk through so many scored tokens; a new text is shown whole."""
        self._tokens = max(tokens, 1)
        self.step = self.last
        self.play.setChecked(False)
        self._follow()

    def go_to(self, step: int) -> None:
        """Show a step."""
        step = min(max(step, 0), self.last)
        if step != self.step:
            self.step = step
            self._follow()
            self.changed.emit()

    def go_to_token(self, number: int) -> None:
        """Show the step at which a scored token is scored."""
        self.go_to(number + 2)

    def go_on(self) -> None:
        """One step on."""
        self.play.setChecked(False)
        self.go_to(self.step + 1)

    def go_back(self) -> None:
        """One step back."""
        self.play.setChecked(False)
        self.go_to(self.step - 1)

    def take_key(self, event: QKeyEvent) -> bool:
        """Step by keys; says whether this was one of them."""
        key = event.key()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key == Qt.Key.Key_Space:
            self.play.toggle()
            return True
        parts = (0, 1, 2, self.last)
        step = {
            Qt.Key.Key_Left: self.step - 1,
            Qt.Key.Key_Right: self.step + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.last,
            Qt.Key.Key_PageUp: max((part for part in parts if part < self.step), default=0),
            Qt.Key.Key_PageDown: min((part for part in parts if part > self.step), default=self.last),
        }.get(Qt.Key(key))
        if step is None:
            return False
        self.play.setChecked(False)
        self.go_to(step)
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The number of the step alone where there is little room."""
        super().resizeEvent(event)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys step here too; on a button Space presses it, as anywhere."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            presses = event.key() == Qt.Key.Key_Space and isinstance(watched, QAbstractButton)
            return not presses and self.take_key(event)
        return super().eventFilter(watched, event)

    def _play(self, plays: bool) -> None:
        self._next_at = None
        if plays:
            if self.step == self.last:
                self.go_to(0)
            self._next_at = time.monotonic() + self._seconds()
        self._dress()

    def _beat(self) -> None:
        """One tick of the window's own beat, so that nothing else has to wake up."""
        if self._next_at is None or time.monotonic() < self._next_at:
            return
        self.go_to(self.step + 1)
        self._next_at = time.monotonic() + self._seconds()
        if self.step == self.last or not self.isVisible():
            self.play.setChecked(False)

    def _seconds(self) -> float:
        """How long the step that is shown stays."""
        if self.chapter == 2:
            return min(_TOKEN_SECONDS, _LONGEST_WALK_SECONDS / self._tokens)
        return _CHAPTER_SECONDS

    def _follow(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setRange(0, self.last)
        self.slider.setPageStep(max(self.last // 8, 1))
        self.slider.setValue(self.step)
        self.slider.blockSignals(False)
        self.back.setEnabled(self.step > 0)
        self.on.setEnabled(self.step < self.last)
        number, highest = f"{self.step + 1} of {self.last + 1}", f"{self.last + 1} of {self.last + 1}"
        self.slider.setAccessibleDescription(f"{CHAPTERS[self.chapter]}, {number}")
        names = CHAPTERS if self.width() >= _NARROW else ("",)
        self.words.setText(f"{CHAPTERS[self.chapter]}\u2003{number}" if len(names) > 1 else number)
        self.words.setToolTip(CHAPTERS[self.chapter])
        # As wide as its longest, so that the slider keeps its length.
        longest = max(self.words.fontMetrics().horizontalAdvance(f"{name}\u2003{highest}") for name in names)
        self.words.setFixedWidth(longest + 4)

    def _dress(self) -> None:
        self.back.setIcon(self._theme.icon("chevron-left"))
        self.on.setIcon(self._theme.icon("chevron-right"))
        self.play.setIcon(self._theme.icon("pause" if self._next_at is not None else "train"))


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button

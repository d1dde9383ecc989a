"""T as a slider that is even in ratios, a field for the number, and a sweep through all of it."""

import math
import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.gui.pump import Pump
from workbench.gui.theme import Theme
from workbench.gui.widgets.gradient_chart import LEAST_T, MOST_T

_STEPS = 1000
_SWEEP_SECONDS = 7.0


class TemperatureControl(QWidget):
    """The T that is looked at.

    Signals:
        changed: T is another.
    """

    changed = Signal(float)

    def __init__(self, theme: Theme, pump: Pump, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._pump = theme, pump
        self._temperature = 6.0
        self._played_at: float | None = None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(50)
        self.slider.setAccessibleName("Temperature T")
        self.slider.setToolTip("The temperature that divides the logits before softmax")
        self.field = QDoubleSpinBox()
        self.field.setRange(LEAST_T, MOST_T)
        self.field.setDecimals(2)
        self.field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.field.setAccessibleName("Temperature T as a number")
        self.field.setKeyboardTracking(False)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.setAccessibleName("Sweep T")
        self.play.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        name = QLabel("T")
        name.setBuddy(self.field)
        for widget in (name, self.slider, self.field, self.play):
            row.addWidget(widget)
        row.setStretch(1, 1)
        self.slider.setMinimumWidth(80)
        self._follow()
        self.slider.valueChanged.connect(self._slide)
        self.field.valueChanged.connect(self._take)
        self.play.toggled.connect(self._play)
        pump.ticked.connect(self._beat)
        theme.changed.connect(self._dress)
        self.set_can_play(can=True)
        self._dress()

    @property
    def temperature(self) -> float:
        """The T that is looked at."""
        return self._temperature

    @temperature.setter
    def temperature(self, temperature: float) -> None:
        self._take(_rounded(temperature))

    def set_can_play(self, *, can: bool) -> None:
        """Allow the sweep, or stop it: a run that trains needs the processor."""
        if not can:
            self.play.setChecked(False)
        self.play.setEnabled(can)
        self.play.setToolTip("Sweep T from low to high" if can else "Not while a run trains: it needs the processor")

    def _slide(self, place: int) -> None:
        self._take(_rounded(LEAST_T * (MOST_T / LEAST_T) ** (place / _STEPS)))

    def _take(self, temperature: float) -> None:
        temperature = min(max(temperature, LEAST_T), MOST_T)
        if temperature != self._temperature:
            self._temperature = temperature
            self._follow()
            self.changed.emit(temperature)

    def _follow(self) -> None:
        """Bring slider and field to T without hearing of it again."""
        for widget in (self.slider, self.field):
            widget.blockSignals(True)
        self.slider.setValue(round(_STEPS * _along(self._temperature)))
        self.field.setValue(self._temperature)
        for widget in (self.slider, self.field):
            widget.blockSignals(False)

    def _play(self, plays: bool) -> None:
        begin = 0.0 if _along(self._temperature) > 0.99 else _along(self._temperature)
        self._played_at = time.monotonic() - begin * _SWEEP_SECONDS if plays else None
        self._dress()

    def _beat(self) -> None:
        """One tick of the sweep; the window's own beat, so that nothing else has to wake up."""
        if self._played_at is None:
            return
        along = (time.monotonic() - self._played_at) / _SWEEP_SECONDS
        if along >= 1 or not self.isVisible():
            self.play.setChecked(False)
        self._slide(round(_STEPS * min(along, 1.0)))

    def _dress(self) -> None:
        self.play.setIcon(self._theme.icon("pause" if self._played_at is not None else "train"))


def _along(temperature: float) -> float:
    return math.log(temperature / LEAST_T) / math.log(MOST_T / LEAST_T)


def _rounded(temperature: float) -> float:
    """To what a person would say: 0.75, 4.2, 37."""
    return round(temperature, 2 if temperature < 2 else 1 if temperature < 20 else 0)

"""A knob: a slider and a field for one number that a person turns while looking at what it does."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSlider, QWidget

from workbench.gui.theme import tabular

_TICKS = 1000
# A dragged slider says where it rests, not every place it passes: each change of a running run is journalled.
_REST_MS = 120


@dataclass(frozen=True)
class Scale:
    """Where a slider's ends are, and how it goes between them; the field takes what lies beyond as well."""

    low: float
    high: float
    is_log: bool = False

    def value(self, tick: int) -> float:
        """The number at a tick, rounded to what a person can mean."""
        share = tick / _TICKS
        if not self.is_log:
            return round(self.low + share * (self.high - self.low), 3)
        exact = self.low * (self.high / self.low) ** share
        return float(f"{exact:.2g}") if exact < 10 else float(round(exact))

    def tick(self, value: float) -> int:
        """The tick nearest to a number."""
        if self.is_log:
            share = math.log(max(value, 1e-12) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * _TICKS)


class Knob(QWidget):
    """Label, slider and field.

    Signals:
        turned: A person chose this number (a float as an object); not said when `show_value` is called.
    """

    turned = Signal(object)

    def __init__(self, name: str, label: str, scale: Scale, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self._scale = name, scale
        self._value: float | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.label = QLabel(label)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _TICKS)
        self.slider.setPageStep(50)
        self.slider.setSingleStep(10)
        self.slider.setMinimumWidth(70)
        self.slider.setAccessibleName(f"{name.replace('_', ' ')}, slider")
        self.field = QLineEdit()
        self.field.setFont(tabular(self.field.font()))
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedWidth(self.field.fontMetrics().horizontalAdvance("0.00000") + 20)
        self.field.setAccessibleName(name.replace("_", " "))
        self.label.setBuddy(self.field)
        for widget in (self.label, self.slider, self.field):
            widget.setToolTip(help_text)
            widget.setAccessibleDescription(help_text)
        row.addWidget(self.label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._say_slider)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self._say_slider)
        self.field.editingFinished.connect(self._say_field)

    def set_scale(self, scale: Scale) -> None:
        """Other ends, such as around another learning rate."""
        self._scale = scale

    def show_value(self, value: float | None) -> None:
        """Show a number without saying that it was turned; None where there is nothing to turn."""
        self.setEnabled(value is not None)
        if self.slider.isSliderDown() or self._rest.isActive() or self.field.isModified():
            # What a person is doing right now is not taken out of their hand.
            return
        self._value = value
        self.field.setText("" if value is None else f"{value:g}")
        self._mark(invalid=False)
        if value is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._scale.tick(value))

    @property
    def value(self) -> float | None:
        """The number shown."""
        return self._value

    def _slid(self, tick: int) -> None:
        self.field.setText(f"{self._scale.value(tick):g}")
        self.field.setModified(False)
        self._rest.start()

    def _say_slider(self) -> None:
        self._rest.stop()
        self._say(self._scale.value(self.slider.value()))

    def _say_field(self) -> None:
        if not self.field.isModified():
            return
        try:
            value = float(self.field.text().replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._mark(invalid=True)
            return
        self.field.setModified(False)
        self._mark(invalid=False)
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._scale.tick(value))
        self._say(value)

    def _say(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self.turned.emit(value)

    def _mark(self, *, invalid: bool) -> None:
        if bool(self.field.property("invalid")) != invalid:
            self.field.setProperty("invalid", invalid)
            self.field.style().unpolish(self.field)
            self.field.style().polish(self.field)

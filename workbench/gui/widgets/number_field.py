"""A number: typed freely, stepped by keys, and slid where its usual range is narrow enough to slide through."""

import math
from types import NoneType
from typing import Any, get_args

from pydantic.fields import FieldInfo

from workbench.gui.widgets.field import LineField
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.scale_slider import ScaleSlider
from workbench.recipe.drafts import Location
from workbench.recipe.section import bounds_of, usual_of

_LINE_BESIDE_SLIDER = 64
# Steps of a number that lives on many scales, such as a learning rate.
_SERIES = (1.0, 2.0, 5.0, 10.0)


class NumberField(LineField):
    """An int or a float, or none where the field allows it; nothing typed is ever clamped."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        parts = get_args(info.annotation) or (info.annotation,)
        self._is_whole = float not in parts
        self._may_be_none = NoneType in parts
        self._bounds = bounds_of(info)
        self.line.steps = True
        self.line.stepped.connect(self._step)
        self.slider: ScaleSlider | None = None
        scale = _scale_of(info, self._bounds) if not self._is_whole else None
        if scale is not None:
            self._add_slider(*scale)

    def parse(self, text: str) -> Any:
        """As `LineField.parse`."""
        text = text.strip()
        if self._may_be_none and not text:
            return None
        try:
            if self._is_whole:
                return int(text)
        except ValueError:
            pass
        try:
            number = float(text)
        except ValueError:
            return text
        return number if math.isfinite(number) else text

    def text_of(self, value: Any) -> str:
        """As `LineField.text_of`; every digit that matters and none more."""
        if isinstance(value, float):
            mantissa, mark, exponent = repr(value).removesuffix(".0").partition("e")
            return f"{mantissa}e{int(exponent)}" if mark else mantissa
        return "" if value is None else str(value)

    def display(self, value: Any) -> None:
        """As `Field.display`; the slider follows."""
        super().display(value)
        if self.slider is not None and isinstance(value, (int, float)):
            self.slider.follow(float(value))

    def _add_slider(self, low: float, high: float) -> None:
        self.slider = ScaleSlider(low, high)
        self.slider.slid.connect(self.write)
        self.slider.sliderReleased.connect(self.settle)
        self.line.setFixedWidth(_LINE_BESIDE_SLIDER)
        self.row.addWidget(self.slider, 1)

    def _step(self, direction: int) -> None:
        value = self.parse(self.line.text())
        if not isinstance(value, (int, float)):
            return
        stepped = _whole_step(value, direction) if self._is_whole else self._float_step(float(value), direction)
        low, high = self._bounds.get("ge", -math.inf), self._bounds.get("le", math.inf)
        stepped = min(max(stepped, low), high)
        if self._bounds.get("gt", -math.inf) < stepped < self._bounds.get("lt", math.inf):
            self.write(int(stepped) if self._is_whole else float(stepped))

    def _float_step(self, value: float, direction: int) -> float:
        high = min(self._bounds.get("le", math.inf), self._bounds.get("lt", math.inf))
        if high <= 1 and "gt" not in self._bounds:
            return round(value + 0.05 * direction, 10)
        if value <= 0:
            first = 1e-4 if high <= 10 else 1.0
            return first if direction > 0 else value
        return _next_in_series(value, direction)


def _scale_of(info: FieldInfo, bounds: dict[str, float]) -> tuple[float, float] | None:
    """What a slider runs through: the usual range, or a closed range no wider than 1; None is no slider."""
    usual = usual_of(info)
    if usual is not None:
        return usual
    if {"ge", "le"} <= bounds.keys() and bounds["le"] - bounds["ge"] <= 1:
        return bounds["ge"], bounds["le"]
    return None


def _whole_step(value: float, direction: int) -> float:
    # One in the second digit, so that 15 steps to 16 and 1,000 to 1,100.
    return value + direction * math.pow(10, max(len(str(abs(int(value)))) - 2, 0))


def _next_in_series(value: float, direction: int) -> float:
    decade = math.pow(10.0, math.floor(math.log10(value) + 1e-9))
    around = sorted({round(decade * scale * step, 12) for scale in (0.1, 1.0, 10.0) for step in _SERIES})
    if direction > 0:
        return next(step for step in around if step > value * (1 + 1e-9))
    return next(step for step in reversed(around) if step < value * (1 - 1e-9))

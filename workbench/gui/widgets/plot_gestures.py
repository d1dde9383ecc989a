"""What a person does to a plot with mouse, wheel and keys."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

if TYPE_CHECKING:
    from workbench.gui.widgets.live_plot import LivePlot

_NOTCH = 120.0
_ZOOM_A_NOTCH = 1.25
_A_DRAG = 5.0
_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class PlotGestures:
    """Left drag zooms into a box, with Shift or the middle button it moves; the wheel zooms; a double click fits.

    Keys: arrows move the crosshair by a value (with Shift by ten), Ctrl and arrows move the plot, + and − zoom, Home
    and End go to the first and the newest value, F fits, Esc hides the crosshair.
    """

    def __init__(self, plot: "LivePlot") -> None:
        self._plot, self._state, self._span = plot, plot.state, plot.span
        self._start: QPointF | None = None
        self._last = QPointF()
        self._pans = False
        key = Qt.Key
        self._keys: dict[int, Callable[[bool], None]] = {
            key.Key_Left: lambda far: self._step(-10 if far else -1),
            key.Key_Right: lambda far: self._step(10 if far else 1),
            key.Key_Home: lambda _: self._step(-(10**12)),
            key.Key_End: lambda _: self._step(10**12),
            key.Key_Plus: lambda _: self._zoom_by_key(_ZOOM_A_NOTCH),
            key.Key_Equal: lambda _: self._zoom_by_key(_ZOOM_A_NOTCH),
            key.Key_Minus: lambda _: self._zoom_by_key(1 / _ZOOM_A_NOTCH),
            key.Key_F: lambda _: plot.fit(),
        }

    def handle(self, event: QEvent) -> bool:
        """An event of the plot's surface; True when nobody else should see it."""
        match event.type():
            case QEvent.Type.MouseButtonPress:
                return self._press(event)  # type: ignore[arg-type]
            case QEvent.Type.MouseMove:
                return self._move(event)  # type: ignore[arg-type]
            case QEvent.Type.MouseButtonRelease:
                return self._release()
            case QEvent.Type.MouseButtonDblClick:
                self._plot.fit()
                return True
            case QEvent.Type.Wheel:
                return self._wheel(event)  # type: ignore[arg-type]
            case QEvent.Type.Leave:
                self._span.crosshair = None
        return False

    def key(self, event: QKeyEvent) -> bool:
        """A key goes down; False when it means nothing here."""
        key, span = event.key(), self._span
        if event.modifiers() & _CONTROL:
            if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                return False
            span.pan((0.1 if key == Qt.Key.Key_Right else -0.1) * (span.high - span.low))
            return True
        if key == Qt.Key.Key_Escape:
            # With nothing to hide, Esc belongs to whatever holds the plot.
            something = span.crosshair is not None or self._start is not None
            self._start, span.crosshair = None, None
            self._set_rubber(None)
            return something
        act = self._keys.get(key)
        if act is not None:
            act(bool(event.modifiers() & _SHIFT))
        return act is not None

    def _press(self, event: QMouseEvent) -> bool:
        position = event.position()
        if event.button() is _LEFT and self._plot.hint_rect.contains(position):
            self._plot.leaves_out_spikes = False
        elif event.button() in (_LEFT, _MIDDLE):
            self._start = self._last = position
            self._pans = event.button() is _MIDDLE or bool(event.modifiers() & _SHIFT)
        return True

    def _move(self, event: QMouseEvent) -> bool:
        position, state = event.position(), self._state
        if self._start is None:
            inside = state.area.contains(position)
            self._span.crosshair = state.snap(state.x_at(position.x())) if inside else None
        elif self._pans:
            self._pan(self._last, position)
            self._last = position
        else:
            self._set_rubber(self._box(self._start, position))
        return True

    def _release(self) -> bool:
        box, start = self._state.rubber, self._start
        self._start = None
        self._set_rubber(None)
        if box is not None and start is not None and max(box.width(), box.height()) >= _A_DRAG:
            self._show(box)
        return True

    def _wheel(self, event: QWheelEvent) -> bool:
        """Along x; with Ctrl, or over the numbers on the left, along y; sideways it moves."""
        plot, span, delta, position = self._plot, self._span, event.angleDelta(), event.position()
        if plot.wheel_needs_focus and not plot.hasFocus():
            event.ignore()
            return True
        event.accept()
        factor = _ZOOM_A_NOTCH ** (delta.y() / _NOTCH)
        if abs(delta.x()) > abs(delta.y()):
            span.pan(-delta.x() / _NOTCH * 0.1 * (span.high - span.low))
        elif event.modifiers() & _CONTROL or position.x() < self._state.area.left():
            heights, centre = self._state.heights, self._state.y_at(position.y())
            plot.hold_height(centre - (centre - heights.low) / factor, centre + (heights.high - centre) / factor)
        else:
            span.zoom(factor, self._state.x_at(position.x()))
        return True

    def _box(self, start: QPointF, end: QPointF) -> QRectF:
        """A flat box means a part of the x axis, a narrow one a part of the y axis."""
        area, box = self._state.area, QRectF(start, end).normalized()
        if box.height() < _A_DRAG:
            box.setTop(area.top())
            box.setBottom(area.bottom())
        elif box.width() < _A_DRAG:
            box.setLeft(area.left())
            box.setRight(area.right())
        return box & area

    def _show(self, box: QRectF) -> None:
        state, area = self._state, self._state.area
        low, high = state.x_at(box.left()), state.x_at(box.right())
        if box.height() < area.height() - 1:
            self._plot.hold_height(state.y_at(box.bottom()), state.y_at(box.top()))
        if box.width() < area.width() - 1:
            self._span.set(low, high)

    def _pan(self, before: QPointF, now: QPointF) -> None:
        state = self._state
        up = state.y_at(before.y()) - state.y_at(now.y())
        self._span.pan(state.x_at(before.x()) - state.x_at(now.x()))
        # As long as the height fits itself there is nothing to move.
        if state.holds_height:
            self._plot.hold_height(state.heights.low + up, state.heights.high + up)

    def _step(self, count: int) -> None:
        """Move the crosshair by so many values, into sight where needed."""
        state, span, leading = self._state, self._span, self._state.leading
        if leading is None:
            return
        x = leading.trace.x
        here = leading.trace.nearest(span.crosshair) + count if span.crosshair is not None else len(x) - 1
        span.crosshair = float(x[min(max(here, 0), len(x) - 1)])
        if not span.low <= span.crosshair <= span.high:
            span.pan(span.crosshair - (span.low + span.high) / 2)
        numbers = ", ".join(f"{series.name} {state.number(value)}" for series, value in state.readout(span.crosshair))
        self._plot.say(f"{state.x_words(span.crosshair)}: {numbers}")

    def _zoom_by_key(self, factor: float) -> None:
        span = self._span
        span.zoom(factor, span.crosshair if span.crosshair is not None else (span.low + span.high) / 2)

    def _set_rubber(self, box: QRectF | None) -> None:
        self._state.rubber = box
        self._plot.viewport().update()

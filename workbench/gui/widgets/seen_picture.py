"""What the models are fed: a few pixels, enlarged so that each can be seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.drawing_pad import image_of


class SeenPicture(QWidget):
    """A square with the picture in it."""

    def __init__(self, theme: Theme, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._side = theme, side
        self._seen: NDArray[Any] | None = None
        self._image: QImage | None = None
        self.setAccessibleName("What the models see")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_input(self, seen: NDArray[Any] | None) -> None:
        """Show an input [C, H, W], bytes or floats; nothing where there is none, or where it is no picture."""
        if seen is self._seen:
            return
        self._seen = seen
        self._image = None if seen is None or seen.ndim != 3 else image_of(_shown(seen))
        self.setToolTip("" if self._image is None else f"{self._image.width()} × {self._image.height()} pixels")
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Sharp pixels where they are enlarged."""
        with QPainter(self) as painter:
            area = QRect(0, 0, self._side, self._side)
            painter.fillRect(area, self._theme.colour("raised"))
            image = self._image
            if image is not None:
                factor = self._side / max(image.width(), image.height())
                width, height = round(image.width() * factor), round(image.height() * factor)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, factor < 1.5)
                painter.drawImage(QRect((self._side - width) // 2, (self._side - height) // 2, width, height), image)
            painter.setPen(self._theme.colour("border"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))


def _shown(seen: NDArray[Any]) -> NDArray[np.uint8]:
    """Bytes for the eye: floats from their least to their largest, anything but three channels by the first."""
    if seen.dtype != np.uint8:
        low, high = float(seen.min()), float(seen.max())
        seen = np.rint(255 * (seen - low) / ((high - low) or 1.0)).astype(np.uint8)
    return seen.transpose(1, 2, 0) if len(seen) == 3 else seen[0]

"""Pictures that come into the window: dropped, pasted or chosen as a file."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QMimeDatabase, Qt
from PySide6.QtGui import QImage, QPainter

FILTERS = "Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.gif *.tif *.tiff *.pgm *.ppm);;All files (*)"
_LONGEST_SIDE = 1024


def picture_file_in(mime: QMimeData | None) -> Path | None:
    """The one picture file among what was dropped or copied, by its name alone; None where it is anything else."""
    # Qt has none where the clipboard is empty.
    files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()] if mime is not None else []
    if len(files) != 1:
        return None
    kind = QMimeDatabase().mimeTypeForFile(files[0], QMimeDatabase.MatchMode.MatchExtension)
    return Path(files[0]) if kind.name().startswith("image/") else None


def picture_in(mime: QMimeData | None) -> NDArray[np.uint8] | None:
    """A picture without a file, such as one copied out of a program, as grey [H, W] or colours [H, W, 3]."""
    image = mime.imageData() if mime is not None else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    if max(image.width(), image.height()) > _LONGEST_SIDE:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_LONGEST_SIDE, _LONGEST_SIDE, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    if image.hasAlphaChannel():
        paper = QImage(image.size(), QImage.Format.Format_RGB32)
        paper.fill(Qt.GlobalColor.white)
        _lay_over(paper, image)
        image = paper
    return pixels_of(image)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """A picture of Qt's as bytes."""
    is_grey = image.isGrayscale()
    image = image.convertToFormat(QImage.Format.Format_Grayscale8 if is_grey else QImage.Format.Format_RGB888)
    height, width, channels = image.height(), image.width(), 1 if is_grey else 3
    # Every line of Qt's begins at a multiple of four bytes.
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    pixels = lines[:, : width * channels].reshape(height, width, channels).copy()
    return pixels[..., 0] if is_grey else pixels


def _lay_over(paper: QImage, image: QImage) -> None:
    with QPainter(paper) as painter:
        painter.drawImage(0, 0, image)

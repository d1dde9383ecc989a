"""A few examples as the model sees them: pictures and waves side by side, texts and rows of a table in lines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from workbench.gui.theme import Theme, small, tabular
from workbench.session.data_card import Sample

_SIDE = 64
_WAVE = QSize(120, 64)
_CELL_PAD = QSize(20, 30)
_UNLABELLED = "no label"
_MOST_COLUMN = 220


class DataSamples(QWidget):
    """The examples; what they are decides how they are shown.

    Attributes:
        pictures: Pictures and waves.
        table: Texts and rows.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._samples: Sequence[Sample] = ()
        self.pictures, self.table = QListWidget(), QTableWidget()
        self._dress()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.pictures)
        self._stack.addWidget(self.table)
        theme.changed.connect(self._paint)

    def show_samples(self, samples: Sequence[Sample]) -> None:
        """Show other examples."""
        self._samples = samples
        in_words = any(sample.words or sample.rows for sample in samples)
        self._stack.setCurrentIndex(int(in_words))
        self.pictures.clear()
        self.table.clear()
        if in_words:
            self._fill_table()
        else:
            for sample in samples:
                self._add_picture(sample)
            self._paint()

    def _dress(self) -> None:
        self.pictures.setAccessibleName("Samples")
        self.pictures.setViewMode(QListView.ViewMode.IconMode)
        self.pictures.setMovement(QListView.Movement.Static)
        self.pictures.setResizeMode(QListView.ResizeMode.Adjust)
        self.pictures.setUniformItemSizes(True)
        self.pictures.setFont(small(self.font()))
        self.table.setAccessibleName("Samples")
        self.table.setFont(tabular(small(self.font())))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def _add_picture(self, sample: Sample) -> None:
        item = QListWidgetItem(sample.label or _UNLABELLED)
        item.setToolTip(_said(sample))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, _said(sample))
        item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.pictures.addItem(item)

    def _paint(self) -> None:
        if self._stack.currentIndex() or not self._samples:
            return
        has_waves = any(sample.wave is not None for sample in self._samples)
        size = _WAVE if has_waves else QSize(_SIDE, _SIDE)
        self.pictures.setIconSize(size)
        self.pictures.setGridSize(size + _CELL_PAD)
        ratio = self.devicePixelRatioF()
        ground, line = self._theme.colour("raised"), self._theme.colour("accent")
        for row, sample in enumerate(self._samples):
            if sample.wave is not None:
                shown = wave_picture(sample.wave, size, ratio, ground, line)
            else:
                shown = array_picture(sample.picture, size, ratio, ground)
            icon = QIcon(shown)
            # The chosen one is marked by its frame, not by a tint over what the model sees.
            icon.addPixmap(shown, QIcon.Mode.Selected)
            self.pictures.item(row).setIcon(icon)

    def _fill_table(self) -> None:
        columns = [name for name, _ in self._samples[0].rows] if self._samples[0].rows else ["Text"]
        self.table.setColumnCount(len(columns) + 1)
        self.table.setHorizontalHeaderLabels(["Label", *columns])
        self.table.setRowCount(len(self._samples))
        for row, sample in enumerate(self._samples):
            values = [value for _, value in sample.rows] if sample.rows else [sample.words]
            for column, text in enumerate([sample.label or _UNLABELLED, *values]):
                item = QTableWidgetItem(" ".join(text.split()))
                item.setToolTip(text if column else _said(sample))
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self._fit_table(is_text=not self._samples[0].rows)

    def _fit_table(self, *, is_text: bool) -> None:
        header = self.table.horizontalHeader()
        self.table.setWordWrap(is_text)
        header.setStretchLastSection(True)
        header.setMaximumSectionSize(10_000 if is_text else _MOST_COLUMN)
        self.table.verticalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.ResizeToContents if is_text else QHeaderView.ResizeMode.Fixed
        )
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column in range(1 if is_text else self.table.columnCount()):
            self.table.resizeColumnToContents(column)


def array_picture(picture: NDArray[np.uint8] | None, size: QSize, ratio: float, ground: QColor) -> QPixmap:
    """Grey or colour pixels in the middle of a square, small ones enlarged without smoothing."""
    shown, painter = _canvas(size, ratio, ground)
    if picture is not None:
        raw = np.ascontiguousarray(picture)
        form = QImage.Format.Format_RGB888 if raw.ndim == 3 else QImage.Format.Format_Grayscale8
        image = QImage(raw.data, raw.shape[1], raw.shape[0], raw.strides[0], form)
        is_small = max(raw.shape[:2]) < size.height()
        how = Qt.TransformationMode.FastTransformation if is_small else Qt.TransformationMode.SmoothTransformation
        scaled = image.scaled(size * ratio, Qt.AspectRatioMode.KeepAspectRatio, how)
        area = QRectF(0, 0, scaled.width() / ratio, scaled.height() / ratio)
        area.moveCenter(QRectF(0, 0, size.width(), size.height()).center())
        painter.drawImage(area, scaled)
    painter.end()
    return shown


def wave_picture(wave: NDArray[np.float32], size: QSize, ratio: float, ground: QColor, line: QColor) -> QPixmap:
    """A sound as its highest and lowest values, a column of pixels each, as loud as its loudest moment allows."""
    shown, painter = _canvas(size, ratio, ground)
    width, middle = size.width(), size.height() / 2
    pieces = np.array_split(np.asarray(wave, np.float32), min(width, max(len(wave), 1)))
    loudest = max(float(np.abs(wave).max()) if len(wave) else 0.0, 1e-9)
    highs = [middle - float(piece.max()) / loudest * (middle - 4) for piece in pieces if len(piece)]
    lows = [middle - float(piece.min()) / loudest * (middle - 4) for piece in pieces if len(piece)]
    step = width / max(len(highs), 1)
    outline = [QPointF(place * step, y) for place, y in enumerate(highs)]
    outline += [QPointF(place * step, y + 1) for place, y in reversed([*enumerate(lows)])]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1))
    painter.setBrush(line)
    painter.drawPolygon(QPolygonF(outline))
    painter.end()
    return shown


def _canvas(size: QSize, ratio: float, ground: QColor) -> tuple[QPixmap, QPainter]:
    shown = QPixmap(size * ratio)
    shown.setDevicePixelRatio(ratio)
    shown.fill(ground)
    return shown, QPainter(shown)


def _said(sample: Sample) -> str:
    label = f"label {sample.label}" if sample.label else _UNLABELLED
    return f"{sample.caption[:1].upper()}{sample.caption[1:]}, {label}"

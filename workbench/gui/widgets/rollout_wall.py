"""The plots of rollouts beside each other, or below each other where there is little room."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from workbench.gui.rollout_plots import RolloutPlots
from workbench.gui.theme import Theme
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.plot_card import PlotCard
from workbench.gui.widgets.scrolled import scrolled
from workbench.session.history import History

_ABREAST, _LOWEST = 630, 100


class RolloutWall(QWidget):
    """Three small plots over steps.

    Attributes:
        plots: What is drawn.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots = RolloutPlots(theme, self)
        self._cards = [PlotCard(plot) for plot in self.plots.all]
        sheet = QWidget()
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, sheet)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        for card in self._cards:
            self._box.addWidget(card, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolled(sheet))

    def fill(self, run: WatchedRun, overlays: Sequence[History]) -> None:
        """Draw what was said so far."""
        self.plots.fill(run, overlays)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew where the room calls for it."""
        super().resizeEvent(event)
        abreast = self.width() >= _ABREAST
        direction = QBoxLayout.Direction.LeftToRight if abreast else QBoxLayout.Direction.TopToBottom
        self._box.setDirection(direction)
        room = self.height() if abreast else max(self.height() // len(self._cards), _LOWEST)
        for card in self._cards:
            card.stand(alone=False, lowest=_LOWEST, room=room)

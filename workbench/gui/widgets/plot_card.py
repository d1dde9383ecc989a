"""A plot with its legend above it."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_legend import PlotLegend

_LEGEND_SHARE = 0.24


class PlotCard(QFrame):
    """One plot, ready to stand alone or among others.

    Attributes:
        plot: The curves.
        legend: What they are.
    """

    def __init__(self, plot: LivePlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = plot
        self.legend = PlotLegend(plot)
        self.setProperty("card", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(2)
        column.addWidget(self.legend)
        column.addWidget(plot, 1)

    def stand(self, *, alone: bool, lowest: int, room: int) -> None:
        """Among others it needs its title, and may be scrolled past.

        Args:
            alone: Whether no other plot is shown.
            lowest: Pixels the plot needs at least.
            room: Pixels there are; the legend leaves most of them to the plot.
        """
        self.legend.show_title(shown=not alone)
        self.plot.wheel_needs_focus = not alone
        self.plot.setMinimumHeight(lowest)
        self.legend.fit_into(round(_LEGEND_SHARE * room))

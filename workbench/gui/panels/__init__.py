"""The panels, in the order of their tabs: a new one is one file here and its class in the tuple."""

from workbench.gui.panel import Panel
from workbench.gui.panels.compare import ComparePanel
from workbench.gui.panels.curves import CurvesPanel
from workbench.gui.panels.data import DataPanel
from workbench.gui.panels.eras import ErasPanel
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.panels.probabilities import ProbabilitiesPanel
from workbench.gui.panels.recipe import RecipePanel
from workbench.gui.panels.runs import RunsPanel
from workbench.gui.panels.softening import SofteningPanel
from workbench.gui.panels.text import TextPanel

PANELS: tuple[type[Panel], ...] = (
    RecipePanel,
    CurvesPanel,
    DataPanel,
    RunsPanel,
    ComparePanel,
    ProbabilitiesPanel,
    TextPanel,
    SofteningPanel,
    PlaygroundPanel,
    ErasPanel,
)

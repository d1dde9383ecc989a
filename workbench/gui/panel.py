"""What every panel is: a widget in a dock, told when to draw, only while it can be seen."""

from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace


class Place(Enum):
    """Where a panel lies before a person moves it."""

    LEFT = "left"
    MAIN = "main"
    LOWER = "lower"


class Panel(QWidget):
    """The base of all panels; a new one is one file and its class in `PANELS`.

    Attributes:
        name: Names the dock in the saved arrangement, and its icon; never changes.
        title: On the tab, in the View menu and in the palette.
        place: Where it lies at first.
        workspace: All that panels share.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    place: ClassVar[Place]

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__()
        self.workspace = workspace
        self._is_stale = True
        self.setObjectName(f"panel-{self.name}")
        self.setAccessibleName(self.title)
        self.setProperty("surface", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        workspace.pump.redraw.connect(self._redraw_if_seen)

    def refresh(self) -> None:
        """Draw what grew or changed; called on the pump's beat while the panel can be seen, and when it is shown."""
        raise NotImplementedError

    def warm_up(self) -> None:
        """Load what would be dear later; called once, when the window has been furnished."""

    def mark_stale(self) -> None:
        """Something changed that this panel shows: draw at the next good moment, or when it is shown again."""
        self._is_stale = True
        self.workspace.pump.want_redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """A panel that was hidden has missed something."""
        super().showEvent(event)
        self.mark_stale()

    def _redraw_if_seen(self) -> None:
        if self._is_stale and self.isVisible() and not self.visibleRegion().isEmpty():
            self._is_stale = False
            self.refresh()

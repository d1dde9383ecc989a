"""The docks: every panel in its place, moved by a person, found there again at the next start."""

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QTabWidget, QToolButton, QWidget

from workbench.gui.panel import Panel, Place
from workbench.gui.settings import DOCKS_VERSION
from workbench.gui.theme import strong
from workbench.gui.workspace import Workspace

_LEFT_WIDTH = 350


class DockHost(QMainWindow):
    """Holds the panels; built piece by piece after the window's first paint.

    Signals:
        furnished: Every panel is there.
    """

    furnished = Signal()

    def __init__(self, workspace: Workspace) -> None:
        # A window inside the window: it has docks of its own, the outer one keeps menus and the welcome page.
        super().__init__(None, Qt.WindowType.Widget)
        self.workspace = workspace
        self.panels: dict[str, Panel] = {}
        self.docks: dict[str, Dock] = {}
        self._queue: list[type[Panel]] | None = None
        self._cold: list[Panel] = []
        self._wanted_front = ""
        self._view_actions: list[QAction] = []
        self._is_furnished = self._is_arranged = False
        # The width of the panels at the left, and of all when it was that.
        self._left_width, self._seen_width = _LEFT_WIDTH, 0
        self._sharing = QTimer(self)
        self._sharing.setSingleShot(True)
        self._sharing.setInterval(0)
        self._sharing.timeout.connect(self._share_width)
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(0)
        self._fitting.timeout.connect(self._fit_titles)
        self.setObjectName("docks")
        self.setDockNestingEnabled(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    @property
    def is_furnished(self) -> bool:
        """Whether every panel is there."""
        return self._is_furnished

    def furnish(self) -> None:
        """Make the next panel, and come back for the others: no turn of the event loop takes long."""
        if self._queue is None:
            # Plots and all they need load only now, when the window is on the screen.
            from workbench.gui.panels import PANELS

            self._queue = [*PANELS]
        if self._queue:
            kind = self._queue.pop(0)
            panel = kind(self.workspace)
            dock = Dock(panel, self)
            self.panels[kind.name], self.docks[kind.name] = panel, dock
            for moved in (dock.visibilityChanged, dock.topLevelChanged, dock.dockLocationChanged):
                moved.connect(self._fit_titles_soon)
            # A panel behind another tab counts as visible: nothing else tells it that it has come to the front.
            dock.visibilityChanged.connect(self._draw_soon)
            self._put(dock, kind.place)
            self._cold.append(panel)
            QTimer.singleShot(0, self, self.furnish)
            return
        if self._cold:
            self._cold.pop().warm_up()
            QTimer.singleShot(0, self, self.furnish)
            return
        self._is_furnished = True
        self._arrange()
        self._is_arranged = self._restore()
        if self.isVisible():
            self._arrange_soon()
        self.furnished.emit()
        if self._wanted_front:
            self.show_panel(self._wanted_front)

    def showEvent(self, event: QShowEvent) -> None:
        """Widths can be shared out only once there is a width."""
        super().showEvent(event)
        if self._is_furnished:
            self._arrange_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A wider window is for what is drawn: the panels at the left stay as wide as a person made them."""
        super().resizeEvent(event)
        if self._is_furnished and self.isVisible() and self.width() != self._seen_width:
            # The layout is not done yet.
            self._sharing.start()
        else:
            self._seen_width = self.width()

    def note_width(self, dock: "Dock") -> None:
        """A dock is as wide as it is now because a person wants it, or because the window became another."""
        if self._is_furnished and self.width() == self._seen_width and dock in self._left_docks():
            self._left_width = dock.width()

    def give_way(self, panel: str, other: str) -> None:
        """Bring a panel to the front of its tabs where one in front of it has nothing to say."""
        if panel not in self.docks or other not in self.docks or self.docks[other].isHidden():
            return
        if self.is_in_front(panel) and self.docks[other] in self.tabifiedDockWidgets(self.docks[panel]):
            self.show_panel(other)

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front; also one that is not made yet."""
        # Making the panels, and the first arrangement, bring others to the front.
        self._wanted_front = name
        if name in self.docks and self.is_furnished:
            self.docks[name].setVisible(True)
            self.docks[name].raise_()

    def reset(self) -> None:
        """Put everything back where it was at first."""
        for name, dock in self.docks.items():
            dock.setFloating(False)
            self.removeDockWidget(dock)
            self._put(dock, self.panels[name].place)
            dock.setVisible(True)
        self._arrange()

    def keep(self) -> None:
        """Remember the arrangement."""
        if self.is_furnished:
            self.workspace.settings.keep_bytes("docks", self.saveState(DOCKS_VERSION))

    def toggle_panel(self, name: str) -> None:
        """Bring a panel to the front, or close it where it is in front already."""
        if self.is_in_front(name):
            self.docks[name].close()
        else:
            self.show_panel(name)

    def is_in_front(self, name: str) -> bool:
        """Whether a panel can be seen: there, and not behind another tab."""
        return name in self.panels and not self.panels[name].visibleRegion().isEmpty()

    def view_actions(self) -> list[QAction]:
        """One action a panel that asks for it, with Ctrl+1 to Ctrl+9; ticked while the panel is there."""
        for place, (name, dock) in enumerate(self.docks.items()):
            # Not the dock's own: that would close a panel behind another tab, which a person wants to see.
            action = QAction(dock.panel.title, self)
            action.setObjectName(name)
            action.setCheckable(True)
            action.setChecked(not dock.isHidden())
            dock.toggleViewAction().toggled.connect(action.setChecked)
            if place < 9:
                action.setShortcut(QKeySequence(f"Ctrl+{place + 1}"))
            self._view_actions.append(action)
        self.workspace.theme.changed.connect(self._paint_icons)
        self._paint_icons()
        return self._view_actions

    def _paint_icons(self) -> None:
        for action in self._view_actions:
            action.setIcon(self.workspace.theme.icon(action.objectName()))

    def _fit_titles_soon(self, _: object = None) -> None:
        # Neighbours are told nothing when a dock joins or leaves them, and the layout is not there yet.
        self._fitting.start()

    def _draw_soon(self, _: bool) -> None:
        self.workspace.pump.want_redraw()

    def _fit_titles(self) -> None:
        for dock in self.docks.values():
            dock.fit_title()

    def _put(self, dock: "Dock", place: Place) -> None:
        area = Qt.DockWidgetArea.LeftDockWidgetArea if place is Place.LEFT else Qt.DockWidgetArea.RightDockWidgetArea
        others = [other for other in self.docks.values() if other is not dock and self._is_at(other, place)]
        if others:
            self.tabifyDockWidget(others[-1], dock)
        else:
            self.addDockWidget(area, dock)
        dock.show()

    def _is_at(self, dock: "Dock", place: Place) -> bool:
        return dock.panel.place is place and self.dockWidgetArea(dock) is not Qt.DockWidgetArea.NoDockWidgetArea

    def _share_width(self) -> None:
        left = self._left_docks()
        others = [dock for dock in self.docks.values() if dock not in left and self.is_in_front(dock.panel.name)]
        if left and others:
            widths = [self._left_width, max(left[0].width() + others[0].width() - self._left_width, 1)]
            self.resizeDocks([left[0], others[0]], widths, Qt.Orientation.Horizontal)
        self._seen_width = self.width()

    def _left_docks(self) -> list["Dock"]:
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        docks = [dock for dock in self.docks.values() if not (dock.isHidden() or dock.isFloating())]
        return [dock for dock in docks if self.dockWidgetArea(dock) == left and self.is_in_front(dock.panel.name)]

    def _arrange(self) -> None:
        """Widths and heights, and the first tab of each place in front."""
        firsts = {place: dock for dock in reversed(self.docks.values()) for place in [dock.panel.place]}
        main, lower, left = (firsts.get(place) for place in (Place.MAIN, Place.LOWER, Place.LEFT))
        for dock in firsts.values():
            dock.raise_()
        if left and main:
            self.resizeDocks([left, main], [_LEFT_WIDTH, max(self.width() - _LEFT_WIDTH, 1)], Qt.Orientation.Horizontal)
        if main and lower:
            self.resizeDocks([main, lower], [52, 48], Qt.Orientation.Vertical)

    def _arrange_soon(self) -> None:
        if not self._is_arranged:
            self._is_arranged = True
            QTimer.singleShot(0, self, self._arrange_at_first)

    def _arrange_at_first(self) -> None:
        self._arrange()
        if self._wanted_front:
            self.show_panel(self._wanted_front)

    def _restore(self) -> bool:
        state: QByteArray = self.workspace.settings.bytes_of("docks")
        return not state.isEmpty() and self.restoreState(state, DOCKS_VERSION)


class Dock(QDockWidget):
    """One panel with a slim title; tabbed with others it needs none."""

    def __init__(self, panel: Panel, host: DockHost) -> None:
        super().__init__(panel.title, host)
        self.panel = panel
        self.setObjectName(f"dock-{panel.name}")
        self.setWidget(panel)
        self._title = _DockTitle(self, host.workspace)
        self._none = QWidget(self)
        self.setTitleBarWidget(self._title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The host keeps what a person chose."""
        super().resizeEvent(event)
        host = self.parentWidget()
        if isinstance(host, DockHost):
            host.note_width(self)

    def fit_title(self) -> None:
        """The title is there only while the dock stands alone: a tab says it otherwise."""
        host = self.parentWidget()
        tabbed = isinstance(host, DockHost) and not self.isFloating() and bool(host.tabifiedDockWidgets(self))
        wanted = self._none if tabbed else self._title
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            wanted.show()


class _DockTitle(QWidget):
    """Name, float and close."""

    def __init__(self, dock: Dock, workspace: Workspace) -> None:
        super().__init__(dock)
        self._dock, self._theme = dock, workspace.theme
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 2)
        row.setSpacing(2)
        label = QLabel(dock.panel.title)
        label.setFont(strong(label.font()))
        row.addWidget(label, 1)
        self._buttons: list[tuple[QToolButton, str]] = []
        for name, words, act in (
            ("float", "Float in a window of its own", self._toggle_floating),
            ("close", "Close; the View menu brings it back", dock.close),
        ):
            button = QToolButton()
            button.setAutoRaise(True)
            button.setToolTip(words)
            button.setAccessibleName(f"{dock.panel.title}: {words}")
            button.clicked.connect(act)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
            self._buttons.append((button, name))
        self._theme.changed.connect(self._paint)
        self._paint()

    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def _paint(self) -> None:
        for button, name in self._buttons:
            button.setIcon(self._theme.icon(name, "muted"))

"""A quiet note in the status bar: a newer version is there."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from workbench.gui.opening_outside import open_outside
from workbench.gui.widgets.announcing import announce
from workbench.session.updates import Release


class NewVersionNote(QWidget):
    """Stays until the window closes, or the version is skipped.

    Signals:
        skipped: A person wants to hear no more of this version.

    Attributes:
        label: Which version it is.
        page_button: Opens the page of the release.
        skip_button: Puts the note away.
    """

    skipped = Signal()

    def __init__(self, release: Release) -> None:
        super().__init__()
        self._page = release.page
        self.label = QLabel(f"Version {release.version} is there")
        self.label.setProperty("role", "muted")
        self.page_button = QToolButton()
        self.page_button.setText("What is new")
        self.page_button.setAccessibleName(f"What is new in version {release.version}")
        self.page_button.setToolTip(f"Open {release.page}")
        self.skip_button = QToolButton()
        self.skip_button.setText("Skip this version")
        self.skip_button.setToolTip(f"Say no more of version {release.version}.")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(4)
        for widget in (self.label, self.page_button, self.skip_button):
            row.addWidget(widget)
        self.page_button.clicked.connect(self._open)
        self.skip_button.clicked.connect(self.skipped)
        announce(self, self.label.text())

    def _open(self) -> None:
        open_outside(self._page)

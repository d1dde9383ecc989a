"""Looks ahead while nothing trains: whether the recipe on the screen could be trained, and what speaks against it."""

import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.events import Finding
from workbench.session.preflight import Preflight, look_ahead

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

# Until a person has stopped typing, and the cards beside the fields have been filled.
_PATIENCE_MS = 900
_TOPIC = "preflight"


class LookingAhead(QObject):
    """The preflight of the recipe on the screen.

    Signals:
        changed: Something else is known, or nothing any more, or it is being found out.

    Attributes:
        known: What was found for the recipe as it is now; None while nothing is known.
        is_looking: Whether it is being found out.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self.known: Preflight | None = None
        self.is_looking = False
        self._key = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self.look)
        workspace.document.edited.connect(self._edited)
        workspace.status_changed.connect(self._status_changed)
        workspace.consenting.agreed.connect(self._look_again)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication), "there are no widgets without one"
        application.applicationStateChanged.connect(self._came_back)

    @property
    def refusal(self) -> str:
        """Why the recipe as it is now cannot be trained; empty where nothing is known to speak against it."""
        return self.known.refusal if self.known is not None else ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found for the recipe as it is now."""
        return self.known.findings if self.known is not None else ()

    def look_soon(self) -> None:
        """Look once a person has stopped typing, if nothing is known of the recipe as it is."""
        if self.known is None and not self.is_looking and self._may_look():
            self._timer.start()

    def look(self) -> None:
        """Look now, whatever is known."""
        document = self._workspace.document
        recipe, folder = document.recipe, document.folder
        self._timer.stop()
        if recipe is None or not self._may_look():
            return
        self.is_looking = True
        jobs = self._workspace.jobs
        jobs.start(
            "Checking the recipe", lambda job: look_ahead(job, recipe, folder), self._take, self._fail, topic=_TOPIC
        )
        self.changed.emit()

    def forget(self) -> None:
        """What was found holds no more, such as when a file is trusted now."""
        self._workspace.jobs.cancel(_TOPIC)
        self._timer.stop()
        self.known, self.is_looking = None, False
        self.changed.emit()

    def ask_consent(self, error: ConsentNeededError, parent: QWidget) -> None:
        """Ask a person for what is missing."""
        self._workspace.consenting.ask_for(error, parent)

    def _may_look(self) -> bool:
        return self._workspace.document.recipe is not None and not self._workspace.is_training

    def _edited(self) -> None:
        key = _key_of(self._workspace.document.draft, str(self._workspace.document.folder))
        if key != self._key:
            self._key = key
            self.forget()

    def _status_changed(self, _: object) -> None:
        if self._workspace.is_training and self.is_looking:
            self.forget()

    def _look_again(self) -> None:
        self.forget()
        self.look_soon()

    def _came_back(self, state: Qt.ApplicationState) -> None:
        # Most refusals are mended outside: a file is moved, memory is freed.
        if state is Qt.ApplicationState.ApplicationActive and self.refusal and not self.is_looking:
            self.look()

    def _take(self, found: Preflight) -> None:
        self.known, self.is_looking = found, False
        self.changed.emit()

    def _fail(self, error: WorkbenchError) -> None:
        self.is_looking = False
        self.changed.emit()
        self._workspace.failed.emit(error)


def _key_of(draft: dict[str, Any], folder: str) -> str:
    """All that preflight depends on; a turn at the temperature needs no other look."""
    stages = [(stage["inputs"], stage["optimisation"]["optimiser"]) for stage in draft["stages"]]
    models = [draft[name] for name in ("teachers", "student", "data")]
    return json.dumps([folder, models, stages, draft["monitoring"]["probe"]])

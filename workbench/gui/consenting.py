"""Asks a person for a consent, remembers the answer, and writes trust in a file into the recipe on the screen."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from workbench.errors import CodeConsentNeededError, ConsentNeededError, EndpointConsentNeededError
from workbench.gui.consent_dialog import ConsentDialog, ConsentQuestion, code_question, endpoint_question
from workbench.recipe.drafts import Location, checked_section, with_value
from workbench.recipe.models import Student, Teacher
from workbench.session.jobs import Job
from workbench.session.trusting import CodeFile, agree_to, agree_to_endpoint, look_at_code, trust_place

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace


class Consenting(QObject):
    """The one place where a person agrees to something.

    Signals:
        agreed: A person has agreed to a subject, as `ConsentNeededError` names it; what was refused for its sake may
            be tried again.
    """

    agreed = Signal(str)

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._dialog: ConsentDialog | None = None

    def ask_for(self, error: ConsentNeededError, parent: QWidget) -> None:
        """Ask for what an error lacks; blocks nothing.

        Args:
            error: What was refused.
            parent: Where the question is asked.
        """
        if isinstance(error, CodeConsentNeededError):
            self.ask(Path(error.path), error.details or error.title, parent)
        elif isinstance(error, EndpointConsentNeededError):
            self._show(endpoint_question(error), parent, lambda: self._agree_to_endpoint(error))

    def ask(self, path: Path, reasons: str, parent: QWidget) -> None:
        """Show what a file is, and ask; blocks nothing.

        Args:
            path: The file.
            reasons: Why it is thought to run code, a line each.
            parent: Where the question is asked.
        """

        def show(file: CodeFile) -> None:
            self._show(code_question(file), parent, lambda: self._agree_to_file(file))

        jobs = self._workspace.jobs
        jobs.start(f"Looking at {path.name}", lambda _: look_at_code(path, reasons), show, topic="consent")

    def _show(self, question: ConsentQuestion, parent: QWidget, agree: Callable[[], None]) -> None:
        if self._dialog is not None:
            self._dialog.close()
        self._dialog = ConsentDialog(question, self._workspace.theme, parent.window())
        self._dialog.agreed.connect(agree)
        self._dialog.destroyed.connect(self._forget)
        self._dialog.open()

    def _forget(self) -> None:
        self._dialog = None

    def _agree_to_file(self, file: CodeFile) -> None:
        def work(_: Job[None]) -> None:
            agree_to(file)

        def done(_: None) -> None:
            self._write_down(file)
            self._workspace.noticed.emit("ok", f"{file.path.name} is trusted, as it is now.")
            self.agreed.emit(file.digest)

        self._workspace.jobs.start(f"Trusting {file.path.name}", work, done, must_end=True)

    def _agree_to_endpoint(self, error: EndpointConsentNeededError) -> None:
        def work(_: Job[None]) -> None:
            agree_to_endpoint(error.address, error.key)

        def done(_: None) -> None:
            self._workspace.noticed.emit("ok", f"Prompts may be sent to {error.address} from now on.")
            self.agreed.emit(error.subject)

        self._workspace.jobs.start(f"Agreeing to {error.address}", work, done, must_end=True)

    def _write_down(self, file: CodeFile) -> None:
        """The digest beside every name of the file, in one undo step."""
        document = self._workspace.document
        draft = document.draft
        for place in trust_places(draft, document.folder, file.path):
            draft = with_value(draft, place, file.digest)
        if draft is not document.draft:
            document.settle()
            document.set((), draft, f"trust {file.path.name}")
            document.settle()


def trust_places(draft: dict[str, Any], folder: Path, path: Path) -> Iterator[Location]:
    """Where in a recipe the trust in a file stands."""
    sections: list[tuple[Location, Any, Any]] = [
        (("teachers", number), Teacher, values) for number, values in enumerate(draft["teachers"])
    ]
    sections.append((("student",), Student, draft["student"]))
    for location, kind, values in sections:
        section = checked_section(kind, values)
        if section is not None and (place := trust_place(section, folder, path)):
            yield (*location, *place)

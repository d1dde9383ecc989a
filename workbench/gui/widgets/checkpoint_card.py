"""The card beside a model: the one in a checkpoint with its error and what it still needs, or a new one's size."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from workbench.errors import CodeConsentNeededError, WorkbenchError
from workbench.gui.background import Background
from workbench.gui.widgets.data_facts import DataCard, reader_in
from workbench.gui.widgets.elided_button import ElidedButton
from workbench.gui.widgets.facts_card import FactsCard
from workbench.gui.widgets.form_part import FormContext, put_visible
from workbench.gui.widgets.model_words import MODEL_ROWS, model_in_words
from workbench.gui.widgets.naming import in_words
from workbench.gui.widgets.needs_box import NeedsBox
from workbench.gui.widgets.note_lines import NoteLines
from workbench.gui.widgets.proposals_menu import ProposalsMenu
from workbench.gui.widgets.tensors_dialog import TensorsDialog
from workbench.recipe.data import Conversations, Data
from workbench.recipe.drafts import Location, checked_section, fresh
from workbench.recipe.models import ARCHITECTURES, Architecture, Student, Teacher
from workbench.recipe.section import whole_name
from workbench.session.inspecting import Inspector, ModelFacts, Score
from workbench.session.jobs import Job
from workbench.session.naming_checkpoints import Proposal, proposals, tried_proposals
from workbench.session.trusting import code_of, why_code
from workbench.wording import counted

__all__ = ["CheckpointCard", "DataCard"]

_DATA: Location = ("data",)
_NO_DATA = "known once the data is chosen"
_NAMES = (*MODEL_ROWS, "error", "compression")


class CheckpointCard(FactsCard):
    """A model.

    Signals:
        look_wanted: (Path, reasons): a person wants to look at a file that can run code.
        place_wanted: A Location in the form that a person should see now.

    Attributes:
        facts: What is known of the model; None before.
        notes: What a person should know of it.
        needs: What it still needs.
        tensors: Opens the table of its tensors.
    """

    look_wanted = Signal(object, str)
    place_wanted = Signal(object)

    def __init__(
        self, context: FormContext, location: Location, jobs: Background, inspector: Inspector, colour: str
    ) -> None:
        super().__init__(context, location, jobs, _NAMES, colour)
        self.explain("error", "Share of the held-out examples that it gets wrong")
        self._inspector = inspector
        self._job: Job[Any] | None = None
        self.facts: ModelFacts | None = None
        self._misfits = ""
        self._code: tuple[Path | None, str, str] = (None, "", "")
        self.notes, self.needs = NoteLines(context.theme), NeedsBox(context.theme)
        self.tensors = ElidedButton(is_muted=True)
        self._lay_out_foot()
        self.needs.look_wanted.connect(self._look)
        self.needs.architecture_chosen.connect(self._name_architecture)
        self.needs.trial_wanted.connect(self._try_what_fits)
        self.tensors.clicked.connect(self._show_tensors)
        jobs.changed.connect(self._tell_progress)
        context.theme.changed.connect(self._paint_table)
        self._paint_table()

    def request(self) -> Any:
        """As `FactsCard.request`: all that the recipe says of the model, and the data."""
        document = self.context.document
        value = document.value(self.location)
        if not value["checkpoint"] and value.get("architecture") is None:
            return None
        of_model = {name: part for name, part in value.items() if name not in ("weight", "seed")}
        reader = reader_in(document)
        told = reader.model_dump_json() if reader is not None else ""
        return (json.dumps(of_model), document.folder), json.dumps(document.value(_DATA)), told

    def ask(self) -> None:
        """As `FactsCard.ask`."""
        document = self.context.document
        value, folder = document.value(self.location), document.folder
        data = checked_section(Data, document.value(_DATA))
        if not value["checkpoint"]:
            self._ask_for_new(checked_section(Architecture, value["architecture"]), data, folder)
            return
        section, path = self._section(), whole_name(folder, str(value["checkpoint"]))

        def take(facts: ModelFacts) -> None:
            self._take(facts)
            if facts.needs:
                self._ask_for(facts)
            elif data is None:
                self.tell(error=_NO_DATA)
            elif not isinstance(data, Conversations):
                self._judge(path, data, folder, section)

        inspector, writes = self._inspector, isinstance(data, Conversations)
        self.look_up(
            f"Inspecting {path.name}",
            lambda _: inspector.checkpoint(path, section, folder, writes_text=writes),
            take,
        )

    def lose(self, before: Any, request: Any) -> None:
        """As `FactsCard.lose`: facts about another model are none about this one, only the data may change."""
        self._job = None
        if before is not None and request is not None and before[0] == request[0]:
            return
        self.facts, self._misfits = None, ""
        self.accept()
        self.needs.hide()
        self.notes.show_notes(())
        self._offer_tensors()
        self.tell(**dict.fromkeys(_NAMES, "") | {"architecture": "Reading…"})
        self.known.emit()

    def ask_again(self) -> None:
        """Something outside the recipe changed, such as what a person trusts."""
        self._asked = None
        self.sync({})

    def compare(self, teachers: Sequence[ModelFacts]) -> None:
        """Say how much smaller this model is than those it learns from."""
        if self.facts is None or not teachers or not self.facts.parameters:
            self.tell(compression="")
            return
        ratio = sum(teacher.parameters for teacher in teachers) / self.facts.parameters
        self.tell(compression=f"{ratio:,.1f} × smaller" if ratio >= 1 or not ratio else f"{1 / ratio:,.1f} × larger")
        whose = "the teacher" if len(teachers) == 1 else f"the {len(teachers)} teachers together"
        self.explain("compression", f"By the number of parameters, compared with {whose}")

    def refuse(self, error: WorkbenchError) -> None:
        """As `FactsCard.refuse`; where only a person's consent is missing, it is asked for."""
        if isinstance(error, CodeConsentNeededError):
            self.tell(architecture="–")
            self._ask_consent(Path(error.path), error.digest, error.details or error.title)
        else:
            super().refuse(error)
            self._misfits = error.details
        self.facts = None
        self.known.emit()

    # -- what is known

    def _section(self) -> Teacher | Student:
        """The section of the recipe; what it says of the file alone while something else in it is refused."""
        kind = Student if self.location[0] == "student" else Teacher
        value = self.context.document.value(self.location)
        section: Teacher | Student | None = checked_section(kind, value)
        return section or kind(checkpoint=str(value["checkpoint"]))

    def _ask_for_new(self, architecture: Any, data: Any, folder: Path) -> None:
        if architecture is None:
            self.tell(architecture="–")
        elif data is None:
            self.tell(architecture=in_words(architecture.kind), parameters=_NO_DATA)
        else:
            inspector, reader = self._inspector, reader_in(self.context.document)
            self.look_up(
                "Measuring the student",
                lambda job: inspector.new_model(architecture, data, folder, reader, job),
                self._take,
            )

    def _take(self, facts: ModelFacts) -> None:
        self.accept()
        self.needs.hide()
        self.facts = facts
        self.tell(**model_in_words(facts))
        self.notes.show_notes(facts.notes)
        self._offer_tensors()
        self.known.emit()

    def _judge(self, path: Path, data: Any, folder: Path, section: Teacher | Student) -> None:
        inspector, reader = self._inspector, reader_in(self.context.document)
        self.tell(error="Evaluating…")
        self._job = self.jobs.start(
            f"Evaluating {path.name}",
            lambda job: inspector.score(job, path, data, folder, reader, section=section),
            self._take_score,
            self._take_misfit,
            topic=self._topic,
        )

    def _take_score(self, score: Score) -> None:
        self._job = None
        share = score.errors / score.examples
        self.tell(error=f"{100 * share:.2f} % ({score.errors:,} of {score.examples:,})")

    def _take_misfit(self, error: WorkbenchError) -> None:
        # The model is known all the same; only what it was to be judged by does not fit.
        self._job = None
        if isinstance(error, CodeConsentNeededError):
            self.tell(error="")
            self._ask_consent(Path(error.path), error.digest, error.details or error.title)
            return
        self.tell(error=error.title)
        self._misfits = error.details
        self._offer_tensors()

    def _tell_progress(self) -> None:
        if self._job is None or self._job.is_cancelled:
            return
        progress = self._job.progress
        if progress.words:
            share = "" if progress.share is None else f" {100 * progress.share:.0f} %"
            self.tell(error=f"{progress.words}{share}")

    # -- what is missing

    def _ask_for(self, facts: ModelFacts) -> None:
        if facts.needs == "consent":
            name, reason = why_code(self._section(), facts.notes)
            self.notes.show_notes(tuple(note for note in facts.notes if note.title != reason))
            self._ask_consent(None, facts.digest, reason, name)
        else:
            self.needs.ask_architecture("Name the architecture, and the weights are poured into it.")

    def _ask_consent(self, path: Path | None, digest: str, reasons: str, name: str = "") -> None:
        """Ask; which file it is, is looked for only when a person wants to see it."""
        self._code = (path, digest, reasons)
        self.needs.ask_consent(path.name if path is not None else name, digest, reasons)

    def _look(self) -> None:
        path, digest, reasons = self._code
        if path is not None:
            self.look_wanted.emit(path, reasons)
            return
        section, folder = self._section(), self.context.document.folder

        def found(code: Path) -> None:
            self.look_wanted.emit(code, reasons)

        self.jobs.start("Looking at the file", lambda _: code_of(section, folder, digest), found)

    def _name_architecture(self, kind: str) -> None:
        section = next(section for section in ARCHITECTURES if section.model_fields["kind"].default == kind)
        place = (*self.location, "architecture")
        self.change(place, fresh(section), "architecture")
        self.place_wanted.emit(place)

    def _try_what_fits(self) -> None:
        document, section = self.context.document, self._section()
        data, folder = checked_section(Data, document.value(_DATA)), document.folder
        path, signature = whole_name(folder, section.checkpoint), section.signature

        def work(job: Job[Any]) -> tuple[Proposal, ...]:
            return proposals(path) if data is None else tried_proposals(job, path, data, folder, signature)

        self.jobs.start(f"Trying what fits {path.name}", work, self._propose, topic=self._topic)

    def _propose(self, found: Sequence[Proposal]) -> None:
        menu = ProposalsMenu(found, self)
        menu.chosen.connect(self._take_proposal)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.needs.attempt.mapToGlobal(self.needs.attempt.rect().bottomLeft()))

    def _take_proposal(self, proposal: Proposal) -> None:
        place = (*self.location, "architecture")
        self.change(place, proposal.architecture.model_dump(mode="json"), "architecture")

    def _show_tensors(self) -> None:
        if self.facts is not None:
            name = Path(str(self.context.document.value(self.location)["checkpoint"])).name
            TensorsDialog(name, self.facts.tensors, self._misfits, self.context.theme, self.window()).open()

    def _offer_tensors(self) -> None:
        count = len(self.facts.tensors) if self.facts is not None else 0
        words = f"{counted(count, 'tensor')}…" + (" Some do not fit." if self._misfits else "")
        self.tensors.setText(words)
        self.tensors.setAccessibleName(words)
        self.tensors.setToolTip("Name, shape and type of each, to search")
        put_visible(self.tensors, bool(count))

    def _lay_out_foot(self) -> None:
        foot = QVBoxLayout()
        foot.setContentsMargins(0, 4, 0, 0)
        foot.setSpacing(6)
        for widget in (self.needs, self.notes, self.tensors):
            foot.addWidget(widget)
        self.tensors.hide()
        self._grid.addLayout(foot, self._grid.rowCount(), 0, 1, 2)

    def _paint_table(self) -> None:
        self.tensors.setIcon(self.context.theme.icon("table", "muted"))

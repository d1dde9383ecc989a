"""Cards beside what a recipe names: a model with its size, classes and error, and the data it is judged by."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.gui.background import Background
from workbench.gui.widgets.facts_card import FactsCard
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.naming import in_words
from workbench.recipe.data import Data
from workbench.recipe.drafts import Location, checked_section
from workbench.recipe.models import Architecture
from workbench.recipe.section import whole_name
from workbench.session.inspecting import DataFacts, Inspector, ModelFacts, Score
from workbench.session.jobs import Job

_DATA: Location = ("data",)
_CLASSES_SHOWN = 6
_NO_DATA = "known once the data is chosen"


class CheckpointCard(FactsCard):
    """A model: the one in a checkpoint with its error on held-out examples, or a new one's size.

    Attributes:
        facts: What is known of the model; None before.
    """

    def __init__(
        self, context: FormContext, location: Location, jobs: Background, inspector: Inspector, colour: str
    ) -> None:
        names = ("architecture", "parameters", "input", "classes", "error", "compression")
        super().__init__(context, location, jobs, names, colour)
        self.explain("error", "Share of the held-out examples that it gets wrong")
        self._inspector = inspector
        self._job: Job[Any] | None = None
        self.facts: ModelFacts | None = None
        jobs.changed.connect(self._tell_progress)

    def request(self) -> Any:
        """As `FactsCard.request`: the checkpoint or the architecture, and the data."""
        document = self.context.document
        value = document.value(self.location)
        architecture, checkpoint = value.get("architecture"), value["checkpoint"]
        if architecture is None and not checkpoint:
            return None
        model = (json.dumps(architecture), checkpoint, document.folder)
        return model, json.dumps(document.value(_DATA))

    def ask(self) -> None:
        """As `FactsCard.ask`."""
        document = self.context.document
        value, folder = document.value(self.location), document.folder
        data = checked_section(Data, document.value(_DATA))
        if value.get("architecture") is not None:
            self._ask_for_new(checked_section(Architecture, value["architecture"]), data, folder)
            return
        path = whole_name(folder, str(value["checkpoint"]))

        def take(facts: ModelFacts) -> None:
            self._take(facts)
            if data is None:
                self.tell(error=_NO_DATA)
            else:
                self._judge(path, data, folder)

        inspector = self._inspector
        self.look_up(f"Inspecting {path.name}", lambda _: inspector.checkpoint(path), take)

    def lose(self, before: Any, request: Any) -> None:
        """As `FactsCard.lose`: facts about another model are none about this one, only the data may change."""
        self._job = None
        if before is not None and request is not None and before[0] == request[0]:
            return
        self.facts = None
        self.accept()
        self.tell(architecture="Reading…", parameters="", input="", classes="", error="", compression="")
        self.known.emit()

    def compare(self, teachers: Sequence[ModelFacts]) -> None:
        """Say how much smaller this model is than those it learns from."""
        if self.facts is None or not teachers:
            self.tell(compression="")
            return
        ratio = sum(teacher.parameters for teacher in teachers) / self.facts.parameters
        self.tell(compression=f"{ratio:,.1f} × smaller" if ratio >= 1 else f"{1 / ratio:,.1f} × larger")
        whose = "the teacher" if len(teachers) == 1 else f"the {len(teachers)} teachers together"
        self.explain("compression", f"By the number of parameters, compared with {whose}")

    def refuse(self, error: WorkbenchError) -> None:
        """As `FactsCard.refuse`."""
        super().refuse(error)
        self.facts = None
        self.known.emit()

    def _ask_for_new(self, architecture: Any, data: Any, folder: Path) -> None:
        if architecture is None:
            self.tell(architecture="–")
        elif data is None:
            self.tell(architecture=in_words(architecture.kind), parameters=_NO_DATA)
        else:
            inspector = self._inspector
            self.look_up("Measuring the student", lambda _: inspector.new_model(architecture, data, folder), self._take)

    def _take(self, facts: ModelFacts) -> None:
        self.accept()
        self.facts = facts
        self.tell(
            architecture=in_words(facts.architecture),
            parameters=f"{facts.parameters:,} ({_megabytes(facts.bytes)})",
            input=shape_in_words(facts.input_shape),
            classes=classes_in_words(facts.classes),
        )
        self.known.emit()

    def _judge(self, path: Path, data: Any, folder: Path) -> None:
        inspector = self._inspector
        self.tell(error="Evaluating…")
        self._job = self.jobs.start(
            f"Evaluating {path.name}",
            lambda job: inspector.score(job, path, data, folder),
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
        self.tell(error=error.title)

    def _tell_progress(self) -> None:
        if self._job is None or self._job.is_cancelled:
            return
        progress = self._job.progress
        if progress.words:
            share = "" if progress.share is None else f" {100 * progress.share:.0f} %"
            self.tell(error=f"{progress.words}{share}")


class DataCard(FactsCard):
    """A data set: how many examples train and judge, what one looks like, the classes."""

    def __init__(self, context: FormContext, location: Location, jobs: Background, inspector: Inspector) -> None:
        super().__init__(context, location, jobs, ("training", "held out", "input", "classes"), "accent")
        self._inspector = inspector

    def request(self) -> Any:
        """As `FactsCard.request`; nothing while the section itself is refused."""
        document = self.context.document
        values = document.value(self.location)
        return (json.dumps(values), document.folder) if checked_section(Data, values) is not None else None

    def ask(self) -> None:
        """As `FactsCard.ask`."""
        document, inspector = self.context.document, self._inspector
        data, folder = checked_section(Data, document.value(self.location)), document.folder
        self.look_up("Reading the data", lambda _: inspector.data(data, folder), self._take)

    def _take(self, facts: DataFacts) -> None:
        self.accept()
        self.tell(
            training=f"{facts.training:,} examples",
            held_out=f"{facts.held_out:,} examples",
            input=shape_in_words(facts.input_shape),
            classes=classes_in_words(facts.classes),
        )


def shape_in_words(shape: Sequence[int]) -> str:
    """The axes of one input: "1 × 28 × 28"."""
    return " × ".join(f"{size:,}" for size in shape) + (" features" if len(shape) == 1 else "")


def classes_in_words(classes: Sequence[str]) -> str:
    """How many, and the first few names."""
    more = ", …" if len(classes) > _CLASSES_SHOWN else ""
    return f"{len(classes):,}: {', '.join(classes[:_CLASSES_SHOWN])}{more}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"

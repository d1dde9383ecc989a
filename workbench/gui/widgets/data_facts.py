"""The card beside the data's fields: how many examples train and judge, what one looks like, the classes."""

import json
from collections.abc import Sequence
from typing import Any

from workbench.gui.background import Background
from workbench.gui.widgets.facts_card import FactsCard
from workbench.gui.widgets.form_part import Editable, FormContext
from workbench.recipe.data import Data
from workbench.recipe.drafts import Location, checked_section
from workbench.recipe.models import Student, Teacher
from workbench.session.inspecting import DataFacts, Inspector
from workbench.wording import counted

_CLASSES_SHOWN = 6
_NAMES = ("training", "held out", "input", "classes", "responses", "known answers")


class DataCard(FactsCard):
    """A data set."""

    def __init__(self, context: FormContext, location: Location, jobs: Background, inspector: Inspector) -> None:
        super().__init__(context, location, jobs, _NAMES, "accent")
        self._inspector = inspector

    def request(self) -> Any:
        """As `FactsCard.request`; nothing while the section itself is refused."""
        document = self.context.document
        values = document.value(self.location)
        data = checked_section(Data, values)
        return (json.dumps(values), document.folder, _asked(data, document)) if data is not None else None

    def ask(self) -> None:
        """As `FactsCard.ask`."""
        document, inspector = self.context.document, self._inspector
        data, folder, reader = (
            checked_section(Data, document.value(self.location)),
            document.folder,
            reader_in(document),
        )
        self.look_up("Reading the data", lambda job: inspector.data(data, folder, reader, job), self._take)

    def _take(self, facts: DataFacts) -> None:
        self.accept()
        total, speaks = facts.training + facts.held_out, facts.traits is None
        self.tell(
            training=f"{counted(facts.training, 'example')}",
            held_out=f"{counted(facts.held_out, 'example')}",
            input=shape_in_words(facts.input_shape) if facts.input_shape else "",
            classes=classes_in_words(facts.classes),
            responses=share_in_words(facts.responses, total) if speaks else "",
            known_answers=share_in_words(facts.answers, total) if speaks else "",
        )


def reader_in(document: Editable) -> Teacher | Student | None:
    """The model whose wishes the data follows: the first teacher, else the student; None while that is refused."""
    teachers = document.value(("teachers",))
    kind, values = (Teacher, teachers[0]) if teachers else (Student, document.value(("student",)))
    reader: Teacher | Student | None = checked_section(kind, values)
    return reader


def _asked(data: Any, document: Editable) -> str:
    """What else the data depends on."""
    reader = reader_in(document) if data.follows_models else None
    return reader.model_dump_json() if reader is not None else ""


def shape_in_words(shape: Sequence[int]) -> str:
    """The axes of one input: "1 × 28 × 28"."""
    return " × ".join(f"{size:,}" for size in shape) + (" features" if len(shape) == 1 else "")


def classes_in_words(classes: Sequence[str]) -> str:
    """How many, and the first few names."""
    more = ", …" if len(classes) > _CLASSES_SHOWN else ""
    return f"{len(classes):,}: {', '.join(classes[:_CLASSES_SHOWN])}{more}" if classes else ""


def share_in_words(count: int, total: int) -> str:
    """How many of all have something: "all", "none", or "1,800 of 2,000"."""
    return {0: "none", total: "all"}.get(count, f"{count:,} of {total:,}")


def size_in_words(size: int) -> str:
    """A number of bytes: "5.1 MB"."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"

"""The least that a form can edit: plain values, and a count of the visits to its fields."""

from pathlib import Path
from typing import Any

from workbench.gui.widgets.form_part import FormPart, Problems
from workbench.recipe.drafts import Location, fresh, value_at, with_value
from workbench.recipe.section import Section


class PlainDocument:
    """Holds the values of any section; the form is told of every change, as the window tells it."""

    def __init__(self, section: type[Section], folder: Path = Path("/nowhere")) -> None:
        self.folder = folder
        self.draft: Any = fresh(section)
        self.visits = 0
        self.form: FormPart | None = None
        self.problems: Problems = {}

    def value(self, location: Location) -> Any:
        return value_at(self.draft, location)

    def set(self, location: Location, value: Any, words: str = "") -> None:
        self.draft = with_value(self.draft, location, value)
        if self.form is not None:
            self.form.sync(self.problems)

    def settle(self) -> None:
        self.visits += 1

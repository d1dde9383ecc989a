"""The loss in words and numbers, live: exactly what the engine computes with the values in the form."""

import re
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.gui.widgets.form_part import FormContext, FormPart, Problems
from workbench.recipe.drafts import Location, checked_section
from workbench.recipe.objectives import Objective


class FormulaLabel(FormPart):
    """The formula of the objective at a place; while that is refused, the last valid one is shown muted.

    Attributes:
        formula: As the engine says it, in plain text.
    """

    def __init__(self, context: FormContext, location: Location) -> None:
        super().__init__(context, location)
        self.formula = ""
        self._is_valid = True
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 2)
        layout.addWidget(self.label)
        context.theme.changed.connect(self._draw)

    def owns(self, location: Location) -> bool:
        """It shows no problem; the fields above it do."""
        return False

    def reveal(self, location: Location) -> QWidget | None:
        """It is no place for a value."""
        return None

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        objective = checked_section(Objective, self.context.document.value(self.location))
        formula = self.formula
        if objective is not None:
            formula = objective.formula(getattr(objective, "temperature", None), getattr(objective, "alpha", 0.0))
        if (formula, objective is not None) != (self.formula, self._is_valid):
            self.formula, self._is_valid = formula, objective is not None
            self._draw()

    def _draw(self) -> None:
        colours = self.context.theme.colours
        self.label.setText(as_maths(self.formula, colours.muted if not self._is_valid else ""))
        hint = "" if self._is_valid else " (before the value that is refused)"
        self.label.setAccessibleName(f"Loss: {self.formula}{hint}")
        self.label.setToolTip(f"The loss of a step{hint}, in nats for each example")


def as_maths(formula: str, colour: str = "") -> str:
    """A formula as rich text: p_T with its T below, each term on a line of its own."""
    lowered = re.sub(r"_(\w)", r"<sub>\1</sub>", escape(formula))
    first, *others = lowered.split(" + ")
    lines = [first, *(f"&nbsp;&nbsp;&nbsp;&nbsp;+ {term}" for term in others)]
    style = f' style="color: {colour}"' if colour else ""
    return f"<div{style}>{'<br>'.join(lines)}</div>"

"""What may change while a run is going, from any thread: frozen snapshots, applied at a step boundary."""

import math
import threading
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from workbench.errors import WorkbenchError
from workbench.events import ControlValues
from workbench.recipe.objectives import SoftTargets
from workbench.recipe.optimisation import Optimisation
from workbench.recipe.section import bounds_of, range_of

# A change at a step: (step whose update is the first to use it, name, value).
JournalEntry = tuple[int, str, Any]

_MOST_PROBED = 64
_NAMES = tuple(knob.name for knob in fields(ControlValues))
# A control has the range of the recipe field it stands for; typed there, read here.
_FIELDS = {
    "temperature": SoftTargets.model_fields["temperature"],
    "alpha": SoftTargets.model_fields["alpha"],
    "learning_rate": Optimisation.model_fields["learning_rate"],
}


class LiveControls:
    """The knobs of one run: turned by a person, or by the journal of an earlier run."""

    def __init__(self, journal: Iterable[JournalEntry] = ()) -> None:
        """Start with the changes of a journal, each to be made at its own step.

        Raises:
            WorkbenchError: The journal names an unknown control or a value out of range.
        """
        self._lock = threading.Lock()
        planned = list(journal)
        for step, name, value in planned:
            if type(step) is not int:
                raise WorkbenchError(f"The journal changes {name} at step {step!r:.40}, which is no whole number.")
            check_control(name, value)
        self._planned = sorted(planned, key=lambda entry: entry[0])
        self._values = ControlValues()

    def set(self, **changes: Any) -> None:
        """Change controls from the next step on; None goes back to the recipe.

        Raises:
            WorkbenchError: An unknown control, or a value out of range; nothing is changed then.
        """
        for name, value in changes.items():
            check_control(name, value)
        with self._lock:
            self._values = replace(self._values, **changes)

    @property
    def wanted(self) -> ControlValues:
        """What a person asked for last; the run uses it from its next step on."""
        with self._lock:
            return self._values

    def read(self, step: int) -> ControlValues:
        """The values for the update of this step; the run's thread calls it once a step."""
        with self._lock:
            while self._planned and self._planned[0][0] <= step:
                _, name, value = self._planned.pop(0)
                self._values = replace(self._values, **{name: value})
            return self._values


def check_control(name: str, value: Any) -> None:
    """Refuse a value that a control never has. Raises WorkbenchError."""
    if name not in _NAMES:
        raise WorkbenchError(f"“{name}” is not a control; there are {', '.join(_NAMES)}.")
    if value is None:
        return
    if name == "probe":
        _check_probe(value)
        return
    bounds = bounds_of(_FIELDS[name])
    inside = (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) < math.inf
        and bounds.get("gt", -math.inf) < value <= bounds.get("le", math.inf)
        and value >= bounds.get("ge", -math.inf)
    )
    if not inside:
        raise WorkbenchError(f"{name} = {value} is out of range: {range_of(_FIELDS[name])}.")


def _check_probe(value: Any) -> None:
    whole = isinstance(value, tuple) and all(isinstance(place, int) and place >= 0 for place in value)
    if not whole or len(value) > _MOST_PROBED:
        raise WorkbenchError(
            f"probe = {value} is refused: it takes a tuple of at most {_MOST_PROBED} held-out examples, from 0."
        )

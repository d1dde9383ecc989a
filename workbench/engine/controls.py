"""What the loop asks at each step boundary: the values a person has set, as one frozen snapshot."""

from typing import Protocol

from workbench.events import ControlValues


class Controls(Protocol):
    """Whoever holds the knobs; the session's are thread-safe, tests use plain ones."""

    def read(self, step: int) -> ControlValues:
        """The values in force for the update of this step, counted from 1."""
        ...


class AsTheRecipeSays:
    """Nobody touches anything."""

    def read(self, step: int) -> ControlValues:
        """The recipe's own values, at every step."""
        return ControlValues()

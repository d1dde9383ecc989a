"""What a part of the self-test is, and how it refuses."""

from pathlib import Path
from typing import Any, Protocol, TypeAlias

from workbench.errors import WorkbenchError

# Plain values by name, as they go into the report.
Facts: TypeAlias = dict[str, Any]


class Part(Protocol):
    """A module that tries one side of the program; what it needs is imported once it is asked.

    Attributes:
        NAME: As the report names it.
    """

    NAME: str

    def check(self, folder: Path) -> Facts:
        """Try it.

        Args:
            folder: The program's home for the time of the test; runs of earlier parts lie in it.

        Raises:
            WorkbenchError: Something is not as it has to be.
        """


def demand(fulfilled: bool, title: str, hint: str = "") -> None:
    """Go on only where this is so. Raises WorkbenchError with these words."""
    if not fulfilled:
        raise WorkbenchError(title, hint)

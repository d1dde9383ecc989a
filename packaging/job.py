"""What every target of build.py is given: where to read, where to write, and with which Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import identity


@dataclass(frozen=True)
class Job:
    """One call of build.py.

    Attributes:
        python: Interpreter of the environment with everything the bundle is made of.
        out: Folder for what is finished; only what a person hands on lies in it.
        work: Folder for what is made on the way; it can be deleted at any time.
        fast: Whether packing may take seconds instead of minutes, for a larger file.
    """

    python: Path
    out: Path
    work: Path
    fast: bool = False

    @property
    def root(self) -> Path:
        """The project."""
        return identity.ROOT

    @property
    def version(self) -> str:
        """The program's."""
        return identity.version()

    @property
    def wheel(self) -> Path:
        """The program as Python installs it."""
        return self.out / f"distillation_workbench-{self.version}-py3-none-any.whl"

    @property
    def bundle(self) -> Path:
        """The folder with the program, its Python and all libraries."""
        return self.work / "bundle" / identity.PACKAGE


class Target(Protocol):
    """A module in targets/: one thing that can be built.

    Attributes:
        NAME: As a person asks for it.
        NEEDS: Targets that are built before it.
    """

    NAME: str
    NEEDS: tuple[str, ...]

    def why_not(self) -> str:
        """Why it cannot be built on this system, and what would help; empty where it can."""

    def build(self, job: Job) -> list[Path]:
        """Build it, and name the files a person can hand on.

        Raises:
            Refusal: It did not work; with what was printed.
        """

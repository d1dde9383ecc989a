"""What the program is called wherever a system asks for a name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

NAME = "Distillation Workbench"
PACKAGE = "distillation-workbench"  # of the package, of the command, and of the folder it lies in
APP_ID = "io.github.distillation_workbench.DistillationWorkbench"  # reverse DNS, as desktop entries want it
BUNDLE_ID = "io.github.distillation-workbench.DistillationWorkbench"  # macOS allows no underscores
MAINTAINER = "Distillation Workbench maintainers <distillation-workbench@users.noreply.github.com>"
RECIPE_SUFFIX = ".distil"
RECIPE_MIME = "application/x-distillation-recipe"


def version() -> str:
    """The version of the program, from the only place that names it."""
    text = (ROOT / "workbench" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"', text, flags=re.MULTILINE)
    assert match is not None, "the package says its version"
    return match[1]


def homepage() -> str:
    """Where the program lives, as pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Homepage"])

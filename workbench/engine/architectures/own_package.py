"""The package that a single Python file belongs to, without running the rest of it: its constants are read as text."""

import ast
import builtins
import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

_MOST_FILES = 200
_MOST_BYTES = 2**20


def package_of(path: Path) -> Path | None:
    """The topmost package folder around a file; None where it belongs to no package."""
    folder, found = path.parent, None
    while (folder / "__init__.py").is_file():
        folder, found = folder.parent, folder
    return found


def builtins_for(path: Path) -> dict[str, Any]:
    """Python's builtins for one file alone: with them, importing its own package gives a stand-in of it.

    A person agrees to one file. What that file takes from its own package are mostly constants, and running the whole
    package for them would run more than was agreed to, and would need all that the package needs.
    """
    package = package_of(path)
    if package is None:
        return vars(builtins)
    stand_in = _StandIn(package)

    def importing(
        name: str,
        around: Mapping[str, object] | None = None,
        inside: Mapping[str, object] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level == 0 and name.partition(".")[0] == package.name:
            return stand_in
        return builtins.__import__(name, around, inside, wanted or (), level)

    return vars(builtins) | {"__import__": importing}


class _StandIn(ModuleType):
    """Gives the constants of a package; for anything else the package itself is imported after all."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder.name)
        self._folder = folder

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        constants = _constants(self._folder)
        if name in constants:
            return constants[name]
        return getattr(importlib.import_module(self._folder.name), name)


def _constants(folder: Path) -> dict[str, Any]:
    """What the files of a package give a name to as a plain number, text, list and the like."""
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.py"))[:_MOST_FILES]:
        if file.stat().st_size > _MOST_BYTES:
            continue
        try:
            statements = ast.parse(file.read_bytes()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for statement in statements:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                _note(found, statement.targets[0], statement.value)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                _note(found, statement.target, statement.value)
    return found


def _note(found: dict[str, Any], target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        try:
            found[target.id] = ast.literal_eval(value)
        except (ValueError, TypeError, RecursionError, MemoryError):
            return

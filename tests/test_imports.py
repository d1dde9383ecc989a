"""The floors of the house: what may be imported without what, in a process of its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

PACKAGE = Path(workbench.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."):
        importlib.import_module(module.name)
print("\\n".join(sorted(sys.modules)))
"""


def modules_after(*names: str) -> set[str]:
    """All modules that a fresh process holds once it has imported everything under these names."""
    command = [sys.executable, "-W", "error", "-c", IMPORT_ALL, *names]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.split())
    assert all(any(module.startswith(f"{name}.") or module == name for module in modules) for name in names)
    return modules


def loaded_after(*names: str) -> set[str]:
    """The same, packages without what is in them."""
    return {module.partition(".")[0] for module in modules_after(*names)}


def test_engine_and_session_leave_no_qt():
    assert not loaded_after("workbench.engine", "workbench.session") & {"PySide6", "shiboken6", "pyqtgraph"}


def test_recipes_events_and_errors_leave_neither_torch_nor_qt_nor_numpy():
    loaded = loaded_after("workbench.recipe", "workbench.events", "workbench.errors")
    assert not loaded & {"torch", "numpy", "PySide6", "shiboken6", "pyqtgraph"}


def test_the_window_leaves_no_torch_so_that_it_paints_before_torch_has_loaded():
    modules = modules_after("workbench.gui")
    assert "PySide6.QtWidgets" in modules
    assert not modules & {"torch", "onnxruntime", "onnx", "polars", "workbench.engine.distilling"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE.parent).as_posix())
def test_every_module_says_at_its_beginning_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

"""A network from a class in a person's own Python file, run only where they have agreed to it."""

import hashlib
import sys
import tomllib
import traceback
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from workbench.engine.architectures.own_package import builtins_for
from workbench.engine.trusting import require_consent
from workbench.errors import WorkbenchError
from workbench.recipe.models import PythonClass
from workbench.writing import disk_errors

_MOST_BYTES = 16 * 2**20


def python_class(section: PythonClass, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network that the class makes of its arguments; the file name is whole by then.

    It is always built on the CPU and not without memory: code of a person's own may compute what no checkpoint holds,
    such as a table of positions, and that would be lost. Inputs and classes are what the code makes them.

    Raises:
        ConsentNeededError: Nobody here has agreed to run the file.
        WorkbenchError: There is no such file or class, or its code fails.
    """
    path = python_file(section)
    digest = require_consent(path, section.trust, "a Python file", ("What the file imports is run too.",))
    arguments = arguments_of(section)
    # Draws of the class belong to it: the global generator is the run's.
    with torch.device("cpu"), torch.random.fork_rng(devices=[]):
        module = _executed(path, digest)
        make = getattr(module, section.name, None)
        # What the file merely imports was not agreed to: a recipe could else call any function with any arguments.
        if not callable(make) or getattr(make, "__module__", "") != module.__name__:
            raise WorkbenchError(
                f"{path} has no class or function of its own named {section.name}.",
                "Look for the right name in the file.",
            )
        try:
            network = make(**arguments)
        except (Exception, SystemExit) as error:
            called = ", ".join(section.arguments)
            raise _failed(f"{section.name}({called}) of {path} failed", error) from None
    if not isinstance(network, nn.Module):
        raise WorkbenchError(
            f"{section.name} of {path} gives a {type(network).__name__}, and a network of PyTorch is needed.",
            "Name a class that derives from torch.nn.Module, or a function that returns such a network.",
        )
    return network


def python_file(section: PythonClass) -> Path:
    """The file that a section names, an installed module's found without importing anything.

    Raises:
        WorkbenchError: There is no such file, or the module is no Python source.
    """
    path = Path(section.file) if section.file else _file_of_module(section.module)
    if path.suffix.lower() != ".py":
        # What is no .py file is not shown as one to the person who is asked about it.
        raise WorkbenchError(f"{path} is not named as a Python file.", "Name the .py file with the class.")
    if not path.is_file():
        raise WorkbenchError(f"There is no Python file at {path}.", "Check the name and the folder.")
    with disk_errors(path):
        size = path.stat().st_size
    # Before anything reads it: a file by a stranger may name any on the disk.
    if size > _MOST_BYTES:
        raise WorkbenchError(f"{path} is too large for a Python file: {size:,} bytes.", "Name the file of the class.")
    return path


def arguments_of(section: PythonClass) -> dict[str, Any]:
    """What the class is called with. Raises WorkbenchError where an argument is not written as in TOML."""
    arguments: dict[str, Any] = {}
    for text in section.arguments:
        try:
            found = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            found = {}
        if len(found) != 1:
            raise WorkbenchError(
                f"The argument “{text}” for {section.name} is not one name with its value.",
                'Write it as in TOML: width = 64, or size = "full".',
            )
        arguments |= found
    return arguments


def _file_of_module(name: str) -> Path:
    """Parents are found, not imported: importing them would run what nobody has agreed to."""
    places: list[str] | None = None
    origin: str | None = None
    for depth, _ in enumerate(parts := name.split("."), start=1):
        try:
            spec = PathFinder.find_spec(".".join(parts[:depth]), places)
            places = list(spec.submodule_search_locations or []) if spec else []
        except (ImportError, KeyError, ValueError):
            spec = None
        if spec is None:
            raise WorkbenchError(
                f"There is no installed module {name}: {'.'.join(parts[:depth])} is not found.",
                "Install it for this program's Python, or name the file.",
            )
        origin = spec.origin
    if origin is None or not origin.endswith(".py"):
        raise WorkbenchError(f"The module {name} is not a Python file but {origin}.", "Name a file with the class.")
    return Path(origin)


def _executed(path: Path, digest: str) -> ModuleType:
    """The file as a module of its own, beside whatever is imported already; no bytecode is kept."""
    with disk_errors(path):
        source = path.read_bytes()
    if f"sha256:{hashlib.sha256(source).hexdigest()}" != digest:
        raise WorkbenchError(f"{path} was changed while it was read.", "Try again.")
    name = f"distillation_workbench_class_{digest[-16:]}"
    module = ModuleType(name)
    module.__file__, module.__package__ = str(path), ""
    module.__dict__["__builtins__"] = builtins_for(path)
    # Data classes and pickles look their module up by its name.
    sys.modules[name] = module
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - agreed to
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _failed(f"{path} cannot be run", error) from None
    return module


def _failed(what: str, error: BaseException) -> WorkbenchError:
    hint = "This comes from the code in the file."
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = f"Install {error.name.partition('.')[0]} for this program's Python, or give a file that does without it."
    elif isinstance(error, ImportError):
        hint = "The file is run by itself: put what it needs of its neighbours into it."
    details = "".join(traceback.format_exception(error))
    if isinstance(error, WorkbenchError):
        return error
    return WorkbenchError(f"{what}: {type(error).__name__}: {str(error).strip() or 'no reason given'}", hint, details)

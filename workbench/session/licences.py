"""Whose work this program uses, under which licences, with their full texts where those came along."""

import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from workbench.frozen import bundle_folder
from workbench.session.places import resources_folder

_PROGRAM = "distillation-workbench"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Metadata may hold the whole text of a licence where its name belongs.
_LONGEST_NAME = 120
_CLASSIFIER = "License :: OSI Approved :: "
_IS_TEXT = re.compile(r"(^|[^a-z])(licen[cs]es?|copying|notices?|thirdpartynotices)([^a-z]|$)", re.IGNORECASE)
_NO_TEXT = (".py", ".pyc", ".so", ".pyd", ".h", ".json")
_PAGES = ("homepage", "home", "repository", "source", "source code")


@dataclass(frozen=True)
class Component:
    """Something by others that this program uses.

    Attributes:
        name: As it is published.
        version: Empty for what has none, such as a font.
        licence: Its name, or an SPDX expression.
        files: Where its licence can be read in full; empty where no text came along.
        page: Address of its home; empty where it names none.
    """

    name: str
    version: str
    licence: str
    files: tuple[Path, ...] = ()
    page: str = ""


def components() -> tuple[Component, ...]:
    """Everything by others that is used here, by name; reads many small files, so it belongs into a job."""
    found = _packaged() or _installed()
    for other in _not_packages():
        found.setdefault(other.name.lower(), other)
    return tuple(found[key] for key in sorted(found))


def licence_text(component: Component) -> str:
    """The texts of a component's licences one after the other, or in words why there is none."""
    parts, folder = [], Path(os.path.commonpath(component.files)) if len(component.files) > 1 else None
    for path in component.files:
        try:
            text = path.read_text(encoding="utf-8", errors="replace").strip("\n")
        except OSError as error:
            text = f"{path} cannot be read: {error.strerror or error}."
        # Of several it must be seen which is which.
        parts.append(f"—— {path.relative_to(folder)} ——\n\n{text}" if folder else text)
    if parts:
        return "\n\n\n".join(parts) + "\n"
    where = f" Its home is {component.page}" if component.page else ""
    return f"No licence text came with {component.name} here. It names as its licence: {component.licence}.{where}\n"


def package_folder() -> Path:
    """Where the libraries of the packaged program lie; where it is not packaged, those Python has installed."""
    return bundle_folder() or Path(str(distribution("PySide6-Essentials").locate_file("")))


# -- the packaged program: a list made while it was packed


def _packaged() -> dict[str, Component]:
    bundle = bundle_folder()
    if bundle is None:
        return {}
    folder = bundle / "licences"
    try:
        listed = json.loads((folder / "index.json").read_bytes())
        found = {str(entry["name"]).lower(): _listed(folder, entry) for entry in listed}
    except (OSError, ValueError, TypeError, KeyError):
        # What Python's own metadata says is better than nothing.
        return {}
    found.pop(_PROGRAM, None)
    return found


def _listed(folder: Path, entry: dict[str, object]) -> Component:
    names = entry.get("files")
    files = tuple(folder / str(name) for name in names) if isinstance(names, list) else ()
    version, page = str(entry.get("version") or ""), str(entry.get("page") or "")
    return Component(str(entry["name"]), version, str(entry.get("licence") or "see its text"), files, page)


# -- installed by pip: what the packages say of themselves


def _installed() -> dict[str, Component]:
    found: dict[str, Component] = {}
    waiting = [_PROGRAM]
    while waiting:
        try:
            package = distribution(waiting.pop())
        except PackageNotFoundError:
            continue
        name = str(package.metadata["Name"])
        key = name.lower()
        if key in found:
            continue
        found[key] = Component(name, package.version, _licence(package), tuple(_texts(package)), _page(package))
        # Extras are optional, and nobody asked for them.
        needed = [line for line in package.requires or () if "extra ==" not in line]
        waiting += [match.group() for line in needed if (match := _NAME.match(line))]
    found.pop(_PROGRAM, None)
    return found


def _licence(package: Distribution) -> str:
    metadata = package.metadata
    for key in ("License-Expression", "License"):
        words = " ".join(" ".join(metadata.get_all(key) or ()).split())
        if words and len(words) <= _LONGEST_NAME:
            return words
    named = [line.removeprefix(_CLASSIFIER) for line in metadata.get_all("Classifier") or () if _CLASSIFIER in line]
    return ", ".join(named) or "see its own files"


def _texts(package: Distribution) -> Iterator[Path]:
    """In the metadata's own folder, and beside the code at its top."""
    for name in sorted(package.files or (), key=lambda name: (len(name.parts), str(name))):
        folder, is_top = name.parts[0], len(name.parts) == 2
        belongs = folder.endswith(".dist-info") or is_top
        if belongs and _IS_TEXT.search(name.name) and name.suffix not in _NO_TEXT:
            yield Path(str(name.locate()))


def _page(package: Distribution) -> str:
    pairs = [line.partition(",") for line in package.metadata.get_all("Project-URL") or ()]
    pages = {label.strip().lower(): address.strip() for label, _, address in pairs}
    named = next((pages[label] for label in _PAGES if label in pages), "")
    return named or next(iter(package.metadata.get_all("Home-page") or ()), "")


# -- what is no package


def _not_packages() -> tuple[Component, ...]:
    resources = resources_folder()
    # Beside the standard library, and on Windows in the folder of the interpreter.
    python = (Path(os.__file__).with_name("LICENSE.txt"), Path(sys.base_prefix) / "LICENSE.txt")
    return (
        _other("Python", platform.python_version(), "PSF-2.0", *python, page="https://www.python.org"),
        _other("Inter (font)", "", "OFL-1.1", resources / "fonts" / "OFL.txt", page="https://rsms.me/inter/"),
        _other(
            *("MNIST digits (example)", "", "CC-BY-SA-3.0"),
            resources / "examples" / "hinton-mnist" / "digits" / "LICENSE.txt",
            page="https://yann.lecun.org/exdb/mnist/",
        ),
    )


def _other(name: str, version: str, licence: str, *places: Path, page: str) -> Component:
    return Component(name, version, licence, tuple(path for path in places if path.is_file())[:1], page)

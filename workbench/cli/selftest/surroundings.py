"""What the program finds around itself: its own files, its libraries' papers, the system, and what children inherit."""

import locale
import re
import shutil
import subprocess
import sys
from importlib.metadata import entry_points, requires
from pathlib import Path

from workbench.cli.selftest.part import Facts, demand
from workbench.frozen import bundle_folder

NAME = "surroundings"

_REPAIR = "Install the program again; if that changes nothing, the package was built wrongly: please report it."
_PROGRAM = "distillation-workbench"
# The module that a keyring of this system needs.
_KEYRINGS = {"linux": "SecretService", "win32": "Windows", "darwin": "macOS"}
_SEARCHED = {"linux": "LD_LIBRARY_PATH", "darwin": "DYLD_LIBRARY_PATH"}


def check(folder: Path) -> Facts:
    """Look around. Raises WorkbenchError where a file, a paper or a variable is not as it has to be."""
    return {
        **_program(),
        "resources": _resources(),
        "components": _components(),
        "keyrings": _keyrings(),
        "children": _children(),
        "text": _text(folder),
    }


def _program() -> Facts:
    from workbench.session.runtime import memory_bytes, processors, versions

    return {
        "versions": versions(),
        "program": sys.executable,
        "unpacked_in": str(bundle_folder() or ""),
        "processors": processors(),
        "memory_gb": round(memory_bytes()[0] / 1e9, 1),
    }


def _resources() -> Facts:
    from workbench.session.examples import list_examples
    from workbench.session.places import resources_folder

    folder = resources_folder()
    counts = {
        "examples": len(list_examples()),
        "icons": len(list((folder / "icons").rglob("*.svg"))),
        "families": len(list((folder / "families").glob("*.json"))),
        "fonts": len(list((folder / "fonts").glob("*.otf"))),
    }
    for name, count in counts.items():
        demand(count > 0, f"There are no {name} in {folder}.", _REPAIR)
    return {"folder": str(folder), **counts}


def _components() -> Facts:
    """Every library that the program asks for has its metadata: names, versions and licences for About."""
    from workbench.session.licences import components

    found = {_plain(each.name): each for each in components()}
    asked = [line for line in requires(_PROGRAM) or () if "extra ==" not in line]
    wanted = {_plain(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in asked}
    demand(bool(wanted), f"{_PROGRAM} has no metadata, so its libraries cannot be named.", _REPAIR)
    missing = sorted(wanted - found.keys())
    demand(not missing, f"There is no metadata of {', '.join(missing)}.", _REPAIR)
    unlicensed = sorted(name for name, each in found.items() if not each.licence)
    demand(not unlicensed, f"Nothing says under which licence these are used: {', '.join(unlicensed)}.", _REPAIR)
    return {
        "count": len(found),
        "asked_for": len(wanted),
        "without_licence_text": sorted(each.name for each in found.values() if not each.files),
    }


def _plain(name: str) -> str:
    """A name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _keyrings() -> list[str]:
    """Backends are found through metadata, which a built program can lack."""
    known = {entry.name: entry for entry in entry_points(group="keyring.backends")}
    wanted = _KEYRINGS.get(sys.platform, "")
    demand(not wanted or wanted in known, f"The keyring “{wanted}” of this system is not known here.", _REPAIR)
    if wanted:
        known[wanted].load()
    return sorted(known)


def _children() -> Facts:
    """Programs that are started from here must not search the bundle's libraries before their own system's."""
    variable, tool = _SEARCHED.get(sys.platform, ""), shutil.which("env")
    if not variable or tool is None:
        return {"started": ""}
    told = subprocess.run([tool], capture_output=True, check=True, timeout=20).stdout.decode(errors="replace")  # noqa: S603
    given = dict(line.partition("=")[::2] for line in told.splitlines())
    bundle = str(bundle_folder() or "")
    demand(
        not bundle or bundle not in given.get(variable, ""),
        f"Programs started from here search for libraries in {bundle}, by {variable}.",
        "The package was built wrongly: please report it.",
    )
    return {"started": tool, variable: given.get(variable, "")}


def _text(folder: Path) -> Facts:
    """Names and texts beyond ASCII, whatever the language of the system."""
    path, words = folder / "α – Übung 日本.txt", "T² · KL(p_T ‖ p_S)"
    path.write_text(words, encoding="utf-8")
    demand(path in list(folder.iterdir()), f"A file named “{path.name}” is called otherwise on this disk.")
    demand(path.read_text(encoding="utf-8") == words, "A text was read otherwise than it was written.")
    path.unlink()
    return {
        "file_names": sys.getfilesystemencoding(),
        "preferred": locale.getpreferredencoding(False),
        "locale": locale.setlocale(locale.LC_CTYPE),
        "output": getattr(sys.__stdout__, "encoding", None) or "none",
    }

"""Gather the full licence text of everything in a bundle; started with the Python whose libraries it is made of."""

from __future__ import annotations

import filecmp
import json
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import leaving_out
from reporting import run_quietly

_TEXTS = Path(__file__).resolve().parent / "licence_texts"
_NAMED = re.compile(r"(licen[cs]e|copying|notice|third.?party|authors)", re.IGNORECASE)
_NO_TEXT = (".py", ".pyc", ".pyi", ".so", ".svg", ".json")
COMMON = Path("system", "common")  # of a bundle's licences: texts that every Debian has
_DOCS = Path("/usr/share/doc")
_COMMON_TEXTS = Path("/usr/share/common-licenses")
_COMMON = re.compile(r"/usr/share/common-licenses/([\w.+-]*\w)")
_LONGEST_NAME = 120
_CLASSIFIER = "License :: OSI Approved :: "
# Wheels that bring no text of their licence; it is one of the common ones.
_BRING_NONE = {
    "flatbuffers": ("Apache-2.0",),
    "pyside6-essentials": ("LGPL-3", "GPL-3"),  # the LGPL adds to the GPL
    "shiboken6": ("LGPL-3", "GPL-3"),
    "tokenizers": ("Apache-2.0",),
}
# Wheels whose own licence is not that of the library inside them.
_INSIDE = {"soundfile": "libsndfile: LGPL-2.1-or-later"}
# The bundle starts with its loader, which may go with programs of any licence.
_LOADER = "pyinstaller"


def gather(python: Path, folder: Path) -> None:
    """Write index.json and the texts of every library a Python has."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run_quietly([python, Path(__file__).resolve(), folder], "gathering licences")


def add_system_libraries(bundle: Path) -> None:
    """Add those of the system's libraries that PyInstaller has put beside the program, where dpkg knows them.

    Args:
        bundle: The folder of the built program.
    """
    internal = bundle / "_internal"
    folder = internal / "licences"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for package, files in sorted(_packages_of(internal).items()):
        version = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False
        ).stdout
        copied = _system_texts(package, folder)
        named = f"{package} ({', '.join(sorted(files))})"
        index.append({"name": named, "version": version, "licence": "see its text", "files": copied})
    _write_index(folder, index)


def _system_texts(package: str, folder: Path) -> list[str]:
    """Copy what Debian says of a package, and the texts that it only names because every Debian has them."""
    text = _DOCS / package / "copyright"
    if not text.is_file():
        return []
    texts = {Path("system", package, "copyright.txt"): text}
    for name in _COMMON.findall(text.read_text(encoding="utf-8", errors="replace")):
        if (_COMMON_TEXTS / name).is_file():
            texts[COMMON / f"{name}.txt"] = _COMMON_TEXTS / name
    for place, source in texts.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(source.read_bytes())
    return [place.as_posix() for place in texts]


def _packages_of(internal: Path) -> dict[str, list[str]]:
    """Debian's package of each library that lies alone in the bundle, and not in a library's own folder."""
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    if not (Path(ldconfig).is_file() and shutil.which("dpkg-query")):
        return {}
    places: dict[str, str] = {}
    for line in run_quietly([ldconfig, "-p"], "ldconfig").splitlines():
        name, _, place = line.strip().partition(" => ")
        places.setdefault(name.split(" ")[0], place)
    found: dict[str, list[str]] = {}
    for file in internal.iterdir():
        if ".so" not in file.name or file.is_symlink() or file.name not in places:
            continue
        place = places[file.name]
        # A Python that was not installed by dpkg brings a libpython of the same name.
        if not filecmp.cmp(file, place, shallow=False):
            continue
        # Since /lib became /usr/lib, dpkg may know a file by either place.
        for known in (place, place.removeprefix("/usr"), str(Path(place).resolve())):
            answer = subprocess.run(["dpkg-query", "-S", known], capture_output=True, text=True, check=False).stdout
            if answer:
                found.setdefault(answer.split(":")[0].split(",")[0], []).append(file.name)
                break
    return found


def main() -> int:
    """Gather into the folder named on the command line."""
    folder = Path(sys.argv[1])
    index = [_python(folder), *(_entry(d, folder) for d in distributions() if _is_bundled(d))]
    _write_index(folder, index)
    return 0


def _is_bundled(package: Distribution) -> bool:
    name = str(package.metadata["Name"]).lower()
    return name not in leaving_out.TOOLS or name == _LOADER


def _entry(package: Distribution, folder: Path) -> dict[str, Any]:
    name = str(package.metadata["Name"])
    own = folder / name.lower()
    files = []
    for file in package.files or ():
        place = Path(str(package.locate_file(file)))
        if not (_NAMED.search(file.name) and file.suffix not in _NO_TEXT and place.is_file()):
            continue
        target = own / ("-".join(file.parts[1:]) if len(file.parts) > 1 else file.name)
        own.mkdir(exist_ok=True)
        target.write_bytes(place.read_bytes())
        files.append(target)
    for text in _BRING_NONE.get(name.lower().replace("_", "-"), ()):
        own.mkdir(exist_ok=True)
        files.append(Path(shutil.copyfile(_TEXTS / f"{text}.txt", own / f"{text}.txt")))
    return {
        "name": f"{name} (the program's loader)" if name.lower() == _LOADER else name,
        "version": package.version,
        "licence": "; ".join(filter(None, (_licence(package), _INSIDE.get(name.lower())))),
        # What is bundled under the LGPL is read first.
        "files": sorted(
            (file.relative_to(folder).as_posix() for file in files), key=lambda name: ("LGPL" not in name, name)
        ),
    }


def _python(folder: Path) -> dict[str, Any]:
    beside = Path(sysconfig.get_paths()["stdlib"])
    version = ".".join(platform.python_version_tuple()[:2])
    places = (beside / "LICENSE.txt", beside.parent / "LICENSE.txt", Path(f"/usr/share/doc/python{version}/copyright"))
    text = next((place for place in places if place.is_file()), None)
    files = []
    if text is not None:
        (folder / "python").mkdir()
        shutil.copyfile(text, folder / "python" / "LICENSE.txt")
        files = ["python/LICENSE.txt"]
    return {"name": "Python", "version": platform.python_version(), "licence": "PSF-2.0", "files": files}


def _licence(package: Distribution) -> str:
    for key in ("License-Expression", "License"):
        words = " ".join(" ".join(package.metadata.get_all(key) or ()).split())
        if words and len(words) <= _LONGEST_NAME:
            return words
    classifiers = package.metadata.get_all("Classifier") or ()
    named = [line.removeprefix(_CLASSIFIER) for line in classifiers if _CLASSIFIER in line]
    return ", ".join(named) or "see its text"


def _write_index(folder: Path, index: list[dict[str, Any]]) -> None:
    index.sort(key=lambda entry: str(entry["name"]).lower())
    (folder / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

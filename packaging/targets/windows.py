"""The installer for Windows, made by NSIS from the bundle."""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import identity
from job import Job
from reporting import Refusal, phase, run_quietly

NAME = "windows"
NEEDS: tuple[str, ...] = ("bundle",)

FOLDER = identity.ROOT / "packaging" / "windows"
SCRIPT = FOLDER / "installer.nsi"
ICONS = identity.ROOT / "packaging" / "desktop" / "icons"
EXECUTABLES = (f"{identity.PACKAGE}.exe", f"{identity.PACKAGE}-cli.exe")  # for the desktop, and for terminals
LIMIT_GB = 2  # NSIS counts its data with 31 bits
_LIBRARIES = """

The program brings its own Python and the libraries it needs. Each of them has a licence of its own: the texts lie in \
the folder _internal\\licences of the program. Qt is used under the LGPL: its libraries are separate files in \
_internal\\PySide6 and may be replaced.
"""


def why_not() -> str:
    """Say what is missing: the right system first, for the bundle can be made nowhere else."""
    if platform.system() != "Windows":
        return (
            "A program for Windows is built on Windows: start packaging/build.py there, or let the workflow "
            ".github/workflows/release.yml do it."
        )
    if makensis() is None:
        return "makensis is missing. Install NSIS 3 from https://nsis.sourceforge.io, or with: choco install nsis"
    return ""


def makensis() -> Path | None:
    """NSIS's compiler: on the search path, or where its own installer puts it."""
    found = shutil.which("makensis")
    if found is not None:
        return Path(found)
    folders = (os.environ.get(variable) for variable in ("ProgramFiles(x86)", "ProgramFiles"))
    usual = [Path(folder) / "NSIS" / "makensis.exe" for folder in folders if folder]
    return next((path for path in usual if path.is_file()), None)


def build(job: Job) -> list[Path]:
    """Pack the bundle.

    Raises:
        Refusal: The bundle is not one for Windows or is too large, or NSIS failed or warned.
    """
    compiler = makensis()
    if compiler is None:
        raise Refusal(why_not())
    _check(job.bundle)
    work = job.work / NAME
    work.mkdir(parents=True, exist_ok=True)
    job.out.mkdir(parents=True, exist_ok=True)
    out = job.out / f"{identity.PACKAGE}-{job.version}-windows-x64-setup.exe"
    # NSIS takes files for UTF-8 only when they begin with this mark
    text = (job.root / "LICENSE").read_text(encoding="utf-8") + _LIBRARIES
    (work / "licence.txt").write_text(text, encoding="utf-8-sig", newline="\r\n")
    removals = "".join(f"{line}\n" for line in removal_commands(job.bundle))
    (work / "removals.nsh").write_text(removals, encoding="utf-8-sig")
    with phase("Packing the installer for Windows"):
        defined = [f"-D{name}={value}" for name, value in definitions(job, work, out).items()]
        run_quietly([compiler, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defined, SCRIPT], "makensis")
    return [out]


def definitions(job: Job, work: Path, out: Path) -> dict[str, str]:
    """What the script leaves open, by name."""
    values = {
        "NAME": identity.NAME,
        "PACKAGE": identity.PACKAGE,
        "PUBLISHER": identity.MAINTAINER.partition(" <")[0],
        "HOMEPAGE": identity.homepage(),
        "VERSION": job.version,
        "VERSION4": four_numbers(job.version),
        "BUNDLE": str(job.bundle.absolute()),
        "LICENCE": str((work / "licence.txt").absolute()),
        "REMOVALS": str((work / "removals.nsh").absolute()),
        "OUT": str(out.absolute()),
        "SIDE": str(FOLDER / "side.bmp"),
        "MIME": identity.RECIPE_MIME,
        "SUFFIX": identity.RECIPE_SUFFIX,
    }
    icons = {"ICON": ICONS / "app.ico", "RECIPE_ICON": ICONS / "recipe.ico"}
    values |= {name: str(path) for name, path in icons.items() if path.is_file()}
    return values | ({"FAST": "1"} if job.fast else {})


def four_numbers(version: str) -> str:
    """Turn a version into the one form Windows accepts: 0.1.0rc2 is 0.1.0.0."""
    numbers = re.findall(r"\d+", re.split(r"[^\d.]", version, maxsplit=1)[0])
    return ".".join((numbers + ["0"] * 4)[:4])


def removal_commands(bundle: Path) -> Iterator[str]:
    """Name every file and every folder of the bundle to the uninstaller, and nothing else.

    A folder goes only when it is empty by then: what a person has put there stays.
    """
    paths = sorted(bundle.rglob("*"), reverse=True)  # what lies in a folder comes before the folder
    for path in paths:
        command = "RMDir" if path.is_dir() else "Delete"
        inside = str(PureWindowsPath(path.relative_to(bundle))).replace("$", "$$")
        yield f'{command} "$INSTDIR\\{inside}"'


def _check(bundle: Path) -> None:
    missing = [name for name in EXECUTABLES if not (bundle / name).is_file()]
    if missing:
        raise Refusal(f"{bundle} lacks {' and '.join(missing)}: it is no bundle for Windows. Build it on Windows.")
    size_gb = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file()) / 1e9
    if size_gb > LIMIT_GB:
        raise Refusal(
            f"The bundle has {size_gb:.1f} GB, and NSIS can pack {LIMIT_GB} GB: "
            "is a CUDA build of torch inside? Bundles take the CPU build."
        )

"""The program with its own Python and all libraries in one folder, made by PyInstaller from the wheel."""

from __future__ import annotations

import os
import platform
import shutil
from collections import Counter
from pathlib import Path

import identity
import licences
from job import Job
from reporting import Refusal, phase, run_quietly, say
from system_libraries import search_path
from targets.wheel import source_date

NAME = "bundle"
NEEDS: tuple[str, ...] = ("wheel",)
MIB = 2**20
MOST_BYTES = 850 * MIB
# Symbols that nobody links to. What auditwheel has patched, as in numpy, breaks when stripped: only these are.
STRIPPED = (
    "torch/lib/*.so*", "torch/*.so", "_polars_runtime_*/*.so", "tokenizers/*.so", "safetensors/*.so", "regex/*.so",
    "yaml/*.so", "cryptography/hazmat/bindings/*.so", "PySide6/Qt/lib/libicu*.so.*", "libpython*.so.*",
    "python*/lib-dynload/*.so",
)  # fmt: skip
# A bundle takes these from the system it is built on; without them it has no window on a bare one.
_OF_THE_SYSTEM = ("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1", "libxkbcommon-x11.so.0")


def why_not() -> str:
    """What is missing on Linux; other systems need nothing else."""
    if platform.system() != "Linux":
        return ""
    tools = {tool: shutil.which(tool, path=search_path()) for tool in ("objdump", "strip", "ldconfig")}
    missing = [tool for tool, place in tools.items() if place is None]
    if missing:
        return f"{', '.join(missing)} is missing; install it (Debian and Ubuntu: sudo apt-get install binutils)"
    known = run_quietly([tools["ldconfig"] or "ldconfig", "-p"], "ldconfig")
    absent = [name for name in _OF_THE_SYSTEM if name not in known]
    if absent:
        return (
            f"{', '.join(absent)} would be missing in it; install them (Debian and Ubuntu: sudo apt-get install "
            "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0)"
        )
    return ""


def build(job: Job) -> list[Path]:
    """Build the folder, strip it, and hold it to its size.

    Raises:
        Refusal: PyInstaller failed, or the folder became too large.
    """
    with phase("Installing the wheel for the bundle"):
        pip: list[str | Path] = [job.python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall"]
        run_quietly([*pip, job.wheel], "pip install")
    with phase("Gathering licences"):
        licences.gather(job.python, job.work / "licences")
    with phase("Building the bundle"):
        spec = job.root / "packaging" / "workbench.spec"
        job.bundle.parent.mkdir(parents=True, exist_ok=True)
        folders: list[str | Path] = ["--distpath", job.bundle.parent, "--workpath", job.work / "pyinstaller"]
        environ = {**os.environ, "WORKBENCH_WORK": str(job.work), "SOURCE_DATE_EPOCH": str(source_date(job.root))}
        # The same order of everything that Python keeps in sets.
        environ["PYTHONHASHSEED"] = "1"
        options = ["--noconfirm", "--clean", "--log-level", "WARN"]
        # Not in the project's folder: Python would find the source there, and the wheel is meant.
        command: list[str | Path] = [job.python, "-m", "PyInstaller", *options, *folders, spec]
        run_quietly(command, "PyInstaller", environ, cwd=job.bundle.parent)
    if platform.system() == "Linux":
        with phase("Stripping symbols"):
            licences.add_system_libraries(job.bundle)  # compares with the system's, which are not stripped
            _strip(job.bundle / "_internal")
            _set_modes(job.bundle)
    _hold_to_its_size(job.bundle)
    return [job.bundle]


def sizes(bundle: Path) -> Counter[str]:
    """Bytes a library takes, by the name of its folder; the largest first."""
    found: Counter[str] = Counter()
    for file in bundle.rglob("*"):
        if file.is_file() and not file.is_symlink():
            parts = file.relative_to(bundle).parts
            # Libraries share folders such as numpy and numpy.libs; what lies alone is named alone.
            found[parts[min(1, len(parts) - 1)].removesuffix(".libs")] += file.stat().st_size
    return found


def _strip(internal: Path) -> None:
    files = [file for pattern in STRIPPED for file in internal.glob(pattern) if not file.is_symlink()]
    run_quietly(["strip", "--strip-unneeded", *files], "strip")


def _set_modes(bundle: Path) -> None:
    """Libraries are read and not started, whatever their wheels say; nobody but their owner changes them.

    Everybody may read them, whatever the umask of the person who builds.
    """
    started = {identity.PACKAGE, "torch_shm_manager"}
    for file in (bundle, *bundle.rglob("*")):
        if file.is_dir() and not file.is_symlink():
            file.chmod(0o755)
        elif file.is_file() and not file.is_symlink():
            file.chmod(0o755 if file.name in started else 0o644)


def _hold_to_its_size(bundle: Path) -> None:
    found = sizes(bundle)
    total = sum(found.values())
    say(f"The bundle has {total / MIB:.0f} MiB:")
    for name, size in found.most_common(15):
        say(f"  {size / MIB:7.1f} MiB  {name}")
    if total > MOST_BYTES:
        raise Refusal(
            f"The bundle has {total / MIB:.0f} MiB, and may have {MOST_BYTES / MIB:.0f}. "
            "Leave something out in packaging/leaving_out.py, or show that it is worth its room and raise the bound."
        )

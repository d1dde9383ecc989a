"""What packages for Linux say of the program: its description, its kind of processor, and the glibc it needs."""

from __future__ import annotations

import platform
import re
import shutil
from pathlib import Path

from reporting import run_quietly

SUMMARY = "distil big neural networks into small ones, and see why it works"
DESCRIPTION = """\
Distillation Workbench trains a small student model on what a big teacher
model says: soft targets for classifiers, teacher-written text and on-policy
distillation for language models. Losses and probabilities are plotted while
it trains, temperature, alpha and learning rate can be turned meanwhile, a
verdict compares with the same student without a teacher, and the student is
exported to ONNX."""


def why_not(tool: str, package: str) -> str:
    """Why a package for Linux cannot be made on this system; empty where it can.

    Args:
        tool: The program it takes.
        package: What brings that on Debian.
    """
    if platform.system() != "Linux":
        return "it is a package for Linux; build it there"
    if shutil.which(tool) is None:
        return f"{tool} is missing; install it (Debian and Ubuntu: sudo apt-get install {package})"
    return ""


def debian_machine() -> str:
    """The kind of processor, as Debian calls it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def version(of_the_program: str) -> str:
    """The program's version as packages sort it: 0.2.0rc1, written 0.2.0~rc1, comes before 0.2.0."""
    return re.sub(r"\.?(a|b|rc|dev)(\d+)", r"~\1\2", of_the_program)


def newest_glibc(bundle: Path) -> str:
    """The newest version of glibc that something in the bundle asks for: it starts on no system with an older one."""
    found = {(2, 34)}
    libraries = [str(file) for file in bundle.rglob("*") if file.is_file() and not file.is_symlink() and _is_elf(file)]
    for start in range(0, len(libraries), 100):
        said = run_quietly(["objdump", "-p", *libraries[start : start + 100]], "objdump")
        found |= {(int(major), int(minor)) for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", said)}
    return ".".join(str(part) for part in max(found))


def _is_elf(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(4) == b"\x7fELF"

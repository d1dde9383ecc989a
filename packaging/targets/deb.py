"""The package for Debian, Ubuntu and what comes from them, made by dpkg-deb."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import identity
import linux_files
import linux_package
from job import Job
from reporting import Refusal, phase, run_quietly, say
from targets.wheel import source_date

NAME = "deb"
NEEDS: tuple[str, ...] = ("bundle",)
MOST_BYTES = 290_000_000
# What the libraries in the bundle load from the system: the rest of Qt's needs lies in the bundle.
_NEEDS = (
    "libstdc++6 (>= 12), libegl1, libgl1, libxcb1, libwayland-client0, libwayland-cursor0, libwayland-egl1, "
    "libfontconfig1, fonts-dejavu-core | fonts-liberation | fonts-freefont-ttf"
)
_LIKES = "shared-mime-info, desktop-file-utils, hicolor-icon-theme, xdg-utils, fonts-noto-cjk"


def why_not() -> str:
    """It is for Linux, and dpkg-deb makes it."""
    if shutil.which("dpkg-deb") is None:
        return "dpkg-deb is missing; build it on Debian or Ubuntu"
    return linux_package.why_not("objdump", "binutils")  # which says what glibc it needs


def build(job: Job) -> list[Path]:
    """Build it, and hold it to its size.

    Raises:
        Refusal: dpkg-deb failed, or the package became too large.
    """
    file = job.out / f"{identity.PACKAGE}_{job.version}_{linux_package.debian_machine()}.deb"
    folder = job.work / "linux" / "deb"
    with phase(f"Packing {file.name}"):
        shutil.rmtree(folder, ignore_errors=True)
        _lay_out(job, folder)
        (folder / "DEBIAN").mkdir()
        (folder / "DEBIAN").chmod(0o755)  # whatever the umask; dpkg-deb insists
        for name, text in {"control": control(job, folder), "md5sums": _digests(folder)}.items():
            (folder / "DEBIAN" / name).write_text(text, encoding="utf-8")
            (folder / "DEBIAN" / name).chmod(0o644)
        # What is built for a test is packed in half a minute instead of five.
        options = ["--root-owner-group", "-Zxz", "-z1" if job.fast else "-z6"]
        environ = {**os.environ, "SOURCE_DATE_EPOCH": str(source_date(job.root))}
        run_quietly(["dpkg-deb", *options, "--build", folder, file], "dpkg-deb", environ)
        shutil.rmtree(folder)
    size = file.stat().st_size
    say(f"The package has {size / 1e6:.0f} MB.")
    if size > MOST_BYTES:
        raise Refusal(f"The package has {size / 1e6:.0f} MB, and may have {MOST_BYTES / 1e6:.0f}.")
    return [file]


def control(job: Job, folder: Path) -> str:
    """What apt is told.

    Args:
        job: The call of build.py.
        folder: The files as they will be installed.
    """
    kib = sum(-(-path.lstat().st_size // 1024) if path.is_file() else 1 for path in folder.rglob("*"))
    words = "\n".join(f" {line}" for line in linux_package.DESCRIPTION.splitlines())
    return f"""\
Package: {identity.PACKAGE}
Version: {linux_package.version(job.version)}
Architecture: {linux_package.debian_machine()}
Maintainer: {identity.MAINTAINER}
Installed-Size: {kib}
Depends: libc6 (>= {linux_package.newest_glibc(job.bundle)}), {_NEEDS}
Recommends: {_LIKES}
Section: science
Priority: optional
Homepage: {identity.homepage()}
Description: {linux_package.SUMMARY}
{words}
"""


def _lay_out(job: Job, folder: Path) -> None:
    program = folder / "usr" / linux_files.PROGRAM
    program.parent.mkdir(parents=True)
    # Hard links: it is as large as the bundle, and lies here for a moment only.
    shutil.copytree(job.bundle, program, symlinks=True, copy_function=os.link)
    for place, source in (linux_files.shared_files(job) | linux_files.debian_files(job)).items():
        target = folder / "usr" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o644)
    command = folder / "usr" / "bin" / identity.PACKAGE
    command.parent.mkdir()
    command.symlink_to(f"../{linux_files.PROGRAM}/{identity.PACKAGE}")
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def _digests(folder: Path) -> str:
    lines = []
    for path in sorted(path for path in (folder / "usr").rglob("*") if path.is_file() and not path.is_symlink()):
        with path.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'md5').hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)

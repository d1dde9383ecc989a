"""The files of an installation on Linux beside the program itself: what menus, file managers and `man` read."""

from __future__ import annotations

import gzip
import json
import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import identity
import licences
import linux_package
from job import Job
from targets.wheel import source_date

PROGRAM = f"lib/{identity.PACKAGE}"  # below the prefix, as everything here
_DESKTOP = identity.ROOT / "packaging" / "desktop"


def shared_files(job: Job) -> dict[str, Path]:
    """What every kind of package for Linux installs.

    Returns:
        The file's place below the prefix (/usr, ~/.local), and the file it is a copy of.
    """
    app, work = identity.APP_ID, _folder(job)
    files = {
        f"share/applications/{app}.desktop": _DESKTOP / f"{app}.desktop",
        f"share/metainfo/{app}.metainfo.xml": _DESKTOP / f"{app}.metainfo.xml",
        f"share/mime/packages/{app}.xml": _DESKTOP / f"{app}.xml",
        f"share/man/man1/{identity.PACKAGE}.1.gz": _packed(_DESKTOP / f"{identity.PACKAGE}.1", work),
    }
    hicolor = _DESKTOP / "icons" / "hicolor"
    for icon in sorted(hicolor.rglob("*.*")):
        files[f"share/icons/hicolor/{icon.relative_to(hicolor).as_posix()}"] = icon
    return files


def debian_files(job: Job) -> dict[str, Path]:
    """What Debian's policy wants on top, by the place below /usr."""
    work = _folder(job)
    texts = {
        f"share/doc/{identity.PACKAGE}/copyright": copyright_text(job),
        f"share/lintian/overrides/{identity.PACKAGE}": (_DESKTOP.parent / "linux" / "lintian-overrides").read_text(
            "utf-8"
        ),
    }
    files = {}
    for place, text in texts.items():
        files[place] = work / place.replace("/", "-")
        files[place].write_text(text, encoding="utf-8")
    log = work / "changelog"
    log.write_text(debian_changelog(job), encoding="utf-8")
    files[f"share/doc/{identity.PACKAGE}/changelog.gz"] = _packed(log, work)
    return files


def copyright_text(job: Job) -> str:
    """The program's licence and the full text of every licence in the bundle; a text that occurs again is named."""
    folder = job.bundle / "_internal" / "licences"
    own = (job.root / "LICENSE").read_text(encoding="utf-8")
    parts = [_COPYRIGHT.format(homepage=identity.homepage(), program=f"/usr/{PROGRAM}"), own]
    told: dict[str, str] = {}
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        name = f"{entry['name']} {entry['version']}".strip()
        parts.append(f"{'=' * 78}\n{name}\nLicence: {entry['licence']}\n")
        for file in entry["files"]:
            if Path(file).is_relative_to(licences.COMMON):
                continue  # the text before says where Debian has it
            text = (folder / file).read_text(encoding="utf-8", errors="replace").strip()
            text = _FULL.sub(_in_debian, text)
            if text in told:
                parts.append(f"The text is that of {told[text]} above.\n")
            elif text:
                told[text] = name
                parts.append(f"{text}\n")
    return "\n".join(parts)


def _in_debian(text: re.Match[str]) -> str:
    if text["kind"].startswith("Apache"):
        return "The text of this licence is in /usr/share/common-licenses/Apache-2.0."
    kind = "GPL" if text["kind"].startswith("GNU GENERAL") else "LGPL"
    version = text["version"].removesuffix(".0")
    return f"The text of this licence is in /usr/share/common-licenses/{kind}-{version}."


def debian_changelog(job: Job) -> str:
    """CHANGELOG.md as Debian writes it: releases with their dates, the one in the making under its version to be."""
    text = (job.root / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    entries = []
    for release in releases:
        title, _, body = release.partition("\n")
        version, day = _titled(title, job)
        points = re.findall(r"^- (.+(?:\n  .+)*)", body, flags=re.MULTILINE)
        wrapped = (textwrap.fill(" ".join(point.split()), 76, subsequent_indent="  ") for point in points)
        lines = "\n".join("  * " + point.replace("\n", "\n  ") for point in wrapped)
        stamp = day.strftime("%a, %d %b %Y %H:%M:%S +0000")
        head = f"{identity.PACKAGE} ({version}) unstable; urgency=medium"
        entries.append(f"{head}\n\n{lines}\n\n -- {identity.MAINTAINER}  {stamp}\n")
    return "\n".join(entries)


def _titled(title: str, job: Job) -> tuple[str, datetime]:
    match = re.match(r"\[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?", title)
    assert match is not None, f"a release of CHANGELOG.md is called {title!r}"
    if match[2]:
        return match[1], datetime.fromisoformat(match[2]).replace(tzinfo=UTC)
    return linux_package.version(job.version), datetime.fromtimestamp(source_date(job.root), tz=UTC)


def _folder(job: Job) -> Path:
    folder = job.work / "linux"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _packed(file: Path, folder: Path) -> Path:
    packed = folder / f"{file.name}.gz"
    # Without a time and a name inside, the same text gives the same bytes.
    packed.write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    return packed


# Texts that every Debian has, and its policy wants named instead of repeated.
_FULL = re.compile(
    r"(?P<kind>Apache License|GNU (?:LESSER |LIBRARY )?GENERAL PUBLIC LICENSE)\s+"
    # Some copies of Apache's leave out its version, and some the line at its end.
    r"(?:Version (?P<version>\d(?:\.\d)?)|(?=http://www\.apache\.org))"
    r".*?(?:such\s+warranty\s+or\s+additional\s+liability\.(?:\s+END OF TERMS AND CONDITIONS)?"
    r"|END OF TERMS AND CONDITIONS)",
    flags=re.DOTALL,
)
_COPYRIGHT = """\
Distillation Workbench
Source: {homepage}

The program is under the MIT licence, below. {program} also holds
Python and the libraries that the program uses, each under its own licence; all of
them follow, with their full texts. The same texts lie in {program}/_internal/licences.

Qt, PySide6 and Shiboken are used under the GNU Lesser General Public License,
version 3; libsoxr, libsndfile (with LAME and mpg123 inside) and some libraries of
the system it was built on, GLib and libgcrypt among them, under its version 2 or
2.1, or later. They lie as separate files in {program}/_internal and may be replaced
there by versions of your own. Their source is at https://download.qt.io,
https://sourceforge.net/projects/soxr and https://github.com/libsndfile/libsndfile,
and that of libraries of the system at https://sources.debian.org. Qt in turn contains code by others, named
at https://doc.qt.io/qt-6/licenses-used-in-qt.html.
"""

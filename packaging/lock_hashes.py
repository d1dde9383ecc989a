"""Write locked-bundle.txt: the releases of locked.txt and locked-build.txt with the hash of every wheel in a bundle."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch_build
from environment import BUNDLE_PYTHON, ROOT
from reporting import Refusal, guarded, phase, run_quietly

FOLDER = ROOT / "packaging"
SOURCES = (FOLDER / "locked.txt", FOLDER / "locked-build.txt")
LOCKED = FOLDER / "locked-bundle.txt"
# Tags of the oldest systems a bundle is for; pip takes what is made for them.
PLATFORMS = {
    "linux": ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64"),
    "win32": ("win_amd64",),
    "darwin": ("macosx_14_0_arm64", "macosx_11_0_arm64", "macosx_14_0_universal2", "macosx_10_9_universal2"),
}
_HEAD = """\
# Written by lock_hashes.py: every wheel that a bundle is made of, for Python {python}, with its hash.
# A wheel with another content is refused. torch for Linux is the CPU build of PyTorch's own index, never PyPI's.
"""


def pins() -> Iterator[tuple[str, str]]:
    """Each pinned release and the marker that says where it is needed, empty for everywhere."""
    for source in SOURCES:
        for line in source.read_text(encoding="utf-8").splitlines():
            release, _, marker = line.partition("#")[0].partition(";")
            if release.strip():
                yield release.strip(), marker.strip()


def is_needed(marker: str, system: str) -> bool:
    """Tell whether a release is for a system; only the two kinds of marker that occur are known."""
    if not marker or marker.startswith("python_version <"):
        return True
    if not marker.startswith("sys_platform == "):
        raise Refusal(f"The marker {marker!r} is of a kind that {Path(__file__).name} does not know.")
    return marker.split('"')[1] == system


def hashes(python: Path, system: str) -> dict[str, str]:
    """Ask pip which wheel it takes for each release on a system, without installing any.

    Returns:
        "sha256:…" by the name of the release as it is pinned.
    """
    releases = [release for release, marker in pins() if is_needed(marker, system)]
    tags = [word for tag in PLATFORMS[system] for word in ("--platform", tag)]
    cpu_index = system == "linux" and torch_build.cpu_index_answers()
    index = ["--extra-index-url", torch_build.CPU_INDEX] if cpu_index else []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        asked: list[str | Path] = [
            "--dry-run",
            "--no-deps",
            "--ignore-installed",
            "--only-binary",
            ":all:",
            "--target",
            folder,
        ]
        version = ["--python-version", BUNDLE_PYTHON, "--implementation", "cp", *tags, *index]
        command: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            *asked,
            *version,
            "--report",
            report,
            *releases,
        ]
        run_quietly(command, f"pip for {system}")
        installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    by_name = {_plain(item["metadata"]["name"]): item for item in installs}
    found = {}
    for release in releases:
        item = by_name[_plain(release.split("==")[0])]
        if release.startswith("torch==") and system == "linux" and not item["metadata"]["version"].endswith("+cpu"):
            raise Refusal("PyTorch's index of CPU builds does not answer, so the hash of its build is not known.")
        found[release] = f"sha256:{item['download_info']['archive_info']['hashes']['sha256']}"
    return found


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def main() -> int:
    """Ask for each system, and write the file."""
    python = Path(sys.executable)
    found: dict[str, set[str]] = {}
    for system in PLATFORMS:
        with phase(f"Asking for the wheels of {system} (on {platform.system()})"):
            for release, digest in hashes(python, system).items():
                found.setdefault(release, set()).add(digest)
    lines = [_HEAD.format(python=BUNDLE_PYTHON)]
    for release, marker in sorted(pins(), key=lambda pin: pin[0].lower()):
        parts = [
            f"{release}; {marker}" if marker else release,
            *(f"--hash={digest}" for digest in sorted(found[release])),
        ]
        lines.append(" \\\n    ".join(parts) + "\n")
    LOCKED.write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))

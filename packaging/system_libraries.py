"""The system libraries Qt loads on Debian and Ubuntu, which no Python package brings."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence

from reporting import Refusal, phase, run_quietly, say

# the first five for any use of Qt, the others for a real window
QT = (
    "libgl1",
    "libegl1",
    "libxkbcommon0",
    "libfontconfig1",
    "libdbus-1-3",
    "libxcb-cursor0",
    "libxkbcommon-x11-0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
)
# a display where there is none; what checks scripts, icons, menu entries and manual pages; what packs in a moment
TESTS = (
    "xvfb",
    "xauth",
    "shellcheck",
    "desktop-file-utils",
    "appstream",
    "shared-mime-info",
    "man-db",
    "groff-base",
    "libglib2.0-bin",
    "binutils",
    "makeself",
    "nsis",
)
BARE_SYSTEMS = ("debootstrap", "debian-archive-keyring")
# what makes and checks the whole packages, and what makes the bare systems they are tried in
INSTALLERS = ("rpm", "lintian", *BARE_SYSTEMS)
# the releases before Debian and Ubuntu renamed libraries for 64-bit time; older ones cannot run Qt's wheels
BEFORE_T64 = {"bookworm", "jammy"}


def release_codename() -> str:
    """Name the Debian or Ubuntu release, also underneath a derivative such as Mint; empty if unknown."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ""
    keys = ("UBUNTU_CODENAME", "DEBIAN_CODENAME", "VERSION_CODENAME")
    return next((release[key] for key in keys if release.get(key)), "")


def needed_packages(codename: str, *, tests: bool, installers: bool = False) -> list[str]:
    """List the packages by the names they have in that release."""
    glib = "libglib2.0-0" if codename in BEFORE_T64 else "libglib2.0-0t64"
    return [*QT, glib, *(TESTS if tests else ()), *(INSTALLERS if installers else ())]


def missing_packages(packages: Sequence[str]) -> list[str]:
    """Ask dpkg which of the packages are not installed."""
    listing = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,  # it fails when it does not know one of them, and still lists the others
    )
    installed = {line.split()[0] for line in listing.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def search_path() -> str:
    """PATH with the folders of the administrator's tools, which an ordinary user's lacks on Debian."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def ensure(*, tests: bool, installers: bool = False) -> None:
    """Install what is missing when that is possible, otherwise say how; never stand in the way."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        return
    missing = missing_packages(needed_packages(release_codename(), tests=tests, installers=installers))
    if not missing:
        return
    if not (hasattr(os, "geteuid") and os.geteuid() == 0):
        users = "Qt's window and the tests need" if tests else "Qt's window needs"
        say(f"{users} system packages that are missing. Install them once with:")
        say("    sudo apt-get update")
        say(f"    sudo apt-get install --no-install-recommends {' '.join(missing)}")
        return
    try:
        with phase(f"Installing system libraries: {', '.join(missing)}"):
            _apt_install(missing)
    except Refusal as refusal:
        say(f"Warning: {refusal}")
        say("Going on without them: training needs none of them, a window does.")


def _apt_install(packages: Sequence[str]) -> None:
    # dpkg refuses to work where it finds no ldconfig
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": search_path()}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    # a single unreachable source fails the update, and yet the packages may be found
    subprocess.run([*apt, "update"], env=environ, capture_output=True, check=False)
    run_quietly([*apt, "install", "-y", "--no-install-recommends", *packages], "apt-get install", environ)

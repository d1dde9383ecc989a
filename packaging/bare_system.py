"""A bare Debian in a folder, to try installers in: only the essential is there, and afterwards it is thrown away.

Commands run in it with a mount namespace and process ids of their own. Whatever way they end, the kernel ends
everything they started and takes back what was mounted. As root, on Linux only:

    python3 packaging/bare_system.py trixie --with dist/*.deb -- apt-get install -y /mnt/*.deb
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import apt_settings
from reporting import Refusal, guarded, phase, run_quietly, run_through
from system_libraries import BARE_SYSTEMS, search_path

RELEASES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
CACHE = Path(__file__).resolve().parents[1] / ".cache" / "bare-systems"
PERSON = "person"  # the ordinary user in it
HOME = f"/home/{PERSON}"
LONGEST_S = 600
# Files in memory are written and thrown away many times faster, and need this much of it.
_MEMORY = Path("/dev/shm")  # noqa: S108 - as Linux calls it
_ROOM = 6_000_000_000
_ID = "1000"
_NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
_ENTER = Path(__file__).with_name("enter_bare_system.sh")


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    Attributes:
        status: Its exit status.
        out: What it printed.
        err: What it printed as errors.
        seconds: How long it took, with the namespaces.
    """

    status: int
    out: str
    err: str
    seconds: float


@dataclass(frozen=True)
class BareSystem:
    """One copy of a system, that may be changed in any way.

    Attributes:
        folder: Where its root lies; what is written there is inside, and the other way round.
        release: By the name of its release.
    """

    folder: Path
    release: str

    def inside(self, path: str) -> Path:
        """Where a path of the system lies on this machine."""
        return self.folder / path.lstrip("/")

    def copy_in(self, file: Path, folder: str = "/mnt") -> str:
        """Copy a file into it, readable for everybody, and return its path inside."""
        target = self.inside(folder) / file.name
        shutil.copyfile(file, target)
        target.chmod(0o755)
        return f"{folder}/{file.name}"

    def command(
        self,
        command: Sequence[str],
        *,
        root: bool = False,
        network: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Complete a command so that it runs inside; without root it is the ordinary user's, in their home."""
        user, home = ("root", "/root") if root else (PERSON, HOME)
        variables = {
            "HOME": home,
            "USER": user,
            "LOGNAME": user,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            if root
            else "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **({} if root else {"XDG_RUNTIME_DIR": f"/run/user/{_ID}"}),
            **(apt_settings.proxies() if network else {}),
            **(environ or {}),
        }
        become = [] if root else ["setpriv", f"--reuid={PERSON}", f"--regid={PERSON}", "--init-groups"]
        alone = [] if network else ["--net"]
        clean = [
            "env",
            "--ignore-environment",
            f"--chdir={home}",
            *(f"{name}={value}" for name, value in variables.items()),
        ]
        return [*_NAMESPACES, *alone, "sh", str(_ENTER), str(self.folder), _ID, *become, *clean, *command]

    def run(
        self,
        *command: str,
        root: bool = False,
        network: bool = False,
        environ: Mapping[str, str] | None = None,
        timeout_s: float = LONGEST_S,
    ) -> Finished:
        """Run a command inside to its end.

        Args:
            command: Program and arguments.
            root: As root instead of as the ordinary user.
            network: With the machine's network; without, there is only the loopback device.
            environ: More variables; nothing is taken over from this process.
            timeout_s: When it and all it started are ended, in seconds.

        Raises:
            subprocess.TimeoutExpired: It took too long.
        """
        began = time.monotonic()
        whole = self.command(command, root=root, network=network, environ=environ)
        with subprocess.Popen(
            whole,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as process:
            try:
                out, err = process.communicate(timeout=timeout_s)
            except BaseException:
                process.kill()
                process.communicate()  # to the end of what it started: all of that writes here
                raise
        return Finished(process.returncode, out, err, time.monotonic() - began)

    def install(self, *packages: str) -> Finished:
        """Install packages, or files of packages, with what they depend on and no more.

        Raises:
            Refusal: apt cannot.
        """
        apt = ("apt-get", "-q", "-o", "Dpkg::Use-Pty=0")
        began = time.monotonic()
        for arguments in (("update",), ("install", "-y", "--no-install-recommends", *packages)):
            done = self.run(*apt, *arguments, root=True, network=True)
            if done.status != 0:
                raise Refusal(f"apt-get {' '.join(arguments)} failed in {self.release}:\n{done.out}{done.err}")
        return Finished(0, done.out, done.err, time.monotonic() - began)

    def packages(self) -> set[str]:
        """The names of the packages that are installed."""
        listing = self.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n").out
        return {line.split()[1] for line in listing.splitlines() if line.startswith("installed ")}


def why_not(release: str = "bookworm") -> str:
    """Say why there can be no bare system here, and what would help; empty where there can."""
    if platform.system() != "Linux":
        return "bare systems are made on Linux"
    if os.geteuid() != 0:
        return "making a bare system needs root; start this as root, in a machine or container that you can throw away"
    if shutil.which("debootstrap", path=search_path()) is None:
        return f"debootstrap is missing; install it (Debian and Ubuntu: apt-get install {' '.join(BARE_SYSTEMS)})"
    allowed = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    if allowed.returncode != 0:
        return f"this machine allows no namespaces ({allowed.stderr.strip()}); a container needs CAP_SYS_ADMIN"
    return apt_settings.why_no_mirror(release)


@contextlib.contextmanager
def fresh(release: str, cache: Path = CACHE) -> Iterator[BareSystem]:
    """Lend a copy of a bare system that was never used, and throw it away afterwards.

    Raises:
        Refusal: It cannot be made; with what was printed.
    """
    archive = archive_of(release, cache)
    with _folder_in(_place(cache)) as folder:
        run_quietly(["tar", "-x", "-p", "--numeric-owner", "-f", archive, "-C", folder], "tar")
        system = BareSystem(folder, release)
        _as_this_machine(system)
        yield system


def archive_of(release: str, cache: Path = CACHE) -> Path:
    """Where a bare system lies packed, made first where it is missing.

    Raises:
        Refusal: It cannot be made; with what was printed.
    """
    if release not in RELEASES:
        raise Refusal(f"There is no bare {release}; there is {' and '.join(RELEASES)}.")
    archive = cache / f"{release}-{platform.machine()}.tar"
    if archive.is_file():
        return archive
    cache.mkdir(parents=True, exist_ok=True)
    with phase(f"Making a bare {RELEASES[release]} ({release})"), _folder_in(cache) as folder:
        debootstrap = ["debootstrap", "--variant=minbase", release, str(folder), apt_settings.mirror(release)]
        # debootstrap mounts too: in namespaces nothing is left of that, also when it is killed
        run_quietly(
            [*_NAMESPACES, *debootstrap], "debootstrap", {**os.environ, **apt_settings.proxies(), "PATH": search_path()}
        )
        _furnish(BareSystem(folder, release))
        unfinished = archive.with_name(f"{folder.name}.tar")
        try:
            run_quietly(["tar", "-c", "--numeric-owner", "-f", unfinished, "-C", folder, "."], "tar")
            unfinished.replace(archive)
        finally:
            unfinished.unlink(missing_ok=True)
    return archive


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in a bare system and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        usage="%(prog)s [options] RELEASE [-- COMMAND]",
        description=__doc__,
        epilog="Without a COMMAND it is a shell.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("release", choices=RELEASES, help="which Debian")
    parser.add_argument("--with", dest="files", nargs="+", type=Path, default=[], help="files that lie in /mnt")
    parser.add_argument("--person", action="store_true", help="as an ordinary user instead of root")
    parser.add_argument("--offline", action="store_true", help="without the network")
    # argparse itself would give options after RELEASE to COMMAND
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    reason = why_not(options.release)
    if reason:
        raise Refusal(f"There is no bare system here: {reason}.")
    with fresh(options.release) as system:
        for file in options.files:
            system.copy_in(file)
        asked_for = arguments[end + 1 :] or ["bash"]
        command = system.command(asked_for, root=not options.person, network=not options.offline)
        status, _ = run_through(command)
    return status


@contextlib.contextmanager
def _folder_in(cache: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="system-", dir=cache))
    try:
        folder.chmod(0o755)  # it becomes the root of a system
        yield folder
    finally:
        shutil.rmtree(folder)


def _place(cache: Path) -> Path:
    """Where a copy is unpacked: in memory where programs may run from there and there is plenty."""
    if not _MEMORY.is_dir():
        return cache
    found = os.statvfs(_MEMORY)
    executable = not found.f_flag & os.ST_NOEXEC
    return _MEMORY if executable and found.f_bavail * found.f_frsize > _ROOM else cache


def _furnish(system: BareSystem) -> None:
    """Add an ordinary user, keep services from starting, and leave out what apt fetches again."""
    for package in system.inside("/var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    added = system.run("useradd", "--create-home", f"--uid={_ID}", "--shell=/bin/bash", PERSON, root=True)
    if added.status != 0:
        raise Refusal(f"useradd failed in {system.release}:\n{added.err}")
    policy = system.inside("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)


def _as_this_machine(system: BareSystem) -> None:
    """Let it reach what this machine reaches; not packed with it, for these settings may change or hold secrets."""
    shutil.copyfile("/etc/resolv.conf", system.inside("/etc/resolv.conf"))
    settings = "".join(f"{line}\n" for line in apt_settings.lines() if not line.startswith("Acquire::IndexTargets"))
    system.inside("/etc/apt/apt.conf.d/90this-machine").write_text(settings, encoding="utf-8")
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    if certificates.is_file() and apt_settings.mirror(system.release).startswith("https:"):
        target = system.inside(str(certificates))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(certificates, target)


if __name__ == "__main__":
    sys.exit(guarded(main))

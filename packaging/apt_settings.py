"""Where this machine gets Debian's packages from: addresses, proxies and limits, as apt is told in /etc/apt."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reporting import Refusal, run_quietly

_APT = Path("/etc/apt")
_HELPER = Path("/usr/lib/apt/apt-helper")


def mirror(release: str) -> str:
    """Where this machine gets Debian from; on another system, where debootstrap gets it from by itself."""
    system = platform.freedesktop_os_release()
    if system.get("ID") == "debian":
        for uri, suites in sources():
            if system.get("VERSION_CODENAME", release) in suites:
                return uri
    script = Path(shutil.which("debootstrap") or "/usr/sbin/debootstrap").read_text(encoding="utf-8")
    found = re.search(r'^DEF_MIRROR="([^"]+)"', script, flags=re.MULTILINE)
    if found is None:
        raise Refusal("debootstrap names no mirror of Debian, and neither does /etc/apt.")
    return found[1]


def why_no_mirror(release: str) -> str:
    """Say why no package can be fetched for a release, and what would help; empty where they can."""
    if not _HELPER.exists():
        return "apt is missing: packages are installed with its settings; use Debian or Ubuntu"
    uri = f"{mirror(release)}/dists/{release}/Release"
    with tempfile.TemporaryDirectory() as folder:
        options = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20"]
        got = subprocess.run(
            [_HELPER, *options, "download-file", uri, f"{folder}/Release"],
            capture_output=True,
            text=True,
            check=False,
        )
    if got.returncode == 0:
        return ""
    return f"{uri} does not answer; {release} and what its packages depend on come from there\n{got.stderr.strip()}"


def lines() -> list[str]:
    """What apt is told about fetching, a setting a line as its files have it."""
    dump = run_quietly(["apt-config", "dump", "--format", '%F "%v";%n', "Acquire"], "apt-config")
    return [line for line in dump.splitlines() if not line.endswith('"";')]


def proxies() -> dict[str, str]:
    """The environment's proxies, or else apt's: debootstrap asks the environment only."""
    names = ("http_proxy", "https_proxy", "no_proxy")
    found = {name: os.environ[name] for name in names if os.environ.get(name)}
    for line in lines():
        match = re.fullmatch(r'Acquire::(https?)::Proxy "(.+)";', line, flags=re.IGNORECASE)
        if match and match[2] != "DIRECT":
            found.setdefault(f"{match[1].lower()}_proxy", match[2])
    return found


def sources(folder: Path = _APT) -> Iterator[tuple[str, list[str]]]:
    """Address and suites of every source, in either format of apt."""
    for file in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))]:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        for match in re.finditer(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", text, flags=re.MULTILINE):
            yield match[1].rstrip("/"), [match[2]]
    for file in sorted((folder / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text(encoding="utf-8")):
            fields = dict(re.findall(r"^(\w+):[ \t]*(.+)$", stanza, flags=re.MULTILINE))
            for uri in fields.get("URIs", "").split():
                yield uri.rstrip("/"), fields.get("Suites", "").split()

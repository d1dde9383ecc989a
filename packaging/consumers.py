"""Programs of others that tests/consumers lets load our exports: installed once, apart from everything of ours."""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fetching
from reporting import Refusal, guarded, run_quietly, say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "consumers"
# what is installed, each release with its hash
PINS = ROOT / "tests" / "consumers"
# tests/consumers/conftest.py reads it too
NAMED = "DISTILLATION_WORKBENCH_CONSUMERS"
# written last, so that a half installation is never taken for a whole one
STAMP = "made-of.txt"


@dataclass(frozen=True)
class Consumer:
    """What is installed in a folder of its own.

    Attributes:
        name: Of the folder.
        what: For people.
        files: Of PINS, which it is made of.
        install: Puts it into a folder, with the help of an interpreter that has pip.
    """

    name: str
    what: str
    files: tuple[str, ...]
    install: Callable[[Path, Path], None]

    def fingerprint(self, python: Path) -> str:
        """Digest what the result depends on."""
        digest = hashlib.sha256()
        for name in self.files:
            digest.update((PINS / name).read_bytes())
        # the interpreter is linked to, not copied
        digest.update(f"{python.resolve()} {platform.python_version()} {platform.machine()}".encode())
        return digest.hexdigest()


def _install_python(name: str) -> Callable[[Path, Path], None]:
    """Make an environment without pip, in which nothing but the pinned wheels can be imported."""

    def install(python: Path, folder: Path) -> None:
        run_quietly([python, "-m", "venv", "--without-pip", folder], "python -m venv")
        inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        into = ("--python", str(inside), "install", *fetching.PIP_OPTIONS)
        command = [str(python), "-m", "pip", *into, "-r", str(PINS / name)]
        run_quietly(command, "pip install", fetching.pip_environ())

    return install


def _install_node(_python: Path, folder: Path) -> None:
    """Install what package-lock.json pins; the scripts of its packages, which fetch libraries for GPUs, do not run."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Refusal("Node.js is missing; install it with npm (Debian and Ubuntu: sudo apt-get install nodejs npm)")
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PINS / name, folder / name)
    run_quietly([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"], "npm ci", cwd=folder)


CONSUMERS = (
    Consumer("onnxruntime", "ONNX Runtime for Python", ("onnxruntime.txt",), _install_python("onnxruntime.txt")),
    Consumer(
        "onnxruntime-genai",
        "onnxruntime-genai for Python",
        ("onnxruntime-genai.txt",),
        _install_python("onnxruntime-genai.txt"),
    ),
    Consumer(
        "node", "transformers.js and ONNX Runtime for Node.js", ("package.json", "package-lock.json"), _install_node
    ),
)


def folder_of_all() -> Path:
    """Where they lie: a person's own folder, or one in the project that git ignores."""
    return fetching.folder_named(NAMED, FOLDER)


def fetch(python: Path) -> str:
    """Install what is missing, or was made of other releases.

    Args:
        python: An interpreter with pip; the environments are made with it.

    Returns:
        Why something is missing still, and what to do about it; empty if nothing is.
    """
    everything = folder_of_all()
    missing = (
        (
            consumer.name,
            f"Installing {consumer.what}, for the tests of exports",
            partial(_make, python, consumer, everything),
        )
        for consumer in CONSUMERS
        if not _is_current(everything / consumer.name, consumer.fingerprint(python))
    )
    reasons = fetching.fetch_each(missing, _reason_in)
    what = (
        f"{len(reasons)} of {len(CONSUMERS)} programs that load our exports are missing, "
        "and the tests that need them are skipped."
    )
    return fetching.told(what, "Start this again with access to PyPI and npm.", reasons)


def _reason_in(said: str) -> str:
    """The line that says why: pip's last one, while npm goes on to speak of proxies and of its logs."""
    of_npm = (line for line in said.splitlines() if line.lower().startswith("npm err") and " failed" in line)
    return next(of_npm, fetching.last_line(said))


def _is_current(folder: Path, fingerprint: str) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == fingerprint


def _make(python: Path, consumer: Consumer, everything: Path) -> None:
    """Install beside its place and move it there whole; what was made of other releases gives way first."""
    everything.mkdir(parents=True, exist_ok=True)
    place = everything / consumer.name
    # the tests shall not take an older one for it where this fails
    shutil.rmtree(place, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=everything, prefix="unfinished-") as name:
        unfinished = Path(name) / consumer.name
        consumer.install(python, unfinished)
        (unfinished / STAMP).write_text(consumer.fingerprint(python) + "\n", encoding="utf-8")
        unfinished.rename(place)


def main() -> int:
    """Install everything with the Python that runs this, and fail if something is missing."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    reason = fetch(Path(sys.executable))
    say(reason or f"All {len(CONSUMERS)} are in {folder_of_all()}.")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(guarded(main))

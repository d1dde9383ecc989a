"""Programs of others, run apart from everything of ours: where they lie, how they start, and those of a README."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# nobody answers there: whatever wants to go online fails
NOWHERE = "http://127.0.0.1:9"
OFFLINE = 'globalThis.fetch = () => { throw new Error("wanted to go online"); };'
SECONDS = 120


def installed(name: str) -> Path:
    """The folder of a consumer; the test is skipped where it is not there."""
    # packaging/consumers.py names the variable and the stamp
    everything = Path(os.environ.get("DISTILLATION_WORKBENCH_CONSUMERS", "") or ROOT / ".cache" / "consumers")
    if not (everything / name / "made-of.txt").is_file():
        pytest.skip(f"{name} is not installed for the tests: run python3 packaging/consumers.py")
    return everything / name


def run(command: Sequence[str | Path], folder: Path, given: bytes = b"") -> str:
    """What a program prints in a process of its own that starts in a folder, knows nothing of ours, and is offline."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    environ = kept | {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environ, input=given, capture_output=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


class Python:
    """An environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(self, program: Path, folder: Path, *arguments: str, given: bytes = b"") -> str:
        """What a program prints that starts in a folder."""
        return run([self.interpreter, "-I", program, *arguments], folder, given)

    def knows(self, module: str) -> bool:
        """Whether a module can be imported."""
        asked = f"import importlib.util; print(importlib.util.find_spec({module!r}) is not None)"
        return run([self.interpreter, "-I", "-c", asked], self.interpreter.parent).strip() == "True"


class Node:
    """Node.js, and a folder where its packages can be imported by all programs below."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, program: Path, folder: Path, *arguments: str, given: bytes = b"") -> str:
        """What a program prints that starts in a folder; it lies below ours, or is copied there."""
        if self.folder not in program.parents:
            program = self.folder / program.name
            program.write_bytes((Path(__file__).parent / program.name).read_bytes())
        return run(["node", "--import", f"data:text/javascript,{OFFLINE}", program, *arguments], folder, given)


def programs_in(readme: Path) -> dict[str, str]:
    """The programs of a README, by the heading above each; by their language where there is none."""
    heading, language, found = "", "", {}
    lines: list[str] = []
    for line in readme.read_text(encoding="utf-8").splitlines(keepends=True):
        if not language and line.startswith("### "):
            heading = line.removeprefix("### ").strip()
        elif line.startswith("```") and not language:
            language, lines = line.removeprefix("```").strip(), []
        elif line.startswith("```"):
            found[heading or language], language = "".join(lines), ""
        else:
            lines.append(line)
    return found

"""Build what people install: a wheel, the program with all it needs in one folder, and packages for each system."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import environment
import identity
from job import Job, Target
from reporting import Refusal, guarded, say
from targets import TARGETS

BY_NAME: dict[str, Target] = {target.NAME: target for target in TARGETS}
CHECKSUMS = "SHA256SUMS"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read what shall be built."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = [f"  {name:<8} {why_not or 'can be built here'}" for name, why_not in reasons().items()]
    parser.epilog = "targets:\n" + "\n".join(kinds)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="what to build; all that can be built here if none"
    )
    parser.add_argument(
        "--out", type=Path, default=environment.ROOT / "dist", help="for what is finished (default: dist)"
    )
    parser.add_argument(
        "--work", type=Path, default=environment.ROOT / "build", help="for what is made on the way (default: build)"
    )
    parser.add_argument("--fast", action="store_true", help="pack in seconds instead of minutes, into larger files")
    return parser.parse_args(arguments)


def reasons() -> dict[str, str]:
    """Why each target cannot be built here; empty where it can."""
    return {name: target.why_not() for name, target in BY_NAME.items()}


def in_order(names: Sequence[str]) -> list[Target]:
    """The targets asked for and what they need, in the order they are built.

    Raises:
        Refusal: A target is unknown, or cannot be built here.
    """
    ordered: list[Target] = []

    def add(name: str) -> None:
        if name not in BY_NAME:
            raise Refusal(f"There is no target {name!r}. Targets: {', '.join(BY_NAME)}.")
        target = BY_NAME[name]
        why_not = target.why_not()
        if why_not:
            raise Refusal(f"{name} cannot be built here: {why_not}")
        for needed in target.NEEDS:
            add(needed)
        if target not in ordered:
            ordered.append(target)

    for name in names:
        add(name)
    return ordered


def checksums(folder: Path) -> None:
    """Write the digest of every file in a folder beside them, in the form that `sha256sum --check` reads."""
    lines = []
    for file in sorted(path for path in folder.iterdir() if path.is_file() and path.name != CHECKSUMS):
        with file.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Build in order, then say what there is."""
    options = parse()
    asked = options.targets or [name for name, why_not in reasons().items() if not why_not]
    targets = in_order(asked)
    start = time.monotonic()
    work, out = options.work.absolute(), options.out.absolute()
    python = environment.prepare_bundle(work / "environment").python
    job = Job(python=python, out=out, work=work, fast=options.fast)
    made: list[Path] = []
    for target in targets:
        made += target.build(job)
    checksums(out)
    say(f"\n{identity.NAME} {job.version}, built in {time.monotonic() - start:.0f} s:")
    for path in made:
        size = path.stat().st_size if path.is_file() else sum(file.lstat().st_size for file in path.rglob("*"))
        say(f"  {size / 1e6:7.1f} MB  {path}")
    if options.fast:
        say("They are larger than what is released: build again without --fast before you hand them on.")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))

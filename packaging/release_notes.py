"""Print what CHANGELOG.md says about a release, once its tag, the program and the changelog agree."""

from __future__ import annotations

import argparse
import re
import sys

import identity
from reporting import Refusal, guarded


def notes(changelog: str, version: str) -> str:
    """Cut the section of one version out of a changelog that is kept as keepachangelog.com says.

    Raises:
        Refusal: There is no such section, or nothing in it.
    """
    heading = re.search(rf"^## \[{re.escape(version)}\].*$", changelog, flags=re.MULTILINE)
    if heading is None:
        raise Refusal(
            f"CHANGELOG.md has no section [{version}]. Rename [Unreleased] to '[{version}] - YYYY-MM-DD' first."
        )
    section = re.split(r"^(?:## |\[[^\]]+\]: )", changelog[heading.end() :], maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not section:
        raise Refusal(f"CHANGELOG.md says nothing about {version}.")
    return section


def check_tag(tag: str, version: str) -> None:
    """Refuse a tag of another version than the program's.

    Raises:
        Refusal: They differ.
    """
    if tag != f"v{version}":
        raise Refusal(f"The tag is {tag!r} and the program is {version}: its tag is v{version}.")


def main() -> int:
    """Check, then print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tag", help="of the release, as v0.1.0")
    check_tag(parser.parse_args().tag, identity.version())
    text = (identity.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(notes(text, identity.version()))
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))

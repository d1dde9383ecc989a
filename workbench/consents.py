"""Which files that can run code a person has agreed to on this machine; known by content, not by name."""

import hashlib
import json
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.own_home import configuration_folder
from workbench.plain_files import refuse_unless_plain
from workbench.writing import disk_errors, write_atomically

_PREFIX = "sha256:"
_PIECE = 2**20


def consents_file() -> Path:
    """Where they are kept; beside the preferences."""
    return configuration_folder() / "consents.json"


def digest_of(path: Path) -> str:
    """The content of a file as "sha256:…", as recipes name it. Raises WorkbenchError."""
    refuse_unless_plain(path)
    digest = hashlib.sha256()
    with disk_errors(path), path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return _PREFIX + digest.hexdigest()


def digest_of_bytes(content: bytes) -> str:
    """The same for a content that was read already."""
    return _PREFIX + hashlib.sha256(content).hexdigest()


def consents() -> dict[str, str]:
    """The name each file had when it was agreed to, by its digest; what cannot be read counts as no consent."""
    try:
        found = json.loads(consents_file().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(digest): str(name) for digest, name in found.items()} if isinstance(found, dict) else {}


def is_agreed(digest: str) -> bool:
    """Whether a person on this machine has agreed to run what has this digest."""
    return digest in consents()


def agree(digest: str, name: str) -> None:
    """Remember a person's consent.

    Args:
        digest: From `digest_of`.
        name: The file's name, for the list a person sees.

    Raises:
        WorkbenchError: It is no digest, or the disk refuses.
    """
    if not digest.startswith(_PREFIX) or len(digest) != len(_PREFIX) + 64:
        raise WorkbenchError(f"“{digest}” is no SHA-256 digest.", "It is written as sha256: and 64 digits.")
    _keep(consents() | {digest: name})


def withdraw(digest: str) -> None:
    """Forget a consent; what ran before is not undone. Raises WorkbenchError when the disk refuses."""
    _keep({known: name for known, name in consents().items() if known != digest})


def _keep(all_of_them: dict[str, str]) -> None:
    write_atomically(consents_file(), json.dumps(all_of_them, indent=2, ensure_ascii=False).encode())

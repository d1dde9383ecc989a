"""What a person has agreed to on this machine: files that run code, known by content, and endpoints that are sent data.

A consent for an endpoint is for its origin and the name of the key together; another key there is another consent.
"""

import hashlib
import json
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.origins import Origin
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
    """What was agreed to in words, by digest or by `endpoint_name`; what cannot be read counts as no consent."""
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


def endpoint_name(origin: Origin, key: str) -> str:
    """What a consent for an endpoint is kept under; neither an origin nor the name of a key has a # in it."""
    return f"endpoint:{origin}#{key}"


def may_send(origin: Origin, key: str) -> bool:
    """Whether prompts may go to an origin, with the key of that name or, where it is empty, without one.

    What stays on this machine needs no consent as long as no key is handed out.
    """
    return (origin.is_this_machine and not key) or endpoint_name(origin, key) in consents()


def agree_to_endpoint(origin: Origin, key: str) -> None:
    """Remember that a person agreed to send prompts, and a key where one is named. Raises WorkbenchError."""
    what = f"prompts and the key {key}" if key else "prompts"
    how = ", unencrypted" if origin.is_readable_on_the_way else ""
    _keep(consents() | {endpoint_name(origin, key): f"{what} to {origin}{how}"})


def withdraw(digest: str) -> None:
    """Forget a consent, by what it is kept under; what was done before is not undone. Raises WorkbenchError."""
    _keep({known: name for known, name in consents().items() if known != digest})


def _keep(all_of_them: dict[str, str]) -> None:
    write_atomically(consents_file(), json.dumps(all_of_them, indent=2, ensure_ascii=False).encode())

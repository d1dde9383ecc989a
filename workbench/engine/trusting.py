"""Files that can run code, and endpoints that are sent data, are used only where a person here has agreed to them."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.consents import digest_of, is_agreed, may_send
from workbench.errors import CodeConsentNeededError, EndpointConsentNeededError, WorkbenchError
from workbench.origins import UNENCRYPTED, Origin
from workbench.writing import disk_errors

_PIECE = 2**20


def require_consent(path: Path, pinned: str, what: str, reasons: Iterable[str] = ()) -> str:
    """Go on only where a person has agreed to run this content; a recipe alone never is that consent.

    Args:
        path: The file.
        pinned: The digest that a recipe trusts; empty where it names none.
        what: What it is, with its article: "a TorchScript program".
        reasons: Why it can run code, a line each.

    Returns:
        The digest of its content, as `workbench.consents` names it.

    Raises:
        CodeConsentNeededError: Nobody here has agreed to it yet.
        WorkbenchError: It cannot be read, or the recipe trusts another content.
    """
    digest = digest_of(path)
    if pinned and pinned != digest:
        raise WorkbenchError(
            f"{path} is not the file that the recipe trusts: its content is another one.",
            "Get the original again; or look at what changed and, if you trust it, write the new digest as trust.",
            f"trusted  {pinned}\nfound    {digest}",
        )
    if not is_agreed(digest):
        title = f"{path} is {what}: it can run code on this computer, and nobody here has agreed to that yet."
        raise CodeConsentNeededError(str(path), digest, title, "\n".join((digest, *reasons)))
    return digest


def require_endpoint_consent(origin: Origin, key: str, details: str = "") -> None:
    """Go on only where a person has agreed to send prompts, and the key, there; a recipe never is that consent.

    Args:
        origin: Where they would go.
        key: The name of the key that goes along; empty for none.
        details: What else would be sent, in words.

    Raises:
        EndpointConsentNeededError: Nobody here has agreed to it yet.
    """
    if error := endpoint_consent_error(origin, key, details):
        raise error


def endpoint_consent_error(origin: Origin, key: str, details: str = "") -> EndpointConsentNeededError | None:
    """What `require_endpoint_consent` raises; None where a person has agreed."""
    if may_send(origin, key):
        return None
    what = f"the key {key} and your prompts" if key else "your prompts"
    title = f"The recipe wants to send {what} to {origin}, and nobody here has agreed to that yet."
    if origin.is_readable_on_the_way:
        title += f" {UNENCRYPTED}"
    return EndpointConsentNeededError(str(origin), key, title, details)


@contextmanager
def agreed_copy(path: Path, digest: str) -> Iterator[Path]:
    """A copy that nobody else writes to, of exactly the content that was agreed to; gone afterwards.

    The file itself may be replaced by another one between asking for consent and loading it.

    Args:
        path: The file.
        digest: From `require_consent`.

    Raises:
        WorkbenchError: It has changed since, or the disk refuses.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy, found = Path(folder) / path.name, hashlib.sha256()
        with disk_errors(path), path.open("rb") as file, copy.open("wb") as kept:
            while piece := file.read(_PIECE):
                found.update(piece)
                kept.write(piece)
        if f"sha256:{found.hexdigest()}" != digest:
            raise WorkbenchError(f"{path} was changed while it was read, and nothing of it was run.", "Try again.")
        yield copy

"""Files that can run code are used only where a person on this machine has agreed to their content."""

from collections.abc import Iterable
from pathlib import Path

from workbench.consents import digest_of, is_agreed
from workbench.errors import ConsentNeededError, WorkbenchError


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
        ConsentNeededError: Nobody here has agreed to it yet.
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
        raise ConsentNeededError(str(path), digest, title, "\n".join((digest, *reasons)))
    return digest

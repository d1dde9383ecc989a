"""Keys of endpoints in the system's keyring: looked for, stored and deleted; never shown or logged."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError


@dataclass(frozen=True)
class KeyPlace:
    """Where a key can be found; the key itself stays there.

    Attributes:
        name: What recipes call it.
        in_environment: Whether an environment variable holds it; that one counts first.
        in_keyring: Whether the system's keyring holds it.
        keyring: What this system's keyring is called; empty where there is none.
        trouble: Why it could not be looked into, in words.
    """

    name: str
    in_environment: bool
    in_keyring: bool
    keyring: str
    trouble: str = ""


def look_for_key(name: str) -> KeyPlace:
    """Look for a key; a locked keyring may ask the person, so never on a thread that must stay responsive."""
    in_environment, keyring = bool(name and os.environ.get(name)), _keyring()
    if keyring is None:
        return KeyPlace(name, in_environment, False, "")
    try:
        found = bool(name) and keyring.get_password(_service(), name) is not None
    except Exception as error:
        # Backends raise what their systems raise.
        return KeyPlace(name, in_environment, False, keyring.name, _reason(error))
    return KeyPlace(name, in_environment, found, keyring.name)


def keep_key(name: str, key: str) -> None:
    """Store a key, in place of an earlier one.

    Raises:
        WorkbenchError: The name is none, there is no keyring, or it refuses.
    """
    if not name.isidentifier():
        raise WorkbenchError(
            f"“{name}” is no name of a key.", "Use letters, digits and underscores, such as OPENAI_API_KEY."
        )
    _do(name, lambda keyring: keyring.set_password(_service(), name, key))


def forget_key(name: str) -> None:
    """Delete a key from the keyring. Raises WorkbenchError."""
    _do(name, lambda keyring: keyring.delete_password(_service(), name))


def _do(name: str, act: Callable[[Any], None]) -> None:
    keyring = _keyring()
    if keyring is None:
        raise WorkbenchError("This system has no keyring.", f"Set the environment variable {name} instead.")
    try:
        act(keyring)
    except Exception as error:
        raise WorkbenchError(
            f"The keyring refuses: {_reason(error)}.", f"Unlock it, or set the environment variable {name} instead."
        ) from None


def _keyring() -> Any:
    """This system's keyring; None where there is none."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    return None if isinstance(backend, (fail.Keyring, null.Keyring)) else backend


def _service() -> str:
    from workbench.engine.language.keys import SERVICE

    return SERVICE


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")

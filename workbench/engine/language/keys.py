"""Keys of endpoints: from the environment or the system's keyring, and written nowhere."""

import os

from workbench.errors import WorkbenchError

SERVICE = "distillation-workbench"


def key_of(name: str) -> str:
    """The key that a recipe names; empty where it names none.

    Raises:
        WorkbenchError: Neither the environment nor the keyring knows it.
    """
    if not name:
        return ""
    # Copied keys often bring the end of their line along.
    found = (os.environ.get(name) or _from_keyring(name) or "").strip()
    if not found:
        raise WorkbenchError(
            f"There is no key “{name}”: neither an environment variable nor the system's keyring has one.",
            f"Set {name} in the environment, or store it under this name in the preferences.",
        )
    if not (found.isascii() and found.isprintable()):
        raise WorkbenchError(
            f"The key “{name}” has signs in it that no key has, such as a line break in its middle.",
            "Copy it again, from its first letter to its last.",
        )
    return found


def place_of(name: str) -> str:
    """Where a key would come from, in words; the keyring is not opened for that."""
    return "from the environment" if os.environ.get(name) else "from the system's keyring, if it is there"


def _from_keyring(name: str) -> str | None:
    import keyring

    try:
        return keyring.get_password(SERVICE, name)
    except Exception:
        # No keyring on this system, or a locked one: as good as none. Backends raise what their systems raise.
        return None

"""The weights inside whatever a training wrapped them in, and the prefixes that wrappers gave their names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from workbench.errors import WorkbenchError
from workbench.events import Finding

# In the order of preference: what trains before what only follows it.
WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "module",
    "network",
    "net",
    "weights",
    "params",
    "student",
    "teacher",
    "ema",
    "model_ema",
    "state_dict_ema",
    "ema_state_dict",
)
_ALWAYS = ("module.", "_orig_mod.")
_SOMETIMES = tuple(f"{word}." for word in WRAPPERS)
_MOST_DEPTH = 6
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Weights:
    """Tensors by name, and what a person should know of where they were."""

    tensors: dict[str, Tensor]
    notes: tuple[Finding, ...] = ()


def unwrap(held: Any, name: str, role: str = "") -> Weights:
    """The weights in what a file held.

    Args:
        held: As it was read.
        name: The file, for messages.
        role: "student" or "teacher" where the file may hold both; the other one is passed over.

    Raises:
        WorkbenchError: There are no tensors, or several sets of them and none has a name that tells which is meant.
    """
    notes: list[Finding] = []
    for _ in range(_MOST_DEPTH):
        if not isinstance(held, Mapping):
            break
        inner = {str(key): value for key, value in held.items() if isinstance(value, Mapping) and _has_tensors(value)}
        chosen = _chosen(inner, role)
        tensors = {str(key): value for key, value in held.items() if isinstance(value, Tensor)}
        if chosen is None and tensors:
            left_out = [str(key) for key, value in held.items() if not isinstance(value, Tensor)]
            return Weights(tensors, (*notes, *_said_of_rest(left_out)))
        if chosen is None and len(inner) > 1:
            raise WorkbenchError(
                f"{name} holds {len(inner)} sets of tensors ({_shown(inner)}), and no name tells which is the model.",
                "Save the model's state_dict() alone.",
            )
        if chosen is None and not inner:
            break
        chosen = chosen or next(iter(inner))
        notes.append(_said_of_choice(chosen, inner, held))
        held = inner[chosen]
    raise WorkbenchError(
        f"{name} holds no weights: where tensors with names are expected, there is a {type(held).__name__}.",
        "Save a model's state_dict().",
    )


def _chosen(inner: Mapping[str, Any], role: str) -> str | None:
    order = sorted(WRAPPERS, key=lambda word: word != role) if role == "teacher" else WRAPPERS
    # What is wrapped as a whole comes first; a role decides between models that lie side by side.
    if role and role in inner:
        return role
    return next((word for word in order if word in inner), None)


def _has_tensors(value: Mapping[Any, Any], depth: int = 0) -> bool:
    if any(isinstance(key, str) and isinstance(one, Tensor) for key, one in value.items()):
        return True
    return depth < 2 and any(isinstance(one, Mapping) and _has_tensors(one, depth + 1) for one in value.values())


def _said_of_choice(chosen: str, inner: Mapping[str, Any], held: Mapping[Any, Any]) -> Finding:
    others = [word for word in inner if word != chosen]
    if others:
        return Finding(
            level="warning",
            title=f"The file holds several sets of tensors; “{chosen}” is taken, {_shown(others)} passed over.",
            fix="Save the other one alone, if it is meant.",
        )
    rest = [str(key) for key in held if str(key) != chosen]
    beside = f"; {_shown(rest)} beside it left out" if rest else ""
    return Finding(level="ok", title=f"The weights lie under “{chosen}”{beside}.")


def _said_of_rest(left_out: Sequence[str]) -> Iterator[Finding]:
    if left_out:
        yield Finding(level="ok", title=f"Not tensors, and left out: {_shown(left_out)}.")


def _shown(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _MOST_SHOWN
    return ", ".join(name[:60] for name in names[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Naming:
    """One way to read the names of a file.

    Attributes:
        names: What each is taken for, by its name in the file; those that are missing here are left out.
        prefix: What was taken off; empty for nothing.
    """

    names: dict[str, str]
    prefix: str = ""


def namings(names: Iterable[str]) -> list[Naming]:
    """The names as they are, then without the prefixes that wrappers give, one after the other.

    Args:
        names: Of a file.

    Returns:
        At least one way; one that leaves tensors out comes after those that keep all.
    """
    kept = {name: name for name in names}
    found = [Naming(kept)]
    bare = {name: _without_always(name) for name in kept}
    if bare != kept and len(set(bare.values())) == len(bare):
        found.insert(0, Naming(bare, "module." if any(name.startswith("module.") for name in kept) else "_orig_mod."))
    place = 0
    while place < len(found) and len(found) < 16:
        before = found[place]
        place += 1
        for prefix in _SOMETIMES:
            names_now = {old: new[len(prefix) :] for old, new in before.names.items() if new.startswith(prefix)}
            if names_now:
                found.append(Naming(names_now, before.prefix + prefix))
    # Stable: of those that keep as much, the least changed comes first.
    return sorted(found, key=lambda naming: -len(naming.names))


def _without_always(name: str) -> str:
    name = name.replace("._orig_mod.", ".")
    while name.startswith(_ALWAYS):
        name = next(name[len(prefix) :] for prefix in _ALWAYS if name.startswith(prefix))
    return name

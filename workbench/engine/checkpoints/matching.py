"""Which tensor of a file becomes which of a model: by name, else by order, shape and role."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.engine.checkpoints.filling import misfits
from workbench.engine.checkpoints.unwrapping import Naming, namings
from workbench.wording import counted

Shapes = Mapping[str, Sequence[int]]
COUNTER = "num_batches_tracked"


@dataclass(frozen=True)
class Match:
    """How a file's tensors go into a model.

    Attributes:
        sources: The name in the file, by the model's name.
        rows: What does not fit, a line each; empty where all does.
        anew: The model's tensors of a head that is made anew.
        left_out: The file's tensors that no wrapper of the model holds.
        prefix: What was taken off the file's names.
        by_order: Whether the names differ, and order and shapes alone agree.
    """

    sources: dict[str, str]
    rows: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    prefix: str = ""
    by_order: bool = False


def match(wanted: Shapes, given: Shapes, *, new_head: bool = False) -> Match:
    """The best way to fill a model from a file.

    Args:
        wanted: The model's shapes, in its order.
        given: The file's, in its order.
        new_head: Whether the last layer may be made anew where it is missing or has another size.

    Returns:
        The first way that fits; where none does, the one with the fewest rows.
    """
    ways = namings(given)
    tries = [_by_name(wanted, given, naming, new_head=new_head) for naming in ways]
    tries += [found for naming in ways if (found := _by_order(wanted, given, naming)) is not None]
    fitting = [found for found in tries if not found.rows]
    return fitting[0] if fitting else min(tries, key=lambda found: len(found.rows))


def _by_name(wanted: Shapes, given: Shapes, naming: Naming, *, new_head: bool) -> Match:
    sources = {new: old for old, new in naming.names.items()}
    shapes = {new: given[old] for new, old in sources.items()}
    anew: tuple[str, ...] = ()
    if new_head:
        head = _head_of(wanted)
        anew = head if any(list(shapes.get(name, ())) != list(wanted[name]) for name in head) else ()
        for name in anew:
            shapes.pop(name, None)
            sources.pop(name, None)
    # Old files have no counters of batches, and no answer depends on them.
    asked = {name: shape for name, shape in wanted.items() if name in shapes or not name.endswith(COUNTER)}
    rows = misfits({name: shape for name, shape in asked.items() if name not in anew}, shapes)
    left_out = tuple(name for name in given if name not in naming.names)
    return Match(sources, tuple(rows), anew, left_out, naming.prefix)


def _by_order(wanted: Shapes, given: Shapes, naming: Naming) -> Match | None:
    ours = [name for name in wanted if not name.endswith(COUNTER)]
    theirs = [old for old in naming.names if not old.endswith(COUNTER)]
    if [(list(wanted[name]), _role(name)) for name in ours] != [(list(given[name]), _role(name)) for name in theirs]:
        return None
    left_out = tuple(name for name in given if name not in naming.names)
    return Match(dict(zip(ours, theirs, strict=True)), left_out=left_out, prefix=naming.prefix, by_order=True)


def _head_of(wanted: Shapes) -> tuple[str, ...]:
    """The tensors of a model's last layer: its last matrix, and what lies beside it."""
    matrices = [name for name, shape in wanted.items() if len(shape) == 2]
    if not matrices:
        return ()
    layer = matrices[-1].rpartition(".")[0]
    return tuple(name for name in wanted if name.rpartition(".")[0] == layer)


def _role(name: str) -> str:
    return name.rpartition(".")[2]


def words_of(found: Match) -> Iterator[tuple[str, str, str]]:
    """What a person should know of a way that fits: level, sentence and fix."""
    if found.prefix:
        yield "ok", f"The prefix “{found.prefix}” was taken off the names.", ""
    if found.left_out:
        shown = ", ".join(found.left_out[:5]) + (" …" if len(found.left_out) > 5 else "")
        count = len(found.left_out)
        verbs = ("lies", "is") if count == 1 else ("lie", "are")
        words = f"{counted(count, 'tensor')} {verbs[0]} outside “{found.prefix}” and {verbs[1]} left out: {shown}."
        yield "warning", words, ""
    if found.by_order:
        yield (
            "warning",
            "The names differ from the architecture's; the tensors go by their order, shapes and roles.",
            "Try it on labelled data: a wrong order shows as chance accuracy.",
        )
    if found.anew:
        yield "warning", f"The last layer is made anew: {', '.join(found.anew)}.", ""

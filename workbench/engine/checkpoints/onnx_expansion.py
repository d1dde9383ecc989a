"""How large an ONNX graph becomes when its functions are put in place, counted without putting any in place."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    import onnx

_MOST_OPERATORS = 200_000
_MOST_NESTED = 100
_MOST_PROPAGATED = 100_000
_GENERATORS = frozenset(
    ("ConstantOfShape", "Expand", "Tile", "Range", "Pad", "OneHot", "EyeLike", "Resize", "Upsample")
)
_FROM_WHERE = "Do not use it, unless you know where it comes from."

_Name: TypeAlias = tuple[str, str, str]


def refuse_endless_functions(model: "onnx.ModelProto", path: Path) -> None:
    """Refuse functions that call themselves or unfold into too much. Raises WorkbenchError."""
    bodies = {(each.domain, each.name, each.overload): list(all_nodes(each.node)) for each in model.functions}
    sizes: dict[_Name, int] = {}
    depths: dict[_Name, int] = {}

    def size(name: _Name, callers: tuple[_Name, ...]) -> int:
        if name in callers:
            circle = " → ".join(map(_spoken, (*callers[callers.index(name) :], name)))
            raise WorkbenchError(f"{path}: its function {_spoken(name)} calls itself: {circle}.", _FROM_WHERE)
        _refuse_deep(len(callers) + depths.get(name, 1), f"{path}: its function {_spoken(name)}")
        if name not in sizes:
            sizes[name] = total(bodies[name], (*callers, name))
            depths[name] = 1 + max((depths.get(_called(node), 0) for node in bodies[name]), default=0)
            _refuse_many(sizes[name], f"{path}: its function {_spoken(name)}")
        return sizes[name]

    def total(nodes: Iterable[Any], callers: tuple[_Name, ...]) -> int:
        return sum(size(name, callers) if (name := _called(node)) in bodies else 1 for node in nodes)

    for name in bodies:
        size(name, ())
    if bodies:
        _refuse_many(total(all_nodes(model.graph.node), ()), str(path))


def all_nodes(nodes: Iterable[Any]) -> Iterator[Any]:
    """These nodes and those of all graphs inside them."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                waiting += attribute.g.node
            for graph in attribute.graphs:
                waiting += graph.node


def may_propagate(model: "onnx.ModelProto") -> bool:
    """Whether shape inference can follow values: what makes many of few, it would make in memory.

    Each Concat of values with themselves doubles them; ConstantOfShape and its like make any number.
    """
    nodes = [*all_nodes(model.graph.node), *(node for each in model.functions for node in all_nodes(each.node))]
    outside = sum(node.op_type == "Concat" for node in model.graph.node)
    if any(node.op_type in _GENERATORS for node in nodes) or outside < sum(n.op_type == "Concat" for n in nodes):
        return False
    lengths = {tensor.name: tensor.dims[0] if len(tensor.dims) == 1 else 1 for tensor in model.graph.initializer}
    for node in model.graph.node:
        given = [lengths.get(name, 1) for name in node.input] or [1]
        length = sum(given) if node.op_type == "Concat" else max(given)
        lengths |= dict.fromkeys(node.output, length)
        if length > _MOST_PROPAGATED:
            return False
    return True


def _called(node: Any) -> _Name:
    return (node.domain, node.op_type, node.overload)


def _spoken(name: _Name) -> str:
    return "::".join(part for part in name if part)


def _refuse_deep(depth: int, what: str) -> None:
    if depth > _MOST_NESTED:
        raise WorkbenchError(
            f"{what} is one of functions that call each other more than {_MOST_NESTED} deep.", _FROM_WHERE
        )


def _refuse_many(count: int, what: str) -> None:
    if count > _MOST_OPERATORS:
        raise WorkbenchError(
            f"{what} unfolds into {count:,} operators; more than {_MOST_OPERATORS:,} are not run.", _FROM_WHERE
        )

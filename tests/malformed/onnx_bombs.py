"""ONNX programs that would never end, or take all memory, once they are read or run."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good
from malformed.case import REFUSED, Case

FAMILY = "ONNX programs without end"
_LIMITS = "more than|calls itself|no memory holds|deep|memory"
_OWN = "own"


def cases() -> Iterator[Case]:
    """What unfolds, what never ends, and what grows."""
    for name, build in (FUNCTIONS | LOOPS | LARGE).items():
        yield Case(name, _file(build), "checkpoint", REFUSED, _LIMITS)
    yield Case("8 million empty operators", _empty_operators, "checkpoint", REFUSED, "more than .* of memory|operators")


def _model(nodes: Sequence[Any], *, functions: Sequence[Any] = (), **tensors: Any) -> bytes:
    import onnx
    from onnx import helper

    weights = {"weight": np.ones((4, 3), np.float32)} | tensors
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["input", "weight"], ["product"]), *nodes],
        "bomb",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", None])],
        [onnx.numpy_helper.from_array(np.array(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=_opsets(), ir_version=9, functions=list(functions))
    raw: bytes = model.SerializeToString()
    return raw


def _opsets() -> list[Any]:
    from onnx import helper

    return [helper.make_opsetid("", 17), helper.make_opsetid(_OWN, 1)]


def _node(kind: str, given: Sequence[str], made: Sequence[str], **attributes: Any) -> Any:
    from onnx import helper

    return helper.make_node(kind, given, made, **attributes)


def _function(name: str, calls: Sequence[str]) -> Any:
    """One that hands its input from one function or operator to the next."""
    from onnx import helper

    places = ["x", *(str(place) for place in range(1, len(calls))), "y"]
    nodes = [
        _node(call, [before], [after], domain="" if call == "Relu" else _OWN)
        for call, before, after in zip(calls, places, places[1:], strict=False)
    ]
    return helper.make_function(_OWN, name, ["x"], ["y"], nodes, _opsets())


def _called(functions: Sequence[Any]) -> bytes:
    return _model([_node(functions[-1].name, ["product"], ["logits"], domain=_OWN)], functions=functions)


def nested(depth: int, width: int) -> bytes:
    lowest = _function("f0", ["Relu"])
    return _called([lowest, *(_function(f"f{n}", [f"f{n - 1}"] * width) for n in range(1, depth + 1))])


def _conditional() -> bytes:
    """A function that calls itself inside of a branch."""
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)
    branch = helper.make_graph([_node("f", ["x"], ["inner"], domain=_OWN)], "branch", [], [value])
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    nodes = [
        _node("Constant", [], ["condition"], value=yes),
        _node("If", ["condition"], ["y"], then_branch=branch, else_branch=branch),
    ]
    return _called([helper.make_function(_OWN, "f", ["x"], ["y"], nodes, _opsets())])


FUNCTIONS: dict[str, Callable[[], bytes]] = {
    "functions that unfold to 10^11 operators": lambda: nested(11, 10),
    "functions that unfold to 2^60 operators": lambda: nested(60, 2),
    "functions that unfold to a million operators": lambda: nested(3, 100),
    "a function that calls itself": lambda: _called([_function("f", ["Relu", "f"])]),
    "two functions that call each other": lambda: _called([_function("f", ["g"]), _function("g", ["f"])]),
    "a function that calls itself in a branch": _conditional,
    "functions 2,000 deep": lambda: nested(2000, 1),
    "functions that call themselves and are not called": lambda: _model(
        [_node("Relu", ["product"], ["logits"])], functions=[_function("f", ["f"])]
    ),
}


def _loop(body: Sequence[Any], *, trips: str = "", **tensors: Any) -> bytes:
    """A loop whose body makes `next` of `state`, and `again` of `before`."""
    from onnx import TensorProto, helper

    inside = helper.make_graph(
        [_node("Identity", ["before"], ["again"]), *body],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("before", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    loop = _node("Loop", [trips, "yes", "product"], ["logits"], body=inside)
    return _model([loop], yes=np.array(True), **tensors)


def _collecting() -> bytes:
    """A loop without end that keeps what each turn makes."""
    from onnx import TensorProto, helper

    inside = helper.make_graph(
        [_node("Identity", ["before"], ["again"]), _node("Expand", ["product", "large"], ["kept"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("before", TensorProto.BOOL, []),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("kept", TensorProto.FLOAT, None),
        ],
    )
    loop = _node("Loop", ["", "yes"], ["all"], body=inside)
    total = _node("ReduceSum", ["all", "first"], ["logits"], keepdims=0)
    return _model([loop, total], yes=np.array(True), large=np.array([10**6, 2, 3]), first=np.array([0, 1]))


def _loop_in_loop() -> bytes:
    """Loops of 10^6 turns, three within each other."""
    from onnx import TensorProto, helper

    def around(inner: Sequence[Any], level: int) -> Any:
        body = helper.make_graph(
            [_node("Identity", [f"before{level}"], [f"again{level}"]), *inner],
            f"body{level}",
            [
                helper.make_tensor_value_info(f"turn{level}", TensorProto.INT64, []),
                helper.make_tensor_value_info(f"before{level}", TensorProto.BOOL, []),
                helper.make_tensor_value_info(f"state{level}", TensorProto.FLOAT, None),
            ],
            [
                helper.make_tensor_value_info(f"again{level}", TensorProto.BOOL, []),
                helper.make_tensor_value_info(f"next{level}", TensorProto.FLOAT, None),
            ],
        )
        state, made = ("product", "logits") if level == 1 else (f"state{level - 1}", f"next{level - 1}")
        return _node("Loop", ["trips", "yes", state], [made], body=body)

    innermost = around([_node("Relu", ["state3"], ["next3"])], 3)
    return _model([around([around([innermost], 2)], 1)], trips=np.array(10**6), yes=np.array(True))


def _scan() -> bytes:
    """A scan over 10^9 rows that take no byte in the file."""
    from onnx import TensorProto, helper

    body = helper.make_graph(
        [_node("Relu", ["state"], ["next"])],
        "body",
        [
            helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
            helper.make_tensor_value_info("row", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor_value_info("next", TensorProto.FLOAT, None)],
    )
    return _model(
        [
            _node("ConstantOfShape", ["rows"], ["many"]),
            _node("Scan", ["product", "many"], ["logits"], body=body, num_scan_inputs=1),
        ],
        rows=np.array([10**9]),
    )


_RELU = ("Relu", ["state"], ["next"])
LOOPS: dict[str, Callable[[], bytes]] = {
    "a loop without end": lambda: _loop([_node(*_RELU)]),
    "a loop of 2^62 turns": lambda: _loop([_node(*_RELU)], trips="turns", turns=np.array(2**62)),
    "a loop whose state doubles": lambda: _loop([_node("Concat", ["state", "state"], ["next"], axis=1)]),
    "a loop whose state grows a little each turn": lambda: _loop(
        [_node("Concat", ["state", "product"], ["next"], axis=1)]
    ),
    "a loop that keeps every turn": _collecting,
    "loops in loops in loops": _loop_in_loop,
    "a scan over 10^9 rows": _scan,
}


def _made(kind: str, given: Sequence[str], **tensors: Any) -> bytes:
    """A large result of one operator, of which the sum is added to the answers."""
    nodes = [
        _node(kind, given, ["large"]),
        _node("Cast", ["large"], ["floats"], to=1),
        _node("ReduceSum", ["floats"], ["sum"], keepdims=0),
        _node("Add", ["product", "sum"], ["logits"]),
    ]
    return _model(nodes, **tensors)


def _hidden(kind: str, given: Sequence[str], **tensors: Any) -> bytes:
    """The same, with sizes that are only known when it runs: a sum of the input with itself taken away."""
    nodes = [
        _node("Sub", ["product", "product"], ["zeros"]),
        _node("ReduceSum", ["zeros"], ["zero"], keepdims=0),
        _node("Cast", ["zero"], ["nothing"], to=7),
        _node("Add", ["sizes", "nothing"], ["size"]),
        _node(kind, given, ["large"]),
        _node("Cast", ["large"], ["floats"], to=1),
        _node("ReduceSum", ["floats"], ["sum"], keepdims=0),
        _node("Add", ["product", "sum"], ["logits"]),
    ]
    return _model(nodes, **tensors)


def _doubling(kind: str, times: int) -> bytes:
    """What is made is put beside itself, again and again."""
    nodes = [_node(kind, [f"{n}", f"{n}"], [f"{n + 1}"], axis=1) for n in range(times)]
    nodes[0].input[:] = ["product", "product"]
    return _model([*nodes, _node("Identity", [str(times)], ["logits"])])


def _shapes() -> bytes:
    """The shape of the input, put after itself 40 times: following its values would take all memory."""
    nodes = [_node("Shape", ["input"], ["0"])]
    nodes += [_node("Concat", [str(n), str(n)], [str(n + 1)], axis=0) for n in range(40)]
    nodes += [_node("Cast", ["40"], ["floats"], to=1), _node("ReduceSum", ["floats"], ["sum"], keepdims=0)]
    return _model([*nodes, _node("Add", ["product", "sum"], ["logits"])])


def _products() -> bytes:
    """Products of matrices of 20,000 × 20,000 that take no byte in the file."""
    nodes = [_node("ConstantOfShape", ["sizes"], ["0"])]
    nodes += [_node("MatMul", [str(n), "0"], [str(n + 1)]) for n in range(10)]
    nodes += [_node("ReduceSum", ["10"], ["sum"], keepdims=0), _node("Add", ["product", "sum"], ["logits"])]
    return _model(nodes, sizes=np.array([20_000, 20_000]))


LARGE: dict[str, Callable[[], bytes]] = {
    "a constant of 2^30 numbers": lambda: _made("ConstantOfShape", ["sizes"], sizes=np.array([2**30])),
    "a constant of 2^36 numbers": lambda: _made("ConstantOfShape", ["sizes"], sizes=np.array([2**36])),
    "one number spread over 2^30": lambda: _made(
        "Expand", ["one", "sizes"], one=np.float32(1), sizes=np.array([2**30])
    ),
    "a tile of 2^30": lambda: _made("Tile", ["one", "sizes"], one=np.ones(1, np.float32), sizes=np.array([2**30])),
    "a range of 2^30": lambda: _made(
        "Range", ["from", "to", "by"], **{"from": np.int64(0), "to": np.int64(2**30), "by": np.int64(1)}
    ),
    "a padding of 2^30": lambda: _made("Pad", ["one", "sizes"], one=np.ones(1, np.float32), sizes=np.array([0, 2**30])),
    "a constant of 2^30, hidden": lambda: _hidden("ConstantOfShape", ["size"], sizes=np.array([2**30])),
    "a constant of 2^40, hidden": lambda: _hidden("ConstantOfShape", ["size"], sizes=np.array([2**40])),
    "one number spread over 2^33, hidden": lambda: _hidden(
        "Expand", ["one", "size"], one=np.float32(1), sizes=np.array([2**33])
    ),
    "a tile of 2^33, hidden": lambda: _hidden(
        "Tile", ["one", "size"], one=np.ones(1, np.float32), sizes=np.array([2**33])
    ),
    "results put beside themselves 40 times": lambda: _doubling("Concat", 40),
    "a shape put after itself 40 times": _shapes,
    "products of large constants": _products,
}


def _file(build: Callable[[], bytes]) -> Callable[[Path], Path]:
    return good.write("model.onnx", build)


def _empty_operators(folder: Path) -> Path:
    """A graph of two bytes an operator, each of which takes a hundred in memory."""
    import onnx

    graph = onnx.load_model_from_string(good.onnx_model()).graph.SerializeToString() + b"\x0a\x00" * 8_000_000
    size, digits = len(graph), bytearray()
    while size > 127:
        digits.append(size & 127 | 128)
        size >>= 7
    digits.append(size)
    return good.write("model.onnx", b"\x08\x09\x3a" + bytes(digits) + graph)(folder)

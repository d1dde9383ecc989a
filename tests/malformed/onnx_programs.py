"""ONNX programs that reach outside their folder, ask for libraries, or make no sense."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good
from malformed.case import REFUSED, WARNED, Case

FAMILY = "ONNX programs"
_OUTSIDE = "outside|folder"
_NONSENSE = "onnx|broken|output|input|cycl|cannot|graph|node|operator|model"


def cases() -> Iterator[Case]:
    """External data first, then what the graph asks for."""
    for name, place in _PLACES.items():
        yield Case(f"weights {name}", _external(place), "checkpoint", REFUSED, _OUTSIDE)
    yield Case("weights behind a link", _linked, "checkpoint", REFUSED, _OUTSIDE, posix=True)
    yield Case("weights in a pipe", _pipe, "checkpoint", REFUSED, ".", posix=True)
    for name, place in _WRONG.items():
        yield Case(f"weights {name}", _external(place), "checkpoint", REFUSED, ".")
    for name, change in _LENGTHS.items():
        yield Case(f"weights with {name}", _external("weights.bin", change), "checkpoint", REFUSED, ".")
    for name, build in _GRAPHS.items():
        yield Case(name, _model(build), "checkpoint", REFUSED, _NONSENSE)
    # What is beside the point is not read, or read as what it is.
    yield Case("weights in the model itself", _external("model.onnx"), "checkpoint", WARNED, "classes")
    yield Case("descriptions that are broken", _model(_bad_metadata), "checkpoint", WARNED, "classes")
    for name, content in _FILES.items():
        yield Case(
            name,
            good.write("model.onnx", content),
            "checkpoint",
            REFUSED,
            "onnx|not a checkpoint|reads|broken|graph|output",
        )


_PLACES = {
    "above the folder": "../elsewhere/weights.bin",
    "with a whole name": "/etc/hostname",
    "above the folder, and back in": "case/../../elsewhere/weights.bin",
    "above the folder, with backslashes": "..\\elsewhere\\weights.bin",
    "behind a drive letter": "C:\\weights.bin",
}
_WRONG = {
    "that are not there": "absent.bin",
    "in the folder itself": ".",
    "without a name": "",
    "with a name of 10,000 letters": "w" * 10_000,
}
_LENGTHS: dict[str, dict[str, str]] = {
    "a length of 10^15": {"length": str(10**15)},
    "a place beyond the end": {"offset": "1000000"},
    "a negative place": {"offset": "-48"},
    "a place in words": {"offset": "first"},
}


def _parts() -> Any:
    import onnx

    return onnx.load_model_from_string(good.onnx_model())


def _external(place: str, more: dict[str, str] | None = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import onnx

        model = _parts()
        weight = model.graph.initializer[0]
        values = weight.raw_data
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
        for key, value in ({"location": place} | (more or {})).items():
            weight.external_data.add(key=key, value=value)
        (folder.parent / "elsewhere" / "weights.bin").write_bytes(values)
        (folder / "weights.bin").write_bytes(values)
        return good.write("model.onnx", model.SerializeToString())(folder)

    return make


def _linked(folder: Path) -> Path:
    path = _external("linked.bin")(folder)
    (folder / "linked.bin").symlink_to(folder.parent / "elsewhere" / "weights.bin")
    return path


def _pipe(folder: Path) -> Path:
    import os

    path = _external("pipe.bin")(folder)
    os.mkfifo(folder / "pipe.bin")
    return path


def _model(build: Callable[[Any], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = _parts()
        build(model)
        return good.write("model.onnx", model.SerializeToString())(folder)

    return make


def _custom(model: Any) -> None:
    model.graph.node[0].domain = "org.example.evil"
    model.graph.node[0].op_type = "RunMe"
    model.opset_import.add(domain="org.example.evil", version=1)


def _unknown(model: Any) -> None:
    model.graph.node[0].op_type = "NoSuchOperator"


def _future(model: Any) -> None:
    model.opset_import[0].version = 10_000


def _future_form(model: Any) -> None:
    model.ir_version = 10_000


def _no_outputs(model: Any) -> None:
    del model.graph.output[:]


def _no_inputs(model: Any) -> None:
    del model.graph.input[:]
    model.graph.node[0].input[0] = "weight"


def _no_nodes(model: Any) -> None:
    del model.graph.node[:]


def _no_graph(model: Any) -> None:
    model.ClearField("graph")


def _cycle(model: Any) -> None:
    import onnx

    model.graph.node[0].input[0] = "around"
    model.graph.node.append(onnx.helper.make_node("Relu", ["logits"], ["around"]))


def _dangling(model: Any) -> None:
    model.graph.node[0].input[1] = "absent"


def _huge(model: Any) -> None:
    model.graph.initializer[0].dims[0] = 2**40


def _negative(model: Any) -> None:
    model.graph.initializer[0].dims[0] = -4


def _short(model: Any) -> None:
    model.graph.initializer[0].raw_data = b"\x00" * 4


def _texts(model: Any) -> None:
    import onnx

    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.STRING
    model.graph.node[0].op_type = "Identity"
    del model.graph.node[0].input[1:]
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.STRING


def _text_weights(model: Any) -> None:
    import onnx

    model.graph.initializer[0].CopyFrom(onnx.helper.make_tensor("weight", onnx.TensorProto.STRING, [4, 3], ["a"] * 12))


def _huge_output(model: Any) -> None:
    """An output of 2^40 numbers that takes no byte in the file."""
    import onnx

    shape = onnx.numpy_helper.from_array(np.array([2**40], np.int64), "shape")
    model.graph.initializer.append(shape)
    model.graph.node[0].output[0] = "product"
    model.graph.node.append(onnx.helper.make_node("ConstantOfShape", ["shape"], ["logits"]))


def _huge_input(model: Any) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 10**15


def _no_batch(model: Any) -> None:
    """A single number comes out, whatever goes in."""
    import onnx

    model.graph.node[0].output[0] = "product"
    model.graph.node.append(onnx.helper.make_node("ReduceSum", ["product"], ["logits"], keepdims=0))
    del model.graph.output[0].type.tensor_type.shape.dim[:]


def _nan(model: Any) -> None:
    import onnx

    weight = np.full((4, 3), np.nan, np.float32)
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(weight, "weight"))


def _sequence(model: Any) -> None:
    """A list of dictionaries comes out, as scikit-learn's converters make it."""
    import onnx

    node = onnx.helper.make_node("ZipMap", ["logits"], ["said"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2])
    model.graph.node.append(node)
    model.opset_import.add(domain="ai.onnx.ml", version=3)
    del model.graph.output[:]
    said = onnx.helper.make_map_type_proto(
        onnx.TensorProto.INT64, onnx.helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, None)
    )
    model.graph.output.append(onnx.helper.make_value_info("said", onnx.helper.make_sequence_type_proto(said)))


def _bad_metadata(model: Any) -> None:
    """What our own exports say of themselves, but broken."""
    for key, value in (("input_shape", "[4"), ("classes", json.dumps(5)), ("input", "float32"), ("output", "logits")):
        model.metadata_props.add(key=key, value=value)


def _deep(model: Any) -> None:
    """20,000 operators, one after the other."""
    import onnx

    model.graph.node[0].output[0] = "0"
    for n in range(20_000):
        model.graph.node.append(onnx.helper.make_node("Missing", [str(n)], [str(n + 1)]))


_GRAPHS: dict[str, Callable[[Any], None]] = {
    "an operator of a strange library": _custom,
    "an unknown operator": _unknown,
    "operators of the future": _future,
    "a form of the future": _future_form,
    "no outputs": _no_outputs,
    "no inputs": _no_inputs,
    "no operators": _no_nodes,
    "no graph": _no_graph,
    "operators in a circle": _cycle,
    "an input that nobody makes": _dangling,
    "weights of 2^40 rows": _huge,
    "weights of -4 rows": _negative,
    "weights that are short": _short,
    "texts in and out": _texts,
    "weights that are texts": _text_weights,
    "an output of 2^40 numbers": _huge_output,
    "an input of 10^15 numbers": _huge_input,
    "one number for a whole batch": _no_batch,
    "NaN in the weights": _nan,
    "a list of dictionaries for an output": _sequence,
    "20,000 unknown operators": _deep,
}
_FILES: dict[str, bytes] = {
    "a file of zeros": bytes(4096),
    "eight bytes": b"\x08\x09\x12\x04onnx",
    "a field of 2^60 bytes": b"\x08\x09:" + b"\xff" * 8 + b"\x0f" + b"graph",
    "random bytes": np.random.default_rng(0).bytes(4096),
    "a text": b"this is no model",
    "groups in groups": b"\x08\x09" + b"\x3b" * 100_000,
}

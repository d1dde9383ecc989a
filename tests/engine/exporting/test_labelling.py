"""Labels change what a file says of itself, never what it computes."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx

from engine.exporting.students import Case
from workbench.engine.exporting import StudentExport
from workbench.engine.exporting.interface import Interface
from workbench.engine.exporting.labelling import describe, label
from workbench.engine.exporting.onnx_classifier import check, write_onnx
from workbench.engine.traits import Traits


def test_the_graph_is_the_same_whatever_the_label_says(both_files: StudentExport, tmp_path: Path) -> None:
    path = tmp_path / "copy.onnx"
    shutil.copy(both_files.exported[0].path, path)
    before = onnx.load(path)
    label(path, {"parity": "another"})
    after = onnx.load(path)
    assert after.graph.SerializeToString(deterministic=True) == before.graph.SerializeToString(deterministic=True)
    assert {entry.key: entry.value for entry in after.metadata_props} == {"opset": "20", "parity": "another"}
    check(path)


def test_traces_are_there_before_and_gone_after(digits: Case, tmp_path: Path) -> None:
    path = tmp_path / "student.onnx"
    network = digits.model.network.eval()
    write_onnx(network, Interface("pixels", (1, 8, 8), softmax=False), path)
    digits.model.train()
    # If the exporter stopped leaving traces, nothing here would be tested.
    assert b"stack_trace" in path.read_bytes()
    computed = [(node.op_type, list(node.input), list(node.output)) for node in onnx.load(path).graph.node]
    opset = label(path, {})
    assert b"stack_trace" not in path.read_bytes()
    proto = onnx.load(path)
    assert [(node.op_type, list(node.input), list(node.output)) for node in proto.graph.node] == computed
    assert opset == proto.opset_import[0].version
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    assert np.array_equal(weights["1.weight"], digits.model.network[1].weight.detach().numpy())


def test_the_columns_of_a_table_are_named_in_their_order(measurements: Case) -> None:
    columns = ("age", "city=Rome", "city=Oslo", "height")
    blueprint = measurements.model.blueprint.model_copy(update={"traits": Traits(columns=columns)})
    said = describe(Interface("features", (4,), softmax=False), blueprint, "name", "digest")
    assert json.loads(said["columns"]) == list(columns)
    plain = describe(Interface("features", (4,), softmax=False), measurements.model.blueprint, "name", "digest")
    assert not {"columns", "tokenizer"} & set(plain)

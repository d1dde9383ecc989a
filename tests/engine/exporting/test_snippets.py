"""The programs that a person copies: right for what the file takes and gives."""

import pytest
import torch

from engine.exporting.students import run_alone
from workbench.engine.exporting import StudentExport
from workbench.engine.exporting.interface import Interface, interface_from
from workbench.engine.exporting.labelling import describe
from workbench.engine.exporting.snippets import javascript_snippet, python_snippet

INTERFACES = [
    Interface(takes=takes, shape=shape, softmax=softmax)
    for takes, shape in (("bytes", (3, 8, 8)), ("pixels", (1, 8, 8)), ("features", (4,)), ("tokens", (12,)))
    for softmax in (False, True)
]
ARRAYS = {"bytes": "Uint8Array", "pixels": "Float32Array", "features": "Float32Array", "tokens": "BigInt64Array"}


@pytest.mark.parametrize("interface", INTERFACES, ids=str)
def test_what_a_file_says_of_itself_is_read_back_as_it_was(interface: Interface, digits: object) -> None:
    metadata = describe(interface, digits.model.blueprint, "name", "digest")
    assert interface_from(metadata) == interface


def test_metadata_of_another_program_is_refused() -> None:
    with pytest.raises(KeyError):
        interface_from({"input": "float32"})


def test_the_python_program_of_each_kind_runs_beside_its_file(
    both_files: StudentExport, from_bytes: StudentExport, from_features: StudentExport
) -> None:
    kinds = (("pixels", (1, 8, 8), False), ("bytes", (1, 8, 8), True), ("features", (4,), False))
    for export, (takes, shape, softmax) in zip((both_files, from_bytes, from_features), kinds, strict=True):
        program = python_snippet(Interface(takes=takes, shape=shape, softmax=softmax))
        assert "torch" not in program
        name, share = run_alone(program, export.files[0].parent).split()
        assert name in ("zero", "eins", "deux")
        assert 33 <= float(share.rstrip("%")) <= 100


@pytest.mark.parametrize("interface", INTERFACES, ids=str)
def test_the_javascript_program_feeds_as_many_values_as_an_input_has(interface: Interface) -> None:
    program = javascript_snippet(interface, ("a “b”", 'c "d"'))
    count = torch.Size(interface.shape).numel()
    assert f"new {ARRAYS[interface.takes]}({count})" in program
    assert f'new ort.Tensor("{interface.type_name}", values, [{", ".join(map(str, (1, *interface.shape)))}])' in program
    assert f"results.{interface.output}.data" in program
    assert ("Math.exp" in program) is not interface.softmax
    assert r'["a “b”", "c \"d\""]' in program

"""The int8 variant means the same on every processor, and is kept only if it answers as the student does."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from engine.exporting.students import Case, ask, contents, open_session, parity_of, pictures
from workbench.engine.exporting import StudentExport, export, int8
from workbench.engine.exporting.interface import Interface
from workbench.events import Exported, Warned


def weights_of(path: Path) -> dict[str, np.ndarray]:
    """The quantised weight matrices of a file."""
    return {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(path).graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) >= 2
    }


def test_weights_keep_to_7_bits_so_that_no_processor_overflows(both_files: StudentExport) -> None:
    weights = weights_of(both_files.exported[1].path)
    assert len(weights) == 3
    for name, values in weights.items():
        assert 60 <= np.abs(values.astype(int)).max() <= 64, name


def test_every_channel_of_a_weight_has_its_own_scale(both_files: StudentExport) -> None:
    proto = onnx.load(both_files.exported[1].path)
    scales = {tensor.name: tensor.dims for tensor in proto.graph.initializer if tensor.name.endswith("weight_scale")}
    assert sorted(tuple(dims) for dims in scales.values()) == [(3,), (24,), (24,)]


def test_logits_do_not_fall_on_a_grid(digits: Case, both_files: StudentExport) -> None:
    inputs = (digits.held_out.inputs_NX.float() / 255).numpy()
    logits = open_session(both_files.exported[1].path).run(["logits"], {"input": inputs})[0]
    assert len(np.unique(logits)) > 256


def test_calibration_sees_the_whole_length_of_sorted_data() -> None:
    sorted_NX = torch.arange(10_000).reshape(-1, 1)
    sample_N = int8._evenly_spaced(sorted_NX)[:, 0]
    assert len(sample_N) == 512
    assert (int(sample_N[0]), int(sample_N[-1])) == (0, 9_999)
    assert int(sample_N.diff().max()) <= 20


def test_calibration_is_fed_as_the_graph_is_and_sees_every_example_once() -> None:
    inputs_NX, _ = pictures(150)
    reader = int8._Calibration(Interface("pixels", (1, 8, 8), softmax=False), inputs_NX)
    batches = []
    while (feed := reader.get_next()) is not None:
        batches.append(feed["input"])
    assert np.allclose(np.concatenate(batches), inputs_NX.numpy() / 255)
    assert batches[0].dtype == np.float32


def test_a_faithful_int8_variant_is_kept_with_numbers_of_its_own(digits: Case, both_files: StudentExport) -> None:
    variant = both_files.exported[1]
    assert both_files.warnings == ()
    inputs_NX = digits.held_out.inputs_NX
    answers_N = ask(variant.path, inputs_NX.float() / 255).argmax(1)
    agreement = float((answers_N == digits.logits_NC(inputs_NX).argmax(1)).double().mean())
    assert agreement >= 0.98
    assert variant.parity["agreement"] == pytest.approx(agreement, abs=0.005)
    weights = {tensor.name: tensor for tensor in onnx.load(variant.path).graph.initializer}
    assert any(tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) == 2 for tensor in weights.values())


def test_an_int8_variant_calibrated_on_black_pictures_is_not_kept(digits: Case, folder: Path) -> None:
    blind = Case(digits.model, digits.held_out, torch.zeros_like(digits.calibration_NX))
    result = blind.export(folder, int8=True)
    assert sorted(contents(folder)) == ["README.md", "parity.json", "student.onnx"]
    exported, warned = result.events(step=12)
    assert isinstance(exported, Exported)
    assert isinstance(warned, Warned)
    assert (exported.step, exported.path) == (12, str(folder / "student.onnx"))
    disagreements = parity_of(folder)[1]["disagreements"]
    assert warned.title.startswith(f"The int8 variant was not kept: to {disagreements} of 600 held-out examples")
    assert [report["kept"] for report in parity_of(folder)] == [True, False]
    assert "student.int8" not in (folder / "README.md").read_text(encoding="utf-8")


def test_a_quantizer_that_fails_costs_only_its_own_file(
    digits: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path, *_: Any) -> None:
        target.write_bytes(b"half")
        raise RuntimeError("no scale for tensor 7")

    monkeypatch.setattr(export, "write_int8", fail)
    result = digits.export(folder, int8=True)
    (finding,) = result.warnings
    assert finding.title == "ONNX Runtime could not make the int8 variant: RuntimeError: no scale for tensor 7"
    assert sorted(contents(folder)) == ["README.md", "parity.json", "student.onnx"]

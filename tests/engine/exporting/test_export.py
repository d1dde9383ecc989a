"""The student leaves the program whole, measured, and only if it is the same."""

import json
import stat
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from closeness import assert_close
from torch import Tensor, nn

from engine.exporting.students import CLASSES, Case, ask, case, contents, open_session, parity_of, pictures, run_alone
from workbench.engine.exporting import StudentExport, export, onnx_classifier
from workbench.errors import WorkbenchError
from workbench.recipe.models import ConvNet, Mlp, ResNet

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "architecture",
    [
        Mlp(hidden=(12,)),
        Mlp(hidden=(12, 12), dropout=0.5, input_dropout=0.3),
        ConvNet(widths=(4, 6), dropout=0.4),
        ResNet(blocks=1, width=4),
    ],
    ids=["mlp", "mlp with dropout", "convnet", "resnet"],
)
def test_every_architecture_in_training_mode_repeats_its_evaluation_mode(architecture: Any, folder: Path) -> None:
    student = case(architecture, pictures(60), pictures(40, seed=1), steps=3)
    student.export(folder)
    unseen_NX, _ = pictures(5, seed=2)
    logits_NC = ask(folder / "student.onnx", unseen_NX.float() / 255)
    assert_close(logits_NC, student.logits_NC(unseen_NX))
    operators = {node.op_type for node in onnx.load(folder / "student.onnx").graph.node}
    assert not operators & {"Dropout", "BatchNormalization"}


def test_one_file_takes_any_number_of_inputs(digits: Case, both_files: StudentExport) -> None:
    session = open_session(both_files.exported[0].path)
    assert session.get_inputs()[0].shape == ["batch", 1, 8, 8]
    inputs_NX, _ = pictures(33, seed=3)
    for count in (1, 2, 33):
        outputs = session.run(["logits"], {"input": (inputs_NX[:count].float() / 255).numpy()})[0]
        assert outputs.shape == (count, 3)
        assert_close(outputs, digits.logits_NC(inputs_NX[:count]))


def test_a_graph_for_bytes_with_softmax_gives_the_probabilities(digits: Case, from_bytes: StudentExport) -> None:
    path = from_bytes.exported[0].path
    session = open_session(path)
    assert session.get_inputs()[0].type == "tensor(uint8)"
    assert [output.name for output in session.get_outputs()] == ["probabilities"]
    inputs_NX, _ = pictures(9, seed=4)
    logits_NC = digits.logits_NC(inputs_NX)
    assert_close(ask(path, inputs_NX), logits_NC.softmax(1), scale=float(logits_NC.abs().max()))


def test_features_are_fed_as_the_data_has_them(measurements: Case, from_features: StudentExport) -> None:
    inputs_NX = measurements.held_out.inputs_NX
    logits_NC = ask(from_features.exported[0].path, inputs_NX)
    assert_close(logits_NC, measurements.logits_NC(inputs_NX))


def test_bytes_are_refused_for_a_student_of_features(measurements: Case, folder: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"takes bytes.*numbers of type float32") as refusal:
        measurements.export(folder, input="uint8")
    assert refusal.value.hint == 'Set export.input = "float".'
    assert not folder.exists()


def test_the_shift_for_an_omitted_class_is_part_of_the_graph(folder: Path) -> None:
    student = case(Mlp(hidden=(4,)), pictures(30), pictures(30, seed=1))
    student.model.logit_shift = torch.tensor([0.0, 7.0, 0.0])
    student.export(folder)
    inputs_NX, _ = pictures(6, seed=2)
    unshifted_NC = ask(folder / "student.onnx", inputs_NX.float() / 255) - torch.tensor([0.0, 7.0, 0.0])
    student.model.logit_shift = None
    assert_close(unshifted_NC, student.logits_NC(inputs_NX))


def test_the_student_and_the_random_numbers_are_left_as_they_were(digits: Case, folder: Path) -> None:
    model, calls = digits.model, len(digits.model._forward_hooks)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.get_rng_state()
    digits.export(folder, int8=True)
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert len(model._forward_hooks) == calls


def test_exporting_twice_gives_the_same_bytes(digits: Case, both_files: StudentExport, folder: Path) -> None:
    again = digits.export(folder, int8=True)
    for before, after in zip(both_files.files, again.files, strict=True):
        if before.name != "parity.json":  # which holds the times
            assert after.read_bytes() == before.read_bytes(), after.name


def test_no_file_tells_where_it_was_made(both_files: StudentExport, from_bytes: StudentExport) -> None:
    telling = [
        *(str(REPOSITORY), str(Path.home()), str(Path(torch.__file__).parent)),
        *("/home", "/root", "/tmp/", "/usr", "site-packages", "workbench/", ".py", "stack_trace", "namespace"),  # noqa: S108
    ]
    for file in (*both_files.files, *from_bytes.files):
        found = [text for text in telling if text.encode() in file.read_bytes()]
        assert found == [], file.name


def test_the_metadata_say_all_that_a_user_needs(digits: Case, both_files: StudentExport) -> None:
    floats = open_session(both_files.exported[0].path).get_modelmeta()
    facts = floats.custom_metadata_map
    assert json.loads(facts["classes"]) == list(CLASSES)
    assert json.loads(facts["input_shape"]) == [1, 8, 8]
    preprocessing = json.loads(facts["preprocessing"])
    assert preprocessing["mean"] == list(digits.model.blueprint.mean)
    assert preprocessing["std"] == list(digits.model.blueprint.std)
    assert "divided by 255" in preprocessing["feed"]
    assert (facts["recipe"], facts["recipe_digest"]) == ("three digits", "0123abcd")
    assert (facts["input"], facts["output"], facts["precision"]) == ("float32", "logits", "float32")
    assert (facts["program"], floats.producer_name) == ("Distillation Workbench", "Distillation Workbench")
    assert int(facts["opset"]) == onnx.load(both_files.exported[0].path).opset_import[0].version
    parity = json.loads(facts["parity"])
    assert (parity["agreement"], parity["errors_onnx"]) == (1.0, digits.errors())
    int8 = open_session(both_files.exported[1].path).get_modelmeta().custom_metadata_map
    assert int8["precision"] == "int8"
    assert {key: int8[key] for key in ("classes", "preprocessing")} == {
        key: facts[key] for key in ("classes", "preprocessing")
    }


def test_the_metadata_of_a_graph_for_bytes_say_that_it_scales(from_bytes: StudentExport) -> None:
    facts = open_session(from_bytes.exported[0].path).get_modelmeta().custom_metadata_map
    assert (facts["input"], facts["output"]) == ("uint8", "probabilities")
    assert json.loads(facts["preprocessing"])["scale"] == "1/255"


def test_the_parity_report_covers_the_held_out_set_at_each_batch_size(digits: Case, both_files: StudentExport) -> None:
    floats, int8 = parity_of(both_files.files[0].parent)
    assert [batch["batch_size"] for batch in floats["batches"]] == [1, 7, 256]
    assert [batch["examples"] for batch in floats["batches"]] == [600, 600, 600]
    for report, exported in ((floats, both_files.exported[0]), (int8, both_files.exported[1])):
        assert report == exported.parity
        assert report["bytes"] == exported.path.stat().st_size
        assert report["errors_pytorch"] == digits.errors()
        assert all(batch["ms_per_item_onnxruntime"] > 0 < batch["ms_per_item_pytorch"] for batch in report["batches"])
    assert (floats["agreement"], floats["disagreements"]) == (1.0, 0)
    assert 0 < floats["max_logit_difference"] < 1e-4
    # Eight bits cannot be as close as float32: a report copied from the float file would show here.
    assert int8["max_logit_difference"] > 100 * floats["max_logit_difference"]


def test_probabilities_have_no_difference_of_logits(from_bytes: StudentExport) -> None:
    (report,) = parity_of(from_bytes.files[0].parent)
    assert report["max_logit_difference"] is None
    assert 0 < report["max_probability_difference"] < 1e-5


def test_onnxruntime_alone_makes_the_same_errors(digits: Case, both_files: StudentExport, tmp_path: Path) -> None:
    (tmp_path / "inputs.bin").write_bytes(digits.held_out.inputs_NX.numpy().tobytes())
    (tmp_path / "labels.bin").write_bytes(digits.held_out.labels_N.numpy().tobytes())
    program = f"""
import sys
import numpy as np
import onnxruntime
inputs = np.fromfile("inputs.bin", dtype=np.uint8).reshape(-1, 1, 8, 8).astype(np.float32) / 255
labels = np.fromfile("labels.bin", dtype=np.int64)
session = onnxruntime.InferenceSession({str(both_files.exported[0].path)!r}, providers=["CPUExecutionProvider"])
logits = session.run(["logits"], {{"input": inputs}})[0]
assert "torch" not in sys.modules and "workbench" not in sys.modules
print(int((logits.argmax(axis=1) != labels).sum()))
"""
    # Some, but far fewer than by guessing: an order or a scale that is lost would show.
    assert 0 < int(run_alone(program, tmp_path)) == digits.errors() < 100


def test_an_export_says_nothing_on_the_terminal_and_leaves_logging_alone(tmp_path: Path) -> None:
    program = f"""
import sys
import warnings
sys.path[:0] = [{str(REPOSITORY)!r}, {str(REPOSITORY / "tests")!r}]
warnings.simplefilter("error")
import logging
from pathlib import Path
from engine.exporting.students import case, pictures
from workbench.recipe.models import ConvNet
student = case(ConvNet(widths=(4,)), pictures(30), pictures(30, seed=1))
student.export(Path("export"), int8=True)
assert logging.getLogger().handlers == []
assert logging.getLogger("torch.onnx._internal.exporter._registration").filters == []
"""
    assert run_alone(program, tmp_path) == ""


class _Undecided(nn.Module):
    """Looks at its numbers to choose what to compute, which a graph cannot."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(64, 3)

    def forward(self, inputs_BX: Tensor) -> Tensor:
        logits_BC: Tensor = self.head(inputs_BX.flatten(1))
        return logits_BC if float(logits_BC.sum()) > 0 else -logits_BC


def test_a_student_that_no_graph_can_say_is_refused_and_the_earlier_export_stays(folder: Path) -> None:
    student = case(Mlp(hidden=(4,)), pictures(30), pictures(30, seed=1))
    student.export(folder)
    before = contents(folder)
    student.model.network = _Undecided()
    with pytest.raises(WorkbenchError, match=r"PyTorch \S+ cannot turn the student into ONNX: \w+: ") as refusal:
        student.export(folder)
    assert refusal.value.hint
    assert refusal.value.details
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["export"]


def test_a_file_that_differs_from_the_student_is_refused_with_the_numbers(
    digits: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_wrongly(network: nn.Module, interface: Any, path: Path) -> None:
        onnx_classifier.write_onnx(network, interface, path)
        proto = onnx.load(path)
        bias = next(tensor for tensor in proto.graph.initializer if tensor.dims == [3])
        bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias) + 2e-4, bias.name))
        onnx.save(proto, path)

    monkeypatch.setattr(export, "write_onnx", write_wrongly)
    with pytest.raises(WorkbenchError, match=r"difference of its logits is 0\.0002\d* .* is allowed") as refusal:
        digits.export(folder)
    assert json.loads(refusal.value.details)["disagreements"] == 0
    assert list(folder.parent.iterdir()) == []


def test_a_student_that_answers_nan_is_refused(folder: Path) -> None:
    student = case(Mlp(hidden=(4,)), pictures(30), pictures(30, seed=1))
    with torch.no_grad():
        next(student.model.parameters())[0, 0] = float("nan")
    with pytest.raises(WorkbenchError, match="NaN or infinity"):
        student.export(folder)
    assert not folder.exists()


def test_a_large_student_lies_in_two_files_that_are_both_named(
    digits: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as small_files:
        small_files.setattr(onnx_classifier, "LARGEST_INLINE_BYTES", 1000)
        result = digits.export(folder, int8=True)
    names = ["student.int8.onnx", "student.int8.onnx.data", "student.onnx", "student.onnx.data"]
    assert [path.name for path in result.files] == [*names, "parity.json", "README.md"]
    assert [path.name for path in result.exported[0].files] == ["student.onnx", "student.onnx.data"]
    assert result.exported[0].parity["bytes"] == sum(path.stat().st_size for path in result.exported[0].files)
    assert "student.onnx.data" in (folder / "README.md").read_text(encoding="utf-8")
    assert {stat.S_IMODE(path.stat().st_mode) & 0o444 for path in result.files} == {0o444}
    inputs_NX, _ = pictures(4, seed=8)
    logits_NC = ask(folder / "student.onnx", inputs_NX.float() / 255)
    assert_close(logits_NC, digits.logits_NC(inputs_NX))
    digits.export(folder)
    assert sorted(contents(folder)) == ["README.md", "parity.json", "student.onnx"]

"""ONNX models as teachers: the same answers as their PyTorch originals, and nothing outside their folder."""

import copy

import numpy as np
import onnx
import pytest
import torch
from closeness import assert_close, rounding
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from engine.checkpoints.onnx_graphs import linear, stranger, write
from engine.exporting.students import CLASSES, case, pictures
from engine.workshop import tiny_recipe
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted, to_bytes
from workbench.engine.checkpoints.onnx_program import ONNX_PROGRAM
from workbench.engine.teachers import Teachers
from workbench.errors import WorkbenchError
from workbench.recipe.models import ResNet, Signature, Teacher

CPU = torch.device("cpu")


def soft(logits_BC: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
    return (logits_BC / temperature).softmax(1)


@pytest.mark.parametrize("takes", ["float", "uint8"])
@pytest.mark.parametrize("softmax", [False, True])
def test_an_export_of_ours_gives_the_soft_targets_of_its_original(tmp_path, takes, softmax):
    made = case(ResNet(blocks=1, width=4), pictures(24), pictures(24, seed=1), steps=5)
    made.export(tmp_path, input=takes, softmax=softmax)
    inputs_NX = made.held_out.inputs_NX
    teacher = checkpoints.load(tmp_path / "student.onnx", Wanted(input_shape=(1, 8, 8), classes=("a", "b", "c")))
    assert teacher.blueprint.classes == CLASSES
    for temperature in (1.0, 4.0):
        ours, theirs = soft(teacher(inputs_NX), temperature), soft(made.logits_NC(inputs_NX), temperature)
        assert_close(ours, theirs)
    card = checkpoints.inspect(tmp_path / "student.onnx")
    assert (card.classes, card.input_shape, card.trainable) == (CLASSES, (1, 8, 8), False)
    assert not [note for note in card.notes if note.level == "warning"]


@pytest.mark.parametrize("dynamic", [True, False])
def test_a_model_of_a_stranger_is_normalised_as_the_signature_says(tmp_path, dynamic):
    network = stranger()
    path = write(network, tmp_path / "model.bin", 2 if dynamic else 1, 3, 8, 8, dynamic=dynamic)
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)
    teacher = checkpoints.load(path, Wanted(signature=Signature(mean=mean, std=std), input_shape=(3, 8, 8)))
    inputs_NX = torch.randint(0, 255, (5, 3, 8, 8), dtype=torch.uint8)
    scaled_NX = (inputs_NX / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    with torch.no_grad():
        original_NC = network(scaled_NX)
    assert_close(teacher(inputs_NX), original_NC)
    assert_close(teacher(inputs_NX[:1]), original_NC[:1])
    fixed = [note.title for note in checkpoints.inspect(path).notes if "at most 1" in note.title]
    assert bool(fixed) != dynamic


def test_pictures_with_channels_last_and_half_precision_are_adapted_to(tmp_path):
    class ChannelsLast(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = stranger()

        def forward(self, x_BHWC):
            return self.inner(x_BHWC.permute(0, 3, 1, 2))

    network = ChannelsLast().eval()
    inputs_NX = torch.randint(0, 255, (3, 3, 8, 8), dtype=torch.uint8)
    with torch.no_grad():
        original_NC = network((inputs_NX / 255).permute(0, 2, 3, 1))
    path = write(network, tmp_path / "half.onnx", 2, 8, 8, 3, dtype=torch.float16)
    teacher = checkpoints.load(path, Wanted(input_shape=(3, 8, 8)))
    assert checkpoints.inspect(path).input_shape == (3, 8, 8)
    most = rounding(float(original_NC.abs().max()), summands=27, layers=1, dtype=torch.float16)
    assert (teacher(inputs_NX) - original_NC).abs().max() < most


def test_a_model_that_takes_one_row_gets_pictures_flattened(tmp_path):
    teacher = checkpoints.load(linear(tmp_path / "m.onnx"), Wanted(input_shape=(1, 2, 2)))
    inputs_NX = torch.randint(0, 255, (3, 1, 2, 2), dtype=torch.uint8)
    weights = torch.arange(12.0).reshape(4, 3) / 10
    assert_close(soft(teacher(inputs_NX)), soft((inputs_NX / 255).flatten(1) @ weights))


def test_a_label_that_comes_first_is_passed_over_and_softmax_is_undone(tmp_path):
    path = linear(tmp_path / "m.onnx")
    card = checkpoints.inspect(path)
    assert "label (int64, ?), answers (float, ? × 3)" in card.notes[0].title
    assert "the answer is answers" in card.notes[0].title
    teacher = checkpoints.load(path, Wanted(input_shape=(4,), classes=("x", "y", "z")))
    assert teacher.blueprint.answers == "probabilities"
    assert teacher.blueprint.classes == ("x", "y", "z")
    plain = checkpoints.load(path, Wanted(signature=Signature(output="scores"), input_shape=(4,)))
    third = checkpoints.load(path, Wanted(signature=Signature(output="2"), input_shape=(4,)))
    assert plain.blueprint.answers == "logits"
    inputs_NX = torch.rand(6, 4)
    assert torch.equal(plain(inputs_NX), third(inputs_NX))
    assert_close(soft(teacher(inputs_NX)), soft(plain(inputs_NX)))


def test_an_output_named_logits_is_taken_before_others(tmp_path):
    teacher = checkpoints.load(linear(tmp_path / "m.onnx", outputs="logits"), Wanted(input_shape=(4,)))
    assert teacher.blueprint.architecture.output == "logits"


def test_an_output_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(WorkbenchError, match="no output 'probs'; it has: label, answers, scores"):
        checkpoints.load(linear(tmp_path / "m.onnx"), Wanted(signature=Signature(output="probs"), input_shape=(4,)))


def test_a_program_is_known_by_its_content_and_can_be_copied_and_moved(tmp_path):
    one = checkpoints.load(linear(tmp_path / "a.onnx"), Wanted(input_shape=(4,)))
    same = checkpoints.load(linear(tmp_path / "b.onnx"), Wanted(input_shape=(4,)))
    other = checkpoints.load(linear(tmp_path / "c.onnx", batch=2), Wanted(input_shape=(4,)))
    teachers = Teachers([one, same, other], [1, 1, 1], "arithmetic").to(CPU)
    assert teachers.fingerprints[0] == teachers.fingerprints[1] != teachers.fingerprints[2]
    inputs_NX = torch.rand(5, 4)
    assert torch.equal(copy.deepcopy(one)(inputs_NX), one(inputs_NX))
    assert_close(other(inputs_NX), one(inputs_NX))
    assert (one.parameter_count, list(one.parameters()), one.state_dict()) == (12, [], {})
    assert to_bytes(one) == to_bytes(same)


def test_it_cannot_be_a_student(tmp_path):
    path = linear(tmp_path / "m.onnx")
    with pytest.raises(WorkbenchError, match="cannot be trained, so it is no student"):
        checkpoints.load(path, Wanted(input_shape=(4,), new_head=True))
    assert checkpoints.inspect(path, Wanted(new_head=True)).notes[1].level == "refusal"


def test_weights_in_a_file_beside_it_are_part_of_what_it_is(tmp_path):
    raw = np.arange(12, dtype=np.float32).tobytes()
    (tmp_path / "w.bin").write_bytes(raw)
    path = linear(tmp_path / "m.onnx", location={"location": "w.bin", "length": "48"})
    one = checkpoints.load(path, Wanted(input_shape=(4,)))
    (tmp_path / "w.bin").write_bytes(np.ones(12, dtype=np.float32).tobytes())
    assert checkpoints.load(path, Wanted(input_shape=(4,))).blueprint != one.blueprint
    assert checkpoints.inspect(path).bytes == path.stat().st_size + 48


@pytest.mark.parametrize("name", ["../w.bin", "/etc/passwd", "sub/../../w.bin", "C:\\w.bin", "..\\w.bin", "link.bin"])
def test_weights_outside_its_folder_are_refused(tmp_path, name):
    (tmp_path / "w.bin").write_bytes(bytes(48))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    path = linear(folder / "m.onnx", location={"location": name})
    for ask in (checkpoints.inspect, checkpoints.load):
        with pytest.raises(WorkbenchError, match=r"outside its folder|out of its folder"):
            ask(path)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ({"location": "none.bin"}, "there is no such file"),
        ({"location": "w.bin"}, "48 bytes from byte 0 of w.bin, which has 8"),
        ({"location": "w.bin", "offset": "-4"}, "said to be"),
        ({"location": "w.bin", "length": "many"}, "does not say where"),
        ({"location": "*/_ORT_MEM_ADDR_/*", "offset": "1000"}, "there is no such file"),
    ],
)
def test_weights_that_are_not_there_or_too_short_are_refused(tmp_path, location, reason):
    (tmp_path / "w.bin").write_bytes(bytes(8))
    with pytest.raises(WorkbenchError, match=reason):
        checkpoints.load(linear(tmp_path / "m.onnx", location=location))


def test_operators_of_others_are_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"only through a library of somebody else: evil\.ops::MatMul"):
        checkpoints.inspect(linear(tmp_path / "m.onnx", domain="evil.ops"))


def test_several_inputs_are_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"takes 2 inputs \(x, mask\)"):
        checkpoints.inspect(linear(tmp_path / "m.onnx", more=("mask",)))


def test_an_input_of_texts_is_refused_in_words(tmp_path):
    with pytest.raises(WorkbenchError, match="takes 'x' as string"):
        checkpoints.inspect(linear(tmp_path / "m.onnx", elements=TensorProto.STRING))


def test_a_result_that_no_memory_holds_is_refused_before_anything_runs(tmp_path):
    size = numpy_helper.from_array(np.array([2**20, 2**20], dtype=np.int64), "size")
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["logits"]),
    ]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in ("x", "logits")]
    model = helper.make_model(helper.make_graph(nodes, "g", ports[:1], ports[1:], [size]), ir_version=10)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(WorkbenchError, match="no memory holds that"):
        checkpoints.load(tmp_path / "m.onnx")


def test_a_model_exported_as_in_training_is_refused(tmp_path):
    nodes = [
        helper.make_node("Dropout", ["x", "ratio", "training"], ["logits"]),
    ]
    more = [
        numpy_helper.from_array(np.array(0.5, np.float32), "ratio"),
        numpy_helper.from_array(np.array(True), "training"),
    ]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 64]) for name in ("x", "logits")]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], more)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(WorkbenchError, match="another answer each time"):
        checkpoints.load(tmp_path / "m.onnx", Wanted(input_shape=(64,)))


def test_files_cut_short_are_refused_at_every_length(tmp_path):
    raw = linear(tmp_path / "m.onnx").read_bytes()
    path = tmp_path / "cut.onnx"
    for length in range(4, len(raw), 7):
        path.write_bytes(raw[:length])
        with pytest.raises(WorkbenchError, match=r"cut\.onnx"):
            checkpoints.load(path, Wanted(input_shape=(4,)))


def test_it_is_known_by_content_and_others_are_not_taken_for_it(tmp_path):
    path = tmp_path / "any name"
    assert ONNX_PROGRAM.recognises(linear(path))
    for foreign in (b"", b"\x08", b"\x08\x12\0\0\0\0\0\0{}", b"\x08\x05\x12\0\0\0\0\0{", b"PK\x03\x04", b"\0" * 64):
        path.write_bytes(foreign)
        assert not ONNX_PROGRAM.recognises(path)


def test_a_batch_that_the_graph_cannot_take_is_told_with_its_shape(tmp_path):
    teacher = checkpoints.load(linear(tmp_path / "m.onnx"), Wanted(input_shape=(4,)))
    with pytest.raises(WorkbenchError, match="fails for 2 inputs of 5, float32"):
        teacher.network(torch.zeros(2, 5))


def test_onnx_itself_finds_no_fault_with_the_graphs_made_here(tmp_path):
    onnx.checker.check_model(str(linear(tmp_path / "m.onnx")), full_check=True)


def test_a_run_takes_its_teacher_from_onnx_and_keeps_its_answers(workshop, tmp_path):
    original = checkpoints.load(workshop.folder / "teacher.safetensors")
    path = write(original, tmp_path / "teacher.onnx", 2, 4)
    signature = Signature(classes=original.blueprint.classes[::-1])
    recipe = tiny_recipe(teachers=(Teacher(checkpoint=str(path), signature=signature),))
    for word in ("64 computed", "64 reused"):
        setup = workshop.setup(recipe, tmp_path / "cache")
        titles = [finding.title.replace(" teacher outputs", "") for finding in setup.findings]
        assert any(word in title.replace("0 reused, ", "") for title in titles), titles
        assert any("by name: 4 of 4 moved" in title for title in titles)
    logits_NC = original(setup.held_out.inputs_NX)
    assert setup.held_out.teacher_NC is not None
    assert_close(setup.held_out.teacher_NC.flip(1).softmax(1), logits_NC.softmax(1))

"""Programs by torch.export and TorchScript: nothing of them is run before a person agrees, and then they answer."""

import copy
import io
import os
import pickle
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from closeness import assert_close
from torch import nn

from workbench.consents import agree, digest_of
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted, to_bytes
from workbench.engine.trusting import require_consent
from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.recipe.models import Signature

WANTED = Wanted(input_shape=(4,), classes=("x", "y", "z"))
KINDS = ["export", "fixed export", "script", "trace"]


class Network(nn.Module):
    """Four numbers in, three classes and a label out, or the classes alone."""

    def __init__(self, *, softmax: bool = False) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)
        self.softmax = softmax

    def forward(self, x_BX: torch.Tensor) -> torch.Tensor:
        logits_BC = self.layer(x_BX)
        return logits_BC.softmax(1) if self.softmax else logits_BC


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))


def write(kind: str, path: Path, network: nn.Module) -> Path:
    network.eval()
    if kind.endswith("export"):
        shapes = None if kind.startswith("fixed") else ({0: torch.export.Dim("batch")},)
        program = torch.export.export(network, (torch.zeros(2, 4),), dynamic_shapes=shapes)
        with path.open("wb") as file:
            torch.export.save(program, file)
        return path
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        made = torch.jit.script(network) if kind == "script" else torch.jit.trace(network, torch.zeros(2, 4))
        torch.jit.save(made, str(path))
    return path


def trusted(path: Path) -> Path:
    agree(digest_of(path), path.name)
    return path


class Touch:
    """A harmless marker: unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def tampered(path: Path, marker: Path, member: str) -> None:
    """Replace a pickled member by one that would touch the marker."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = next(name for name in members if name.endswith(member))
    buffer = io.BytesIO()
    torch.save(Touch(marker), buffer)
    members[name] = buffer.getvalue() if member.endswith(".pt") else pickle.dumps(Touch(marker), protocol=2)
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_before_a_person_agrees_and_then_it_answers_as_the_original(tmp_path, kind):
    network = Network()
    path = write(kind, tmp_path / "program", network)
    with pytest.raises(ConsentNeededError) as refused:
        checkpoints.load(path, WANTED)
    assert refused.value.digest == digest_of(path)
    assert "run" in refused.value.details or "rights" in refused.value.details
    card = checkpoints.inspect(path)
    assert (card.needs, card.digest, card.trainable) == ("consent", digest_of(path), False)
    teacher = checkpoints.load(trusted(path), WANTED)
    assert checkpoints.inspect(path).needs == ""
    inputs_NX = torch.randn(5, 4)
    with torch.no_grad():
        original_NC = network(inputs_NX)
    assert_close(teacher(inputs_NX), original_NC)
    assert_close(copy.deepcopy(teacher)(inputs_NX[:1]), original_NC[:1])
    assert not teacher(inputs_NX).requires_grad
    assert (teacher.blueprint.classes, teacher.parameter_count) == (("x", "y", "z"), 15)
    assert to_bytes(teacher) == to_bytes(checkpoints.load(path, WANTED))


@pytest.mark.parametrize("kind", ["export", "script"])
def test_probabilities_are_turned_back_into_logits(tmp_path, kind):
    network = Network(softmax=True)
    teacher = checkpoints.load(trusted(write(kind, tmp_path / "program", network)), WANTED)
    assert teacher.blueprint.answers == "probabilities"
    inputs_NX = torch.randn(5, 4)
    with torch.no_grad():
        assert_close(teacher(inputs_NX).softmax(1), network(inputs_NX))


@pytest.mark.parametrize("member", ["sample_inputs/model.pt"])
def test_a_tampered_export_is_described_and_runs_nothing_before_consent(tmp_path, member):
    path, marker = write("export", tmp_path / "program.pt2", Network()), tmp_path / "marker"
    tampered(path, marker, member)
    card = checkpoints.inspect(path)
    assert any("model.pt asks for posix.mkdir" in note.title or "nt.mkdir" in note.title for note in card.notes)
    with pytest.raises(ConsentNeededError) as refused:
        checkpoints.load(path, WANTED)
    assert "mkdir" in refused.value.details
    assert not marker.exists()


def test_a_tampered_script_is_described_and_runs_nothing_before_consent(tmp_path):
    path, marker = write("script", tmp_path / "program.pt", Network()), tmp_path / "marker"
    tampered(path, marker, "constants.pkl")
    assert any("constants.pkl asks for posix.mkdir" in note.title for note in checkpoints.inspect(path).notes)
    with pytest.raises(ConsentNeededError, match="TorchScript"):
        checkpoints.load(path, WANTED)
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["export", "trace"])
def test_another_content_than_the_recipe_trusts_is_refused(tmp_path, kind):
    path = trusted(write(kind, tmp_path / "program", Network()))
    with pytest.raises(WorkbenchError, match="not the file that the recipe trusts"):
        checkpoints.load(path, Wanted(input_shape=(4,), trust="sha256:" + 64 * "0"))


@pytest.mark.parametrize("kind", ["export", "script"])
def test_a_program_is_no_student(tmp_path, kind):
    path = trusted(write(kind, tmp_path / "program", Network()))
    with pytest.raises(WorkbenchError, match="cannot be trained, so it is no student"):
        checkpoints.load(path, Wanted(input_shape=(4,), new_head=True))


@pytest.mark.parametrize("kind", ["export", "script"])
def test_an_output_is_chosen_by_number(tmp_path, kind):
    class Two(Network):
        def forward(self, x_BX: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            logits_BC = self.layer(x_BX)
            return logits_BC.argmax(1), logits_BC

    network = Two()
    path = trusted(write(kind, tmp_path / "program", network))
    inputs_NX = torch.randn(3, 4)
    with torch.no_grad():
        wanted_NC = network(inputs_NX)[1]
    for output in ("", "1"):
        teacher = checkpoints.load(path, Wanted(input_shape=(4,), signature=Signature(output=output)))
        assert_close(teacher(inputs_NX), wanted_NC)
    with pytest.raises(WorkbenchError, match=r"no output '7'.*it has: 0, 1"):
        checkpoints.load(path, Wanted(input_shape=(4,), signature=Signature(output="7")))


@pytest.mark.parametrize("kind", ["export", "script"])
def test_a_program_cut_short_is_refused_or_unknown_and_never_run(tmp_path, kind):
    raw = write(kind, tmp_path / "program", Network()).read_bytes()
    path = tmp_path / "cut"
    for length in range(4, len(raw), len(raw) // 9):
        path.write_bytes(raw[:length])
        with pytest.raises(WorkbenchError, match="cut"):
            checkpoints.load(path, WANTED)


def test_a_dynamic_size_with_bounds_is_kept_to(tmp_path):
    network = Network().eval()
    sizes = ({0: torch.export.Dim("batch", min=3, max=4)},)
    program = torch.export.export(network, (torch.zeros(3, 4),), dynamic_shapes=sizes)
    with (tmp_path / "program").open("wb") as file:
        torch.export.save(program, file)
    teacher = checkpoints.load(trusted(tmp_path / "program"), WANTED)
    inputs_NX = torch.randn(9, 4)
    with torch.no_grad():
        assert_close(teacher(inputs_NX), network(inputs_NX))


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_that_is_replaced_right_after_the_consent_was_looked_up_is_not_run(tmp_path, monkeypatch, kind):
    path = trusted(write(kind, tmp_path / "m", Network()))
    other = write(kind, tmp_path / "other", Network()).read_bytes()

    def agreed_then_replaced(*told: object) -> str:
        digest = require_consent(*told)
        path.write_bytes(other)
        return digest

    for format_file in ("torchscript", "exported_program"):
        monkeypatch.setattr(f"workbench.engine.checkpoints.{format_file}.require_consent", agreed_then_replaced)
    with pytest.raises(WorkbenchError, match="was changed while it was read"):
        checkpoints.load(path, WANTED)

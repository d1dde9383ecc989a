"""Weights of a person's own class: the class is run by consent alone, also for our own checkpoints of it."""

import pytest
import torch
from torch import nn

from workbench import consents
from workbench.engine import checkpoints
from workbench.engine.architectures.python_class import python_class
from workbench.engine.checkpoints import Wanted
from workbench.engine.classifier import InputStatistics
from workbench.engine.students import Needs, new_student
from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.recipe.models import PythonClass

ABC = ("a", "b", "c")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Consents of the test's own."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))


def write(path, tensors):
    torch.save(tensors, path)
    return path


NET = """
import torch

class Net(torch.nn.Module):
    def __init__(self, width=4, answers=3):
        super().__init__()
        self.model = torch.nn.Linear(4, width)
        self.module = torch.nn.Linear(width, answers)

    @torch.no_grad()
    def forward(self, x):
        print("reading", tuple(x.shape))
        return self.module(self.model(x).tanh())

class Pair(Net):
    def forward(self, x):
        return x, x
"""


@pytest.fixture
def own(tmp_path):
    """A class in a file beside the recipe that nobody agreed to, and weights of it."""
    (tmp_path / "net.py").write_text(NET)
    digest = agree(tmp_path)
    network = python_class(PythonClass(file=str(tmp_path / "net.py"), name="Net"), (4,), 3).eval()
    consents.withdraw(digest)
    return write(tmp_path / "own.pt", network.state_dict()), network


def wanting(tmp_path, name="Net", **more):
    return Wanted(PythonClass(file="net.py", name=name), folder=tmp_path, input_shape=(4,), classes=ABC, **more)


def agree(tmp_path):
    digest = consents.digest_of(tmp_path / "net.py")
    consents.agree(digest, "net.py")
    return digest


def test_a_python_class_is_asked_about_before_it_takes_the_weights(tmp_path, own):
    path, _ = own
    assert checkpoints.inspect(path, wanting(tmp_path)).needs == "consent"
    with pytest.raises(ConsentNeededError, match=r"net\.py is a Python file"):
        checkpoints.load(path, wanting(tmp_path))


def test_a_python_class_takes_the_weights_once_a_person_agreed(tmp_path, own):
    path, network = own
    digest = agree(tmp_path)
    model = checkpoints.load(path, wanting(tmp_path))
    inputs = torch.rand(3, 4)
    assert torch.equal(model(inputs), network(inputs))
    said = model.blueprint.architecture
    assert (said.file, said.trust) == (str(tmp_path / "net.py"), digest)
    card = checkpoints.inspect(path, wanting(tmp_path))
    assert (card.needs, card.digest, card.architecture) == ("", digest, "Net of net.py")


def test_our_own_checkpoint_of_a_python_class_needs_the_same_consent(tmp_path, own):
    path, network = own
    digest = agree(tmp_path)
    (tmp_path / "student.safetensors").write_bytes(checkpoints.to_bytes(checkpoints.load(path, wanting(tmp_path))))
    again = tmp_path / "student.safetensors"
    inputs = torch.rand(3, 4)
    assert torch.equal(checkpoints.load(again)(inputs), network(inputs))
    assert checkpoints.inspect(again).needs == ""
    consents.withdraw(digest)
    card = checkpoints.inspect(again)
    assert (card.needs, card.digest, card.parameters) == ("consent", digest, 35)
    with pytest.raises(ConsentNeededError, match=r"student\.safetensors need their Python class"):
        checkpoints.load(again)
    (tmp_path / "net.py").unlink()
    with pytest.raises(WorkbenchError, match=r"student\.safetensors cannot be used: There is no Python file"):
        checkpoints.inspect(again)


def test_a_new_student_of_a_python_class_knows_its_file_by_its_whole_name_and_content(tmp_path, own):
    digest = agree(tmp_path)
    needs = Needs(InputStatistics((4,), (0.0,), (1.0,)), ABC, tmp_path)
    student = new_student(PythonClass(file="net.py", name="Net"), needs, 3)
    assert (student.blueprint.architecture.file, student.blueprint.architecture.trust) == (
        str(tmp_path / "net.py"),
        digest,
    )
    assert student(torch.rand(2, 4)).shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("Net", (5,), "cannot read inputs of 5"),
        ("Pair", (4,), "answers 2 inputs with tuple"),
        ("Net", (2, 4), "the shape"),
    ],
)
def test_a_class_that_does_not_answer_as_a_classifier_is_refused_in_words(tmp_path, own, name, shape, words):
    agree(tmp_path)
    wanted = Wanted(PythonClass(file="net.py", name=name), folder=tmp_path, input_shape=shape, classes=ABC)
    with pytest.raises(WorkbenchError, match=words):
        checkpoints.load(own[0], wanted)


def test_weights_of_another_class_are_a_table(tmp_path, own):
    agree(tmp_path)
    path = write(tmp_path / "other.pt", nn.Linear(4, 3).state_dict())
    with pytest.raises(WorkbenchError, match=r"other\.pt: 6 tensors do not fit the python_class") as caught:
        checkpoints.load(path, wanting(tmp_path))
    assert "missing     model.weight" in caught.value.details

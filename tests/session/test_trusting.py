"""Which file a person is asked about, and where in a recipe the trust in it is written down."""

import hashlib
from pathlib import Path

import pytest

from workbench import consents
from workbench.engine import checkpoints
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.errors import WorkbenchError
from workbench.recipe.models import PythonClass, Student, Teacher
from workbench.session.trusting import code_of, look_at_code, trust_place

NET = "import torch\n\nclass Net(torch.nn.Linear):\n    def __init__(self):\n        super().__init__(4, 2)\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable module with a class."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "some_nets.py").write_text(NET)
    return tmp_path / "some_nets.py"


def test_the_file_of_an_installed_module_is_found_to_be_shown(module: Path):
    section = Student(architecture=PythonClass(module="some_nets", name="Net"))
    assert code_of(section, module.parent, consents.digest_of(module)) == module


def test_the_class_that_a_checkpoint_names_is_found_to_be_shown(module: Path):
    consents.agree(consents.digest_of(module), "some_nets")
    architecture = PythonClass(file=str(module), name="Net", trust=consents.digest_of(module))
    model = new_classifier(architecture, InputStatistics((4,), (0.0,) * 4, (1.0,) * 4), ("a", "b"), 0)
    (module.parent / "m.safetensors").write_bytes(to_bytes(model))
    section = Teacher(checkpoint="m.safetensors")
    assert code_of(section, module.parent, consents.digest_of(module)) == module


def test_trust_is_written_only_beside_the_module_that_has_the_file(module: Path):
    section = Student(architecture=PythonClass(module="some_nets", name="Net"))
    assert trust_place(section, module.parent, module) == ("architecture", "trust")
    assert trust_place(section, module.parent, module.parent / "program.pt") == ()


def test_what_is_shown_is_what_is_agreed_to(module: Path):
    file = look_at_code(module)
    assert file.digest == f"sha256:{hashlib.sha256(file.source.encode()).hexdigest()}" == consents.digest_of(module)


def test_a_checkpoint_that_names_a_huge_file_as_its_class_is_refused_unread(module: Path):
    consents.agree(consents.digest_of(module), "some_nets")
    architecture = PythonClass(file=str(module), name="Net", trust=consents.digest_of(module))
    model = new_classifier(architecture, InputStatistics((4,), (0.0,) * 4, (1.0,) * 4), ("a", "b"), 0)
    path = module.parent / "m.safetensors"
    path.write_bytes(to_bytes(model))
    with module.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(WorkbenchError, match="too large for a Python file"):
        checkpoints.inspect(path)

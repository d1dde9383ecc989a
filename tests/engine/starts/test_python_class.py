"""A new student from a person's own class is asked once whether it answers for the data's classes."""

from pathlib import Path

import pytest

from workbench import consents
from workbench.engine.classifier import InputStatistics
from workbench.engine.students import Needs, new_student
from workbench.errors import WorkbenchError
from workbench.recipe.models import PythonClass

NETS = """
import torch

class Net(torch.nn.Linear):
    def __init__(self, inputs=4, answers=3):
        super().__init__(inputs, answers)

class Pair(Net):
    def forward(self, x):
        return super().forward(x), x
"""


@pytest.fixture
def needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Needs:
    """Four features and three classes, beside a file that a person agreed to."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "nets.py").write_text(NETS)
    consents.agree(consents.digest_of(tmp_path / "nets.py"), "nets.py")
    return Needs(InputStatistics((4,), (0.0,) * 4, (1.0,) * 4), ("a", "b", "c"), tmp_path)


def test_a_class_that_fits_the_data_is_made_in_training_mode(needs: Needs) -> None:
    assert new_student(PythonClass(file="nets.py", name="Net"), needs, seed=0).training


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("Net", ("answers = 5",), r"with the shape \(2, 5\), and for 3 classes"),
        ("Net", ("inputs = 7",), r"does not answer inputs of 4"),
        ("Pair", (), "with tuple, and for 3 classes"),
    ],
)
def test_a_class_that_does_not_fit_the_data_is_refused_before_training(
    needs: Needs, name: str, arguments: tuple[str, ...], told: str
) -> None:
    with pytest.raises(WorkbenchError, match=told):
        new_student(PythonClass(file="nets.py", name=name, arguments=arguments), needs, seed=0)

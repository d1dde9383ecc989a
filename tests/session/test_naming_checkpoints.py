"""The window's proposals for bare weights: by shapes at once, by labelled data as a job."""

from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.engine.architectures.mlp import mlp
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.errors import WorkbenchError
from workbench.recipe.data import Arrays
from workbench.recipe.models import Mlp
from workbench.session.jobs import Job
from workbench.session.naming_checkpoints import proposals, tried_proposals


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Weights of a small network, and data that it names without a mistake."""
    torch.manual_seed(0)
    network = mlp(Mlp(hidden=(6,)), (4,), 3).eval()
    torch.save(network.state_dict(), tmp_path / "bare.pt")
    inputs_NX = 5 * torch.randn(60, 4)
    with torch.no_grad():
        labels_N = network(inputs_NX).argmax(1)
    np.savez(tmp_path / "data.npz", inputs=inputs_NX.numpy(), labels=labels_N.numpy())
    return tmp_path / "bare.pt"


def test_what_fits_by_its_shapes_is_proposed_untried(bare: Path) -> None:
    (found,) = proposals(bare)
    assert (found.name, found.architecture, found.right) == ("mlp, 4–6–3", Mlp(hidden=(6,)), None)


def test_a_proposal_is_tried_on_held_out_examples(bare: Path) -> None:
    job: Job[object] = Job("Naming bare.pt", lambda _: None)
    data = Arrays(file="data.npz", validation_fraction=0.5, classes=("a", "b", "c"))
    (found,) = tried_proposals(job, bare, data, bare.parent)
    assert found.problem == ""
    assert found.examples > 20
    assert found.right == found.examples


def test_a_checkpoint_that_says_what_it_is_needs_no_name(tmp_path: Path) -> None:
    model = new_classifier(Mlp(hidden=(6,)), InputStatistics((4,), (0.0,) * 4, (1.0,) * 4), ("a", "b"), 0)
    (tmp_path / "own.safetensors").write_bytes(to_bytes(model))
    with pytest.raises(WorkbenchError, match="no set of bare weights"):
        proposals(tmp_path / "own.safetensors")

"""Jobs that train nothing: look over a recipe, score a checkpoint."""

import numpy as np
import pytest
import torch

from engine.workshop import CPU, tiny_classifier, tiny_recipe
from workbench.engine.checking import check_recipe, evaluate_checkpoint
from workbench.engine.checkpoints import to_bytes
from workbench.errors import WorkbenchError
from workbench.recipe.models import Teacher


def test_a_recipe_is_checked_by_preflight_and_by_its_own_promises(workshop, tmp_path):
    findings = check_recipe(tiny_recipe(), workshop.folder, CPU, tmp_path)
    titles = " ".join(finding.title for finding in findings)
    # The teacher is untrained: that, and nothing else, is a warning.
    (warning,) = [finding.title for finding in findings if finding.level != "ok"]
    assert warning.startswith("The teacher is no better than chance")
    assert "48 to train on, 16 held out" in titles
    assert "Models and data agree" in titles
    assert "a student equal to the teacher" in titles


def test_a_recipe_that_cannot_run_is_refused(workshop, tmp_path):
    recipe = tiny_recipe(teachers=(Teacher(checkpoint="absent.safetensors"),))
    with pytest.raises(WorkbenchError, match="There is no checkpoint at"):
        check_recipe(recipe, workshop.folder, CPU, tmp_path)


def test_a_checkpoint_is_scored_on_all_examples_of_a_file(workshop):
    teacher, other = (workshop.folder / f"{name}.safetensors" for name in ("teacher", "other"))
    scores = evaluate_checkpoint(other, workshop.folder / "data.npz", None, teacher, CPU)
    with np.load(workshop.folder / "data.npz") as data:
        inputs, labels = torch.from_numpy(data["inputs"]), data["labels"]
    answers = [tiny_classifier(hidden=(12,), seed=seed, classes=4, sharpness=8.0)(inputs) for seed in (100, 101)]
    agreement = float((answers[0].argmax(1) == answers[1].argmax(1)).double().mean())
    assert scores.examples == 64
    assert scores.errors == int((answers[1].argmax(1).numpy() != labels).sum())
    assert scores.agreement == pytest.approx(agreement)


def test_without_a_teacher_a_checkpoint_is_scored_by_the_labels_alone(workshop):
    scores = evaluate_checkpoint(workshop.folder / "teacher.safetensors", workshop.folder / "data.npz", None, None, CPU)
    assert (scores.agreement, scores.kl_to_teacher) == (None, None)


@pytest.mark.parametrize("change", [{"features": 5}, {"classes": 3}], ids=["inputs", "classes"])
def test_a_checkpoint_that_does_not_fit_the_data_is_refused(workshop, tmp_path, change):
    (tmp_path / "m.safetensors").write_bytes(to_bytes(tiny_classifier(**({"classes": 4} | change))))
    with pytest.raises(WorkbenchError, match=r"but the data has|labels run"):
        evaluate_checkpoint(tmp_path / "m.safetensors", workshop.folder / "data.npz", None, None, CPU)

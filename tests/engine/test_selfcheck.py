"""The promises a loss is checked for before every run, on the run's own data."""

import pytest
import torch

from engine.objectives.cases import SOFT_SECTIONS, ids
from engine.workshop import tiny_recipe, tiny_stage
from workbench.engine import scoring, selfcheck
from workbench.engine.checkpoints import to_bytes
from workbench.errors import WorkbenchError
from workbench.recipe.models import Student, Teacher
from workbench.recipe.objectives import HardLabels, JensenShannon, LogitMatching, SoftTargets

every_soft_objective = pytest.mark.parametrize("section", SOFT_SECTIONS, ids=ids)


@every_soft_objective
def test_every_objective_keeps_its_promises(workshop, section):
    findings = workshop.setup(tiny_recipe(tiny_stage(section))).self_check()
    assert [finding.level for finding in findings] == ["ok"] * (3 if isinstance(section, LogitMatching) else 4)


@pytest.mark.parametrize("temperature", [0.05, 1000.0])
@pytest.mark.parametrize("section", [s for s in SOFT_SECTIONS if not isinstance(s, LogitMatching)], ids=ids)
def test_they_are_kept_at_both_ends_of_the_temperature(workshop, section, temperature):
    stage = tiny_stage(section.model_copy(update={"temperature": temperature, "alpha": 1.0}))
    # That a saturated divergence has no gradient left is a warning, and no promise broken.
    assert "refusal" not in {finding.level for finding in workshop.setup(tiny_recipe(stage)).self_check()}


@every_soft_objective
@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_a_student_that_starts_from_its_teachers_weights_is_fine(workshop, section, alpha):
    stage = tiny_stage(section.model_copy(update={"alpha": alpha}))
    recipe = tiny_recipe(stage, student=Student(checkpoint="teacher.safetensors"))
    assert {finding.level for finding in workshop.setup(recipe).self_check()} == {"ok"}


def test_hard_labels_get_a_dry_run(workshop):
    (finding,) = workshop.setup(tiny_recipe(tiny_stage(HardLabels()), teachers=())).self_check()
    assert (finding.level, finding.title) == ("ok", "Stage 0: hard labels, one dry batch is finite.")


def test_every_stage_is_checked_by_number(workshop):
    setup = workshop.setup(tiny_recipe(tiny_stage(HardLabels()), tiny_stage(JensenShannon()), tiny_stage()))
    assert [finding.title[:8] for finding in setup.self_check()] == ["Stage 0:"] + ["Stage 1:"] * 4 + ["Stage 2:"] * 4


def test_several_teachers_are_checked_as_one(workshop):
    both = (Teacher(checkpoint="teacher.safetensors"), Teacher(checkpoint="other.safetensors"))
    findings = workshop.setup(tiny_recipe(teachers=both)).self_check()
    assert {finding.level for finding in findings} == {"ok"}


def without_t_squared(student_NC, teacher_NC, temperature, section):
    return ORIGINAL["soft_targets"](student_NC, teacher_NC, temperature, section) / temperature**2


def with_an_offset(student_NC, teacher_NC, temperature, section):
    return ORIGINAL["soft_targets"](student_NC, teacher_NC, temperature, section) + 0.01


def averaged_over_the_batch(student_NC, teacher_NC, temperature, section):
    return ORIGINAL["soft_targets"](student_NC, teacher_NC, temperature, section) / len(student_NC)


ORIGINAL = dict(scoring._SOFT)


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (without_t_squared, "T² keeps the soft gradient's size"),
        (with_an_offset, "a student equal to the teacher has a soft term"),
        (averaged_over_the_batch, "splitting the batch changes the gradient"),
    ],
)
def test_a_loss_that_breaks_its_promise_is_found(workshop, monkeypatch, spoilt, told):
    setup = workshop.setup(tiny_recipe(tiny_stage(SoftTargets(alpha=0.5))))
    monkeypatch.setitem(scoring._SOFT, "soft_targets", spoilt)
    refused = [finding.title for finding in setup.self_check() if finding.level == "refusal"]
    assert len(refused) == 1
    assert told in refused[0]


def test_a_mixture_that_breaks_at_its_ends_is_found(workshop, monkeypatch):
    setup = workshop.setup(tiny_recipe())
    monkeypatch.setattr(scoring, "_mixed", lambda alpha, soft, hard: (1 - alpha) * soft + alpha * hard)
    refused = [finding.title for finding in setup.self_check() if finding.level == "refusal"]
    assert "Stage 0: α = 0 is the hard term alone and α = 1 the soft term alone." in refused


@pytest.mark.parametrize("who", ["student", "teacher"])
def test_a_model_that_answers_nan_is_refused_by_role(workshop, who):
    setup = workshop.setup(tiny_recipe())
    model = setup.student if who == "student" else setup.teachers.models[0]
    with torch.no_grad():
        model.network[-1].bias[0] = float("nan")
    with pytest.raises(WorkbenchError, match=f"The {who} answers NaN or infinity to the first 16"):
        setup.self_check()


def test_checking_leaves_the_student_as_it_was(workshop):
    setup = workshop.setup(tiny_recipe())
    before, generator = to_bytes(setup.student), torch.random.get_rng_state()
    setup.self_check()
    assert to_bytes(setup.student) == before
    assert torch.equal(torch.random.get_rng_state(), generator)
    assert all(parameter.grad is None for parameter in setup.student.parameters())


def test_a_few_examples_are_enough(workshop, monkeypatch):
    monkeypatch.setattr(selfcheck, "_SAMPLE", 1)
    assert {finding.level for finding in workshop.setup(tiny_recipe()).self_check()} == {"ok"}

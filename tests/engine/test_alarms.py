"""Warnings while a run trains: each for its cause and its numbers, once, and none for a run that goes well."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch

from engine.workshop import Turning, Workshop, of_type, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine.alarms import Alarms, AlarmState, Judgement, teacher_findings
from workbench.engine.checkpoints import to_bytes
from workbench.engine.distilling import Distillation
from workbench.engine.optimising import rate_at
from workbench.events import ControlValues, Evaluated, Finished, StepMetrics, Warned
from workbench.recipe.models import Teacher
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels, SoftTargets
from workbench.recipe.optimisation import Optimisation

LN_10 = 2.302585


def alarms(*, batch_size: int = 128) -> Alarms:
    made = Alarms(LN_10, tuple("0123456789"))
    stage = tiny_stage()
    inputs = stage.inputs.model_copy(update={"batch_size": batch_size})
    made.begin_stage(stage.model_copy(update={"inputs": inputs}), 0)
    return made


def row(step: int, total: float) -> StepMetrics:
    return StepMetrics(step, 0, step / 10, total, total, total, 0.05)


def reported(made: Alarms, losses: list[float], first_step: int = 1) -> list[Warned]:
    return list(made.after_steps(row(first_step + place, loss) for place, loss in enumerate(losses)))


def score(errors: int, cross_entropy: float = 1.0, **more: Any) -> Evaluated:
    values = {"majority_errors": 1773, "top_answer": 1, "top_share": 0.12} | more
    return Evaluated(
        step=500,
        subject="student",
        errors=errors,
        examples=2000,
        cross_entropy=cross_entropy,
        calibration_error=0.1,
        **values,
    )


def judged(
    made: Alarms, evaluated: Evaluated, *, stage_step: int = 500, is_last: bool = False, **more: Any
) -> list[str]:
    found = made.after_evaluation(Judgement(evaluated, stage_step, 1000, is_last, **more))
    return [warned.title for warned in found]


def test_a_loss_that_explodes_is_reported_once_with_its_numbers_and_again_after_it_fell_back():
    made = alarms()
    (warned,) = reported(made, [15.0, 342.0, 342.0, 400.0])
    assert warned.step == 2
    assert warned.title == "The loss rose from 15 to 342 at step 2 (learning rate 0.05)."
    assert "learning rate" in warned.hint
    assert list(made.state.standing) == ["rising_loss"]
    assert not reported(made, [2.0] * 60, 5)
    assert not made.state.standing
    assert len(reported(made, [900.0] * 5, 65)) == 1


def test_a_loss_that_is_merely_noisy_or_starts_from_next_to_nothing_is_no_alarm():
    noise = torch.Generator().manual_seed(0)
    losses = (torch.rand(2000, generator=noise) * 4 + 0.01).tolist()
    assert not reported(alarms(batch_size=1), losses)
    assert not reported(alarms(), [1e-6, 0.2, 0.5, 1.0, *[1.5] * 100])


def test_another_temperature_gives_the_loss_another_scale_and_is_no_explosion():
    made = alarms()
    reported(made, [2.0] * 20)
    assert not list(made.after_control(21, 20.0))
    assert not reported(made, [200.0] * 20, 21)


def test_a_temperature_turned_far_down_is_reported_and_again_only_after_it_was_turned_up():
    made = alarms()
    assert [warned.title for warned in made.after_control(7, 1e-6)] == [
        "At T = 1e-06 the soft term has next to no gradient: it is proportional to T when T is this low."
    ]
    assert not list(made.after_control(8, 1e-5))
    assert not list(made.after_control(9, 2.0))
    assert len(list(made.after_control(10, 1e-6))) == 1


def test_a_student_that_scores_as_before_its_stage_is_reported():
    made = alarms()
    made.state.before = AlarmState.of({"before": {"errors": 1800, "cross_entropy": 2.31}}).before
    assert not judged(made, score(1800, 2.31), stage_step=99)
    assert not judged(made, score(1800, 2.312))
    (title,) = judged(made, score(1800, 2.31))
    assert "After 500 steps of this stage the student is as it was before" in title


def test_a_student_that_got_worse_is_reported_while_it_trains_only_where_it_is_much_worse():
    made = alarms()
    made.after_first_evaluation(score(100, 0.2))
    assert not judged(made, score(170, 0.25))
    (title,) = judged(made, score(170, 0.25), is_last=True)
    assert title.startswith("The student is worse than before it was trained: 170 errors of 2,000, 100 before")
    other = alarms()
    other.after_first_evaluation(score(100, 0.2))
    assert not judged(other, score(120, 0.5))
    assert len(judged(other, score(1500, 4.0))) == 1


def test_a_student_that_collapses_to_one_answer_is_reported_where_it_knew_better_or_its_stage_is_over():
    collapsed = score(1773, 2.3, top_share=0.995, top_answer=7)
    assert not judged(alarms(), collapsed)
    assert judged(alarms(), collapsed, is_last=True) == [
        "The student answers “7” to 99.5% of the held-out examples: 1,773 errors of 2,000."
    ]
    made = alarms()
    judged(made, score(90))
    assert len(judged(made, collapsed)) == 1


def test_one_answer_is_right_where_nearly_all_labels_are_the_same():
    made = alarms()
    judged(made, score(90))
    assert not judged(made, score(20, 0.1, majority_errors=60, top_share=0.99), is_last=True)


def test_a_student_no_better_than_the_most_frequent_label_is_reported_at_the_end_of_its_stage():
    assert not judged(alarms(), score(1780))
    (title,) = judged(alarms(), score(1780), is_last=True)
    assert "always giving the most frequent label makes 1,773" in title


@pytest.mark.parametrize("norm", [0.0, float("inf"), float("nan")])
def test_a_gradient_that_is_0_or_not_finite_is_reported(norm: float):
    (title,) = judged(alarms(), score(90), loss=0.5, gradient=norm)
    assert title.startswith("The gradient of step 500")
    assert not judged(alarms(), score(90), loss=0.5, gradient=1e-3)
    # All is learnt: there is nothing to follow.
    assert not judged(alarms(), score(0), loss=0.0, gradient=0.0)


@pytest.mark.parametrize(
    ("errors", "cross_entropy", "is_at_chance"),
    [(1773, 1.0, True), (1700, 2.4, True), (1700, 1.9, False), (40, 0.06, False), (300, 3.0, False)],
)
def test_a_teacher_at_chance_is_found_by_its_errors_and_its_cross_entropy(
    errors: int, cross_entropy: float, is_at_chance: bool
):
    assert bool(list(teacher_findings(score(errors, cross_entropy), LN_10))) is is_at_chance


def test_a_teacher_whose_problems_are_counted_is_at_chance_where_uniform_guessing_is_no_worse():
    solved = score(1, 2.4, majority_errors=None)
    assert list(teacher_findings(solved, LN_10))
    assert not list(teacher_findings(replace(solved, cross_entropy=2.0), LN_10))


def test_what_is_remembered_survives_being_written_down():
    made = alarms()
    made.after_first_evaluation(score(100, 0.2))
    judged(made, score(1500, 4.0))
    reported(made, [15.0, 342.0])
    assert AlarmState.of(asdict(made.state)) == made.state


# -- over whole runs


@pytest.fixture
def trained(workshop: Workshop) -> Workshop:
    """The workshop with good.safetensors, which has learnt its data, and zero.safetensors, whose logits are all 0."""
    if not (workshop.folder / "good.safetensors").exists():
        recipe = tiny_recipe(tiny_stage(HardLabels(), steps=400), teachers=())
        _, distillation = workshop.run(recipe)
        (workshop.folder / "good.safetensors").write_bytes(to_bytes(distillation.student))
        model = tiny_classifier(hidden=(12,), classes=4, sharpness=0.0)
        (workshop.folder / "zero.safetensors").write_bytes(to_bytes(model))
    return workshop


GOOD, ZERO = (Teacher(checkpoint="good.safetensors"),), (Teacher(checkpoint="zero.safetensors"),)


def titles(events: list[Any]) -> list[str]:
    return [event.title for event in of_type(events, Warned)]


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "constant", "warmup_stable_decay"])
@pytest.mark.parametrize("optimiser", ["sgd", "adam", "adamw"])
def test_a_run_that_goes_well_has_no_warning_on_any_schedule(trained: Workshop, schedule: str, optimiser: str):
    rate = 0.05 if optimiser == "sgd" else 0.005
    stage = tiny_stage(steps=150, schedule=schedule, optimiser=optimiser, learning_rate=rate)
    events, _ = trained.run(tiny_recipe(stage, teachers=GOOD))
    assert titles(events) == []
    assert events[-1] == Finished(step=150, reason="complete")


def test_the_first_steps_of_a_long_warm_up_are_no_alarm(trained: Workshop):
    section = Optimisation(learning_rate=0.05, steps=100_000)
    assert rate_at(section, 10, 100_000, 0.05) < 0.0021
    stage = tiny_stage(steps=100_000, learning_rate=0.05)
    distillation = Distillation(trained.setup(tiny_recipe(stage, teachers=GOOD)))
    events = []
    for event in distillation.events():
        events.append(event)
        if distillation.progress.step == 200:
            break
    assert titles(events) == []


def test_a_learning_rate_of_100_ends_complete_and_with_the_warnings_that_hold(trained: Workshop):
    stage = tiny_stage(SoftTargets(temperature=4.0, alpha=0.9), steps=150, learning_rate=100.0, clip_norm=100.0)
    events, _ = trained.run(tiny_recipe(stage, teachers=GOOD))
    assert any(title.startswith("The loss rose from ") for title in titles(events))
    finished = events[-1]
    assert finished.reason == "complete"
    assert finished.warnings
    assert set(finished.warnings) <= set(titles(events))


def test_an_all_zero_teacher_is_found_before_the_run_and_at_its_start(trained: Workshop):
    recipe = tiny_recipe(teachers=ZERO)
    warnings = [finding.title for finding in trained.setup(recipe).self_check() if finding.level == "warning"]
    assert warnings == [
        "Stage 0: the teacher gives all 4 classes the same logit at each of 16 held-out positions: "
        "its targets are uniform."
    ]
    events, _ = trained.run(recipe)
    assert titles(events)[0].startswith(
        "The teacher is no better than chance on the held-out examples: 12 errors of 16"
    )


def test_a_temperature_near_0_is_found_before_the_run(trained: Workshop):
    stage = tiny_stage(SoftTargets(temperature=1e-6, alpha=1.0))
    findings = trained.setup(tiny_recipe(stage, teachers=GOOD)).self_check()
    (title,) = [finding.title for finding in findings if finding.level == "warning"]
    assert title.startswith("Stage 0: at T = 1e-06 the gradient of the soft term is ")


def test_a_loss_beyond_float32_is_refused_before_the_run(trained: Workshop):
    stage = tiny_stage(SoftTargets(temperature=1e-44, alpha=1.0))
    findings = trained.setup(tiny_recipe(stage, teachers=GOOD)).self_check()
    assert any("in float32 the loss of one batch is" in finding.title for finding in findings)
    assert "refusal" in {finding.level for finding in findings}


def test_a_temperature_turned_to_nearly_0_during_a_run_is_reported_at_its_step(trained: Workshop):
    turning = Turning(((4, ControlValues(temperature=1e-6)),))
    events, _ = trained.run(tiny_recipe(tiny_stage(steps=12), teachers=GOOD), turning)
    (warned,) = of_type(events, Warned)
    assert (warned.step, warned.title[:14]) == (4, "At T = 1e-06 t")
    assert events[-1].warnings == (warned.title,)


@pytest.mark.parametrize("log_every", [1, 7])
def test_a_resumed_run_reports_what_an_uninterrupted_one_reports(trained: Workshop, log_every: int):
    stage = tiny_stage(steps=120, learning_rate=100.0, clip_norm=100.0)
    watched = Monitoring(evaluate_every=1.0, probe_every=50, log_every=log_every)
    recipe = tiny_recipe(stage, teachers=GOOD, monitoring=watched)
    whole, _ = trained.run(recipe)
    for left_at in (1, 2, 30, 77):
        first = Distillation(trained.setup(recipe))
        events = []
        for event in first.events():
            events.append(event)
            if first.progress.step >= left_at and type(event).__name__ == "StepDone":
                break
        second = Distillation(trained.setup(recipe))
        second.restore(first.state())
        events += list(second.events())
        assert of_type(events, Warned) == of_type(whole, Warned)
        assert events[-1] == whole[-1]
